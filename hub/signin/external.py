"""Tokens of the external OpenID Connect issuer, validated by its published keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

import httpx
import orjson
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet, import_key
from joserfc.jwt import Token

from hub.errors import HubError
from hub.record.ports import Clock

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "Ed25519", "EdDSA")
LEEWAY: Final = timedelta(seconds=60)
LONGEST: Final = 16_384
LARGEST_DOCUMENT: Final = 1_000_000
_REFRESH_AT_MOST_EVERY: Final = timedelta(seconds=30)
_DISCOVERY: Final = "/.well-known/openid-configuration"

Fetch = Callable[[str], bytes]


def fetch_over_http(url: str) -> bytes:
    """The body of a small document of the issuer; no redirects, five seconds at most.

    Raises: httpx.HTTPError. Following a redirect could lead to a server that the operator did not name.
    """
    answer = httpx.get(url, timeout=5.0, follow_redirects=False)
    answer.raise_for_status()
    return answer.content[:LARGEST_DOCUMENT]


@dataclass(frozen=True, slots=True)
class ExternalIssuer:
    """Which issuer to trust, for whom its tokens must be, and which claim holds the person's directory id."""

    url: str
    audiences: tuple[str, ...]
    person_claim: str


class ExternalTokens:
    """Validates bearer and id tokens of one external issuer.

    Keys are read from the issuer's own published set, again when a token names an unknown one, at most
    every 30 seconds: a caller who invents key names must not make the hub hammer the issuer. While the
    issuer is unreachable, keys already read stay good and unknown ones are refused.
    Source: OpenID Connect Core 3.1.3.7; OpenID Connect Discovery 4.3; RFC 8725 3.
    """

    def __init__(self, issuer: ExternalIssuer, clock: Clock, fetch: Fetch = fetch_over_http) -> None:
        self._issuer = issuer
        self._clock = clock
        self._fetch = fetch
        self._keys = KeySet([])
        self._read_at: datetime | None = None
        self._lock = Lock()

    @property
    def issuer(self) -> str:
        """The `iss` of these tokens."""
        return self._issuer.url

    def person(self, token: str, *, nonce: str | None = None) -> str:
        """The directory id of the person a token speaks of; with `nonce`, of an id token.

        1. Signature by a key of the issuer, with an algorithm of the list and of the key's own kind.
        2. `iss`, `aud`, `exp`, `nbf` and, where the flow sent one, `nonce`.
        3. The person's id from the configured claim.

        Raises: HubError token, always with the same text.
        """
        if len(token) > LONGEST:
            raise HubError("token")
        now = self._clock.wall()
        try:
            decoded = self._decode(token, now)  # 1.
            jwt.JWTClaimsRegistry(  # 2.
                now=int(now.timestamp()),
                leeway=int(LEEWAY.total_seconds()),
                iss={"essential": True, "value": self._issuer.url},
                aud={"essential": True, "values": list(self._issuer.audiences)},
                exp={"essential": True},
            ).validate(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError):
            raise HubError("token") from None
        if nonce is not None and decoded.claims.get("nonce") != nonce:
            raise HubError("token")
        person = decoded.claims.get(self._issuer.person_claim)  # 3.
        if not isinstance(person, str) or not person:
            raise HubError("token")
        return person

    def _decode(self, token: str, now: datetime) -> Token:
        try:
            return jwt.decode(token, self._keys, algorithms=list(ALGORITHMS))
        except InvalidKeyIdError:
            self._read_keys(now)
            return jwt.decode(token, self._keys, algorithms=list(ALGORITHMS))

    def _read_keys(self, now: datetime) -> None:
        with self._lock:
            if self._read_at is not None and now - self._read_at < _REFRESH_AT_MOST_EVERY:
                return
            self._read_at = now
            try:
                described = orjson.loads(self._fetch(self._issuer.url.rstrip("/") + _DISCOVERY))
                # A document that speaks for another issuer would bring that one's keys.
                if described["issuer"] != self._issuer.url:
                    return
                published = orjson.loads(self._fetch(described["jwks_uri"]))["keys"]
            except (httpx.HTTPError, OSError, ValueError, TypeError, KeyError):
                return
            self._keys = KeySet(_usable(published))


def _usable(published: object) -> list[Key]:
    """The asymmetric signing keys among what was published; the rest is not for this use."""
    keys: list[Key] = []
    for members in published if isinstance(published, list) else []:
        if not isinstance(members, dict) or members.get("kty") not in ("RSA", "EC", "OKP"):
            continue
        if members.get("use", "sig") != "sig":
            continue
        try:
            keys.append(import_key(members))
        except (JoseError, ValueError, TypeError):
            continue
    return keys
