"""P-01: the incidents in order of time, and each agency's levels beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from hub.envelope import JsonObject
from hub.pathway.child import excluded_incidents, incidents
from hub.pathway.entries import Entries, Entry, Line, Material
from hub.pathway.fields import keys, occurred_iso, occurred_words, text
from hub.pathway.patterns.given_levels import LEVEL_INPUTS, GivenLevel, given_levels
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf


def incident_timeline(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """Incidents of any role plotted at when they happened; no level is averaged or carried over."""
    entries = Entries.over(material.entries)
    return entries.once("timeline", lambda: _timeline(replace(material, entries=entries)))


def _timeline(material: Material) -> tuple[Line, ...]:
    counted = incidents(material.entries)
    if not counted:
        return ()
    excluded = excluded_incidents(material.entries)
    levels = given_levels(material, counted)
    return (
        Line(
            rule=RULE.id,
            requirement=RULE.requirement,
            text=_text(counted, excluded, levels),
            evidence=keys([*counted, *(one.entry for one in levels), *excluded]),
            values={
                "count": len(counted),
                "first": occurred_iso(counted[0]),
                "last": occurred_iso(counted[-1]),
                "incidents": [_incident(one) for one in counted],
                "levels": [_level(one) for one in levels],
                "excluded": [_incident(one) for one in excluded],
            },
        ),
    )


def _incident(one: Entry) -> JsonObject:
    return {"at": occurred_iso(one), "precision": one.occurred.precision, "status": text(one, "status")}


def _level(one: GivenLevel) -> JsonObject:
    return {
        "organisation": one.organisation,
        "scale": one.scale,
        "level": one.level,
        "given_on": one.on,
        "incident_at": occurred_iso(one.incident) if one.incident else None,
    }


def _text(counted: Sequence[Entry], excluded: Sequence[Entry], levels: Sequence[GivenLevel]) -> str:
    first, last = occurred_words(counted[0]), occurred_words(counted[-1])
    if len(counted) == 1:
        said = [f"1 incident, {first}."]
    else:
        said = [f"{len(counted)} incidents between {first} and {last}."]
    if levels:
        said.append("Levels recorded by each agency are shown separately; nothing is averaged.")
        said += [f"{row}." for row in _rows(levels)]
    if excluded:
        said.append(f"Not counted because withdrawn or not established: {len(excluded)}.")
    return " ".join(said)


def _rows(levels: Sequence[GivenLevel]) -> list[str]:
    rows: dict[tuple[str, str], list[str]] = {}
    for one in levels:
        rows.setdefault((one.organisation, one.scale), []).append(one.level)
    return [f"{agency} ({scale}): {', '.join(given)}" for (agency, scale), given in rows.items()]


RULE = Rule("P-01", "INCIDENT-TIMELINE", "R-175", LEVEL_INPUTS, incident_timeline)
