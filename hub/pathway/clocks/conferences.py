"""K-07, K-08 and K-09: a decision on a conference, and the meeting about behaviour that follows.

Source: R-124, R-132, R-139, S3 s.4, S5 s.6, S5 s.11, S5 s.13
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.pathway.child import in_role
from hub.pathway.circumstances import HAS_HARMED
from hub.pathway.clocks.clock import Clock, Run, listed_from, looking, owed, reads, setting, stated, worker
from hub.pathway.course import concerns, latest, since
from hub.pathway.entries import Deadline, Entry, Material
from hub.pathway.expected.conferences import assessed, behaviour_meetings
from hub.pathway.expected.rule import Look
from hub.pathway.fields import as_given, instant_of, text
from hub.pathway.profiles import ProfileOf

DECISION: Final = Clock(
    id="K-07",
    requirement="R-124",
    source="S3 s.4; S5 s.6; S5 s.11",
    open="A child protection conference is considered once the enquiry is concluded.",
    met="Whether to hold a child protection conference was decided.",
)
WITHOUT_PLAN: Final = Clock(
    id="K-08",
    requirement="R-132",
    source="S3 s.4; S5 s.13",
    open="Without a child protection plan the meeting about behaviour follows as early as possible.",
    met="The meeting about behaviour was held.",
)
AFTER_ASSESSMENT: Final = Clock(
    id="K-09",
    requirement="R-139",
    source="S3 s.4; S5 s.13",
    open="After the assessment the meeting about behaviour comes together again.",
    met="The meeting about behaviour came together after the assessment.",
)


def conference_decision(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """K-07: from the concluded enquiry about a child who has harmed to the decision on a conference."""
    look = looking(material, now, profile_of)
    entries = look.material.entries
    concluded = latest(entries, "section-47-enquiry-concluded")
    if look.profile is None or concluded is None or not in_role(entries, HAS_HARMED):
        return ()
    if not reads(material, "conference-decided", "conference-held"):
        return ()
    decided = since(entries, concluded, "conference-decided", "conference-held")
    run = Run(
        (concluded,), instant_of(concluded), met=next(iter(decided), None), responsible=owed(look),
        person=worker(look), warn_at=instant_of(concluded),
    )  # fmt: skip
    return (stated(look, DECISION, run),)


def meeting_without_plan(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """K-08: no child protection plan came about and concerns remain: until the meeting about behaviour.

    No document gives a figure: after the working days of a setting it is listed, never missed.
    """
    look = looking(material, now, profile_of)
    entries = look.material.entries
    last = latest(entries, "conference-decided", "conference-held")
    if look.profile is None or last is None or not _no_plan(last) or not concerns(entries):
        return ()
    if not in_role(entries, HAS_HARMED) or not _reads_meetings(material):
        return ()
    days = setting(look, "behaviour_meeting_working_days")
    run = _until_meeting(look, last, listed_from(last, days), {"behaviour_meeting_working_days": days})
    return (stated(look, WITHOUT_PLAN, run),)


def meeting_after_assessment(
    material: Material, *, now: datetime, profile_of: ProfileOf
) -> tuple[Deadline, ...]:
    """K-09: from the completed assessment of a child who has harmed to the next meeting about behaviour."""
    look = looking(material, now, profile_of)
    completed = assessed(look)
    if look.profile is None or completed is None or not _reads_meetings(material):
        return ()
    return (stated(look, AFTER_ASSESSMENT, _until_meeting(look, completed, instant_of(completed), {})),)


def _until_meeting(look: Look, start: Entry, warn_at: datetime, settings: dict[str, str | int]) -> Run:
    held = as_given(behaviour_meetings(look, start))
    return Run(
        (start,), instant_of(start), met=held[0] if held else None, responsible=owed(look),
        person=worker(look), warn_at=warn_at, settings=settings,
    )  # fmt: skip


def _reads_meetings(material: Material) -> bool:
    return reads(
        material,
        meeting_held=("kind", "chronology_snapshot", "next_review", "interval_days"),
        conference_held=("addresses", "stated_at_outset", "outcome"),
        conference_decided=("decision",),
        behaviour_level_assessed=("scale", "level", "poster"),
        assessment_completed=("kind",),
    )


def _no_plan(last: Entry) -> bool:
    if last.type == "conference-decided":
        return text(last, "decision") == "not-held"
    return text(last, "outcome") in ("no-plan", "plan-ends")
