"""Signing people in at an OpenID Connect issuer: authorization code with PKCE, state and nonce.

Source: OpenID Connect Core 3.1; RFC 7636; RFC 9207; RFC 9700 2.1.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote_plus, urlencode

import anyio.to_thread
import httpx
import orjson

from hub.errors import HubError
from hub.record.ports import Clock
from hub.signin.external import ExternalIssuer, ExternalTokens
from hub.signin.oauth import Parameters
from hub.signin.over_http import ask
from hub.signin.published import IssuerDocuments, Published

LONGEST: Final = timedelta(minutes=15)
"""How long somebody may take at the issuer: long enough to find the second factor."""
_BYTES: Final = 32

FAILED: Final = "Signing in did not succeed. Go to the sign-in page and begin again."
UNREACHABLE: Final = (
    "Your organisation's sign-in service cannot be reached at the moment. Try again in a few minutes. "
    "People who are signed in can go on working."
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """The OpenID Connect issuer the pages sign people in with.

    Shape: `redirect_uri` is this hub's own `/sign-in/callback` as the issuer knows it; `person_claim`
    names the claim of the id token that holds the person's id in the directory.
    Trust: set by the operator; never taken from a request, so that a forged Host header changes nothing.
    """

    issuer: str
    client_id: str
    redirect_uri: str
    client_secret: str | None = None
    person_claim: str = "sub"


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A sign-in that has begun: what must come back, kept in the browser's sealed session.

    Units: `since` is seconds of Unix time.
    """

    state: str
    nonce: str
    verifier: str
    since: int


class CodeFlow:
    """The way to the issuer and back.

    Trust: id tokens are judged by the same rules, and by the same kind of keys, as access tokens.
    """

    def __init__(self, config: SignIn, clock: Clock, random: Callable[[int], bytes]) -> None:
        self._config = config
        self._clock = clock
        self._random = random
        self._documents = IssuerDocuments(config.issuer, clock)
        issuer = ExternalIssuer(config.issuer, (config.client_id,), config.person_claim)
        self._tokens = ExternalTokens(issuer, clock, documents=self._documents)

    async def begin(self) -> tuple[str, UnderWay]:
        """Where to send the browser, and what to keep for its return.

        Raises: HubError token with status 503, where the issuer cannot be asked.
        """
        published = await self._published()
        now = int(self._clock.wall().timestamp())
        begun = UnderWay(self._value(), self._value(), self._value(), now)
        query = {
            "response_type": "code",
            "client_id": self._config.client_id,
            "redirect_uri": self._config.redirect_uri,
            "scope": "openid",
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": _base64url(hashlib.sha256(begun.verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        return _with_query(published.authorization, query), begun

    async def finish(self, answer: Parameters, begun: UnderWay) -> str:
        """The directory id of the person who comes back, by what the issuer says of them.

        1. The answer belongs to the sign-in that this browser began, not long ago.
        2. It is the issuer's own: one that names itself in its answers is held to it (a mix-up of issuers).
        3. The code is exchanged, with the verifier that only this hub knows.
        4. The id token is the issuer's, for this client, in time and of this sign-in.

        Trust: the answer comes through the browser; nothing of it is believed before step 4.
        Raises: HubError token; with status 503 where the issuer cannot be asked.
        """
        given = dict(answer)
        age = self._clock.wall() - datetime.fromtimestamp(begun.since, self._clock.wall().tzinfo)
        if len(given) != len(answer) or not timedelta(0) <= age <= LONGEST:  # 1.
            raise HubError("token", FAILED)
        if not hmac.compare_digest(given.get("state", "").encode(), begun.state.encode()):
            raise HubError("token", FAILED)
        published = await self._published()
        named = given.get("iss", None if published.names_itself else self._config.issuer)  # 2.
        if named != self._config.issuer or "error" in given or not given.get("code"):
            raise HubError("token", FAILED)
        id_token = await self._exchange(published, given["code"], begun.verifier)  # 3.
        try:
            return await anyio.to_thread.run_sync(  # 4.
                lambda: self._tokens.person(id_token, nonce=begun.nonce)
            )
        except HubError:
            raise HubError("token", FAILED) from None

    async def sign_out_address(self) -> str | None:
        """Where a person can end their session at the issuer as well; None where it offers no such thing.

        Source: OpenID Connect RP-Initiated Logout 1.0. No id token is kept for it: the issuer asks the
        person instead.
        """
        try:
            published = await self._published()
        except HubError:
            return None
        if published.end_session is None:
            return None
        back = self._config.redirect_uri.removesuffix("/callback")
        query = {"client_id": self._config.client_id, "post_logout_redirect_uri": back}
        return _with_query(published.end_session, query)

    async def _published(self) -> Published:
        published = await anyio.to_thread.run_sync(self._documents.current)
        if published is None:
            raise HubError("token", UNREACHABLE, status=503)
        return published

    async def _exchange(self, published: Published, code: str, verifier: str) -> str:
        """The id token for a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._config.redirect_uri,
            "code_verifier": verifier,
        }
        secret, auth = self._config.client_secret, None
        if secret is None or published.secret_in_form:
            form |= {"client_id": self._config.client_id} | ({"client_secret": secret} if secret else {})
        else:
            # Encoded before they are joined (RFC 6749 2.3.1): a secret may hold a colon or a percent sign.
            auth = httpx.BasicAuth(quote_plus(self._config.client_id), quote_plus(secret))
        try:
            answered = orjson.loads(await ask(published.token, form, auth))
        except httpx.HTTPStatusError as fault:
            if fault.response.is_client_error:  # the code or the client is refused, and not this moment
                raise HubError("token", FAILED) from None
            raise HubError("token", UNREACHABLE, status=503) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
            raise HubError("token", UNREACHABLE, status=503) from None
        id_token = answered.get("id_token") if isinstance(answered, dict) else None
        if not isinstance(id_token, str):
            raise HubError("token", FAILED)
        return id_token

    def _value(self) -> str:
        return _base64url(self._random(_BYTES))


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _with_query(address: str, query: dict[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"
