"""POST /oauth/token for agencies' systems: client_credentials with a signed assertion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, import_key

from hub.directory import Directory
from hub.record import Record
from hub.record.ports import Chance, Clock
from hub.signin.oauth import OAuthAnswer, Parameters, PlainRequest, PlainServer, refusal
from hub.signin.tokens import LIFETIME, AccessTokens, TokenSubject

ALGORITHMS: Final = ("Ed25519", "EdDSA", "ES256")
LONGEST_ASSERTION: Final = 8192
LONGEST_LIFE: Final = timedelta(minutes=5)
LEEWAY: Final = timedelta(seconds=60)
LONGEST_JTI: Final = 255
GRANT: Final = "client_credentials"
_METHOD: Final = "private_key_jwt"


@dataclass(frozen=True, slots=True)
class _System:
    """An organisation's system as an OAuth client; it may do one thing, in one way."""

    organisation: str

    def get_client_id(self) -> str:
        return self.organisation

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == _METHOD and endpoint == "token"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == GRANT


class _ClientCredentials(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = (_METHOD,)


class _Assertion(JWTBearerClientAssertion):
    """The checks of an assertion, on the hub's clock and with the directory's keys.

    1. Signed by a key of this organisation, registered for client assertions and valid now; a key
       registered for events is refused, and so is every algorithm outside the list.
    2. `iss` = `sub` = the organisation, `aud` one of this endpoint's names.
    3. `exp` at most five minutes ahead, `nbf` and `iat` not in the future.
    4. `jti` seen once only, across all processes: remembered durably until `exp` has passed.

    Source: RFC 7523 3; RFC 8725 3.1.
    """

    CLIENT_AUTH_METHOD = _METHOD

    def __init__(
        self, directory: Directory, record: Record, clock: Clock, audiences: tuple[str, ...]
    ) -> None:
        super().__init__()
        self._directory = directory
        self._record = record
        self._clock = clock
        self._audiences = audiences

    def __call__(self, query_client: Any, request: PlainRequest) -> _System | None:
        client: _System | None = super().__call__(query_client, request)
        # A `client_id` beside the assertion must name the same client (RFC 7521 4.2).
        if client is not None and request.payload.client_id not in (None, client.organisation):
            raise InvalidClientError()
        return client

    def resolve_client_public_key(self, client: _System) -> KeySet:
        keys = self._directory.keys_at(client.organisation, "client", self._clock.wall())  # 1.
        return KeySet([import_key(orjson.loads(key.jwk)) for key in keys])

    def process_assertion_claims(self, assertion: str, resolve_key: KeySet) -> dict[str, Any]:
        now = self._clock.wall()
        try:
            claims = jwt.decode(assertion, resolve_key, algorithms=list(ALGORITHMS)).claims  # 1.
            client_id = str(claims["sub"])
            jwt.JWTClaimsRegistry(
                now=int(now.timestamp()),
                leeway=int(LEEWAY.total_seconds()),
                iss={"essential": True, "value": client_id},  # 2.
                sub={"essential": True, "value": client_id},
                aud={"essential": True, "values": list(self._audiences)},
                exp={"essential": True},
                jti={"essential": True},
            ).validate(claims)
        except (JoseError, ValueError, TypeError, KeyError):
            raise InvalidClientError() from None
        expires = datetime.fromtimestamp(min(claims["exp"], _LAST_SECOND), UTC)
        if expires > now + LONGEST_LIFE + LEEWAY:  # 3.
            raise InvalidClientError()
        organisation, jti = claims["sub"], claims["jti"]
        if not jti or len(jti) > LONGEST_JTI:
            raise InvalidClientError()
        name = self._record.digest("client-assertion", f"{organisation}\n{jti}".encode())
        if not self._record.remember_once("client-assertion", name, expires + LEEWAY, now):  # 4.
            raise InvalidClientError()
        return dict(claims)


_LAST_SECOND: Final = 253_402_300_799  # 9999-12-31: what a datetime can hold


class TokenEndpoint:
    """Gives an organisation's system an access token against a signed assertion."""

    def __init__(
        self,
        directory: Directory,
        tokens: AccessTokens,
        record: Record,
        clock: Clock,
        chance: Chance,
        audiences: tuple[str, ...],
    ) -> None:
        self._directory = directory
        self._tokens = tokens
        self._clock = clock
        self._chance = chance
        self._server = PlainServer()
        self._server.query_client = self._system
        self._server.register_client_auth_method(_METHOD, _Assertion(directory, record, clock, audiences))
        self._server.register_grant(_ClientCredentials)
        self._server.register_token_generator("default", self._token)

    def respond(self, form: Parameters) -> OAuthAnswer:
        """The answer to one posted form.

        Raises: HubError store, when the `jti` cannot be remembered: then there is no token.
        """
        names = [name for name, _ in form]
        if len(names) != len(set(names)) or sum(len(value) for _, value in form) > LONGEST_ASSERTION:
            return refusal("invalid_request")
        if dict(form).get("grant_type") != GRANT:
            return refusal("unsupported_grant_type")
        answer: OAuthAnswer = self._server.create_token_response(PlainRequest("POST", form))
        return answer

    def _system(self, client_id: str) -> _System | None:
        return _System(client_id) if self._directory.organisation(client_id) else None

    def _token(self, grant_type: str, client: _System, **_: Any) -> dict[str, str | int]:
        token = self._tokens.issue(
            TokenSubject("organisation", client.organisation),
            now=self._clock.wall(),
            token_id=self._chance.uuid(),
        )
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(LIFETIME.total_seconds()),
        }
