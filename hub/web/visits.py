"""One visit to one page: who is there, what may be asked, and what a refusal looks like."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Final, Literal

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hub.directory.types import Principal
from hub.disclosure.emergency import ROLES as IN_EMERGENCIES
from hub.disclosure.review_deciders import DECIDE
from hub.errors import HubError
from hub.oversight import READERS, TEAM_MANAGER, may_read_blocked
from hub.web.known_as import naming
from hub.web.rendering import HEADERS, Renderer
from hub.web.services import WebServices
from hub.web.sessions import LONGEST, SealedSessions

Access = Literal["open", "signed-in", "officer", "governing", "in-emergencies", "managing"]
OFFICER_ROLE: Final = "ig-officer"
MAKERS: Final = frozenset({"social-worker", "team-manager"})
"""Whose roles may make papers for families, of children of their own (D-14)."""
ACCOUNT_MAKERS: Final = MAKERS | {OFFICER_ROLE}
"""Whose roles may make a child's own account, officers to answer a request by the child (H-23)."""
_ROLES: Final[Mapping[Access, frozenset[str]]] = {
    "officer": frozenset({OFFICER_ROLE}), "governing": READERS, "in-emergencies": IN_EMERGENCIES,
    "managing": frozenset({TEAM_MANAGER}),
}  # fmt: skip
FORM_LIMIT: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Visit:
    """A request to a page by the person who is signed in, as the directory knows them now.

    Trust: `principal` is None on open pages only.
    """

    request: Request
    services: WebServices
    renderer: Renderer
    principal: Principal | None

    @property
    def session(self) -> MutableMapping[str, object]:
        """What is kept for this person between pages."""
        return self.request.session

    @property
    def reader(self) -> Principal:
        """The person who is signed in."""
        if self.principal is None:
            raise HubError("token")
        return self.principal

    def page(self, template: str, *, status: int = 200, **context: object) -> Response:
        """A page with what every page shows: who is signed in and where they can go."""
        return self.renderer.page(
            template,
            status=status,
            principal=self.principal,
            is_officer=self.principal is not None and OFFICER_ROLE in self.principal.roles,
            governs=self.principal is not None and bool(READERS & self.principal.roles),
            decides_reviews=self.principal is not None and bool(DECIDE & self.principal.roles),
            in_emergencies=self.principal is not None and bool(IN_EMERGENCIES & self.principal.roles),
            manages=self.principal is not None and may_read_blocked(self.principal),
            makes_family_papers=self.principal is not None and bool(MAKERS & self.principal.roles),
            makes_accounts=self.principal is not None and bool(ACCOUNT_MAKERS & self.principal.roles),
            form_token=self.session.get("form_token"),
            known_as=naming(self.session, self.renderer.words.titled),
            path=self.request.url.path,
            **context,
        )

    async def form(self) -> FormData:
        """The fields of the posted form.

        Raises: HubError `token` where the form was not made for this session (cross-site forgery).
        """
        fields = await self.request.form(max_files=0, max_fields=30, max_part_size=FORM_LIMIT)
        given, expected = fields.get("form_token"), self.session.get("form_token")
        if (
            not isinstance(given, str)
            or not isinstance(expected, str)
            or not hmac.compare_digest(given.encode(), expected.encode())
        ):
            raise HubError("token", "This form has expired. Go back, load the page again and repeat.")
        return fields

    def go(self, path: str) -> Response:
        """A redirect that the browser follows with GET."""
        return RedirectResponse(path, status_code=303, headers=dict(HEADERS))


Handler = Callable[[Visit], Awaitable[Response]]


def start_session(session: MutableMapping[str, object], person: str, services: WebServices) -> None:
    """Forget what the session held and begin one for this person (against session fixation)."""
    session.clear()
    session["person"] = person
    session["since"] = int(services.wall().timestamp())
    session["form_token"] = base64.urlsafe_b64encode(services.random(24)).decode()


class PageRoute(Route):
    """One page: its path, what it does and who may come, declared in one place."""

    def __init__(
        self,
        path: str,
        handler: Handler,
        *,
        access: Access,
        services: WebServices,
        renderer: Renderer,
        methods: tuple[str, ...] = ("GET",),
    ) -> None:
        self.access: Final = access

        async def endpoint(request: Request) -> Response:
            return await _serve(request, handler, access, services, renderer)

        sessions = Middleware(
            SealedSessions,
            key=services.session_key,
            wall=services.wall,
            secure=services.secure_cookie,
        )
        super().__init__(
            path,
            endpoint,
            methods=list(methods),
            name=handler.__name__,
            include_in_schema=False,
            middleware=[sessions],
        )


async def _serve(
    request: Request, handler: Handler, access: Access, services: WebServices, renderer: Renderer
) -> Response:
    """Answer one visit.

    1. An open page is served to anybody.
    2. A session that is over sends to sign in; the person is looked up in the directory as it is now.
    3. A page for certain roles is not found for anybody else.
    4. A refusal becomes a page that says what the problem is and nothing of what was sent.
    """
    visit = Visit(request, services, renderer, None)
    try:
        if access != "open":  # (1)
            principal = await _signed_in(visit)  # (2)
            if principal is None:
                request.session.clear()
                return visit.go("/sign-in")
            visit = Visit(request, services, renderer, principal)
            if access in _ROLES and not _ROLES[access] & principal.roles:  # (3)
                raise HubError("not-found")
        return await handler(visit)
    except HubError as refusal:  # (4)
        return visit.page("problem.html", status=refusal.status, refusal=refusal)
    except Exception as fault:
        # Only the type: the message of an unexpected error may hold what was received.
        services.fault(type(fault).__name__)
        return visit.page("fault.html", status=500)


async def _signed_in(visit: Visit) -> Principal | None:
    person, since = visit.session.get("person"), visit.session.get("since")
    if not isinstance(person, str) or not isinstance(since, int):
        return None
    if visit.services.wall().timestamp() - since > LONGEST.total_seconds():
        return None
    try:
        return await run_in_threadpool(visit.services.principal, person)
    except HubError:
        return None  # disabled since: signed out at once
