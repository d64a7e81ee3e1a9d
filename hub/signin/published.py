"""What an OpenID Connect issuer publishes about itself: its addresses and its keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore, Lock
from typing import Final
from urllib.parse import urlsplit

import httpx
import orjson
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet, import_key

from hub.record.ports import Clock
from hub.signin.over_http import fetch as fetch_over_http

REREAD_AFTER: Final = timedelta(minutes=10)
"""How old what was read may be: a key that the issuer withdrew is refused after this at the latest."""
REREAD_AT_MOST_EVERY: Final = timedelta(seconds=30)
TRY_AGAIN_AFTER: Final = timedelta(seconds=5)
_WAITING: Final = 8
_DISCOVERY: Final = "/.well-known/openid-configuration"

Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Published:
    """An issuer's addresses and public keys, as read at one moment.

    Shape: `names_itself` says that every answer to a sign-in carries the issuer's name (RFC 9207).
    """

    authorization: str
    token: str
    end_session: str | None
    secret_in_form: bool
    names_itself: bool
    keys: KeySet


class IssuerDocuments:
    """Reads and keeps what one issuer publishes.

    Read again after ten minutes, and when a token names an unknown key, then at most every 30 seconds:
    a caller who invents key names must not make the hub hammer the issuer. What was read before stays
    good while the issuer is unreachable or answers with something that is no such document; where there
    is nothing yet, it is tried again every five seconds.
    Trust: a document that speaks for another issuer is not believed, nor an address without TLS where
    the issuer's own has it.
    Source: OpenID Connect Discovery 4.3; RFC 8414 3.3.
    """

    def __init__(self, issuer: str, clock: Clock, fetch: Fetch = fetch_over_http) -> None:
        self.issuer: Final = issuer
        self._clock = clock
        self._fetch = fetch
        self._held: Published | None = None
        self._tried_at: datetime | None = None
        self._failed = False
        self._reading = Lock()
        # Whoever waits for a slow issuer holds a thread; the threads that answer reads must not run out.
        self._places = BoundedSemaphore(_WAITING)

    def current(self) -> Published | None:
        """What the issuer publishes, read again when it is older than ten minutes; None if never read."""
        if self._held is None:
            return self.reread()
        # One request waits for a slow issuer; the others go on with what was read before.
        if self._due(REREAD_AFTER) and self._reading.acquire(blocking=False):
            try:
                if self._due(REREAD_AFTER):
                    self._read()
            finally:
                self._reading.release()
        return self._held

    def reread(self) -> Published | None:
        """What the issuer publishes now, as far as it may be asked again already."""
        if not self._due(REREAD_AT_MOST_EVERY) or not self._places.acquire(blocking=False):
            return self._held
        try:
            with self._reading:
                if self._due(REREAD_AT_MOST_EVERY):
                    self._read()
        finally:
            self._places.release()
        return self._held

    def _due(self, age: timedelta) -> bool:
        if self._tried_at is None:
            return True
        since = self._clock.wall() - self._tried_at
        # A clock that was set back must not stop the reading until it has caught up.
        if since < timedelta(0):
            return True
        if self._failed:
            return since >= (TRY_AGAIN_AFTER if self._held is None else REREAD_AT_MOST_EVERY)
        return since >= age

    def _read(self) -> None:
        try:
            found = self._documents()
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, TypeError, KeyError):
            found = None
        self._failed = found is None
        self._held = found or self._held
        self._tried_at = self._clock.wall()

    def _documents(self) -> Published | None:
        described = orjson.loads(self._fetch(self.issuer.rstrip("/") + _DISCOVERY))
        # A document that speaks for another issuer would bring that one's keys.
        if described["issuer"] != self.issuer:
            return None
        keys = _usable(orjson.loads(self._fetch(self._address(described["jwks_uri"])))["keys"])
        # No usable key is a fault of the issuer, never the wish that the hub should trust nobody.
        if not keys:
            return None
        methods = described.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        end_session = described.get("end_session_endpoint")
        return Published(
            authorization=self._address(described["authorization_endpoint"]),
            token=self._address(described["token_endpoint"]),
            end_session=self._address(end_session) if end_session else None,
            secret_in_form="client_secret_basic" not in methods,
            names_itself=described.get("authorization_response_iss_parameter_supported") is True,
            keys=KeySet(keys),
        )

    def _address(self, value: object) -> str:
        schemes = ("https",) if self.issuer.startswith("https://") else ("https", "http")
        if not isinstance(value, str):
            raise TypeError
        parts = urlsplit(value)
        if parts.scheme not in schemes or not parts.netloc:
            raise ValueError("not an address as the issuer's own")
        return value


def _usable(published: object) -> list[Key]:
    """The asymmetric signing keys among what was published; the rest is not for this use."""
    keys: list[Key] = []
    for members in published if isinstance(published, list) else []:
        if not isinstance(members, dict) or members.get("kty") not in ("RSA", "EC", "OKP"):
            continue
        if members.get("use", "sig") != "sig" or not isinstance(members.get("kid", ""), str):
            continue
        try:
            keys.append(import_key(members))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return keys
