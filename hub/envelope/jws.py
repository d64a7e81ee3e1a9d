"""bytes -> SignedEvent: a compact JWS in its one canonical form, with exactly the allowed header."""

from __future__ import annotations

import base64
import re
from typing import Final

from hub.envelope.json import parse_json
from hub.envelope.types import EventHeader, SignedEvent
from hub.errors import HubError

MAX_EVENT_BYTES: Final = 128 * 1024
EVENT_TYP: Final = "safeguarding-event+jws"
ALGORITHMS: Final = frozenset({"Ed25519", "EdDSA", "ES256"})
SIGNATURE_BYTES: Final = 64

_MEMBERS: Final = frozenset({"alg", "kid", "typ", "iat", "aud"})
_BASE64URL: Final = re.compile(rb"[A-Za-z0-9_-]+")
_THUMBPRINT: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_AUDIENCE_LENGTH: Final = 200
_LAST_IAT: Final = 253_402_300_799  # the end of the year 9999: a later one is no time to compare


def parse(compact: bytes) -> SignedEvent:
    """Parse one signed event; nothing in it is to be believed yet.

    1. Refuse what is too large.
    2. Split into three parts of canonical base64url, so that the bytes can be restored exactly.
    3. Parse the header as strict JSON with exactly the allowed members.
    4. Check the form of each member.

    Raises: HubError("too-large"); HubError("signature").
    Source: RFC 7515 3.1, 5.2
    """
    if len(compact) > MAX_EVENT_BYTES:  # 1
        raise HubError("too-large")
    parts = compact.split(b".")  # 2
    if len(parts) != 3:
        raise _refused("This is not a compact JWS with an attached payload.")
    header, payload, signature = (_decode(part) for part in parts)
    if len(signature) != SIGNATURE_BYTES:
        raise _refused("The signature does not have the length of its algorithm.")
    return SignedEvent(compact=compact, header=_header(header), payload=payload)


def signature_of(signed: SignedEvent) -> tuple[bytes, bytes]:
    """The bytes that were signed, and the signature over them."""
    signing_input, _, signature = signed.compact.rpartition(b".")
    return signing_input, _decode(signature)


def _decode(part: bytes) -> bytes:
    # Padding, other alphabets and stray last bits would let one signature stand on many texts.
    if not _BASE64URL.fullmatch(part) or len(part) % 4 == 1:
        raise _refused("A part is not base64url.")
    decoded = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    # Only the last, unfilled quantum has bits that decoding drops.
    rest = len(part) % 4
    if rest and base64.urlsafe_b64encode(decoded[1 - rest :]).rstrip(b"=") != part[-rest:]:
        raise _refused("A part is not canonical base64url.")
    return decoded


def _header(encoded: bytes) -> EventHeader:
    try:
        header = parse_json(encoded)  # 3
    except HubError:
        raise _refused("The header is not strict JSON.") from None
    # jku, jwk, x5u and x5c would let the sender choose the key; b64 and crit change what is signed.
    if header.keys() != _MEMBERS:
        raise _refused("The header must have exactly alg, kid, typ, iat and aud.")
    alg, kid, typ, iat, aud = (header[name] for name in ("alg", "kid", "typ", "iat", "aud"))
    # `none` has no signature; an HMAC could be made by anybody with the public key as its secret.
    if not isinstance(alg, str) or alg not in ALGORITHMS:  # 4
        raise _refused("The algorithm must be Ed25519 or ES256.")
    if not isinstance(kid, str) or not _THUMBPRINT.fullmatch(kid):
        raise _refused("The key id must be the SHA-256 thumbprint of a key.")
    if typ != EVENT_TYP:
        raise _refused("The header member typ is not that of a signed event.")
    if not isinstance(iat, int) or isinstance(iat, bool) or not 0 <= iat <= _LAST_IAT:
        raise _refused("The header member iat must be a time in whole seconds.")
    if not isinstance(aud, str) or not 1 <= len(aud) <= _AUDIENCE_LENGTH:
        raise _refused("The header member aud must be one audience.")
    return EventHeader(alg=alg, kid=kid, iat=iat, aud=aud)


def _refused(detail: str) -> HubError:
    return HubError("signature", detail)
