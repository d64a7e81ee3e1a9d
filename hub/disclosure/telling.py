"""Who finds what of an event now: one look at the record, shared by everything decided from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Final

from hub.directory import Directory
from hub.directory.types import Principal
from hub.disclosure.addressed import ADDRESSED, addressees, appointed, made_by
from hub.disclosure.assemble import Assembler, Disclosed, FindView
from hub.disclosure.decide import Decider
from hub.disclosure.facts import ItemFacts, ReaderFacts
from hub.disclosure.lines import NOT_ENGAGING, Line, outcome_of
from hub.disclosure.purposes import Purposes
from hub.disclosure.redact import LONDON
from hub.disclosure.release import Released
from hub.disclosure.rules import RuleSet
from hub.disclosure.sides import sides_of
from hub.disclosure.standing import LIMITED, Standing, standing
from hub.envelope import EventKey, JsonObject
from hub.pathway import levels
from hub.pathway.entries import Entry
from hub.views import ChildView

CODES: Final = (
    "concern", "referral", "referral-outcome", "safety", "level", "police-decision", "criminal-outcome",
    "interview", "meeting", "enquiry", "conference", "plan", "assessment", "oversight", "deadline",
    "transfer", "action", "no-further-action", "engagement", "court", "convicted", "custody-release",
    "public-protection", "placement", "move", "records-request", "relationship", "worker", "health-referral",
    "override",
)  # fmt: skip
CODED_LINE: Final = "coded-line"
UNACKNOWLEDGED: Final = "unacknowledged"
"""Of a concern that nobody has acknowledged in time; told when that is found, and not with the event."""
RELATIONSHIP: Final = "relationship"
"""That the organisation works with the child now; of no entry of its people, but of what they are."""
OF_OWN_POSTS: Final[Mapping[str, frozenset[str]]] = {
    "team-manager": frozenset({"override"}),
    "iro": frozenset({"level", "placement", "plan", "oversight"}),
    "safeguarding-unit": frozenset({"level", "oversight"}),
    "spoc": frozenset({"concern", "safety", "worker"}),
}
"""What an organisation is told of its own posts, for those in it who oversee the work or stand beside it (B).

It has its receipt for all else.
"""
APPOINTED: Final = "appointed"
"""That somebody sits in a strategic group: told to that person, for the systems learn of no link (D-51)."""
_AGENCY: Final = "urn:safeguarding:org:"
_RECEIPT: Final = "referral-receipt"
_OUTCOME: Final = "referral-outcome-decided"
_LEVEL: Final = "behaviour-level-assessed"
_SAFETY_LINE: Final = "Safety line"


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a notice, and the policies and event that it leaves by."""

    code: str
    released: Released
    on: str
    to: tuple[str, ...]
    text: str
    rule: str
    requirement: str

    def with_(self, other: Told) -> Told:
        """The same line, found by more people, and perhaps by other rules."""
        policies = tuple(dict.fromkeys((*self.released.policies, *other.released.policies)))
        released = replace(self.released, policies=policies)
        return replace(self, released=released, to=tuple(sorted({*self.to, *other.to})))

    def line(self) -> JsonObject:
        """The line as it leaves."""
        return {
            "code": self.code, "text": self.text, "rule": self.rule, "requirement": self.requirement,
            "on": self.on, "to": list(self.to),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reader:
    """One of the people who find the same of a child: what it is to the child, and what it gets of it."""

    principal: Principal
    stands: Standing
    disclosed: Disclosed
    names: frozenset[EventKey]
    """The events of which it has entries."""


class Look:
    """What everybody finds now, at one look at the record: each child folded once, read once by each.

    Trust: what it says grows old; whoever uses it for more than one event sends it, or lets it go, soon.
    Where a child cannot be folded, only what concerns that child is refused.
    """

    def __init__(
        self, find: FindView, *, directory: Directory, rules: RuleSet, purposes: Purposes,
        assembler: Assembler, decider: Decider, now: datetime,
    ) -> None:  # fmt: skip
        self.find: Final = cache(find)
        self.now: Final = now
        self._directory: Final = directory
        self._rules: Final = rules
        self._purposes: Final = purposes
        self._assembler: Final = assembler
        self._decider: Final = decider
        self._sides: Final = cache(lambda child: sides_of(self.find(child)))
        self._authors: Final = cache(lambda child: {one.author for one in self.find(child).entries})
        self._readers: Final = cache(lambda organisation, child: tuple(self._read(organisation, child)))

    def connected(self, view: ChildView) -> set[str]:
        """The organisations in which somebody may have a relationship with a child now."""
        found = {one.organisation for one in view.grants if one.current(self.now)}
        return found | {one for one in (view.authority, view.area) if one is not None}

    def recipients(self, view: ChildView, own: ChildView, entry: Entry) -> set[str]:
        """Whose systems, and who, may have to be told of an event now.

        Shape: the organisations that are connected, those that it is addressed to, and the people whom it
        appoints.
        """
        if view.child != own.child:
            return self.connected(view)
        known = (one for one in addressees(entry, own) if self._directory.organisation(one) is not None)
        return self.connected(view).union(known, appointed(entry))

    def told(
        self, organisation: str, view: ChildView, own: ChildView, entry: Entry, codes: Sequence[str] = CODES
    ) -> list[Told]:
        """What an organisation, or one person, is told of an event, each code once, with whom it concerns.

        Shape: what its people find of it, and what is said to whom it is addressed.
        """
        if "/" in organisation:
            return list(self._appointed(organisation, view, own, entry))
        merged: dict[str, Told] = {}
        found: list[Told] = []
        own_post = organisation == entry.key.source.removeprefix(_AGENCY)
        for reader in self._readers(organisation, view.child):
            classes = reader.stands.classes
            asked = [one for one in codes if not own_post or _of_own_posts(one, classes)]
            found += self._found(reader, own, entry, asked, lines=not own_post or "spoc" in classes)
        if view.child == own.child and not own_post:
            found += self._addressed(organisation, own, entry, codes)
        for one in found:
            merged[one.code] = merged[one.code].with_(one) if one.code in merged else one
        return [merged[code] for code in sorted(merged)]

    def finds(self, organisation: str, view: ChildView, key: EventKey) -> bool:
        """Whether somebody of an organisation has an event, or a coded line of it, or it was named in it."""
        entry = next((one for one in view.entries if one.key == key), None)
        if entry is not None and organisation in addressees(entry, view) | made_by(entry, view):
            return True
        return any(
            key in reader.names
            or any(line.basis == key for line in (*reader.disclosed.lines, *reader.disclosed.carried))
            for reader in self._readers(organisation, view.child)
        )

    def facts_of(
        self, organisation: str, view: ChildView, own: ChildView, entry: Entry
    ) -> Iterator[tuple[ReaderFacts, ItemFacts]]:
        """What the rules read of each of an organisation's people who find an event, and of the event."""
        for reader in self._readers(organisation, view.child):
            lines = (*reader.disclosed.lines, *reader.disclosed.carried)
            has = entry.key in reader.names or organisation in made_by(entry, own)
            if has or any(_speaks_of(line, entry, own) for line in lines):
                yield reader.stands.facts, self._facts(entry, own, reader.stands, reader.principal)
        if view.child == own.child and organisation in addressees(entry, own):
            yield ReaderFacts(frozenset({ADDRESSED}), False), self._addressed_facts(organisation, own, entry)

    def _read(self, organisation: str, child: str) -> Iterator[Reader]:
        """The people who may read this child now, one for each standing: the others find the same.

        Shape: the standing towards linked children counts too; what rests on events of theirs is found only
        by who finds those.
        """
        view, seen = self.find(child), set[tuple[object, ...]]()
        others = sorted(view.linked)
        for person in self._directory.people(organisation):
            if not person.active or not person.roles:
                continue
            principal = self._directory.principal_for_person(person.id)
            stands = standing(principal, view, self.now)
            if not stands.classes or stands.classes == {"officer"} or not self._purposes.permitted(principal):
                continue
            elsewhere = (standing(principal, self.find(other), self.now) for other in others)
            each = zip((child, *others), (stands, *elsewhere), strict=True)
            alike = tuple(_alike(one, person.id, self._authors(about)) for about, one in each)
            if alike not in seen:
                seen.add(alike)
                disclosed = self._assembler.disclose(principal, view, self.find, now=self.now, as_at=None)
                yield Reader(
                    principal, stands, disclosed, frozenset(one.entry.key for one in disclosed.items)
                )

    def _found(
        self, reader: Reader, own: ChildView, entry: Entry, codes: Sequence[str], *, lines: bool
    ) -> Iterator[Told]:
        """What one reader has of an event: the entry under its code, and the coded lines it gives.

        Trust: of an entry or line that the reader does not have, no rule on notices is asked; but for the
        event that made the reader something to the child, which it sees among its children (D-57).
        """
        stands, disclosed = reader.stands, reader.disclosed
        has, made = entry.key in reader.names, reader.principal.organisation in made_by(entry, own)
        if has or made:
            facts = self._facts(entry, own, stands, reader.principal)
            for code in codes:
                if (has or code == RELATIONSHIP) and _says(code, entry):
                    yield from self._of_entry(code, stands.facts, facts, entry, stands.relationships)
        if not lines:
            return
        for line in (*disclosed.lines, *disclosed.carried):
            if _speaks_of(line, entry, own):
                facts = self._facts(entry, own, stands, reader.principal)
                policy = self._decider.line(f"notice-{CODED_LINE}", stands.facts, facts)
                if policy is not None:
                    rule, ids = self._rules.rule(line.policy), (policy, line.policy)
                    yield Told(
                        line.placed.shown.line or "", Released(entry.key, "line", ids, own.child),
                        line.placed.shown.occurred_at, stands.relationships, rule.text or _SAFETY_LINE,
                        rule.rule, rule.requirement,
                    )  # fmt: skip

    def _addressed(
        self, organisation: str, own: ChildView, entry: Entry, codes: Sequence[str]
    ) -> Iterator[Told]:
        """What is said of an event to an organisation that it is addressed to, whoever reads there."""
        if organisation not in addressees(entry, own) or self._directory.organisation(organisation) is None:
            return
        reader = ReaderFacts(frozenset({ADDRESSED}), False)
        facts = self._addressed_facts(organisation, own, entry)
        for code in codes:
            yield from self._of_entry(code, reader, facts, entry, (ADDRESSED,))

    def _of_entry(
        self, code: str, reader: ReaderFacts, facts: ItemFacts, entry: Entry, to: tuple[str, ...]
    ) -> Iterator[Told]:
        return self._by_rule(code, f"notice-{code}", reader, facts, entry, to)

    def _by_rule(
        self, code: str, line: str, reader: ReaderFacts, facts: ItemFacts, entry: Entry, to: tuple[str, ...]
    ) -> Iterator[Told]:
        policy = self._decider.line(line, reader, facts)
        if policy is not None:
            rule = self._rules.rule(policy)
            on = entry.received_at.astimezone(LONDON).date().isoformat()
            released = Released(entry.key, "line", (policy,))
            yield Told(code, released, on, to, rule.text, rule.rule, rule.requirement)

    def _addressed_facts(self, organisation: str, own: ChildView, entry: Entry) -> ItemFacts:
        system = self._directory.principal_for_organisation(organisation)
        stands = Standing(frozenset({ADDRESSED}), (ADDRESSED,), frozenset())
        return self._assembler.facts_of(entry, own, self._sides(own.child), stands, system, False)

    def _appointed(self, person: str, view: ChildView, own: ChildView, entry: Entry) -> Iterator[Told]:
        """What one person is told alone: that it was appointed, where it reads so itself."""
        known = self._directory.person(person)
        if person not in appointed(entry) or known is None or not known.active:
            return
        principal = self._directory.principal_for_person(person)
        stands = standing(principal, view, self.now)
        facts = self._facts(entry, own, stands, principal)
        if self._purposes.permitted(principal) and self._decider.decide(stands.facts, facts).outcome != "H":
            yield from self._by_rule(APPOINTED, APPOINTED, stands.facts, facts, entry, ("smg",))

    def _facts(self, entry: Entry, own: ChildView, stands: Standing, principal: Principal) -> ItemFacts:
        sides = self._sides(own.child)
        facts = self._assembler.facts_of(entry, own, sides, stands, principal, False)
        if entry.type == _LEVEL:
            lowest = levels.lowest(entry)
            facts = replace(facts, detail="lowest" if lowest else "above-lowest")
        return facts


def _alike(stands: Standing, person: str, authors: Set[str | None]) -> tuple[object, ...]:
    """What two people of one organisation have in common who find the same of a child."""
    # Each may keep what it wrote itself, so that two of them find different things.
    who = person if stands.classes <= LIMITED or person in authors else ""
    return stands.classes, stands.relationships, stands.meetings, stands.checks, who


def _of_own_posts(code: str, classes: frozenset[str]) -> bool:
    """Whether somebody who is this to a child is told of its own organisation's post under this code."""
    return code == UNACKNOWLEDGED or any(code in OF_OWN_POSTS.get(one, ()) for one in classes)


def _says(code: str, entry: Entry) -> bool:
    """Whether an entry of the type says what the code does: a decision is overridden now and then."""
    match code:
        case "override":
            return bool(entry.data.get("override"))
        case "health-referral":
            return entry.data.get("referral_made") is True
        case "engagement":
            return entry.data.get("engagement") in NOT_ENGAGING
    return True


def _speaks_of(line: Line, entry: Entry, own: ChildView) -> bool:
    """Whether a coded line rests on an event; a receipt for a referral speaks of its outcome too (D-22)."""
    if line.child != own.child:
        return False
    if line.basis == entry.key:
        return True
    if line.placed.shown.line != _RECEIPT or entry.type != _OUTCOME:
        return False
    referral = next((one for one in own.entries if one.key == line.basis), None)
    decided = outcome_of(referral, own.entries) if referral is not None else None
    return decided is not None and decided.key == entry.key
