"""K-13: the support of the child who has been harmed is reviewed at the interval that the chair set.

Source: R-145, S3 s.4
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

from hub.pathway.calendar import end_of_day, start_of_day
from hub.pathway.child import in_role
from hub.pathway.circumstances import HARMED
from hub.pathway.clocks.clock import Clock, Run, looking, owed, reads, stated, worker
from hub.pathway.course import earliest
from hub.pathway.entries import Deadline, Entry, Material
from hub.pathway.fields import day, day_of, given_of, instant_of, number, of_type, started_at
from hub.pathway.profiles import ProfileOf

CLOCK: Final = Clock(
    id="K-13",
    requirement="R-145",
    source="S3 s.4",
    open="The support of this child is reviewed at the interval that the chair sets.",
    met="The support of this child was reviewed.",
    missed="The time to review the support of this child is up.",
)
SETTERS: Final = ("meeting-held", "conference-held", "plan-reviewed", "risk-management-plan-recorded")


def support_review(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """K-13: each review of the support on the harmed child's own record, and the one that is next.

    1. Only where the local procedure leaves the interval to the chair, and support or a plan was recorded.
    2. Each review starts the next run; the first one counts from the support, or from when the chair first
       set an interval, whichever is later.
    3. The interval, or else the date, is the one last set before the review. Where none was ever set, it
       asks for attention from the start and has no date.
    """
    look = looking(material, now, profile_of)
    entries, profile = look.material.entries, look.profile
    if profile is None or profile.review.pattern != "chair-interval" or not in_role(entries, HARMED):
        return ()
    # The plan of a child who has harmed as well has a review clock of its own.
    support = earliest(of_type(entries, "support-arranged", "plan-started"))
    if support is None or not reads(  # 1.
        material,
        meeting_held=("interval_days", "next_review"),
        conference_held=("interval_days",),
        plan_reviewed=("chair_interval_days", "next_review"),
        risk_management_plan_recorded=("next_review",),
    ):
        return ()
    reviews = [one for one in given_of(entries, "plan-reviewed") if day_of(one) >= day_of(support)]
    setters = [one for one in given_of(entries, *SETTERS) if _sets(one)]
    made: list[Deadline] = []
    for start, met in zip((support, *reviews), (*reviews, None), strict=True):  # 2.
        before = [one for one in setters if met is None or instant_of(one) < instant_of(met)]
        begins = max((support, before[0]), key=day_of) if start is support and before else start
        set_by = _set_by(before, begins)  # 3.
        due_on = _due(begins, set_by) if set_by is not None else None
        starts = (begins,) if set_by is None else (begins, set_by)
        settings: dict[str, str | int] = {"warn_days": profile.review.warn_days}
        days = _interval(set_by) if set_by is not None else None
        if days is not None:
            settings["interval_days"] = days
        run = Run(
            starts, started_at(begins), met=met,
            met_at=end_of_day(day_of(met)) if met is not None else None,
            responsible=owed(look), person=worker(look),
            warn_at=start_of_day(due_on - timedelta(days=profile.review.warn_days))
            if due_on is not None else started_at(begins),
            due_at=end_of_day(due_on) if due_on is not None else None, due_on=due_on, settings=settings,
        )  # fmt: skip
        made.append(stated(look, CLOCK, run, profile.review.source))
    return tuple(made)


def _set_by(setters: Sequence[Entry], begins: Entry) -> Entry | None:
    """What set the interval last, or a date that is still ahead of where the run begins."""
    found = [
        one for one in setters if _interval(one) or (day(one, "next_review") or date.min) > day_of(begins)
    ]
    return found[-1] if found else None


def _sets(entry: Entry) -> bool:
    return _interval(entry) is not None or day(entry, "next_review") is not None


def _interval(entry: Entry) -> int | None:
    return number(entry, "chair_interval_days") or number(entry, "interval_days")


def _due(begins: Entry, set_by: Entry) -> date | None:
    days = _interval(set_by)
    return day_of(begins) + timedelta(days=days) if days is not None else day(set_by, "next_review")
