"""K-14, K-15 and K-16: time for the report to the court, and who is told of a release.

Source: R-168, R-172, R-173, S3 s.4, S5 s.15, S5 s.16
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from hub.pathway.calendar import end_of_day, start_of_day
from hub.pathway.clocks.clock import Clock, Run, asked_for, courses, looking, reads, stated
from hub.pathway.course import latest, service, since
from hub.pathway.entries import Deadline, Entry, Material
from hub.pathway.expected.missing import provided
from hub.pathway.expected.release import TOLD_ON_RELEASE
from hub.pathway.expected.rule import Look
from hub.pathway.fields import (
    as_given,
    day,
    day_of,
    given_of,
    instant_of,
    number,
    of_type,
    organisation_kind,
    started_at,
    text,
)
from hub.pathway.profiles import ProfileOf

WEEKS: Final = (6, 8)
"""How many weeks the document has the court asked for (S5 s.15)."""
REPORT: Final = Clock(
    id="K-14",
    requirement="R-168",
    source="S5 s.15",
    open="After a guilty plea or finding the court is asked for six to eight weeks before the report.",
    met="The report to the court was recorded.",
)
COORDINATOR: Final = Clock(
    id="K-15",
    requirement="R-172",
    source="S3 s.4",
    open="The coordinator of multi-agency public protection is told before or at the release.",
    met="The coordinator of multi-agency public protection was told.",
    outlives_closure=True,
)
RELEASE: Final = Clock(
    id="K-16",
    requirement="R-173",
    source="S5 s.16",
    open="Youth justice tells children's social care of the day on which custody ends.",
    met="Children's social care was told of the release.",
    outlives_closure=True,
)


def court_report(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """K-14: from a guilty plea or a conviction to the report, with the window that is asked for.

    1. Only where the local procedure has a path through the courts.
    2. The window is shown, not enforced: it asks for attention where less time was asked for.
    """
    look = looking(material, now, profile_of)
    entries = look.material.entries
    if not provided(look, lambda profile: profile.court_path):  # 1.
        return ()
    if not reads(material, court_stage_recorded=("stage", "requested_adjournment_weeks", "psr_due")):
        return ()
    pleas = [one for one in of_type(entries, "court-stage-recorded") if text(one, "plea") == "guilty"]

    def report(start: Entry) -> Entry | None:
        stages = since(entries, start, "court-stage-recorded")
        return next((one for one in stages if text(one, "stage") == "psr"), None)

    starts = [*pleas, *of_type(entries, "conviction-recorded")]
    return tuple(stated(look, REPORT, _window(look, start, stop)) for start, stop in courses(starts, report))


def _window(look: Look, start: Entry, report: Entry | None) -> Run:
    opens, ends = (day_of(start) + timedelta(weeks=weeks) for weeks in WEEKS)
    asked = [
        one
        for one in (start, *since(look.material.entries, start, "court-stage-recorded"))
        if _weeks(one, start) is not None
    ]
    short = asked[-1] if asked and (_weeks(asked[-1], start) or 0) < WEEKS[0] else None  # 2.
    return Run(
        (start,), started_at(start), met=report, responsible=_youth_justice(look, start),
        warn_at=instant_of(short) if short is not None else None, due_on=ends,
        more=(asked[-1],) if asked else (),
        times={"window_opens_at": start_of_day(opens), "window_ends_at": end_of_day(ends)},
        settings={"from_weeks": WEEKS[0], "to_weeks": WEEKS[1]},
    )  # fmt: skip


def _weeks(stage: Entry, start: Entry) -> int | None:
    """How many whole weeks the court was asked for, in weeks or by the day of the report."""
    asked, due = number(stage, "requested_adjournment_weeks"), day(stage, "psr_due")
    if asked is not None:
        return asked
    return (due - day_of(start)).days // 7 if due is not None else None


def coordinator_told(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """K-15: from the notice of a release to the notice to the coordinator.

    1. For a child convicted of offences against children, where the local procedure asks for it.
    2. To have been told of the conviction is not to have been told of the release.
    3. The day of the release is shown; no document gives a figure, so it asks for attention until it is done.
    """
    look = looking(material, now, profile_of)
    entries = look.material.entries
    if look.profile is None or look.profile.mappa.value != TOLD_ON_RELEASE:
        return ()
    convicted = _first(
        [one for one in of_type(entries, "conviction-recorded") if text(one, "against_children") == "yes"]
    )
    released = latest(entries, "custody-release-notified")
    wanted = reads(material, "mappa-notified", custody_release_notified=("release_date",))
    if convicted is None or released is None or not wanted:  # 1.
        return ()
    told = since(entries, released, "mappa-notified")  # 2.
    begins = max(instant_of(convicted), instant_of(released))
    run = Run(
        (released, convicted), begins, met=_first(told), responsible=released.organisation,
        person=released.author, warn_at=begins, due_on=day(released, "release_date"),  # 3.
    )  # fmt: skip
    return (stated(look, COORDINATOR, run),)


def release_told(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """K-16: from when the day on which custody ends is known to the notice to children's social care."""
    look = looking(material, now, profile_of)
    entries = look.material.entries
    known = [
        one
        for one in given_of(entries, "child-circumstance-recorded")
        if text(one, "kind") == "custody" and day(one, "until") is not None
    ]
    if not asked_for(look, RELEASE) or not known or not reads(material, "custody-release-notified"):
        return ()
    start = known[-1]
    run = Run(
        (start,), instant_of(start), met=_first(since(entries, start, "custody-release-notified")),
        responsible=service(entries, "youth-justice"), warn_at=instant_of(start), due_on=day(start, "until"),
    )  # fmt: skip
    return (stated(look, RELEASE, run),)


def _youth_justice(look: Look, start: Entry) -> str | None:
    own = start.organisation if organisation_kind(start.organisation) == "youth-justice" else None
    return own or service(look.material.entries, "youth-justice")


def _first(entries: Sequence[Entry]) -> Entry | None:
    return next(iter(as_given(entries)), None)
