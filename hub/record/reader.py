"""Reading the record: by stream, by position, by name; always what is durable, opened."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from hub.record.faults import damaged
from hub.record.sealing import MasterKey, StreamKey, key_id_of, open_item, open_view
from hub.record.store import ITEM, ITEMS, KINDS, SOME, TAIL, ClaimName, Row, Snapshot, Store, Value
from hub.record.types import Glance, Head, Recorded

_SELECT: Final = "SELECT " + ITEM + ITEMS
_BY_LOG: Final = _SELECT + "WHERE e.notification_id > ? ORDER BY e.notification_id LIMIT ?"
_BY_POSITION: Final = _SELECT + "WHERE e.notification_id = ?"
_BY_NAME: Final = _SELECT + "WHERE i.source = ? AND i.id = ?"
_VERSION: Final = "SELECT COALESCE(MAX(originator_version), 0) FROM stored_events WHERE originator_id = ?"
_LIVE_KEYS: Final = (
    "SELECT stream, key_id, wrapped FROM stream_keys WHERE stream IN ({}) AND wrapped IS NOT NULL"
    " ORDER BY number"
)
_MOST_KEYS: Final = 4096
_MOST_AT_ONCE: Final = 100


def read_head(snapshot: Snapshot | Store) -> Head:
    """The last position and the number of leaves."""
    ((position, leaves),) = snapshot.rows("SELECT position, leaves FROM head WHERE one = 1")
    return Head(position, leaves)


class Opener:
    """Opens stored rows.

    Trust: an opened key is kept only under its wrapped form, which is read anew with every read; a key
    destroyed by any process therefore opens nothing from then on.
    """

    def __init__(self, master: MasterKey) -> None:
        self._master: Final = master
        self._opened: dict[tuple[str, bytes, bytes], StreamKey] = {}

    def open_row(self, row: Row) -> Recorded:
        """One stored item, opened.

        Raises: HubError("store") where anything of it does not fit together.
        """
        position, stream, version, topic, state, source, id, type, leaf_index, leaf, key_id, wrapped = row
        kind = KINDS.get(topic)
        if kind is None or source is None:
            raise damaged("an item is not whole")
        key_id_of(state)
        key = self.key(stream, key_id, wrapped)
        salt, body = (None, None) if key is None else open_item(key, state, (source, id, type))
        return Recorded(position, stream, version, kind, source, id, type, leaf_index, leaf, salt, body)

    def key(self, stream: str, key_id: bytes | None, wrapped: bytes | None) -> StreamKey | None:
        """A data key from its row, None where it is destroyed.

        Raises: HubError("store") where there is no such row, or it does not open.
        """
        if key_id is None:
            raise damaged("an item names a key that does not stand")
        if wrapped is None:
            return None
        row = (stream, key_id, wrapped)
        key = self._opened.get(row)
        if key is None:
            key = self._master.unwrap(stream, key_id, wrapped)
            if len(self._opened) >= _MOST_KEYS:
                self._opened = {}
            self._opened[row] = key
        return key

    def forget(self) -> None:
        """Drop opened keys from memory."""
        self._opened = {}


class Reader:
    """Reads and opens what stands in the record."""

    def __init__(self, store: Store, master: MasterKey) -> None:
        self._store: Final = store
        self._opener: Final = Opener(master)

    def head(self) -> Head:
        """Where the record stands."""
        return read_head(self._store)

    def versions(self, streams: Iterable[str]) -> dict[str, int]:
        """The version of each stream, 0 where it has no item, all as of one moment."""
        names = list(streams)
        if len(names) == 1:
            return {names[0]: self._store.rows(_VERSION, names)[0][0]}
        found: dict[str, int] = {}
        with self._store.reading() as snapshot:
            for start in range(0, len(names), _MOST_AT_ONCE):
                some = names[start : start + _MOST_AT_ONCE]
                (row,) = snapshot.rows("SELECT " + ", ".join(f"({_VERSION})" for _ in some), some)
                found.update(zip(some, row, strict=True))
        return found

    def stream(self, stream: str, after: int) -> list[Recorded]:
        """The items of a stream after a version, in order."""
        return self._select(TAIL, (stream, after))

    def streams(self, names: Iterable[str]) -> list[Recorded]:
        """The items of all these streams, each stream's in order; so many streams at a time."""
        wanted, found = sorted(set(names)), list[Recorded]()
        for start in range(0, len(wanted), _MOST_AT_ONCE):
            some = wanted[start : start + _MOST_AT_ONCE]
            found += self._select(SOME.format(", ".join("?" * len(some))), some)
        return found

    def log(self, after_position: int, limit: int) -> list[Recorded]:
        """The next items of the whole record after a position, in order."""
        return self._select(_BY_LOG, (after_position, limit))

    def at(self, position: int) -> Recorded | None:
        """The item at a position."""
        return next(iter(self._select(_BY_POSITION, (position,))), None)

    def find(self, source: str, id: str) -> Recorded | None:
        """The item of a name."""
        return next(iter(self._select(_BY_NAME, (source, id))), None)

    def find_within(self, snapshot: Snapshot, source: str, id: str) -> Recorded | None:
        """The item of a name, as a transaction sees it."""
        return next((self._opener.open_row(row) for row in snapshot.rows(_BY_NAME, (source, id))), None)

    def glance(self, tails: Mapping[str, int], claims: Collection[ClaimName]) -> Glance:
        """Tails of streams and holders of claims, all as of one moment."""
        rows, claimed = self._store.glance(tails, claims)
        found: dict[str, list[Recorded]] = {stream: [] for stream in tails}
        for row in rows:
            found[row[1]].append(self._opener.open_row(row))
        return Glance(found, {(kind, name): value for kind, name, value in claimed})

    def claimed(self, kind: str, name: bytes) -> str | None:
        """The value that holds a claimed name."""
        rows = self._store.rows("SELECT value FROM claims WHERE kind = ? AND name = ?", (kind, name))
        return str(rows[0][0]) if rows else None

    def live_keys(self, streams: Iterable[str]) -> dict[str, StreamKey]:
        """The key under which each of these streams is sealed now; those without a live key are left out."""
        names = list(dict.fromkeys(streams))
        found: dict[str, StreamKey] = {}
        for start in range(0, len(names), _MOST_AT_ONCE):
            some = names[start : start + _MOST_AT_ONCE]
            last = {
                row[0]: row for row in self._store.rows(_LIVE_KEYS.format(", ".join("?" * len(some))), some)
            }
            opened = {stream: self._opener.key(*row) for stream, row in last.items()}
            found.update((stream, key) for stream, key in opened.items() if key is not None)
        return found

    def unseal(self, stream: str, sealed: bytes, context: str) -> bytes | None:
        """A view's content, None where its key is destroyed."""
        key_id = key_id_of(sealed)
        query = "SELECT key_id, wrapped FROM stream_keys WHERE key_id = ? AND stream = ?"
        rows = self._store.rows(query, (key_id, stream))
        key = self._opener.key(stream, *(rows[0] if rows else (None, None)))
        return None if key is None else open_view(key, sealed, context)

    def erasures(self) -> int:
        """How many data keys were destroyed."""
        return int(self._store.rows("SELECT COUNT(*) FROM stream_keys WHERE wrapped IS NULL")[0][0])

    def forget_keys(self) -> None:
        """Drop opened keys from memory."""
        self._opener.forget()

    def _select(self, query: str, parameters: Sequence[Value]) -> list[Recorded]:
        return [self._opener.open_row(row) for row in self._store.rows(query, parameters)]
