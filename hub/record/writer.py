"""The only place that appends: decides each item of a group inside one durable transaction."""

from __future__ import annotations

import hmac
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import orjson
from eventsourcing.persistence import StoredEvent

from hub.errors import HubError
from hub.record.connections import LogLimit, connect, immediate
from hub.record.faults import ClaimTaken, HeadMoved
from hub.record.group import GroupCommit
from hub.record.leaf import KINDS, SALT_BYTES, leaf_data, leaf_hash
from hub.record.ports import Chance
from hub.record.reader import Reader, live_key
from hub.record.recorder import TOPICS, Beside, HubRecorder, ItemRow, read_head
from hub.record.sealing import NEW_KEY_BYTES, NONCE_BYTES, MasterKey, StreamKey, seal_item
from hub.record.types import Append, Appended, Draft, Recorded

PAYLOAD: Final = "payload"
CLAIM: Final = "claim"
_MOST_STREAMS: Final = 20_000


@dataclass(slots=True)
class _Stream:
    """What the writer knows of a stream: its version and, once needed, its live data key."""

    version: int
    key: StreamKey | None


@dataclass(slots=True)
class _Leaf:
    """The parts of one draft that need nothing of the record's state."""

    salt: bytes
    nonce: bytes
    data: bytes
    hash: bytes
    digest: bytes


class _Waiting:
    """One append in the queue, with everything computed that can be before its turn."""

    __slots__ = ("append", "future", "leaves", "size")

    def __init__(self, append: Append, leaves: list[_Leaf], future: Future[Appended]) -> None:
        self.append = append
        self.leaves = leaves
        self.future = future
        self.size = sum(len(d.payload) + len(d.body) for d in append.drafts)

    def fail(self, fault: BaseException) -> None:
        """Answer with a refusal; what is not a refusal of the hub says nothing about its cause."""
        if not self.future.done():
            self.future.set_exception(fault if isinstance(fault, HubError) else HubError("store"))


@dataclass(slots=True)
class _Staged:
    """What the current transaction will insert, and whom it answers once it is durable.

    Shape: `answers` hold indexes into `drafts`, or items that already stood; `standing` are the names of
    the group that the record holds, with the digest of their payload; `names` and `claims` are what
    this transaction adds and no query sees yet.
    """

    standing: dict[tuple[str, str], bytes] = field(default_factory=dict)

    events: list[StoredEvent] = field(default_factory=list)
    items: list[ItemRow] = field(default_factory=list)
    keys: list[tuple[str, bytes, bytes]] = field(default_factory=list)
    claims: dict[tuple[str, bytes], str] = field(default_factory=dict)
    names: dict[tuple[str, str], int] = field(default_factory=dict)
    drafts: list[tuple[Draft, _Leaf, int]] = field(default_factory=list)
    answers: list[tuple[_Waiting, list[int], tuple[Recorded, ...], bool]] = field(default_factory=list)
    refused: list[tuple[_Waiting, Exception]] = field(default_factory=list)


class Writer:
    """Appends in groups; what it answers is durable.

    Trust: several processes may write the same file, so heads, names and claims are read inside the
    transaction; what is kept from earlier transactions is dropped when another connection has committed.
    """

    def __init__(
        self, recorder: HubRecorder, path: str, master: MasterKey, chance: Chance, reader: Reader
    ) -> None:
        self._recorder: Final = recorder
        self._path: Final = path
        self._master: Final = master
        self._chance: Final = chance
        self._reader: Final = reader
        self._connection: sqlite3.Connection | None = None
        self._log_limit: Final = LogLimit(path)
        self._streams: dict[str, _Stream] = {}
        self._data_version = -1
        self._listeners: tuple[Callable[[int], None], ...] = ()
        self._group: Final = GroupCommit[_Waiting](self._commit)

    def append(self, append: Append) -> Future[Appended]:
        """Queue an append; the future is resolved after the commit that holds it."""
        future: Future[Appended] = Future()
        # From here it cannot be cancelled: it may be durable before anybody could say so.
        future.set_running_or_notify_cancel()
        try:
            self._group.put(_Waiting(append, [self._leaf(draft) for draft in _checked(append)], future))
        except HubError as fault:
            future.set_exception(fault)
        return future

    def subscribe(self, listener: Callable[[int], None]) -> None:
        """Call `listener` with the last position after each commit; it must only wake somebody up."""
        self._listeners = (*self._listeners, listener)

    def close(self) -> None:
        """Commit what is queued, then close the connection."""
        self._group.close()
        self._drop_connection()

    def _leaf(self, draft: Draft) -> _Leaf:
        random = self._chance.bytes(SALT_BYTES + NONCE_BYTES)
        salt = random[:SALT_BYTES]
        data = leaf_data(draft.kind, draft.source, draft.id, salt, draft.payload)
        digest = self._master.digest(PAYLOAD, draft.payload)
        return _Leaf(salt, random[SALT_BYTES:], data, leaf_hash(data), digest)

    def _commit(self, group: list[_Waiting]) -> None:
        """Append a group in one transaction and answer its members.

        1. Open the transaction with the write lock; drop what is kept if somebody else committed; see
           which names of the group already stand.
        2. Judge and stage each append in order; a refusal concerns that append alone.
        3. Insert all staged rows, commit.
        4. Only then answer.
        """
        staged = _Staged()
        try:
            # 1.
            if self._connection is None:
                self._connection = connect(self._path)
            with immediate(self._connection) as cursor:
                self._forget_if_moved(cursor)
                staged.standing = _standing(cursor, group)
                # 2.
                for waiting in group:
                    try:
                        self._stage(cursor, staged, waiting)
                    except sqlite3.Error:
                        raise
                    except Exception as fault:
                        staged.refused.append((waiting, fault))
                # 3.
                first_leaf = read_head(cursor).leaves
                positions = range(0)
                if staged.events:
                    claims = [
                        (kind, name, value, self._claim_digest(kind, name, value))
                        for (kind, name), value in staged.claims.items()
                    ]
                    beside = Beside(staged.items, staged.keys, claims)
                    positions = self._recorder.insert_within(cursor, staged.events, beside)
        except BaseException as fault:
            self._drop_connection()
            if len(group) > 1 and _concerns_one(fault):
                # Each is tried alone, so that the one fails alone.
                for waiting in group:
                    self._commit([waiting])
                return
            for waiting in group:
                waiting.fail(HubError("store"))
            return
        # 4.
        self._answer(staged, positions, first_leaf)
        self._log_limit.keep(self._connection)

    def _forget_if_moved(self, cursor: sqlite3.Cursor) -> None:
        version = cursor.execute("PRAGMA data_version").fetchone()[0]
        if version != self._data_version or len(self._streams) > _MOST_STREAMS:
            self._streams.clear()
            self._data_version = version

    def _drop_connection(self) -> None:
        # After a fault nothing that was kept may be believed, the connection included.
        self._streams.clear()
        self._data_version = -1
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _stage(self, cursor: sqlite3.Cursor, staged: _Staged, waiting: _Waiting) -> None:
        """Judge one append as if it were alone, on the record as the earlier ones of the group leave it.

        1. Names: the first draft decides whether this is a repeat; another draft must be new.
        2. Heads, then claims.
        3. Seal every draft, then stage all of them: from here nothing can refuse.
        """
        append = waiting.append
        # 1.
        if self._stands(staged, append.drafts[0], waiting.leaves[0]):
            self._stage_repeat(cursor, staged, waiting)
            return
        if len(append.drafts) > 1:
            names = {(draft.source, draft.id) for draft in append.drafts}
            if (
                len(names) < len(append.drafts)
                or names & staged.names.keys()
                or names & staged.standing.keys()
            ):
                raise HubError("conflict")
        # 2.
        if append.heads:
            self._check_heads(cursor, append.heads)
        claims = self._free_claims(cursor, staged, append) if append.claims else {}
        # 3.
        sealed: list[tuple[Draft, _Leaf, _Stream, bytes]] = []
        for draft, leaf in zip(append.drafts, waiting.leaves, strict=True):
            stream = self._stream(cursor, draft.stream)
            key = stream.key or self._new_key(staged, draft.stream, stream)
            name = (draft.source, draft.id, draft.type)
            sealed.append((draft, leaf, stream, seal_item(key, leaf.nonce, name, leaf.salt, draft.body)))
        first = len(staged.drafts)
        for draft, leaf, stream, state in sealed:
            stream.version += 1
            staged.names[draft.source, draft.id] = len(staged.drafts)
            staged.drafts.append((draft, leaf, stream.version))
            staged.events.append(StoredEvent(draft.stream, stream.version, TOPICS[draft.kind], state))
            staged.items.append((draft.source, draft.id, draft.type, leaf.data, leaf.hash, leaf.digest))
        staged.claims.update(claims)
        staged.answers.append((waiting, list(range(first, len(staged.drafts))), (), False))

    def _stands(self, staged: _Staged, draft: Draft, leaf: _Leaf) -> bool:
        name = (draft.source, draft.id)
        index = staged.names.get(name)
        digest = staged.standing.get(name) if index is None else staged.drafts[index][1].digest
        if digest is None:
            return False
        if not hmac.compare_digest(digest, leaf.digest):
            raise HubError("conflict")
        return True

    def _stage_repeat(self, cursor: sqlite3.Cursor, staged: _Staged, waiting: _Waiting) -> None:
        indexes: list[int] = []
        standing: list[Recorded] = []
        for draft in waiting.append.drafts:
            name = (draft.source, draft.id)
            if (index := staged.names.get(name)) is not None:
                indexes.append(index)
            elif name in staged.standing and (found := self._reader.find_within(cursor.connection, *name)):
                standing.append(found)
        staged.answers.append((waiting, indexes, tuple(standing), True))

    def _check_heads(self, cursor: sqlite3.Cursor, heads: Mapping[str, int]) -> None:
        moved = tuple(
            name for name, version in heads.items() if self._stream(cursor, name).version != version
        )
        if moved:
            raise HeadMoved(moved)

    def _free_claims(
        self, cursor: sqlite3.Cursor, staged: _Staged, append: Append
    ) -> dict[tuple[str, bytes], str]:
        new: dict[tuple[str, bytes], str] = {}
        for claim in append.claims:
            name = (claim.kind, claim.name)
            held = new.get(name) or staged.claims.get(name)
            if held is None:
                row = cursor.execute("SELECT value FROM claims WHERE kind = ? AND name = ?", name).fetchone()
                held = row[0] if row else None
                if held is None:
                    new[name] = held = claim.value
            if held != claim.value:
                raise ClaimTaken(claim.kind, held)
        return new

    def _stream(self, cursor: sqlite3.Cursor, name: str) -> _Stream:
        stream = self._streams.get(name)
        if stream is None:
            row = cursor.execute(
                "SELECT MAX(originator_version) FROM stored_events WHERE originator_id = ?", (name,)
            ).fetchone()
            key = live_key(cursor.connection, self._master, name)
            stream = self._streams[name] = _Stream(row[0] or 0, key)
        return stream

    def _new_key(self, staged: _Staged, name: str, stream: _Stream) -> StreamKey:
        key, wrapped = self._master.new_key(name, self._chance.bytes(NEW_KEY_BYTES))
        staged.keys.append((name, key.key_id, wrapped))
        stream.key = key
        return key

    def _claim_digest(self, kind: str, name: bytes, value: str) -> bytes:
        return self._master.row_digest(CLAIM, kind.encode(), name, value.encode())

    def _answer(self, staged: _Staged, positions: range, first_leaf: int) -> None:
        if positions:
            for listener in self._listeners:
                # A listener only wakes somebody up; its fault must not become the answer of an append.
                with suppress(Exception):
                    listener(positions[-1])
        recorded = [
            Recorded(
                positions[index], draft.stream, version, draft.kind, draft.source, draft.id, draft.type,
                first_leaf + index, leaf.data, leaf.salt, draft.body,
            )
            for index, (draft, leaf, version) in enumerate(staged.drafts)
        ]  # fmt: skip
        for waiting, indexes, standing, repeat in staged.answers:
            items = (*standing, *(recorded[index] for index in indexes))
            waiting.future.set_result(Appended(items, repeat))
        for waiting, fault in staged.refused:
            waiting.fail(fault)


def _standing(cursor: sqlite3.Cursor, group: list[_Waiting]) -> dict[tuple[str, str], bytes]:
    """The names of a group that the record holds already, with the digest of their payload."""
    names = [(draft.source, draft.id) for waiting in group for draft in waiting.append.drafts]
    # One statement for all: a statement for each costs more than the insert of its row.
    rows = cursor.execute(
        "SELECT i.source, i.id, i.payload_digest FROM json_each(?) AS name CROSS JOIN items AS i"
        " ON i.id = json_extract(name.value, '$[1]') AND i.source = json_extract(name.value, '$[0]')",
        (orjson.dumps(names),),
    )
    return {(source, id): digest for source, id, digest in rows}


def _concerns_one(fault: BaseException) -> bool:
    """Whether a fault comes of one member: a rule of the tables, or a damaged row that was looked up.

    A fault of the store itself (full, locked, failing) carries SQLite's code and concerns everybody.
    """
    if isinstance(fault, sqlite3.IntegrityError | sqlite3.DataError):
        return True
    return isinstance(fault, sqlite3.Error) and getattr(fault, "sqlite_errorcode", None) is None


def _checked(append: Append) -> tuple[Draft, ...]:
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
    return append.drafts
