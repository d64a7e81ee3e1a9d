"""The judging of a group: each append as if it were alone, on the record as the earlier ones leave it.

It knows no database. What stands is handed to it; what it stages is handed back as rows.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from hub.errors import HubError
from hub.record.faults import ClaimTaken, HeadMoved
from hub.record.leaf import KINDS, SALT_BYTES, leaf_data, leaf_hash
from hub.record.ports import Chance
from hub.record.sealing import (
    CLAIM,
    NEW_KEY_BYTES,
    NONCE_BYTES,
    PAYLOAD,
    MasterKey,
    StreamKey,
    is_retired,
    seal_item,
)
from hub.record.store import TOPICS, Name, Rows, StoredStream
from hub.record.types import Append, Appended, Draft, Mark, Recorded

MOST_VALUE: Final = 2**63 - 1
Find: TypeAlias = Callable[[str, str], Recorded | None]


@dataclass(slots=True)
class Leaf:
    """The parts of one draft that need nothing of the record's state."""

    salt: bytes
    nonce: bytes
    data: bytes
    hash: bytes
    digest: bytes


class Waiting:
    """One append in the queue, with everything computed that can be before its turn."""

    __slots__ = ("append", "future", "leaves", "size")

    def __init__(self, append: Append, leaves: list[Leaf], future: Future[Appended]) -> None:
        self.append = append
        self.leaves = leaves
        self.future = future
        self.size = sum(len(d.payload) + len(d.body) for d in append.drafts)

    def fail(self, fault: BaseException) -> None:
        """Answer with a refusal; what is not a refusal of the hub says nothing about its cause."""
        if not self.future.done():
            self.future.set_exception(fault if isinstance(fault, HubError) else HubError("store"))


class Stream:
    """What is known of a stream: its version and, once needed, its live data key, opened.

    Shape: `since` is the stretch of time, without anybody else's appends, in which it was last confirmed.
    """

    __slots__ = ("_stored", "key", "since", "version")

    def __init__(self, stored: StoredStream, since: int) -> None:
        self.version = stored.version
        self.since = since
        self.key: StreamKey | None = None
        # A retired key seals no more: the stream gets a new one, as where its key was destroyed.
        retired = isinstance(stored.wrapped, bytes) and is_retired(stored.wrapped)
        self._stored: StoredStream | None = None if retired else stored

    @property
    def key_id(self) -> bytes | None:
        """The id of the key that new content is sealed under, None where it has none yet."""
        if self.key is not None:
            return self.key.key_id
        return None if self._stored is None else self._stored.key_id

    def open_key(self, master: MasterKey, name: str) -> StreamKey | None:
        """The live key, None where there is none; it is opened only once."""
        if self.key is None and (stored := self._stored) is not None:
            if stored.key_id is not None and stored.wrapped is not None:
                self.key = master.unwrap(name, stored.key_id, stored.wrapped)
            self._stored = None
        return self.key


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands of a group's names and claims; nothing where nobody has looked yet."""

    names: Mapping[Name, bytes] = field(default_factory=dict)
    claims: Mapping[tuple[str, bytes], str] = field(default_factory=dict)


@dataclass(slots=True)
class Staged:
    """What a transaction will add, and whom it answers once it is durable.

    Shape: `answers` hold indexes into `drafts`, or items that already stood; `names` and `claims` are what
    this transaction adds and no query sees yet.
    """

    rows: Rows = field(default_factory=Rows)
    claims: dict[tuple[str, bytes], str] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
    names: dict[Name, int] = field(default_factory=dict)
    drafts: list[tuple[Draft, Leaf, int]] = field(default_factory=list)
    answers: list[tuple[Waiting, list[int], tuple[Recorded, ...], bool]] = field(default_factory=list)
    refused: list[tuple[Waiting, Exception]] = field(default_factory=list)

    @property
    def head_moved(self) -> bool:
        """Whether an append was refused because a stream it was decided on has grown."""
        return any(isinstance(fault, HeadMoved) for _, fault in self.refused)

    def follow(self, grown: Mapping[str, int]) -> None:
        """Take note that streams were longer by so much than they were judged to be."""
        self.drafts = [
            (draft, leaf, version + grown.get(draft.stream, 0)) for draft, leaf, version in self.drafts
        ]

    def answer(self, first_position: int, first_leaf: int) -> None:
        """Tell everybody in the group, now that its rows are durable."""
        recorded = [
            Recorded(
                first_position + index, draft.stream, version, draft.kind, draft.source, draft.id, draft.type,
                first_leaf + index, leaf.data, leaf.salt, draft.body,
            )
            for index, (draft, leaf, version) in enumerate(self.drafts)
        ]  # fmt: skip
        for waiting, indexes, standing, repeat in self.answers:
            items = (*standing, *(recorded[index] for index in indexes))
            waiting.future.set_result(Appended(items, repeat))
        for waiting, fault in self.refused:
            waiting.fail(fault)


class Judge:
    """Judges appends in order and stages the rows of those that stand."""

    def __init__(
        self,
        master: MasterKey,
        chance: Chance,
        streams: MutableMapping[str, Stream],
        standing: Standing,
        find: Find,
    ) -> None:
        self.staged: Final = Staged()
        self._master: Final = master
        self._chance: Final = chance
        self._streams: Final = streams
        self._standing: Final = standing
        self._find: Final = find

    def stage(self, waiting: Waiting) -> None:
        """Judge one append; a refusal concerns it alone.

        1. Names: the first draft decides whether this is a repeat; another draft must be new.
        2. Heads, then claims.
        3. Seal every draft, then stage all of them: from here nothing can refuse.

        Raises: HubError conflict or store, HeadMoved, ClaimTaken.
        """
        append, staged = waiting.append, self.staged
        # 1.
        if self._stands(append.drafts[0], waiting.leaves[0]):
            self._stage_repeat(waiting)
            return
        if len(append.drafts) > 1:
            names = {(draft.source, draft.id) for draft in append.drafts}
            stand = any(name in staged.names or name in self._standing.names for name in names)
            if len(names) < len(append.drafts) or stand:
                raise HubError("conflict")
        # 2.
        if append.heads:
            self._check_heads(append.heads)
        claims = self._free_claims(append) if append.claims else {}
        # 3.
        sealed: list[tuple[Draft, Leaf, Stream, bytes]] = []
        for draft, leaf in zip(append.drafts, waiting.leaves, strict=True):
            stream = self._streams[draft.stream]
            key = (
                stream.key
                or stream.open_key(self._master, draft.stream)
                or self._new_key(draft.stream, stream)
            )
            name = (draft.source, draft.id, draft.type)
            sealed.append((draft, leaf, stream, seal_item(key, leaf.nonce, name, leaf.salt, draft.body)))
        rows, first = staged.rows, len(staged.drafts)
        for draft, leaf, stream, state in sealed:
            stream.version += 1
            staged.names[draft.source, draft.id] = len(staged.drafts)
            staged.drafts.append((draft, leaf, stream.version))
            rows.events.append((draft.stream, stream.version, TOPICS[draft.kind], state))
            rows.items.append((draft.source, draft.id, draft.type, leaf.data, leaf.hash, leaf.digest))
        for (kind, claimed), value in claims.items():
            staged.claims[kind, claimed] = value
            digest = self._master.row_digest(CLAIM, kind.encode(), claimed, value.encode())
            rows.claims.append((kind, claimed, value, digest))
        self._raise(append.marks)
        staged.answers.append((waiting, list(range(first, len(staged.drafts))), (), False))

    def refuse(self, waiting: Waiting, fault: Exception) -> None:
        """Keep a refusal until the others are answered."""
        self.staged.refused.append((waiting, fault))

    def finish(self) -> Staged:
        """Everything staged, complete with the marks."""
        self.staged.rows.marks = [
            (name, value, self._master.mark_digest(name, value)) for name, value in self.staged.marks.items()
        ]
        return self.staged

    def _stands(self, draft: Draft, leaf: Leaf) -> bool:
        name = (draft.source, draft.id)
        index = self.staged.names.get(name)
        digest = self._standing.names.get(name) if index is None else self.staged.drafts[index][1].digest
        if digest is None:
            return False
        if not hmac.compare_digest(digest, leaf.digest):
            raise HubError("conflict")
        return True

    def _stage_repeat(self, waiting: Waiting) -> None:
        indexes: list[int] = []
        standing: list[Recorded] = []
        for draft in waiting.append.drafts:
            name = (draft.source, draft.id)
            if (index := self.staged.names.get(name)) is not None:
                indexes.append(index)
            elif name in self._standing.names and (found := self._find(*name)):
                standing.append(found)
        # Its own salt in the leaf that stands: it is this very append, whose first acknowledgement was lost.
        own = bool(standing) and standing[0].leaf_data == waiting.leaves[0].data
        if waiting.append.on_repeat:
            self._raise(waiting.append.marks)
        self.staged.answers.append((waiting, indexes, tuple(standing), not own))

    def _raise(self, marks: Collection[Mark]) -> None:
        for mark in marks:
            self.staged.marks[mark.name] = max(mark.value, self.staged.marks.get(mark.name, 0))

    def _check_heads(self, heads: Mapping[str, int]) -> None:
        moved = tuple(name for name, version in heads.items() if self._streams[name].version != version)
        if moved:
            raise HeadMoved(moved)

    def _free_claims(self, append: Append) -> dict[tuple[str, bytes], str]:
        new: dict[tuple[str, bytes], str] = {}
        for claim in append.claims:
            name = (claim.kind, claim.name)
            held = new.get(name) or self.staged.claims.get(name) or self._standing.claims.get(name)
            if held is None:
                new[name] = held = claim.value
            if held != claim.value:
                raise ClaimTaken(claim.kind, held)
        return new

    def _new_key(self, name: str, stream: Stream) -> StreamKey:
        key, wrapped = self._master.new_key(name, self._chance.bytes(NEW_KEY_BYTES))
        self.staged.rows.keys.append((name, key.key_id, wrapped))
        stream.key = key
        return key


def make_leaves(master: MasterKey, chance: Chance, drafts: Sequence[Draft]) -> list[Leaf]:
    """The leaf of each draft under a salt of its own, and what its seal needs."""
    each = SALT_BYTES + NONCE_BYTES
    random = chance.bytes(each * len(drafts))
    return [
        _leaf(master, draft, random[start : start + SALT_BYTES], random[start + SALT_BYTES : start + each])
        for start, draft in zip(range(0, len(random), each), drafts, strict=True)
    ]


def _leaf(master: MasterKey, draft: Draft, salt: bytes, nonce: bytes) -> Leaf:
    data = leaf_data(draft.kind, draft.source, draft.id, salt, draft.payload)
    return Leaf(salt, nonce, data, leaf_hash(data), master.digest(PAYLOAD, draft.payload))


def check_append(append: Append) -> None:
    """Refuse what no store is asked about.

    Raises: HubError("schema").
    """
    if not append.drafts:
        raise HubError("schema", "An append holds at least one item.")
    for draft in append.drafts:
        # A line feed in a name would let one leaf read as another.
        text = draft.stream + draft.source + draft.id + draft.type
        parts = draft.stream and draft.source and draft.id and draft.type
        if not (parts and text.isascii() and text.isprintable() and " " not in text):
            raise HubError("schema", "Names of streams, sources, ids and types are printable ASCII.")
        if draft.kind not in KINDS:
            raise HubError("schema", "An item is an event or a record of the hub.")
    for mark in append.marks:
        check_mark(mark)


def check_mark(mark: Mark) -> None:
    """Refuse a mark that could not be read back the same.

    Raises: HubError("schema").
    """
    if not (mark.name and mark.name.isascii() and mark.name.isprintable()):
        raise HubError("schema", "The name of a mark is printable ASCII.")
    if not 0 <= mark.value <= MOST_VALUE:
        raise HubError("schema", "The value of a mark is a whole number that is not negative.")
