"""The frozen types of a folded child: posts, grants, links, and the child's view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal, TypeAlias

from hub.catalogue.scales import Scale
from hub.envelope import EventKey, JsonObject
from hub.pathway.entries import Entries, Entry

GrantKind: TypeAlias = Literal[
    "allocated",
    "enquiry",
    "front-door",
    "enrolled",
    "treated",
    "supervised",
    "placed",
    "carer",
    "group-member",
    "cover",
    "iro",
    "chair",
    "smg",
    "early-help",
    "spoc",
    "mappa",
    "respondent",
    "emergency",
    "invited",
    "attendee",
]


@dataclass(frozen=True, slots=True)
class Named:
    """Another child named in a post: which one, without the reference.

    Shape: `index` is the number in `{{other:n}}`; `digest` is the keyed digest of the reference (hex);
    `child` is the id that the reference spelled out, if it was the hub's own.
    """

    index: int
    digest: str
    child: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One agency event as it was posted, read from the record; other children are numbers in it.

    Shape: `stream` is where it stands; `version` is that of the type as posted; `data` is the signed data,
    as the newest version has it, with `{{other:n}}` in the place of each reference; `area` is the
    poster's authority, and `author_roles` are the author's roles at receipt; `references` names this
    child: the subject, and the identifiers that the post won for the child; `pointed` is the event that
    `entry_id` in the data named at receipt; `scale` is the level scale of a partnership's own that its level
    was of at receipt.
    Units: times aware UTC.
    """

    key: EventKey
    stream: str
    position: int
    type: str
    version: int
    organisation: str
    area: str | None
    author: str | None
    author_role: str | None
    author_roles: frozenset[str]
    recorded_at: datetime
    received_at: datetime
    data: JsonObject
    flags: tuple[str, ...]
    named: tuple[Named, ...]
    references: tuple[str, ...]
    pointed: EventKey | None = None
    scale: Scale | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A relationship with a child, as the events grant it now (G.00).

    Shape: `person` None is the whole organisation, as its people's roles allow; `basis` is the event
    that granted it; `meeting` is filled for invitations and attendance. `papers` limits it to the
    meetings named; `covers` is the person in whose place a cover stands.
    Units: aware UTC, `[from_, until)`; `until` None is open.
    """

    kind: GrantKind
    organisation: str
    person: str | None
    from_: datetime
    until: datetime | None
    basis: EventKey
    meeting: str | None = None
    papers: tuple[str, ...] = ()
    covers: str | None = None

    def current(self, now: datetime) -> bool:
        """Whether the relationship stands at an instant."""
        return self.from_ <= now and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Handover:
    """That a child came under another authority, by its acknowledgement.

    Shape: what stands at `position` or before it was the former authority's concern; `basis` is the
    acknowledgement.
    Units: `at` aware UTC, its receipt.
    """

    position: int
    at: datetime
    from_authority: str
    to_authority: str
    basis: EventKey


@dataclass(frozen=True, slots=True)
class Awaited:
    """Who had yet to agree to a decision until an instant."""

    until: datetime
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkEntry:
    """That an entry on one child's stream names another child as part of the same incident.

    Shape: `child` is whose stream it stands on, `other` whom it names; both after all joins.
    Trust: hub-internal; a reader learns of it through disclosure only (D-51).
    """

    key: EventKey
    type: str
    organisation: str
    position: int
    received_at: datetime
    child: str
    other: str


@dataclass(frozen=True, slots=True)
class Folded:
    """What one child's own streams say, before anything of linked children is looked at.

    Shape: `posts` in the order of the record; `entries` in chronology order; `names` are the links that
    this child's entries make. `digests` are the keyed digests of all references to this child (hex).
    """

    child: str
    provisional: bool
    streams: tuple[str, ...]
    posts: tuple[Post, ...]
    entries: Entries
    openings: tuple[EventKey, ...]
    authority: str | None
    area: str | None
    schools: tuple[str, ...]
    date_of_birth: date | None
    names: tuple[LinkEntry, ...]
    handovers: tuple[Handover, ...] = ()

    def authority_at(self, position: int) -> str | None:
        """The responsible authority for what stands at a position of the record."""
        former = (one.from_authority for one in self.handovers if position <= one.position)
        return next(former, self.authority)

    def granting_at(self, position: int) -> str | None:
        """Who lets others in by what stands at a position; the first area while nobody is responsible."""
        return self.authority_at(position) or self.area

    def granted(self, entry: Entry) -> bool:
        """Whether an entry comes, as it now reads, from who was responsible when it was said.

        Trust: a former authority's later correction would otherwise let somebody in who was not named.
        """
        mine = entry.organisation == self.granting_at(entry.position)
        left = next((one.at for one in self.handovers if entry.position <= one.position), None)
        return mine and (left is None or all(one.received_at < left for one in entry.corrections))


@dataclass(frozen=True, slots=True)
class ChildView:
    """One child folded from all its streams, reader-free: what disclosure decides on.

    Shape: `entries` are current: corrected, without retracted ones, in chronology order. `grants` are
    all relationships ever granted, with their ends. `authority` is the responsible one, None while the
    child is provisional; `area` is the authority of the first poster; `openings` are the entries that
    set them. `linked` and `link_entries` are
    hub-internal. `head` is the position of the record up to which this is folded.
    """

    child: str
    provisional: bool
    streams: tuple[str, ...]
    entries: tuple[Entry, ...]
    grants: tuple[Grant, ...]
    authority: str | None
    area: str | None
    schools: tuple[str, ...]
    date_of_birth: date | None
    openings: tuple[EventKey, ...]
    linked: frozenset[str]
    link_entries: tuple[LinkEntry, ...]
    head: int = field(compare=False)
    known: Mapping[EventKey, tuple[Entry, ...]] = field(repr=False)
    """Each entry's earlier texts, oldest first, so that what was known at an instant can be told."""
    awaited: Mapping[EventKey, tuple[Awaited, ...]] = field(default_factory=dict, repr=False)
    """Who had yet to agree to each decision, for the same reason."""
    handovers: tuple[Handover, ...] = ()

    def authority_at(self, position: int) -> str | None:
        """The responsible authority for what stands at a position of the record."""
        former = (one.from_authority for one in self.handovers if position <= one.position)
        return next(former, self.authority)

    def as_at(self, instant: datetime) -> ChildView:
        """The same child as it was known at an instant (H-07).

        Entries received later are unknown and corrections made later are not yet made. A retraction,
        the relationships and the joins of streams are always those of now: `as_at` never widens.
        """
        known = (self._known_at(entry, instant) for entry in self.entries)
        entries = Entries(sorted((one for one in known if one is not None), key=order))
        links = tuple(one for one in self.link_entries if one.received_at <= instant)
        opened = any(one.key in self.openings for one in entries)
        return replace(
            self,
            entries=entries,
            date_of_birth=self.date_of_birth if opened else None,
            linked=frozenset(one.other if one.child == self.child else one.child for one in links),
            link_entries=links,
        )

    def _known_at(self, entry: Entry, instant: datetime) -> Entry | None:
        known = [one for one in (*self.known.get(entry.key, ()), entry) if _since(one) <= instant]
        if not known:
            return None
        awaiting = (one.names for one in self.awaited.get(entry.key, ()) if one.until > instant)
        return replace(known[-1], awaiting=next(awaiting, known[-1].awaiting))


def order(entry: Entry) -> tuple[datetime, int]:
    """The order of a chronology: when it happened, then when it was appended (H-05)."""
    return entry.occurred.sort_at, entry.position


def _since(entry: Entry) -> datetime:
    """Since when an entry has read as it does."""
    return entry.corrections[-1].received_at if entry.corrections else entry.received_at
