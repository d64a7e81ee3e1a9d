"""Who was sent one event, by what the record of disclosures says: how, when, and decided up to where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from hub.disclosure.release import HUB_SOURCE, OF_LINKED
from hub.envelope import EventKey
from hub.record import Record, Recorded

LINE: Final = "line"
RECALL: Final = "recalled"
"""How a notice that something was withdrawn stands in the record: it sends nothing of the event."""
_ACCESSED: Final = "record-accessed.v1"
_MADE: Final = "disclosure-made.v1"


@dataclass(frozen=True, slots=True)
class Sending:
    """That somebody was sent an event, or a coded line of it.

    Shape: `reader` is a person, or the organisation where its systems were told; `child` is the one whose
    record was read; `position` is up to where the record was looked at, or where the sending stands in it.
    `bases` is what the reader was to the child; `disclosure` names the answer, or the notice.
    """

    reader: str
    organisation: str
    child: str
    at: datetime
    position: int
    decision: str
    what: str
    disclosure: str
    bases: frozenset[str]
    policies: tuple[str, ...]

    @property
    def to_system(self) -> bool:
        """Whether it went to an organisation's systems and to no person."""
        return self.reader == self.organisation


def sendings(record: Record, children: Iterable[str], key: EventKey) -> list[Sending]:
    """Everything that was sent of an event which stands on the streams of these children, in order.

    Shape: what was carried to a reader of a linked child is filed under both; it counts once, as the reading
    of that child.
    Raises: HubError("store").
    """
    found: list[Sending] = []
    for child in children:
        accesses: dict[str, Recorded] = {}
        for item in record.stream(f"access/{child}"):
            if item.body is None:
                continue
            if item.type == _ACCESSED:
                accesses[orjson.loads(item.body)["data"]["disclosure_id"]] = item
            elif item.type == _MADE:
                # Its access was appended just before it.
                data = orjson.loads(item.body)["data"]
                access = accesses.get(data["disclosure_id"])
                for one in data["items"]:
                    if access is not None and EventKey(one["source"], one["id"]) == key:
                        found += _sending(record, access, item, one["decision"], tuple(one["rules"]))
    return found


def _sending(
    record: Record, access: Recorded, made: Recorded, decision: str, policies: tuple[str, ...]
) -> Iterable[Sending]:
    told = orjson.loads(access.body or b"{}")
    if told["data"]["what"].endswith(OF_LINKED):
        main = record.find(HUB_SOURCE, told["data"]["disclosure_id"])
        if main is not None and main.body is not None:
            told = orjson.loads(main.body)
    data = told["data"]
    if decision != RECALL:
        yield Sending(
            reader=data["reader"],
            organisation=data["organisation"],
            child=data["child"],
            at=datetime.fromisoformat(told["time"]),
            position=(data.get("made") or {}).get("position", access.position),
            decision=decision,
            what=data["what"],
            disclosure=data["disclosure_id"],
            bases=frozenset(orjson.loads(made.body or b"{}")["data"]["bases"]),
            policies=policies,
        )
