"""Entries of one child that the rules cannot tell apart: what decides is found once for all of them (D-32).

Trust: entries are alike only where everything is the same that the facts of an item are found from; a test
changes each member of every type and sees that facts never change without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from hub.disclosure.facts import ItemFacts, detail_of
from hub.disclosure.permissions import ANSWERED
from hub.envelope import EventKey, JsonObject
from hub.pathway.entries import Entries, Entry

EMPTY: Final[tuple[object, ...]] = (None, "", [], {})
# Members whose very value the facts are found from, whatever the type; the others count as filled or not.
READ: Final = frozenset(
    {
        "joint_with", "items", "known_to", "tool", "recipient", "holder", "share_with", "to", "organisation",
        "person", "scope",
    }
)  # fmt: skip
# Of these it counts where in the record they stand, when they were, or what they are about.
ALONE: Final = frozenset(
    {
        ANSWERED, "meeting-convened", "meeting-held", "conference-held", "risk-management-plan-recorded",
        "plan-reviewed", "plan-started", "interview-held", "deadline-missed",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alike:
    """Entries in groups of which the rules see one only.

    Shape: `places` gives for each entry the number of its group; `first` is one entry of each.
    """

    first: tuple[Entry, ...]
    places: tuple[int, ...]


class FactsBy(Mapping[EventKey, ItemFacts]):
    """The facts of each entry, found for one of its group."""

    def __init__(self, entries: Sequence[Entry], groups: Alike, found: Sequence[ItemFacts]) -> None:
        self._entries: Final = entries
        self._groups: Final = groups
        self._found: Final = found

    @cached_property
    def _places(self) -> Mapping[EventKey, int]:
        return {entry.key: place for entry, place in zip(self._entries, self._groups.places, strict=True)}

    def __getitem__(self, key: EventKey) -> ItemFacts:
        """The facts of the entry of this event."""
        return self._found[self._places[key]]

    def __iter__(self) -> Iterator[EventKey]:
        """The events, in the order of the entries."""
        return iter(self._places)

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self._entries)


def alike(entries: Sequence[Entry]) -> Alike:
    """The groups of these entries, whoever reads them; found once where the entries are kept."""
    if isinstance(entries, Entries):
        return entries.once("alike", lambda: _alike(entries))
    return _alike(entries)


def each(entries: Sequence[Entry]) -> Alike:
    """Every entry by itself: for a reading in which it counts which event an entry is."""
    return Alike(tuple(entries), tuple(range(len(entries))))


def _alike(entries: Sequence[Entry]) -> Alike:
    first: list[Entry] = []
    places: list[int] = []
    known: dict[object, int] = {}
    for entry in entries:
        place = known.setdefault(_seen(entry), len(first))
        if place == len(first):
            first.append(entry)
        places.append(place)
    return Alike(tuple(first), tuple(places))


def filled(data: JsonObject) -> tuple[str, ...]:
    """The names of the filled members, in the order in which they stand."""
    return tuple([name for name, value in data.items() if value or value not in EMPTY])


def _seen(entry: Entry) -> object:
    """All of an entry that its facts are found from."""
    if entry.type in ALONE:
        return entry.key
    names = filled(entry.data)
    seen = (entry.type, detail_of(entry), names, entry.organisation, entry.author)
    if READ.isdisjoint(names):
        return seen
    return (*seen, *[repr(entry.data[name]) for name in names if name in READ])
