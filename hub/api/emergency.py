"""Emergency access to a child, who sees that it was used, and its review by an officer (H-17, D-50)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from typing_extensions import TypedDict

from hub.api.access import IgOfficer, Purpose, Reference, SignedIn, services_of
from hub.api.answers import JsonAnswer, minute
from hub.api.bodies import JSON_TYPE, read_json
from hub.api.children import Child
from hub.api.description import CALLED, CHILD, FOLDED, answers, operation_id, refuses, request_body
from hub.api.reader_shapes import ChildId, Minute, RedactedGroup
from hub.disclosure.answers import ReadRequest
from hub.disclosure.emergency import REASONS, Begun, OwnUse, ShownUse, ShownUses, State
from hub.disclosure.purposes import REFERENCE
from hub.oversight import ReviewRow
from hub.views import Outcome

routes = APIRouter(generate_unique_id_function=operation_id)

_READERS = "readers"
_OFFICERS = "identity reviewers and officers"


class EmergencyWanted(BaseModel):
    """Which child, by an exact identifier, why, and for which case of the caller's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    identifier: str = Field(min_length=1, max_length=200, description="Any form of identifier of the child")
    reason: str = Field(max_length=64, json_schema_extra={"enum": list(REASONS)})
    reference: str = Field(
        pattern=REFERENCE.pattern, description="The caller's own reference, such as an incident's"
    )


class EmergencyBegun(TypedDict):
    """That emergency access was recorded: the same whether or not a child is known by the identifier."""

    access: Annotated[str, Field(description="Names this use to information governance officers")]
    reason: str
    used_at: Minute | None
    expires_at: Annotated[Minute | None, Field(description="Until then the child can be looked up and read")]


class OwnEmergency(TypedDict):
    """One use of emergency access by the caller."""

    access: str
    child: Annotated[ChildId | None, Field(description="The child that it opens now, where it does")]
    reason: str
    reference: str
    used_at: Minute | None
    ends_at: Minute | None
    review: State


class OwnEmergencies(TypedDict):
    """The caller's own uses of emergency access, the latest first."""

    emergency_accesses: Sequence[OwnEmergency]


class EmergencyUsed(TypedDict):
    """One use of emergency access; what is withheld is null, with the rule and whom to ask."""

    access: str | None
    reader: str | None
    organisation: str | None
    role: str | None
    reason: str | None
    reference: str | None
    used_at: Minute | None
    ends_at: Minute | None
    review: State | None
    redactions: Sequence[RedactedGroup]


class EmergencyUses(TypedDict):
    """The uses of emergency access to a child that the caller may know of."""

    disclosure_id: str
    child: ChildId
    emergency_accesses: Sequence[EmergencyUsed]


class EmergencyReview(TypedDict):
    """One use of emergency access for its review: metadata, and nothing of the child's record."""

    access: str
    child: Annotated[ChildId | None, Field(description="None where nothing was opened, or none is known")]
    opened: bool
    reader: str
    organisation: str
    role: str
    reason: str
    reference: str
    used_at: Minute | None
    ends_at: Minute | None
    state: State
    review_reason: str | None
    reviewer: str | None
    reviewed_at: Minute | None


class EmergencyReviews(TypedDict):
    """The uses of emergency access in the officer's remit, the longest ago first."""

    reviews: Sequence[EmergencyReview]


class Found(BaseModel):
    """What an officer finds of one use of emergency access."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: Outcome
    reason: str = Field(max_length=500, pattern=r"\S")


@routes.post(
    "/v1/emergency-access",
    tags=[_READERS],
    responses=answers(EmergencyBegun, "It is recorded, and told", 201)
    | refuses(*FOLDED, "purpose", "schema", "media-type", "too-large"),
    openapi_extra=request_body(JSON_TYPE, "Which child, and why", EmergencyWanted.model_json_schema()),
    status_code=201,
)
async def use_emergency_access(request: Request, who: SignedIn) -> Response:
    """Open a child's core facts for 24 hours; the team manager and information governance are told at once.

    The answer is the same for an unknown child. If a child is in immediate danger, call 999.
    """
    wanted = await read_json(request, EmergencyWanted)
    use = services_of(request).disclosure.emergency.use
    begun = await run_in_threadpool(use, who, wanted.identifier, wanted.reason, wanted.reference)
    return JsonAnswer(begun_json(begun), 201)


@routes.get(
    "/v1/emergency-access",
    tags=[_READERS],
    responses=answers(OwnEmergencies, "The caller's own uses") | refuses(*FOLDED),
)
def my_emergency_accesses(request: Request, who: SignedIn) -> Response:
    """What the caller used emergency access for, until when, and what its review found."""
    found = services_of(request).disclosure.emergency.mine(who)
    return JsonAnswer({"emergency_accesses": [own_use_json(one) for one in found]})


@routes.get(
    "/v1/children/{child}/accesses",
    tags=[_READERS],
    responses=answers(EmergencyUses, "The uses of emergency access") | refuses(*CHILD),
)
def emergency_accesses(
    request: Request, who: SignedIn, child: Child, purpose: Purpose, reference: Reference
) -> Response:
    """Who used emergency access to a child: for its team manager and for whoever used it (D-50)."""
    asked = ReadRequest(child, purpose, reference)
    return JsonAnswer(uses_json(services_of(request).disclosure.emergency.of_child(who, asked)))


@routes.get(
    "/v1/audit/reviews",
    tags=[_OFFICERS],
    responses=answers(EmergencyReviews, "What waits, and what was decided") | refuses(*CALLED, "not-found"),
)
def reviews(request: Request, who: IgOfficer) -> Response:
    """The uses of emergency access that wait for a review, and those that had one."""
    rows = services_of(request).oversight.reviews(who)
    return JsonAnswer({"reviews": [review_json(row) for row in rows]})


@routes.post(
    "/v1/audit/reviews/{access}",
    tags=[_OFFICERS],
    responses=answers(EmergencyReview, "The review is recorded", 201)
    | refuses(*CALLED, "not-found", "schema", "conflict", "media-type", "too-large"),
    openapi_extra=request_body(JSON_TYPE, "What was found", Found.model_json_schema()),
    status_code=201,
)
async def review(request: Request, who: IgOfficer, access: Annotated[str, Path(max_length=64)]) -> Response:
    """Decide whether a use of emergency access was right; if it was not, it ends at once."""
    found = await read_json(request, Found)
    decide = services_of(request).oversight.review
    row = await run_in_threadpool(decide, who, access, found.outcome, found.reason)
    return JsonAnswer(review_json(row), 201)


def begun_json(begun: Begun) -> EmergencyBegun:
    """What whoever used emergency access is told."""
    return {
        "access": begun.access,
        "reason": begun.reason,
        "used_at": _to(begun.used_at),
        "expires_at": _to(begun.expires_at),
    }


def own_use_json(use: OwnUse) -> OwnEmergency:
    """One use of the caller's own."""
    return {
        "access": use.access,
        "child": use.child,
        "reason": use.reason,
        "reference": use.reference,
        "used_at": _to(use.used_at),
        "ends_at": _to(use.ends_at),
        "review": use.review,
    }


def uses_json(shown: ShownUses) -> EmergencyUses:
    """The uses of emergency access to one child."""
    return {
        "disclosure_id": shown.disclosure_id,
        "child": shown.child,
        "emergency_accesses": [_use_json(one) for one in shown.uses],
    }


def _use_json(use: ShownUse) -> EmergencyUsed:
    return {
        "access": use.access,
        "reader": use.reader,
        "organisation": use.organisation,
        "role": use.role,
        "reason": use.reason,
        "reference": use.reference,
        "used_at": _to(use.used_at),
        "ends_at": _to(use.ends_at),
        "review": use.review,
        "redactions": [{"group": one.group, "rule": one.rule, "ask": one.ask} for one in use.redactions],
    }


def review_json(row: ReviewRow) -> EmergencyReview:
    """One row of an officer's list of reviews."""
    return {
        "access": row.access,
        "child": row.child,
        "opened": row.opened,
        "reader": row.reader,
        "organisation": row.organisation,
        "role": row.role,
        "reason": row.reason,
        "reference": row.reference,
        "used_at": _to(row.used_at),
        "ends_at": _to(row.ends_at),
        "state": row.state,
        "review_reason": row.review_reason,
        "reviewer": row.reviewer,
        "reviewed_at": minute(row.reviewed_at),
    }


def _to(at: datetime) -> str | None:
    return minute(at)
