"""P-07: agencies gave the same incident different levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from hub.envelope import EventKey
from hub.pathway.child import incidents
from hub.pathway.entries import Entry, Line, Material
from hub.pathway.fields import in_order, keys, occurred_iso, occurred_words
from hub.pathway.levels import span
from hub.pathway.patterns.given_levels import (
    LEVEL_INPUTS,
    WITHHELD,
    GivenLevel,
    given_levels,
    latest_by_agency,
)
from hub.pathway.patterns.known_to import BASED_ON, had_since, rests_on
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

NEVER: Final = datetime.max.replace(tzinfo=UTC)


def levels_differ(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """One line for each incident with different views; the span is counted inside one scale only."""
    counted = incidents(material.entries, "has-harmed")
    levels = latest_by_agency(given_levels(material, counted))
    since = had_since(material, counted)
    by_incident: dict[EventKey, list[GivenLevel]] = {}
    for one in levels:
        if one.incident is not None:
            by_incident.setdefault(one.incident.key, []).append(one)
    lines: list[Line] = []
    for incident in counted:
        views = by_incident.get(incident.key, [])
        if len({one.organisation for one in views}) > 1 and len({(v.scale, v.level) for v in views}) > 1:
            lines.append(_line(incident, views, _information(views, counted, since)))
    return tuple(lines)


def _information(
    views: Sequence[GivenLevel], counted: Sequence[Entry], since: Mapping[str, Mapping[EventKey, datetime]]
) -> Mapping[str, list[Entry]]:
    """The incidents that only some of these agencies are known to have had when they gave their level.

    Shape: by agency, those of them that it had; an agency that is known to have had none is left out, since
    nobody is said not to have known.
    """
    had: dict[str, dict[EventKey, Entry]] = {}
    for view in views:
        if view.organisation != WITHHELD:
            own, named, given = since.get(view.organisation, {}), rests_on(view), view.entry.recorded_at
            known = [one for one in counted if one.key in named or own.get(one.key, NEVER) <= given]
            had.setdefault(view.organisation, {}).update({one.key: one for one in known})
    shared = set.intersection(*(set(one) for one in had.values())) if had else set()
    found = {
        agency: in_order(one for key, one in known.items() if key not in shared)
        for agency, known in had.items()
    }
    return {agency: entries for agency, entries in found.items() if entries}


def _line(incident: Entry, views: Sequence[GivenLevel], information: Mapping[str, list[Entry]]) -> Line:
    steps = span(one.entry for one in views)
    said = [f"Incident of {occurred_words(incident)}."]
    said += [f"{one.organisation}: {one.level} ({one.scale})." for one in views]
    said.append("The scales are not comparable." if steps is None else f"Span: {steps}.")
    if information:
        listed = "; ".join(
            f"{agency}: {', '.join(dict.fromkeys(occurred_words(one) for one in known))}"
            for agency, known in information.items()
        )
        said.append(f"They had seen different information: {listed}.")
    said.append("A difference is a reason to talk, not an error.")
    return Line(
        rule=RULE.id,
        requirement=RULE.requirement,
        text=" ".join(said),
        evidence=keys(
            [
                incident,
                *in_order(one for known in information.values() for one in known),
                *(one.entry for one in views),
            ]
        ),
        values={
            "incident_at": occurred_iso(incident),
            "span": "not comparable" if steps is None else steps,
            "agencies": len({one.organisation for one in views}),
            "levels": [
                {"organisation": one.organisation, "scale": one.scale, "level": one.level, "given_on": one.on}
                for one in views
            ],
            "information": [
                {"organisation": agency, "incidents": [occurred_iso(one) for one in known]}
                for agency, known in information.items()
            ],
        },
    )


RULE = Rule(
    "P-07",
    "LEVELS-DIFFER",
    "R-179",
    {**LEVEL_INPUTS, "behaviour-level-assessed": (*LEVEL_INPUTS["behaviour-level-assessed"], BASED_ON)},
    levels_differ,
)
