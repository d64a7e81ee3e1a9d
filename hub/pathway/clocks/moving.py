"""K-17 and KX-06: the full procedure for a child who comes back or moves in, and the conference after it.

Source: R-085, R-157, R-174, S3 s.4, S5 s.8, S5 s.16; requirements D.3 (not in the local documents)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from hub.pathway.calendar import after_working_days, start_of_day
from hub.pathway.child import in_role
from hub.pathway.circumstances import HAS_HARMED
from hub.pathway.clocks.clock import Clock, Run, courses, looking, owed, reads, setting, stated, within
from hub.pathway.course import says, since
from hub.pathway.entries import Deadline, Entry, Material
from hub.pathway.expected.release import PACK
from hub.pathway.fields import as_given, day, day_of, given_of, instant_of, of_type, started_at, text
from hub.pathway.profiles import ProfileOf

FULL: Final = Clock(
    id="K-17",
    requirement="R-085",
    source="S3 s.4; S5 s.8; S5 s.16",
    open="A child who comes back from custody or moves in has an assessment, a meeting and a plan early.",
    met="The assessment was started, the meeting was held and the plan was made.",
    missed="The day of the release has come without an assessment, a meeting and a plan.",
    stopped="A later notice took the place of this one.",
    outlives_closure=True,
)
CONFERENCE: Final = Clock(
    id="KX-06",
    requirement="R-157",
    source="D.3",
    open="A conference is held in time after a child on a child protection plan has moved in.",
    met="The conference after the move was held.",
    missed="The time to hold the conference after the move is up.",
    outlives_closure=True,
)
MOVED: Final = "child-moved-area"
RELEASED: Final = "custody-release-notified"


def full_response(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """K-17: from each notice of a release, or acknowledged move, to assessment, meeting and plan.

    1. For a child who has harmed; owed by the receiving authority.
    2. A notice that came before the time of the one before was up takes its place.
    3. Before a release it asks for attention the days of a setting ahead, and the time is up when the day of
       the release begins. A move has no such day: it asks for attention at once and is never missed.
    """
    look = looking(material, now, profile_of)
    entries = look.material.entries
    moved = [one for one in of_type(entries, MOVED) if text(one, "step") == "acknowledged"]
    starts = as_given([*moved, *of_type(entries, RELEASED)])
    if look.profile is None or not starts or not in_role(entries, HAS_HARMED):  # 1.
        return ()
    if not reads(
        material,
        "assessment-started",
        "risk-management-plan-recorded",
        meeting_held=("kind",),
        child_moved_area=("step", "to_authority"),
        custody_release_notified=("release_date", "to_authority"),
    ):
        return ()
    made = []
    for start, later in zip(starts, (*starts[1:], None), strict=True):
        steps = _steps(entries, start)
        released = day(start, "release_date")
        due = start_of_day(released) if released is not None else None  # 3.
        replaced = later is not None and (due is None or instant_of(later) < due)  # 2.
        days = setting(look, "release_warning_days")
        ahead = started_at(start)
        if released is not None:
            ahead = max(ahead, start_of_day(released - timedelta(days=days)))
        met = max(steps, key=instant_of) if len(steps) == len(PACK) else None
        run = Run(
            (start,), started_at(start), met=met, ended=later if replaced and met is None else None,
            responsible=text(start, "to_authority") or owed(look), warn_at=ahead, due_at=due,
            due_on=released, more=tuple(steps),
            settings={"release_warning_days": days} if due is not None else {},
        )  # fmt: skip
        made.append(stated(look, FULL, run))
    return tuple(made)


def _steps(entries: Sequence[Entry], start: Entry) -> list[Entry]:
    """The first of each step that was taken since a notice, as far as they were taken."""
    found = []
    for type_, kind in PACK.values():
        done = [one for one in since(entries, start, type_) if kind is None or text(one, "kind") == kind]
        found += done[:1]
    return found


def transfer_conference(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """KX-06: from the notice or acceptance of the move of a child on a plan to the next conference.

    1. Under the procedure of the receiving authority, which includes the time limit.
    2. The child was on a child protection plan when the notice came.
    """
    look = looking(material, now, profile_of)
    entries = look.material.entries
    if not reads(
        material,
        child_moved_area=("step", "to_authority"),
        conference_held=("outcome",),
        plan_started=("kind",),
    ):
        return ()

    def conference(start: Entry) -> Entry | None:
        return next(iter(since(entries, start, "conference-held")), None)

    moves = [one for one in of_type(entries, MOVED) if _on_plan(entries, one)]  # 2.
    made = []
    for start, stop in courses(moves, conference):
        receiving = text(start, "to_authority")  # 1.
        profile = profile_of(receiving) if receiving else None
        row = next((one for one in profile.statutory if one.id == CONFERENCE.id), None) if profile else None
        if profile is None or row is None:
            continue
        days = profile.settings[row.settings[0]].value
        run = Run(
            (start,), started_at(start), met=stop,
            # What is recorded of a whole record reaches readers from whom the new area is withheld.
            responsible=receiving if material.complete is not None else None,
            settings={"working_days": days, "note": row.note},
        )  # fmt: skip
        limited = within(look, run, after_working_days(day_of(start), days))
        made.append(stated(look, CONFERENCE, limited, row.source))
    return tuple(made)


def _on_plan(entries: Sequence[Entry], move: Entry) -> bool:
    """Whether a child protection plan was in force before a move; one that began the same day is not."""
    before = [
        one
        for one in given_of(entries, "plan-started", "conference-held")
        if instant_of(one) < instant_of(move)
    ]
    on = False
    for one in before:
        if one.type == "plan-started":
            on = on or says(one, "kind", "cp")
        elif text(one, "outcome") in ("plan", "plan-continues"):
            on = True
        elif text(one, "outcome") in ("plan-ends", "no-plan"):
            on = False
    return on
