"""P-08: an agency's level rests on fewer incidents than that agency is known to have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from hub.pathway.child import incidents
from hub.pathway.entries import Entry, Line, Material
from hub.pathway.fields import keys, parts
from hub.pathway.patterns.given_levels import LEVEL_INPUTS, GivenLevel, given_levels
from hub.pathway.patterns.known_to import BASED_ON, had_since, rests_on
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

LEVELS: Final = {"behaviour-level-assessed": LEVEL_INPUTS["behaviour-level-assessed"]}


def level_without_basis(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """The last level of each agency beside the incidents that this agency is known to have by now.

    Left out for a reader of whom a later level may be withheld: it would not be the last.
    1. Incidents that the agency had when it gave the level and that the level does not name, where it says
       on what it is based.
    2. Incidents that the agency came to have later.
    Where an agency's name is withheld, nothing can be said of what it had.
    """
    if not material.reads(LEVELS):
        return ()
    counted = incidents(material.entries, "has-harmed")
    since = had_since(material, counted)
    last = {one.organisation: one for one in given_levels(material, counted)}
    lines: list[Line] = []
    for agency in sorted(last):
        level = last[agency]
        given = level.entry.recorded_at
        named = rests_on(level)
        had = {one.key: since[agency][one.key] for one in counted if one.key in since.get(agency, {})}
        before = [one for one in counted if one.key in had and had[one.key] <= given]
        left = [one for one in before if one.key not in named] if parts(level.entry, BASED_ON) else []  # 1.
        later = [  # 2.
            one
            for one in counted
            if one.key in had and given < had[one.key] <= now and one.recorded_at > given
            if one.key not in named
        ]
        if left or later:
            lines.append(_line(level, left, later, [one for one in counted if one.key in named]))
    return tuple(lines)


def _line(level: GivenLevel, left: Sequence[Entry], later: Sequence[Entry], named: Sequence[Entry]) -> Line:
    said = [f"{level.organisation}: {level.level} ({level.scale}), {level.on}."]
    if left:
        said.append(f"It names {len(named)} of {len(named) + len(left)} incidents that the agency then had.")
    if later:
        said.append(
            f"This level was given before {len(later)} later {'event' if len(later) == 1 else 'events'}."
        )
    return Line(
        rule=RULE.id,
        requirement=RULE.requirement,
        text=" ".join(said),
        evidence=keys([level.entry, *named, *left, *later]),
        values={
            "organisation": level.organisation,
            "scale": level.scale,
            "level": level.level,
            "given_on": level.on,
            "not_named": len(left),
            "later": len(later),
        },
    )


RULE = Rule(
    "P-08",
    "LEVEL-NO-BASIS",
    "R-179",
    {**LEVEL_INPUTS, "behaviour-level-assessed": (*LEVEL_INPUTS["behaviour-level-assessed"], BASED_ON)},
    level_without_basis,
)
