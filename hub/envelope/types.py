"""The frozen types of the envelope: what has been parsed, and what has been verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias, Union

JsonValue: TypeAlias = Union[str, int, float, bool, "Sequence[JsonValue]", "Mapping[str, JsonValue]", None]
JsonObject: TypeAlias = Mapping[str, JsonValue]


class EventKey(NamedTuple):
    """The name of an event: unique as a pair (CloudEvents `source` and `id`)."""

    # A tuple: keys are looked up so often that the interpreter itself has to hash and compare them.
    source: str
    id: str


@dataclass(frozen=True, slots=True)
class EventHeader:
    """The protected header of a signed event, members checked for form only."""

    alg: str
    kid: str
    iat: int
    aud: str


@dataclass(frozen=True, slots=True)
class SignedEvent:
    """One compact JWS in canonical base64url, not yet verified.

    Trust: nothing in it may be believed, logged or echoed.
    """

    compact: bytes
    header: EventHeader
    payload: bytes


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key of an organisation that may sign events, as the directory holds it."""

    kid: str
    organisation: str
    jwk: JsonObject


@dataclass(frozen=True, slots=True)
class VerifiedEvent:
    """A CloudEvent whose signature, audience, source and strict JSON form have been verified.

    Shape: `payload` is exactly the bytes that were signed; the other members are read from it.
    Units: `time` (the agency's recorded_at) is aware, as written; `iat` is aware UTC.
    """

    compact: bytes
    payload: bytes
    kid: str
    organisation: str
    iat: datetime
    key: EventKey
    type: str
    """Kebab case without prefix and version, e.g. `incident-recorded`."""
    version: int
    subject: str
    time: datetime
    data: JsonObject
