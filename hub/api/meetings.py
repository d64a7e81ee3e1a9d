"""Routes of meetings about a child: the list, the papers of one, and snapshots of the chronology."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from hub.api import meeting_shapes as shapes
from hub.api.access import Purpose, Reference, SignedIn, services_of
from hub.api.answers import JsonAnswer
from hub.api.bodies import JSON_TYPE, read_json
from hub.api.children import AsAt, Child
from hub.api.description import CHILD, answers, operation_id, refuses, request_body
from hub.api.meeting_answers import meetings_json, pack_json, taken_json
from hub.disclosure.answers import ReadRequest

routes = APIRouter(tags=["readers"], generate_unique_id_function=operation_id)


class ForMeeting(BaseModel):
    """Which meeting a snapshot is for, as its convenor calls it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    meeting: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="What its convenor calls it"
    )


@routes.get(
    "/v1/children/{child}/meetings",
    responses=answers(shapes.MeetingsAnswer, "The meetings") | refuses(*CHILD),
)
def meetings(
    request: Request, who: SignedIn, child: Child, purpose: Purpose, reference: Reference, as_at: AsAt = None
) -> Response:
    """The meetings about a child whose record the caller has."""
    asked = ReadRequest(child, purpose, reference, as_at)
    return JsonAnswer(meetings_json(services_of(request).disclosure.meetings.of_child(who, asked)))


@routes.get(
    "/v1/children/{child}/meetings/{meeting}/pack",
    responses=answers(shapes.MeetingPackAnswer, "The papers") | refuses(*CHILD),
)
def meeting_pack(
    request: Request,
    who: SignedIn,
    child: Child,
    # Any text is passed on: what is no meeting of the caller's is refused, and recorded, whatever it is.
    meeting: Annotated[str, Path(description="What its convenor calls it")],
    purpose: Purpose,
    reference: Reference,
    organisation: Annotated[
        str | None, Query(max_length=128, description="Whose, where two convenors use one name")
    ] = None,
) -> Response:
    """The papers of one meeting about one child: a separate document per child, for this caller."""
    asked = ReadRequest(child, purpose, reference)
    pack = services_of(request).disclosure.meetings.pack(who, asked, meeting, organisation)
    return JsonAnswer(pack_json(pack))


@routes.post(
    "/v1/children/{child}/snapshots",
    responses=answers(shapes.TakenSnapshot, "The snapshot is kept", 201)
    | refuses(*CHILD, "media-type", "too-large"),
    openapi_extra=request_body(JSON_TYPE, "Which meeting it is for", ForMeeting.model_json_schema()),
    status_code=201,
)
async def take_snapshot(
    request: Request, who: SignedIn, child: Child, purpose: Purpose, reference: Reference
) -> Response:
    """Fix the chronology that a meeting is to have, as the caller gets it at this instant (R-133)."""
    wanted = await read_json(request, ForMeeting)
    take = services_of(request).disclosure.meetings.take
    taken = await run_in_threadpool(take, who, ReadRequest(child, purpose, reference), wanted.meeting)
    return JsonAnswer(taken_json(taken), 201)
