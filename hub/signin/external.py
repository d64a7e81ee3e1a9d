"""Tokens of the external OpenID Connect issuer, validated by its published keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import Token

from hub.errors import HubError
from hub.record.ports import Clock
from hub.signin.over_http import fetch as fetch_over_http
from hub.signin.published import Fetch, IssuerDocuments, Published

ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519", "EdDSA"),
)
"""Asymmetric only: with an HMAC algorithm whoever knows the public key could make tokens."""
LEEWAY: Final = timedelta(seconds=60)
LONGEST: Final = 16_384
_TYPES: Final = (None, "jwt", "at+jwt", "application/at+jwt")
_ACCESS_TYPES: Final = ("at+jwt", "application/at+jwt")
_OF_ID_TOKENS: Final = frozenset({"nonce", "at_hash", "c_hash"})


@dataclass(frozen=True, slots=True)
class ExternalIssuer:
    """Which issuer to trust, for whom its tokens must be, and which claim holds the person's directory id."""

    url: str
    audiences: tuple[str, ...]
    person_claim: str


class ExternalTokens:
    """Validates bearer and id tokens of one external issuer.

    While the issuer is unreachable, keys already read stay good and unknown ones are refused.
    Source: OpenID Connect Core 3.1.3.7; RFC 8725 3; RFC 9068 4.
    """

    def __init__(
        self,
        issuer: ExternalIssuer,
        clock: Clock,
        fetch: Fetch = fetch_over_http,
        documents: IssuerDocuments | None = None,
    ) -> None:
        self._issuer = issuer
        self._clock = clock
        self._documents = documents or IssuerDocuments(issuer.url, clock, fetch)

    @property
    def issuer(self) -> str:
        """The `iss` of these tokens."""
        return self._issuer.url

    def person(self, token: str, *, nonce: str | None = None) -> str:
        """The directory id of the person a token speaks of; with `nonce`, of an id token.

        1. Signature by a key of the issuer, with an algorithm of the list and of the key's own kind.
        2. `iss`, `aud`, `exp`, `nbf` and `iat`.
        3. An id token is of this sign-in and for this client; anything else is an access token.
        4. The person's id from the configured claim.

        Raises: HubError token, always with the same text.
        """
        if len(token) > LONGEST:
            raise HubError("token")
        now = self._clock.wall()
        try:
            decoded = self._decode(token)  # 1.
            jwt.JWTClaimsRegistry(  # 2.
                now=int(now.timestamp()),
                leeway=int(LEEWAY.total_seconds()),
                iss={"essential": True, "value": self._issuer.url},
                aud={"essential": True, "values": list(self._issuer.audiences)},
                exp={"essential": True},
            ).validate(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError):
            raise HubError("token") from None
        good = _is_access_token(decoded) if nonce is None else self._is_id_token(decoded.claims, nonce)
        if not good:  # 3.
            raise HubError("token")
        person = decoded.claims.get(self._issuer.person_claim)  # 4.
        if not isinstance(person, str) or not person or _is_program(person, decoded.claims):
            raise HubError("token")
        return person

    def _is_id_token(self, claims: dict[str, Any], nonce: str) -> bool:
        """Of the sign-in that chose this nonce, and issued to this client where it says to whom."""
        party, audience = claims.get("azp"), claims["aud"]
        if party is None and isinstance(audience, list) and len(audience) > 1:
            return False
        return claims.get("nonce") == nonce and (party is None or party in self._issuer.audiences)

    def _decode(self, token: str) -> Token:
        published = self._documents.current()
        try:
            return jwt.decode(token, _keys(published), algorithms=list(ALGORITHMS))
        except InvalidKeyIdError:
            return jwt.decode(token, _keys(self._documents.reread()), algorithms=list(ALGORITHMS))


def _keys(published: Published | None) -> KeySet:
    return published.keys if published is not None else KeySet([])


def _is_access_token(token: Token) -> bool:
    """Whether this may be an access token: id and logout tokens of the same key are made for others' eyes.

    An id token travels through browsers and says only that somebody signed in somewhere. Issuers that
    do not mark access tokens as RFC 9068 asks are known by what only id tokens hold.
    """
    kind, claims = token.header.get("typ"), token.claims
    kind = kind.lower() if isinstance(kind, str) else kind
    if kind not in _TYPES or "events" in claims or claims.get("typ", "Bearer") != "Bearer":
        return False
    return kind in _ACCESS_TYPES or "typ" in claims or not _OF_ID_TOKENS & claims.keys()


def _is_program(person: str, claims: dict[str, Any]) -> bool:
    """A token that a program got for itself: its `sub` is the client, whose name somebody chose.

    Source: RFC 9068 5.
    """
    return person in (claims.get("client_id"), claims.get("azp"))
