"""Signing in and out: OpenID Connect, authorization code with PKCE.

Source: OpenID Connect Core 3.1; RFC 7636; RFC 9700.
"""

from __future__ import annotations

from typing import Final

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from hub.errors import HubError
from hub.web.rendering import HEADERS
from hub.web.services import SignIn
from hub.web.visits import Handler, Visit, start_session

ID_TOKEN_ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
"""Asymmetric only: with an HMAC algorithm whoever knows the public key could make id tokens."""


def handlers(config: SignIn) -> tuple[Handler, Handler, Handler, Handler]:
    """The pages of signing in: the invitation, the way to the issuer, the way back, signing out."""
    client = OAuth().register(
        "issuer",
        client_id=config.client_id,
        client_secret=config.client_secret,
        server_metadata_url=config.issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid",
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_basic" if config.client_secret else "none",
        },
    )

    async def narrow_to_allowed() -> None:
        """Hold the issuer's published settings against ours, before anything is believed."""
        metadata = await client.load_server_metadata()
        if metadata.get("issuer") != config.issuer:
            raise HubError("token", "The sign-in service is not the one this hub is set up with.")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        allowed = [one for one in offered if one in ID_TOKEN_ALGORITHMS]
        if not allowed:
            raise HubError("token", "The sign-in service uses no accepted signature.")
        client.server_metadata["id_token_signing_alg_values_supported"] = allowed

    async def sign_in(visit: Visit) -> Response:
        """The page of somebody who is not signed in."""
        return visit.page("sign-in.html")

    async def sign_in_start(visit: Visit) -> Response:
        """Go to the issuer, with a fresh state, nonce and code verifier kept in the session."""
        visit.session.clear()
        try:
            await narrow_to_allowed()
            answer: Response = await client.authorize_redirect(visit.request, config.redirect_uri)
        except (httpx.HTTPError, AuthlibBaseError, RuntimeError) as fault:
            raise HubError("token", "The sign-in service cannot be reached now.", status=503) from fault
        return RedirectResponse(answer.headers["location"], status_code=303, headers=dict(HEADERS))

    async def sign_in_callback(visit: Visit) -> Response:
        """Come back from the issuer.

        1. The state is this session's; the code is exchanged with its verifier.
        2. The id token is by the issuer, for this hub, in time, with this session's nonce.
        3. The person is known to the directory and not disabled.
        4. A new session begins.
        """
        try:
            await narrow_to_allowed()
            token = await client.authorize_access_token(visit.request)  # (1) and (2)
        except (httpx.HTTPError, AuthlibBaseError, JoseError, RuntimeError, ValueError) as fault:
            visit.session.clear()
            raise HubError("token", "Signing in did not succeed. Try again.") from fault
        claims = token.get("userinfo") or {}
        person = claims.get(config.person_claim)
        if not isinstance(person, str):
            raise HubError("token", "The sign-in service did not name a person of the directory.")
        await run_in_threadpool(visit.services.principal, person)  # (3)
        start_session(visit.session, person, visit.services)  # (4)
        return visit.go("/children")

    async def sign_out(visit: Visit) -> Response:
        """Forget the session on this computer."""
        await visit.form()
        visit.session.clear()
        return visit.go("/sign-in")

    return sign_in, sign_in_start, sign_in_callback, sign_out
