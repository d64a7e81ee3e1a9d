"""Reviews of content: an officer asks to read entries of a child, a manager decides, it ends (H-15, D-13).

They stand in a stream of their own for each child, so that nothing of them is an entry of the child.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal

import orjson

from hub.envelope import EventKey, JsonObject, JsonValue
from hub.record import Draft, Record, Recorded
from hub.views.following import Streams
from hub.views.missed import HUB_SOURCE

STREAM: Final = "content-review/"
"""How the streams of reviews are named, before the child's id."""
ASKED: Final = "content-review-asked"
DECIDED: Final = "content-review-decided"
ENDED: Final = "content-review-ended"

Outcome = Literal["approved", "refused"]
State = Literal["waiting", "lapsed", "refused", "open", "ended"]


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided of a review, by whom, why, and until when it then stands open at the longest.

    Shape: `items` are the events that it opens: those of the review that whoever decided reads too.
    """

    outcome: Outcome
    reason: str
    by: str
    at: datetime
    until: datetime
    items: tuple[EventKey, ...]


@dataclass(frozen=True, slots=True)
class ContentReview:
    """One review: which officer asks to read which entries of a child, for what, and what became of it.

    Shape: `items` are the events that it names; `disclosure` is the past answer whose entries they are, and
    `given_to` its reader, where that is what is looked into. Undecided it lapses at `lapses_at`.
    Units: times aware UTC.
    """

    id: str
    child: str
    officer: str
    organisation: str
    question: str
    reason: str
    items: tuple[EventKey, ...]
    disclosure: str | None
    given_to: str | None
    asked_at: datetime
    lapses_at: datetime
    decided: Decided | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None

    @property
    def key(self) -> EventKey:
        """The hub's record of it."""
        return EventKey(HUB_SOURCE, self.id)

    def state(self, now: datetime) -> State:
        """Where it stands: only `open` opens anything."""
        if self.decided is None:
            return "waiting" if now < self.lapses_at else "lapsed"
        if self.decided.outcome == "refused":
            return "refused"
        over = self.ended_at is not None or now >= self.decided.until or now < self.decided.at
        return "ended" if over else "open"

    def draft(self) -> Draft:
        """The item by which it is asked for."""
        told: dict[str, object] = {
            "review": self.id,
            "child": self.child,
            "officer": self.officer,
            "organisation": self.organisation,
            "question": self.question,
            "reason": self.reason,
            "items": [_named(one) for one in self.items],
            "lapses_at": _written(self.lapses_at),
        }
        if self.disclosure is not None:
            told |= {"disclosure": self.disclosure, "given_to": self.given_to}
        return _draft(ASKED, self.id, self.child, self.asked_at, told)

    def decided_draft(self, decided: Decided) -> Draft:
        """The item for its decision; there is one of each review, since its name can be taken once."""
        told: dict[str, object] = {
            "review": self.id,
            "outcome": decided.outcome,
            "reason": decided.reason,
            "by": decided.by,
            "until": _written(decided.until),
            "items": [_named(one) for one in decided.items],
        }
        return _draft(DECIDED, f"{self.id}-decided", self.child, decided.at, told)

    def ended_draft(self, by: str, at: datetime) -> Draft:
        """The item by which it is ended before its time."""
        return _draft(ENDED, f"{self.id}-ended", self.child, at, {"review": self.id, "by": by})


def stream_of_reviews(child: str) -> str:
    """The stream of a child's reviews."""
    return f"{STREAM}{child}"


def reviews_in(items: Iterable[Recorded]) -> list[ContentReview]:
    """The reviews of a stream, in the order of the record, as they stand."""
    found: dict[str, ContentReview] = {}
    for item in items:
        if item.body is None:
            continue
        event = orjson.loads(item.body)
        data, at = event["data"], datetime.fromisoformat(event["time"])
        name = str(data["review"])
        if item.type == f"{ASKED}.v1":
            found[name] = _asked(name, data, at)
        elif item.type == f"{DECIDED}.v1" and name in found:
            until = datetime.fromisoformat(data["until"])
            opened = _keys(data["items"])
            decided = Decided(data["outcome"], str(data["reason"]), str(data["by"]), at, until, opened)
            found[name] = replace(found[name], decided=decided)
        elif item.type == f"{ENDED}.v1" and name in found:
            found[name] = replace(found[name], ended_by=str(data["by"]), ended_at=at)
    return list(found.values())


class ReviewStreams:
    """Every review there was, whichever child it was of."""

    def __init__(self, record: Record) -> None:
        self._record: Final = record
        self._streams: Final = Streams(record, STREAM)

    def all(self) -> list[ContentReview]:
        """Every review of every child, by stream, in the order of the record.

        Raises: HubError store.
        """
        return [one for stream in self._streams.names() for one in reviews_in(self._record.stream(stream))]


def _asked(name: str, data: JsonObject, at: datetime) -> ContentReview:
    disclosure, given_to = data.get("disclosure"), data.get("given_to")
    return ContentReview(
        id=name,
        child=str(data["child"]),
        officer=str(data["officer"]),
        organisation=str(data["organisation"]),
        question=str(data["question"]),
        reason=str(data["reason"]),
        items=_keys(data["items"]),
        disclosure=str(disclosure) if disclosure is not None else None,
        given_to=str(given_to) if given_to is not None else None,
        asked_at=at,
        lapses_at=datetime.fromisoformat(str(data["lapses_at"])),
    )


def _keys(items: JsonValue) -> tuple[EventKey, ...]:
    named = [one for one in items if isinstance(one, dict)] if isinstance(items, list) else []
    return tuple(EventKey(str(one["source"]), str(one["id"])) for one in named)


def _named(key: EventKey) -> dict[str, str]:
    return {"source": key.source, "id": key.id}


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _draft(type_: str, id: str, child: str, at: datetime, data: dict[str, object]) -> Draft:
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
    return Draft(stream_of_reviews(child), "record", HUB_SOURCE, id, f"{type_}.v1", payload, payload)
