"""K-02: children's social care is told of a suspicion or allegation at once; the time since is shown.

Source: R-049, S3 s.4, S5 s.8
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from hub.pathway.calendar import after_working_days, end_of_day, london_day
from hub.pathway.child import incidents
from hub.pathway.clocks.clock import Clock, Run, looking, reads, setting, stated
from hub.pathway.course import case_closed
from hub.pathway.entries import Deadline, Entry, Material
from hub.pathway.fields import instant_of, of_type, organisation_kind, text
from hub.pathway.profiles import ProfileOf

CLOCK: Final = Clock(
    id="K-02",
    requirement="R-049",
    source="S3 s.4; S5 s.8",
    open="Children's social care is to be told at once of what a professional was told or saw.",
    met="Children's social care was told.",
)


TELLING: Final = ("referral-made", "referral-outcome-decided", "incident-recorded")


def front_door(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """K-02: from the first account or incident that a professional recorded until social care knows.

    1. What was recorded since the case was last closed, if anything was. An account is known when it is
       recorded; what children's social care recorded itself it knows.
    2. Any referral to children's social care stops it, whoever made it; so does what social care itself
       records or decides. Where it knew on an earlier day, what others record is no first notice.
    3. No document gives a figure: after the working days of a setting it is listed, never missed.
    """
    if not reads(
        material,
        referral_outcome_decided=("poster",),
        incident_recorded=("poster",),
        referral_made=("target",),
    ):
        return ()
    look = looking(material, now, profile_of)
    entries = look.material.entries
    closed = case_closed(entries)
    current = entries if closed is None else tuple(one for one in entries if one.recorded_at > closed)  # 1.
    known = _known(current) or _known(entries)
    if not known:
        return ()
    start = known[0]
    telling = of_type(current if _known(current) else entries, *TELLING)
    told = sorted((one for one in telling if _tells(one)), key=lambda one: (_told_at(one), one.key))  # 2.
    if told and london_day(_told_at(told[0])) < london_day(start.recorded_at):
        return ()
    days = setting(look, "front_door_working_days")
    listed = end_of_day(after_working_days(london_day(start.recorded_at), days))  # 3.
    run = Run(
        (start,), start.recorded_at, met=told[0] if told else None, responsible=start.organisation,
        met_at=_told_at(told[0]) if told else None, person=start.author, warn_at=listed,
        settings={"front_door_working_days": days},
    )  # fmt: skip
    return (stated(look, CLOCK, run),)


def _told_at(entry: Entry) -> datetime:
    """When social care knew: an incident is known when it is recorded, whenever it happened."""
    return entry.recorded_at if entry.type == "incident-recorded" else instant_of(entry)


def _known(entries: Iterable[Entry]) -> list[Entry]:
    """What professionals outside social care were told or saw, by when they recorded it."""
    found = [*of_type(entries, "initial-account-recorded"), *incidents(entries)]
    others = [one for one in found if organisation_kind(one.organisation) not in (None, "social-care")]
    return sorted(others, key=lambda one: (one.recorded_at, one.key))


def _tells(entry: Entry) -> bool:
    if entry.type == "referral-made":
        return text(entry, "target") == "csc"
    return organisation_kind(entry.organisation) == "social-care"
