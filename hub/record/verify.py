"""The offline check of a whole record: everything is read and computed again, nothing is believed.

It needs no hub: a file or a database, the master key, and optionally the verifier key of the
checkpoints and the function that restores a payload from a stored body.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from hub.errors import HubError
from hub.record.checkpoint import NoteKey, parse_checkpoint, verify_checkpoint
from hub.record.leaf import commitment, leaf_hash, read_leaf
from hub.record.master import master_of
from hub.record.merkle import Frontier
from hub.record.opening import open_place
from hub.record.reader import Opener, read_head
from hub.record.sealing import CLAIM, ONCE, PAYLOAD, MasterKey
from hub.record.store import ABOUT, CHECK, ITEM, ITEM_WIDTH, ITEMS, KEPT, Damaged, Row, Snapshot
from hub.record.tiles import grow
from hub.record.types import Recorded

Restore: TypeAlias = Callable[[Recorded], bytes | None]
Progress: TypeAlias = Callable[[int, int], None]
OTHER_KEY: Final = "the format or the master key does not fit"
_CHUNK: Final = 1000
_WHOLE_LOG: Final = (
    "SELECT " + ITEM + ", i.leaf_hash, i.payload_digest" + ITEMS + "ORDER BY e.notification_id"
)


@dataclass(frozen=True, slots=True)
class Break:
    """The first thing that does not fit.

    Shape: `place` names the table; `position` is the item's position where there is one, else the row's
    place in its table; `what` says in words what is wrong, never what stands there.
    """

    place: str
    position: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of a check.

    Shape: `root` is over all items; `covered` is the size of the latest checkpoint, 0 without one;
    `erased` counts the items whose key is destroyed; `first_break` is None where everything fits.
    """

    items: int
    erased: int
    covered: int
    root: bytes
    first_break: Break | None

    @property
    def whole(self) -> bool:
        """Whether everything fits."""
        return self.first_break is None


class _Broken(Exception):
    """A check that failed, in words."""


def verify_record(
    where: Path | str,
    *,
    master_key: bytes,
    keys: Sequence[NoteKey] = (),
    restore: Restore | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Check a whole record, as of one moment, also beside a running hub.

    1. The file or database itself, its format and its key.
    2. The checkpoints' form, size and signature.
    3. Every item: place, version, name, key, content, leaf; the root at the size of every checkpoint.
    4. The head and the tiles against what was read, then the tables beside.

    Shape: `restore` gives the payload an item's leaf commits to (None where it cannot); without it the
    contents are authenticated by their sealing only. Without `keys` the checkpoints' signatures are not
    checked. `progress` is called with items done and items in all.
    Raises: HubError("store") where there is no record, or its database cannot be reached.
    """
    store = open_place(where)
    check = _Check(master_key, keys, restore, progress)
    try:
        with store.verifying() as snapshot:
            first_break = check.run(snapshot)
    except Damaged as damage:
        first_break = Break("file", None, str(damage))
    finally:
        store.close()
    return Verification(check.items, check.erased, check.covered, check.frontier.root(), first_break)


class _Check:
    """One pass over one record; each step raises at the first thing that does not fit."""

    def __init__(
        self,
        master_key: bytes,
        keys: Sequence[NoteKey],
        restore: Restore | None,
        progress: Progress | None,
    ) -> None:
        self.items = 0
        self.erased = 0
        self.covered = 0
        self.frontier: Final = Frontier()
        self._master_key: Final = master_key
        self._master = MasterKey(master_key)
        self._opener = Opener(self._master)
        self._signers: Final = keys
        self._restore: Final = restore
        self._progress: Final = progress
        self._roots: Final[dict[int, bytes]] = {}
        self._tiles: Final[dict[tuple[int, int], bytes]] = {}
        self._versions: Final[dict[str, int]] = {}
        self._place = "file"
        self._position: int | None = None

    def run(self, snapshot: Snapshot) -> Break | None:
        """The first break, None where everything fits."""
        steps = (
            ("about", self._about),
            ("checkpoints", self._checkpoints),
            ("items", self._log),
            ("head", self._head),
            ("tiles", self._tree),
            ("stream_keys", self._keys),
            ("claims", self._claims),
            ("once", self._once),
            ("marks", self._marks),
        )
        try:
            for place, step in steps:
                self._place = place
                self._position = None
                step(snapshot)
        except _Broken as broken:
            return Break(self._place, self._position, str(broken))
        except HubError as fault:
            return Break(self._place, self._position, fault.detail)
        except Exception as fault:  # whatever damaged content makes the reading code do is a break, too
            return Break(self._place, self._position, f"it cannot be read ({type(fault).__name__})")
        return None

    def _about(self, snapshot: Snapshot) -> None:
        about: dict[str, bytes] = dict(snapshot.rows(ABOUT))
        try:
            self._master = master_of(about, self._master_key)
        except HubError:
            raise _Broken(OTHER_KEY) from None
        if about.keys() - {KEPT} != {"format", CHECK}:
            raise _Broken("something is added to what the record says about itself")
        self._opener = Opener(self._master)

    def _checkpoints(self, snapshot: Snapshot) -> None:
        rows = snapshot.each("SELECT size, text FROM checkpoints ORDER BY size")
        for number, (size, text) in enumerate(rows, 1):
            self._position = number
            checkpoint = verify_checkpoint(text, *self._signers) if self._signers else parse_checkpoint(text)
            if checkpoint.size != size:
                raise _Broken("a checkpoint does not stand under its size")
            self._roots[size] = checkpoint.root
            self.covered = size

    def _log(self, snapshot: Snapshot) -> None:
        total = read_head(snapshot).leaves
        ((integrated,),) = snapshot.rows("SELECT size FROM tree")
        pending: list[bytes] = []
        self._position = 1
        for row in snapshot.each(_WHOLE_LOG):
            pending.append(self._item(row))
            if len(pending) == _CHUNK:
                self._integrate(pending, integrated)
                pending.clear()
                if self._progress is not None:
                    self._progress(self.items, total)
        self._integrate(pending, integrated)
        if self._progress is not None:
            self._progress(self.items, total)
        if self._roots or total != self.items:
            raise _Broken("items are missing at the end of the log")
        if integrated > self.items or self.covered > integrated:
            raise _Broken("the ledger covers more than stands in the log")

    def _integrate(self, leaf_hashes: list[bytes], integrated: int) -> None:
        size = self.items - len(leaf_hashes)
        new = leaf_hashes[: max(0, integrated - size)]
        self._tiles.update(grow(size, new, lambda level, number: self._tiles.get((level, number), b"")))

    def _item(self, row: Row) -> bytes:
        """Check the item that should stand at `_position`; its leaf hash.

        1. It stands where it follows: position, version in its stream, leaf index.
        2. It opens under its stream's key, or the key is destroyed.
        3. Its leaf says what the item says, and hashes to what was stored.
        4. Where the payload can be restored: the leaf commits to it, and repeats are compared with it.
        5. Where a checkpoint has this size: the root fits.
        """
        stored, (leaf_hash_stored, digest) = row[:ITEM_WIDTH], row[ITEM_WIDTH:]
        position, stream, version, leaf_index = stored[0], stored[1], stored[2], stored[8]
        # 1.
        if position != self._position:
            raise _Broken("an item is missing in the log")
        if version != self._versions.get(stream, 0) + 1:
            raise _Broken("an item is missing in its stream")
        if leaf_index != self.items:
            raise _Broken("an item is missing in the ledger")
        # 2.
        item = self._opener.open_row(stored)
        # 3.
        leaf = read_leaf(item.leaf_data)
        if (leaf.kind, leaf.source, leaf.id) != (item.kind, item.source, item.id):
            raise _Broken("the leaf names another item")
        computed = leaf_hash(item.leaf_data)
        if computed != leaf_hash_stored:
            raise _Broken("the leaf's hash does not fit its data")
        # 4.
        if item.body is None or item.salt is None:
            self.erased += 1
        elif self._restore is not None and (payload := self._restore(item)) is not None:
            if commitment(item.salt, payload) != leaf.commitment:
                raise _Broken("the leaf does not commit to the content")
            if not hmac.compare_digest(self._master.digest(PAYLOAD, payload), digest):
                raise _Broken("the digest that repeats are compared with does not fit the content")
        # 5.
        self.frontier.extend((computed,))
        expected = self._roots.pop(self.items + 1, None)
        if expected is not None and expected != self.frontier.root():
            raise _Broken("the ledger's root differs from the signed checkpoint at this item")
        self.items += 1
        self._versions[stream] = version
        self._position = position + 1
        return computed

    def _head(self, snapshot: Snapshot) -> None:
        head = read_head(snapshot)
        ((rows,),) = snapshot.rows("SELECT COUNT(*) FROM items")
        if (head.position, head.leaves, rows) != (self.items, self.items, self.items):
            raise _Broken("the head does not stand at the end of the log")

    def _tree(self, snapshot: Snapshot) -> None:
        rows = snapshot.each("SELECT level, number, hashes FROM tiles ORDER BY level, number")
        for number, (level, tile, hashes) in enumerate(rows, 1):
            self._position = number
            if self._tiles.pop((level, tile), None) != hashes:
                raise _Broken("a tile's hashes are not those of the items")
        if self._tiles:
            self._position = None
            raise _Broken("a tile is missing")

    def _keys(self, snapshot: Snapshot) -> None:
        rows = snapshot.each("SELECT number, stream, key_id, wrapped FROM stream_keys ORDER BY number")
        for number, stream, key_id, wrapped in rows:
            self._position = number
            if wrapped is not None:
                self._master.unwrap(stream, key_id, wrapped)

    def _claims(self, snapshot: Snapshot) -> None:
        rows = snapshot.each("SELECT kind, name, value, row_digest FROM claims")
        for number, (kind, name, value, digest) in enumerate(rows, 1):
            self._position = number
            if digest != self._master.row_digest(CLAIM, kind.encode(), name, value.encode()):
                raise _Broken("a claim was changed")

    def _once(self, snapshot: Snapshot) -> None:
        rows = snapshot.each("SELECT kind, name_digest, until, row_digest FROM once")
        for number, (kind, name, until, digest) in enumerate(rows, 1):
            self._position = number
            if digest != self._master.row_digest(ONCE, kind.encode(), name, str(until).encode()):
                raise _Broken("a name that may be used once was changed")

    def _marks(self, snapshot: Snapshot) -> None:
        rows = snapshot.each("SELECT name, value, row_digest FROM marks")
        for number, (name, value, digest) in enumerate(rows, 1):
            self._position = number
            if digest != self._master.mark_digest(name, value):
                raise _Broken("a mark was changed")
