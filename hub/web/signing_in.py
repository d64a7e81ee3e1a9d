"""The pages of signing in and out; who somebody is, the code flow of `hub.signin` finds out."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from hub.errors import HubError
from hub.signin.code_flow import FAILED, CodeFlow, UnderWay
from hub.web.rendering import HEADERS
from hub.web.services import WebServices
from hub.web.visits import Handler, Visit, start_session

UNKNOWN: Final = (
    "You are known to your organisation's sign-in service, but not, or no longer, to the hub's directory. "
    "Ask the person in your organisation who looks after access to the hub."
)
_KEPT: Final = "signing_in"


class _Clock:
    """The pages' wall clock in the shape that tokens are judged by."""

    def __init__(self, services: WebServices) -> None:
        self.wall = services.wall

    def domain(self) -> datetime:
        """Signing in knows one time only."""
        return self.wall()


def handlers(services: WebServices) -> tuple[Handler, Handler, Handler, Handler, Handler]:
    """The invitation, the way to the issuer, the way back, signing out, and what follows it."""
    flow = CodeFlow(services.sign_in, _Clock(services), services.random)

    def refused(visit: Visit, refusal: HubError) -> Response:
        return visit.page("sign-in-refused.html", status=refusal.status, reason=refusal.detail)

    async def sign_in(visit: Visit) -> Response:
        """The page of somebody who is not signed in."""
        return visit.page("sign-in.html")

    async def sign_in_start(visit: Visit) -> Response:
        """Go to the issuer, with a fresh state, nonce and code verifier kept in the session."""
        try:
            address, begun = await flow.begin()
        except HubError as refusal:
            return refused(visit, refusal)
        visit.session.clear()
        visit.session[_KEPT] = [begun.state, begun.nonce, begun.verifier, begun.since]
        return RedirectResponse(address, status_code=303, headers=dict(HEADERS))

    async def sign_in_callback(visit: Visit) -> Response:
        """Come back from the issuer.

        1. A sign-in that this browser began is under way; whatever comes of it, it is over now.
        2. The issuer says who it is.
        3. The person is known to the directory and not disabled.
        4. A new session begins.
        """
        # Somebody who is signed in and is led here by another site's link stays signed in.
        begun = _under_way(visit.session.pop(_KEPT, None))  # (1)
        try:
            if begun is None:
                raise HubError("token", FAILED)
            person = await flow.finish(visit.request.query_params.multi_items(), begun)  # (2)
        except HubError as refusal:
            return refused(visit, refusal)
        try:
            await run_in_threadpool(visit.services.principal, person)  # (3)
        except HubError as refusal:
            known = refusal if refusal.slug != "token" else HubError("token", UNKNOWN, status=403)
            return refused(visit, known)
        start_session(visit.session, person, visit.services)  # (4)
        return visit.go("/children")

    async def sign_out(visit: Visit) -> Response:
        """Forget the session on this computer."""
        await visit.form()
        visit.session.clear()
        return visit.go("/signed-out")

    async def signed_out(visit: Visit) -> Response:
        """Say that the issuer's own session goes on: on a shared computer the next person would be let in."""
        # A link and not a redirect: pages' forms may lead to the hub alone (form-action).
        return visit.page("signed-out.html", elsewhere=await flow.sign_out_address())

    return sign_in, sign_in_start, sign_in_callback, sign_out, signed_out


def _under_way(kept: object) -> UnderWay | None:
    if not isinstance(kept, list) or len(kept) != 4:
        return None
    state, nonce, verifier, since = kept
    return UnderWay(str(state), str(nonce), str(verifier), since) if isinstance(since, int) else None
