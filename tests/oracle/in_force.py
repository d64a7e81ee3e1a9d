"""Whether a grant stands at an instant: begun, not past its end, not ended and not replaced (G.00)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.oracle.model import Happening, Reader

LONDON = ZoneInfo("Europe/London")
AFTER = timedelta(days=28)
# A day's edge is read both ways within this of it, and nowhere else: what begins or ends with an event does
# so when the hub has it.
EDGE = timedelta(hours=36)
SEATS = "strategic-management-group-appointed"
AT_ONCE = datetime(1900, 1, 1, tzinfo=LONDON)


def begin(event: Happening) -> datetime:
    """Since when a grant stands: the day it names, else at once."""
    return midnight(event["from"]) if event["from"] else AT_ONCE


def midnight(written: str) -> datetime:
    return datetime.combine(date.fromisoformat(written), datetime.min.time(), LONDON)


def current(event: Happening, now: datetime, over: datetime | None = None) -> bool:
    end = midnight(event["until"]) if event["until"] else None
    return begin(event) <= now and (end is None or now < end) and (over is None or now < over)


def ended(
    events: list[Happening],
    grant: Happening,
    kind: str,
    organisation: str,
    person: str | None,
    csc: str | None,
) -> datetime | None:
    """When a RelationshipEnded ends a grant: by the authority, or by the organisation that benefits."""
    for one in events:
        if one.type != "relationship-ended" or one.number < grant.number or one["kind"] != kind:
            continue
        if one["organisation"] != organisation or one.organisation not in (csc, organisation):
            continue
        if one["person"] is None or (person is not None and one["person"] == person):
            return midnight(one["at"]) if one["at"] else AT_ONCE
    return None


def holds(events: list[Happening], event: Happening, csc: str | None, reader: Reader, now: datetime) -> bool:
    """Whether a grant stands: begun, not past its own end, not ended by an event, not replaced (G.00)."""
    kind = {"social-worker-allocated": event["kind"], "relationship-recorded": event["kind"]}.get(event.type)
    kind = kind or {
        "named-contact-appointed": "chair" if event["role"] == "conference-chair" else event["role"]
    }.get(event.type)
    kind = kind or {"child-stream-opened": "enrolled", "mappa-notified": "mappa", SEATS: "smg"}.get(
        event.type, "supervised"
    )
    whose = event["worker"] if event.type == "social-worker-allocated" else event["person"]
    over = ended(events, event, str(kind), reader.organisation, whose, csc)
    if event.type == "invitation-sent" or event.type == "child-stream-opened":
        stands = over is None or now < over
    else:
        stands = current(event, now, over)
    return stands and not replaced(events, event, csc, now)


def replaced(events: list[Happening], event: Happening, csc: str | None, now: datetime) -> bool:
    """Whether the next of its kind has come: allocation, placement, enrolment, named contact of a role."""
    for one in events:
        if one.number <= event.number or one.organisation != csc or begin(one) > now:
            continue
        same = one.type == event.type
        if same and event.type == "social-worker-allocated" and event["kind"] == one["kind"] == "allocated":
            return True
        if same and event.type == "named-contact-appointed" and event["role"] == one["role"]:
            return True
        if same and event.type in ("mappa-notified", SEATS):
            return True
        placed = one.type == "relationship-recorded" and one["kind"] == event["kind"] == "placed"
        if placed and one["organisation"] != event["organisation"]:
            return True
        enrols = event.type == "child-stream-opened" or event["kind"] == "enrolled"
        if enrols and one.type == "relationship-recorded" and one["kind"] == "enrolled":
            return True
    return False
