"""Decisions and rules (H-28): those that stand against one, for officers, and those that one blocked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from typing_extensions import TypedDict

from hub.api.access import IgOfficer, TeamManager, services_of
from hub.api.answers import JsonAnswer, minute
from hub.api.description import CALLED, FOLDED, answers, operation_id, refuses
from hub.api.reader_shapes import ChildId, Minute
from hub.oversight import BlockedDecision, OverrideRow

routes = APIRouter(generate_unique_id_function=operation_id)

_OFFICERS = "identity reviewers and officers"
_READERS = "readers"


class OverriddenEvent(TypedDict):
    """The decision, by the name that its poster gave it."""

    source: str
    id: str


class OverriddenRule(TypedDict):
    """One rule that a manager overrode for one decision: metadata, never narrative and no reason."""

    rule: Annotated[str, Field(description="The requirement by which the decision was refused")]
    force: Annotated[str | None, Field(description="How strongly the procedures put it")]
    source: Annotated[str | None, Field(description="The section of the procedures")]
    type: str
    event: OverriddenEvent
    child: Annotated[ChildId | None, Field(description="None where the officer's agency was not responsible")]
    entry_id: Annotated[str | None, Field(description="Of the entry, as this officer has it")]
    organisation: str
    author: Annotated[str | None, Field(description="Who decided")]
    manager: Annotated[str | None, Field(description="Who overrode the rule")]
    received_at: Minute | None
    stands: Annotated[bool, Field(description="False where the decision was retracted since")]


class OverriddenRules(TypedDict):
    """The overrides in the officer's remit, by when the decision was received."""

    overrides: Sequence[OverriddenRule]


class BlockedOne(TypedDict):
    """One decision that a rule refused: never which child, and nothing of what was sent."""

    at: Minute | None
    type: Annotated[str | None, Field(description="Of the event; None where it was not kept")]
    title: Annotated[str | None, Field(description="The type in words")]
    rule: Annotated[str | None, Field(description="The requirement by which the decision was refused")]
    force: Annotated[str | None, Field(description="How strongly the procedures put it; None if not known")]
    source: Annotated[str | None, Field(description="The section of the procedures")]
    reason: Annotated[str | None, Field(description="What the sender was told, the same for every child")]
    can_be_overridden: Annotated[
        bool | None, Field(description="Whether a named manager may let it pass; None if not known")
    ]
    trace: Annotated[str | None, Field(description="The `Trace-Id` of the answer that the sender got")]


class BlockedDecisions(TypedDict):
    """The blocked decisions of the team manager's own organisation, oldest first."""

    blocked_decisions: Sequence[BlockedOne]


@routes.get(
    "/v1/audit/overrides",
    tags=[_OFFICERS],
    responses=answers(OverriddenRules, "The overrides") | refuses(*FOLDED, "not-found", "schema"),
)
def overrides(
    request: Request,
    who: IgOfficer,
    child: Annotated[
        str | None, Query(max_length=200, description="A child by any form of identifier")
    ] = None,
) -> Response:
    """Decisions that a rule refused and a named manager let pass; of all children if none is named."""
    rows = services_of(request).oversight.overrides(who, child)
    return JsonAnswer({"overrides": [override_json(row) for row in rows]})


@routes.get(
    "/v1/blocked-decisions",
    tags=[_READERS],
    responses=answers(BlockedDecisions, "The blocked decisions") | refuses(*CALLED, "not-found"),
)
def blocked_decisions(request: Request, who: TeamManager) -> Response:
    """Decisions of the team manager's own organisation that a rule refused: ask whoever sent them (D-55)."""
    rows = services_of(request).oversight.blocked_decisions(who)
    return JsonAnswer({"blocked_decisions": [blocked_json(row) for row in rows]})


def blocked_json(row: BlockedDecision) -> BlockedOne:
    """One blocked decision of a team manager's answer."""
    return {
        "at": minute(row.at),
        "type": row.type,
        "title": row.title,
        "rule": row.rule,
        "force": row.force,
        "source": row.source,
        "reason": row.reason,
        "can_be_overridden": row.can_be_overridden,
        "trace": row.trace or None,
    }


def override_json(row: OverrideRow) -> OverriddenRule:
    """One override of an officer's answer."""
    return {
        "rule": row.rule,
        "force": row.force,
        "source": row.source,
        "type": row.type,
        "event": {"source": row.event.source, "id": row.event.id},
        "child": row.child,
        "entry_id": row.entry_id,
        "organisation": row.organisation,
        "author": row.author,
        "manager": row.manager,
        "received_at": minute(row.received_at),
        "stands": row.stands,
    }
