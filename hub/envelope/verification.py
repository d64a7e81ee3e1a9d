"""SignedEvent -> VerifiedEvent: the payload is read only after its signature has been verified."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from hub.envelope.forms import (
    instant,
    is_event_id,
    is_reference,
    organisation_of,
    subject_organisation,
    type_of,
)
from hub.envelope.json import parse_json
from hub.envelope.jws import signature_of
from hub.envelope.keys import check_signature
from hub.envelope.types import EventKey, JsonObject, SignedEvent, VerificationKey, VerifiedEvent
from hub.errors import HubError

CLOCK_ALLOWANCE: Final = timedelta(minutes=10)

_REQUIRED: Final = frozenset({"specversion", "id", "source", "type", "subject", "time", "data"})
_ALLOWED: Final = _REQUIRED | {"datacontenttype"}


def verify(signed: SignedEvent, *, key: VerificationKey, audience: str, now: datetime) -> VerifiedEvent:
    """Verify who signed an event, for whom, and that its envelope has the contract's form.

    1. The audience is this hub, so that a post to another environment cannot be replayed here.
    2. The key is the one that the header names.
    3. The signature is right, by the algorithm that the key's kind fixes.
    4. It was not signed in the future.
    5. The payload is strict JSON.
    6. The CloudEvents members are there, no others, each in its form.
    7. The source is the organisation whose key signed.
    8. It was not recorded in the future.

    Trust: `key` comes from the directory, valid at receipt; `now` is the wall clock.
    Raises: HubError of audience, key-unknown, signature, clock, json, schema, imagery or
        wrong-organisation.
    Source: RFC 7515 5.2, CloudEvents 1.0
    """
    header = signed.header
    if header.aud != audience:  # 1
        raise HubError("audience")
    if header.kid != key.kid:  # 2
        raise HubError("key-unknown")
    check_signature(key.jwk, header.alg, *signature_of(signed))  # 3
    iat = datetime.fromtimestamp(header.iat, UTC)
    _check_clock(iat, now)  # 4
    event = parse_json(signed.payload)  # 5
    _check_members(event)  # 6
    event_id, subject = _text(event, "id"), _text(event, "subject")
    if not is_event_id(event_id):
        raise _misfit("id")
    if not is_reference(subject) and subject_organisation(subject) is None:
        raise _misfit("subject")
    named = type_of(_text(event, "type"))
    if named is None:
        raise _misfit("type")
    time = instant(_text(event, "time"))
    if time is None:
        raise _misfit("time")
    source = _text(event, "source")
    organisation = organisation_of(source)
    if organisation is None:
        raise _misfit("source")
    if organisation != key.organisation:  # 7
        raise HubError("wrong-organisation")
    _check_clock(time, now)  # 8
    return VerifiedEvent(
        compact=signed.compact,
        payload=signed.payload,
        kid=key.kid,
        organisation=organisation,
        iat=iat,
        key=EventKey(source, event_id),
        type=named[0],
        version=named[1],
        subject=subject,
        time=time,
        data=_data(event),
    )


def _check_members(event: JsonObject) -> None:
    if "data_base64" in event:
        # CloudEvents' own way to carry binary content: nothing the hub takes is binary.
        raise HubError("imagery", rule="H-22")
    if not _REQUIRED <= event.keys():
        raise HubError("schema", "A member that every CloudEvent here must have is missing.")
    if not event.keys() <= _ALLOWED:
        raise HubError("schema", "The event has a member that events here do not have.")
    if event["specversion"] != "1.0":
        raise _misfit("specversion")
    if event.get("datacontenttype", "application/json") != "application/json":
        raise _misfit("datacontenttype")


def _check_clock(instant: datetime, now: datetime) -> None:
    # The past is never refused: agencies post late, in batches, from offline outboxes.
    if instant - now > CLOCK_ALLOWANCE:
        raise HubError("clock")


def _text(event: JsonObject, member: str) -> str:
    value = event[member]
    if not isinstance(value, str):
        raise _misfit(member)
    return value


def _data(event: JsonObject) -> JsonObject:
    data = event["data"]
    if not isinstance(data, Mapping):
        raise _misfit("data")
    return data


def _misfit(member: str) -> HubError:
    return HubError("schema", f"The event's member {member} is not in the form of the contract.")
