"""The report of overrides: what officers ask of decisions that stand against a rule (H-28)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from typing_extensions import TypedDict

from hub.api.access import IgOfficer, services_of
from hub.api.answers import JsonAnswer, minute
from hub.api.description import FOLDED, answers, operation_id, refuses
from hub.api.reader_shapes import ChildId, Minute
from hub.oversight import OverrideRow

routes = APIRouter(tags=["identity reviewers and officers"], generate_unique_id_function=operation_id)


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


@routes.get(
    "/v1/audit/overrides",
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
