"""Routes of those who govern: reports of many children, and of organisations (R-186)."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response

from hub.api import report_shapes as shapes
from hub.api.access import Governing, services_of
from hub.api.answers import JsonAnswer
from hub.api.children import CSV, JSON, acceptable
from hub.api.description import FOLDED, answers, both, content, operation_id, refuses
from hub.api.services import Reports
from hub.api.table import MEDIA_TYPE
from hub.errors import HubError

routes = APIRouter(tags=["those who govern"], generate_unique_id_function=operation_id)
_FILE: Final = 'attachment; filename="report.csv"'


@routes.get(
    "/v1/reports", responses=answers(shapes.ListedReports, "The reports") | refuses(*FOLDED, "not-found")
)
def reports(request: Request, who: Governing) -> Response:
    """The reports that the caller may have, and the last year that can be reported."""
    found = _reports(request)
    return JsonAnswer(
        {
            "reports": [{"report": name, "title": title} for name, title in found.listed(who).items()],
            "latest": shapes.year_json(found.latest()),
        }
    )


@routes.get(
    "/v1/reports/self-assessment",
    responses=both(
        answers(shapes.SelfAssessmentAnswer, "The self-assessment"), content(CSV, "Its scores, one a line")
    )
    | refuses(*FOLDED, "not-found", ("media-type", 406)),
)
def self_assessment(request: Request, who: Governing) -> Response:
    """What organisations scored against the framework, cycle by cycle; about no child."""
    form, found = _form(request), _reports(request)
    answer = found.self_assessment(who)
    if form == JSON:
        return JsonAnswer(shapes.self_assessment_json(answer, found.framework))
    return _sheet(shapes.self_assessment_csv(answer))


@routes.get(
    "/v1/reports/{report}",
    responses=both(answers(shapes.ReportAnswer, "The report"), content(CSV, "Its values, one a line"))
    | refuses(*FOLDED, "not-found", "schema", ("media-type", 406)),
)
def report(
    request: Request,
    who: Governing,
    report: Annotated[str, Path(max_length=64)],
    year: Annotated[
        int | None, Query(ge=2000, le=9000, description="Begins on 1 April of it; unset: the latest")
    ] = None,
) -> Response:
    """One report of a finished year, as JSON or CSV by `Accept`; null and "withheld" are small numbers."""
    form = _form(request)
    answer = _reports(request).report(who, report, year)
    return JsonAnswer(shapes.report_json(answer)) if form == JSON else _sheet(shapes.report_csv(answer))


def _reports(request: Request) -> Reports:
    found = services_of(request).reports
    if found is None:
        raise HubError("not-found")
    return found


def _form(request: Request) -> str:
    return acceptable(request.headers.get("accept", "*/*"))


def _sheet(body: bytes) -> Response:
    headers = {"Cache-Control": "no-store", "Content-Disposition": _FILE}
    return Response(body, 200, headers, media_type=MEDIA_TYPE)
