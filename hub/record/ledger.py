"""The ledger of the record: integrates leaves into tiles, signs checkpoints, serves proofs."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from hub.errors import HubError
from hub.record import merkle
from hub.record.checkpoint import Checkpoint, parse_checkpoint
from hub.record.connections import Readers, connect, immediate
from hub.record.recorder import read_head
from hub.record.signer import HubSigner
from hub.record.tiles import WIDTH, ReadTile, grow, node_of, read_tile

_CHUNK: Final = 8192
_MOST_TILES: Final = 512
_NOTHING: Final = timedelta(0)


class Ledger:
    """One tree over every item of the record, in the order of its leaf indexes.

    Shape: proofs are given for any size up to `size()`; without a signer leaves are integrated but no
    checkpoint is signed, and `lag` grows.
    Trust: several processes may integrate; each step is made only on the size it was computed from.
    """

    def __init__(self, readers: Readers, path: str, signer: HubSigner | None) -> None:
        self._readers: Final = readers
        self._path: Final = path
        self._signer: Final = signer
        self._connection: sqlite3.Connection | None = None
        self._integrating: Final = threading.Lock()
        self._full_tiles: dict[tuple[int, int], bytes] = {}
        self._behind_since: datetime | None = None

    def size(self) -> int:
        """The number of leaves that are integrated and can be proved."""
        with self._readers.reading() as connection:
            return _tree_size(connection)

    def checkpoint(self) -> Checkpoint | None:
        """The latest signed checkpoint."""
        with self._readers.reading() as connection:
            row = _latest(connection)
        return None if row is None else parse_checkpoint(row[1])

    def root(self, size: int) -> bytes:
        """The root of the tree over the first `size` leaves.

        Raises: HubError("not-found") where that size is not covered.
        """
        with self._reading_tree(size) as read:
            return merkle.root(size, node_of(read))

    def inclusion(self, leaf_index: int, tree_size: int) -> list[bytes]:
        """The proof that a leaf stands at its index in the tree of a covered size.

        Raises: HubError("not-found") where the leaf or the size is not covered.
        Source: RFC 9162 2.1.3.1
        """
        if not 0 <= leaf_index < tree_size:
            raise HubError("not-found")
        with self._reading_tree(tree_size) as read:
            return merkle.inclusion_proof(leaf_index, tree_size, node_of(read))

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the tree of one covered size begins with the tree of an older size.

        Raises: HubError("not-found") where a size is not covered or there is nothing to prove.
        Source: RFC 9162 2.1.4.1
        """
        if not 1 <= old <= new:
            raise HubError("not-found")
        with self._reading_tree(new) as read:
            return merkle.consistency_proof(old, new, node_of(read))

    def tile(self, level: int, number: int, width: int = WIDTH) -> bytes:
        """The first `width` hashes of a tile.

        Raises: HubError("not-found") where the tile holds fewer.
        Source: C2SP tlog-tiles
        """
        with self._readers.reading() as connection:
            content = self._tile(connection, level, number)
        if not 1 <= width <= WIDTH or len(content) < width * merkle.HASH_BYTES:
            raise HubError("not-found")
        return content[: width * merkle.HASH_BYTES]

    def integrate(self, now: datetime) -> Checkpoint | None:
        """Take up every leaf that is durable now; the new checkpoint, None where nothing grew.

        1. Integrate the leaves in chunks, so that the write lock is held shortly.
        2. Sign the tree where it is larger than the latest checkpoint.

        Raises: HubError("store") where the store is not available; the next call goes on from there.
        """
        with self._integrating:
            try:
                # 1.
                while self._integrate_chunk(now):
                    pass
                # 2.
                return self._sign(now)
            except sqlite3.Error:
                self._drop_connection()
                raise HubError("store") from None

    def lag(self, now: datetime) -> timedelta:
        """How long there have been leaves that no signed checkpoint covers, as far as was noticed."""
        with self._readers.reading() as connection:
            row = _latest(connection)
            behind = read_head(connection).leaves > (0 if row is None else row[0])
        return self._note(behind, now)

    def close(self) -> None:
        """Close the connection that integrates."""
        with self._integrating:
            self._drop_connection()

    def _note(self, behind: bool, now: datetime) -> timedelta:
        if not behind:
            self._behind_since = None
            return _NOTHING
        if self._behind_since is None:
            self._behind_since = now
        return max(now - self._behind_since, _NOTHING)

    def _integrate_chunk(self, now: datetime) -> bool:
        with self._readers.reading() as connection:
            size = _tree_size(connection)
            leaves = read_head(connection).leaves
            if size >= leaves:
                return False
            self._note(True, now)
            rows = connection.execute(
                "SELECT leaf_hash FROM items WHERE leaf_index >= ? AND leaf_index < ? ORDER BY leaf_index",
                (size, min(leaves, size + _CHUNK)),
            ).fetchall()
            changed = grow(size, (row[0] for row in rows), lambda level, n: read_tile(connection, level, n))
        with immediate(self._connected()) as cursor:
            # Another process may have integrated the same leaves; then its tiles stand.
            if _tree_size(cursor.connection) == size:
                cursor.executemany(
                    "INSERT INTO tiles VALUES (?,?,?)"
                    " ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes",
                    [(level, number, content) for (level, number), content in changed.items()],
                )
                cursor.execute("UPDATE tree SET size = ? WHERE one = 1", (size + len(rows),))
        return bool(rows)

    def _sign(self, now: datetime) -> Checkpoint | None:
        with self._readers.reading() as connection:
            row = _latest(connection)
            size = _tree_size(connection)
            behind = size > (0 if row is None else row[0])
        self._note(behind, now)
        if not behind or self._signer is None:
            return None
        checkpoint = self._signer.sign_checkpoint(size, self.root(size))
        with immediate(self._connected()) as cursor:
            cursor.execute("INSERT OR IGNORE INTO checkpoints VALUES (?,?)", (size, checkpoint.text))
        self._note(False, now)
        return checkpoint

    @contextmanager
    def _reading_tree(self, size: int) -> Iterator[ReadTile]:
        with self._readers.reading() as connection:
            if not 0 <= size <= _tree_size(connection):
                raise HubError("not-found")
            yield lambda level, number: self._tile(connection, level, number)

    def _tile(self, connection: sqlite3.Connection, level: int, number: int) -> bytes:
        content = self._full_tiles.get((level, number))
        if content is None:
            content = read_tile(connection, level, number)
            # Only a full tile never changes again.
            if len(content) == WIDTH * merkle.HASH_BYTES:
                if len(self._full_tiles) >= _MOST_TILES:
                    self._full_tiles = {}
                self._full_tiles[level, number] = content
        return content

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._path)
        return self._connection

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _tree_size(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT size FROM tree WHERE one = 1").fetchone()[0])


def _latest(connection: sqlite3.Connection) -> tuple[int, str] | None:
    row = connection.execute("SELECT size, text FROM checkpoints ORDER BY size DESC LIMIT 1").fetchone()
    return None if row is None else (row[0], row[1])
