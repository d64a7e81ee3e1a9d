"""Notices: who is told at once that something was recorded about a child, as codes without content.

A notice goes to the systems of an organisation. It says no more than what one of the organisation's people
finds in the chronology at that moment, and the content needs that person to sign in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Final
from uuid import UUID

import orjson

from hub import metrics
from hub.directory import Directory
from hub.directory.types import Principal
from hub.disclosure.assemble import Assembler, Disclosed, FindView, sides_of
from hub.disclosure.concerned import Concerned, concerned
from hub.disclosure.decide import Decider
from hub.disclosure.facts import ItemFacts
from hub.disclosure.lines import CARRIED_LINES, Line, outcome_of
from hub.disclosure.purposes import Purposes
from hub.disclosure.redact import LONDON
from hub.disclosure.release import HUB_SOURCE, Access, AccessRecord, Released
from hub.disclosure.rules import RuleSet
from hub.disclosure.standing import LIMITED, Standing, standing
from hub.disclosure.tokens import ReaderNames
from hub.envelope import EventKey, JsonObject, JsonValue
from hub.errors import HubError
from hub.pathway import levels
from hub.pathway.entries import Entry
from hub.pathway.fields import text
from hub.record import Draft, Record, Recorded
from hub.record.ports import Clock
from hub.views import ChildView, Views

NOTICE: Final = "notice"
PURPOSE: Final = "notice"
"""What the digest is for that makes a notice's id: the same for the same event, organisation and child."""
CODES: Final = (
    "concern", "referral", "referral-outcome", "safety", "level", "police-decision", "criminal-outcome",
    "interview", "meeting", "enquiry", "conference", "plan", "assessment", "oversight", "deadline",
)  # fmt: skip
CODED_LINE: Final = "coded-line"
_RECEIPT: Final = "referral-receipt"
_OUTCOME: Final = "referral-outcome-decided"
_LEVEL: Final = "behaviour-level-assessed"
_SAFETY_LINE: Final = "Safety line"
_CHILD: Final = "child/"
_AGENCY: Final = "urn:safeguarding:org:"


@dataclass(frozen=True, slots=True)
class Notice:
    """What one organisation is told of one event about one child.

    Shape: `body` holds `notice` (this id), `token` (the organisation's own name of the child) and `lines`,
    each with `code`, `text`, `rule`, `requirement`, `on` (a London day) and `to` (the relationships of the
    people who find it in the chronology). No name, identifier, reference, event id or narrative.
    """

    id: str
    organisation: str
    body: JsonObject


@dataclass(frozen=True, slots=True)
class _Told:
    """One line of a notice, and the policies and event that it leaves by."""

    code: str
    released: Released
    on: str
    to: tuple[str, ...]
    text: str
    rule: str
    requirement: str

    def with_(self, other: _Told) -> _Told:
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


class Notices:
    """Decides who is told of an event now, and records each notice before it is handed over."""

    def __init__(
        self, *, record: Record, views: Views, directory: Directory, rules: RuleSet, purposes: Purposes,
        assembler: Assembler, decider: Decider, accesses: AccessRecord, clock: Clock,
    ) -> None:  # fmt: skip
        self._record: Final = record
        self._views: Final = views
        self._directory: Final = directory
        self._rules: Final = rules
        self._purposes: Final = purposes
        self._assembler: Final = assembler
        self._decider: Final = decider
        self._accesses: Final = accesses
        self._clock: Final = clock

    def of(self, item: Recorded) -> tuple[Notice, ...]:
        """The notices of one item of the record, decided now and durable when returned.

        Trust: whoever finds nothing of the event in the chronology gets no notice, and the poster's
        organisation gets none: it has its receipt. Whether others get one, nobody is told.
        Source: requirements B ("must be told"), H-08, H-10, H-12, D-20, D-26.
        Raises: HubError store, rate, views-behind; the same call again makes up for it.

        Procedure
          1. The events that people find, or find otherwise, since this item was recorded.
          2. Of each: the organisations that may have somebody with a relationship to its child; for what
             may be carried over a link, to the linked children too.
          3. What the people of each find of the event, and what the rules say of telling their systems.
          4. Record, then return.
        """
        # One look at the record for all readers of this item: each child is folded once.
        find = cache(self._views.child)
        found: dict[str, Notice] = {}
        for one in concerned(item, self._record, self._views):  # 1
            found |= {notice.id: notice for notice in self._of_event(one, find)}
        return tuple(found.values())

    def _of_event(self, event: Concerned, find: FindView) -> list[Notice]:
        """The notices of one event; retracted since, it is of nobody.

        Shape: of an event that was corrected only what those told before have not been told.
        """
        if self._record.lacks([event.stream]):
            # Nobody would be told now, and who is passed over is never told.
            raise HubError("views-behind", "The record was restored and lacks events of this child.")
        own, now = find(event.stream.removeprefix(_CHILD)), self._clock.domain()
        key, by = event.key, event.by
        entry = next((one for one in own.entries if one.key == key), None)
        if entry is None:
            return []
        found: list[Notice] = []
        others = sorted(own.linked) if _may_be_carried(entry) else ()
        for view in (own, *(find(other) for other in others)):  # 2
            for organisation in sorted(_connected(view, now) - {key.source.removeprefix(_AGENCY)}):
                told = self._told(organisation, view, own, entry, find, now)  # 3
                if by != key:
                    told = list(_beyond(self._held(self._name(key, organisation, view)), told))
                if told:
                    found += self._recorded(organisation, view, self._name(by, organisation, view), told)  # 4
        return found

    def _name(self, key: EventKey, organisation: str, view: ChildView) -> str:
        """The id of the notice that an organisation gets by an event about a child."""
        name = f"{key.source}\n{key.id}\n{organisation}\n{_CHILD}{view.child}"
        return str(UUID(bytes=self._record.digest(PURPOSE, name.encode())[:16], version=5))

    def _told(
        self, organisation: str, view: ChildView, own: ChildView, entry: Entry, find: FindView, now: datetime
    ) -> list[_Told]:
        """What the people of an organisation find of an event, each code once, with whom it concerns."""
        merged: dict[str, _Told] = {}
        for principal, stands in self._readers(organisation, view, find, now):
            disclosed = self._assembler.disclose(principal, view, find, now=now, as_at=None)
            for one in self._found(disclosed, own, entry, principal, stands):
                merged[one.code] = merged[one.code].with_(one) if one.code in merged else one
        return [merged[code] for code in sorted(merged)]

    def _readers(
        self, organisation: str, view: ChildView, find: FindView, now: datetime
    ) -> Iterator[tuple[Principal, Standing]]:
        """The people who may read this child now, one for each standing: the others find the same.

        Shape: the standing towards linked children counts too; what rests on events of theirs is found only
        by who finds those.
        """
        seen: set[tuple[object, ...]] = set()
        for person in self._directory.people(organisation):
            if not person.active or not person.roles:
                continue
            principal = self._directory.principal_for_person(person.id)
            stands = standing(principal, view, now)
            if not stands.classes or stands.classes == {"officer"} or not self._purposes.permitted(principal):
                continue
            elsewhere = (standing(principal, find(other), now) for other in sorted(view.linked))
            alike = tuple(_alike(one, person.id) for one in (stands, *elsewhere))
            if alike not in seen:
                seen.add(alike)
                yield principal, stands

    def _found(
        self, disclosed: Disclosed, own: ChildView, entry: Entry, principal: Principal, stands: Standing
    ) -> Iterator[_Told]:
        """What one reader has of an event: the entry under its code, and the coded lines it gives.

        Trust: of an entry or line that the reader does not have, no rule on notices is asked.
        """
        if any(one.entry.key == entry.key for one in disclosed.items):
            facts = self._facts(entry, own, stands, principal)
            on = entry.received_at.astimezone(LONDON).date().isoformat()
            for code in CODES:
                policy = self._decider.line(f"notice-{code}", stands.facts, facts)
                if policy is not None:
                    rule = self._rules.rule(policy)
                    yield _Told(
                        code, Released(entry.key, "line", (policy,)), on, stands.relationships,
                        rule.text, rule.rule, rule.requirement,
                    )  # fmt: skip
        for line in (*disclosed.lines, *disclosed.carried):
            if _speaks_of(line, entry, own):
                facts = self._facts(entry, own, stands, principal)
                policy = self._decider.line(f"notice-{CODED_LINE}", stands.facts, facts)
                if policy is not None:
                    rule, ids = self._rules.rule(line.policy), (policy, line.policy)
                    yield _Told(
                        line.placed.shown.line or "", Released(entry.key, "line", ids, own.child),
                        line.placed.shown.occurred_at, stands.relationships, rule.text or _SAFETY_LINE,
                        rule.rule, rule.requirement,
                    )  # fmt: skip

    def _facts(self, entry: Entry, own: ChildView, stands: Standing, principal: Principal) -> ItemFacts:
        facts = self._assembler.facts_of(entry, own, sides_of(own), stands, principal, False)
        if entry.type == _LEVEL:
            lowest = levels.lowest(text(entry, "scale") or "", text(entry, "level") or "")
            facts = replace(facts, detail="lowest" if lowest else "above-lowest")
        return facts

    def _recorded(
        self, organisation: str, view: ChildView, id: str, told: Sequence[_Told]
    ) -> Iterator[Notice]:
        """The notice, recorded once; where it was recorded before, what of it may still be told.

        1. Look whether it stands already: after a crash, or because another process was first.
        2. Record it, under the child as a disclosure and in the organisation's own stream of notices. Where
           another was first after all, its record counts.
        3. What was recorded and may not be told any more is not sent; what may be told since is not new.
        """
        lines: list[JsonValue] = [one.line() for one in told]
        token = ReaderNames(self._record.digest, organisation, view.child).child()
        body: JsonObject = {"notice": id, "token": token, "lines": lines}
        held = self._held(id)  # 1
        if held is None:
            try:
                self._release(organisation, view, id, body, told)  # 2
                metrics.notice("recorded")
            except HubError as fault:
                if fault.slug != "conflict":
                    raise
                held = self._held(id)
                if held is None:
                    raise
        if held is not None:  # 3
            kept = list(_still(held, told))
            if not kept:
                metrics.notice("withheld")
                return
            body = {**held, "lines": kept}
        yield Notice(id, organisation, body)

    def _release(
        self, organisation: str, view: ChildView, id: str, body: JsonObject, told: Sequence[_Told]
    ) -> None:
        system = self._directory.principal_for_organisation(organisation)
        access = Access(system, view.child, NOTICE, None, None, None, None, self._rules.version)
        items = [
            replace(one.released, child=None if one.released.child == view.child else one.released.child)
            for one in told
        ]
        bases = {one for line in told for one in line.to}
        draft = self._draft(organisation, id, body)
        self._accesses.released(access, bases, items, (), disclosure_id=id, beside=(draft,))

    def _draft(self, organisation: str, id: str, body: JsonObject) -> Draft:
        """The notice as it was sent, in the organisation's own stream; which child it is stands not there."""
        payload = orjson.dumps(
            {
                "specversion": "1.0",
                "id": f"{id}-{NOTICE}",
                "source": HUB_SOURCE,
                "type": "safeguarding.notice-made.v1",
                "time": self._clock.domain().astimezone(UTC).isoformat(),
                "datacontenttype": "application/json",
                "data": body,
            }
        )
        return Draft(
            f"notices/{organisation}",
            "record",
            HUB_SOURCE,
            f"{id}-{NOTICE}",
            "notice-made.v1",
            payload,
            payload,
        )

    def _held(self, id: str) -> JsonObject | None:
        """The notice of this id as it was recorded; None where there is none yet."""
        found = self._record.find(HUB_SOURCE, f"{id}-{NOTICE}")
        if found is None:
            return None
        # A notice whose key was destroyed is not told a second time.
        data: JsonObject = orjson.loads(found.body)["data"] if found.body is not None else {}
        return data


def _connected(view: ChildView, now: datetime) -> set[str]:
    """The organisations in which somebody may have a relationship with a child now."""
    found = {one.organisation for one in view.grants if one.current(now)}
    return found | {one for one in (view.authority, view.area) if one is not None}


def _alike(stands: Standing, person: str) -> tuple[object, ...]:
    """What two people of one organisation have in common who find the same of a child."""
    # Of these each may keep what it wrote itself, so that two of them find different things.
    who = person if stands.classes <= LIMITED else ""
    return stands.classes, stands.relationships, stands.meetings, stands.checks, who


def _may_be_carried(entry: Entry) -> bool:
    return entry.type in (*CARRIED_LINES, _OUTCOME) or "measures" in entry.data


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


def _beyond(held: JsonObject | None, told: Sequence[_Told]) -> Iterator[_Told]:
    """What the people of an organisation were not told by a recorded notice; nothing where it was erased."""
    if held == {}:
        return
    lines = held.get("lines", []) if held is not None else []
    before = (
        {one["code"]: one["to"] for one in lines if isinstance(one, dict)} if isinstance(lines, list) else {}
    )
    for one in told:
        known = before.get(one.code)
        to = tuple(each for each in one.to if not isinstance(known, list) or each not in known)
        if to:
            yield replace(one, to=to)


def _still(held: JsonObject, told: Sequence[_Told]) -> Iterator[JsonObject]:
    """The lines of a recorded notice that may be told now too, each to whom it still concerns."""
    now = {one.code: one.to for one in told}
    lines = held.get("lines")
    for line in lines if isinstance(lines, list) else ():
        before = line.get("to") if isinstance(line, dict) else None
        to = [one for one in before if one in now.get(line["code"], ())] if isinstance(before, list) else []
        if to:
            yield {**line, "to": to}
