"""The levels that agencies gave to incidents, each in its own scale, as the level rules read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hub.pathway.calendar import london_day
from hub.pathway.entries import Entries, Entry, Material
from hub.pathway.fields import given_of, instant_of, text

# What every level rule reads; ROLE is the role of incidents that count.
LEVEL_INPUTS = {
    "incident-recorded": ("role", "status"),
    "behaviour-level-assessed": ("scale", "level"),
}
WITHHELD = "an agency that is withheld"
LEVEL: Final = "behaviour-level-assessed"


@dataclass(frozen=True, slots=True)
class GivenLevel:
    """One agency's level of one incident; `incident` is None where the level names none that counts."""

    entry: Entry
    incident: Entry | None
    organisation: str
    scale: str
    level: str

    @property
    def on(self) -> str:
        """The London day on which it was given, ISO."""
        return london_day(instant_of(self.entry)).isoformat()


def given_levels(material: Material, incidents: Iterable[Entry]) -> list[GivenLevel]:
    """The levels this reader can see, by when they were given; a level of another incident is left out."""
    counted = {one.key: one for one in incidents}
    entries = Entries.over(material.entries)
    found: list[GivenLevel] = []
    for one, scale, level in entries.made_of((LEVEL,), "levels of a scale", _of_a_scale):
        if one.about is None or one.about in counted:
            incident = counted[one.about] if one.about is not None else None
            found.append(GivenLevel(one, incident, one.organisation or WITHHELD, scale, level))
    return found


def _of_a_scale(entries: Entries) -> list[tuple[Entry, str, str]]:
    read = ((one, text(one, "scale"), text(one, "level")) for one in given_of(entries, LEVEL))
    return [(one, scale, level) for one, scale, level in read if scale is not None and level is not None]


def latest_by_agency(levels: Sequence[GivenLevel]) -> list[GivenLevel]:
    """Of each agency, the latest level of each incident in each scale."""
    latest: dict[tuple[object, str, str], GivenLevel] = {}
    for one in levels:
        if one.incident is not None:
            latest[(one.incident.key, one.organisation, one.scale)] = one
    return sorted(
        latest.values(), key=lambda one: (instant_of(one.entry), one.entry.recorded_at, one.entry.key)
    )
