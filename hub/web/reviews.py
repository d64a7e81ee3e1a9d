"""The pages of reviews of content: an officer asks and reads, who answers for the child decides (H-15)."""

from __future__ import annotations

from typing import Final, cast

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from hub.disclosure.review_deciders import DECIDE
from hub.disclosure.review_shapes import QUESTIONS, ShownReview, Wanted
from hub.errors import HubError
from hub.views.content_reviews import Outcome
from hub.web.visits import OFFICER_ROLE, Visit

_OUTCOMES: Final = ("approved", "refused")
# What the person can mend, said beside the list; everything else is a page of its own.
_SAID: Final = frozenset({"schema", "conflict"})


async def reviews(visit: Visit) -> Response:
    """To an officer every review, to others what they may decide; the latest first."""
    return await _listed(visit, None)


async def ask(visit: Visit) -> Response:
    """Ask to read the entries of a past answer, which the form names."""
    form = await visit.form()
    wanted = Wanted(
        str(form.get("question", "")), str(form.get("reason", "")), str(form.get("disclosure", ""))
    )
    try:
        await run_in_threadpool(visit.services.reads.reviews.ask, visit.reader, wanted)
    except HubError as refusal:
        return await _refused(visit, refusal)
    return visit.go("/reviews")


async def decide(visit: Visit) -> Response:
    """Approve or refuse a review; where it may not be, the page says why."""
    form = await visit.form()
    outcome, review = str(form.get("outcome", "")), visit.request.path_params["review"]
    try:
        if outcome not in _OUTCOMES:
            raise HubError("schema", "Choose whether you approve the review or refuse it.")
        said = cast(Outcome, outcome)
        decide = visit.services.reads.reviews.decide
        await run_in_threadpool(decide, visit.reader, review, said, str(form.get("reason", "")))
    except HubError as refusal:
        return await _refused(visit, refusal)
    return visit.go("/reviews")


async def end(visit: Visit) -> Response:
    """End a review before its time."""
    await visit.form()
    review = visit.request.path_params["review"]
    try:
        await run_in_threadpool(visit.services.reads.reviews.end, visit.reader, review)
    except HubError as refusal:
        return await _refused(visit, refusal)
    return visit.go("/reviews")


async def entries(visit: Visit) -> Response:
    """What a review opened, for the officer who asked; the reading is recorded before it is here."""
    review = visit.request.path_params["review"]
    answer = await run_in_threadpool(visit.services.reads.reviews.read, visit.reader, review)
    return visit.page("reviewed.html", answer=answer)


async def _refused(visit: Visit, refusal: HubError) -> Response:
    if refusal.slug not in _SAID:
        raise refusal
    return await _listed(visit, refusal)


async def _listed(visit: Visit, refusal: HubError | None) -> Response:
    of, reader = visit.services.reads.reviews, visit.reader
    asks = OFFICER_ROLE in reader.roles and reader.organisation_kind == "partnership"
    if not asks and not DECIDE & reader.roles:
        raise HubError("not-found")
    found: list[ShownReview] = await run_in_threadpool(of.of_officer if asks else of.to_decide, reader)
    status = 200 if refusal is None else refusal.status
    return visit.page(
        "reviews.html", status=status, found=found, asks=asks, questions=QUESTIONS, refusal=refusal
    )
