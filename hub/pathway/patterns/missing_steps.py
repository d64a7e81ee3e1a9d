"""Lines about a missing step take it from the expectation that misses it: one computation, two tellings.

The open item says who owes the step; the line says what its being missing means for the child.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from hub.pathway.entries import Material
from hub.pathway.expected.rule import Expected, Look, OpenItem
from hub.pathway.profiles import ProfileOf

# Who posted is a member of the entry, not of its data.
_OF_THE_ENTRY: Final = frozenset({"poster"})


def open_of(rule: Expected, material: Material, now: datetime, profile_of: ProfileOf) -> list[OpenItem]:
    """What an expectation finds open; nothing for a reader who may not see all that could meet it (H-20)."""
    if not material.reads(rule.meets):
        return []
    return list(rule.find(Look(material, now, profile_of)))


def read_by(*rules: Expected, **more: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """All that these expectations read, as a pattern rule declares it; `more` is read beside it."""
    found: dict[str, set[str]] = {name.replace("_", "-"): set(members) for name, members in more.items()}
    for rule in rules:
        for members in (rule.starts, rule.meets):
            for name, named in members.items():
                found.setdefault(name, set()).update({*named} - _OF_THE_ENTRY)
    return {name: tuple(sorted(found[name])) for name in sorted(found)}


def by_id(rules: tuple[Expected, ...], *ids: str) -> tuple[Expected, ...]:
    """The expectations of these ids, in this order."""
    known = {one.id: one for one in rules}
    return tuple(known[one] for one in ids)
