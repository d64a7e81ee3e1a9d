"""What the procedures reason about: entries of a child, whole or as one reader got them.

The same functions run over a whole fold (gates, ticker) and over the already disclosed set of one
reader, so every field of `data` may be absent; a function that needs it does without or says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from typing import Literal, TypeVar, cast

from hub.catalogue import Occurred as Occurred
from hub.catalogue import Precision as Precision
from hub.catalogue.scales import Scale
from hub.envelope import EventKey, JsonObject

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Other:
    """Another child named in an event.

    Shape: `index` counts from 1 as in `{{other:1}}`; `reference` is a keyed digest of the reference
    (hex), never the reference; `child` is the other child's id where the reference resolves now,
    its provisional id where it is provisional, else None.
    """

    index: int
    role: str | None
    reference: str
    child: str | None


@dataclass(frozen=True, slots=True)
class Correction:
    """That an entry was corrected: when it was posted, by whom, and the reason."""

    received_at: datetime
    organisation: str
    author: str
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of one child, as it stands now: corrected, never with another child's identity.

    Shape: `type` is kebab case (`incident-recorded`); `organisation` is None where it is withheld;
    `about` is the event this one is about; `awaiting` names who has not yet agreed to a decision;
    `scale` is the partnership's own level scale that its level is of, as it stood when it was posted.
    Units: all times aware UTC.
    """

    key: EventKey
    child: str
    position: int
    type: str
    organisation: str | None
    author: str | None
    author_role: str | None
    occurred: Occurred
    recorded_at: datetime
    received_at: datetime
    recorded_late: bool
    data: JsonObject
    others: tuple[Other, ...] = ()
    about: EventKey | None = None
    corrections: tuple[Correction, ...] = ()
    awaiting: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    provisional: bool = False
    scale: Scale | None = None


def once(kept: dict[str, object], name: str, make: Callable[[], T]) -> T:
    """What is kept under a name, made when it is asked for first."""
    if name not in kept:
        kept[name] = make()
    return cast(T, kept[name])


class Entries(tuple[Entry, ...]):
    """Entries of one child that know where those of a type stand, for rules that look often.

    Shape: equal to the plain tuple in every way; what is kept beside follows from the entries alone.
    """

    def of(self, types: tuple[str, ...]) -> list[Entry]:
        """Those of these types that are in effect, in their order."""
        if len(types) == 1:
            return [one for _, one in self._places.get(types[0], ())]
        rows = sorted(
            (row for type_ in {*types} for row in self._places.get(type_, ())), key=lambda row: row[0]
        )
        return [one for _, one in rows]

    def said(self, *types: str) -> list[Entry]:
        """Those of these types whether in effect or not, in the order of the record."""
        if len(types) == 1:
            return self._said.get(types[0], [])
        return sorted(
            (one for type_ in {*types} for one in self._said.get(type_, ())), key=lambda one: one.position
        )

    def posted_by(self, kind: str) -> Iterator[Entry]:
        """Those that organisations of this kind posted, organisation by organisation."""
        for organisation, posts in self.posted.items():
            if organisation.partition(".")[0] == kind:
                yield from posts

    @classmethod
    def over(cls, entries: Iterable[Entry]) -> Entries:
        """These entries; those that know their places keep knowing them."""
        return entries if isinstance(entries, Entries) else cls(entries)

    def without(self, entry: Entry) -> Entries:
        """These without one of them, which need not be there."""
        return _Without(self, entry)

    @cached_property
    def places(self) -> Mapping[EventKey, int]:
        """Where each stands, by its event."""
        return {one.key: place for place, one in enumerate(self)}

    @cached_property
    def posted(self) -> Mapping[str, list[Entry]]:
        """Those whose organisation shows, by organisation, in their order."""
        found: dict[str, list[Entry]] = {}
        for one in self:
            if one.organisation is not None:
                found.setdefault(one.organisation, []).append(one)
        return found

    @cached_property
    def keyed(self) -> Mapping[EventKey, Entry]:
        """Each by its event."""
        return {one.key: one for one in self}

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What was made of these entries under this name, made when it is asked for first."""
        return once(self._kept, name, make)

    def made_of(self, types: tuple[str, ...], name: str, make: Callable[[Entries], T]) -> T:
        """What is made of those of these types alone, made when it is asked for first.

        Shape: `make` looks at no other type; what it gives is nobody's to change.
        """
        return self.once(name, lambda: make(self))

    @cached_property
    def _kept(self) -> dict[str, object]:
        return {}

    @cached_property
    def _said(self) -> Mapping[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for one in sorted(self, key=attrgetter("position")):
            found.setdefault(one.type, []).append(one)
        return found

    @cached_property
    def _places(self) -> Mapping[str, list[tuple[int, Entry]]]:
        found: dict[str, list[tuple[int, Entry]]] = {}
        for place, one in enumerate(self):
            if not one.awaiting:
                found.setdefault(one.type, []).append((place, one))
        return found


class _Without(Entries):
    """Entries that are known already, one left out: where those of a type stand is looked up there."""

    _all: Entries
    _left_out: Entry

    def __new__(cls, entries: Entries, left_out: Entry) -> _Without:
        """Without the one of this key; the places are not looked for again."""
        place = entries.places.get(left_out.key)
        kept = entries if place is None else entries[:place] + entries[place + 1 :]
        made = super().__new__(cls, kept)
        made._all, made._left_out = entries, left_out if place is None else entries[place]
        return made

    def __init__(self, entries: Entries, left_out: Entry) -> None:
        """Made as it is."""

    def of(self, types: tuple[str, ...]) -> list[Entry]:
        """Those of these types that are in effect, in their order."""
        found = self._all.of(types)
        return [one for one in found if one is not self._left_out] if self._is(types) else found

    def posted_by(self, kind: str) -> Iterator[Entry]:
        """Those that organisations of this kind posted, organisation by organisation."""
        return (one for one in self._all.posted_by(kind) if one is not self._left_out)

    def made_of(self, types: tuple[str, ...], name: str, make: Callable[[Entries], T]) -> T:
        """What is made of those of these types alone: as of all, where the one left out is another."""
        return super().made_of(types, name, make) if self._is(types) else self._all.made_of(types, name, make)

    def _is(self, types: tuple[str, ...]) -> bool:
        return self._left_out.type in types


def by_key(entries: Iterable[Entry]) -> Mapping[EventKey, Entry]:
    """The entries, each by its event."""
    return Entries.over(entries).keyed


def said(entries: Iterable[Entry], *types: str) -> list[Entry]:
    """The entries of these types, whether in effect or not, in the order of the record."""
    return Entries.over(entries).said(*types)


@dataclass(frozen=True, slots=True)
class Told:
    """That an agency was told something of a child: by a disclosure, or by attending or an invitation."""

    organisation: str
    at: datetime
    evidence: EventKey | None


@dataclass(frozen=True, slots=True)
class Sight:
    """What a reader always gets something of, by its role towards one child, whatever was filled.

    Shape: `types` are event types; `fields` the members of each that remain for this reader in every
    event of it (`organisation` of an entry is `poster`).
    """

    types: frozenset[str]
    fields: Mapping[str, frozenset[str]]

    def reads(self, wanted: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether these members of these types always remain (H-20, absence)."""
        return all(
            one in self.types and self.fields.get(one, frozenset()).issuperset(members)
            for one, members in wanted.items()
        )


@dataclass(frozen=True, slots=True)
class Material:
    """What a pathway function may look at: one child's entries and those of linked children.

    Shape: `entries` in chronology order (occurred.sort_at, then position). `linked` maps the other
    child's id to its entries, only those children the reader holds a relationship with (whole folds:
    every linked child). `told` as the reader may know it. `complete` names the event types that the
    reader's role is allowed to see, at least redacted, on this child and on every linked child looked
    at: a statement of absence that another type could make untrue is left out. None means a whole fold.
    `sight` says the same of single members, of this child and of each linked one; a child without one
    is as `complete` has it.
    """

    child: str
    entries: tuple[Entry, ...]
    linked: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    told: tuple[Told, ...] = ()
    complete: frozenset[str] | None = None
    says_neither: bool = False
    date_of_birth: date | None = None
    authority: str | None = None
    sight: Mapping[str, Sight] = field(default_factory=dict)

    def without(self, entry: Entry) -> Material:
        """The same without one of the child's entries; every member is named, as copying is slow."""
        return Material(
            child=self.child,
            entries=Entries.over(self.entries).without(entry),
            linked=self.linked,
            told=self.told,
            complete=self.complete,
            says_neither=self.says_neither,
            date_of_birth=self.date_of_birth,
            authority=self.authority,
            sight=self.sight,
        )

    def sees(self, *types: str) -> bool:
        """Whether the role may see every one of these event types (H-20, absence)."""
        return self.complete is None or all(one in self.complete for one in types)

    def reads(self, wanted: Mapping[str, tuple[str, ...]], child: str | None = None) -> bool:
        """Whether the role always reads these members of these types, on this child or a linked one."""
        found = self.sight.get(child or self.child)
        return found.reads(wanted) if found is not None else self.sees(*wanted)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an overview: which rule, in plain words, resting on which entries.

    Shape: `values` holds the computed values by name, for scripts and tests (dates ISO, counts).
    """

    rule: str
    requirement: str
    text: str
    evidence: tuple[EventKey, ...]
    settings: Mapping[str, str | int] = field(default_factory=dict)
    values: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deadline:
    """One clock of a child: started, due, met or not, and who is responsible.

    Units: aware UTC; `due_at` of a calendar clock is the end of that London day (exclusive).
    Shape: `state` is running, warning, missed, met, met-late or stopped; `times` names further
    instants (`arranged_at`, `held_at`, `met_as_received_at`...). A reader who may have the date only
    gets `due_on` alone: no start, no state, since what would tell them is withheld. `subject` is the
    linked child whose clock it is; None is the child that was asked about.
    """

    clock: str
    requirement: str
    source: str
    text: str
    starts_at: datetime | None
    warn_at: datetime | None
    due_at: datetime | None
    due_on: date | None
    state: Literal["running", "warning", "missed", "met", "met-late", "stopped"] | None
    responsible: str | None
    responsible_person: str | None
    evidence: tuple[EventKey, ...]
    times: Mapping[str, datetime] = field(default_factory=dict)
    settings: Mapping[str, str | int] = field(default_factory=dict)
    subject: str | None = None
