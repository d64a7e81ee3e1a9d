"""What the oracle reasons about: plain facts, taken from posts by its own reading of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

Data = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Posted:
    """One event as its sender posted it.

    Shape: `others` are the other children named in it, in order, as (child, role); a correction and a
    retraction name their target by `target`, the number of that event.
    """

    number: int
    child: str
    type: str
    organisation: str
    author: str
    received: datetime
    data: Data
    others: tuple[tuple[str, str], ...] = ()
    target: int | None = None

    @property
    def event(self) -> str:
        """The event's id."""
        return f"event-{self.number:012d}"


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as it reads now: corrected, and not retracted."""

    number: int
    child: str
    type: str
    organisation: str
    author: str
    received: datetime
    data: Data
    others: tuple[tuple[str, str], ...]
    corrected: bool = False

    def __getitem__(self, name: str) -> Any:
        return self.data.get(name)


@dataclass(frozen=True, slots=True)
class Reader:
    """A person with one role in one organisation."""

    person: str
    role: str

    @property
    def organisation(self) -> str:
        return self.person.partition("/")[0]

    @property
    def sector(self) -> str:
        """The kind of the organisation."""
        return self.person.partition(".")[0]


@dataclass(frozen=True, slots=True)
class World:
    """Some children, everything posted about them, and which authority each organisation is in."""

    posted: tuple[Posted, ...]
    areas: Mapping[str, str]
    born: Mapping[str, date]
    memo: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was once worked out about this world; it never changes."""

    def once(self, what: Any, work: Callable[[], T]) -> T:
        """The result of some work on this world, done the first time."""
        if what not in self.memo:
            self.memo[what] = work()
        found: T = self.memo[what]
        return found

    def known(self, now: datetime) -> World:
        """The same world as it was known at an instant."""
        if now in self.memo:
            return self  # It is of that instant already.
        return self.once(("known", now), lambda: self._known(now))

    def _known(self, now: datetime) -> World:
        posted = tuple(one for one in self.posted if one.received <= now)
        return World(posted, self.areas, self.born, {now: True})

    def current(self, child: str) -> list[Happening]:
        """The events of a child as they read now, in the order of their coming (H-02)."""
        return self.once(("current", child), lambda: self._current(child))

    def _current(self, child: str) -> list[Happening]:
        mine = [one for one in self.posted if one.child == child]
        numbers = {one.number: one for one in mine}
        gone: set[int] = set()
        texts: dict[int, Data] = {}
        for one in mine:
            target = numbers.get(one.target) if one.target is not None else None
            if target is None or target.organisation != one.organisation:
                continue
            if one.type == "event-retracted":
                gone.add(target.number)
            elif one.type == "event-corrected":
                texts[target.number] = one.data["replacement"]
        # A correction carries the whole replacement (C.0), and names others only where that does.
        return [
            Happening(
                one.number, child, one.type, one.organisation, one.author, one.received,
                texts.get(one.number, one.data), one.others if one.number not in texts else (),
                one.number in texts,
            )
            for one in mine
            if one.number not in gone and one.type not in ("event-corrected", "event-retracted")
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """What a reader is to a child at an instant, by G.00.

    Shape: `columns` are those of the D-33 table and the bases that stand beside it; `meetings` are the
    meetings of this child to which the reader is entitled by invitation or attendance; `sides` are those
    of the child; `young` is a child under ten; `joint` tells that an assessment is shared with its service.
    """

    columns: frozenset[str]
    meetings: frozenset[tuple[str, str]] = frozenset()
    sides: frozenset[str] = frozenset()
    young: bool = False
    joint: bool = False
    consult_only: bool = False


@dataclass(frozen=True, slots=True)
class Expected:
    """What the text allows one reader to get of one event.

    Shape: `outcomes` are those that the text allows; `may` are the fields that may be read, `must` those
    that have to be where they are filled and the entry is shown; `rows` are the checklist rows' owners
    that may be named, None for all; `because` says by which rules.
    """

    outcomes: frozenset[str]
    may: frozenset[str] = frozenset()
    must: frozenset[str] = frozenset()
    because: tuple[str, ...] = ()
    source: frozenset[bool] = field(default=frozenset({True, False}))

    def __or__(self, other: Expected) -> Expected:
        """Either reading is allowed."""
        return Expected(
            self.outcomes | other.outcomes,
            self.may | other.may,
            self.must & other.must,
            tuple(dict.fromkeys((*self.because, *other.because))),
            self.source | other.source,
        )


ORDER = "HRV"


def widest(answers: list[Expected]) -> Expected:
    """What a reader gets who is several things to a child at once: as much as each gives it.

    Shape: the outcome is the greatest of one choice of each; fields add up.
    """
    least = max((min(one.outcomes, key=ORDER.index) for one in answers), key=ORDER.index)
    every = {outcome for one in answers for outcome in one.outcomes}
    return Expected(
        frozenset(one for one in every if ORDER.index(one) >= ORDER.index(least)),
        frozenset[str]().union(*(one.may for one in answers)),
        frozenset[str]().union(*(one.must for one in answers)),
        tuple(dict.fromkeys(rule for one in answers for rule in one.because)),
    )
