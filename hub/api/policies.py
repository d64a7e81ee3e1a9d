"""Routes of officers about the sharing rules: replays of past answers, proposals, rehearsals, approval."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from hub.api import policy_shapes as shapes
from hub.api.access import IgOfficer, services_of
from hub.api.answers import JsonAnswer
from hub.api.description import FOLDED, answers, operation_id, refuses
from hub.api.policy_answers import rehearsed_json, release_json, replay_json, standing_json

routes = APIRouter(tags=["identity reviewers and officers"], generate_unique_id_function=operation_id)
Version = Annotated[str, Path(max_length=64, description="The version of a proposed rule set")]


@routes.get(
    "/v1/audit/accesses/{disclosure_id}/replay",
    responses=answers(shapes.ReplayAnswer, "Whether it comes out the same")
    | refuses(*FOLDED, "not-found", "schema"),
)
def replay(request: Request, who: IgOfficer, disclosure_id: Annotated[str, Path(max_length=64)]) -> Response:
    """Make a past answer again as it was; told is whether it is the same, never what it says (H-15)."""
    return JsonAnswer(replay_json(services_of(request).oversight.policies.replay(who, disclosure_id)))


@routes.get(
    "/v1/audit/policies",
    responses=answers(shapes.PolicyStanding, "The rule sets") | refuses(*FOLDED, "not-found"),
)
def policies(request: Request, who: IgOfficer) -> Response:
    """Which sharing rules decide, which are kept, and what was proposed and approved, by whom."""
    return JsonAnswer(standing_json(services_of(request).oversight.policies.standing(who)))


@routes.get(
    "/v1/audit/policies/{version}",
    responses=answers(shapes.RehearsedRelease, "The proposal") | refuses(*FOLDED, "not-found", "schema"),
)
def policy(request: Request, who: IgOfficer, version: Version) -> Response:
    """One proposal, with who would have been shown more and who less by it."""
    return JsonAnswer(rehearsed_json(services_of(request).oversight.policies.release(who, version)))


@routes.post(
    "/v1/audit/policies/{version}/approval",
    responses=answers(shapes.PolicyRelease, "It is approved")
    | refuses(*FOLDED, "not-found", "schema", "gate", "conflict"),
)
def approve_policy(request: Request, who: IgOfficer, version: Version) -> Response:
    """Approve what another officer proposed; servers that start from now on decide by it."""
    return JsonAnswer(release_json(services_of(request).oversight.policies.approve(who, version)))
