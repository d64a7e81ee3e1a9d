"""When enquiry relationships end: 28 days after the enquiries and the investigation (D-28, D-29)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeAlias

from hub.pathway.entries import Entry, said
from hub.pathway.fields import text
from hub.views.grants import kind_of, lapse
from hub.views.types import Folded, Grant

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
    asked = [span for one in children for span in _enquiries(one)]
    investigated = [span for one in children for span in _investigations(one)]
    concluded = [span for span in asked if span[1] is not None] if investigated else asked
    ended = []
    for grant in grants:
        if grant.kind == "enquiry":
            spans = concluded if kind_of(grant.organisation) == "police" else asked
            end = _lapse((*spans, *investigated), grant.from_)
            if end is not None:
                grant = replace(grant, until=end if grant.until is None else min(grant.until, end))
        ended.append(grant)
    return tuple(ended)


_Span: TypeAlias = tuple[datetime, datetime | None]


def _lapse(spans: Sequence[_Span], granted: datetime) -> datetime | None:
    """The end of the London day 28 days after the last of these ended; None while one goes on.

    Trust: what begins after that end does not bring the relationship back, and what had ended before the
    grant does not take it away: or an organisation could open a record again by its own post.
    """
    until: datetime | None = None
    for begun, over in sorted(spans, key=lambda one: one[0]):
        if until is not None and begun >= until:
            break
        if over is None:
            return None
        end = lapse(over)
        if end > granted:
            until = end if until is None else max(until, end)
    return until


def _enquiries(folded: Folded) -> list[_Span]:
    """The enquiries about a child: begun, and ended by whom it concerns."""
    begun = said(folded.entries, "section-47-enquiry-initiated")
    posters = {one.organisation for one in begun}
    ends = [
        one
        for one in said(folded.entries, "section-47-enquiry-concluded")
        if one.organisation in posters or one.organisation == folded.granting_at(one.position)
    ]
    return _spans(begun, ends)


def _investigations(folded: Folded) -> list[_Span]:
    """The investigations into a child: decided by police, and ended by a police outcome.

    Shape: where no investigation was decided there is none; an outcome that leaves the matter open begins
    it anew.
    """
    decided = [
        one
        for one in said(folded.entries, "criminal-investigation-decided")
        if text(one, "decision") == "investigate"
    ]
    outcomes = said(folded.entries, "criminal-outcome-recorded")
    again = [one for one in outcomes if text(one, "outcome") in _STILL_OPEN]
    return _spans([*decided, *again], [one for one in outcomes if one not in again]) if decided else []


def _spans(begun: Sequence[Entry], ended: Sequence[Entry]) -> list[_Span]:
    """The courses in the order of the record; a second end of one course is a moment of its own."""
    spans: list[_Span] = []
    since: datetime | None = None
    steps = sorted(
        [(one, True) for one in begun] + [(one, False) for one in ended], key=lambda step: step[0].position
    )
    for one, begins in steps:
        if begins:
            since = since or one.received_at
        elif since or spans:
            spans.append((since or one.received_at, one.received_at))
            since = None
    return [*spans, (since, None)] if since else spans
