"""Routes of operators: alive, ready, what a problem means, and the clock of a simulation."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from hub.api import shapes
from hub.api.access import DemoAdministrator, services_of
from hub.api.answers import JsonAnswer, instant
from hub.api.bodies import JSON_TYPE, read_json
from hub.api.description import CALLED, answers, content, operation_id, refuses, request_body
from hub.api.problems import problem_page
from hub.api.times import Instant
from hub.errors import HubError

open_routes = APIRouter(tags=["operators"], generate_unique_id_function=operation_id)
simulation_routes = APIRouter(tags=["simulation"], generate_unique_id_function=operation_id)


@open_routes.get("/healthz", responses=answers(shapes.Health, "Alive") | refuses())
def healthz() -> Response:
    """The process answers."""
    return JsonAnswer({"status": "ok"})


@open_routes.get(
    "/readyz",
    responses=answers(shapes.ReadinessAnswer, "Ready")
    | answers(shapes.ReadinessAnswer, "Not ready", 503)
    | refuses(),
)
def readyz(request: Request) -> Response:
    """Whether the hub can do its work; 503 names the parts that cannot, in the hub's own words."""
    failing = services_of(request).ready().failing
    return JsonAnswer(
        {"status": "not ready" if failing else "ready", "failing": failing}, 503 if failing else 200
    )


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
