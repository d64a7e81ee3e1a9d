"""The page on which a worker makes the paper for a child's family, to be printed and handed over (D-14)."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from hub.disclosure.answers import ReadRequest
from hub.disclosure.family_told import RECIPIENTS
from hub.web.children import child_of, purpose_of
from hub.web.visits import Visit


async def paper(visit: Visit) -> Response:
    """The paper for one member of a child's family; before it is known for whom, nothing is read.

    1. Without a purpose in the session, ask for it first.
    2. For whom is chosen on the page; the reading is recorded before anything of it is here.
    """
    child = child_of(visit)
    kept = purpose_of(visit, child)
    if kept is None:
        return visit.go(f"/children/{child}/purpose")  # (1)
    recipient = visit.request.query_params.get("for", "")
    answer = None
    if recipient:
        request = ReadRequest(child=child, purpose=kept[0], reference=kept[1] or None)
        make = visit.services.reads.families.make
        answer = await run_in_threadpool(make, visit.reader, request, recipient)  # (2)
    return visit.page(
        "family-paper.html", answer=answer, recipient=recipient, recipients=RECIPIENTS, child=child,
        purpose=kept[0], reference=kept[1],
    )  # fmt: skip
