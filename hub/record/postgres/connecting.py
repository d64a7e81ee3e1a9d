"""Connections to PostgreSQL that never wait for ever: ones that write, and a pool that reads."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from hub.errors import HubError

CONNECT_SECONDS: Final = 2
STATEMENT_SECONDS: Final = 10
_LOST_SECONDS: Final = 3
_MOST_IDLE: Final = 8
_T = TypeVar("_T")


class Connection(psycopg.Connection[TupleRow]):
    """A connection that gives up on an answer which does not come.

    Why: the server's own statement timeout says nothing where the server is paused or the network is cut.
    Units: `patience` in seconds; None waits for ever.
    """

    patience: float | None = STATEMENT_SECONDS + _LOST_SECONDS
    meanwhile: Callable[[], None] | None = None
    """Called once, when the next thing asked is on its way and before its answer is waited for."""

    def wait(self, gen: PQGen[_T], interval: float = 0.1, timeout: float | None = None) -> _T:
        """Wait for an answer, at most for `patience`; after that the connection is closed."""
        if self.meanwhile is not None:
            gen, self.meanwhile = _with(gen, self.meanwhile), None
        if timeout is not None or self.patience is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.patience)
        except psycopg.OperationalError:
            # Still active: the answer may yet come, and would be taken for that of the next statement.
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


def _with(asked: PQGen[_T], meanwhile: Callable[[], None]) -> PQGen[_T]:
    """What was asked, with `meanwhile` between sending it and the first wait."""
    try:
        wanted = next(asked)
        meanwhile()
        while True:
            wanted = asked.send((yield wanted))
    except StopIteration as ended:
        answer: _T = ended.value
        return answer


def connect(url: str, *, durable: bool = True, autocommit: bool = True) -> Connection:
    """A connection whose commits are on the server's disk when they return.

    Shape: rows are tuples. Connecting takes two seconds at most, a statement ten, waiting for a lock
    five; a server that cannot be reached is noticed within three.
    Trust: not `durable`: a crash of the server may take back the last commits, whole and in order; only
    for what is derived and is made again from where it stands.
    Raises: psycopg.OperationalError.
    """
    return Connection.connect(
        url,
        autocommit=autocommit,
        connect_timeout=CONNECT_SECONDS,
        application_name="hub",
        options=" ".join(
            f"-c {name}={value}"
            for name, value in (
                ("synchronous_commit", "on" if durable else "off"),
                ("statement_timeout", f"{STATEMENT_SECONDS}s"),
                ("lock_timeout", "5s"),
                ("idle_in_transaction_session_timeout", "60s"),
                ("timezone", "UTC"),
                # Nothing that others may create stands before what is the server's or the hub's.
                ("search_path", "pg_catalog,hub_record,pg_temp"),
                ("jit", "off"),
                # Every statement is a look into an index, whatever is asked: planning each anew costs more.
                ("plan_cache_mode", "force_generic_plan"),
            )
        ),
        tcp_user_timeout=_LOST_SECONDS * 1000,
        keepalives_idle=1,
        keepalives_interval=1,
        keepalives_count=_LOST_SECONDS - 1,
    )


class Pool:
    """Connections kept for transactions of one kind; as many as are asked for at once, few when idle."""

    def __init__(self, url: str, begin: str) -> None:
        self._url: Final = url
        self._begin: Final = begin.encode()
        self._idle: Final[queue.LifoQueue[Connection]] = queue.LifoQueue()
        self._closed = False

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection inside a transaction, committed where the block ends without a fault.

        Raises: HubError("store") where the database is not available; what was committed is then unknown.
        """
        with self.taken(self._begin) as connection:
            yield connection
            connection.execute(b"COMMIT")

    @contextmanager
    def taken(self, first: bytes) -> Iterator[Connection]:
        """A connection that has run a first statement.

        Raises: HubError("store") where the database is not available.
        """
        if self._closed:
            raise HubError("store", "The record is closed.")
        try:
            connection = self._ready(first)
        except psycopg.Error:
            raise HubError("store") from None
        try:
            yield connection
        except psycopg.Error:
            connection.close()
            raise HubError("store") from None
        finally:
            self._give_back(connection)

    def rows(
        self, query: bytes, parameters: Sequence[object], passing: tuple[type[psycopg.Error], ...] = ()
    ) -> list[TupleRow]:
        """The rows of one statement on its own: one round trip, which sees one state by itself.

        Raises: HubError("store"); an error of `passing` as it is.
        """
        return self._alone(query, parameters, lambda cursor: cursor.fetchall(), passing)

    def change(self, statement: bytes, parameters: Sequence[object]) -> int:
        """How many rows one statement on its own changed: one round trip, durable when it returns.

        Shape: where a kept connection turns out to be lost it is run again, so it may have been run twice.
        Raises: HubError("store").
        """
        return self._alone(statement, parameters, lambda cursor: cursor.rowcount)

    def _alone(
        self,
        statement: bytes,
        parameters: Sequence[object],
        told: Callable[[psycopg.Cursor[TupleRow]], _T],
        passing: tuple[type[psycopg.Error], ...] = (),
    ) -> _T:
        """What is told of one statement, before others use its connection."""
        if self._closed:
            raise HubError("store", "The record is closed.")
        while True:
            try:
                connection, kept = self._idle.get_nowait(), True
            except queue.Empty:
                try:
                    connection, kept = connect(self._url), False
                except psycopg.Error:
                    raise HubError("store") from None
            try:
                return told(connection.execute(statement, parameters, binary=True))
            except passing:
                raise
            except psycopg.Error:
                lost = connection.closed
                connection.close()
                # A server that was restarted has ended those kept; a read may simply be made again.
                if not (kept and lost):
                    raise HubError("store") from None
            finally:
                self._give_back(connection)

    def _ready(self, first: bytes) -> Connection:
        while True:
            try:
                connection, kept = self._idle.get_nowait(), True
            except queue.Empty:
                connection, kept = connect(self._url), False
            try:
                connection.execute(first)
                return connection
            except psycopg.Error:
                lost = connection.closed
                connection.close()
                if not (kept and lost):
                    raise

    def _give_back(self, connection: Connection) -> None:
        if connection.closed:
            return
        if connection.info.transaction_status != TransactionStatus.IDLE:
            try:
                connection.execute(b"ROLLBACK")
            except psycopg.Error:
                connection.close()
                return
        if self._idle.qsize() >= _MOST_IDLE:
            connection.close()
            return
        self._idle.put(connection)
        if self._closed:
            self._drain()

    def close(self) -> None:
        """Close what is idle now and what is given back later."""
        self._closed = True
        self._drain()

    def _drain(self) -> None:
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return


class Readers(Pool):
    """Connections that only read; a read sees one state of the database throughout."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection inside one repeatable-read, read-only transaction.

        Raises: HubError("store") where the database cannot be read.
        """
        with self.taken(self._begin) as connection:
            yield connection
