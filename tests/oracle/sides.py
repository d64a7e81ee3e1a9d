"""On which sides a child stands, and whether it was young: by whose word, and how far that is sure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from tests.oracle.model import Happening

WITHOUT_EFFECT = ("withdrawn", "not-established")


def sides_and_ages(
    events: list[Happening], csc: str | None, organisation: str, born: date, now: datetime
) -> Iterator[tuple[frozenset[str], bool]]:
    """Every reading of the sides of a child and of its age, for a reader of this organisation.

    1. Posting gives an organisation its own posts and receipts, nothing else (G.00): an incident by whom no
       event of the authority names says nothing of the child.
    2. What the authority recorded, and what stands, counts surely.
    3. What others of the case recorded, and what was withdrawn or not established, may count or not; what a
       youth justice service alone says does not let it in (D-21).
    """
    said = [one for one in events if one.type == "incident-recorded"]
    named = {csc}
    for one in events:
        if one.organisation == csc:  # 1
            named |= {one["organisation"], *(one["schools"] or ())}
            named |= {str(one[who]).partition("/")[0] for who in ("worker", "person") if one[who]}
    sure = [one for one in said if one.organisation == csc and one["status"] not in WITHOUT_EFFECT]  # 2
    perhaps = [one for one in said if one.organisation in named]  # 3
    if organisation.startswith("youth-justice."):
        perhaps = [one for one in perhaps if one.organisation != organisation]
    cautioned = [one for one in events if one.type == "interview-held" and one["kind"] == "pace"]
    for counted in (sure, perhaps):
        for young in _young(born, counted, cautioned, now):
            yield frozenset(one["role"] for one in counted), young


def _young(born: date, incidents: list[Happening], cautioned: list[Happening], now: datetime) -> set[bool]:
    """Shape: of a child who is not known to have harmed it counts how old it was when it was interviewed."""
    tenth = date(born.year + 10, born.month, min(born.day, 28))
    harm = [one for one in incidents if one["role"] == "has-harmed"]
    days = [now.date(), *(day_of(one) for one in harm or cautioned)]
    return {one < tenth + timedelta(days=shift) for one in days for shift in (-3, 3)}


def day_of(event: Happening) -> date:
    """The day on which an event is said to have happened."""
    written = str(event["occurred_at"])
    return date.fromisoformat(written[:10]) if len(written) >= 10 else event.received.date()
