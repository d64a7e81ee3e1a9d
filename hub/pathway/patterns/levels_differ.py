"""P-07: agencies gave the same incident different levels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hub.pathway.child import incidents
from hub.pathway.entries import Entry, Line, Material
from hub.pathway.fields import keys, occurred_iso, occurred_words
from hub.pathway.levels import span
from hub.pathway.patterns.given_levels import LEVEL_INPUTS, GivenLevel, given_levels, latest_by_agency
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf


def levels_differ(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """One line for each incident with different views; the span is counted inside one scale only."""
    counted = incidents(material.entries, "has-harmed")
    levels = latest_by_agency(given_levels(material, counted))
    lines: list[Line] = []
    for incident in counted:
        views = [one for one in levels if one.incident is not None and one.incident.key == incident.key]
        if len({one.organisation for one in views}) > 1 and len({(v.scale, v.level) for v in views}) > 1:
            lines.append(_line(incident, views))
    return tuple(lines)


def _line(incident: Entry, views: Sequence[GivenLevel]) -> Line:
    steps = span((one.scale, one.level) for one in views)
    said = [f"Incident of {occurred_words(incident)}."]
    said += [f"{one.organisation}: {one.level} ({one.scale})." for one in views]
    said.append("The scales are not comparable." if steps is None else f"Span: {steps}.")
    said.append("A difference is a reason to talk, not an error.")
    return Line(
        rule=RULE.id,
        requirement=RULE.requirement,
        text=" ".join(said),
        evidence=keys([incident, *(one.entry for one in views)]),
        values={
            "incident_at": occurred_iso(incident),
            "span": "not comparable" if steps is None else steps,
            "agencies": len({one.organisation for one in views}),
            "levels": [
                {"organisation": one.organisation, "scale": one.scale, "level": one.level, "given_on": one.on}
                for one in views
            ],
        },
    )


RULE = Rule("P-07", "LEVELS-DIFFER", "R-179", LEVEL_INPUTS, levels_differ)
