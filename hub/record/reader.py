"""Reading the record: by stream, by position, by name; always what is durable, opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from hub.record.connections import Readers
from hub.record.faults import damaged
from hub.record.recorder import KINDS, read_head
from hub.record.sealing import MasterKey, StreamKey, key_id_of, open_item, open_view, seal_view
from hub.record.types import Head, Recorded

COLUMNS: Final = (
    "e.notification_id, e.originator_id, e.originator_version, e.topic, e.state,"
    " i.source, i.id, i.type, i.leaf_index, i.leaf_data"
)
# A LEFT JOIN, so that an event whose item row was taken away is reported instead of passed over.
JOINED: Final = " FROM stored_events e LEFT JOIN items i ON i.position = e.notification_id "
_SELECT: Final = "SELECT " + COLUMNS + JOINED
_BY_STREAM: Final = _SELECT + "WHERE e.originator_id = ? AND e.originator_version > ? ORDER BY 3"
_BY_LOG: Final = _SELECT + "WHERE e.notification_id > ? ORDER BY e.notification_id LIMIT ?"
_BY_POSITION: Final = _SELECT + "WHERE e.notification_id = ?"
_BY_NAME: Final = _SELECT + "WHERE i.source = ? AND i.id = ?"
_LIVE_KEY: Final = (
    "SELECT key_id, wrapped FROM stream_keys WHERE stream = ? AND wrapped IS NOT NULL"
    " ORDER BY number DESC LIMIT 1"
)
_MOST_KEYS: Final = 4096

Row = tuple[int, str, int, str, bytes, str | None, str, str, int, bytes]


def live_key(connection: sqlite3.Connection, master: MasterKey, stream: str) -> StreamKey | None:
    """The data key that new content of a stream is sealed under, None where it has none."""
    row = connection.execute(_LIVE_KEY, (stream,)).fetchone()
    return None if row is None else master.unwrap(stream, row[0], row[1])


class Reader:
    """Opens what stands in the record.

    Trust: an opened key is kept only under its wrapped form, which is read anew with every read; a key
    destroyed by any process therefore opens nothing from then on.
    """

    def __init__(self, readers: Readers, master: MasterKey) -> None:
        self._readers: Final = readers
        self._master: Final = master
        self._opened: dict[tuple[str, bytes, bytes], StreamKey] = {}

    def head(self) -> Head:
        """Where the record stands."""
        with self._readers.reading() as connection:
            return read_head(connection)

    def versions(self, streams: Iterable[str]) -> dict[str, int]:
        """The version of each stream, 0 where it has no item, all as of one moment."""
        query = "SELECT COALESCE(MAX(originator_version), 0) FROM stored_events WHERE originator_id = ?"
        with self._readers.reading() as connection:
            return {stream: connection.execute(query, (stream,)).fetchone()[0] for stream in streams}

    def stream(self, stream: str, after: int) -> list[Recorded]:
        """The items of a stream after a version, in order."""
        return self._select(_BY_STREAM, (stream, after))

    def log(self, after_position: int, limit: int) -> list[Recorded]:
        """The next items of the whole record after a position, in order."""
        return self._select(_BY_LOG, (after_position, limit))

    def at(self, position: int) -> Recorded | None:
        """The item at a position."""
        return next(iter(self._select(_BY_POSITION, (position,))), None)

    def find(self, source: str, id: str) -> Recorded | None:
        """The item of a name."""
        return next(iter(self._select(_BY_NAME, (source, id))), None)

    def find_within(self, connection: sqlite3.Connection, source: str, id: str) -> Recorded | None:
        """The item of a name, as the connection's transaction sees it."""
        rows = connection.execute(_BY_NAME, (source, id)).fetchall()
        return next(iter(self._open(connection, rows)), None)

    def claimed(self, kind: str, name: bytes) -> str | None:
        """The value that holds a claimed name."""
        with self._readers.reading() as connection:
            query = "SELECT value FROM claims WHERE kind = ? AND name = ?"
            row = connection.execute(query, (kind, name)).fetchone()
            return None if row is None else str(row[0])

    def seal(self, stream: str, nonce: bytes, context: str, plaintext: bytes) -> bytes | None:
        """A view's content under the stream's live key, None where it has none."""
        with self._readers.reading() as connection:
            row = connection.execute(_LIVE_KEY, (stream,)).fetchone()
        if row is None:
            return None
        return seal_view(self._unwrap(stream, row[0], row[1]), nonce, context, plaintext)

    def unseal(self, stream: str, sealed: bytes, context: str) -> bytes | None:
        """A view's content, None where its key is destroyed."""
        with self._readers.reading() as connection:
            key = self._key(connection, stream, key_id_of(sealed))
        return None if key is None else open_view(key, sealed, context)

    def forget_keys(self) -> None:
        """Drop opened keys from memory."""
        self._opened = {}

    def _select(self, query: str, parameters: Sequence[str | int]) -> list[Recorded]:
        with self._readers.reading() as connection:
            return self._open(connection, connection.execute(query, parameters).fetchall())

    def _open(self, connection: sqlite3.Connection, rows: Iterable[Row]) -> list[Recorded]:
        keys: dict[bytes, StreamKey | None] = {}
        return [self.open_row(connection, row, keys) for row in rows]

    def open_row(
        self, connection: sqlite3.Connection, row: Row, keys: dict[bytes, StreamKey | None]
    ) -> Recorded:
        """One stored item, opened; `keys` are those this read has already looked up.

        Raises: HubError("store") where anything of it does not fit together.
        """
        position, stream, version, topic, state, source, id, type, leaf_index, leaf = row
        kind = KINDS.get(topic)
        if kind is None or source is None:
            raise damaged("an item is not whole")
        key_id = key_id_of(state)
        if key_id not in keys:
            keys[key_id] = self._key(connection, stream, key_id)
        key = keys[key_id]
        salt, body = (None, None) if key is None else open_item(key, state, (source, id, type))
        return Recorded(position, stream, version, kind, source, id, type, leaf_index, leaf, salt, body)

    def _key(self, connection: sqlite3.Connection, stream: str, key_id: bytes) -> StreamKey | None:
        row = connection.execute(
            "SELECT wrapped FROM stream_keys WHERE key_id = ? AND stream = ?", (key_id, stream)
        ).fetchone()
        if row is None:
            raise damaged("an item names a key that does not stand")
        return None if row[0] is None else self._unwrap(stream, key_id, row[0])

    def _unwrap(self, stream: str, key_id: bytes, wrapped: bytes) -> StreamKey:
        row = (stream, key_id, wrapped)
        key = self._opened.get(row)
        if key is None:
            key = self._master.unwrap(stream, key_id, wrapped)
            if len(self._opened) >= _MOST_KEYS:
                self._opened = {}
            self._opened[row] = key
        return key
