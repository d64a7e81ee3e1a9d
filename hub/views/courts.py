"""What proceedings at court grant to the youth-justice service of the child's own area (G.00, D-27)."""

from __future__ import annotations

from typing import Final

from hub.pathway.child import in_role
from hub.pathway.entries import Entry
from hub.pathway.fields import text
from hub.views.grants import (
    AreaOf,
    OpenGrant,
    by_position,
    end_at_handover,
    end_recorded,
    end_where,
    kind_of,
)
from hub.views.types import Folded, Grant

_PROSECUTION: Final = frozenset({"prosecution-youth-court", "prosecution-crown-court"})

_STEPS: Final = frozenset(
    {"court-stage-recorded", "criminal-outcome-recorded", "relationship-ended", "closure-decided"}
)


def court_grants(folded: Folded, area_of: AreaOf) -> tuple[Grant, ...]:
    """The supervision of a child who has harmed, by the service that says the child is at court.

      1. The service is that of the responsible authority's area, and has recorded a stage of proceedings.
      2. Police have said so too: a stage, or an outcome that is a prosecution. The grant rests on their word,
         and begins with whichever came second.
      3. It ends as supervision does: recorded, with the case, or when the child comes under another area.

    Source: G.00; D-27
    """
    open_: list[OpenGrant] = []
    if not in_role(folded.entries, "has-harmed"):
        return ()
    services: dict[str, None] = {}
    police: Entry | None = None
    moves = list(folded.handovers)
    for entry in by_position(folded.entries, _STEPS):
        while moves and moves[0].position < entry.position:
            services.clear()
            end_at_handover(open_, moves.pop(0), area_of)
        kind, home = kind_of(entry.organisation or ""), folded.granting_at(entry.position)
        service = entry.organisation
        if entry.type == "court-stage-recorded" and kind == "youth-justice" and service is not None:
            if home is not None and area_of(service) == home:  # 1
                services[service] = None
        if kind == "police" and _prosecutes(entry):  # 2
            police = entry
        if police is not None:
            for one in services:
                grant = Grant("supervised", one, None, entry.received_at, None, police.key)
                open_.append(OpenGrant(grant))
            services.clear()
        if entry.type == "relationship-ended":  # 3
            end_recorded(open_, entry, home)
        if entry.type == "closure-decided" and text(entry, "closes") == "case" and folded.granted(entry):
            end_where(open_, entry, lambda one: one.kind == "supervised")
    for move in moves:
        end_at_handover(open_, move, area_of)
    return tuple(one.grant for one in open_)


def _prosecutes(entry: Entry) -> bool:
    return entry.type == "court-stage-recorded" or (
        entry.type == "criminal-outcome-recorded" and text(entry, "outcome") in _PROSECUTION
    )
