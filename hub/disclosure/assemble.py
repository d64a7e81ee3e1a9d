"""One child as one reader gets it: every entry decided, redacted, and the lines that stand beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Final, Literal

import schemas
from hub.catalogue import Catalogue, EventType
from hub.directory.types import Principal
from hub.disclosure.contacts import contact_finder
from hub.disclosure.decide import Decider, Decision
from hub.disclosure.facts import (
    ItemFacts,
    ReaderFacts,
    detail_of,
    field_labels,
    own_rows,
    wish_against,
)
from hub.disclosure.lines import Line, LineDesk, carried_lines, own_lines
from hub.disclosure.page import Placed
from hub.disclosure.redact import Desk, Item, kept_fields, refer, show
from hub.disclosure.release import Kept
from hub.disclosure.rules import RuleSet
from hub.disclosure.standing import LIMITED, Standing, standing
from hub.disclosure.tokens import DigestOf, ReaderNames
from hub.envelope import EventKey
from hub.pathway.calendar import birthday, london_day
from hub.pathway.child import in_role
from hub.pathway.entries import Entry, Material, Sight
from hub.pathway.fields import days_of
from hub.pathway.gates.gate import Case
from hub.pathway.gates.under_ten import AGE, under_ten
from hub.views import ChildView, LinkEntry, evidence_of, in_force, other_child

# Services whose name as a poster can point at another child (D-10); police and social care do not.
REVEALING_KINDS: Final = frozenset({"education", "health", "youth-justice", "other", "partnership"})
MEETING_TYPES: Final = frozenset({"meeting-convened", "meeting-held"})
# An interview under caution of a child under ten is a detail of its own to the rules (D-16).
INTERVIEW: Final = "interview-held"
UNDER_CAUTION: Final = "pace"
UNDER_TEN: Final = "pace-under-ten"
# What a linked child's authority, or a referral by anybody, can give without the child's own authority.
_LET_IN_FOR_ONE_STEP: Final = frozenset({"invited", "attendee", "front-door", "smg", "mappa", "respondent"})
# Distinct readers' facts are few; the bound only keeps a hostile mix from filling the memory.
MAX_SIGHTS: Final = 1_000
FindView = Callable[[str], ChildView]


@dataclass(frozen=True, slots=True)
class Disclosed:
    """Everything that one reader gets of one child, before filters; and what was withheld, for audit."""

    view: ChildView
    standing: Standing
    items: tuple[Item, ...]
    lines: tuple[Line, ...]
    carried: tuple[Line, ...]
    kept: tuple[Kept, ...]

    @property
    def placed(self) -> list[Placed]:
        """Entries and lines with their places, unsorted."""
        entries = [
            Placed(
                item.entry.occurred.sort_at,
                item.entry.position,
                item.entry.occurred.start,
                item.entry.occurred.end,
                item.shown,
            )
            for item in self.items
        ]
        return entries + [line.placed for line in (*self.lines, *self.carried)]


class Assembler:
    """Builds what one reader gets of a child from views that are at or past the record's head."""

    def __init__(self, rules: RuleSet, decider: Decider, catalogue: Catalogue, digest: DigestOf) -> None:
        self._rules: Final = rules
        self._decider: Final = decider
        self._catalogue: Final = catalogue
        self._digest: Final = digest
        self._labels: dict[str, Mapping[str, frozenset[str]]] = {}
        self._members: dict[str, tuple[tuple[tuple[str, frozenset[str]], ...], frozenset[str]]] = {}
        self._sights: dict[tuple[ReaderFacts, frozenset[str], bool], Sight] = {}

    def disclose(
        self, principal: Principal, view: ChildView, find: FindView, *, now: datetime, as_at: datetime | None,
        apart: bool = False,
    ) -> Disclosed:  # fmt: skip
        """Decide and redact every entry of one child for one reader.

        Shape: `apart` is for papers of one child's meeting: no other child has its id there (D-04).
        Source: D-01 to D-57 as far as the rules hold them; H-07, H-10.

        Procedure
          1. The standing is that of now, whatever `as_at` says (D-20).
          2. Entries as known at `as_at`, each decided by its facts and redacted.
          3. Entries refer to each other only where the reader has both.
          4. Coded lines of this child's own entries.
          5. Facts carried from linked children whose link is in force (D-26, D-31).
        """
        stands = standing(principal, view, now)  # 1
        known = view.as_at(as_at) if as_at else view
        names = ReaderNames(self._digest, principal.id, view.child)

        @cache
        def resolves(other: str) -> bool:
            """Whether the reader has that child too; to anybody else its id would tell that it is known."""
            own = stands.resolves_others and not apart
            return own and bool(standing(principal, find(other), now).classes)

        ask = contact_finder(view, now)
        desk = Desk(names, principal.organisation, resolves, ask, view.date_of_birth, stands.checks)
        in_force = self._linked_in_force(view, known, find, now)
        sides = sides_of(view)

        def facts(entry: Entry) -> ItemFacts:
            found = self.facts_of(entry, view, sides, stands, principal, bool(in_force))
            rests_on = evidence_of(entry)
            held = not rests_on or self._holds(rests_on, principal, view, find, now)
            return found if held else replace(found, evidence_held=False)

        facts_by = {entry.key: facts(entry) for entry in known.entries}
        reader = stands.facts
        decisions = {key: self._decider.decide(reader, one) for key, one in facts_by.items()}
        items = [
            show(entry, self.kind(entry.type), decisions[entry.key], desk)
            for entry in known.entries
            if decisions[entry.key].outcome != "H"
        ]  # 2
        line_desk = LineDesk(reader, self._decider, self._rules.rule, lambda one: facts_by[one.key], desk)
        lines = own_lines(known.entries, decisions, line_desk)  # 4
        carried = [
            line
            for other in in_force
            for line in self._carried(principal, view, other, stands, names, now, as_at)
        ]  # 5
        spoken = {line.basis for line in lines}
        return Disclosed(
            view=known,
            standing=stands,
            items=tuple(refer(items, names)),  # 3
            lines=tuple(lines),
            carried=tuple(carried),
            kept=tuple(
                Kept(key, self._code(decision), decision.policies)
                for key, decision in decisions.items()
                if decision.outcome == "H" and key not in spoken
            ),
        )

    def _carried(
        self, principal: Principal, own: ChildView, other: ChildView, stands: Standing, names: ReaderNames,
        now: datetime, as_at: datetime | None,
    ) -> list[Line]:  # fmt: skip
        known = other.as_at(as_at) if as_at else other
        sides = _sides_towards(own, other, principal.organisation)

        def facts(entry: Entry) -> ItemFacts:
            found = self.facts_of(entry, other, sides, stands, principal, True)
            return replace(found, names_readers_child=any(o.child == own.child for o in entry.others))

        desk = Desk(names, principal.organisation, lambda _: False, contact_finder(other, now), None)
        line_desk = LineDesk(stands.facts, self._decider, self._rules.rule, facts, desk)
        return carried_lines(known.entries, own.child, line_desk)

    def facts_of(
        self, entry: Entry, view: ChildView, sides: frozenset[str], stands: Standing, principal: Principal,
        link_in_force: bool,
    ) -> ItemFacts:  # fmt: skip
        """The facts of one entry towards one reader; the whole input of a decision."""
        members, carries = self._carrying(entry.type)
        filled = {
            label
            for member, labels in members
            if entry.data.get(member) not in (None, "", [], {})
            for label in labels
        }
        poster = entry.organisation or ""
        joint = entry.data.get("joint_with")
        detail = detail_of(entry)
        if entry.type == INTERVIEW and detail == UNDER_CAUTION and _too_young_for(entry, view):
            detail = UNDER_TEN
        return ItemFacts(
            type=entry.type,
            detail=detail,
            filled=frozenset(filled),
            carries=carries,
            own=_own(entry, stands, principal, view.authority),
            meeting=_meeting(entry, stands),
            sides=sides,
            joint=isinstance(joint, list | tuple) and principal.organisation in joint,
            source_reveals=_reveals(poster, view),
            link_in_force=link_in_force,
            own_row=bool(stands.checks) and bool(own_rows(entry, stands.checks)),
            wish_against=wish_against(entry, principal.organisation),
        )

    def _holds(
        self, keys: Sequence[EventKey], principal: Principal, own: ChildView, find: FindView, now: datetime
    ) -> bool:
        """Whether a reader gets every one of these events, of this child or of a linked one (H-20).

        Shape: an event that was retracted since, or whose link was, is nobody's any more.
        """
        missing = set(keys)
        for view in (own, *(find(other) for other in sorted(own.linked))):
            stands, sides = standing(principal, view, now), sides_of(view)
            for entry in (one for one in view.entries if one.key in missing):
                facts = self.facts_of(entry, view, sides, stands, principal, False)
                if self._decider.decide(stands.facts, facts).outcome != "H":
                    missing.discard(entry.key)
        return not missing

    def sight(self, reader: ReaderFacts, sides: frozenset[str], young: bool = False) -> Sight:
        """What of which event types this reader always gets, whatever fields are filled (H-20).

        Shape: `young` is a child of whom an interview under caution may be withheld for its age (D-16).
        """
        found = self._sights.get((reader, sides, young))
        if found is None:
            if len(self._sights) >= MAX_SIGHTS:
                self._sights.clear()
            found = self._sights[(reader, sides, young)] = self._sight(reader, sides, young)
        return found

    def _sight(self, reader: ReaderFacts, sides: frozenset[str], young: bool) -> Sight:
        seen: set[str] = set()
        fields: dict[str, frozenset[str]] = {}
        for name, kind in self._catalogue.types.items():
            if kind.kind == "hub":
                continue
            least = self._least(name, reader, sides, "entitled")
            if young and name == INTERVIEW:
                least += self._least(name, reader, sides, "entitled", UNDER_TEN)
            if all(one.outcome == "V" or (one.outcome == "R" and one.keeps != ()) for one in least):
                seen.add(name)
            if name in MEETING_TYPES:
                # Another convenor's meeting may be one that this reader is not entitled to (D-04).
                least += self._least(name, reader, sides, "other")
            fields[name] = frozenset.intersection(*(kept_fields(kind, one) for one in least))
        return Sight(frozenset(seen), fields)

    def _least(
        self, name: str, reader: ReaderFacts, sides: frozenset[str], meeting: Literal["entitled", "other"],
        detail: str = "",
    ) -> list[Decision]:  # fmt: skip
        """What this reader gets of an event of this type that holds the least it can."""
        labels = self.labels(name)
        carries = frozenset(label for one in labels.values() for label in one)
        required = frozenset(label for field in _required(name) for label in labels.get(field, ()))
        of: Literal["entitled", "other", "none"] = meeting if name in MEETING_TYPES else "none"
        return [
            self._decider.decide(
                reader, ItemFacts(name, detail, filled, carries, False, of, sides, False, False)
            )
            for filled in ([required] if required else [frozenset({one}) for one in carries] or [required])
        ]

    def kind(self, type: str) -> EventType:
        """The event type of an entry."""
        return self._catalogue.types[type]

    def labels(self, type: str) -> Mapping[str, frozenset[str]]:
        """The labels of a type's fields that count for a decision."""
        if type not in self._labels:
            self._labels[type] = field_labels(self.kind(type))
        return self._labels[type]

    def _carrying(self, type: str) -> tuple[tuple[tuple[str, frozenset[str]], ...], frozenset[str]]:
        """The labelled members of a type with their labels, and all labels that it can carry."""
        if type not in self._members:
            found = self.labels(type).items()
            named = tuple((path.split(".", 1)[0].removesuffix("[]"), labels) for path, labels in found)
            self._members[type] = (named, frozenset(label for _, labels in named for label in labels))
        return self._members[type]

    def _code(self, decision: Decision) -> str:
        found = self._rules.by_id.get(decision.policies[0]) if decision.policies else None
        return found.rule if found else "D-02"

    @staticmethod
    def _linked_in_force(view: ChildView, known: ChildView, find: FindView, now: datetime) -> list[ChildView]:
        """The linked children to whom a sealed link carries facts now (D-31).

        A link carries only while its poster holds, or the authorities confirm, both ends.
        """
        links: dict[str, list[LinkEntry]] = {}
        for link in known.link_entries:
            if link.type == "incident-linked":
                links.setdefault(other_child(link, view.child), []).append(link)
        carrying: list[ChildView] = []
        for other in sorted(links.keys() - {view.child}):
            linked = find(other)
            if any(in_force(link, view, linked, now) for link in links[other]):
                carrying.append(linked)
        return carrying


def sides_of(view: ChildView) -> frozenset[str]:
    """On which sides incidents name this child; from the whole fold, because it guards.

    Trust: an incident counts from an organisation with a relationship of its own to this child only, or
    anybody could turn another authority's child round by one post, and have that child's facts carried.
    """
    return frozenset(str(entry.data["role"]) for entry in _incidents(view) if "role" in entry.data)


def young(view: ChildView, now: datetime) -> bool:
    """Whether an interview under caution on this record may be one of a child under ten (D-16)."""
    born = view.date_of_birth
    harmed = in_role(view.entries, "has-harmed")
    if born is None:
        return False
    tenth = birthday(born, AGE)
    return any(days_of(one)[1] < tenth for one in harmed) or (not harmed and london_day(now) < tenth)


def _too_young_for(entry: Entry, view: ChildView) -> bool:
    """Whether this was said of a child who was under ten; from the whole fold, because it guards."""
    fold = Material(view.child, view.entries, date_of_birth=view.date_of_birth)
    return under_ten(Case(entry, fold, entry.received_at, lambda one: None, lambda one: frozenset()))


def _sides_towards(own: ChildView, other: ChildView, reader: str) -> frozenset[str]:
    """The sides of a linked child that count when its facts are carried to a reader's own child (D-31).

    1. Never back: to the worker of a child who has only harmed nothing is carried.
    2. The sides on which the linked child's own incidents name it.
    3. That it has harmed the reader's child, where an incident of that child says so, unless the
       reader's organisation alone does: it would let itself in.
    """
    if sides_of(own) == {"has-harmed"}:  # 1
        return frozenset()
    named = any(
        entry.data.get("role") == "has-been-harmed"
        and entry.organisation != reader
        and any(one.child == other.child and one.role == "has-harmed" for one in entry.others)
        for entry in _incidents(own)
    )
    return sides_of(other) | ({"has-harmed"} if named else frozenset())  # 2, 3


def _incidents(view: ChildView) -> list[Entry]:
    """The incidents of a child that organisations with a relationship of their own to it recorded."""
    related = {view.authority or view.area, *view.schools}
    related |= {grant.organisation for grant in view.grants if grant.kind not in _LET_IN_FOR_ONE_STEP}
    return [
        one
        for one in view.entries
        if one.type == "incident-recorded"
        and (one.organisation in related or one.organisation == view.authority_at(one.position))
    ]


def evidence_names(disclosed: Disclosed) -> dict[EventKey, str]:
    """The entry ids of everything this reader has of a child, by event."""
    return {item.entry.key: item.shown.entry_id for item in disclosed.items}


@cache
def _required(name: str) -> tuple[str, ...]:
    required = schemas.schema(name)["required"]
    assert isinstance(required, list)
    return tuple(str(one) for one in required)


def _meeting(entry: Entry, stands: Standing) -> Literal["entitled", "other", "none"]:
    if entry.type not in MEETING_TYPES:
        return "none"
    named = (entry.organisation or "", str(entry.data.get("meeting")))
    return "entitled" if named in stands.meetings else "other"


def _own(entry: Entry, stands: Standing, principal: Principal, authority: str | None) -> bool:
    """Whether an entry is the reader's own: the organisation's, and of a mere attendee what it wrote itself.

    A former worker who attended a meeting would otherwise keep reading the whole organisation's posts; so
    would early help, or a single point of contact, who works for the child's authority itself.
    """
    limited = stands.classes <= LIMITED and principal.organisation == authority
    if stands.classes == {"attendee"} or limited:
        return entry.author == principal.person
    return entry.organisation == principal.organisation


def _reveals(poster: str, view: ChildView) -> bool:
    if poster.split(".", 1)[0] not in REVEALING_KINDS or poster in view.schools:
        return False
    return all(grant.organisation != poster for grant in view.grants)
