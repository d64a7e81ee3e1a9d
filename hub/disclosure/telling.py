"""Who finds what of an event now: one look at the record, shared by everything decided from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Final

from hub.directory import Directory
from hub.directory.types import Principal
from hub.disclosure.assemble import Assembler, Disclosed, FindView
from hub.disclosure.decide import Decider
from hub.disclosure.facts import ItemFacts, ReaderFacts
from hub.disclosure.lines import Line, outcome_of
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
    "transfer", "action",
)  # fmt: skip
CODED_LINE: Final = "coded-line"
UNACKNOWLEDGED: Final = "unacknowledged"
"""Of a concern that nobody has acknowledged in time; told when that is found, and not with the event."""
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
        self._readers: Final = cache(lambda organisation, child: tuple(self._read(organisation, child)))

    def connected(self, view: ChildView) -> set[str]:
        """The organisations in which somebody may have a relationship with a child now."""
        found = {one.organisation for one in view.grants if one.current(self.now)}
        return found | {one for one in (view.authority, view.area) if one is not None}

    def told(
        self, organisation: str, view: ChildView, own: ChildView, entry: Entry, codes: Sequence[str] = CODES
    ) -> list[Told]:
        """What the people of an organisation find of an event, each code once, with whom it concerns."""
        merged: dict[str, Told] = {}
        for reader in self._readers(organisation, view.child):
            for one in self._found(reader, own, entry, codes):
                merged[one.code] = merged[one.code].with_(one) if one.code in merged else one
        return [merged[code] for code in sorted(merged)]

    def finds(self, organisation: str, view: ChildView, key: EventKey) -> bool:
        """Whether somebody of an organisation has an event, or a coded line of it, in the chronology."""
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
            if entry.key in reader.names or any(_speaks_of(line, entry, own) for line in lines):
                yield reader.stands.facts, self._facts(entry, own, reader)

    def _read(self, organisation: str, child: str) -> Iterator[Reader]:
        """The people who may read this child now, one for each standing: the others find the same.

        Shape: the standing towards linked children counts too; what rests on events of theirs is found only
        by who finds those.
        """
        view, seen = self.find(child), set[tuple[object, ...]]()
        for person in self._directory.people(organisation):
            if not person.active or not person.roles:
                continue
            principal = self._directory.principal_for_person(person.id)
            stands = standing(principal, view, self.now)
            if not stands.classes or stands.classes == {"officer"} or not self._purposes.permitted(principal):
                continue
            elsewhere = (standing(principal, self.find(other), self.now) for other in sorted(view.linked))
            alike = tuple(_alike(one, person.id) for one in (stands, *elsewhere))
            if alike not in seen:
                seen.add(alike)
                disclosed = self._assembler.disclose(principal, view, self.find, now=self.now, as_at=None)
                yield Reader(
                    principal, stands, disclosed, frozenset(one.entry.key for one in disclosed.items)
                )

    def _found(self, reader: Reader, own: ChildView, entry: Entry, codes: Sequence[str]) -> Iterator[Told]:
        """What one reader has of an event: the entry under its code, and the coded lines it gives.

        Trust: of an entry or line that the reader does not have, no rule on notices is asked.
        """
        stands, disclosed = reader.stands, reader.disclosed
        if entry.key in reader.names:
            facts = self._facts(entry, own, reader)
            on = entry.received_at.astimezone(LONDON).date().isoformat()
            for code in codes:
                policy = self._decider.line(f"notice-{code}", stands.facts, facts)
                if policy is not None:
                    rule = self._rules.rule(policy)
                    yield Told(
                        code, Released(entry.key, "line", (policy,)), on, stands.relationships,
                        rule.text, rule.rule, rule.requirement,
                    )  # fmt: skip
        for line in (*disclosed.lines, *disclosed.carried):
            if _speaks_of(line, entry, own):
                facts = self._facts(entry, own, reader)
                policy = self._decider.line(f"notice-{CODED_LINE}", stands.facts, facts)
                if policy is not None:
                    rule, ids = self._rules.rule(line.policy), (policy, line.policy)
                    yield Told(
                        line.placed.shown.line or "", Released(entry.key, "line", ids, own.child),
                        line.placed.shown.occurred_at, stands.relationships, rule.text or _SAFETY_LINE,
                        rule.rule, rule.requirement,
                    )  # fmt: skip

    def _facts(self, entry: Entry, own: ChildView, reader: Reader) -> ItemFacts:
        sides = self._sides(own.child)
        facts = self._assembler.facts_of(entry, own, sides, reader.stands, reader.principal, False)
        if entry.type == _LEVEL:
            lowest = levels.lowest(entry)
            facts = replace(facts, detail="lowest" if lowest else "above-lowest")
        return facts


def _alike(stands: Standing, person: str) -> tuple[object, ...]:
    """What two people of one organisation have in common who find the same of a child."""
    # Of these each may keep what it wrote itself, so that two of them find different things.
    who = person if stands.classes <= LIMITED else ""
    return stands.classes, stands.relationships, stands.meetings, stands.checks, who


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
