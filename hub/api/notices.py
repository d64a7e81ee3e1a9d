"""Routes of notices: what the caller was told without asking, and that it has arrived."""

from __future__ import annotations

from typing import Annotated, Final

import anyio
from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from hub.api import notice_shapes as shapes
from hub.api.access import SignedIn, services_of
from hub.api.answers import JsonAnswer, instant
from hub.api.description import CALLED, FOLDED, answers, operation_id, refuses

LONGEST_WAIT: Final = 30
"""Seconds; a proxy in between often ends what is silent for a minute."""
_LOOK_SECONDS: Final = 1

routes = APIRouter(tags=["notices"], generate_unique_id_function=operation_id)


@routes.get(
    "/v1/notices", responses=answers(shapes.Notices, "The caller's notices") | refuses(*FOLDED, "schema")
)
async def notices(
    request: Request,
    who: SignedIn,
    cursor: Annotated[
        str | None, Query(max_length=100, description="That of the page before, as long as one likes")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    unacknowledged: Annotated[bool, Query(description="Only what is not acknowledged yet")] = False,
    wait: Annotated[
        int, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait where there is nothing yet")
    ] = 0,
) -> Response:
    """What the caller's organisation was told; a person gets what concerns that person alone.

    1. Note how far the caller's notices have come before looking at them.
    2. While there is nothing, look again when something was recorded for the caller. No thread waits.
    3. Who may not be told any more by then is told nothing: the token is judged again each time.
    """
    services = services_of(request)
    box, waited = services.disclosure.mail.box, 0
    version = await run_in_threadpool(box.version, who)  # 1.
    page = await run_in_threadpool(box.page, who, cursor, limit, unacknowledged)
    while not page.notices and waited < wait:  # 2.
        await anyio.sleep(_LOOK_SECONDS)
        waited += _LOOK_SECONDS
        came = await run_in_threadpool(box.version, who)
        if came != version:
            version, header = came, request.headers.get("authorization")
            who = await run_in_threadpool(services.bearer.principal, header)  # 3.
            page = await run_in_threadpool(box.page, who, cursor, limit, unacknowledged)
    found = [{**one.body, "acknowledged_at": instant(one.acknowledged_at)} for one in page.notices]
    return JsonAnswer({"notices": found, "cursor": page.cursor})


@routes.post(
    "/v1/notices/{notice}/ack",
    responses=answers(shapes.Acknowledged, "It has arrived") | refuses(*CALLED, "not-found", "schema"),
)
def acknowledge(
    request: Request, who: SignedIn, notice: Annotated[str, Path(max_length=64, description="Its id")]
) -> Response:
    """Say that a notice of one's own has arrived and is dealt with; the same again is answered the same."""
    at = services_of(request).disclosure.mail.box.acknowledge(who, notice)
    return JsonAnswer({"notice": notice, "acknowledged_at": instant(at)})
