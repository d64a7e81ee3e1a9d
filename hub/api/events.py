"""Routes of agencies' systems: posting events, receipts, own posts."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from hub.api.access import AgencySystem, SignedIn, services_of
from hub.api.answers import JsonAnswer
from hub.api.bodies import BATCH_BYTES, BATCH_LINES, EVENT_BYTES, read_body
from hub.api.problems import problem_document
from hub.api.services import PostedEvent
from hub.envelope import JsonObject
from hub.errors import HubError

ONE: Final = "application/jose"
LINES: Final = "application/jose-lines"
_STREAM: Final = {"schema": {"type": "string"}}

routes = APIRouter()


def _body_of(media_type: str, description: str) -> JsonObject:
    content = {media_type: _STREAM}
    return {"requestBody": {"required": True, "description": description, "content": content}}


@routes.post("/v1/events", status_code=201, openapi_extra=dict(_body_of(ONE, "One event, a compact JWS")))
async def post_event(request: Request, who: AgencySystem) -> Response:
    """Post one signed event; the answer is the same whether or not the child was known."""
    compact = await read_body(request, media_type=ONE, limit=EVENT_BYTES)
    posted = await run_in_threadpool(services_of(request).intake.post, compact, who)
    return JsonAnswer(_posted(posted), posted.status)


@routes.post("/v1/events/batch", openapi_extra=dict(_body_of(LINES, "One compact JWS a line")))
async def post_batch(request: Request, who: AgencySystem) -> Response:
    """Post up to 1,000 events, judged in order, each by itself; valid ones are kept (H-26)."""
    services = services_of(request)
    body = await read_body(request, media_type=LINES, limit=BATCH_BYTES)
    if len(body.splitlines()) > BATCH_LINES:
        raise HubError("too-large")
    outcomes = await run_in_threadpool(services.intake.post_batch, body, who)
    results: list[JsonObject] = []
    for outcome in outcomes:
        if isinstance(outcome, HubError):
            document = problem_document(outcome, services.chance.uuid())
            results.append({"status": outcome.status, "problem": document})
        else:
            results.append({"status": outcome.status, **_posted(outcome)})
    return JsonAnswer({"results": results})


@routes.get("/v1/events")
def own_posts(
    request: Request,
    who: SignedIn,
    mine: Annotated[str | None, Query(max_length=8)] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """The caller's organisation's own posts, as posted, with their receipts' claims."""
    if mine is None:
        raise HubError("schema", "Only your own posts can be listed: ask for /v1/events?mine")
    page = services_of(request).intake.mine(who, cursor, limit)
    return JsonAnswer({"posts": page.posts, "cursor": page.cursor})


@routes.get("/v1/events/{org}/{id}/receipt")
def receipt(
    request: Request,
    who: SignedIn,
    org: Annotated[str, Path(max_length=128)],
    event_id: Annotated[str, Path(alias="id", max_length=64)],
) -> Response:
    """The receipt of an own post, with its proof once a checkpoint covers it."""
    return JsonAnswer(_posted(services_of(request).intake.receipt(who, org, event_id)))


def _posted(posted: PostedEvent) -> JsonObject:
    return {"receipt": posted.receipt, "claims": posted.claims, "proof": posted.proof}
