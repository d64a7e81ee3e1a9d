"""Access tokens that the hub issues itself: short-lived, signed, for this hub alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from hub.errors import HubError

SubjectKind = Literal["person", "organisation"]
ALGORITHM: Final = "Ed25519"
TYPE: Final = "at+jwt"
LIFETIME: Final = timedelta(minutes=10)
LEEWAY: Final = timedelta(seconds=30)
LONGEST: Final = 4096
_MOST_KNOWN: Final = 4096


@dataclass(frozen=True, slots=True)
class TokenSubject:
    """Of whom a valid access token speaks; what they may do stands in the directory, never here."""

    kind: SubjectKind
    id: str


def derived_key(master_key: bytes, purpose: str) -> OKPKey:
    """An Ed25519 key for one purpose, the same in every process that has the master key.

    Trust: keys of different purposes tell nothing about each other. Source: RFC 5869.
    """
    seed = HKDF(SHA256(), 32, salt=None, info=f"hub/{purpose}/1".encode()).derive(master_key)
    return OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(seed))


@dataclass(frozen=True, slots=True)
class _Known:
    """A token that was found to be right at one second, and stays so until before another."""

    subject: TokenSubject
    since: int
    until: int


class AccessTokens:
    """Issues and validates the hub's own access tokens.

    Shape: a JWT with `typ` at+jwt, signed Ed25519 (EdDSA), `iss` and `aud` the hub's id. Tokens of people
    are issued and accepted only where there is a development issuer; in production a person's token
    comes from the external issuer alone, and one of the hub's own key is refused.
    Trust: what was once validated is known by its digest until it expires; of whom a token speaks follows
    from its text, this hub's key and the time alone, so that nothing can happen that would change it. What
    its subject may do is no part of it.
    Source: RFC 9068; RFC 8725 3.1, 3.11.
    """

    def __init__(self, key: OKPKey, hub_id: str, *, people: bool) -> None:
        self._key = key
        self._hub_id = hub_id
        self._kinds: frozenset[str] = frozenset({"organisation", "person"} if people else {"organisation"})
        self._known: dict[bytes, _Known] = {}

    @property
    def issuer(self) -> str:
        """The `iss` of these tokens."""
        return self._hub_id

    def issue(self, subject: TokenSubject, *, now: datetime, token_id: str) -> str:
        """A bearer token of this subject, valid from now for ten minutes.

        Raises: HubError token, for a person where people sign in elsewhere.
        """
        if subject.kind not in self._kinds:
            raise HubError("token", "People get their tokens from the configured issuer.")
        issued = int(now.timestamp())
        claims = {
            "iss": self._hub_id,
            "aud": self._hub_id,
            "sub": subject.id,
            "kind": subject.kind,
            "iat": issued,
            "exp": issued + int(LIFETIME.total_seconds()),
            "jti": token_id,
        }
        header = {"alg": ALGORITHM, "typ": TYPE}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])

    def validate(self, token: str, *, now: datetime) -> TokenSubject:
        """Of whom a token speaks, when everything about it is right.

        1. A token that was validated before is right from then until it expires.
        2. Any other is validated, and known from now on.

        Raises: HubError token, always with the same text: a caller learns nothing from which check failed.
        """
        if len(token) > LONGEST:
            raise HubError("token")
        # 1
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known, second = self._known.get(digest), int(now.timestamp())
        if known is not None and known.since <= second < known.until:
            return known.subject
        # 2
        subject, expires = self._validated(token, now)
        if len(self._known) >= _MOST_KNOWN:
            self._known = {}
        self._known[digest] = _Known(subject, second, expires)
        return subject

    def _validated(self, token: str, now: datetime) -> tuple[TokenSubject, int]:
        """The subject of a token that is right, and the first second at which it no longer is."""
        try:
            decoded = jwt.decode(token, self._key, algorithms=[ALGORITHM])
            jwt.JWTClaimsRegistry(
                now=int(now.timestamp()),
                leeway=int(LEEWAY.total_seconds()),
                iss={"essential": True, "value": self._hub_id},
                aud={"essential": True, "value": self._hub_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
            ).validate(decoded.claims)
        except (JoseError, ValueError, TypeError):
            raise HubError("token") from None
        kind, subject = decoded.claims.get("kind"), decoded.claims["sub"]
        # Another kind of token of the same key (an id token) must not pass as an access token.
        if decoded.header.get("typ") != TYPE or kind not in self._kinds:
            raise HubError("token")
        expires = int(decoded.claims["exp"]) + int(LEEWAY.total_seconds())
        return TokenSubject("person" if kind == "person" else "organisation", subject), expires
