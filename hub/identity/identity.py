"""Which child a reference names, and which streams are about one child."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Final

from hub.envelope import EventKey
from hub.errors import HubError
from hub.identity.records import (
    STREAM,
    ChildOpened,
    IdentityRecord,
    OpeningContested,
    ProvisionalOpened,
    ReferenceResolved,
    draft_of,
    read,
)
from hub.identity.references import named_child
from hub.record import Append, Claim, HeadMoved, Record, Recorded

_ATTEMPTS: Final = 5
_KIND: Final = "reference"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question for an identity reviewer: a provisional stream, or a contested opening.

    Shape: `others` and `event` are filled for a contested opening only.
    """

    child: str
    area: str | None
    since: datetime
    others: tuple[str, ...] = ()
    event: EventKey | None = None


@dataclass(slots=True)
class _State:
    """What stream `identity` says, folded up to `version`."""

    version: int = 0
    provisional: dict[str, ProvisionalOpened] = field(default_factory=dict)
    opened: dict[str, str] = field(default_factory=dict)
    joined: dict[str, str] = field(default_factory=dict)
    streams: dict[str, tuple[str, ...]] = field(default_factory=dict)
    contested: list[OpeningContested] = field(default_factory=list)


class Identity:
    """Resolves references to children as the record has it now.

    Every question reads the tail of stream `identity` first, so that a decision of another process
    binds at once. Nothing moves when streams are joined: a child then has more than one stream.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._lock = Lock()
        self._state = _State()
        self._begun = self._seen = 0
        # A claim never changes its value, so what was once found may be kept.
        self._claimed: dict[bytes, str] = {}

    def digest(self, reference: str) -> bytes:
        """The keyed digest under which a reference is claimed; the reference itself is never a key."""
        return self._record.digest("reference", reference.encode())

    def claim(self, reference: str, child: str) -> Claim:
        """The claim that gives a reference to one child only."""
        return Claim(_KIND, self.digest(reference), child)

    def resolve(self, reference: str) -> str | None:
        """The child that a reference names now, after all joins; None where nobody named it yet."""
        return self.child_of(self.digest(reference), named_child(reference))

    def resolve_all(self, references: Collection[str]) -> dict[str, str | None]:
        """The child that each of these references names now, as `resolve` says, with one look for all.

        1. Look up the claims that are not known yet, and the joins up to the same moment.
        2. A reference that is the hub's own id names that child where it has a stream.
        """
        # 1
        digests = {one: self.digest(one) for one in references}
        unknown = [(_KIND, one) for one in digests.values() if one not in self._claimed]
        with self._lock:
            self._begun += 1
            if unknown:
                glance = self._record.glance({STREAM: self._state.version}, unknown)
                self._claimed.update((digest, child) for (_, digest), child in glance.claims.items())
                state = self._take_in(glance.tails[STREAM])
            else:
                state = self._take_in(self._tail())
        owners = {one: self._claimed.get(digest) for one, digest in digests.items()}
        # 2
        named = {
            one: child
            for one in references
            if owners[one] is None and (child := named_child(one)) is not None
        }
        versions = self._record.versions([f"child/{child}" for child in named.values()]) if named else {}
        for one, child in named.items():
            owners[one] = child if versions.get(f"child/{child}", 0) else None
        return {one: None if owner is None else _canonical(state, owner) for one, owner in owners.items()}

    def owner(self, reference: str) -> str | None:
        """The child whose stream a reference was claimed for, before any join."""
        return self._owner(self.digest(reference))

    def child_of(self, digest: bytes, named: str | None = None) -> str | None:
        """The child that the digest of a reference stands for; `named` is an id that it spelled out."""
        claimed = self._owner(digest)
        if claimed is None and named is not None:
            stream = f"child/{named}"
            claimed = named if self._record.versions([stream]).get(stream, 0) else None
        return None if claimed is None else self.canonical(claimed)

    def canonical(self, child: str) -> str:
        """The child that a stream's id stands for after all joins."""
        return _canonical(self._refresh(), child)

    def streams_of(self, child: str) -> tuple[str, ...]:
        """All streams about a child: its own first, then the joined ones in the order of joining."""
        state = self._refresh()
        own = _canonical(state, child)
        return (f"child/{own}", *state.streams.get(own, ()))

    def children(self) -> Mapping[str, tuple[str, ...]]:
        """Every child that has a stream, after all joins, with all its streams; no event of theirs is read.

        Shape: whoever was ever opened was provisional first, if only within one append.
        """
        state = self._refresh()
        return {
            child: (f"child/{child}", *state.streams.get(child, ()))
            for child in list(state.provisional)
            if child not in state.joined
        }

    def provisional(self, child: str) -> bool:
        """Whether a child has neither been opened by an authority nor been joined to a child."""
        state = self._refresh()
        return child in state.provisional and child not in state.opened and child not in state.joined

    def version(self) -> int:
        """How far stream `identity` has been read; a decision notes it as one of its heads."""
        return self._refresh().version

    def queue(self) -> tuple[Waiting, ...]:
        """What waits for an identity reviewer, oldest first."""
        state = self._refresh()
        waiting = [
            Waiting(one.child, one.area, one.at)
            for one in list(state.provisional.values())
            if one.child not in state.opened and one.child not in state.joined
        ]
        waiting += [
            Waiting(one.child, state.opened.get(one.child), one.at, one.others, one.event)
            for one in list(state.contested)
        ]
        return tuple(sorted(waiting, key=lambda one: (one.since, one.child)))

    def join(self, decision: ReferenceResolved, record_id: str) -> None:
        """Join a provisional stream to the child that it is about, on an identity reviewer's decision.

        1. Read what stands; refuse what is not provisional, and a child that nobody ever named.
        2. Append on exactly that state, and begin again where another decision came first.

        Raises: HubError not-found (no such provisional stream or child), conflict (a stream cannot be
        joined to itself), store.
        """
        for _ in range(_ATTEMPTS):
            # 1
            state = self._refresh()
            version = state.version
            child = _canonical(state, decision.child)
            known = child in state.opened or child in state.provisional
            if not self.provisional(decision.provisional) or not known:
                raise HubError("not-found", "Name a waiting provisional stream, and a child that is known.")
            if child == decision.provisional:
                raise HubError("conflict", "A provisional stream cannot be joined to itself.")
            # 2
            record = ReferenceResolved(
                decision.provisional, child, decision.evidence, decision.decider, decision.at
            )
            append = Append((draft_of(record, record_id),), heads={STREAM: version})
            try:
                self._record.append(append).result()
            except HeadMoved:
                continue
            return
        raise HubError("store", "The same was being decided elsewhere; nothing was kept. Try again.")

    def _owner(self, digest: bytes) -> str | None:
        found = self._claimed.get(digest)
        if found is None:
            found = self._record.claimed(_KIND, digest)
            if found is not None:
                self._claimed[digest] = found
        return found

    def _refresh(self) -> _State:
        """Read what was appended since the last look; one look serves everybody who had asked before it."""
        asked = self._begun
        with self._lock:
            # A look that began after this was asked is as new as one of its own.
            if self._seen > asked:
                return self._state
            self._begun += 1
            return self._take_in(self._tail())

    def _tail(self) -> Sequence[Recorded]:
        """What was appended since the last look; asking for the version alone is cheap, and mostly enough."""
        version = self._state.version
        if self._record.versions([STREAM])[STREAM] == version:
            return ()
        return self._record.stream(STREAM, after=version)

    def _take_in(self, tail: Iterable[Recorded]) -> _State:
        """Take in what the look that was begun last has found."""
        for item in tail:
            record = read(item)
            if record is None:
                raise HubError("store", "The identity records cannot be opened with this master key.")
            _apply(self._state, item.version, record)
        self._seen = self._begun
        return self._state


def _apply(state: _State, version: int, record: IdentityRecord) -> None:
    """Take one more record in; readers look up single members, which is safe while this runs."""
    match record:
        case ProvisionalOpened():
            state.provisional[record.child] = record
        case ChildOpened():
            state.opened[record.child] = record.authority
        case OpeningContested():
            state.contested.append(record)
        case ReferenceResolved():
            moved = (f"child/{record.provisional}", *state.streams.get(record.provisional, ()))
            state.streams[record.child] = (*state.streams.get(record.child, ()), *moved)
            state.joined[record.provisional] = record.child
    state.version = version


def _canonical(state: _State, child: str) -> str:
    while child in state.joined:
        child = state.joined[child]
    return child
