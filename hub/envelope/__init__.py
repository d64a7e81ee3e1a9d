"""Bytes -> SignedEvent -> VerifiedEvent: strict JSON and signatures; pure, key look-up passed in."""

from hub.envelope.forms import (
    instant,
    is_event_id,
    is_organisation,
    is_person,
    is_reference,
    organisation_of,
    source_of,
    subject_organisation,
)
from hub.envelope.json import parse_json
from hub.envelope.jws import ALGORITHMS, EVENT_TYP, MAX_EVENT_BYTES, parse
from hub.envelope.types import (
    EventHeader,
    EventKey,
    JsonObject,
    JsonValue,
    SignedEvent,
    VerificationKey,
    VerifiedEvent,
)
from hub.envelope.verification import CLOCK_ALLOWANCE, verify

__all__ = [
    "ALGORITHMS",
    "CLOCK_ALLOWANCE",
    "EVENT_TYP",
    "MAX_EVENT_BYTES",
    "EventHeader",
    "EventKey",
    "JsonObject",
    "JsonValue",
    "SignedEvent",
    "VerificationKey",
    "VerifiedEvent",
    "instant",
    "is_event_id",
    "is_organisation",
    "is_person",
    "is_reference",
    "organisation_of",
    "parse",
    "parse_json",
    "source_of",
    "subject_organisation",
    "verify",
]
