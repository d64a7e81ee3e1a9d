"""What organisations were told, decided again as the record was: for replays, explanations and rehearsals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hub.directory import Directory
from hub.disclosure.assemble import Assembler, FindView
from hub.disclosure.decide import Decider
from hub.disclosure.facts import ItemFacts, ReaderFacts
from hub.disclosure.handing import EVENT, EVERY_CODE, still
from hub.disclosure.made import Made
from hub.disclosure.notice_record import NOTICE, body_of
from hub.disclosure.purposes import Purposes
from hub.disclosure.release import HUB_SOURCE
from hub.disclosure.rules import RuleSet
from hub.disclosure.telling import Look, Told
from hub.envelope import EventKey, JsonObject
from hub.pathway.entries import Entry
from hub.record import Record
from hub.views import ChildView, Views

_CHILD: Final = "child/"


@dataclass(frozen=True, slots=True)
class Ready:
    """A rule set, ready to decide."""

    rules: RuleSet
    decider: Decider
    assembler: Assembler


@dataclass(frozen=True, slots=True)
class Again:
    """One notice decided again: what is told, and of it what the notice as it was recorded holds."""

    told: tuple[Told, ...]
    lines: tuple[JsonObject, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """The event that a notice told of, on the record of then."""

    own: ChildView
    view: ChildView
    entry: Entry

    def organisations(self, look: Look) -> list[str]:
        """Whose systems may have been told of it."""
        return sorted(look.recipients(self.view, self.own, self.entry))


class NoticesAgain:
    """Decides about notices again; nothing is recorded, and nothing leaves."""

    def __init__(self, record: Record, purposes: Purposes) -> None:
        self._record: Final = record
        self._purposes: Final = purposes

    def look(self, find: FindView, directory: Directory, ready: Ready, now: datetime) -> Look:
        """A look at the record of then by these rules."""
        return Look(
            find, directory=directory, rules=ready.rules, purposes=self._purposes,
            assembler=ready.assembler, decider=ready.decider, now=now,
        )  # fmt: skip

    def event(self, made: Made, child: str, views: Views, look: Look) -> Event | None:
        """The event of a notice about this child; None where it is not on the record of then any more."""
        key = event_of(made)
        found = self._record.find(key.source, key.id) if key is not None else None
        if found is None or not found.stream.startswith(_CHILD):
            return None
        own = look.find(views.canonical(found.stream))
        entry = next((one for one in own.entries if one.key == key), None)
        return Event(own, look.find(views.canonical(child)), entry) if entry is not None else None

    def of(self, made: Made, recipient: str, event: Event, look: Look) -> Again:
        """What of one notice may be told by this look, as when it was handed over."""
        told = look.told(recipient, event.view, event.own, event.entry, EVERY_CODE)
        item = self._record.find(HUB_SOURCE, f"{made.asked.get(NOTICE)}-{NOTICE}")
        lines = tuple(still((body_of(item) if item is not None else None) or {}, told))
        codes = {line["code"] for line in lines}
        return Again(tuple(one for one in told if one.code in codes), lines)

    @staticmethod
    def facts(recipient: str, event: Event, look: Look) -> Iterator[tuple[ReaderFacts, ItemFacts]]:
        """What the rules read of each of the people who find the event, and of the event to them."""
        yield from look.facts_of(recipient, event.view, event.own, event.entry)


def event_of(made: Made) -> EventKey | None:
    """The event that a notice told of, from what was recorded of its making."""
    named = made.asked.get(EVENT)
    return EventKey(str(named["source"]), str(named["id"])) if isinstance(named, dict) else None
