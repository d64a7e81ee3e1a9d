"""The ledger of the record: integrates leaves into tiles, signs checkpoints, serves proofs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from hub.errors import HubError
from hub.record import merkle
from hub.record.checkpoint import Checkpoint, parse_checkpoint
from hub.record.reader import read_head
from hub.record.signer import HubSigner
from hub.record.store import Snapshot, Store
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

    def __init__(self, store: Store, signer: HubSigner | None) -> None:
        self._store: Final = store
        self._signer: Final = signer
        self._integrating: Final = threading.Lock()
        self._full_tiles: dict[tuple[int, int], bytes] = {}
        self._behind_since: datetime | None = None

    def size(self) -> int:
        """The number of leaves that are integrated and can be proved."""
        return _tree_size(self._store)

    def checkpoint(self) -> Checkpoint | None:
        """The latest signed checkpoint."""
        row = _latest(self._store)
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
        content = self._tile(self._store, level, number)
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
            # 1.
            while self._integrate_chunk(now):
                pass
            # 2.
            return self._sign(now)

    def lag(self, now: datetime) -> timedelta:
        """How long there have been leaves that no signed checkpoint covers, as far as was noticed."""
        with self._store.reading() as snapshot:
            row = _latest(snapshot)
            behind = read_head(snapshot).leaves > (0 if row is None else row[0])
        return self._note(behind, now)

    def close(self) -> None:
        """Wait for the step that is being made."""
        with self._integrating:
            pass

    def _note(self, behind: bool, now: datetime) -> timedelta:
        if not behind:
            self._behind_since = None
            return _NOTHING
        if self._behind_since is None:
            self._behind_since = now
        return max(now - self._behind_since, _NOTHING)

    def _integrate_chunk(self, now: datetime) -> bool:
        with self._store.reading() as snapshot:
            size = _tree_size(snapshot)
            leaves = read_head(snapshot).leaves
            if size >= leaves:
                return False
            self._note(True, now)
            rows = snapshot.rows(
                # Found by position, in whose order leaves are numbered: a leaf's is greater than its number.
                "SELECT leaf_hash FROM items WHERE position > ? AND leaf_index >= ?"
                " ORDER BY position LIMIT ?",
                (size, size, min(leaves - size, _CHUNK)),
            )
            changed = grow(size, (row[0] for row in rows), lambda level, n: read_tile(snapshot, level, n))
        with self._store.changing() as change:
            # Another process may have integrated the same leaves; then its tiles stand. The row of the
            # size is changed first: who waits for it sees the other's size.
            if change.execute("UPDATE tree SET size = ? WHERE size = ?", (size + len(rows), size)):
                change.execute_each(
                    "INSERT INTO tiles (level, number, hashes) VALUES (?,?,?)"
                    " ON CONFLICT (level, number) DO UPDATE SET hashes = excluded.hashes",
                    [(level, number, content) for (level, number), content in changed.items()],
                )
        return bool(rows)

    def _sign(self, now: datetime) -> Checkpoint | None:
        with self._store.reading() as snapshot:
            row = _latest(snapshot)
            size = _tree_size(snapshot)
            behind = size > (0 if row is None else row[0])
        self._note(behind, now)
        if not behind or self._signer is None:
            return None
        checkpoint = self._signer.sign_checkpoint(size, self.root(size))
        with self._store.changing() as change:
            # Of two processes that sign the same size, what the first kept stands.
            change.execute(
                "INSERT INTO checkpoints (size, text) VALUES (?,?) ON CONFLICT (size) DO NOTHING",
                (size, checkpoint.text),
            )
        self._note(False, now)
        return checkpoint

    @contextmanager
    def _reading_tree(self, size: int) -> Iterator[ReadTile]:
        with self._store.reading() as snapshot:
            if not 0 <= size <= _tree_size(snapshot):
                raise HubError("not-found")
            yield lambda level, number: self._tile(snapshot, level, number)

    def _tile(self, snapshot: Snapshot | Store, level: int, number: int) -> bytes:
        content = self._full_tiles.get((level, number))
        if content is None:
            content = read_tile(snapshot, level, number)
            # Only a full tile never changes again.
            if len(content) == WIDTH * merkle.HASH_BYTES:
                if len(self._full_tiles) >= _MOST_TILES:
                    self._full_tiles = {}
                self._full_tiles[level, number] = content
        return content


def _tree_size(snapshot: Snapshot | Store) -> int:
    return int(snapshot.rows("SELECT size FROM tree WHERE one = 1")[0][0])


def _latest(snapshot: Snapshot | Store) -> tuple[int, str] | None:
    rows = snapshot.rows("SELECT size, text FROM checkpoints ORDER BY size DESC LIMIT 1")
    return (rows[0][0], rows[0][1]) if rows else None
