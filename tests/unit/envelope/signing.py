"""An agency's side for these tests: keys, events and signatures made with joserfc."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

from joserfc import jws
from joserfc.jwk import ECKey, OKPKey

from hub.envelope import SignedEvent, VerificationKey, VerifiedEvent, parse, verify

AUDIENCE = "urn:safeguarding:hub:test"
NOW = datetime(2025, 9, 12, 14, 30, tzinfo=UTC)
ORGANISATION = "education.elm-school"
# Fixed keys, so that every run signs the same bytes.
ED25519 = OKPKey.import_key(
    {
        "kty": "OKP",
        "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }
)
P256 = ECKey.import_key(
    {
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    }
)
_REGISTRY = jws.JWSRegistry(algorithms=["Ed25519", "EdDSA", "ES256", "HS256"], strict_check_header=False)


def verification_key(key: OKPKey | ECKey = ED25519, organisation: str = ORGANISATION) -> VerificationKey:
    return VerificationKey(kid=key.thumbprint(), organisation=organisation, jwk=key.as_dict(private=False))


def event(**changes: object) -> dict[str, object]:
    members: dict[str, object] = {
        "specversion": "1.0",
        "id": "01JC8Z3V9E4T6R7K2M5N8P0Q1S",
        "source": "urn:safeguarding:org:education.elm-school",
        "type": "safeguarding.incident-recorded.v1",
        "subject": "nhs:9991001018",
        "time": "2025-09-12T15:25:00+01:00",
        "datacontenttype": "application/json",
        "data": {
            "occurred_at": "2025-09-10",
            "precision": "about-day",
            "author": "education.elm-school/dsl-1",
            "role": "has-been-harmed",
            "status": "alleged",
        },
    }
    return {name: value for name, value in (members | changes).items() if value is not ...}


def header(key: OKPKey | ECKey = ED25519, /, **changes: object) -> dict[str, object]:
    members: dict[str, object] = {
        "alg": "Ed25519" if key is ED25519 else "ES256",
        "kid": key.thumbprint(),
        "typ": "safeguarding-event+jws",
        "iat": int(NOW.timestamp()),
        "aud": AUDIENCE,
    }
    return {name: value for name, value in (members | changes).items() if value is not ...}


def sign(
    payload: bytes | dict[str, object] | None = None,
    key: OKPKey | ECKey = ED25519,
    **header_changes: object,
) -> bytes:
    body = payload if isinstance(payload, bytes) else json.dumps(payload or event()).encode()
    return jws.serialize_compact(header(key, **header_changes), body, key, registry=_REGISTRY).encode()


def glue(protected: dict[str, object] | bytes, payload: bytes, signature: bytes = b"\0" * 64) -> bytes:
    """A JWS text with any header and any signature, as an attacker would put it together."""
    head = protected if isinstance(protected, bytes) else json.dumps(protected).encode()
    return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (head, payload, signature))


def verified(
    compact: bytes | SignedEvent, key: VerificationKey | None = None, now: datetime = NOW
) -> VerifiedEvent:
    signed = parse(compact) if isinstance(compact, bytes) else compact
    return verify(signed, key=key or verification_key(), audience=AUDIENCE, now=now)
