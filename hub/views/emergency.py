"""Emergency access to a child: a record of the hub beside the child's stream, and its review (H-17, D-50).

It stands in a stream of its own for each child, so that nothing of it is an entry of the child, and reads
as a relationship of one person that ends by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

import orjson

from hub.envelope import EventKey, JsonObject
from hub.record import Draft, Record, Recorded
from hub.views.following import Streams
from hub.views.missed import HUB_SOURCE
from hub.views.types import Grant

USED: Final = "emergency-access-used"
REVIEWED: Final = "emergency-access-reviewed"
EMERGENCY: Final = "emergency/"
"""How the streams of emergency accesses are named, before the child's id."""
UNKNOWN: Final = "unknown"
"""Where accesses by an identifier stand by which no child is known."""
REVIEW: Final = "-review"
Outcome = Literal["approved", "not-approved"]


@dataclass(frozen=True, slots=True)
class Review:
    """What an officer decided of an emergency access: whether it was right, why, who, when."""

    outcome: Outcome
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EmergencyUse:
    """One use of emergency access: who, of whom, why, until when; and its review, where there was one.

    Shape: `id` names it to officers; `child` is None where no child is known by the identifier that was
    given. `ends_at` is when it opens nothing any more: a use that opened nothing ends as it begins.
    Units: times aware UTC.
    """

    id: str
    child: str | None
    reader: str
    organisation: str
    role: str
    reason: str
    reference: str
    used_at: datetime
    expires_at: datetime
    review: Review | None = None

    @property
    def ends_at(self) -> datetime:
        """When it ends: by itself, or at once where a review finds that it was not right."""
        if self.review is None or self.review.outcome == "approved":
            return self.expires_at
        return max(self.used_at, min(self.expires_at, self.review.at))

    @property
    def key(self) -> EventKey:
        """The hub's record of it, as a relationship names what granted it."""
        return EventKey(HUB_SOURCE, name_of(self.id))

    @property
    def grant(self) -> Grant:
        """The relationship that it is while it lasts: one person's, and nobody else's."""
        return Grant("emergency", self.organisation, self.reader, self.used_at, self.ends_at, self.key)

    def draft(self) -> Draft:
        """The item for the stream of the child's emergency accesses."""
        told = {
            "reader": self.reader,
            "organisation": self.organisation,
            "role": self.role,
            "reason": self.reason,
            "access_reference": self.reference,
            "used_at": _written(self.used_at),
            "expires_at": _written(self.expires_at),
            "disclosure_id": self.id,
        }
        if self.child is not None:
            told["child"] = self.child
        return _draft(USED, name_of(self.id), self.child, self.used_at, told)

    def review_draft(self, review: Review) -> Draft:
        """The item for its review; there is one of each use, since its name can be taken once."""
        told = {
            "disclosure_id": self.id,
            "outcome": review.outcome,
            "reason": review.reason,
            "reviewer": review.by,
        }
        return _draft(REVIEWED, self.id + REVIEW, self.child, review.at, told)


def name_of(id: str) -> str:
    """The name of the record of a use, beside the access that it is."""
    return f"{id}-emergency"


def stream_of(child: str | None) -> str:
    """The stream of a child's emergency accesses, or of those by which no child was found."""
    return f"{EMERGENCY}{child or UNKNOWN}"


def opened_to(item: Recorded) -> tuple[str, str] | None:
    """The child's stream and the organisation of an emergency access; None for anything else."""
    if not item.stream.startswith(EMERGENCY) or item.type != f"{USED}.v1" or item.body is None:
        return None
    data = orjson.loads(item.body)["data"]
    return (f"child/{data['child']}", str(data["organisation"])) if "child" in data else None


def uses(items: Iterable[Recorded]) -> list[EmergencyUse]:
    """The emergency accesses of a stream, in the order of the record, with their reviews."""
    found: dict[str, EmergencyUse] = {}
    for item in items:
        if item.body is None:
            continue
        event = orjson.loads(item.body)
        data, at = event["data"], datetime.fromisoformat(event["time"])
        name = str(data["disclosure_id"])
        if item.type == f"{USED}.v1":
            found[name] = _use(name, data)
        elif item.type == f"{REVIEWED}.v1" and name in found:
            review = Review(data["outcome"], str(data["reason"]), str(data["reviewer"]), at)
            found[name] = replace(found[name], review=review)
    return list(found.values())


def _use(name: str, data: JsonObject) -> EmergencyUse:
    child = data.get("child")
    return EmergencyUse(
        id=name,
        child=str(child) if child is not None else None,
        reader=str(data["reader"]),
        organisation=str(data["organisation"]),
        role=str(data.get("role", "")),
        reason=str(data["reason"]),
        reference=str(data.get("access_reference", "")),
        used_at=datetime.fromisoformat(str(data["used_at"])),
        expires_at=datetime.fromisoformat(str(data["expires_at"])),
    )


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _draft(type_: str, id: str, child: str | None, at: datetime, data: dict[str, str]) -> Draft:
    payload = orjson.dumps(
        {
            "specversion": "1.0",
            "id": id,
            "source": HUB_SOURCE,
            "type": f"safeguarding.{type_}.v1",
            "time": _written(at),
            "datacontenttype": "application/json",
            "data": data,
        }
    )
    return Draft(stream_of(child), "record", HUB_SOURCE, id, f"{type_}.v1", payload, payload)


class EmergencyUses:
    """Every use of emergency access there was, whichever child it was of."""

    def __init__(self, record: Record) -> None:
        self._record: Final = record
        self._streams: Final = Streams(record, EMERGENCY)

    def all(self) -> list[EmergencyUse]:
        """Every use, those by which nobody was found too, by stream.

        Raises: HubError store.
        """
        return [one for stream in self._streams.names() for one in uses(self._record.stream(stream))]
