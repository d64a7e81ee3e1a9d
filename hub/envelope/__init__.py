"""Bytes -> SignedEvent -> VerifiedEvent: strict JSON and signatures; pure, key look-up passed in."""

from hub.envelope.types import (
    EventHeader,
    EventKey,
    JsonObject,
    JsonValue,
    SignedEvent,
    VerificationKey,
    VerifiedEvent,
)

__all__ = [
    "EventHeader",
    "EventKey",
    "JsonObject",
    "JsonValue",
    "SignedEvent",
    "VerificationKey",
    "VerifiedEvent",
]
