"""The application: all routes of the API, with what surrounds every request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from hub import metrics
from hub.api import (
    children,
    content_reviews,
    emergency,
    events,
    family_papers,
    governance,
    ledger,
    meetings,
    notices,
    oauth,
    operations,
    oversight,
    own_accounts,
    policies,
    reports,
)
from hub.api.access import AGENCY
from hub.api.description import describe
from hub.api.posting import Posting
from hub.api.problems import install_problems
from hub.api.requests import NO_ROUTE, Surroundings
from hub.api.services import Services

OPEN: Final = frozenset({"/oauth/token", "/healthz", "/readyz", "/openapi.json", "/problems/{slug}"})
"""The routes that anybody may call; every other route names its caller in a parameter."""

THREADS: Final = 128
"""So many reads at once, and posts that are judged one by one; those hold a thread until their commit."""


class _Application(FastAPI):
    """An application whose description is made by `describe`, once: its routes do not change."""

    posts: ASGIApp
    """What serves single posts, which make up most of all requests, beside the framework's layers."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"] == events.POSTS and scope["method"] == "POST":
            await self.posts(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = describe(self)
        return self.openapi_schema


def create_app(services: Services, pages: Sequence[BaseRoute] = ()) -> FastAPI:
    """The API on these facades, and beside it the pages of another door.

    Trust: no interactive documentation (it would load scripts from elsewhere). The development issuer's
    routes and the simulation's clock exist only where the services hold them.
    """

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        yield

    app = _Application(
        title="Safeguarding hub",
        version="1",
        description="Signed events in; decided and recorded disclosures out.",
        docs_url=None,
        redoc_url=None,
        lifespan=running,
        redirect_slashes=False,
    )
    app.state.services = services
    app.state.posting = Posting(services, AGENCY)
    app.state.looking = CapacityLimiter(operations.LOOKING)
    routers: list[APIRouter] = [
        events.routes,
        children.routes,
        meetings.routes,
        notices.routes,
        emergency.routes,
        content_reviews.routes,
        family_papers.routes,
        own_accounts.routes,
        oversight.routes,
        governance.routes,
        policies.routes,
        reports.routes,
        ledger.routes,
        oauth.token_routes,
        operations.open_routes,
    ]
    if services.development_issuer is not None:
        routers.append(oauth.development_routes)
    if services.advance is not None:
        routers.append(operations.simulation_routes)
    if services.metrics_token is not None:
        routers.append(operations.metrics_routes)
    for router in routers:
        app.router.routes.extend(router.routes)
    app.router.routes.extend(pages)
    metrics.known_routes((NO_ROUTE, *(str(getattr(one, "path", NO_ROUTE)) for one in app.routes)))
    install_problems(app, services.chance.uuid)
    app.add_middleware(Surroundings, services=services)
    app.posts = Surroundings(events.posts.directly(app, services.chance.uuid), services)
    return app
