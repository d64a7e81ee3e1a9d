"""The page of a team manager: decisions of its own organisation that a rule refused."""

from __future__ import annotations

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from hub.web.visits import Visit

MOST: Final = 100
"""How many are on the page; the latest are those that can still be asked about."""


async def blocked(visit: Visit) -> Response:
    """The blocked decisions, the latest first."""
    rows = await run_in_threadpool(visit.services.officer.blocked_decisions, visit.reader)
    return visit.page("blocked-decisions.html", rows=rows[::-1][:MOST], most=MOST, more=len(rows) > MOST)
