"""K-18 and K-19: the group is told that a child cannot be engaged; one agency alone calls the others.

Source: R-153, R-154, S3 s.4
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from hub.pathway.calendar import start_of_day
from hub.pathway.clocks.clock import Clock, Run, courses, looking, owed, reads, setting, stated
from hub.pathway.course import concerns, since
from hub.pathway.entries import Deadline, Entry, Material
from hub.pathway.expected.missing import provided
from hub.pathway.fields import as_given, day_of, instant_of, of_type, text
from hub.pathway.profiles import ProfileOf

GROUP: Final = Clock(
    id="K-18",
    requirement="R-153",
    source="S3 s.4",
    open="The child cannot be engaged and risk goes on: the multi-agency group is told at once.",
    met="The multi-agency group was called together.",
    stopped="What was recorded of the child's engagement has changed.",
)
ALONE: Final = Clock(
    id="K-19",
    requirement="R-154",
    source="S3 s.4",
    open="One agency alone is at work: it calls the others to a professionals' meeting.",
    met="A meeting of the agencies was called.",
)


def group_told(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """K-18: from the record that a child of ongoing risk cannot be engaged to the next meeting called.

    1. The risk goes on as the record says, or as a level that stands says.
    2. Another engagement recorded since ends it.
    """
    look = looking(material, now, profile_of)
    entries = look.material.entries
    if not provided(look, lambda profile: profile.non_engagement):
        return ()
    if not reads(
        material,
        "meeting-convened",
        "meeting-held",
        engagement_changed=("engagement", "ongoing_risk"),
        behaviour_level_assessed=("scale", "level", "poster"),
    ):
        return ()
    risk = bool(concerns(entries))
    unable = [
        one
        for one in of_type(entries, "engagement-changed")
        if text(one, "engagement") == "unable" and (risk or text(one, "ongoing_risk") == "yes")  # 1.
    ]

    def stop_of(start: Entry) -> Entry | None:
        found = since(entries, start, "meeting-convened", "meeting-held", "engagement-changed")
        changed = ("engaged", "refused")
        return next(
            (
                one
                for one in found
                if one.type != "engagement-changed"
                or (text(one, "engagement") in changed and instant_of(one) > instant_of(start))  # 2.
            ),
            None,
        )

    made = []
    for start, stop in courses(unable, stop_of):
        called = stop is not None and stop.type != "engagement-changed"
        run = Run(
            (start,), instant_of(start), met=stop if called else None, ended=None if called else stop,
            responsible=start.organisation, person=start.author, warn_at=instant_of(start),
        )  # fmt: skip
        made.append(stated(look, GROUP, run))
    return tuple(made)


def agency_alone(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """K-19: from when one agency was left alone at work, while risk is open, to the next meeting called.

    1. Any event of another agency would make it untrue, so only a whole record can say it.
    2. Alone since the last event of any other agency, or since the child became known to it alone.
    3. No document gives a figure: after the days of a setting it is listed, never missed.
    """
    if not material.reads({"*": ("poster",)}):  # 1.
        return ()
    look = looking(material, now, profile_of)
    if not provided(look, lambda profile: profile.non_engagement) or not concerns(look.material.entries):
        return ()
    entries = as_given(one for one in look.material.entries if one.type != "deadline-missed")
    last = entries[-1]
    others = [one for one in entries if one.organisation != last.organisation]
    start = others[-1] if others else entries[0]  # 2.
    own = [one for one in entries if instant_of(one) > instant_of(start)] if others else entries
    met = of_type(own, "meeting-convened", "meeting-held")
    days = setting(look, "single_agency_days")
    listed = start_of_day(day_of(start) + timedelta(days=days))  # 3.
    if now < listed:
        return ()
    run = Run(
        (start,), instant_of(start), met=met[0] if met else None, responsible=last.organisation or owed(look),
        warn_at=listed, more=(last,), settings={"single_agency_days": days},
    )  # fmt: skip
    return (stated(look, ALONE, run),)
