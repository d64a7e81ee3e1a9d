"""P-28: a young child and a serious level: a prompt to look first at what happened to the child."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.pathway.child import in_role, youngest_age
from hub.pathway.circumstances import HAS_HARMED
from hub.pathway.course import standing_levels
from hub.pathway.entries import Line, Material
from hub.pathway.fields import in_order, keys, text
from hub.pathway.levels import serious
from hub.pathway.patterns.ages import BORN, born_on
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

YOUNG: Final = 10


def young_serious(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """A prompt and no score: under ten on the day of an incident, and a serious level of its scale stands."""
    born = born_on(material, material.child)
    if born is None:
        return ()
    young = [one for one in in_role(material.entries, HAS_HARMED) if youngest_age(born, one) < YOUNG]
    given = [one for one in standing_levels(material.entries) if serious(one)]
    if not young or not given:
        return ()
    return (
        Line(
            rule=RULE.id,
            requirement=RULE.requirement,
            text=(
                "Young age with a serious level: consider adult involvement and the child's own harm first. "
                "Source: S3 s.3; S3 s.5; S5 s.4."
            ),
            evidence=keys([*in_order(young), *given]),
            values={
                "age": min(youngest_age(born, one) for one in young),
                "levels": [{"scale": text(one, "scale"), "level": text(one, "level")} for one in given],
            },
        ),
    )


RULE = Rule(
    "P-28",
    "YOUNG-SERIOUS",
    "R-045",
    {
        "incident-recorded": ("role", "status"),
        "behaviour-level-assessed": ("scale", "level"),
        **BORN,
    },
    young_serious,
)
