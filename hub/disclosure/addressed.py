"""To which organisations an event is addressed that may have no part in its child's case (roles B).

They are told that there is such an event, and nothing of it: a child that moves to their area, is released,
or was referred to them. It opens no record (D-24, D-25).
"""

from __future__ import annotations

from typing import Final

from hub.pathway.entries import Entry
from hub.pathway.fields import parts, text
from hub.views import ChildView

ADDRESSED: Final = "addressed"
"""What such an organisation is to the child: no relationship, and a basis for nothing but this one notice."""
_SERVICES: Final = frozenset({"police", "social-care", "health", "youth-justice", "other"})


def addressees(entry: Entry, own: ChildView) -> frozenset[str]:
    """The organisations to which an event is addressed; who posted it is none of them.

    Trust: a notice is all that they get, so that who may post such an event cannot let anybody read by it. A
    move counts from the authority that was responsible for the child when it was said, and before the other
    one has taken over; a school is told of no child by whoever refers it, right or wrong (R-082).
    Source: requirements B (receiving authority, police, adult social care), D-24; R-066, R-069, R-157, R-173
    """
    named: set[str | None] = set()
    match entry.type:
        case "child-moved-area" if text(entry, "step") == "notified":
            if entry.organisation == own.authority_at(entry.position):
                named = {text(entry, "to_authority")}
        case "custody-release-notified":
            # The child's own authority is told even where no worker has the child any more.
            named = {text(entry, "to_authority"), own.authority or own.area}
        case "referral-made" if text(entry, "target") != "csc":
            # A front door reads what is referred to it (G.00).
            to = text(entry, "to")
            named = {to} if to is not None and to.partition(".")[0] in _SERVICES else set()
    if entry.awaiting:
        return frozenset()
    return frozenset(one for one in named if one is not None and one != entry.organisation)


def made_by(entry: Entry, view: ChildView) -> frozenset[str]:
    """The organisations that are something to the child by a recorded relationship, and by no other event.

    Shape: whether it stands now is not asked: who is nothing to the child any more is no reader of it.
    """
    if entry.type != "relationship-recorded":
        return frozenset()
    return frozenset(one.organisation for one in view.grants if one.basis == entry.key)


def appointed(entry: Entry) -> frozenset[str]:
    """The people whom an event makes members of a strategic group (R-100)."""
    if entry.type != "strategic-management-group-appointed" or entry.awaiting:
        return frozenset()
    people = (text(one, "person") for one in parts(entry, "members"))
    return frozenset(one for one in people if one is not None)
