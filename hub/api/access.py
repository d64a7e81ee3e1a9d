"""How a route says who may call it: a parameter of one of the types at the end of this file.

A route without one of them, and not in the list of open routes, fails the architecture test.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Header, Request
from fastapi.dependencies.models import Dependant
from fastapi.openapi.models import HTTPBearer
from fastapi.routing import APIRoute
from fastapi.security.base import SecurityBase

from hub.api.problems import UNKNOWN_QUERY
from hub.api.services import Services
from hub.directory import Principal
from hub.disclosure import load_purposes
from hub.disclosure.purposes import REFERENCE
from hub.errors import HubError
from hub.oversight import READERS, TEAM_MANAGER


def services_of(request: Request) -> Services:
    """The facades that this app was made with."""
    found = request.app.state.services
    assert isinstance(found, Services)
    return found


def sender_of(request: Request) -> str:
    """What there is to count a caller by who is not known yet: the address."""
    return f"address {request.client.host if request.client else 'unknown'}"


WHERE_FROM: Final = (
    "An access token. An agency's system gets one at `POST /oauth/token`; a person gets one from the OpenID "
    "Connect issuer that the hub is set up with. The token only says who asks: what they may do is looked up "
    "at every call."
)
_PURPOSE: Final = {"enum": list(load_purposes().roles)}


class Access(SecurityBase):
    """A dependency that finds out who is asking, counts the request, and asks for a role.

    Shape: with `roles`, the principal holds at least one of them; with `system`, it is an agency's
    system and not a person. The role of a route says who may ask at all; what they then get is
    decided behind the facades.
    Trust: a read with a query parameter that the route does not know is refused, or a filter that is
    misspelt would be none, and the answer one to another question. A post is not kept out by one.
    Raises: HubError token, rate, not-found (no such role: the route is not there for them),
    wrong-organisation (a person where a system is due), or schema (an unknown query parameter).
    """

    def __init__(self, *roles: str, system: bool = False) -> None:
        self.roles: Final = frozenset(roles)
        self.system: Final = system
        # What the description of the API says of every route that has one of these.
        self.model = HTTPBearer(bearerFormat="JWT", description=WHERE_FROM)
        self.scheme_name = "AccessToken"

    def __call__(self, request: Request) -> Principal:
        """The principal, when it may call this route."""
        services = services_of(request)
        who = self.permitted(services, services.bearer.principal(request.headers.get("authorization")))
        asked = request.method == "GET" and request.scope.get("query_string")
        if asked and not set(request.query_params) <= query_names(request.scope.get("route")):
            raise HubError("schema", UNKNOWN_QUERY)
        return who

    def permitted(self, services: Services, who: Principal) -> Principal:
        """The principal, counted, when it may call a route with this access."""
        services.rate.take(who.organisation, services.clock.wall())
        if self.roles and not self.roles & who.roles:
            raise HubError("not-found")
        if self.system and who.person is not None:
            raise HubError("wrong-organisation", "Events are posted with the token of an agency's system.")
        return who


def query_names(route: object) -> frozenset[str]:
    """The query parameters that a route knows, by itself and by what it depends on."""
    return _names(route.dependant) if isinstance(route, APIRoute) else frozenset()


def _names(dependant: Dependant) -> frozenset[str]:
    own = frozenset(one.alias for one in dependant.query_params)
    return own.union(*(_names(one) for one in dependant.dependencies))


AGENCY: Final = Access(system=True)

SignedIn = Annotated[Principal, Depends(Access())]
AgencySystem = Annotated[Principal, Depends(AGENCY)]
IdentityReviewer = Annotated[Principal, Depends(Access("identity-reviewer"))]
IgOfficer = Annotated[Principal, Depends(Access("ig-officer"))]
TeamManager = Annotated[Principal, Depends(Access(TEAM_MANAGER))]
Governing = Annotated[Principal, Depends(Access(*READERS))]
LedgerReader = Annotated[Principal, Depends(Access("ig-officer", "witness"))]
DemoAdministrator = Annotated[Principal, Depends(Access("demo-administrator"))]


def purpose_of(
    access_purpose: Annotated[
        str | None,
        Header(
            alias="Access-Purpose",
            description="What the read is for: one of the purposes that GET /v1/me gives",
            json_schema_extra=dict(_PURPOSE),
        ),
    ] = None,
) -> str | None:
    """The purpose that the caller names in `Access-Purpose`.

    A missing one is passed on: behind the facade the read is refused, with status 400, and recorded.
    """
    return access_purpose


def reference_of(
    access_reference: Annotated[
        str | None,
        Header(
            alias="Access-Reference",
            description="The caller's own reference, such as a meeting's; kept with the record of the access",
            json_schema_extra={"pattern": REFERENCE.pattern},
        ),
    ] = None,
) -> str | None:
    """The caller's own reference in `Access-Reference`, checked behind the facade and kept by the audit."""
    return access_reference


Purpose = Annotated[str | None, Depends(purpose_of)]
Reference = Annotated[str | None, Depends(reference_of)]
