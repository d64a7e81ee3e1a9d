"""Worlds of the oracle in which people of further roles are something to a child (roles B).

Public protection, the strategic group, agencies that were asked for records, members of the group, early help
with an action of its own, a single point of contact, and whoever used emergency access.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hub.envelope import EventKey
from hub.views import ChildView, Grant
from tests.oracle import cases
from tests.oracle.model import Posted, Reader, World

MAPPA, CAMHS, DUTY = cases.MAPPA, cases.CAMHS, "social-care.s-duty"
AREAS = {**cases.AREAS, DUTY: cases.S}
LEAD = Reader(f"{cases.POLICE}/lead-1", "police-officer")
READERS = (
    Reader(f"{DUTY}/p-1", "duty-worker"),
    Reader(f"{cases.HEALTH}/p-4", "health-practitioner"),
    LEAD,
)
EMERGENCY = (f"{DUTY}/p-1", f"{cases.OTHER_POLICE}/p-2", f"{cases.HEALTH}/p-4", f"{cases.S}/fd-2")
HUB = "urn:safeguarding:hub"


def with_more(world: World) -> World:
    """The world, and behind everything else what lets the others in."""
    posted = [*world.posted]
    for child, csc in ((one.child, one.organisation) for one in world.posted[:2]):
        for type_, data in _lets_in(csc):
            last = posted[-1]
            now = last.received + timedelta(hours=1)
            day = {"occurred_at": now.date().isoformat(), "precision": "day", "author": f"{csc}/sw-1"}
            posted.append(Posted(last.number + 3, child, type_, csc, f"{csc}/sw-1", now, day | data))
    return replace(world, posted=tuple(posted), areas=AREAS, memo={})


def _lets_in(csc: str) -> Iterator[tuple[str, dict[str, Any]]]:
    seats = [LEAD.person, f"{csc}/sgu-1", f"{csc}/tm-2"]
    members = [{"organisation": one.partition("/")[0], "person": one} for one in seats]
    yield "mappa-notified", {"coordinator": f"{MAPPA}/p-1"}
    yield "strategic-management-group-appointed", {"members": members, "link": "LK-1"}
    for holder in (CAMHS, cases.SURGERY, cases.HEALTH):
        yield (
            "records-access-requested",
            {"holder": holder, "scope": "background-check", "purpose": "To know."},
        )
    for organisation in (cases.EARLY, CAMHS):
        yield "relationship-recorded", {"kind": "group-member", "organisation": organisation}
    yield "relationship-recorded", {"kind": "early-help", "organisation": cases.EARLY}
    yield (
        "action-assigned",
        {"action": "ACT-1", "organisation": cases.EARLY, "what": "Visit.", "meeting": "M1"},
    )
    yield "named-contact-appointed", {"role": "spoc", "person": f"{csc}/sw-2"}


def used_in_an_emergency(folds: Mapping[str, ChildView], now: datetime) -> dict[str, ChildView]:
    """The folds as readers get them while some people use emergency access to the child who harmed."""
    begun, ends = now - timedelta(hours=1), now + timedelta(hours=23)
    grants = tuple(
        Grant("emergency", one.partition("/")[0], one, begun, ends, EventKey(HUB, f"emergency-{number}"))
        for number, one in enumerate(EMERGENCY)
    )
    child = cases.HARMER
    return {**folds, child: replace(folds[child], grants=(*folds[child].grants, *grants))}
