"""What was decided of the entries of a child, by group of entries that are alike and by entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hub.disclosure.alike import Alike
from hub.disclosure.decide import Decision
from hub.disclosure.facts import ItemFacts
from hub.envelope import EventKey
from hub.pathway.entries import Entry


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided: by group of entries that are alike, and by entry.

    Shape: `held` are the events of which the reader gets something; `kept` is what else was made of it.
    """

    groups: Alike
    facts: Sequence[ItemFacts]
    by_group: Sequence[Decision]
    by_key: dict[EventKey, Decision] = field(repr=False)
    held: frozenset[EventKey] = field(repr=False)
    kept: dict[str, object] = field(default_factory=dict, repr=False)


def decided(
    entries: Sequence[Entry], groups: Alike, facts: list[ItemFacts], by_group: list[Decision]
) -> Decided:
    """The decisions of each entry, by those of its group."""
    by_key = {entry.key: by_group[place] for entry, place in zip(entries, groups.places, strict=True)}
    held = frozenset(key for key, decision in by_key.items() if decision.outcome != "H")
    return Decided(groups, facts, by_group, by_key, held)
