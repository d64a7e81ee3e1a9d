"""Rare differences of hub and oracle that are found and not yet settled; the list may only get shorter.

Shape: kind, type, reader and what, as a difference is grouped, with what is to be decided of it.
Trust: each is something that the hub shows and the oracle does not expect. Four look like the oracle's own
strictness; of the appointment by police and of the enquiry by its date nobody knows yet which side is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

UNDECIDED: Final[Mapping[tuple[str, str, str, str], str]] = {
    (
        "over", "risk-management-plan-recorded", "smg", "fields places",
    ): "Of each place the hub leaves its kind, which is no place; the oracle takes rows as a whole.",
    (
        "over", "action-assigned", "spoc", "R for H",
    ): "The action names the reader beside another organisation; the oracle looks at that.",
    (
        "over", "strategic-management-group-appointed", "enquiry", "V for H/R",
    ): "Appointed by police, who may not: whether the label of the link decides, or who posted it.",
    (
        "over", "meeting-held", "school", "V for H",
    ): "It was there while the child was its pupil, and the child left and came back since (D-41, R-082).",
    (
        "over", "section-47-enquiry-initiated", "smg", "R for H",
    ): "That there is an enquiry, and no field of it: whether a group's member gets the date (D-33).",
    (
        "over", "meeting-held", "front-door+own-front-door",
        "fields attendance kind meeting next_review purpose",
    ): "A front door's own person was at the meeting: G.00 gives both, the oracle the narrower.",
}  # fmt: skip
