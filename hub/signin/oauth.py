"""Authlib's framework-neutral OAuth 2 server, bound to plain requests and answers.

Authlib writes descriptions that can hold what was received, and debug lines that hold tokens; neither
leaves here: answers carry this module's own sentences, and its loggers are switched off.
"""

from __future__ import annotations

import logging
import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from authlib.deprecate import AuthlibDeprecationWarning
from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6749.errors import OAuth2Error

from hub.envelope import JsonObject

# Authlib shows its deprecation notes to everybody, in every command's output. What it says of its own
# httpx client concerns nobody here: only its server side and its Starlette client are used.
warnings.filterwarnings("ignore", category=AuthlibDeprecationWarning)
for _name in ("authlib", "authlib.oauth2", "authlib.oidc"):
    logging.getLogger(_name).setLevel(logging.WARNING)

_SENTENCES: Final = {
    "invalid_request": "A parameter of the request is missing, repeated or not of the right form.",
    "invalid_client": "The client could not be authenticated.",
    "invalid_grant": "The code is not valid, was used before, or does not belong to this request.",
    "unauthorized_client": "This client may not use this grant.",
    "unsupported_grant_type": "This grant is not offered here.",
    "unsupported_response_type": "Only the code flow is offered here.",
    "invalid_scope": "This scope is not offered here.",
    "access_denied": "The request was denied.",
}
# Authlib refuses plain http by looking at the address. TLS ends in front of the hub, which cannot see
# it; the address given here is therefore a constant, never the caller's.
_ADDRESS: Final = "https://hub.invalid/oauth"


@dataclass(frozen=True, slots=True)
class OAuthAnswer:
    """What an OAuth endpoint answers: JSON, or a redirect when `location` is set."""

    status: int
    body: JsonObject
    location: str | None = None


Parameters = Sequence[tuple[str, str]]


class _Payload(OAuth2Payload):
    def __init__(self, parameters: Parameters) -> None:
        self._datalist: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in parameters:
            self._datalist[name].append(value)

    @property
    def data(self) -> dict[str, str]:
        return {name: values[0] for name, values in self._datalist.items()}

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        return self._datalist


class PlainRequest(OAuth2Request):
    """An OAuth request made of a method and its parameters, read from query or form by the door."""

    def __init__(self, method: str, parameters: Parameters) -> None:
        super().__init__(method, _ADDRESS)
        payload = _Payload(parameters)
        self.payload = payload
        self._parameters = payload.data

    @property
    def args(self) -> dict[str, str]:
        """The parameters, as a query."""
        return self._parameters

    @property
    def form(self) -> dict[str, str]:
        """The parameters, as a form."""
        return self._parameters


class PlainServer(AuthorizationServer):
    """The authorisation server of RFC 6749 without a web framework around it."""

    def create_oauth2_request(self, request: PlainRequest) -> PlainRequest:
        """Requests come ready made from the door."""
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> OAuthAnswer:
        """The answer as data; the door writes it, with `Cache-Control: no-store`."""
        location = next((value for name, value in headers if name.lower() == "location"), None)
        return OAuthAnswer(status, dict(body) if isinstance(body, Mapping) else {}, location)

    def handle_error_response(self, request: PlainRequest, error: OAuth2Error) -> OAuthAnswer:
        """A refusal in the form of RFC 6749 5.2, in the hub's own words."""
        return refusal(str(error.error))

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nothing here listens to Authlib's signals."""

    def save_token(self, token: Any, request: Any) -> None:
        """Tokens are self-contained; keeping none means that none can be stolen here."""


def refusal(error: str) -> OAuthAnswer:
    """A refusal in the form of RFC 6749 5.2, with a constant sentence per error."""
    known = error if error in _SENTENCES else "invalid_request"
    return OAuthAnswer(
        401 if known == "invalid_client" else 400,
        {"error": known, "error_description": _SENTENCES[known]},
    )
