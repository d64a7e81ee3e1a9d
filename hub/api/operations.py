"""Routes of operators: alive, ready, what a problem means, and the clock of a simulation."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from hub.api.access import DemoAdministrator, services_of
from hub.api.answers import JsonAnswer, instant
from hub.api.problems import problem_page
from hub.api.times import Instant
from hub.errors import HubError

open_routes = APIRouter()
simulation_routes = APIRouter()


@open_routes.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return JsonAnswer({"status": "ok"})


@open_routes.get("/readyz")
def readyz(request: Request) -> Response:
    """Whether the hub can do its work; 503 names the parts that cannot, in the hub's own words."""
    failing = services_of(request).ready().failing
    return JsonAnswer(
        {"status": "not ready" if failing else "ready", "failing": failing}, 503 if failing else 200
    )


@open_routes.get("/problems/{slug}")
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


@simulation_routes.put("/v1/simulation/clock")
def set_clock(request: Request, who: DemoAdministrator, setting: ClockSetting) -> Response:
    """Move the domain clock forward; it never runs backwards, and the answer says where it stands."""
    advance = services_of(request).advance
    if advance is None:
        raise HubError("not-found")
    return JsonAnswer({"now": instant(advance(setting.now))})
