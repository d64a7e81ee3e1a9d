"""Reviews of content: an officer asks, somebody of the authority decides, named entries open (H-15)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.concurrency import run_in_threadpool
from typing_extensions import TypedDict

from hub.api.access import IgOfficer, SignedIn, services_of
from hub.api.answers import JsonAnswer, disclosed_json, entry_json, minute
from hub.api.bodies import JSON_TYPE, read_json
from hub.api.description import FOLDED, answers, operation_id, refuses, request_body
from hub.api.reader_shapes import ChildId, DisclosedAnswer, Entry, Minute
from hub.disclosure.review_shapes import QUESTIONS, ReviewedContent, ShownReview, Wanted
from hub.views.content_reviews import Outcome, State

routes = APIRouter(generate_unique_id_function=operation_id)

_OFFICERS = "identity reviewers and officers"
_READERS = "readers"
_POSTED = ("not-found", "schema", "media-type", "too-large")
Review = Annotated[str, Path(max_length=64, description="The review, as it was named when it was asked for")]


_EITHER: JsonValue = [
    {
        "required": ["disclosure"],
        "properties": {
            "disclosure": {"type": "string"}, "child": {"type": "null"}, "entries": {"maxItems": 0},
        },
    },
    {
        "required": ["child", "entries"],
        "properties": {
            "disclosure": {"type": "null"}, "child": {"type": "string"}, "entries": {"minItems": 1},
        },
    },
]  # fmt: skip


class ReviewWanted(BaseModel):
    """What an officer asks to read, and why: the entries of a past answer, or entries of one child."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"oneOf": _EITHER})

    question: str = Field(max_length=64, json_schema_extra={"enum": list(QUESTIONS)})
    reason: str = Field(max_length=500, pattern=r"\S")
    disclosure: str | None = Field(None, max_length=64, description="A past answer, whose entries are meant")
    child: str | None = Field(None, max_length=64, description="Else the child, with its entries")
    entries: tuple[Annotated[str, Field(max_length=100)], ...] = Field(
        (), max_length=200, description="Entry ids as the officer's own chronology of the child has them"
    )


class ReviewDecision(BaseModel):
    """What is decided of a review, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: Outcome
    reason: str = Field(max_length=500, pattern=r"\S")


class ContentReview(TypedDict):
    """One review of content: metadata, and nothing of any entry."""

    review: str
    child: ChildId
    officer: str
    question: str
    reason: str
    disclosure: str | None
    entries: Annotated[Sequence[str], Field(description="What it names, by the caller's own entry ids")]
    asked_at: Minute | None
    lapses_at: Annotated[Minute | None, Field(description="Undecided it opens nothing after that")]
    state: State
    decided_by: str | None
    decision_reason: str | None
    decided_at: Minute | None
    open_until: Minute | None
    opened: Annotated[int | None, Field(description="How many entries an approval opened")]
    ended_at: Minute | None


class ContentReviewList(TypedDict):
    """Reviews of content, the latest first."""

    reviews: Sequence[ContentReview]


class ReviewedEntries(DisclosedAnswer):
    """The entries that a review opened, as they may be read under it now."""

    review: str
    entries: Sequence[Entry]


@routes.post(
    "/v1/audit/content-reviews",
    tags=[_OFFICERS],
    responses=answers(ContentReview, "It waits for a decision", 201) | refuses(*FOLDED, *_POSTED),
    openapi_extra=request_body(JSON_TYPE, "What is to be read, and why", ReviewWanted.model_json_schema()),
    status_code=201,
)
async def ask_for_content_review(request: Request, who: IgOfficer) -> Response:
    """Ask to read entries: nothing opens before the child's team manager, or its unit, has approved."""
    asked = await read_json(request, ReviewWanted)
    wanted = Wanted(asked.question, asked.reason, asked.disclosure, asked.child, asked.entries)
    review = await run_in_threadpool(services_of(request).disclosure.reviews.ask, who, wanted)
    return JsonAnswer(content_review_json(review), 201)


@routes.get(
    "/v1/audit/content-reviews",
    tags=[_OFFICERS],
    responses=answers(ContentReviewList, "Every review") | refuses(*FOLDED, "not-found"),
)
def content_reviews(request: Request, who: IgOfficer) -> Response:
    """Every review of content that a partnership's officer asked for, and what became of it."""
    found = services_of(request).disclosure.reviews.of_officer(who)
    return JsonAnswer({"reviews": [content_review_json(one) for one in found]})


@routes.get(
    "/v1/audit/content-reviews/{review}/entries",
    tags=[_OFFICERS],
    responses=answers(ReviewedEntries, "What the review opened")
    | refuses(*FOLDED, "not-found", "schema", "conflict"),
)
def reviewed_entries(request: Request, who: IgOfficer, review: Review) -> Response:
    """The entries that a review opened, for the officer who asked; each reading is recorded by its name."""
    return JsonAnswer(reviewed_json(services_of(request).disclosure.reviews.read(who, review)))


@routes.get(
    "/v1/content-reviews",
    tags=[_READERS],
    responses=answers(ContentReviewList, "What waits for the caller") | refuses(*FOLDED),
)
def content_reviews_to_decide(request: Request, who: SignedIn) -> Response:
    """The reviews that the caller may decide, and those that the caller decided."""
    found = services_of(request).disclosure.reviews.to_decide(who)
    return JsonAnswer({"reviews": [content_review_json(one) for one in found]})


@routes.post(
    "/v1/content-reviews/{review}/decision",
    tags=[_READERS],
    responses=answers(ContentReview, "It is decided", 201) | refuses(*FOLDED, *_POSTED, "conflict"),
    openapi_extra=request_body(JSON_TYPE, "What is decided", ReviewDecision.model_json_schema()),
    status_code=201,
)
async def decide_content_review(request: Request, who: SignedIn, review: Review) -> Response:
    """Approve a review, which opens what the caller reads too for 72 hours, or refuse it."""
    found = await read_json(request, ReviewDecision)
    decide = services_of(request).disclosure.reviews.decide
    decided = await run_in_threadpool(decide, who, review, found.outcome, found.reason)
    return JsonAnswer(content_review_json(decided), 201)


@routes.post(
    "/v1/content-reviews/{review}/end",
    tags=[_READERS],
    responses=answers(ContentReview, "It has ended") | refuses(*FOLDED, "not-found", "schema", "conflict"),
)
def end_content_review(request: Request, who: SignedIn, review: Review) -> Response:
    """End a review before its time: for the officer who asked, and for who may decide about it."""
    return JsonAnswer(content_review_json(services_of(request).disclosure.reviews.end(who, review)))


def content_review_json(one: ShownReview) -> ContentReview:
    """One review as its reader gets it."""
    return {
        "review": one.review,
        "child": one.child,
        "officer": one.officer,
        "question": one.question,
        "reason": one.reason,
        "disclosure": one.disclosure,
        "entries": list(one.entries),
        "asked_at": minute(one.asked_at),
        "lapses_at": minute(one.lapses_at),
        "state": one.state,
        "decided_by": one.decided_by,
        "decision_reason": one.decision_reason,
        "decided_at": minute(one.decided_at),
        "open_until": minute(one.open_until),
        "opened": one.opened,
        "ended_at": minute(one.ended_at),
    }


def reviewed_json(found: ReviewedContent) -> ReviewedEntries:
    """What a review opened."""
    return {
        **disclosed_json(found),
        "review": found.review,
        "entries": [entry_json(one) for one in found.entries],
    }
