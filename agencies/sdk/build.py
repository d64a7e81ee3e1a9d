"""From an agency's typed event to the exact bytes that are signed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from agencies.sdk.json import JsonObject, to_bytes

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class AgencyEvent:
    """One event that one native record became.

    Shape: `record` is the number the agency's own system gave the record; `type` is kebab case;
    `subject` names the child by a reference; `data` follows the schema of the type.
    Units: `recorded_at` is aware, in the offset in which the agency wrote it.
    """

    organisation: str
    record: str
    type: str
    subject: str
    recorded_at: datetime
    data: JsonObject


def source_urn(organisation: str) -> str:
    """The CloudEvents `source` of an organisation."""
    return f"urn:safeguarding:org:{organisation}"


def event_id(organisation: str, record: str, type_: str) -> str:
    """The id of the event that a native record becomes: 26 characters in the alphabet of a ULID.

    It depends on nothing but the three names, so that converting the same record again, on another
    day or machine, names the same event; the hub then answers "already held" instead of keeping two.
    """
    named = "\n".join((organisation, record, type_)).encode()
    number = int.from_bytes(hashlib.sha256(named).digest()) >> (256 - 130)
    return "".join(_CROCKFORD[(number >> (5 * place)) & 31] for place in reversed(range(26)))


def about(organisation: str, record: str, type_: str) -> JsonObject:
    """The `{source, id}` by which one event names another of the same organisation."""
    return {"source": source_urn(organisation), "id": event_id(organisation, record, type_)}


def cloud_event(event: AgencyEvent) -> bytes:
    """The CloudEvents 1.0 payload of an event, ready to be signed.

    Source: CloudEvents 1.0, JSON format.
    """
    return to_bytes(
        {
            "specversion": "1.0",
            "id": event_id(event.organisation, event.record, event.type),
            "source": source_urn(event.organisation),
            "type": f"safeguarding.{event.type}.v1",
            "subject": event.subject,
            "time": event.recorded_at.isoformat(),
            "datacontenttype": "application/json",
            "data": event.data,
        }
    )
