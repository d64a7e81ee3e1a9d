"""The pages of an information governance officer: who saw a record, and why the answer looked as it did."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from hub.disclosure.review_shapes import QUESTIONS
from hub.web.visits import Visit


async def accesses(visit: Visit) -> Response:
    """The search form: nothing is read before an identifier is given."""
    return visit.page("accesses.html", identifier="", rows=None)


async def find_accesses(visit: Visit) -> Response:
    """Who saw this child's record, latest first; the identifier is posted, never part of an address."""
    identifier = str((await visit.form()).get("identifier", "")).strip()
    if not identifier:
        return visit.page("accesses.html", status=400, identifier="", rows=None, missing=True)
    rows = await run_in_threadpool(visit.services.officer.accesses, visit.reader, identifier)
    return visit.page("accesses.html", identifier=identifier, rows=rows[::-1])


async def explanation(visit: Visit) -> Response:
    """Why one past answer looked as it did: each item, its decision, the rules and their reasons."""
    disclosure_id = visit.request.path_params["disclosure_id"]
    answer = await run_in_threadpool(visit.services.officer.explanation, visit.reader, disclosure_id)
    asks = visit.reader.organisation_kind == "partnership"
    return visit.page("explanation.html", answer=answer, asks_reviews=asks, questions=QUESTIONS)
