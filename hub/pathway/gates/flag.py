"""What is noted beside a fact that is kept although something is missing or should not have happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hub.pathway.fields import number, text
from hub.pathway.gates.gate import Case
from hub.pathway.gates.right_room import wrong_school_present
from hub.pathway.gates.separate_meetings import held_undecided
from hub.pathway.gates.under_ten import FACTS, under_ten


@dataclass(frozen=True, slots=True)
class Flag:
    """One note beside a fact (H-27).

    Trust: only where `from_post_alone` is true may the poster be told in its receipt: any other note
    says something about the child's record.
    """

    code: str
    source: str
    text: str
    types: frozenset[str]
    from_post_alone: bool
    holds: Callable[[Case], bool]


def _no_chronology(case: Case) -> bool:
    return text(case.posted, "kind") == "hsb" and text(case.posted, "chronology_snapshot") is None


def _no_next_review(case: Case) -> bool:
    return text(case.posted, "kind") == "hsb" and text(case.posted, "next_review") is None


def _no_interval(case: Case) -> bool:
    profile = case.profile
    if profile is None or profile.review.pattern != "chair-interval":
        return False
    if case.posted.type == "plan-reviewed":
        return number(case.posted, "chair_interval_days") is None
    return text(case.posted, "kind") == "hsb" and number(case.posted, "interval_days") is None


_MEETING = frozenset({"meeting-held"})

FLAGS: Final[tuple[Flag, ...]] = (
    Flag(
        "R-079",
        "S3 s.4; S5 s.9",
        "The decision on separate meetings is not recorded.",
        _MEETING,
        False,
        held_undecided,
    ),
    Flag(
        "R-082",
        "S5 s.9",
        "A school attended the meeting about a child who is not its pupil.",
        _MEETING,
        False,
        wrong_school_present,
    ),
    Flag("R-113", "S5 s.17", "BREACH: the child was under ten at the incident.", FACTS, False, under_ten),
    Flag(
        "R-133", "S5 s.13", "No chronology: the meeting always includes one.", _MEETING, True, _no_chronology
    ),
    Flag("R-137", "S5 s.13", "No date for the next review is recorded.", _MEETING, True, _no_next_review),
    Flag(
        "R-144",
        "S3 s.4",
        "Review frequency not set: the chair decides the interval.",
        _MEETING | {"plan-reviewed"},
        False,
        _no_interval,
    ),
)
