"""What was decided of the entries of a child, by group of entries that are alike and by entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from hub.disclosure.alike import Alike
from hub.disclosure.decide import Decider, Decision
from hub.disclosure.facts import ItemFacts, ReaderFacts
from hub.envelope import EventKey
from hub.pathway.entries import Entry
from hub.views import evidence_of


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


def without_evidence(
    made: Decided, entries: Sequence[Entry], decider: Decider, reader: ReaderFacts,
    holds: Callable[[Entry], bool],
) -> Decided:  # fmt: skip
    """What was decided, where an entry of the hub rests on an event that the reader does not get.

    Shape: looked at with every reading, as another child's record may say otherwise since.
    """
    lacking = [
        place for place, entry in enumerate(made.groups.first) if evidence_of(entry) and not holds(entry)
    ]
    if not lacking:
        return made
    facts, by_group = list(made.facts), list(made.by_group)
    for place in lacking:
        facts[place] = replace(facts[place], evidence_held=False)
        by_group[place] = decider.decide(reader, facts[place])
    return decided(entries, made.groups, facts, by_group)
