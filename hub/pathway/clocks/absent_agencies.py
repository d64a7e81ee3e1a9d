"""K-24: whoever was absent from a meeting is brought up to date by the person who was named for it.

Source: R-093, S3 s.4
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.pathway.circumstances import held
from hub.pathway.clocks.clock import Clock, Run, asked_for, listed_from, looking, owed, reads, setting, stated
from hub.pathway.course import since
from hub.pathway.entries import Deadline, Material
from hub.pathway.fields import instant_of, organisation_of, parts, text
from hub.pathway.profiles import ProfileOf

CLOCK: Final = Clock(
    id="K-24",
    requirement="R-093",
    source="S3 s.4",
    open="An agency that was absent from the meeting is brought up to date.",
    met="The agency that was absent from the meeting was brought up to date.",
)


def absent_updated(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """K-24: one clock for each agency that was absent from a meeting, from the meeting on.

    No document gives a figure: after the working days of a setting it asks the person named, or else who
    recorded the meeting, and is never missed.
    """
    look = looking(material, now, profile_of)
    if not asked_for(look, CLOCK):
        return ()
    if not reads(material, meeting_held=("absent",), absent_agency_updated=("organisation",)):
        return ()
    entries = look.material.entries
    days = setting(look, "absent_agency_working_days")
    made = []
    for meeting in held(entries):
        updates = since(entries, meeting, "absent-agency-updated")
        named = {text(row, "organisation"): text(row, "updater") for row in parts(meeting, "absent")}
        for agency, updater in named.items():
            if agency is None:
                continue
            done = [one for one in updates if text(one, "organisation") == agency]
            owner = organisation_of(updater) if updater else meeting.organisation or owed(look)
            run = Run(
                (meeting,), instant_of(meeting), met=done[0] if done else None, responsible=owner,
                person=updater, warn_at=listed_from(meeting, days),
                settings={"absent_agency_working_days": days, "absent_organisation": agency},
            )  # fmt: skip
            made.append(stated(look, CLOCK, run))
    return tuple(made)
