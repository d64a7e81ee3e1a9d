"""Routes of identity reviewers and of information governance officers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from hub.api import reader_shapes as shapes
from hub.api.access import IdentityReviewer, IgOfficer, services_of
from hub.api.answers import JsonAnswer, access_json, explanation_json, flagged_json
from hub.api.bodies import JSON_TYPE, read_json
from hub.api.description import FOLDED, answers, operation_id, refuses, request_body
from hub.api.times import Instant
from hub.oversight import AccessQuery

routes = APIRouter(tags=["identity reviewers and officers"], generate_unique_id_function=operation_id)


class Resolution(BaseModel):
    """An identity reviewer's decision: the provisional stream is about this child."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provisional: UUID = Field(description="The provisional stream, as the queue names it")
    child: str = Field(max_length=200, description="The child that it is about: an id, or any reference")


@routes.get(
    "/v1/identity/queue",
    responses=answers(shapes.IdentityQueue, "What waits") | refuses(*FOLDED, "not-found"),
)
def identity_queue(request: Request, who: IdentityReviewer) -> Response:
    """The provisional streams and contested openings that wait for a decision."""
    return JsonAnswer({"queue": services_of(request).intake.queue(who)})


@routes.post(
    "/v1/identity/resolve",
    responses=answers(shapes.Resolved, "The stream is joined")
    | refuses(*FOLDED, "not-found", "schema", "conflict", "media-type", "too-large"),
    openapi_extra=request_body(JSON_TYPE, "The decision", Resolution.model_json_schema()),
)
async def resolve_identity(request: Request, who: IdentityReviewer) -> Response:
    """Join a provisional stream to the child it is about; nothing moves, readers see both."""
    resolution = await read_json(request, Resolution)
    decide = services_of(request).intake.resolve
    await run_in_threadpool(decide, who, str(resolution.provisional), resolution.child)
    return JsonAnswer({"provisional": str(resolution.provisional), "resolved": True})


Text = Annotated[str | None, Query(max_length=200)]


def query_of(
    person: Text = None,
    organisation: Text = None,
    rule: Text = None,
    since: Instant | None = None,
    until: Annotated[Instant | None, Query(description="Exclusive")] = None,
    emergency: bool = False,
) -> AccessQuery:
    """What an officer asks for; every member narrows."""
    return AccessQuery(person, organisation, rule, since, until, emergency)


@routes.get(
    "/v1/audit/accesses",
    responses=answers(shapes.Accesses, "The accesses") | refuses(*FOLDED, "not-found", "schema"),
)
def accesses(
    request: Request,
    who: IgOfficer,
    query: Annotated[AccessQuery, Depends(query_of)],
    child: Annotated[
        str | None, Query(max_length=200, description="A child by any form of identifier")
    ] = None,
) -> Response:
    """Who saw a child's record, when, why and under which rules; of everything one answers for if unnamed."""
    rows = services_of(request).oversight.accesses(who, child, query)
    return JsonAnswer({"accesses": [access_json(row) for row in rows]})


@routes.get(
    "/v1/audit/flags",
    responses=answers(shapes.FlaggedEntries, "What may have been disclosed wrongly")
    | refuses(*FOLDED, "not-found", "schema"),
)
def flags(
    request: Request,
    who: IgOfficer,
    child: Annotated[
        str | None, Query(max_length=200, description="A child by any form of identifier")
    ] = None,
) -> Response:
    """Facts that say something may have been disclosed wrongly, such as a school in the wrong meeting."""
    rows = services_of(request).oversight.flags(who, child)
    return JsonAnswer({"flags": [flagged_json(row) for row in rows]})


@routes.get(
    "/v1/audit/accesses/{disclosure_id}",
    responses=answers(shapes.AccessRow, "The access") | refuses(*FOLDED, "not-found", "schema"),
)
def access(request: Request, who: IgOfficer, disclosure_id: Annotated[str, Path(max_length=64)]) -> Response:
    """One access: metadata and rules, never narrative (H-15)."""
    return JsonAnswer(access_json(services_of(request).oversight.access(who, disclosure_id)))


@routes.get(
    "/v1/audit/accesses/{disclosure_id}/explanation",
    responses=answers(shapes.ExplanationAnswer, "Why") | refuses(*FOLDED, "not-found", "schema"),
)
def explanation(
    request: Request, who: IgOfficer, disclosure_id: Annotated[str, Path(max_length=64)]
) -> Response:
    """Why that answer looked as it did: each item with its decision, rules and reasons."""
    return JsonAnswer(explanation_json(services_of(request).oversight.explanation(who, disclosure_id)))
