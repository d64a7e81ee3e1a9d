"""Projections: views derived from the record in batches, each batch with its place in the record.

The views' file is written with synchronous=NORMAL. That is safe because rows and tracking row commit
together: what a loss of power takes back is projected again from the tracking row that went with it.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from eventsourcing.persistence import IntegrityError, Tracking, WaitInterruptedError
from eventsourcing.sqlite import SQLiteCursor, SQLiteTrackingRecorder

from hub.errors import HubError
from hub.record.connections import LogLimit, Readers, RecordDatastore, connect, immediate
from hub.record.types import Head, Recorded

BATCH: Final = 500
_POLL_SECONDS: Final = 0.05
_WAIT_SECONDS: Final = 0.002
_RETRY_SECONDS: Final = 0.2
_PARKED: Final = """
CREATE TABLE IF NOT EXISTS parked (
    projection TEXT NOT NULL,
    position INTEGER NOT NULL,
    fault TEXT NOT NULL,
    PRIMARY KEY (projection, position)
) WITHOUT ROWID
"""
# The leaf of the item at the tracked position: positions alone do not say of which record they are.
_PLACE: Final = """
CREATE TABLE IF NOT EXISTS place (
    projection TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    leaf_data BLOB NOT NULL
) WITHOUT ROWID
"""


class Projection(Protocol):
    """What turns items into rows of a view.

    Shape: `tables` are CREATE ... IF NOT EXISTS statements for tables and indexes of its own; a
    projection whose rows would come out differently gets a new `version` and is built from the start.
    """

    @property
    def name(self) -> str:
        """The name it is tracked under, together with its version."""
        ...

    @property
    def version(self) -> int:
        """Counted up when the rows would come out differently."""
        ...

    @property
    def tables(self) -> Sequence[str]:
        """The statements that make its tables."""
        ...

    def project(self, cursor: sqlite3.Cursor, recorded: Sequence[Recorded]) -> None:
        """Write what follows from these items, in order, within the cursor's transaction.

        Shape: the same items may be given again after a fault whose transaction was rolled back. An
        erased item has no body. An exception other than of the database concerns the items' content.
        """
        ...


class Log(Protocol):
    """The part of the record that projections read."""

    def head(self) -> Head:
        """Where the record stands now."""
        ...

    def log(self, after_position: int, limit: int) -> list[Recorded]:
        """The next items after a position."""
        ...

    def subscribe(self, listener: Callable[[int], None]) -> None:
        """Call after each commit of this process."""
        ...


@dataclass(frozen=True, slots=True)
class Parked:
    """An item that a projection could not take up, alone and tried again.

    Shape: `fault` is the kind of the error, never its message, which may hold content.
    """

    projection: str
    position: int
    fault: str


class ViewTracking(SQLiteTrackingRecorder):
    """The package's tracking rows, with a wait that polls every two milliseconds instead of every hundred."""

    def wait(
        self,
        application_name: str,
        notification_id: int | None,
        timeout: float = 1.0,
        interrupt: threading.Event | None = None,
    ) -> None:
        """Wait until a position has been projected.

        Raises: TimeoutError, WaitInterruptedError (of the package).
        """
        ends = time.monotonic() + timeout
        pause = interrupt or threading.Event()
        while not self.has_tracking_id(application_name, notification_id):
            if time.monotonic() >= ends:
                raise TimeoutError
            if pause.wait(_WAIT_SECONDS):
                raise WaitInterruptedError


class ProjectionRunner:
    """Keeps one projection up with the record, in its own thread or in the caller's.

    Shape: several runners, also of other processes, may share one file; each batch is taken up only if
    the tracking row still stands where the batch begins.
    Trust: an item that cannot be taken up is parked and reported, never passed over in silence. A views
    file that goes on from another record than this (one of the two was restored from a backup) is
    emptied and built anew. A record that cannot be read, and a views file that cannot be written, stop
    the projection and show as `fault`; it goes on when they are back.
    """

    def __init__(
        self,
        record: Log,
        path: Path,
        projection: Projection,
        *,
        batch: int = BATCH,
        on_parked: Callable[[Parked], None] | None = None,
    ) -> None:
        self.fault: str | None = None
        self._record: Final = record
        self._path: Final = str(path)
        self._projection: Final = projection
        self._name: Final = f"{projection.name}/{projection.version}"
        self._batch: Final = batch
        self._on_parked: Final = on_parked
        self._working: Final = threading.RLock()
        self._moved: Final = threading.Condition()
        self._wake: Final = threading.Event()
        self._closing = False
        self._running: Final = threading.Event()
        self._running.set()
        self._thread: threading.Thread | None = None
        try:
            # Readable by the hub's own user alone, like the record beside it.
            path.touch(mode=0o600)
            self._connection: Final = connect(self._path, durable=False)
            self._tracking: Final = ViewTracking(RecordDatastore(self._path))
            self._tracking.create_table()
            with immediate(self._connection) as cursor:
                self._create(cursor)
        except (sqlite3.Error, OSError):
            raise HubError("store") from None
        self._readers: Final = Readers(path)
        self._log_limit: Final = LogLimit(self._path)
        if not self._is_of_this_record():
            self.drop()
        record.subscribe(lambda _: self._wake.set())

    def start(self) -> None:
        """Follow the record in a thread of its own."""
        self._thread = threading.Thread(target=self._follow, name=f"project-{self._name}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread after the batch it is at, and close the file."""
        self._closing = True
        self._running.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        with self._working:
            self._connection.close()
        self._readers.close()
        self._tracking.datastore.close()

    def position(self) -> int:
        """The last position that has been projected, 0 at the start."""
        with self._readers.reading() as connection:
            return self._tracked(connection)

    def parked(self) -> list[Parked]:
        """The items that stand aside, in order."""
        query = "SELECT projection, position, fault FROM parked WHERE projection = ? ORDER BY position"
        with self._readers.reading() as connection:
            return [Parked(*row) for row in connection.execute(query, (self._name,))]

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to the views in one read transaction, so that rows and position fit together."""
        with self._readers.reading() as connection:
            yield connection

    def wait_for(self, position: int, timeout: float) -> bool:
        """Whether a position has been projected within so many seconds."""
        # A duration, not an instant: no rule depends on it.
        ends = time.monotonic() + timeout
        while self.position() < position:
            left = ends - time.monotonic()
            if left <= 0:
                return False
            # A runner of another process does not notify, so the wait is short.
            with self._moved:
                self._moved.wait(min(left, _WAIT_SECONDS))
        return True

    def catch_up(self) -> int:
        """Project in the caller's thread up to the head the record has now; the position reached.

        Raises: HubError("store") where the record or the views' file is not available.
        """
        goal = self._record.head().position
        try:
            while self.position() < goal and self._next_batch():
                pass
        except sqlite3.Error:
            raise HubError("store") from None
        return self.position()

    def pause(self) -> None:
        """Stop after the batch it is at; returns when nothing is being projected."""
        self._running.clear()
        with self._working:
            return

    def resume(self) -> None:
        """Go on after `pause`."""
        self._running.set()

    def drop(self) -> None:
        """Empty the projection, parked items included, so that it is built from the start.

        1. Drop its tables; their names come from running its statements on an empty database.
        2. Forget its place and its parked items, and make the tables again, all in one transaction.
        """
        with closing(sqlite3.connect(":memory:")) as scratch:
            for statement in self._projection.tables:
                scratch.execute(statement)
            names = scratch.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            ).fetchall()
        with self._working, immediate(self._connection) as cursor:
            # 1.
            for (name,) in names:
                cursor.execute(f'DROP TABLE IF EXISTS "{name}"')
            # 2.
            cursor.execute("DELETE FROM tracking WHERE application_name = ?", (self._name,))
            cursor.execute("DELETE FROM parked WHERE projection = ?", (self._name,))
            cursor.execute("DELETE FROM place WHERE projection = ?", (self._name,))
            self._create(cursor)
        self._wake.set()

    def _create(self, cursor: sqlite3.Cursor) -> None:
        for statement in (_PARKED, _PLACE, *self._projection.tables):
            cursor.execute(statement)

    def _is_of_this_record(self) -> bool:
        with self._readers.reading() as connection:
            tracked = self._tracked(connection)
            query = "SELECT position, leaf_data FROM place WHERE projection = ?"
            place = connection.execute(query, (self._name,)).fetchone()
        if tracked == 0:
            return True
        try:
            found = [(one.position, one.leaf_data) for one in self._record.log(tracked - 1, 1)]
        except HubError:
            return True  # nothing can be told now; whoever reads the record is told why
        return found == [place] and place[0] == tracked

    def _tracked(self, connection: sqlite3.Connection) -> int:
        query = "SELECT notification_id FROM tracking WHERE application_name = ?"
        row = connection.execute(query, (self._name,)).fetchone()
        return 0 if row is None else int(row[0])

    def _follow(self) -> None:
        while not self._closing:
            self._running.wait()
            # Cleared before reading, so that a commit during the read wakes the next round.
            self._wake.clear()
            try:
                moved = self._next_batch()
                self.fault = None
            except (HubError, sqlite3.Error) as fault:
                self.fault = type(fault).__name__
                self._wake.wait(_RETRY_SECONDS)
                continue
            if not moved:
                self._wake.wait(_POLL_SECONDS)

    def _next_batch(self) -> bool:
        """Project the next items; whether there were any.

        1. Read the place and the items after it.
        2. Take them up in one transaction with one tracking row.
        3. Where one of them is poison, take them up one by one, so that only that one is parked.
        """
        with self._working:
            if self._closing or not self._running.is_set():
                return False
            # 1.
            after = self._tracked(self._connection)
            recorded = self._record.log(after, self._batch)
            if not recorded:
                return False
            try:
                # 2.
                self._take_up(after, recorded)
            except sqlite3.OperationalError:
                raise
            except Exception:
                # 3.
                for one in recorded:
                    self._take_up_alone(after, one)
                    after = one.position
        with self._moved:
            self._moved.notify_all()
        return True

    def _take_up(self, after: int, recorded: Sequence[Recorded]) -> None:
        with immediate(self._connection) as cursor:
            if self._tracked(self._connection) == after:
                self._projection.project(cursor, recorded)
                self._track(cursor, recorded[-1])
        self._log_limit.keep(self._connection)

    def _take_up_alone(self, after: int, one: Recorded) -> None:
        try:
            self._take_up(after, (one,))
        except sqlite3.OperationalError:
            raise
        except Exception as fault:
            parked = Parked(self._name, one.position, type(fault).__name__)
            with immediate(self._connection) as cursor:
                if self._tracked(self._connection) != after:
                    return
                cursor.execute(
                    "INSERT OR REPLACE INTO parked VALUES (?,?,?)",
                    (parked.projection, parked.position, parked.fault),
                )
                self._track(cursor, one)
            if self._on_parked is not None:
                self._on_parked(parked)

    def _track(self, cursor: sqlite3.Cursor, last: Recorded) -> None:
        try:
            self._tracking._insert_tracking(SQLiteCursor(cursor), Tracking(self._name, last.position))
        except IntegrityError:
            raise sqlite3.OperationalError("the tracking row moved within a transaction") from None
        place = (self._name, last.position, last.leaf_data)
        cursor.execute("INSERT OR REPLACE INTO place VALUES (?,?,?)", place)
