"""DEVELOPMENT ONLY: an OpenID Connect issuer that asks nobody for a password.

Whoever opens its page chooses which person of the directory to be. A hub in production never builds
it; the settings refuse to start there without an external issuer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import ClientMixin, InvalidRequestError, OAuth2Error
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from hub.directory import Directory, Person
from hub.envelope import JsonObject
from hub.record.ports import Chance, Clock
from hub.signin.oauth import OAuthAnswer, Parameters, PlainRequest, PlainServer, refusal
from hub.signin.tokens import ALGORITHM, LIFETIME, AccessTokens, SubjectKind, TokenSubject

GRANT: Final = "authorization_code"
PATH: Final = "/development-issuer"
CODE_LIFETIME: Final = timedelta(seconds=60)
_CODE_BYTES: Final = 32
_CODE_TYPE: Final = "sign-in-code+jwt"
_CODE_KIND: Final = "development-code"
_LONGEST_PART: Final = 500
_LONGEST_PARAMETERS: Final = 8_192


@dataclass(frozen=True, slots=True)
class _Code:
    """One sign-in under way; its code is used once and then gone."""

    redirect_uri: str
    person: str
    nonce: str
    code_challenge: str
    issued_at: datetime
    code_challenge_method: str = "S256"
    scope: str = "openid"

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


@dataclass(frozen=True, slots=True)
class _Pages(ClientMixin):
    """The hub's own pages: a public client that comes back to the hub's own address only."""

    client_id: str
    origin: tuple[str, str]

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str | None) -> str:
        return "openid"

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        parts = urlsplit(redirect_uri)
        return (parts.scheme, parts.netloc) == self.origin and not parts.fragment

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == GRANT

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "none" and endpoint == "token"


class UsedOnce(Protocol):
    """The part of the record that says who was first: exactly one of all processes is told so."""

    def remember_once(self, kind: str, name: bytes, until: datetime, now: datetime) -> bool:
        """True the first time a name is shown, False again until it has run out."""
        ...


class _Codes:
    """The codes under way: each holds its sign-in, signed, so that any process of the hub can redeem it."""

    def __init__(self, key: OKPKey, issuer: str, used: UsedOnce) -> None:
        self._key: Final = key
        self._issuer: Final = issuer
        self._used: Final = used

    def make(self, sign_in: _Code, id: str) -> str:
        """The code of a sign-in."""
        claims = {
            "iss": self._issuer,
            "aud": self._issuer,
            "jti": id,
            "iat": int(sign_in.issued_at.timestamp()),
            "redirect_uri": sign_in.redirect_uri,
            "person": sign_in.person,
            "nonce": sign_in.nonce,
            "code_challenge": sign_in.code_challenge,
        }
        return jwt.encode({"alg": ALGORITHM, "typ": _CODE_TYPE}, claims, self._key, algorithms=[ALGORITHM])

    def take(self, code: str, now: datetime) -> _Code | None:
        """The code's sign-in, once: a code that is tried at all is gone, right verifier or not.

        Raises: HubError store.
        """
        try:
            read = jwt.decode(code, self._key, algorithms=[ALGORITHM])
        except (JoseError, ValueError):
            return None
        claims = read.claims
        if read.header.get("typ") != _CODE_TYPE or claims["aud"] != self._issuer:
            return None
        ends = datetime.fromtimestamp(claims["iat"], UTC) + CODE_LIFETIME
        if now >= ends or not self._used.remember_once(_CODE_KIND, claims["jti"].encode(), ends, now):
            return None
        return _Code(
            claims["redirect_uri"],
            claims["person"],
            claims["nonce"],
            claims["code_challenge"],
            ends - CODE_LIFETIME,
        )


class _S256(CodeChallenge):
    """PKCE with S256 and a nonce, both required. Source: RFC 7636 4; RFC 9700 2.1.1."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: AuthorizationCodeGrant, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if data.get("code_challenge_method") != "S256" or not data.get("code_challenge"):
            raise InvalidRequestError()
        # What the code is to hold must fit into an address.
        if any(
            len(data.get(name, "")) > _LONGEST_PART for name in ("nonce", "code_challenge", "redirect_uri")
        ):
            raise InvalidRequestError()
        if not data.get("nonce") or "openid" not in data.get("scope", "").split():
            raise InvalidRequestError()
        super().validate_code_challenge(grant, redirect_uri)


class DevelopmentIssuer:
    """Signs people in without asking for anything: discovery, keys, authorise, token.

    Shape: code flow with PKCE S256 and nonce; the access token is one of the hub's own, the id token is
    signed by a key of this issuer's own. `url` is the issuer's `iss`.
    """

    def __init__(
        self,
        directory: Directory,
        tokens: AccessTokens,
        key: OKPKey,
        clock: Clock,
        chance: Chance,
        *,
        public_url: str,
        client_id: str,
        used: UsedOnce,
    ) -> None:
        origin = urlsplit(public_url)
        self.url: Final = public_url.rstrip("/") + PATH
        self._directory = directory
        self._tokens = tokens
        self._key = key
        self._clock = clock
        self._chance = chance
        self._client = _Pages(client_id, (origin.scheme, origin.netloc))
        self._codes = _Codes(key, self.url, used)
        self._server = PlainServer()
        self._server.query_client = lambda client_id: (
            self._client if client_id == self._client.client_id else None
        )
        self._server.register_grant(self._grant(), [_S256(required=True)])
        self._server.register_token_generator("default", self._token)

    def discovery(self) -> JsonObject:
        """The issuer's description of itself. Source: OpenID Connect Discovery 3."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "scopes_supported": ["openid"],
            "claims_supported": ["sub", "nonce"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
        }

    def jwks(self) -> JsonObject:
        """The issuer's public key."""
        public = self._key.as_dict(private=False)
        return {"keys": [{**public, "kid": self._key.thumbprint(), "use": "sig", "alg": ALGORITHM}]}

    def people(self) -> tuple[Person, ...]:
        """The people to choose from: all active ones of the directory."""
        return tuple(one for one in self._directory.people() if one.active)

    def check(self, query: Parameters) -> OAuthAnswer | None:
        """What is wrong with an authorisation request; None when a person may be chosen for it."""
        if sum(len(value) for _, value in query) > _LONGEST_PARAMETERS:
            return refusal("invalid_request")
        try:
            self._server.get_consent_grant(PlainRequest("GET", query), None)
        except OAuth2Error as error:
            return refusal(str(error.error))
        return None

    def authorise(self, query: Parameters, person: str) -> OAuthAnswer:
        """Send the chosen person's code back to the client that asked.

        Trust: an unknown client or address is answered here and never redirected to (open redirect).
        """
        wrong = self.check(query)
        if wrong is not None:
            return wrong
        chosen = self._directory.principal_for_person(person)
        request = PlainRequest("GET", query)
        grant = self._server.get_authorization_grant(request)
        answer: OAuthAnswer = self._server.create_authorization_response(request, chosen.id, grant)
        return answer

    def token(self, form: Parameters) -> OAuthAnswer:
        """The tokens for a code, once."""
        names = [name for name, _ in form]
        if len(names) != len(set(names)) or sum(len(value) for _, value in form) > _LONGEST_PARAMETERS:
            return refusal("invalid_request")
        if dict(form).get("grant_type") != GRANT:
            return refusal("unsupported_grant_type")
        answer: OAuthAnswer = self._server.create_token_response(PlainRequest("POST", form))
        return answer

    def person_token(self, person: str) -> str:
        """An access token of a person without the pages, for `hub token`.

        Raises: HubError token, when the person is unknown or disabled.
        """
        return self._access_token("person", self._directory.principal_for_person(person).id)

    def system_token(self, organisation: str) -> str:
        """An access token of an organisation's system without an assertion, for `hub token`.

        Raises: HubError token, when the organisation is unknown.
        """
        return self._access_token("organisation", self._directory.principal_for_organisation(organisation).id)

    def _grant(self) -> type[AuthorizationCodeGrant]:
        issuer = self

        class Grant(AuthorizationCodeGrant):
            TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

            def generate_authorization_code(self) -> str:
                data = self.request.payload.data
                sign_in = _Code(
                    data["redirect_uri"],
                    self.request.user,
                    data["nonce"],
                    data["code_challenge"],
                    issuer._clock.wall(),
                )
                return issuer._codes.make(sign_in, issuer._chance.bytes(_CODE_BYTES).hex())

            def save_authorization_code(self, code: str, request: PlainRequest) -> None:
                """Nothing to save: the code holds it."""

            def query_authorization_code(self, code: str, client: _Pages) -> _Code | None:
                return issuer._codes.take(code, issuer._clock.wall())

            def delete_authorization_code(self, authorization_code: _Code) -> None:
                """Gone since it was queried."""

            def authenticate_user(self, authorization_code: _Code) -> _Code:
                # The whole sign-in stands for the user: the id token needs its nonce as well.
                return authorization_code

        return Grant

    def _access_token(self, kind: SubjectKind, subject: str) -> str:
        return self._tokens.issue(
            TokenSubject(kind, subject), now=self._clock.wall(), token_id=self._chance.uuid()
        )

    def _token(self, grant_type: str, client: _Pages, user: _Code, **_: Any) -> dict[str, str | int]:
        now = int(self._clock.wall().timestamp())
        life = int(LIFETIME.total_seconds())
        claims = {
            "iss": self.url,
            "aud": client.client_id,
            "sub": user.person,
            "nonce": user.nonce,
            "iat": now,
            "exp": now + life,
        }
        header = {"alg": ALGORITHM, "typ": "JWT", "kid": self._key.thumbprint()}
        return {
            "access_token": self._access_token("person", user.person),
            "token_type": "Bearer",
            "expires_in": life,
            "id_token": jwt.encode(header, claims, self._key, algorithms=[ALGORITHM]),
        }
