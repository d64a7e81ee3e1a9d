"""The pages of officers who review uses of emergency access: what waits, one use, the decision (H-17)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, cast

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from hub.disclosure.answers import AccessRow
from hub.disclosure.emergency import REASONS
from hub.errors import HubError
from hub.oversight import AccessQuery, ReviewRow
from hub.views import Outcome
from hub.web.visits import Visit

PAGE: Final = "/emergency-reviews"
MAX_REASON: Final = 500
_OUTCOMES: Final = ("approved", "not-approved")
# What the person can mend, or what passes by itself: the form comes back filled in.
_SAID: Final = frozenset({"schema", "conflict", "store", "rate"})
_MINUTE: Final = timedelta(minutes=1)


async def waiting(visit: Visit) -> Response:
    """Every use in the officer's remit: what waits, the longest ago first, then what was decided."""
    rows = await run_in_threadpool(visit.services.officer.reviews, visit.reader)
    undecided = [row for row in rows if row.reviewed_at is None]
    decided = [row for row in rows if row.reviewed_at is not None]
    return visit.page("emergency-reviews.html", undecided=undecided, decided=decided[::-1], reasons=REASONS)


async def one(visit: Visit) -> Response:
    """One use: who, why, what was read while it lasted, and the form to decide."""
    return await _shown(visit, {}, {})


async def decide(visit: Visit) -> Response:
    """Record what the officer finds; where it may not be, the page says why and keeps what was typed."""
    form = await visit.form()
    given = {name: str(form.get(name, "")).strip() for name in ("outcome", "reason")}
    errors: dict[str, str] = {}
    if given["outcome"] not in _OUTCOMES:
        errors["outcome"] = "Select what you find"
    if not given["reason"]:
        errors["reason"] = "Enter why you find that"
    elif len(given["reason"]) > MAX_REASON:
        errors["reason"] = f"Reason must be {MAX_REASON} characters or fewer"
    if errors:
        return await _shown(visit, given, errors)
    review, access = visit.services.officer.review, visit.request.path_params["access"]
    try:
        outcome = cast(Outcome, given["outcome"])
        await run_in_threadpool(review, visit.reader, access, outcome, given["reason"])
    except HubError as refusal:
        if refusal.slug not in _SAID:
            raise
        return await _shown(visit, given, {}, refusal)
    return visit.go(PAGE)


async def _shown(
    visit: Visit, given: Mapping[str, str], errors: Mapping[str, str], refusal: HubError | None = None
) -> Response:
    access = visit.request.path_params["access"]
    rows = await run_in_threadpool(visit.services.officer.reviews, visit.reader)
    row = next((row for row in rows if row.access == access), None)
    if row is None:
        raise HubError("not-found")
    read = await run_in_threadpool(_read_meanwhile, visit, row)
    status = refusal.status if refusal else 400 if errors else 200
    return visit.page(
        "emergency-review.html", status=status, row=row, read=read, given=given, errors=errors,
        refusal=refusal, reasons=REASONS, longest=MAX_REASON,
    )  # fmt: skip


def _read_meanwhile(visit: Visit, row: ReviewRow) -> Sequence[AccessRow]:
    """What the same person did with this child's record while the access lasted, as it is recorded.

    Units: times of a review are cut to the minute, so that the last minute is taken whole.
    """
    if row.child is None:
        return ()
    query = AccessQuery(person=row.reader, since=row.used_at, until=row.ends_at + _MINUTE)
    return visit.services.officer.accesses(visit.reader, f"child:{row.child}", query)
