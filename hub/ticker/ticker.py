"""Records deadlines that were missed: once per child, clock and due time, however many tickers look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from hub.directory import Directory
from hub.errors import HubError
from hub.identity import Identity
from hub.identity.records import STREAM as IDENTITY
from hub.pathway.profiles import adopted
from hub.record import Append, HeadMoved, Record
from hub.ticker.falling_due import falling_due
from hub.views import Missed, Views

PURPOSE: Final = "deadline-missed"
_ATTEMPTS: Final = 3
_CHILD: Final = "child/"
_MOST_READ: Final = 500
_HOPS: Final = 2
"""How far a change reaches: a clock looks at linked children, whose steps count by those linked to them."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """What the last look at a child found: how far its streams were, whom it is linked to, what is next."""

    versions: Mapping[str, int]
    linked: frozenset[str]
    due: datetime | None


class Ticker:
    """Looks at the clocks of all children and appends what was missed to their streams.

    Shape: what was seen is kept in memory alone: a ticker that is started again looks at every child once.
    Cost: an idle tick reads the record's head. A tick after a commit reads what was appended since the last
    one, or, where that is much or the identity records grew, one version per stream of a child; it folds the
    children whose streams moved, those linked to them (two links far), and those whose next due time has
    come. The first tick folds every child: linear in events, once.
    Trust: whatever it finds leaves through disclosure only. Not for several threads at once.
    """

    def __init__(self, *, record: Record, views: Views, identity: Identity, directory: Directory) -> None:
        self._record: Final = record
        self._views: Final = views
        self._identity: Final = identity
        self._directory: Final = directory
        self._looked: dict[str, _Looked] = {}
        # No due time that is kept is sooner: a tick before it need not go through those of all children.
        self._soonest: datetime | None = None
        self._head = -1
        self._leaf = b""
        self._profiles: Mapping[str, str | None] = {}
        # As of the tick: each clock asks, and the directory would be looked at in the record each time.
        self._profile_of: Final = adopted(
            lambda organisation: self._profiles.get(organisation), views.profiles
        )
        self._faulty: frozenset[str] = frozenset()

    @property
    def faults(self) -> int:
        """How many children could not be looked at; they are tried again with every tick."""
        return len(self._faulty)

    def next_due(self, now: datetime) -> datetime | None:
        """When to tick again if nothing is committed before; None where no clock runs.

        Shape: `now` itself where the ticker has not looked yet, or has to look again at once.
        """
        if self._head < 0 or self._faulty:
            return now
        dues = [one.due for one in self._looked.values() if one.due is not None]
        return max(now, min(dues)) if dues else None

    def tick(self, now: datetime) -> int:
        """Record what was missed by this instant of the domain clock; how many entries were added.

        Raises: HubError store or views-behind, where the next tick looks at the same children again.

        Procedure
          1. Note the head before anything is read: what comes later is seen by the next tick.
          2. The children whose streams moved since they were looked at, or all of them where an
             organisation adopted another procedure; and those whose next due time has come. What was
             appended says which moved, unless it is much, cannot be read, brought or joined children, or does
             not follow the item that was seen last.
          3. Look at them, and at the children that a change of theirs may concern.
        """
        head = self._record.head().position  # 1
        moved = self._moved(head) if head != self._head else set()  # 2
        due = self._due(now)
        first = moved | due | self._faulty
        try:
            added, faulty = self._look_at(first, moved, now)  # 3
        except HubError:
            for child in first & self._looked.keys():
                self._note(child, _Looked({}, self._looked[child].linked, self._looked[child].due))
            self._head = -1
            raise
        self._faulty = frozenset(faulty)
        self._head = head
        return added

    def _due(self, now: datetime) -> set[str]:
        """The children whose next due time has come; each is looked at now, and gets another or none."""
        if self._soonest is None or now < self._soonest:
            return set()
        dues = {child: one.due for child, one in self._looked.items() if one.due is not None}
        # Those that have come are among them until they were looked at, whatever happens until then.
        self._soonest = min(dues.values(), default=None)
        return {child for child, due in dues.items() if due <= now}

    def _note(self, child: str, looked: _Looked) -> None:
        self._looked[child] = looked
        if looked.due is not None and (self._soonest is None or looked.due < self._soonest):
            self._soonest = looked.due

    def _moved(self, head: int) -> set[str]:
        profiles = {one.id: one.profile for one in self._directory.organisations()}
        if profiles != self._profiles:
            self._profiles = profiles
            self._looked = {child: _Looked({}, one.linked, one.due) for child, one in self._looked.items()}
            self._head = -1
        appended, self._leaf = self._appended(head)
        if appended is not None:
            found = {self._identity.canonical(one.removeprefix(_CHILD)) for one in appended}
            if found <= self._looked.keys():
                return found
        streams = self._identity.children()
        versions = self._record.versions(one for named in streams.values() for one in named)
        # A child that was joined to another has no clocks of its own any more.
        self._looked = {child: one for child, one in self._looked.items() if child in streams}
        return {
            child
            for child, named in streams.items()
            if child not in self._looked
            or self._looked[child].versions != {one: versions[one] for one in named}
        }

    def _appended(self, head: int) -> tuple[set[str] | None, bytes]:
        """The streams of children to which something was appended, and the leaf of the item at the head.

        Shape: None where the streams have to be compared instead.
        """
        near = 0 < self._head < head <= self._head + _MOST_READ
        first = self._head if near else head
        try:
            items = self._record.log(first - 1, head - first + 1) if head > 0 else []
        except HubError:
            items = []  # one item that cannot be read must not stop the clocks of all children
        if not items or (items[0].position, items[-1].position) != (first, head):
            return None, b""
        streams = {one.stream for one in items[1:]}
        follows = near and items[0].leaf_data == self._leaf
        if not follows or IDENTITY in streams:
            return None, items[-1].leaf_data
        return {one for one in streams if one.startswith(_CHILD)}, items[-1].leaf_data

    def _look_at(self, first: Iterable[str], moved: set[str], now: datetime) -> tuple[int, set[str]]:
        """Look at children, then at those linked to the ones that moved, as far as a change reaches."""
        added = 0
        done: set[str] = set()
        faulty: set[str] = set()
        turn, changed = set(first), set(moved)
        for _ in range(_HOPS + 1):
            before = {child: self._linked(child) for child in changed}
            for child in sorted(turn - done):
                done.add(child)
                try:
                    added += self._look(child, now)
                except (HubError, ValueError, KeyError, TypeError) as fault:
                    self._must_be_of_this_child(fault)
                    faulty.add(child)
            changed = {other for child in changed for other in before[child] | self._linked(child)}
            turn = changed
        return added, faulty

    def _linked(self, child: str) -> frozenset[str]:
        found = self._looked.get(child)
        return found.linked if found else frozenset()

    def _must_be_of_this_child(self, fault: Exception) -> None:
        """Raise a fault that concerns everybody; one damaged child must not stop the clocks of the others."""
        if isinstance(fault, HubError):
            if fault.slug != "store":
                raise fault
            self._record.head()

    def _look(self, child: str, now: datetime) -> int:
        """Fold one child, append what it missed, and note when to look again.

        1. Fold the child and those linked to it; the append rests on the heads at which they were read.
        2. Append; where one of them moved, for instance because the meeting was just recorded, fold again.
        3. Where others keep moving them, the child's turn comes again with the next tick.
        """
        added = 0
        for _ in range(_ATTEMPTS):
            judged = self._views.judged(child)  # 1
            found = falling_due(judged.view, judged.linked, now=now, profile_of=self._profile_of)
            versions = {one: judged.heads[one] for one in judged.view.streams}
            self._note(child, _Looked(versions, judged.view.linked, found.next_due))
            try:
                heads = dict(judged.heads)
                for one in found.missed:  # 2
                    if self._append(child, one, heads, now):
                        added += 1
                        heads[f"child/{child}"] += 1
            except HeadMoved:
                continue
            return added
        self._note(child, _Looked({}, judged.view.linked, now))  # 3
        return added

    def _append(self, child: str, missed: Missed, heads: Mapping[str, int], now: datetime) -> bool:
        """Append one entry; whether it is new. Another ticker's entry for the same is no conflict."""
        name = f"{child}\n{missed.clock}\n{missed.due.astimezone(UTC).isoformat()}"
        digest = self._record.digest(PURPOSE, name.encode())
        draft = missed.draft(child, str(UUID(bytes=digest[:16], version=5)), now)
        try:
            return not self._record.append(Append((draft,), heads=heads)).result().duplicate
        except HubError as fault:
            if fault.slug != "conflict":
                raise
            return False
