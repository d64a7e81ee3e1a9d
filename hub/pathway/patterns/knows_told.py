"""P-06: which of the five kinds of agency know of this child, were told, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from hub.envelope import EventKey
from hub.pathway.entries import Entries, Line, Material, Told
from hub.pathway.fields import first_of, organisation_kind
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

KINDS: Final[Mapping[str, str]] = {
    "education": "education",
    "health": "health",
    "police": "police",
    "social-care": "social care",
    "youth-justice": "youth justice",
}


def knows_or_told(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """An agency knows if this reader has a post of it with its organisation shown; told is what is left.

    That an agency is neither is an absence, and said only to readers for whom nothing could hide it.
    """
    entries = Entries.over(material.entries)
    knows = entries.once("knows", lambda: _knows(entries))
    heard: dict[str, list[Told]] = {}
    for one in material.told:
        if one.at <= now:
            heard.setdefault(one.organisation, []).append(one)
    first: dict[str, Told] = {}
    for organisation, words in heard.items():
        kind = organisation_kind(organisation)
        if kind is not None and kind in KINDS and kind not in knows:
            first[kind] = min((*words, *([first[kind]] if kind in first else [])), key=_first_told)
    told = {kind: one.evidence for kind, one in first.items()}
    neither = [kind for kind in KINDS if kind not in knows and kind not in told]
    groups = {"knows": _sorted(knows), "told": _sorted(told)}
    if material.says_neither:
        groups["neither"] = neither
    if not (knows or told):
        return ()
    said = [f"{name.capitalize()}: {_words(kinds)}." for name, kinds in groups.items() if kinds]
    return (
        Line(
            rule=RULE.id,
            requirement=RULE.requirement,
            text=" ".join(said),
            evidence=tuple(
                dict.fromkeys(key for key in (*knows.values(), *told.values()) if key is not None)
            ),
            values=dict(groups),
        ),
    )


def _knows(entries: Entries) -> Mapping[str, EventKey]:
    """The first post of each kind of agency whose organisation shows."""
    kinds = [one for one in dict.fromkeys(map(organisation_kind, entries.posted)) if one and one in KINDS]
    return {kind: first_of(entries.posted_by(kind)).key for kind in kinds}


def _first_told(one: Told) -> tuple[datetime, str, EventKey]:
    return one.at, one.organisation, one.evidence or EventKey("", "")


def _sorted(found: Mapping[str, object]) -> list[str]:
    return [kind for kind in KINDS if kind in found]


def _words(kinds: list[str]) -> str:
    return ", ".join(KINDS[kind] for kind in kinds)


RULE = Rule("P-06", "KNOWS-VS-TOLD", "R-180", {"*": ()}, knows_or_told)
