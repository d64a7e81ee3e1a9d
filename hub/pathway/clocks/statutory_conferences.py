"""KX-03, KX-04 and KX-05: the initial conference, the first core group and the review conferences.

Source: R-125, R-130, requirements D.3 (not in the local documents)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from hub.pathway.calendar import after_months, after_working_days
from hub.pathway.circumstances import held
from hub.pathway.clocks.clock import (
    Clock,
    Run,
    courses,
    looking,
    owed,
    reads,
    setting,
    stated,
    statutory,
    within,
    worker,
)
from hub.pathway.course import says, since
from hub.pathway.entries import Deadline, Entry, Material
from hub.pathway.expected.rule import Look
from hub.pathway.fields import day_of, given_of, instant_of, started_at, text
from hub.pathway.profiles import ProfileOf

INITIAL: Final = Clock(
    id="KX-03",
    requirement="R-125",
    source="D.3",
    open="The initial child protection conference is held within the time allowed.",
    met="The initial child protection conference was held.",
    missed="The time to hold the initial child protection conference is up.",
    stopped="It was decided to hold no child protection conference.",
)
CORE_GROUP: Final = Clock(
    id="KX-04",
    requirement="R-130",
    source="D.3",
    open="The first core group meets within the time allowed after the conference.",
    met="The first core group met.",
    missed="The time for the first core group to meet is up.",
    stopped="A conference ended the child protection plan.",
)
REVIEW: Final = Clock(
    id="KX-05",
    requirement="R-125",
    source="D.3",
    open="The review child protection conference is held within the time allowed.",
    met="The review child protection conference was held.",
    missed="The time to hold the review child protection conference is up.",
)
ENDS: Final = frozenset({"plan-ends", "no-plan"})


def initial_conference(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """KX-03: from the strategy meeting at which an enquiry was begun to the initial conference.

    1. That meeting is the last one held by the day of the enquiry and since the enquiry before; where none
       is recorded, the enquiry itself starts it.
    2. The conference meets it, and the decision to hold none ends it.
    """
    look = looking(material, now, profile_of)
    row = statutory(look, INITIAL.id)
    if row is None or not reads(
        material, meeting_held=("kind",), conference_held=("kind",), conference_decided=("decision",)
    ):
        return ()
    days = setting(look, row.settings[0])
    entries = look.material.entries
    begun = given_of(entries, "section-47-enquiry-initiated")
    started = {one.key: _meeting(entries, begun, one) for one in begun}  # 1.

    def stop_of(enquiry: Entry) -> Entry | None:  # 2.
        found = since(entries, started[enquiry.key] or enquiry, "conference-held", "conference-decided")
        return next((one for one in found if _initial(one) or text(one, "decision") == "not-held"), None)

    made = []
    for enquiry, stop in courses(begun, stop_of):
        start = started[enquiry.key] or enquiry
        made.append(
            stated(look, INITIAL, _run(
                look, (start, enquiry) if start is not enquiry else (enquiry,),
                after_working_days(day_of(start), days), {"working_days": days, "note": row.note},
                met=stop if stop is not None and _initial(stop) else None,
                ended=stop if stop is not None and not _initial(stop) else None,
            ), row.source)
        )  # fmt: skip
    return tuple(made)


def _meeting(entries: Sequence[Entry], begun: Sequence[Entry], enquiry: Entry) -> Entry | None:
    before = [instant_of(one) for one in begun if instant_of(one) < instant_of(enquiry)]
    found = [
        one
        for one in held(entries, "strategy")
        if day_of(one) <= day_of(enquiry) and (not before or instant_of(one) > before[-1])
    ]
    return found[-1] if found else None


def _initial(entry: Entry) -> bool:
    return entry.type == "conference-held" and text(entry, "kind") in (None, "icpc")


def core_group(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """KX-04: from the initial conference that made a plan to the first core group.

    A later conference that ends the plan ends it.
    """
    look = looking(material, now, profile_of)
    row = statutory(look, CORE_GROUP.id)
    wanted = reads(material, meeting_held=("kind",), conference_held=("kind", "outcome"))
    if row is None or not wanted:
        return ()
    days = setting(look, row.settings[0])
    entries = look.material.entries

    def stop_of(start: Entry) -> Entry | None:
        found = since(entries, start, "meeting-held", "conference-held")
        return next(
            (one for one in found if text(one, "kind") == "core-group" or text(one, "outcome") in ENDS), None
        )

    made = []
    for start, stop in courses(_with_plan(entries), stop_of):
        met = stop if stop is not None and stop.type == "meeting-held" else None
        run = _run(
            look, (start,), after_working_days(day_of(start), days),
            {"working_days": days, "note": row.note}, met=met, ended=None if met is not None else stop,
        )  # fmt: skip
        made.append(stated(look, CORE_GROUP, run, row.source))
    return tuple(made)


def review_conference(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """KX-05: from the initial conference that made a plan to each review conference.

    1. The first review counts from the initial conference, each later one from the review before.
    2. The review that ends the plan is the last one.
    """
    look = looking(material, now, profile_of)
    row = statutory(look, REVIEW.id)
    if row is None or not reads(material, conference_held=("kind", "outcome")):
        return ()
    entries = look.material.entries
    first, later = (setting(look, name) for name in row.settings)
    made = []
    for start in _with_plan(entries):
        begins: Entry | None = start
        months = first
        while begins is not None:
            met = next(
                (one for one in _conferences(entries, "rcpc") if instant_of(one) > instant_of(begins)), None
            )
            run = _run(
                look, (begins,), after_months(day_of(begins), months),
                {"months": months, "note": row.note}, met=met,
            )  # fmt: skip
            made.append(stated(look, REVIEW, run, row.source))
            months = later  # 1.
            begins = met if met is not None and text(met, "outcome") not in ENDS else None  # 2.
    return tuple(made)


def _conferences(entries: Sequence[Entry], kind: str) -> list[Entry]:
    return [one for one in given_of(entries, "conference-held") if says(one, "kind", kind)]


def _with_plan(entries: Sequence[Entry]) -> list[Entry]:
    """The initial conferences that made a plan, each while no plan was in force."""
    made: list[Entry] = []
    on = False
    for one in given_of(entries, "conference-held"):
        if text(one, "outcome") in ENDS:
            on = False
        elif text(one, "kind") == "icpc" and text(one, "outcome") == "plan" and not on:
            on = True
            made.append(one)
    return made


def _run(
    look: Look, starts: tuple[Entry, ...], due_on: date, settings: dict[str, str | int], *,
    met: Entry | None, ended: Entry | None = None,
) -> Run:  # fmt: skip
    run = Run(
        starts, started_at(starts[0]), met=met, ended=ended, responsible=owed(look), person=worker(look),
        settings=settings,
    )  # fmt: skip
    return within(look, run, due_on)
