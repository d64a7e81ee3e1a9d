"""Notices: who is told at once that something was recorded about a child, as codes without content.

A notice goes to the systems of an organisation. It says no more than what one of the organisation's people
finds in the chronology at that moment, and the content needs that person to sign in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Final
from uuid import UUID

import orjson

from hub import metrics
from hub.directory import Directory
from hub.disclosure.assemble import Assembler
from hub.disclosure.concerned import Concerned, concerned
from hub.disclosure.decide import Decider
from hub.disclosure.lines import CARRIED_LINES
from hub.disclosure.purposes import Purposes
from hub.disclosure.release import HUB_SOURCE, Access, AccessRecord
from hub.disclosure.rules import RuleSet
from hub.disclosure.telling import Look, Told
from hub.disclosure.tokens import ReaderNames
from hub.envelope import EventKey, JsonObject, JsonValue
from hub.errors import HubError
from hub.pathway.entries import Entry
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

    def look(self) -> Look:
        """A look at the record as it is now, for what is decided at once."""
        return Look(
            self._views.child, directory=self._directory, rules=self._rules, purposes=self._purposes,
            assembler=self._assembler, decider=self._decider, now=self._clock.domain(),
        )  # fmt: skip

    def of(self, item: Recorded, look: Look) -> tuple[Notice, ...]:
        """The notices of one item that the look has seen, durable when returned.

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
        found: dict[str, Notice] = {}
        for one in concerned(item, self._record, self._views):  # 1
            found |= {notice.id: notice for notice in self._of_event(one, look)}
        return tuple(found.values())

    def _of_event(self, event: Concerned, look: Look) -> list[Notice]:
        """The notices of one event; retracted since, it is of nobody.

        Shape: of an event that was corrected only what those told before have not been told.
        """
        if self._record.lacks([event.stream]):
            # Nobody would be told now, and who is passed over is never told.
            raise HubError("views-behind", "The record was restored and lacks events of this child.")
        own, key, by = look.find(event.stream.removeprefix(_CHILD)), event.key, event.by
        entry = next((one for one in own.entries if one.key == key), None)
        if entry is None:
            return []
        found: list[Notice] = []
        others = sorted(own.linked) if _may_be_carried(entry) else ()
        for view in (own, *(look.find(other) for other in others)):  # 2
            for organisation in sorted(look.connected(view) - {key.source.removeprefix(_AGENCY)}):
                told = look.told(organisation, view, own, entry)  # 3
                if by != key:
                    told = list(_beyond(self._held(self._name(key, organisation, view)), told))
                if told:
                    found += self._recorded(organisation, view, self._name(by, organisation, view), told)  # 4
        return found

    def _name(self, key: EventKey, organisation: str, view: ChildView) -> str:
        """The id of the notice that an organisation gets by an event about a child."""
        name = f"{key.source}\n{key.id}\n{organisation}\n{_CHILD}{view.child}"
        return str(UUID(bytes=self._record.digest(PURPOSE, name.encode())[:16], version=5))

    def _recorded(
        self, organisation: str, view: ChildView, id: str, told: Sequence[Told]
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
        self, organisation: str, view: ChildView, id: str, body: JsonObject, told: Sequence[Told]
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


def _may_be_carried(entry: Entry) -> bool:
    return entry.type in (*CARRIED_LINES, _OUTCOME) or "measures" in entry.data


def _beyond(held: JsonObject | None, told: Sequence[Told]) -> Iterator[Told]:
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


def _still(held: JsonObject, told: Sequence[Told]) -> Iterator[JsonObject]:
    """The lines of a recorded notice that may be told now too, each to whom it still concerns."""
    now = {one.code: one.to for one in told}
    lines = held.get("lines")
    for line in lines if isinstance(lines, list) else ():
        before = line.get("to") if isinstance(line, dict) else None
        to = [one for one in before if one in now.get(line["code"], ())] if isinstance(before, list) else []
        if to:
            yield {**line, "to": to}
