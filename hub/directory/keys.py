"""Public keys as agencies hand them over: checked for form, named by thumbprint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from hub.errors import HubError

LARGEST: Final = 4096
_PUBLIC_MEMBERS: Final = {"OKP": ("kty", "crv", "x"), "EC": ("kty", "crv", "x", "y")}
_CURVES: Final = {"OKP": "Ed25519", "EC": "P-256"}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One public key: its RFC 7638 thumbprint, and its JWK with the required members only."""

    kid: str
    jwk: str


def public_key(jwk: str) -> PublicKey:
    """Read one public JWK: Ed25519, or ECDSA on P-256.

    Raises: HubError schema for anything else, and for a private key: it must never leave its owner.
    Source: RFC 7517 4; RFC 7638 3.
    """
    try:
        members = orjson.loads(jwk) if len(jwk) <= LARGEST else None
    except orjson.JSONDecodeError:
        members = None
    if not isinstance(members, dict) or not all(isinstance(value, str) for value in members.values()):
        raise HubError("schema", "This is not one JSON Web Key with text members: hand over the .jwk file.")
    if "d" in members or "k" in members:
        raise HubError("schema", "This is a private key. Hand over the public key, and make a new pair.")
    kty = members.get("kty")
    if kty not in _CURVES or members.get("crv") != _CURVES[kty]:
        raise HubError("schema", "A key is Ed25519 (OKP) or ECDSA on P-256 (EC).")
    required = {name: members.get(name, "") for name in _PUBLIC_MEMBERS[kty]}
    try:
        key = OKPKey.import_key(required) if kty == "OKP" else ECKey.import_key(required)
        kid = key.thumbprint()
    except (JoseError, ValueError, TypeError, KeyError):
        raise HubError("schema", "The key's numbers are not a point of its curve.") from None
    return PublicKey(kid, orjson.dumps(required, option=orjson.OPT_SORT_KEYS).decode())
