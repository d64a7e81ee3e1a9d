"""The one entry that the hub itself puts on a child's stream: that a deadline was missed (R-077).

It stands as a record of the hub, signed by nobody, and reads as a post of the hub; the sharing rules decide
about it as about any other entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import orjson

from hub.envelope import EventKey, JsonObject
from hub.pathway.entries import Entry
from hub.record import Draft, Recorded
from hub.views.types import Post

DEADLINE_MISSED: Final = "deadline-missed"
HUB: Final = "hub"
"""Who posted such an entry, where a reader sees the organisation of others."""
HUB_SOURCE: Final = "urn:safeguarding:hub"


@dataclass(frozen=True, slots=True)
class Missed:
    """That a clock ran out: which, when it was due, who was to act, and the events it rests on.

    Units: `due` aware UTC.
    """

    clock: str
    due: datetime
    responsible: str | None
    evidence: tuple[EventKey, ...]

    def data(self) -> JsonObject:
        """The entry's data, as `schemas/deadline-missed` describes it."""
        due = self.due.astimezone(UTC).isoformat()
        told: dict[str, str | list[dict[str, str]]] = {
            "occurred_at": due,
            "precision": "exact",
            "clock": self.clock,
            "due": due,
            "evidence": [{"source": one.source, "id": one.id} for one in self.evidence],
        }
        if self.responsible is not None:
            told["responsible"] = self.responsible
        return told

    def draft(self, child: str, id: str, now: datetime) -> Draft:
        """The item for the child's stream."""
        payload = orjson.dumps(
            {
                "specversion": "1.0",
                "id": id,
                "source": HUB_SOURCE,
                "type": f"safeguarding.{DEADLINE_MISSED}.v1",
                "time": now.astimezone(UTC).isoformat(),
                "datacontenttype": "application/json",
                "data": self.data(),
            }
        )
        return Draft(f"child/{child}", "record", HUB_SOURCE, id, DEADLINE_MISSED, payload, payload)


def is_missed(item: Recorded) -> bool:
    """Whether an item of a child's stream is such an entry; an agency's event never is."""
    return item.kind == "record" and item.type == DEADLINE_MISSED and item.source == HUB_SOURCE


def missed_post(item: Recorded) -> Post | None:
    """The entry as a post of the hub; None where it has been erased."""
    if item.body is None:
        return None
    event = orjson.loads(item.body)
    at = datetime.fromisoformat(event["time"])
    return Post(
        key=EventKey(item.source, item.id),
        stream=item.stream,
        position=item.position,
        type=DEADLINE_MISSED,
        version=1,
        organisation=HUB,
        area=None,
        author=None,
        author_role=None,
        author_roles=frozenset(),
        recorded_at=at,
        received_at=at,
        data=event["data"],
        flags=(),
        named=(),
        references=(),
    )


def evidence_of(entry: Entry) -> tuple[EventKey, ...]:
    """The events that an entry of the hub rests on; none for an entry of an agency."""
    evidence = entry.data.get("evidence")
    if entry.type != DEADLINE_MISSED or not isinstance(evidence, list):
        return ()
    return tuple(EventKey(str(one["source"]), str(one["id"])) for one in evidence if isinstance(one, dict))
