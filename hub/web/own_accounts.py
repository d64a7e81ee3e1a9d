"""The page on which a child's own account is made, to be gone through with the child (H-23)."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from hub.disclosure.answers import ReadRequest
from hub.web.children import child_of, purpose_of
from hub.web.visits import Visit

MAKE: Final = "now"


async def account(visit: Visit) -> Response:
    """The child's own account; before it is asked for by the button, nothing is read.

    1. Without a purpose in the session, ask for it first.
    2. The reading is recorded before anything of it is here.
    """
    child = child_of(visit)
    kept = purpose_of(visit, child)
    if kept is None:
        return visit.go(f"/children/{child}/purpose")  # (1)
    answer = None
    if visit.request.query_params.get("make") == MAKE:
        request = ReadRequest(child=child, purpose=kept[0], reference=kept[1] or None)
        answer = await run_in_threadpool(visit.services.reads.accounts.make, visit.reader, request)  # (2)
    days = [(on, list(lines)) for on, lines in groupby(answer.lines, lambda one: one.on)] if answer else []
    return visit.page(
        "own-account.html", answer=answer, days=days, make=MAKE, child=child, purpose=kept[0],
        reference=kept[1],
    )  # fmt: skip
