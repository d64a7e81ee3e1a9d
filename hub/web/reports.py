"""The pages of those who govern: reports of many children, and the self-assessment of organisations."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from hub.errors import HubError
from hub.web.services import Reports
from hub.web.star import star
from hub.web.visits import Visit


def _reports(visit: Visit) -> Reports:
    if visit.services.reports is None:
        raise HubError("not-found")
    return visit.services.reports


async def listed(visit: Visit) -> Response:
    """The reports that this reader may have."""
    found = _reports(visit)
    return visit.page("reports.html", reports=found.listed(visit.reader), latest=found.latest())


async def report(visit: Visit) -> Response:
    """One report of a year, the latest unless the address names another."""
    name = visit.request.path_params["report"]
    asked = visit.request.query_params.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else None
    if asked and year is None:
        raise HubError("schema", "A year is four digits.", status=400)
    answer = await run_in_threadpool(_reports(visit).report, visit.reader, name, year)
    return visit.page("report.html", report=answer, latest=_reports(visit).latest())


async def self_assessment(visit: Visit) -> Response:
    """The self-assessment against the framework: star, table, weakest domains, actions."""
    found = _reports(visit)
    answer = await run_in_threadpool(found.self_assessment, visit.reader)
    return visit.page(
        "self-assessment.html", answer=answer, framework=found.framework, star=star(answer.star)
    )


async def domain(visit: Visit) -> Response:
    """One domain: its evidence summary, its statements with their scores, its principles (R-193)."""
    found = _reports(visit)
    named = found.framework.domain(visit.request.path_params["domain"])
    if named is None:
        raise HubError("not-found")
    answer = await run_in_threadpool(found.self_assessment, visit.reader)
    return visit.page("domain.html", domain=named, answer=answer)
