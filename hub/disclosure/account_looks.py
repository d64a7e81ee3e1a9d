"""Who looked at a child's record, as its own account may tell of it: folded from the accesses (H-23)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import orjson

from hub.disclosure.meetings import LIST, PACK
from hub.disclosure.notice_record import NOTICE
from hub.disclosure.release import MADE
from hub.disclosure.sendings import LINE, RECALL
from hub.disclosure.told import CHRONOLOGY
from hub.envelope import EventKey
from hub.record import Record, Recorded
from hub.views import ChildView

ANSWERS: Final = frozenset({CHRONOLOGY, "overview", "deadlines", LIST, PACK, NOTICE})
"""The answers by which people and organisations are told of a child. Not among them: emergency access,
reviews of content, what a linked child's people were given, papers and accounts, questions of officers."""
_ACCESSED: Final = "record-accessed.v1"
_MADE: Final = "disclosure-made.v1"
_CHILD: Final = "child/"
# What makes it wrong to tell of an access at all, whatever else its reader was to the child: that somebody is
# in therapy, was looked up in an emergency, or that an officer asks, is nobody's to read in a paper.
_NEVER: Final = frozenset({"emergency", "officer", "family", "subject", "therapist"})
# The kind of recipient, by the kind of its organisation and what it was to the child: the class of whoever
# read, or of a notice the relationship for whose sake it was sent.
_RECIPIENTS: Final[tuple[tuple[str, str, frozenset[str]], ...]] = (
    ("police", "police", frozenset({"police", "enquiry"})),
    ("youth-justice", "youth-justice", frozenset({"youth-justice", "supervised"})),
    ("social-care", "social-care", frozenset({
        "own-worker", "team-manager", "enquiry", "iro", "own-front-door", "allocated", "chair",
    })),
    ("social-care", "early-help", frozenset({"early-help"})),
    ("education", "school", frozenset({"school", "enrolled"})),
    ("health", "health", frozenset({"health"})),
    ("social-care", "carer", frozenset({"carer", "placed"})),
    ("other", "carer", frozenset({"carer", "placed"})),
)  # fmt: skip
# The relationships that give each kind of recipient a part of its own in the child's care. An authority has
# one by being, or having been, responsible; an enquiry worker of another authority has none.
_PARTS: Final[Mapping[str, frozenset[str]]] = {
    "police": frozenset({"enquiry", "group-member"}),
    "youth-justice": frozenset({"supervised"}),
    "social-care": frozenset({"allocated"}),
    "early-help": frozenset({"early-help"}),
    "school": frozenset({"enrolled"}),
    "health": frozenset({"treated"}),
    "carer": frozenset({"placed", "carer"}),
}
NOBODY: Final = ""


@dataclass(frozen=True, slots=True)
class Look:
    """One access by which an organisation was told of events of a child.

    Shape: `key` names the access in the record; `bases` is what its reader was to the child. `told` are the
    events that it had, or was noticed of; of those in `coded` it had a coded line only.
    """

    key: EventKey
    at: datetime
    organisation: str
    what: str
    purpose: str | None
    bases: frozenset[str]
    told: tuple[EventKey, ...] = ()
    coded: tuple[EventKey, ...] = ()


def looks(record: Record, view: ChildView, until: int | None) -> list[Look]:
    """The accesses of a child by which somebody was told of it, oldest first, as the record had them.

    Shape: `until` is the last position that is looked at; None is as far as the child is folded.
    Raises: HubError("store").
    """
    last = view.head if until is None else min(until, view.head)
    found: list[tuple[int, Look]] = []
    for stream in view.streams:
        items = record.stream("access/" + stream.removeprefix(_CHILD))
        found += _read(one for one in items if one.position <= last)
    return [look for _, look in sorted(found, key=lambda one: one[0])]


def _read(items: Iterator[Recorded]) -> Iterator[tuple[int, Look]]:
    """Each access with what it gave, which is recorded just behind it; what was erased is not told of."""
    begun: dict[str, tuple[int, Look]] = {}
    for item in items:
        if item.body is None:
            continue
        if item.type == _ACCESSED:
            event = orjson.loads(item.body)
            data = event["data"]
            if data["what"] in ANSWERS and data["outcome"] == "disclosed":
                at = datetime.fromisoformat(event["time"])
                key = EventKey(item.source, item.id)
                look = Look(key, at, data["organisation"], data["what"], data.get("purpose"), frozenset())
                begun[item.id] = item.position, look
        elif item.type == _MADE and (access := begun.pop(item.id.removesuffix(MADE), None)) is not None:
            data = orjson.loads(item.body)["data"]
            position, look = access
            given = (
                (EventKey(one["source"], one["id"]), one["decision"], len(one["rules"]))
                for one in data["items"]
            )
            told, coded = _given(given, notice=look.what == NOTICE)
            yield position, replace(look, bases=frozenset(data["bases"]), told=told, coded=coded)


def _given(
    items: Iterable[tuple[EventKey, str, int]], *, notice: bool
) -> tuple[tuple[EventKey, ...], tuple[EventKey, ...]]:
    """The events that an access told of, and those of which it gave a coded line only.

    Shape: of each item the event, the decision and how many rules decided. A notice is made of coded lines
    always: one that speaks of an entry is decided by one rule, one of a line by the line's own too. A recall
    tells nothing of its event.
    """
    told: list[EventKey] = []
    coded: list[EventKey] = []
    for key, decision, rules in items:
        if decision != RECALL:
            line = decision == LINE and (not notice or rules > 1)
            (coded if line else told).append(key)
    return tuple(told), tuple(coded)


def recipient_of(look: Look, view: ChildView) -> str:
    """What kind of recipient was told by an access; `NOBODY` where the account may not speak of it.

    Trust: an organisation counts by a part of its own in this child's care, never by a linked child's, an
    invitation or an emergency: its name, or that there is one more, would point at another child.
    """
    if look.bases & _NEVER:
        return NOBODY
    sector = look.organisation.partition(".")[0]
    for of, kind, bases in _RECIPIENTS:
        if sector == of and look.bases & bases and look.organisation in _having_a_part(kind, view):
            return kind
    return NOBODY


def _having_a_part(kind: str, view: ChildView) -> frozenset[str]:
    found = {one.organisation for one in view.grants if one.kind in _PARTS[kind]}
    if kind == "social-care":
        found |= {one.from_authority for one in view.handovers}
        found |= {view.authority} if view.authority is not None else set()
    return frozenset(found)


def lives_elsewhere(view: ChildView) -> bool:
    """Whether a name of a school or of a service can tell where a child lives, who is not to be found (D-08).

    Shape: it lives, or once lived, in a placement, is or was looked after, or has moved to another area.
    """
    placed = any(one.kind in _PARTS["carer"] for one in view.grants)
    looked_after = any(one.data.get("looked_after") is True for one in view.entries)
    return placed or looked_after or bool(view.handovers)
