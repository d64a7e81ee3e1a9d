"""K-05 and K-06: the safeguarding unit and the reviewing officer are told; nobody gives a figure.

Source: R-070, R-071, S5 s.6, S5 s.8
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.pathway.calendar import london_day
from hub.pathway.child import in_role
from hub.pathway.circumstances import circumstances
from hub.pathway.clocks.clock import Clock, Run, looking, owed, reads, stated, worker
from hub.pathway.course import looked_after, standing_levels
from hub.pathway.entries import Deadline, Entry, Material
from hub.pathway.expected.rule import Look
from hub.pathway.fields import as_given, given_of, instant_of, of_type, text
from hub.pathway.levels import at_least
from hub.pathway.profiles import ProfileOf

UNIT: Final = Clock(
    id="K-05",
    requirement="R-070",
    source="S5 s.8",
    open="The safeguarding unit is told of behaviour at this level.",
    met="The safeguarding unit was told.",
)
OFFICER: Final = Clock(
    id="K-06",
    requirement="R-071",
    source="S5 s.6",
    open="The reviewing officer of a looked-after child is told of every change.",
    met="The reviewing officer was told of the last change.",
)


def unit_told(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """K-05: from the first level that the local procedure names, until the safeguarding unit was told."""
    look = looking(material, now, profile_of)
    bound = look.profile.oversight.safeguarding_unit_from if look.profile else None
    if bound is None or not reads(material, oversight_notified=("target",)):
        return ()
    levels = [one for one in standing_levels(look.material.entries) if at_least(one, bound)]
    if not levels:
        return ()
    told = _told(look, "safeguarding-unit")
    run = Run(
        (levels[0],), instant_of(levels[0]), met=told[0] if told else None, responsible=owed(look),
        person=worker(look), warn_at=instant_of(levels[0]), settings={"from_level": bound},
    )  # fmt: skip
    return (stated(look, UNIT, run),)


def reviewing_officer_told(
    material: Material, *, now: datetime, profile_of: ProfileOf
) -> tuple[Deadline, ...]:
    """K-06: the officer is told of the harm and of each new level, plan, review and placement.

    1. For a looked-after child on a side that the local procedure names.
    2. What came after the officer was last told is open, counted from the first of it; else the last
       change was met by the first notice after it.
    """
    look = looking(material, now, profile_of)
    entries = look.material.entries
    after = looked_after(entries, london_day(now))
    sides = look.profile.oversight.reviewing_officer_for if look.profile else frozenset()
    harm = [one for side in sorted(sides) for one in in_role(entries, side)]
    if after is None or not harm or not reads(material, oversight_notified=("target",)):  # 1.
        return ()
    told = _told(look, "iro")
    last = instant_of(told[-1]) if told else None
    changes = as_given(
        (
            *harm,
            *of_type(entries, "behaviour-level-assessed", "risk-management-plan-recorded", "plan-reviewed"),
            *circumstances(entries, "placement", london_day(now)),
        )
    )
    untold = [one for one in changes if last is None or instant_of(one) > last]
    starts = tuple(untold or changes[-1:])  # 2.
    # Nobody knew of an incident before it was recorded.
    begins = starts[0].recorded_at if starts[0].type == "incident-recorded" else instant_of(starts[0])
    met = None if untold else next(one for one in told if instant_of(one) >= instant_of(starts[0]))
    run = Run(
        starts, begins, met=met, responsible=owed(look), person=worker(look), warn_at=begins, more=(after,),
    )  # fmt: skip
    return (stated(look, OFFICER, run),)


def _told(look: Look, target: str) -> list[Entry]:
    found = given_of(look.material.entries, "oversight-notified")
    return [one for one in found if text(one, "target") == target]
