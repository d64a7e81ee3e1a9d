"""The record: what everything else in the hub is derived from."""

from __future__ import annotations

import hmac
import os
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from hub.errors import HubError
from hub.record import schema
from hub.record.connections import Readers, RecordDatastore, connect, immediate
from hub.record.ledger import Ledger
from hub.record.ports import Chance
from hub.record.reader import Reader
from hub.record.recorder import HubRecorder
from hub.record.sealing import NONCE_BYTES, MasterKey
from hub.record.signer import HubSigner
from hub.record.types import Append, Appended, Head, Recorded
from hub.record.writer import Writer

ONCE: Final = "once"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Record:
    """One record in one SQLite file; safe to use from several threads, and from several processes.

    Raises: HubError("store") from every method where the store is not available.
    """

    def __init__(
        self,
        path: Path,
        *,
        master_key: bytes,
        chance: Chance,
        signer: HubSigner | None = None,
    ) -> None:
        self.path: Final = path
        self._chance: Final = chance
        self._master: Final = MasterKey(master_key)
        _check_form(path, self._master)
        self._datastore: Final = RecordDatastore(str(path))
        self._readers: Final = Readers(path)
        self._reader: Final = Reader(self._readers, self._master)
        recorder = HubRecorder(self._datastore)
        self._writer: Final = Writer(recorder, str(path), self._master, chance, self._reader)
        self.ledger: Final = Ledger(self._readers, str(path), signer)

    @staticmethod
    def migrate(path: Path | str, *, master_key: bytes, chance: Chance) -> None:
        """Make the tables where they are missing; on an existing record only check the key.

        Raises: HubError("store") where the file cannot be written or belongs to another master key.
        """
        path, master = Path(path), MasterKey(master_key)
        try:
            # The file holds names of streams in clear: nobody but the hub's own user may read it.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            datastore = RecordDatastore(str(path))
            try:
                connection = connect(str(path))
                try:
                    with immediate(connection) as cursor:
                        for statement in HubRecorder(datastore).create_table_statements:
                            cursor.execute(statement)
                        insert = "INSERT OR IGNORE INTO about VALUES (?,?)"
                        cursor.execute(insert, ("format", schema.FORMAT.encode()))
                        cursor.execute(insert, ("master-key-check", key_check(master)))
                finally:
                    connection.close()
            finally:
                datastore.close()
        except (OSError, sqlite3.Error):
            raise HubError("store", "The record's file cannot be written.") from None
        _check_form(path, master)

    @classmethod
    def open(
        cls, path: Path | str, *, master_key: bytes, chance: Chance, signer: HubSigner | None = None
    ) -> Record:
        """Open a migrated record; `signer` is what signs checkpoints.

        Raises: HubError("store") where there is no record, or the master key is not its key.
        """
        return cls(Path(path), master_key=master_key, chance=chance, signer=signer)

    def close(self) -> None:
        """Commit what is queued, then let go of the file."""
        self._writer.close()
        self.ledger.close()
        self._readers.close()
        self._datastore.close()

    def append(self, append: Append) -> Future[Appended]:
        """Append; the future is resolved when the items are durable.

        Raises: in the future: HubError("conflict"), HeadMoved, ClaimTaken, HubError("schema"),
        HubError("rate") where the queue is full, HubError("store").
        """
        return self._writer.append(append)

    def subscribe(self, listener: Callable[[int], None]) -> None:
        """Call `listener` with the last position after each commit of this process; it returns at once."""
        self._writer.subscribe(listener)

    def head(self) -> Head:
        """Where the record stands now."""
        return self._reader.head()

    def versions(self, streams: Iterable[str]) -> dict[str, int]:
        """The version of each stream, 0 where it has no item, all as of one moment."""
        return self._reader.versions(streams)

    def stream(self, stream: str, after: int = 0) -> list[Recorded]:
        """The items of a stream after a version, in order."""
        return self._reader.stream(stream, after)

    def log(self, after_position: int, limit: int) -> list[Recorded]:
        """The next items of the whole record after a position, in order."""
        return self._reader.log(after_position, limit)

    def find(self, source: str, id: str) -> Recorded | None:
        """The item of a name."""
        return self._reader.find(source, id)

    def at(self, position: int) -> Recorded | None:
        """The item at a position."""
        return self._reader.at(position)

    def claimed(self, kind: str, name: bytes) -> str | None:
        """The value that holds a claimed name."""
        return self._reader.claimed(kind, name)

    def digest(self, purpose: str, text: bytes) -> bytes:
        """HMAC-SHA256 under a key derived from the master key, separate per purpose."""
        return self._master.digest(purpose, text)

    def seal(self, stream: str, plaintext: bytes, *, context: str) -> bytes:
        """Seal a view's content under the stream's data key; `context` says where it stands.

        Raises: HubError("store") where the stream has no live key: it holds nothing, or was erased.
        """
        nonce = self._chance.bytes(NONCE_BYTES)
        sealed = self._reader.seal(stream, nonce, context, plaintext)
        if sealed is None:
            raise HubError("store", "This stream has no key to seal under.")
        return sealed

    def unseal(self, stream: str, ciphertext: bytes, *, context: str) -> bytes | None:
        """A view's content, None where the stream's key has been destroyed.

        Raises: HubError("store") where it was changed, or sealed for another stream or context.
        """
        return self._reader.unseal(stream, ciphertext, context)

    def remember_once(self, kind: str, name: bytes, until: datetime, now: datetime) -> bool:
        """True the first time a name is shown, False again until it has run out; durable, for all processes.

        1. Forget the names of this kind that have run out.
        2. Insert, and see whether it was new.
        """
        digest = self._master.digest(ONCE, kind.encode() + b"\x00" + name)
        ends = _microseconds(until)
        row_digest = self._master.row_digest(ONCE, kind.encode(), digest, str(ends).encode())
        connection = self._connected()
        try:
            with immediate(connection) as cursor:
                # 1.
                cursor.execute("DELETE FROM once WHERE kind = ? AND until <= ?", (kind, _microseconds(now)))
                # 2.
                row = (kind, digest, ends, row_digest)
                return cursor.execute("INSERT OR IGNORE INTO once VALUES (?,?,?,?)", row).rowcount == 1
        except sqlite3.Error:
            raise HubError("store") from None
        finally:
            connection.close()

    def destroy_key(self, stream: str) -> bool:
        """Destroy the data keys of a stream, for ever; whether there was one.

        1. Take the keys' wrapped form out of the table, durably and overwritten; forget opened keys.
        2. Empty the write-ahead log, which may still hold it.

        Trust: copies of the file made before hold the key still; their retention is the operator's.
        """
        connection = self._connected()
        try:
            # 1.
            with immediate(connection) as cursor:
                cursor.execute(
                    "UPDATE stream_keys SET wrapped = NULL WHERE stream = ? AND wrapped IS NOT NULL",
                    (stream,),
                )
                destroyed = cursor.rowcount > 0
            self._reader.forget_keys()
            # 2.
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.Error:
            raise HubError("store") from None
        finally:
            connection.close()
        if busy:
            raise HubError("store", "The key is destroyed, but the log that may hold it is in use; repeat.")
        return destroyed

    def _connected(self) -> sqlite3.Connection:
        try:
            return connect(str(self.path))
        except sqlite3.Error:
            raise HubError("store") from None


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def key_check(master: MasterKey) -> bytes:
    """What a record holds to tell its own master key from another."""
    return master.digest("master-key-check", schema.FORMAT.encode())


def _check_form(path: Path, master: MasterKey) -> None:
    if not path.is_file():
        raise HubError("store", "There is no record here; run `hub init` first.")
    try:
        connection = connect(str(path))
        try:
            about = dict(connection.execute("SELECT name, value FROM about").fetchall())
        finally:
            connection.close()
    except sqlite3.Error:
        raise HubError("store", "This file is not a record of the hub.") from None
    if about.get("format") != schema.FORMAT.encode():
        raise HubError("store", "This record has a format that this version does not know.")
    if not hmac.compare_digest(about.get("master-key-check", b""), key_check(master)):
        raise HubError("store", "The master key does not open this record.")
