"""Which entries of a child take effect: a plan or a step by somebody who may not take it changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from hub.pathway.entries import Entry
from hub.pathway.fields import text
from hub.views.types import Folded, Grant

_PLANS: Final = frozenset(
    {
        "risk-management-plan-recorded",
        "plan-started",
        "plan-reviewed",
        "plan-place-covered",
        "case-transfer-decided",
        "closure-decided",
    }
)
_STEPS: Final = frozenset(
    {
        "meeting-convened",
        "meeting-held",
        "separate-meetings-decided",
        "section-47-enquiry-concluded",
        "conference-decided",
    }
)
# What a linked child's authority, a referral by anybody or an emergency gives is no part in the child's care.
_IN_PASSING: Final = frozenset(
    {"invited", "attendee", "front-door", "smg", "spoc", "mappa", "respondent", "emergency"}
)
AUTHORITY: Final = ("social-care",)
"""Who has yet to agree to what does not take effect: the child's own authority."""


def having_a_part(grants: Iterable[Grant]) -> frozenset[str]:
    """The organisations that have, or once had, a part in a child's care (R-151)."""
    return frozenset(one.organisation for one in grants if one.kind not in _IN_PASSING)


def taking_effect(
    folded: Folded, grants: Sequence[Grant], linked_authorities: Iterable[str | None]
) -> tuple[Entry, ...]:
    """The entries of a child, those marked as awaiting its authority that others had no say in (G.00).

      1. A plan, its cover, its reviews and its end count from the child's authority and from organisations
         that have, or once had, a relationship of their own with the child.
      2. A meeting, and the steps of an enquiry, count from the child's authority, from an organisation whose
         worker is or was the child's, and from the authority of a linked child; a meeting of professionals
         is anybody's.
      3. What a former authority said while it was responsible goes on counting; what it says after the child
         has moved does not (R-157).

    Trust: nothing is refused or hidden for this reason (H-27). Without it, anybody's plan would take the
    place of the one in force, and anybody's review or meeting would stop its clock.
    """
    own = {folded.authority or folded.area}
    former = {one.from_authority for one in folded.handovers} - own
    related = own | {one.organisation for one in grants if one.kind not in _IN_PASSING} - former
    workers = {one.organisation for one in grants if one.kind == "allocated"} - former
    deciding = own | workers | {*linked_authorities}

    def counts(entry: Entry) -> bool:
        if entry.type in _PLANS:  # 1
            who = related
        elif entry.type in _STEPS and text(entry, "kind") != "professionals":  # 2
            who = deciding
        else:
            return True
        return entry.organisation in who or entry.organisation == folded.granting_at(entry.position)  # 3

    return tuple(
        entry if entry.awaiting or counts(entry) else replace(entry, awaiting=AUTHORITY)
        for entry in folded.entries
    )
