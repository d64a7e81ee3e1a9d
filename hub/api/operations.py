"""Routes of operators: alive, ready, what a problem means, and the clock of a simulation."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from hashlib import sha256
from typing import Annotated, Final, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from hub import metrics
from hub.api import shapes
from hub.api.access import DemoAdministrator, sender_of, services_of
from hub.api.answers import JsonAnswer, instant
from hub.api.bodies import JSON_TYPE, read_json
from hub.api.description import CALLED, answers, content, operation_id, refuses, request_body
from hub.api.problems import problem_page
from hub.api.times import Instant
from hub.errors import HubError

open_routes = APIRouter(tags=["operators"], generate_unique_id_function=operation_id)
simulation_routes = APIRouter(tags=["simulation"], generate_unique_id_function=operation_id)
# No part of the described API: what is counted is between a hub and its operator.
metrics_routes = APIRouter(include_in_schema=False)

LOOKING: Final = 8
"""So many threads look after operators' questions; they are not those of posts and reads, which may all wait
for a store that hangs just when somebody asks whether it does."""

Found = TypeVar("Found")


async def _aside(request: Request, look: Callable[[], Found]) -> Found:
    limiter = request.app.state.looking
    assert isinstance(limiter, CapacityLimiter)
    return await anyio.to_thread.run_sync(look, limiter=limiter)


# On the event loop: that a process is alive depends on nothing else, not even on a free thread.
@open_routes.get("/healthz", responses=answers(shapes.Health, "Alive") | refuses())
async def healthz() -> Response:
    """The process answers."""
    return JsonAnswer({"status": "ok"})


@open_routes.get(
    "/readyz",
    responses=answers(shapes.ReadinessAnswer, "Ready")
    | answers(shapes.ReadinessAnswer, "Not ready", 503)
    | refuses(),
)
async def readyz(request: Request) -> Response:
    """Whether the hub can do its work; 503 names the parts that cannot, in the hub's own words."""
    failing = (await _aside(request, services_of(request).ready)).failing
    return JsonAnswer(
        {"status": "not ready" if failing else "ready", "failing": failing}, 503 if failing else 200
    )


@metrics_routes.get("/metrics")
async def counted(request: Request) -> Response:
    """What the hub counted of itself, for a scraper that shows the operator's token.

    1. The token, compared in a time that tells nothing of it; who shows another one is counted and refused.
    2. Try the parts first, so that the numbers of their lags are those of now.

    Raises: HubError token, rate, not-found where no token is set.
    """
    services = services_of(request)
    if services.metrics_token is None:
        raise HubError("not-found")
    shown = request.headers.get("authorization", "")  # 1.
    if not hmac.compare_digest(_digest(shown), _digest(f"Bearer {services.metrics_token}")):
        services.rate.take(sender_of(request), services.clock.wall(), stranger=True)
        raise HubError("token")
    await _aside(request, services.ready)  # 2.
    text = await _aside(request, metrics.metrics_text)
    return Response(text, headers={"Content-Type": metrics.CONTENT_TYPE})


def _digest(text: str) -> bytes:
    """Of the same length whatever was shown."""
    return sha256(text.encode()).digest()


@open_routes.get(
    "/problems/{slug}",
    response_class=HTMLResponse,
    responses=content("text/html", "A small page") | refuses("not-found", "schema"),
)
def problem(slug: Annotated[str, Path(max_length=40)]) -> Response:
    """What a kind of refusal means, and what to do about it."""
    page = problem_page(slug)
    if page is None:
        raise HubError("not-found")
    return HTMLResponse(page, headers={"Content-Security-Policy": "default-src 'none'"})


class ClockSetting(BaseModel):
    """Where the domain clock of a simulation is to stand."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    now: Instant = Field(description="RFC 3339, with its offset")


@simulation_routes.put(
    "/v1/simulation/clock",
    responses=answers(shapes.SimulatedClock, "Where the clock stands now")
    | refuses(*CALLED, "not-found", "schema", "media-type", "too-large"),
    openapi_extra=request_body(JSON_TYPE, "The new time", ClockSetting.model_json_schema()),
)
async def set_clock(request: Request, who: DemoAdministrator) -> Response:
    """Move the domain clock forward; it never runs backwards, and the answer says where it stands."""
    advance = services_of(request).advance
    if advance is None:
        raise HubError("not-found")
    setting = await read_json(request, ClockSetting)
    return JsonAnswer({"now": instant(await run_in_threadpool(advance, setting.now))})
