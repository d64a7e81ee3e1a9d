"""Everything that one reader gets of one child, from folds alone: as the doors would write it, in bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hub.api.answers import chronology_json, json_bytes, overview_json
from hub.api.table import chronology_csv
from hub.directory.types import Principal
from hub.disclosure.answers import Chronology, Overview, ShownEntry
from hub.disclosure.assemble import Assembler, Disclosed
from hub.disclosure.page import in_order
from hub.disclosure.reasoning import Reasoning
from hub.envelope import EventKey
from hub.pathway.profiles import ProfileOf
from hub.views import ChildView

Folds = Mapping[str, ChildView]


@dataclass(frozen=True)
class _Looked:
    """The folds as the reasoning asks for them; nobody was told anything before."""

    folds: Folds

    def child(self, child: str) -> ChildView:
        return self.folds[child]

    def sent(self, child: str) -> tuple[()]:
        return ()


@dataclass(frozen=True)
class Reading:
    """One read of one child."""

    principal: Principal
    now: datetime
    as_at: datetime
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


def given(
    folds: Folds, principal: Principal, child: str, now: datetime, assembler: Assembler, profile_of: ProfileOf
) -> Given:
    """What a reader is given of a child at an instant: chronology (JSON, CSV), overview, clocks, notes."""
    disclosed = assembler.disclose(principal, folds[child], folds.__getitem__, now=now, as_at=None)
    if not disclosed.standing.classes:
        return NOTHING
    looked = _Looked(folds)
    reasoning = Reasoning(looked, assembler, looked, profile_of)
    reading = Reading(principal, now, now, disclosed)
    entries = reasoning.beside(reading, [one.shown for one in in_order(disclosed.placed)])
    chronology = Chronology("", child, now, "", None, tuple(entries), None)
    risk = reasoning.risk(reading)
    overview = Overview("", child, now, "", None, risk.lines, risk.deadlines, risk.open_items, risk.notes)
    written = (
        json_bytes(chronology_json(chronology)),
        chronology_csv(chronology),
        json_bytes(overview_json(overview)),
        " ".join(disclosed.standing.relationships).encode(),
    )
    lines = {one.basis for one in (*disclosed.lines, *disclosed.carried)}
    items = disclosed.items
    return Given(
        b"\n".join(written),
        frozenset({one.entry.key for one in items} | lines),
        {one.entry.key: frozenset(one.shown.fields) for one in items if not one.decision.whole},
        {one.entry.key: one.shown for one in items},
    )
