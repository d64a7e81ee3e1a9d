"""Public keys and the one algorithm that each kind of key may be used with."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from hub.envelope.types import JsonObject
from hub.errors import HubError

_Verify: TypeAlias = Callable[[bytes, bytes], None]

_ED25519_ALGORITHMS: Final = frozenset({"Ed25519", "EdDSA"})
_P256_ALGORITHMS: Final = frozenset({"ES256"})
_COORDINATE: Final = 32


def check_signature(jwk: JsonObject, alg: str, signing_input: bytes, signature: bytes) -> None:
    """Verify a signature with a public key; the key's kind fixes the algorithm, never the header.

    Raises: HubError("signature").
    Source: RFC 7515 5.2, RFC 8037 3.1, RFC 7518 3.4
    """
    algorithms, verify = _verifier(*(_text(jwk, member) for member in ("kty", "crv", "x", "y")))
    if alg not in algorithms:
        # Algorithm confusion: the header asks for another algorithm than the key is for.
        raise HubError("signature", "The algorithm is not that of the key.")
    try:
        verify(signature, signing_input)
    except InvalidSignature:
        raise HubError("signature") from None


@lru_cache(maxsize=1024)
def _verifier(kty: str, crv: str, x: str, y: str) -> tuple[frozenset[str], _Verify]:
    try:
        if (kty, crv) == ("OKP", "Ed25519"):
            return _ED25519_ALGORITHMS, ed25519.Ed25519PublicKey.from_public_bytes(_octets(x)).verify
        if (kty, crv) == ("EC", "P-256"):
            return _P256_ALGORITHMS, _p256(_octets(x), _octets(y))
    except ValueError:
        raise HubError("signature", "The registered key cannot be read.") from None
    raise HubError("signature", "The registered key is of a kind that does not sign events.")


def _p256(x: bytes, y: bytes) -> _Verify:
    # Loading checks that the point lies on the curve.
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1())
    key = numbers.public_key()

    def verify(signature: bytes, signing_input: bytes) -> None:
        r, s = (int.from_bytes(signature[at : at + _COORDINATE]) for at in (0, _COORDINATE))
        key.verify(encode_dss_signature(r, s), signing_input, ec.ECDSA(SHA256()))

    return verify


def _octets(text: str) -> bytes:
    try:
        octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if len(octets) != _COORDINATE:
        raise ValueError("a coordinate has 32 octets")
    return octets


def _text(jwk: JsonObject, member: str) -> str:
    value = jwk.get(member, "")
    return value if isinstance(value, str) else ""
