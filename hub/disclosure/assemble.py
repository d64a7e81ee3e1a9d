"""One child as one reader gets it: every entry decided, redacted, and the lines that stand beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, lru_cache, partial
from typing import Final, Literal

import schemas
from hub.catalogue import Catalogue, EventType
from hub.directory.types import Principal
from hub.disclosure.alike import FactsBy, alike, each, filled
from hub.disclosure.capacity import ONESELF, Capacity
from hub.disclosure.contacts import contact_finder, contact_for_linked
from hub.disclosure.decide import Decider, Decision
from hub.disclosure.decided import Decided, decided
from hub.disclosure.facts import (
    GUARDED,
    NARRATIVE,
    ItemFacts,
    ReaderFacts,
    concerns,
    detail_of,
    field_labels,
    homes_shared,
    own_rows,
    reveals,
)
from hub.disclosure.keeping import ByLabel, kept_fields
from hub.disclosure.lines import Line, LineDesk, carried_lines, merged, own_lines
from hub.disclosure.page import Placed
from hub.disclosure.permissions import (
    VOICE,
    consented,
    granted,
    is_own,
    kept_from,
    named_party,
    of_care_team,
    wish_against,
)
from hub.disclosure.redact import Cut, Desk, Item
from hub.disclosure.release import Kept
from hub.disclosure.rules import RuleSet
from hub.disclosure.sides import sides_of, sides_towards, too_young_for
from hub.disclosure.standing import MEMBER, Standing, standing
from hub.disclosure.tokens import DigestOf, ReaderNames
from hub.envelope import EventKey
from hub.pathway.entries import Entries, Entry, Sight, once
from hub.views import ChildView, carrying, evidence_of, of_working_group

MEETING_TYPES: Final = frozenset({"meeting-convened", "meeting-held", "conference-held"})
# An interview under caution of a child under ten is a detail of its own to the rules (D-16).
INTERVIEW: Final = "interview-held"
INTERVIEWS: Final = frozenset({INTERVIEW, "interview-planned"})
WITNESS: Final = "abe"
UNDER_CAUTION: Final = "pace"
UNDER_TEN: Final = "pace-under-ten"
# Distinct readers' facts are few; the bound only keeps a hostile mix from filling the memory.
MAX_SIGHTS: Final = 1_000
# Readers whose names of a child's entries are remembered: those who turn its pages just now.
MAX_READERS: Final = 16
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
    facts: Mapping[EventKey, ItemFacts] = field(repr=False)
    decided: Decided = field(repr=False, compare=False)

    @property
    def placed(self) -> list[Placed]:
        """Entries and lines with their places, unsorted."""
        entries = [Placed(*item.place, item) for item in self.items]
        return entries + [line.placed for line in (*self.lines, *self.carried)]


class Assembler:
    """Builds what one reader gets of a child from views that are at or past the record's head."""

    def __init__(self, rules: RuleSet, decider: Decider, catalogue: Catalogue, digest: DigestOf) -> None:
        self._rules: Final = rules
        self._decider: Final = decider
        self._catalogue: Final = catalogue
        self._names: Final = lru_cache(MAX_READERS)(partial(ReaderNames, digest))
        self._labels: dict[str, Mapping[str, frozenset[str]]] = {}
        self._members: dict[str, tuple[tuple[tuple[str, frozenset[str]], ...], frozenset[str]]] = {}
        self._remains: dict[tuple[str, frozenset[str]], ByLabel] = {}
        self._filled_by: dict[tuple[str, ...], frozenset[str]] = {}
        self._sights: dict[tuple[ReaderFacts, frozenset[str], bool], Sight] = {}

    def disclose(
        self, principal: Principal, view: ChildView, find: FindView, *, now: datetime, as_at: datetime | None,
        apart: bool = False, capacity: Capacity = ONESELF,
    ) -> Disclosed:  # fmt: skip
        """Decide and redact every entry of one child for one reader.

        Shape: `apart` is for papers of one child's meeting: no other child has its id there (D-04);
        `capacity` is that in which the reader reads.
        Source: D-01 to D-57 as far as the rules hold them; H-07, H-10.

        Procedure
          1. The standing is that of now, whatever `as_at` says (D-20).
          2. Entries as known at `as_at`, decided once for all that the rules cannot tell apart (D-32), and
             redacted when they are looked at. One that was corrected since, and is hidden as it reads now,
             is hidden at every instant: `as_at` never widens.
          3. Entries refer to each other only where the reader has both.
          4. Coded lines of this child's own entries.
          5. Facts carried from linked children whose link is in force (D-26, D-31).
        """
        stands = capacity.standing(principal, view, now)  # 1
        known = view.as_at(as_at) if as_at else view
        names = self._names(principal.id, view.child)

        @cache
        def resolves(other: str) -> bool:
            """Whether the reader has that child too; to anybody else its id would tell that it is known."""
            own = stands.resolves_others and not apart
            return own and bool(standing(principal, find(other), now).classes)

        in_force = carrying(view, known, find, now)
        sides = sides_of(view)

        def facts(entry: Entry) -> ItemFacts:
            own = self.facts_of(entry, view, sides, stands, principal, bool(in_force))
            rests_on = evidence_of(entry)
            if rests_on and not self._holds(rests_on, principal, view, find, now):
                own = replace(own, evidence_held=False)
            return capacity.facts(own, entry, view)

        reader = stands.facts
        if as_at is not None:
            current = {one.key: one for one in view.entries}
            gone = {
                one.key
                for one in known.entries
                if len(one.corrections) < len(current[one.key].corrections)
                and self._decider.decide(reader, facts(current[one.key])).outcome == "H"
            }
            known = replace(known, entries=Entries(one for one in known.entries if one.key not in gone))
        groups = alike(known.entries) if capacity is ONESELF else each(known.entries)

        found = [facts(entry) for entry in groups.first]
        by_group = [self._decider.decide(reader, one) for one in found]
        made = decided(known.entries, groups, found, by_group)
        decisions, held = made.by_key, made.held  # 3
        ask = contact_finder(view, now)
        desk = Desk(names, principal.organisation, resolves, ask, view.date_of_birth, stands.checks, held)
        facts_by = FactsBy(known.entries, made.groups, made.facts)
        both = [(one, made.by_group[at]) for one, at in zip(known.entries, made.groups.places, strict=True)]
        types, by_place = self._catalogue.types, zip(groups.first, by_group, strict=True)
        cuts = [
            Cut(one, types[one.type], told, self._by_label(one.type, told), desk) for one, told in by_place
        ]
        items = tuple(
            [
                Item(one, cuts[at])
                for one, at in zip(known.entries, groups.places, strict=True)
                if by_group[at].outcome != "H"
            ]
        )  # 2
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
            items=items,
            lines=tuple(lines),
            carried=tuple(merged(carried)),
            kept=tuple(
                Kept(entry.key, self._code(decision), decision.policies)
                for entry, decision in both
                if decision.outcome == "H" and entry.key not in spoken
            ),
            facts=facts_by,
            decided=made,
        )

    def _carried(
        self, principal: Principal, own: ChildView, other: ChildView, stands: Standing, names: ReaderNames,
        now: datetime, as_at: datetime | None,
    ) -> list[Line]:  # fmt: skip
        known = other.as_at(as_at) if as_at else other
        sides = sides_towards(own, other, principal.organisation)
        shares_home = homes_shared(other, own, now)

        groups, places = alike(known.entries), Entries.over(known.entries).places

        @cache
        def of_group(place: int, named: bool, at_home: bool) -> ItemFacts:
            entry = groups.first[place]
            # A receipt is for whoever referred, whether or not it keeps sight of the referral itself (D-22).
            mine = entry.organisation == principal.organisation
            found = self.facts_of(entry, other, sides, stands, principal, True)
            return replace(found, names_readers_child=named, own=mine, shares_home=at_home)

        def facts(entry: Entry) -> ItemFacts:
            named = any(one.child == own.child for one in entry.others)
            return of_group(groups.places[places[entry.key]], named, shares_home(entry))

        ask = contact_for_linked(own, other, now)
        desk = Desk(names, principal.organisation, lambda _: False, ask, None)
        line_desk = LineDesk(stands.facts, self._decider, self._rules.rule, facts, desk)
        return carried_lines(known.entries, own.child, line_desk)

    def facts_of(
        self, entry: Entry, view: ChildView, sides: frozenset[str], stands: Standing, principal: Principal,
        link_in_force: bool,
    ) -> ItemFacts:  # fmt: skip
        """The facts of one entry towards one reader; the whole input of a decision."""
        carries = self._carrying(entry.type)[1]
        poster = entry.organisation or ""
        joint = entry.data.get("joint_with")
        of_group = MEMBER in stands.classes and of_working_group(entry, view)
        held = self._filled(entry)
        detail = detail_of(entry)
        if entry.type == INTERVIEW and detail == UNDER_CAUTION and too_young_for(entry, view):
            detail = UNDER_TEN
        return ItemFacts(
            type=entry.type,
            detail=detail,
            filled=held,
            carries=carries,
            own=is_own(entry, held, stands, principal, view.authority),
            meeting=_meeting(entry, stands, of_group),
            sides=sides - stands.said_alone,
            joint=isinstance(joint, list | tuple) and principal.organisation in joint,
            source_reveals=reveals(poster, view),
            link_in_force=link_in_force,
            own_row=bool(stands.checks) and bool(own_rows(entry, stands.checks)),
            wish_against=wish_against(entry, view, principal),
            granted=granted(entry, carries, view, stands, principal),
            consented=consented(entry, view, principal),
            kept_from=kept_from(entry, principal),
            named_party=named_party(entry, view, stands, principal),
            care_team=of_care_team(entry, carries, view, stands, principal),
            of_group=of_group,
            concerns_own=concerns(entry, principal.organisation),
        )

    def _filled(self, entry: Entry) -> frozenset[str]:
        """The labels of an entry's filled members; found once for all of a type with the same ones filled."""
        names = (entry.type, *filled(entry.data))
        found = self._filled_by.get(names)
        if found is None:
            if len(self._filled_by) >= MAX_SIGHTS:
                self._filled_by.clear()
            members, carries = self._carrying(entry.type)
            labels = {label for member, of in members if member in names[1:] for label in of}
            if NARRATIVE in names[1:]:
                labels |= GUARDED & carries & set(self.kind(entry.type).labels.get(NARRATIVE, ()))
            found = self._filled_by[names] = frozenset(labels)
        return found

    def _holds(
        self, keys: Sequence[EventKey], principal: Principal, own: ChildView, find: FindView, now: datetime
    ) -> bool:
        """Whether a reader gets every one of these events, of this child or of a linked one (H-20).

        Shape: an event that was retracted since, or whose link was, is nobody's any more.
        Trust: one of a linked child is held as such by readers to whom other children show by their id only:
        to others who have both, what rests on both records would tell that these two are linked (D-03).
        """
        missing = set(keys)
        resolves = standing(principal, own, now).resolves_others
        for view in (own, *(find(other) for other in sorted(own.linked) if resolves)):
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
            if name in INTERVIEWS:
                for detail in (WITNESS, UNDER_CAUTION, *([UNDER_TEN] if young else [])):
                    least += self._least(name, reader, sides, "entitled", detail)
            if name == VOICE:
                # What a child says may be kept from this reader's organisation by the child's wish (D-09).
                least += self._least(name, reader, sides, "entitled", against=True)
            if name in MEETING_TYPES:
                # A meeting may be one that this reader is not entitled to: of that it learns nothing (D-04).
                least += self._least(name, reader, sides, "other")
            if all(one.outcome == "V" or (one.outcome == "R" and one.keeps != ()) for one in least):
                seen.add(name)
            fields[name] = frozenset.intersection(*(kept_fields(kind, one) for one in least))
        return Sight(frozenset(seen), fields)

    def _least(
        self, name: str, reader: ReaderFacts, sides: frozenset[str], meeting: Literal["entitled", "other"],
        detail: str = "", against: bool = False,
    ) -> list[Decision]:  # fmt: skip
        """What this reader gets of an event of this type that holds the least it can."""
        labels = self.labels(name)
        carries = frozenset(label for one in labels.values() for label in one)
        required = frozenset(label for field in _required(name) for label in labels.get(field, ()))
        of: Literal["entitled", "other", "none"] = meeting if name in MEETING_TYPES else "none"
        return [
            self._decider.decide(
                reader,
                ItemFacts(
                    name, detail, filled, carries, False, of, sides, False, False, wish_against=against
                ),
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

    def _by_label(self, type: str, decision: Decision) -> ByLabel:
        """What remains of a type's entries under the labels of a decision; found once for all with these."""
        found = self._remains.get((type, decision.labels))
        if found is None:
            if len(self._remains) >= MAX_SIGHTS:
                self._remains.clear()
            found = self._remains[type, decision.labels] = ByLabel(self.kind(type), decision.labels)
        return found

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


def evidence_names(disclosed: Disclosed) -> dict[EventKey, str]:
    """The entry ids of everything this reader has of a child, by event; nobody's to change."""
    return once(disclosed.decided.kept, "names", lambda: {item.key: item.name for item in disclosed.items})


@cache
def _required(name: str) -> tuple[str, ...]:
    required = schemas.schema(name)["required"]
    assert isinstance(required, list)
    return tuple(str(one) for one in required)


def _meeting(entry: Entry, stands: Standing, of_group: bool) -> Literal["entitled", "other", "none"]:
    if entry.type not in MEETING_TYPES:
        return "none"
    named = (entry.organisation or "", str(entry.data.get("meeting")))
    return "entitled" if of_group or named in stands.meetings else "other"
