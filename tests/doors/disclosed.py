"""Everything that one reader gets of one child, from folds alone: as the doors would write it, in bytes.

Chronology, overview with what stands side by side, clocks, the papers of its meetings, and what its people
would be told without asking, were this reader alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from hub.api.answers import chronology_json, json_bytes, overview_json
from hub.api.table import chronology_csv
from hub.directory.types import Person, Principal
from hub.disclosure.answers import Chronology, Overview, ShownEntry
from hub.disclosure.assemble import Assembler, Disclosed, FindView
from hub.disclosure.decide import Decider
from hub.disclosure.engine import Engine
from hub.disclosure.packs import body, show_meeting, spoken
from hub.disclosure.page import in_order
from hub.disclosure.purposes import load_purposes
from hub.disclosure.reasoning import Reasoning
from hub.disclosure.risk import material_of
from hub.disclosure.rules import load_rules
from hub.disclosure.side_by_side import Asking, side_by_side
from hub.disclosure.telling import Look
from hub.envelope import EventKey
from hub.pathway.meetings import meetings_of
from hub.pathway.profiles import ProfileOf
from hub.views import ChildView

Folds = Mapping[str, ChildView]


@dataclass(frozen=True)
class _Looked:
    """The reasoning's index of what people were told: nobody was told anything before."""

    def sent(self, child: str) -> tuple[()]:
        return ()


@dataclass(frozen=True)
class Reading:
    """One read of one child."""

    principal: Principal
    now: datetime
    as_at: datetime
    find: FindView
    disclosed: Disclosed


@dataclass(frozen=True)
class Given:
    """What a reader got: the bytes, and the events of which anything is in them."""

    written: bytes
    shown: frozenset[EventKey]
    redacted: Mapping[EventKey, frozenset[str]]
    """Of events that show with something withheld: the members that remain."""
    entries: Mapping[EventKey, ShownEntry]


NOTHING = Given(b"not found", frozenset(), {}, {})
RULES = load_rules()
DECIDER, PURPOSES = Decider(Engine(RULES)), load_purposes()


@dataclass(frozen=True)
class _Alone:
    """A directory in which an organisation has one person."""

    principal: Principal

    def people(self, organisation: str) -> tuple[Person, ...]:
        one = self.principal
        assert one.person is not None
        return (Person(one.person, one.organisation, one.roles),) if organisation == one.organisation else ()

    def organisation(self, organisation: str) -> str | None:
        return organisation if organisation == self.principal.organisation else None

    def principal_for_person(self, person: str) -> Principal:
        return self.principal

    def principal_for_organisation(self, organisation: str) -> Principal:
        return replace(self.principal, person=None, roles=frozenset())


def _told(
    folds: Folds, principal: Principal, child: str, now: datetime, assembler: Assembler
) -> Iterator[tuple[EventKey, bool, bytes]]:
    """The lines of every notice that this child's people would be sent, of its events and of linked ones.

    Shape: the event, whether it is told to whom it is addressed, who need not have it, and the lines.
    """
    directory: Any = _Alone(principal)
    look = Look(
        folds.__getitem__, directory=directory, rules=RULES, purposes=PURPOSES, assembler=assembler,
        decider=DECIDER, now=now,
    )  # fmt: skip
    view = folds[child]
    for own in (view, *(folds[other] for other in sorted(view.linked))):
        for entry in own.entries:
            lines = [one.line() for one in look.told(principal.organisation, view, own, entry)]
            if lines:
                addressed = any("addressed" in one["to"] for one in lines)
                yield entry.key, addressed, json_bytes(lines)


def _papers(
    reading: Reading, apart: Disclosed, assembler: Assembler, profile_of: ProfileOf
) -> Iterator[bytes]:
    """What the papers of each meeting say, for whoever did not convene it."""
    now, items = reading.now, {one.entry.key: one for one in apart.items}
    found = material_of(reading.principal, apart, (), (), assembler, now=now)
    material = replace(found, entries=spoken(apart.items))
    for meeting in meetings_of(material.entries):
        made = body(meeting, material, items, None, now=now, profile_of=profile_of)
        yield repr((show_meeting(meeting, items), made)).encode()
    asking = Asking(reading.principal.organisation, apart.standing.classes)
    ids = {key: item.shown.entry_id for key, item in items.items()}
    yield repr(side_by_side(material, asking, ids, now=now, profile_of=profile_of, apart=True)).encode()


def given(
    folds: Folds, principal: Principal, child: str, now: datetime, assembler: Assembler, profile_of: ProfileOf
) -> Given:
    """What a reader is given of a child at an instant: chronology (JSON, CSV), overview, clocks, notes."""
    disclosed = assembler.disclose(principal, folds[child], folds.__getitem__, now=now, as_at=None)
    if not disclosed.standing.classes:
        return NOTHING
    reasoning = Reasoning(assembler, _Looked(), profile_of)
    reading = Reading(principal, now, now, folds.__getitem__, disclosed)
    entries = reasoning.beside(reading, [one.shown for one in in_order(disclosed.placed)])
    chronology = Chronology("", child, now, "", None, tuple(entries), None)
    risk = reasoning.risk(reading)
    overview = Overview(
        "", child, now, "", None, risk.lines, risk.deadlines, risk.open_items, risk.notes,
        side_by_side=risk.side_by_side,
    )  # fmt: skip
    apart = assembler.disclose(principal, folds[child], folds.__getitem__, now=now, as_at=None, apart=True)
    notices = list(_told(folds, principal, child, now, assembler))
    written = (
        *_papers(reading, apart, assembler, profile_of),
        *(told for _, _, told in notices),
        json_bytes(chronology_json(chronology)),
        chronology_csv(chronology),
        json_bytes(overview_json(overview)),
        " ".join(disclosed.standing.relationships).encode(),
    )
    lines = {one.basis for one in (*disclosed.lines, *disclosed.carried)}
    items = disclosed.items
    return Given(
        b"\n".join(written),
        frozenset(
            {one.entry.key for one in items} | lines | {key for key, addressed, _ in notices if addressed}
        ),
        {one.entry.key: frozenset(one.shown.fields) for one in items if not one.decision.whole},
        {one.entry.key: one.shown for one in items},
    )
