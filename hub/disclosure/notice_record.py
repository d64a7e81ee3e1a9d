"""The record of notices: what each recipient is told, what still waits, and what was acknowledged.

A recipient is an organisation, whose systems are told, or a single person. Which child and which event a
notice is about stands under the child, not in the recipient's stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import orjson

from hub.disclosure.release import HUB_SOURCE, MADE
from hub.envelope import EventKey, JsonObject, JsonValue
from hub.errors import HubError
from hub.record import Append, Draft, Record, Recorded
from hub.record.ports import Clock

NOTICE: Final = "notice"
PURPOSE: Final = "notice"
"""What the digest is for that makes a notice's id: the same for the same event, recipient and child."""
RAISED: Final = "notice-raised.v1"
RECALLED: Final = "notice-recalled.v1"
TOLD: Final = "notice-made.v1"
_ACKNOWLEDGED: Final = "notice-acknowledged.v1"
_WAITING: Final = "notice-waiting.v1"
_STREAM: Final = "notices/"
_CHILD: Final = "child/"


@dataclass(frozen=True, slots=True)
class Origin:
    """Of which event a notice tells, about which child the recipient is told of it, and by which rules.

    Shape: `policies` stand where the notice was decided for good when it was recorded.
    """

    child: str
    key: EventKey
    policies: tuple[str, ...] = ()


class NoticeRecord:
    """Reads and appends notices; it decides nothing."""

    def __init__(self, record: Record, clock: Clock) -> None:
        self._record: Final = record
        self._clock: Final = clock

    def name(self, key: EventKey, recipient: str, child: str, purpose: str = PURPOSE) -> str:
        """The id of the notice that a recipient gets by an event about a child."""
        name = f"{key.source}\n{key.id}\n{recipient}\n{_CHILD}{child}"
        return str(UUID(bytes=self._record.digest(purpose, name.encode())[:16], version=5))

    def draft(self, recipient: str, id: str, body: JsonObject, type: str = TOLD) -> Draft:
        """The notice in the recipient's own stream; which child it is about stands not there."""
        return self._draft(f"{_STREAM}{recipient}", f"{id}-{NOTICE}", type, body)

    def keep(self, recipient: str, id: str, body: JsonObject, origin: Origin, type: str = TOLD) -> bool:
        """Record a notice that waits to be handed over; False where it stands already.

        Raises: HubError store, rate.
        """
        event = {"source": origin.key.source, "id": origin.key.id}
        told: JsonObject = {
            "notice": id, "recipient": recipient, "child": origin.child, "event": event,
            "policies": list(origin.policies),
        }  # fmt: skip
        waiting = self._draft(f"access/{origin.child}", f"{id}-waiting", _WAITING, told)
        try:
            kept = self._record.append(Append((waiting, self.draft(recipient, id, body, type)))).result()
        except HubError as fault:
            if fault.slug != "conflict":
                raise
            return False
        return not kept.duplicate

    def held(self, id: str) -> JsonObject | None:
        """The notice of this id as it was recorded; None where there is none yet."""
        found = self._record.find(HUB_SOURCE, f"{id}-{NOTICE}")
        if found is None:
            return None
        # A notice whose key was destroyed is not told a second time.
        return body_of(found) or {}

    def origin(self, id: str) -> Origin | None:
        """What a notice is about; None where that was erased."""
        waiting = self._body(f"{id}-waiting")
        if waiting is not None:
            told = orjson.loads(waiting)["data"]
            key = EventKey(told["event"]["source"], told["event"]["id"])
            return Origin(told["child"], key, tuple(told["policies"]))
        access, made = self._body(id), self._body(f"{id}{MADE}")
        if access is None or made is None:
            return None
        for one in orjson.loads(made)["data"]["items"]:
            return Origin(orjson.loads(access)["data"]["child"], EventKey(one["source"], one["id"]))
        return None

    def handed_over(self, id: str) -> bool:
        """Whether the recipient may have had it: the record says that it left."""
        return self._record.find(HUB_SOURCE, id) is not None

    def tail(self, recipient: str, after: int = 0) -> list[Recorded]:
        """What stands in a recipient's stream after a version: notices, and what was acknowledged."""
        return self._record.stream(f"{_STREAM}{recipient}", after)

    def version(self, recipient: str) -> int:
        """How far a recipient's stream has come."""
        stream = f"{_STREAM}{recipient}"
        return self._record.versions([stream]).get(stream, 0)

    def of_recipient(self, recipient: str, id: str) -> Recorded | None:
        """The notice of this id, if it is this recipient's."""
        found = self._record.find(HUB_SOURCE, f"{id}-{NOTICE}")
        return found if found is not None and found.stream == f"{_STREAM}{recipient}" else None

    def acknowledged(self, id: str) -> datetime | None:
        """When a notice was acknowledged, if it was."""
        found = self._record.find(HUB_SOURCE, f"{id}-acknowledged")
        return _time(found) if found is not None else None

    def acknowledge(self, recipient: str, id: str) -> datetime:
        """Record that a recipient has a notice, once; when it did so first.

        Raises: HubError store, rate.
        """
        name = f"{id}-acknowledged"
        draft = self._draft(f"{_STREAM}{recipient}", name, _ACKNOWLEDGED, {"notice": id})
        try:
            self._record.append(Append((draft,))).result()
        except HubError as fault:
            # Acknowledged before, at another time: the first one stands.
            if fault.slug != "conflict":
                raise
        return self.acknowledged(id) or self._clock.domain()

    def _body(self, id: str) -> bytes | None:
        found = self._record.find(HUB_SOURCE, id)
        return found.body if found is not None else None

    def _draft(self, stream: str, id: str, type: str, data: JsonObject) -> Draft:
        payload = orjson.dumps(
            {
                "specversion": "1.0",
                "id": id,
                "source": HUB_SOURCE,
                "type": f"safeguarding.{type}",
                "time": self._clock.domain().astimezone(UTC).isoformat(),
                "datacontenttype": "application/json",
                "data": data,
            }
        )
        return Draft(stream, "record", HUB_SOURCE, id, type, payload, payload)


def is_notice(item: Recorded) -> bool:
    """Whether an item of a recipient's stream is a notice, and no acknowledgement."""
    return item.type in (TOLD, RAISED, RECALLED) and item.stream.startswith(_STREAM)


def recipient_of(item: Recorded) -> str:
    """Whose stream it is."""
    return item.stream.removeprefix(_STREAM)


def id_of(item: Recorded) -> str:
    """The id of a notice, or the notice that an acknowledgement is about."""
    return item.id.removesuffix(f"-{NOTICE}").removesuffix("-acknowledged")


def body_of(item: Recorded) -> JsonObject | None:
    """A notice as it was recorded; None where it has been erased."""
    data: JsonObject | None = orjson.loads(item.body)["data"] if item.body is not None else None
    return data


def lines_of(body: JsonObject) -> list[JsonObject]:
    """The lines of a notice."""
    found: JsonValue = body.get("lines")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _time(item: Recorded) -> datetime | None:
    return datetime.fromisoformat(orjson.loads(item.body)["time"]) if item.body is not None else None
