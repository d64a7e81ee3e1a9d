"""When enquiry relationships end: 28 days after the enquiries and the investigation (D-28, D-29)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from hub.catalogue.occurred import LONDON
from hub.pathway.fields import text
from hub.views.grants import day_end, kind_of
from hub.views.types import Folded, Grant

AFTERWARDS: Final = timedelta(days=28)
"""How long a relationship outlasts the meeting, or the enquiry and the investigation (a setting)."""

# A charge or a case at court leaves the criminal matter open; to consider a disposal decides nothing.
_STILL_OPEN: Final = frozenset(
    {"oocd-considered", "charge", "prosecution-youth-court", "prosecution-crown-court"}
)


def with_enquiry_ends(
    grants: tuple[Grant, ...], folded: Folded, linked: Mapping[str, Folded]
) -> tuple[Grant, ...]:
    """The grants with the end of enquiries and investigation put in (step 2).

    An enquiry worker stays until the last of the linked children's enquiries and the investigation has
    ended (D-29). Police stay while they investigate, and beyond it to the latest concluded enquiry; an
    enquiry that is still open does not keep them once their investigation has ended (D-28).
    """
    children = (folded, *linked.values())
    enquiries = [
        _last_span(one, "section-47-enquiry-initiated", "section-47-enquiry-concluded") for one in children
    ]
    investigations = [_investigation(one) for one in children]
    asked = [one for one in enquiries if one is not None]
    investigated = [one for one in investigations if one is not None]
    worker_end = _all_ended([*asked, *investigated])
    police_end = worker_end
    if investigated and all(end is not None for _, end in investigated):
        police_end = _all_ended([*(one for one in asked if one[1] is not None), *investigated])
    ended = []
    for grant in grants:
        if grant.kind == "enquiry":
            end = police_end if kind_of(grant.organisation) == "police" else worker_end
            if end is not None and end > grant.from_:
                grant = replace(grant, until=end if grant.until is None else min(grant.until, end))
        ended.append(grant)
    return tuple(ended)


_Span: TypeAlias = tuple[datetime, datetime | None]


def _all_ended(spans: Sequence[_Span]) -> datetime | None:
    """The end of the London day 28 days after the last of these ended; None while one goes on."""
    ends = [end for _, end in spans if end is not None]
    if not ends or len(ends) < len(spans):
        return None
    return day_end((max(ends) + AFTERWARDS).astimezone(LONDON).date())


def _last_span(folded: Folded, begins: str, ends: str) -> _Span | None:
    """The last enquiry of a child: begun, and ended by whom it concerns."""
    granting = folded.authority or folded.area
    begun = [one for one in folded.entries if one.type == begins]
    if not begun:
        return None
    last = max(begun, key=lambda one: one.position)
    concluded = [
        one
        for one in folded.entries
        if one.type == ends
        and one.position > last.position
        and one.organisation in (granting, last.organisation)
    ]
    return last.received_at, max((one.received_at for one in concluded), default=None)


def _investigation(folded: Folded) -> _Span | None:
    """The last investigation into a child: decided by police, and ended by a police outcome."""
    decided = [
        one
        for one in folded.entries
        if one.type == "criminal-investigation-decided" and text(one, "decision") == "investigate"
    ]
    if not decided:
        return None
    last = max(decided, key=lambda one: one.position)
    outcomes = [
        one
        for one in folded.entries
        if one.type == "criminal-outcome-recorded" and one.position > last.position
    ]
    latest = max(outcomes, key=lambda one: one.position, default=None)
    over = latest is not None and text(latest, "outcome") not in _STILL_OPEN
    return last.received_at, latest.received_at if latest is not None and over else None
