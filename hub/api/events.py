"""Routes of agencies' systems: posting events, receipts, own posts."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from hub import metrics
from hub.api import shapes
from hub.api.access import AGENCY, AgencySystem, SignedIn, services_of
from hub.api.answers import JsonAnswer
from hub.api.bodies import BATCH_BYTES, BATCH_LINES, EVENT_BYTES, read_body
from hub.api.description import CALLED, FOLDED, Refusal, answers, operation_id, refuses, request_body
from hub.api.posting import PlainRoute, Posting, Sent
from hub.api.problems import problem_document
from hub.api.services import PostedEvent
from hub.envelope import JsonObject
from hub.errors import HubError
from hub.trace import current_trace

POSTS: Final = "/v1/events"
ONE: Final = "application/jose"
LINES: Final = "application/jose-lines"
_TEXT: Final = {"type": "string"}
_POSTED: Final[tuple[Refusal, ...]] = (
    *FOLDED, "signature", "key-unknown", "key-revoked", "audience", "wrong-organisation", "poster", "gate",
    "conflict", "too-large", "media-type", "json", "schema", "clock", "imagery",
)  # fmt: skip
_OUTCOMES: Final = {201: metrics.KEPT, 200: metrics.REPEATED}
_EMPTY: Final = frozenset({b"", b"\n", b"\r\n"})
"""A batch of no lines, with or without the line end that some always write last."""

routes = APIRouter(tags=["agencies"], generate_unique_id_function=operation_id)


async def post_event(request: Request) -> Response:
    """Post one signed event; the answer is the same whether or not the child was known."""
    try:
        body: bytes | HubError = await read_body(request, media_type=ONE, limit=EVENT_BYTES)
    except HubError as fault:
        # Told only to who may post here: that is found out for a whole group of posts.
        body = fault
    posting = request.app.state.posting
    assert isinstance(posting, Posting)
    posted = await posting.post(Sent(request.headers.get("authorization"), body, current_trace()))
    return JsonAnswer(_posted(posted), posted.status)


posts: Final = PlainRoute(
    POSTS,
    post_event,
    methods=["POST"],
    status_code=201,
    tags=["agencies"],
    generate_unique_id_function=operation_id,
    responses=answers(shapes.Receipt, "The same content stands already; its receipt")
    | answers(shapes.Receipt, "The event is kept; its receipt", 201)
    | refuses(*_POSTED),
    openapi_extra=request_body(ONE, "One event: a compact JWS, at most 128 KiB", _TEXT),
    dependencies=[Depends(AGENCY)],
)
routes.routes.append(posts)


@routes.post(
    "/v1/events/batch",
    responses=answers(shapes.BatchAnswer, "One result a line, refused as POST /v1/events refuses")
    | refuses(*CALLED, "wrong-organisation", "too-large", "media-type"),
    openapi_extra=request_body(LINES, "One compact JWS a line, at most 1,000 lines and 8 MiB", _TEXT),
)
async def post_batch(request: Request, who: AgencySystem) -> Response:
    """Post up to 1,000 events, judged in order, each by itself; valid ones are kept (H-26)."""
    services = services_of(request)
    body = await read_body(request, media_type=LINES, limit=BATCH_BYTES)
    events = len(body.splitlines())
    if events > BATCH_LINES:
        raise HubError("too-large")
    if body in _EMPTY:
        return JsonAnswer({"results": []})
    await run_in_threadpool(services.rate.take_batch, who.organisation, services.clock.wall(), events)
    outcomes = await run_in_threadpool(services.intake.post_batch, body, who)
    results: list[JsonObject] = []
    for outcome in outcomes:
        if isinstance(outcome, HubError):
            metrics.posted("http", outcome.slug)
            document = problem_document(outcome, services.chance.uuid())
            results.append({"status": outcome.status, "problem": document})
        else:
            metrics.posted("http", _OUTCOMES[outcome.status])
            results.append({"status": outcome.status, **_posted(outcome)})
    return JsonAnswer({"results": results})


@routes.get(
    POSTS,
    responses=answers(shapes.OwnPosts, "One page of own posts") | refuses(*FOLDED, "not-found", "schema"),
)
def own_posts(
    request: Request,
    who: SignedIn,
    mine: Annotated[str | None, Query(max_length=8, description="Named, with or without a value")] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """The caller's organisation's own posts, as posted, with their receipts' claims."""
    if mine is None:
        raise HubError("schema", "Only your own posts can be listed: ask for /v1/events?mine")
    page = services_of(request).intake.mine(who, cursor, limit)
    return JsonAnswer({"posts": page.posts, "cursor": page.cursor})


@routes.get(
    "/v1/events/{org}/{id}/receipt",
    responses=answers(shapes.Receipt, "The receipt") | refuses(*CALLED, "not-found", "schema"),
)
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
