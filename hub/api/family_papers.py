"""The paper for a child's family, made by the child's own worker from what the family was told (D-14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from typing_extensions import TypedDict

from hub.api.access import Purpose, Reference, SignedIn, services_of
from hub.api.answers import JsonAnswer, disclosed_json
from hub.api.children import Child
from hub.api.description import CHILD, answers, operation_id, refuses
from hub.api.reader_shapes import DisclosedAnswer
from hub.disclosure.answers import ReadRequest
from hub.disclosure.family_papers import FamilyPaper
from hub.disclosure.family_told import RECIPIENTS

routes = APIRouter(tags=["readers"], generate_unique_id_function=operation_id)


class PaperLine(TypedDict):
    """One line of a family's paper: what it says, when that was, and the details that a rule names."""

    kind: Annotated[str, Field(description="The type of the entry, or safety-measure")]
    text: str
    occurred_at: str
    precision: str
    fields: Mapping[str, object]


class PaperText(TypedDict):
    """What stands in every paper, with the row that it is from."""

    text: str
    source: str


class FamilyPaperAnswer(DisclosedAnswer):
    """The paper for one member of a child's family; no other child, no source and no narrative is in it."""

    recipient: str
    lines: Sequence[PaperLine]
    always: Sequence[PaperText]


@routes.get(
    "/v1/children/{child}/family-paper",
    responses=answers(FamilyPaperAnswer, "The paper") | refuses(*CHILD),
)
def family_paper(
    request: Request,
    who: SignedIn,
    child: Child,
    purpose: Purpose,
    reference: Reference,
    recipient: Annotated[
        str,
        Query(
            alias="for", max_length=20, description="For whom of the family",
            json_schema_extra={"enum": list(RECIPIENTS)},
        ),
    ],
) -> Response:  # fmt: skip
    """The paper for a child's family, of what it is recorded as told of; for the child's own worker."""
    asked = ReadRequest(child, purpose, reference)
    return JsonAnswer(paper_json(services_of(request).disclosure.families.make(who, asked, recipient)))


def paper_json(paper: FamilyPaper) -> FamilyPaperAnswer:
    """The paper as it leaves."""
    return {
        **disclosed_json(paper),
        "recipient": paper.recipient,
        "lines": [
            {
                "kind": one.kind,
                "text": one.text,
                "occurred_at": one.occurred_at,
                "precision": one.precision,
                "fields": one.fields,
            }
            for one in paper.lines
        ],
        "always": [{"text": one.text, "source": one.source} for one in paper.standing],
    }
