"""P-16: there is concern about a child, and no multi-agency meeting on it was ever held."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.pathway.calendar import day_words, london_day
from hub.pathway.circumstances import screened_concern
from hub.pathway.course import standing_levels
from hub.pathway.entries import Line, Material
from hub.pathway.fields import as_given, day_of, keys, of_type
from hub.pathway.levels import above_lowest
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

MEETINGS: Final = {"meeting-held": (), "conference-held": ()}


def never_discussed(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """A level above the lowest of its scale, or a screening of another colour than green, and no meeting."""
    concerns = as_given(
        [
            *(one for one in standing_levels(material.entries) if above_lowest(one)),
            *screened_concern(material.entries),
        ]
    )
    if not concerns or not material.reads(MEETINGS) or of_type(material.entries, *MEETINGS):
        return ()
    first = day_of(concerns[0])
    days = max(0, (london_day(now) - first).days)
    age = "today" if days == 0 else "1 day ago" if days == 1 else f"{days} days ago"
    return (
        Line(
            rule=RULE.id,
            requirement=RULE.requirement,
            text=f"First concern {day_words(first)}, {age}; no multi-agency meeting recorded.",
            evidence=keys(concerns),
            values={"first_on": first.isoformat(), "days": days, "concerns": len(concerns)},
        ),
    )


RULE = Rule(
    "P-16",
    "NEVER-DISCUSSED",
    "R-177",
    {
        "incident-recorded": ("role", "status"),
        "behaviour-level-assessed": ("scale", "level"),
        "behaviour-screened": ("colour",),
        **MEETINGS,
    },
    never_discussed,
)
