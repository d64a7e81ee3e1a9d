"""What is noted beside an assessment, a family told and evidence given to others."""

from __future__ import annotations

from typing import Final

from hub.pathway.calendar import age_on, london_day
from hub.pathway.child import date_of_birth, in_role
from hub.pathway.entries import Entries
from hub.pathway.fields import (
    day_of,
    days_of,
    instant_of,
    of_type,
    organisation_kind,
    text,
    texts,
)
from hub.pathway.gates.flag import Flag, said
from hub.pathway.gates.gate import Case
from hub.pathway.gates.under_ten import AGE
from hub.pathway.profiles import settings_of


def own_harm_not_considered(case: Case) -> bool:
    """Whether a child who has harmed is assessed and its own experience of harm was not considered."""
    considered = of_type(case.fold.entries, "victimisation-considered")
    by_then = instant_of(case.posted)
    return bool(in_role(case.fold.entries, "has-harmed")) and not any(
        instant_of(one) <= by_then for one in considered
    )


def without_youth_justice(case: Case) -> bool:
    """Whether police are involved with a child of ten or more who is assessed without youth justice."""
    born = date_of_birth(case.fold, case.fold.child)
    then = said(case.posted)
    joint = {organisation_kind(one) for one in (*texts(case.posted, "joint_with"), case.posted.organisation)}
    return (
        bool(in_role(case.fold.entries, "has-harmed"))
        and born is not None
        and age_on(born, max(days_of(case.posted)[1], born)) >= AGE
        and "youth-justice" not in joint
        and any(said(one) <= then for one in Entries.over(case.fold.entries).posted_by("police"))
    )


def assessed_lately(case: Case) -> bool:
    """Whether another agency completed an assessment of this child within the days of the setting."""
    days = settings_of(case.profile)["recent_assessment_days"].value
    begun = london_day(instant_of(case.posted))
    return any(
        one.organisation != case.posted.organisation and 0 <= (begun - day_of(one)).days < days
        for one in of_type(case.fold.entries, "assessment-completed")
    )


def no_tool(case: Case) -> bool:
    """Whether an early help assessment rests on no screening and no level."""
    by_then = instant_of(case.posted)
    tools = of_type(case.fold.entries, "behaviour-screened", "behaviour-level-assessed")
    return not any(instant_of(one) <= by_then for one in tools)


def no_consent(case: Case) -> bool:
    """Whether a specialist service is asked before any consent, or refusal of it, is recorded."""
    by_then = instant_of(case.posted)
    given = of_type(case.fold.entries, "assessment-consent-recorded")
    return not any(text(one, "outcome") is not None and instant_of(one) <= by_then for one in given)


_COMPLETED: Final = frozenset({"assessment-completed"})
_STARTED: Final = frozenset({"assessment-started"})

FLAGS: Final = (
    Flag(
        "R-013",
        "S3 s.1; S5 s.1; S5 s.2; S5 s.14",
        "Whether the child's own experience of harm was considered is not recorded.",
        _COMPLETED,
        False,
        own_harm_not_considered,
        untrue={"victimisation-considered": ()},
    ),
    Flag(
        "R-044",
        "S3 s.5",
        "No opportunity for the child to talk is recorded.",
        frozenset({"victimisation-considered"}),
        True,
        starts=lambda data: not texts(data, "opportunities_given"),
    ),
    Flag(
        "R-054",
        "S1 s.Improved practice",
        "Why the family was not told, who reviews that and when is not recorded in full.",
        frozenset({"family-informed"}),
        True,
        starts=lambda data: (
            text(data, "outcome") == "withheld"
            and None in (text(data, "risk_reason"), text(data, "reviewer"), text(data, "review_date"))
        ),
    ),
    Flag(
        "R-095",
        "S3 s.4",
        "A specialist service was asked before consent, or its refusal, was recorded.",
        frozenset({"specialist-opinion-requested"}),
        False,
        no_consent,
        untrue={"assessment-consent-recorded": ("outcome",)},
    ),
    Flag(
        "R-106",
        "S5 s.8",
        "The police are involved with this child and youth justice takes no part in the assessment.",
        _STARTED,
        False,
        without_youth_justice,
        untrue={},
    ),
    Flag(
        "R-119",
        "S5 s.14",
        "Another agency completed an assessment of this child not long ago.",
        _STARTED,
        False,
        assessed_lately,
        untrue={},
    ),
    Flag(
        "R-121",
        "S5 s.14",
        "The early help assessment rests on no agreed tool.",
        _COMPLETED,
        False,
        no_tool,
        lambda data: text(data, "kind") == "early-help",
        {"behaviour-screened": (), "behaviour-level-assessed": ()},
    ),
)
