"""P-25: the plan was reviewed, and the child's own words or wishes are not recorded in that period."""

from __future__ import annotations

from datetime import datetime

from hub.pathway.calendar import day_words
from hub.pathway.entries import Line, Material
from hub.pathway.expected import first_steps
from hub.pathway.fields import day_of, given_of, instant_of, keys
from hub.pathway.patterns.missing_steps import by_id, open_of, read_by
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

(EXPECTED,) = by_id(first_steps.RULES, "R-058")
MARKS = ("plan-reviewed", "risk-management-plan-recorded", "plan-started")
VOICE = "child-voice-recorded"


def voice_missing(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """The period runs from the review or plan before the last review; the date is that of the last voice.

    Where no voice was ever recorded, the date is that on which the period began.
    """
    lines: list[Line] = []
    for item in open_of(EXPECTED, material, now, profile_of):
        review = next(one for one in material.entries if one.key in item.evidence)
        before = [one for one in given_of(material.entries, *MARKS) if instant_of(one) < instant_of(review)]
        voices = given_of(material.entries, VOICE)
        resting = [*before[-1:], *voices[-1:]]
        since = day_of((voices[-1:] or before[-1:] or [review])[0])
        lines.append(
            Line(
                rule=RULE.id,
                requirement=RULE.requirement,
                text=f"The child's own words or wishes are not recorded since {day_words(since)}.",
                evidence=keys([*resting, review]),
                values={"since": since.isoformat(), "reviewed_on": day_of(review).isoformat()},
            )
        )
    return tuple(lines)


RULE = Rule(
    "P-25",
    "VOICE-MISSING",
    "R-058",
    read_by(EXPECTED),
    voice_missing,
)
