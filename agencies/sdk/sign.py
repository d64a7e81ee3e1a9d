"""Signing: a compact JWS with the payload attached."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from joserfc import jws
from joserfc.registry import HeaderParameter

from agencies.sdk.keys import SigningKey, algorithm_of, thumbprint

EVENT_TYPE: Final = "safeguarding-event+jws"
_REGISTRY: Final = jws.JWSRegistry(
    {
        "iat": HeaderParameter("Issued at", "int", True),
        "aud": HeaderParameter("Audience", "str", True),
    },
    algorithms=["Ed25519", "ES256"],
)


def sign_event(payload: bytes, key: SigningKey, *, audience: str, now: datetime) -> str:
    """Sign the exact bytes of an event for one hub.

    Shape: `audience` is the hub's id; a signature for one environment is worthless in another.
    Source: RFC 7515 3.1; RFC 9864 (Ed25519); contract, section 2.
    """
    header = {
        "alg": algorithm_of(key),
        "kid": thumbprint(key),
        "typ": EVENT_TYPE,
        "iat": int(now.timestamp()),
        "aud": audience,
    }
    return jws.serialize_compact(header, payload, key, registry=_REGISTRY)
