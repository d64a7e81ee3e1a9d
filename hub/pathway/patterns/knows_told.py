"""P-06: which of the five kinds of agency know of this child, were told, or neither."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from hub.envelope import EventKey
from hub.pathway.entries import Line, Material
from hub.pathway.fields import in_order, organisation_kind
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
    knows: dict[str, EventKey] = {}
    for entry in in_order(material.entries):
        kind = organisation_kind(entry.organisation)
        if kind is not None and kind in KINDS:
            knows.setdefault(kind, entry.key)
    told: dict[str, EventKey | None] = {}
    for one in sorted(material.told, key=lambda one: (one.at, one.organisation)):
        kind = organisation_kind(one.organisation)
        if kind is None or kind not in KINDS or kind in knows or one.at > now:
            continue
        told.setdefault(kind, one.evidence)
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


def _sorted(found: Mapping[str, object]) -> list[str]:
    return [kind for kind in KINDS if kind in found]


def _words(kinds: list[str]) -> str:
    return ", ".join(KINDS[kind] for kind in kinds)


RULE = Rule("P-06", "KNOWS-VS-TOLD", "R-180", {"*": ()}, knows_or_told)
