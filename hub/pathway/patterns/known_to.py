"""Which entries an agency is known to have had at an instant, as far as this reader has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from hub.envelope import EventKey, JsonObject
from hub.pathway.entries import Entry, Material
from hub.pathway.fields import parts, text
from hub.pathway.patterns.given_levels import GivenLevel

BASED_ON: Final = "based_on"


def had_since(material: Material, entries: Iterable[Entry]) -> Mapping[str, Mapping[EventKey, datetime]]:
    """Of each agency, since when it is known to have had these entries: it posted them, or was told of them.

    Trust: nothing but this reader's own entries, and what the reader may know was told of them. What is not
    here may still have been known: nobody is said not to have known.
    """
    found: dict[str, dict[EventKey, datetime]] = {}
    wanted: set[EventKey] = set()
    for one in entries:
        wanted.add(one.key)
        if one.organisation is not None:
            found.setdefault(one.organisation, {})[one.key] = one.recorded_at
    for told in material.told:
        if told.evidence in wanted and told.evidence is not None:
            had = found.setdefault(told.organisation, {})
            had[told.evidence] = min(had.get(told.evidence, told.at), told.at)
    return found


def rests_on(level: GivenLevel) -> set[EventKey]:
    """The entries that a level says it is about or is based on."""
    named = {_key(one) for one in parts(level.entry, BASED_ON)}
    about = {level.entry.about} if level.entry.about is not None else set()
    return {one for one in named if one is not None} | about


def _key(pointer: JsonObject) -> EventKey | None:
    source, id = text(pointer, "source"), text(pointer, "id")
    return EventKey(source, id) if source is not None and id is not None else None
