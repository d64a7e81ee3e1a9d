"""The hub's own records in stream `identity`: what was opened, contested and joined."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final, TypeAlias

import orjson

from hub.envelope import EventKey
from hub.record import Draft, Recorded

STREAM: Final = "identity"
SOURCE: Final = "urn:safeguarding:hub"


@dataclass(frozen=True, slots=True)
class ProvisionalOpened:
    """A post named a child that nobody had named before; `area` is the first poster's authority."""

    child: str
    area: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ChildOpened:
    """A child's record was opened, or a provisional stream adopted, by the authority of its area."""

    child: str
    authority: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OpeningContested:
    """An opening claims an identifier or a child that another opening already has; it changes nothing.

    Shape: `others` are the children whose identifiers were named; `event` is the contested opening.
    """

    child: str
    others: tuple[str, ...]
    event: EventKey
    at: datetime


@dataclass(frozen=True, slots=True)
class ReferenceResolved:
    """An identity reviewer decided which child a provisional stream is about."""

    provisional: str
    child: str
    evidence: str
    decider: str
    at: datetime


IdentityRecord: TypeAlias = ProvisionalOpened | ChildOpened | OpeningContested | ReferenceResolved

_TYPES: Final[dict[type[IdentityRecord], str]] = {
    ProvisionalOpened: "provisional-opened",
    ChildOpened: "child-opened",
    OpeningContested: "opening-contested",
    ReferenceResolved: "reference-resolved",
}


def draft_of(record: IdentityRecord, record_id: str) -> Draft:
    """The record as a draft for stream `identity`; `record_id` is unique among the hub's records."""
    data = asdict(record)
    if isinstance(record, OpeningContested):
        data["event"] = {"source": record.event.source, "id": record.event.id}
    body = orjson.dumps({"at": data.pop("at"), "data": data}, option=orjson.OPT_SORT_KEYS)
    return Draft(STREAM, "record", SOURCE, record_id, _TYPES[type(record)], body, body)


def read(item: Recorded) -> IdentityRecord | None:
    """The record as it was written; None where its content can no longer be opened."""
    if item.body is None:
        return None
    written = orjson.loads(item.body)
    at, members = datetime.fromisoformat(written["at"]), written["data"]
    match item.type:
        case "provisional-opened":
            return ProvisionalOpened(members["child"], members["area"], at)
        case "child-opened":
            return ChildOpened(members["child"], members["authority"], at)
        case "opening-contested":
            event = EventKey(members["event"]["source"], members["event"]["id"])
            return OpeningContested(members["child"], tuple(members["others"]), event, at)
        case "reference-resolved":
            return ReferenceResolved(
                members["provisional"], members["child"], members["evidence"], members["decider"], at
            )
    return None
