"""The record: what everything else in the hub is derived from."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from hub.errors import HubError
from hub.record.binding import Awaited, as_erased, refused
from hub.record.kept_apart import LINES, Act, Journal
from hub.record.ledger import Ledger
from hub.record.listening import Listeners
from hub.record.marks import Marks
from hub.record.master import master_of_store
from hub.record.opening import open_place
from hub.record.ports import Chance
from hub.record.reader import Reader
from hub.record.sealing import NONCE_BYTES, ONCE, MasterKey, seal_view
from hub.record.signer import HubSigner
from hub.record.store import CHECK, FORMAT, RAISE_MARK, Follower
from hub.record.types import Append, Appended, Glance, Head, Mark, Recorded
from hub.record.writer import Writer

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_FORGET_AFTER: Final = 10_000_000
_SHOW_ONCE: Final = (
    "INSERT INTO once (kind, name_digest, until, row_digest) VALUES (?,?,?,?)"
    " ON CONFLICT (kind, name_digest) DO NOTHING"
)
_FORGET: Final = "DELETE FROM once WHERE kind = ? AND until <= ?"


class Record:
    """One record in one database; safe to use from several threads, and from several processes.

    Raises: HubError("store") from every method where the store is not available.
    """

    def __init__(
        self,
        where: Path | str,
        *,
        master_key: bytes,
        chance: Chance,
        signer: HubSigner | None = None,
        journal: Journal | None = None,
    ) -> None:
        self._chance: Final = chance
        self._store: Final = open_place(where)
        try:
            self._store.check()
            self._master: Final = master_of_store(self._store, master_key)
        except BaseException:
            self._store.close()
            raise
        self._reader: Final = Reader(self._store, self._master)
        self._listeners: Final = Listeners()
        self._follower: Follower | None = None
        self._closed = False
        self._forgot: Final[dict[str, int]] = {}
        self._following: Final = threading.Lock()
        self._marks: Final = Marks(self._store, self._master)
        appender = self._store.appender()
        self._writer: Final = Writer(appender, self._master, chance, self._reader, self._listeners)
        self.ledger: Final = Ledger(self._store, signer)
        self._journal: Final = journal
        self._awaited: Final = Awaited(self, journal)

    @staticmethod
    def migrate(where: Path | str, *, master_key: bytes, chance: Chance) -> None:
        """Make or change the tables where that is needed; on an existing record check the key.

        Shape: any number of processes may do so at once.
        Raises: HubError("store") where the store cannot be written or belongs to another master key.
        """
        master = MasterKey(master_key)
        with closing(open_place(where)) as store:
            store.migrate()
            with store.changing() as change:
                insert = "INSERT INTO about (name, value) VALUES (?,?) ON CONFLICT (name) DO NOTHING"
                change.execute(insert, ("format", FORMAT.encode()))
                change.execute(insert, (CHECK, master.check(FORMAT)))
            store.check()
            master_of_store(store, master_key)

    @classmethod
    def open(
        cls,
        where: Path | str,
        *,
        master_key: bytes,
        chance: Chance,
        signer: HubSigner | None = None,
        journal: Journal | None = None,
    ) -> Record:
        """Open a migrated record; `signer` is what signs checkpoints.

        Shape: `where` is a path, `sqlite:///PATH` or `postgresql://...`. Without a `journal` nothing is
        kept apart.

        Raises: HubError("store") where there is no record, or the master key is not its key.
        """
        return cls(where, master_key=master_key, chance=chance, signer=signer, journal=journal)

    def close(self) -> None:
        """Commit what is queued, then let go of the store."""
        with self._following:
            self._closed = True
            if self._follower is not None:
                self._follower.close()
        self._writer.close()
        self.ledger.close()
        self._store.close()

    def append(self, append: Append) -> Future[Appended]:
        """Append; the future is resolved when the items are durable.

        Raises: in the future: HubError("conflict"), HeadMoved, ClaimTaken, HubError("schema"),
        HubError("rate") where the queue is full; HubError("store") where it cannot be said that they
        stand: the same append again gives the same items, whether they stood or not.
        """
        return self._writer.append(append)

    def append_all(self, appends: Sequence[Append]) -> list[Future[Appended]]:
        """Append what is there at once, each by itself and in this order; each future as `append` gives it.

        Shape: where the queue has no room for all, each is refused with HubError("rate").
        """
        return self._writer.append_all(appends)

    def bind(self, append: Append, acts: Sequence[Act]) -> Appended:
        """Append what must bind after a restore too; it is in the journal kept apart before it stands.

        1. Write the acts to the journal.
        2. Append, and note how many lines there are.
        3. Where it is refused, say so in the journal. Where it cannot be said that it stands, the line
           stays: after a restore it takes away, and never gives.

        Raises: what `append` puts into its future; HubError("store") where the journal cannot be written.
        """
        if self._journal is None or not acts:
            return self.append(append).result()
        number = self._journal.write(acts)  # 1.
        marks = (*append.marks, Mark(LINES, number))
        try:
            return self.append(replace(append, marks=marks)).result()  # 2.
        except HubError as fault:
            refused(self._journal, fault, number, len(acts))  # 3.
            raise

    def lacks(self, streams: Iterable[str]) -> bool:
        """Whether the record was restored and lacks an event, named in the journal, that any of these had.

        Shape: of a stream that began after the restore this is so while any such event has yet to find its
        stream.
        """
        return self._awaited.lacks(streams)

    def subscribe(self, listener: Callable[[int], None]) -> None:
        """Call `listener` with the last position after each commit; it returns at once.

        Shape: of this process, and where the store tells also of others. It may be called once more
        than there was a commit.
        """
        self._listeners.add(listener)
        with self._following:
            if self._follower is None and not self._closed:
                self._follower = self._store.follow(self._listeners.tell)

    def head(self) -> Head:
        """Where the record stands now."""
        return self._reader.head()

    def versions(self, streams: Iterable[str]) -> dict[str, int]:
        """The version of each stream, 0 where it has no item, all as of one moment."""
        return self._reader.versions(streams)

    def stream(self, stream: str, after: int = 0) -> list[Recorded]:
        """The items of a stream after a version, in order."""
        return self._reader.stream(stream, after)

    def streams(self, names: Iterable[str]) -> list[Recorded]:
        """The items of many streams with few questions, each stream's in order.

        Raises: HubError store.
        """
        return self._reader.streams(names)

    def log(self, after_position: int, limit: int) -> list[Recorded]:
        """The next items of the whole record after a position, in order."""
        return self._reader.log(after_position, limit)

    def find(self, source: str, id: str) -> Recorded | None:
        """The item of a name."""
        return self._reader.find(source, id)

    def at(self, position: int) -> Recorded | None:
        """The item at a position."""
        return self._reader.at(position)

    def glance(self, tails: Mapping[str, int], claims: Collection[tuple[str, bytes]] = ()) -> Glance:
        """The items of each stream after a version, and who holds each claimed name; as of one moment."""
        return self._reader.glance(tails, claims)

    def claimed(self, kind: str, name: bytes) -> str | None:
        """The value that holds a claimed name."""
        return self._reader.claimed(kind, name)

    def mark(self, name: str) -> int:
        """The value of a mark, 0 where it was never raised."""
        return self._marks.value(name)

    def marks(self, prefix: str) -> dict[str, int]:
        """Every mark whose name begins like this."""
        return self._marks.beginning(prefix)

    def raise_mark(self, name: str, value: int) -> int:
        """Raise a mark durably, unless it stands higher; where it stands then.

        Raises: HubError("schema") where the name is not printable ASCII or the value is negative.
        """
        return self._marks.raise_to(name, value)

    def digest(self, purpose: str, text: bytes) -> bytes:
        """HMAC-SHA256 under a key derived from the master key, separate per purpose."""
        return self._master.digest(purpose, text)

    def seal(self, stream: str, plaintext: bytes, *, context: str) -> bytes:
        """Seal a view's content under the stream's data key; `context` says where it stands.

        Raises: HubError("store") where the stream has no live key: it holds nothing, or was erased.
        """
        return self.seal_all([(stream, plaintext, context)])[0]

    def seal_all(self, contents: Sequence[tuple[str, bytes, str]]) -> list[bytes]:
        """Seal contents of views, each a stream, a content and where it stands, with one look at the keys.

        Raises: HubError("store") where one of the streams has no live key.
        """
        keys = self._reader.live_keys(stream for stream, _, _ in contents)
        if any(stream not in keys for stream, _, _ in contents):
            raise HubError("store", "This stream has no key to seal under.")
        return [
            seal_view(keys[stream], self._chance.bytes(NONCE_BYTES), context, plaintext)
            for stream, plaintext, context in contents
        ]

    def unseal(self, stream: str, ciphertext: bytes, *, context: str) -> bytes | None:
        """A view's content, None where the stream's key has been destroyed.

        Raises: HubError("store") where it was changed, or sealed for another stream or context.
        """
        return self._reader.unseal(stream, ciphertext, context)

    def remember_once(self, kind: str, name: bytes, until: datetime, now: datetime) -> bool:
        """True the first time a name is shown, False again until it has run out; durable, for all processes.

        1. Now and then forget the names of this kind that have run out.
        2. Insert, and see whether it was new: one round trip, since a post may wait for it.
        3. What stands may have run out and not be forgotten yet: whoever forgets it may insert again.
        """
        digest = self._master.digest(ONCE, kind.encode() + b"\x00" + name)
        ends = _microseconds(until)
        row_digest = self._master.row_digest(ONCE, kind.encode(), digest, str(ends).encode())
        # 1.
        at, last = _microseconds(now), self._forgot.get(kind)
        if last is None or not last <= at < last + _FORGET_AFTER:
            self._forgot[kind] = at
            self._store.change(_FORGET, (kind, at))
        # 2.
        insert = partial(self._store.change, _SHOW_ONCE, (kind, digest, ends, row_digest))
        if insert() == 1:
            return True
        # 3.
        return self._store.change(f"{_FORGET} AND name_digest = ?", (kind, at, digest)) == 1 and insert() == 1

    def destroy_key(self, stream: str) -> bool:
        """Destroy the data keys of a stream, for ever; whether there was one.

        1. Where no append is under way that was sealed under one of them: write to the journal kept apart
           which keys they are, and take their wrapped form out of the table, durably; forget opened keys.
        2. Take it out of what the store keeps beside its tables.

        Trust: copies and backups made before hold the key still; their retention is the operator's, and a
        restore destroys it again.
        PostgreSQL overwrites nothing in place: its own log holds the key until it is recycled.
        """
        with self._store.changing() as change:
            # 1. The head is what appends wait for; it is taken and left as it is.
            change.execute("UPDATE head SET position = position WHERE one = 1")
            erased = as_erased(change, stream)
            if erased is not None and self._journal is not None:
                number = self._journal.write([erased])
                change.execute(RAISE_MARK, (LINES, number, self._master.mark_digest(LINES, number)))
            destroy = "UPDATE stream_keys SET wrapped = NULL WHERE stream = ? AND wrapped IS NOT NULL"
            destroyed = change.execute(destroy, (stream,)) > 0
        self._reader.forget_keys()
        # 2.
        if not self._store.scrub():
            raise HubError("store", "The key is destroyed, but the log that may hold it is in use; repeat.")
        return destroyed

    def erasures(self) -> int:
        """How many data keys were destroyed so far; whoever keeps what was read must look for one more."""
        return self._reader.erasures()

    def destroy_keys(self, key_ids: Collection[bytes]) -> int:
        """Destroy data keys that were destroyed before this record was restored; how many there were."""
        with self._store.changing() as change:
            change.execute("UPDATE head SET position = position WHERE one = 1")
            destroy = "UPDATE stream_keys SET wrapped = NULL WHERE key_id = ? AND wrapped IS NOT NULL"
            destroyed = sum(change.execute(destroy, (one,)) for one in key_ids)
        self._reader.forget_keys()
        if destroyed and not self._store.scrub():
            raise HubError("store", "The key is destroyed, but the log that may hold it is in use; repeat.")
        return destroyed


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND
