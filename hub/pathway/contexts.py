"""Where and among whom it happened: places, online, other children, and what two records share.

A context is counted and shown, never weighed: three incidents at one kind of place ask about the place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, TypeAlias

from hub.envelope import EventKey
from hub.pathway.calendar import london_day
from hub.pathway.child import incidents
from hub.pathway.entries import Entry, Material
from hub.pathway.fields import day, given_of, keys, text, truth
from hub.pathway.patterns import NAMES_OTHERS

Kind: TypeAlias = Literal["place", "online", "other-children"]
GROUP: Final = "online-group"
# A group that is met online is at the kind of place that an incident calls online.
AT: Final = {GROUP: "online"}


@dataclass(frozen=True, slots=True)
class Context:
    """One context of this child's life and the incidents in it.

    Shape: `place` is the kind of place, for kind `place` alone; `declared` are the names under which
    places of that kind were declared; `incidents` counts what is counted anywhere (not withdrawn).
    """

    kind: Kind
    place: str | None
    declared: tuple[str, ...]
    incidents: int
    evidence: tuple[EventKey, ...]


@dataclass(frozen=True, slots=True)
class SharedContext:
    """One online group that was declared on this child's record and on linked ones.

    Shape: `records` counts the records, this child's included.
    """

    place: str
    records: int
    evidence: tuple[EventKey, ...]


@dataclass(frozen=True, slots=True)
class Contexts:
    """The contexts of one child, and those shared with linked children."""

    rows: tuple[Context, ...]
    shared: tuple[SharedContext, ...]


def contexts(material: Material, *, now: datetime) -> Contexts:
    """The contexts that this reader's entries tell of.

    1. Kinds of place by the incidents there, with the places declared by now; the most incidents first.
    2. Incidents by means of technology, wherever the child was.
    3. Incidents in which another child has the same role, for a reader to whom others always show.
    4. Online groups declared on this record and on a linked one.

    Trust: made of this reader's entries alone (H-20); a place that is withheld is in no count.
    Source: R-019, R-182; S3 s.4, S2
    """
    counted = incidents(material.entries)
    rows = _places(counted, _declared(material.entries, now))  # 1.
    online = [one for one in counted if truth(one, "technology_assisted")]
    if online:  # 2.
        rows.append(Context("online", None, (), len(online), keys(online)))
    if material.reads(NAMES_OTHERS):  # 3.
        together = [one for one in counted if any(o.role == text(one, "role") for o in one.others if o.role)]
        if together:
            rows.append(Context("other-children", None, (), len(together), keys(together)))
    return Contexts(tuple(rows), tuple(_shared(material, now)))  # 4.


def _places(counted: Sequence[Entry], declared: Sequence[Entry]) -> list[Context]:
    found: dict[str, tuple[list[Entry], list[Entry]]] = {}
    for one in counted:
        if (kind := text(one, "place_kind")) is not None:
            found.setdefault(kind, ([], []))[0].append(one)
    for one in declared:
        if (kind := text(one, "kind")) is not None:
            found.setdefault(AT.get(kind, kind), ([], []))[1].append(one)
    ordered = sorted(found.items(), key=lambda row: (-len(row[1][0]), row[0]))
    return [
        Context(
            "place",
            kind,
            tuple(sorted({name for one in places if (name := text(one, "place")) is not None})),
            len(there),
            keys([*there, *places]),
        )
        for kind, (there, places) in ordered
    ]


def _declared(entries: Iterable[Entry], now: datetime) -> list[Entry]:
    today = london_day(now)
    return [one for one in given_of(entries, "place-declared") if (day(one, "from") or date.min) <= today]


def _shared(material: Material, now: datetime) -> Iterable[SharedContext]:
    groups: dict[str, dict[str, list[Entry]]] = {}
    for child, entries in ((material.child, material.entries), *sorted(material.linked.items())):
        for one in _declared(entries, now):
            name = text(one, "place")
            if text(one, "kind") == GROUP and name is not None:
                groups.setdefault(name.casefold(), {}).setdefault(child, []).append(one)
    for _, records in sorted(groups.items()):
        own = records.get(material.child)
        if own and len(records) > 1:
            every = [one for entries in records.values() for one in entries]
            yield SharedContext(text(own[0], "place") or "", len(records), keys(every))
