"""The ledger's hashes in tiles of 256, kept up incrementally and read for any covered size.

Source: C2SP tlog-tiles (height 8)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

from hub.record.faults import damaged
from hub.record.merkle import HASH_BYTES, Node, fold
from hub.record.store import Snapshot, Store

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
_FULL: Final = WIDTH * HASH_BYTES

Place: TypeAlias = tuple[int, int]
"""Level and number of a tile."""
ReadTile: TypeAlias = Callable[[int, int], bytes]


def read_tile(snapshot: Snapshot | Store, level: int, number: int) -> bytes:
    """The hashes that stand in one tile, empty where there is none yet."""
    rows = snapshot.rows("SELECT hashes FROM tiles WHERE level = ? AND number = ?", (level, number))
    return bytes(rows[0][0]) if rows else b""


def grow(size: int, leaf_hashes: Iterable[bytes], read: ReadTile) -> Mapping[Place, bytes]:
    """The tiles that change when leaves are added to a tree of `size`, with their new content.

    1. At each level take the unfinished tile and put the new hashes behind it.
    2. Cut into tiles; each tile that became full gives one hash to the level above.
    3. Go up while a level gives anything.
    """
    changed: dict[Place, bytes] = {}
    level, added = 0, list(leaf_hashes)
    while added:
        # 1.
        number, have = divmod(size >> (HEIGHT * level), WIDTH)
        unfinished = read(level, number)[: have * HASH_BYTES] if have else b""
        if len(unfinished) != have * HASH_BYTES:
            raise damaged("a tile of the ledger is not whole")
        row = unfinished + b"".join(added)
        # 2.
        added = []
        for start in range(0, len(row), _FULL):
            content = row[start : start + _FULL]
            changed[level, number] = content
            number += 1
            if len(content) == _FULL:
                added.append(fold(hashes_of(content)))
        # 3.
        level += 1
    return changed


def hashes_of(content: bytes) -> list[bytes]:
    """The hashes of a tile, one by one."""
    return [content[i : i + HASH_BYTES] for i in range(0, len(content), HASH_BYTES)]


def node_of(read: ReadTile) -> Node:
    """The node function of a tree held in tiles."""

    def node(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, HEIGHT)
        number, offset = divmod(index << height, WIDTH)
        content = read(tile_level, number)[offset * HASH_BYTES : (offset + (1 << height)) * HASH_BYTES]
        if len(content) != HASH_BYTES << height:
            raise damaged("a tile of the ledger is not whole")
        return fold(hashes_of(content))

    return node
