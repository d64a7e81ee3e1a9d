"""H-13: a decision not to share something has a ground, a second person and a day to look at it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hub.pathway.calendar import london_day
from hub.pathway.fields import day, text
from hub.pathway.gates.gate import Case, Gate, Refusal, second_person


def no_ground(case: Case) -> bool:
    """Whether neither the rule nor, for a judgement, the reason is named."""
    named = "rule" if text(case.posted, "basis") == "rule" else "reason"
    return text(case.posted, named) is None


def not_approved(case: Case) -> bool:
    """Whether no colleague beside the author approves it."""
    return not second_person(case, text(case.posted, "approver"))


def not_reviewed(case: Case) -> bool:
    """Whether no day from today on is set on which it is looked at again."""
    review = day(case.posted, "review_date")
    return review is None or review < london_day(case.now)


def _gate(name: str, refuses: Callable[[Case], bool], words: str, fix: str) -> Gate:
    return Gate(
        name=name,
        refusal=Refusal("H-13", "MUST", "S1 s.Professional attitudes; H-13", words, fix),
        types=frozenset({"sharing-declined"}),
        refuses=refuses,
    )


GATES: Final = (
    _gate(
        "SHARING-GROUND",
        no_ground,
        "A decision not to share names the rule, or gives the reason for the judgement. "
        "That something is assumed to have been agreed is no such reason.",
        "Name the rule or give the reason.",
    ),
    _gate(
        "SHARING-APPROVER",
        not_approved,
        "A decision not to share is approved by a second person.",
        "Name an approver of your organisation, other than the author.",
    ),
    _gate(
        "SHARING-REVIEW",
        not_reviewed,
        "A decision not to share is looked at again.",
        "Set the day on which it is looked at again.",
    ),
)
