"""Routes of OAuth 2 and, in development only, of the built-in OpenID Connect issuer.

Refusals here are in the form of RFC 6749 5.2, which OAuth clients expect.
"""

from __future__ import annotations

from html import escape
from typing import Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from hub.api import shapes
from hub.api.access import sender_of, services_of
from hub.api.answers import JsonAnswer
from hub.api.bodies import FORM_TYPE, read_form
from hub.api.description import answers, operation_id, refuses, request_body
from hub.errors import HubError
from hub.signin import DevelopmentIssuer, OAuthAnswer
from hub.signin.issuer import PATH
from hub.signin.token_endpoint import GRANT

token_routes = APIRouter(tags=["agencies"], generate_unique_id_function=operation_id)
# No part of the described API: in production they are not there, and clients read the issuer's own document.
development_routes = APIRouter(prefix=PATH, include_in_schema=False)

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_FORM: Final = {
    "type": "object",
    "required": ["grant_type", "client_assertion_type", "client_assertion"],
    "properties": {
        "grant_type": {"const": GRANT, "type": "string"},
        "client_assertion_type": {"const": ASSERTION_TYPE, "type": "string"},
        "client_assertion": {
            "type": "string",
            "description": "A JWT (RFC 7523 3) signed by a key registered for clients: iss and sub the "
            "organisation, aud this address or the hub's id, exp at most five minutes ahead, jti used once",
        },
        "client_id": {"type": "string", "description": "The organisation, the same as in the assertion"},
    },
}
_LONGEST_QUERY: Final = 8_192
# Nothing is loaded and nothing runs; the form may post only to this page itself. No form-action: a browser
# would hold the redirect that follows against it, and that one goes to the pages.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"


@token_routes.post(
    "/oauth/token",
    responses=answers(shapes.AccessToken, "The token")
    | answers(shapes.TokenRefusal, "The form or its grant is not right", 400)
    | answers(shapes.TokenRefusal, "The client is not authenticated", 401)
    | refuses("too-large", "media-type", "schema", "rate", "store"),
    openapi_extra=request_body(FORM_TYPE, "Client credentials with private_key_jwt", _FORM),
)
async def token(request: Request) -> Response:
    """An access token for an agency's system: client_credentials with private_key_jwt (RFC 7523)."""
    services = services_of(request)
    # Nobody is known yet: the sender's address is what there is to count by.
    services.rate.take(sender_of(request), services.clock.wall(), stranger=True)
    form = await read_form(request)
    return _answered(await run_in_threadpool(services.token_endpoint.respond, form))


@development_routes.get("/.well-known/openid-configuration")
def discovery(request: Request) -> Response:
    """DEVELOPMENT ONLY: the issuer's description of itself."""
    return JsonAnswer(_issuer(request).discovery())


@development_routes.get("/jwks")
def jwks(request: Request) -> Response:
    """DEVELOPMENT ONLY: the issuer's public key."""
    return JsonAnswer(_issuer(request).jwks())


@development_routes.get("/authorize")
def choose(request: Request) -> Response:
    """DEVELOPMENT ONLY: choose which person of the directory to be; nobody is asked for a password."""
    issuer = _issuer(request)
    wrong = issuer.check(_query(request))
    if wrong is not None:
        return _answered(wrong)
    people = "".join(
        f'<li><button name="person" value="{escape(one.id)}">{escape(one.id)}</button> '
        f"{escape(', '.join(sorted(one.roles)))}</li>"
        for one in issuer.people()
    )
    return HTMLResponse(
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Development sign-in</title>'
        "<style>body{font:1.1rem/1.5 sans-serif;margin:2rem auto;max-width:45rem;padding:0 1rem}"
        "strong{background:#ffdd00;display:block;padding:1rem}button{font:inherit;margin:.2rem 0}</style>"
        "</head><body><main><strong>Development sign-in. No password is asked: this page must never stand "
        "in front of real records.</strong><h1>Who are you now?</h1>"
        f'<form method="post"><ul>{people}</ul></form></main></body></html>',
        headers={"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"},
    )


@development_routes.post("/authorize")
async def chosen(request: Request) -> Response:
    """DEVELOPMENT ONLY: go back to the pages as the chosen person."""
    issuer = _issuer(request)
    person = dict(await read_form(request)).get("person", "")
    return _answered(await run_in_threadpool(issuer.authorise, _query(request), person))


@development_routes.post("/token")
async def development_token(request: Request) -> Response:
    """DEVELOPMENT ONLY: the tokens for a code, once (PKCE S256)."""
    issuer = _issuer(request)
    return _answered(await run_in_threadpool(issuer.token, await read_form(request)))


def _issuer(request: Request) -> DevelopmentIssuer:
    issuer = services_of(request).development_issuer
    if issuer is None:
        raise HubError("not-found")
    return issuer


def _query(request: Request) -> list[tuple[str, str]]:
    if len(request.url.query) > _LONGEST_QUERY:
        raise HubError("too-large")
    return parse_qsl(request.url.query, keep_blank_values=True, max_num_fields=64)


def _answered(answer: OAuthAnswer) -> Response:
    if answer.location is not None:
        return RedirectResponse(answer.location, status_code=303, headers={"Cache-Control": "no-store"})
    return JsonAnswer(answer.body, answer.status)
