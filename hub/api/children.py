"""Routes of readers: who am I, my children, and what is known of one child."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from hub.api import reader_shapes as shapes
from hub.api.access import Purpose, Reference, SignedIn, services_of
from hub.api.answers import (
    JsonAnswer,
    chronology_json,
    deadlines_json,
    my_child_json,
    overview_json,
    own_open_item_json,
)
from hub.api.description import CALLED, CHILD, FOLDED, answers, both, content, operation_id, refuses
from hub.api.overview_shapes import OverviewAnswer
from hub.api.table import MEDIA_TYPE, chronology_csv
from hub.api.times import Day, Instant
from hub.disclosure.answers import Filters, ReadRequest
from hub.errors import HubError

CSV: Final = "text/csv"
JSON: Final = "application/json"

routes = APIRouter(tags=["readers"], generate_unique_id_function=operation_id)

Text = Annotated[str | None, Query(max_length=100)]
AsAt = Annotated[Instant | None, Query(description="What was known at this instant (RFC 3339)")]


# Any text is passed on: what is no id of a child is refused, and recorded, like any other unknown one.
Child = Annotated[str, Path(description="The hub's id of the child, a UUID")]


def filters_of(
    from_: Annotated[Day | None, Query(alias="from", description="First day, London, inclusive")] = None,
    to: Annotated[Day | None, Query(description="Last day, London, inclusive")] = None,
    agency: Text = None,
    event_type: Annotated[str | None, Query(alias="type", max_length=100)] = None,
    significance: Text = None,
    q: Text = None,
) -> Filters:
    """What the reader asked to see; it is applied to disclosed values only."""
    return Filters(from_, to, agency, event_type, significance, q)


@routes.get("/v1/me", responses=answers(shapes.Me, "Who the caller is") | refuses(*CALLED))
def me(request: Request, who: SignedIn) -> Response:
    """The caller's roles now, and the purposes they may read for."""
    return JsonAnswer(
        {
            "organisation": who.organisation,
            "person": who.person,
            "roles": sorted(who.roles),
            "purposes": tuple(services_of(request).purposes(who)),
        }
    )


@routes.get(
    "/v1/me/children", responses=answers(shapes.OwnChildren, "The caller's children") | refuses(*FOLDED)
)
def my_children(request: Request, who: SignedIn) -> Response:
    """The children the caller has a relationship with now."""
    children = services_of(request).disclosure.children(who)
    return JsonAnswer({"children": [my_child_json(one) for one in children]})


@routes.get(
    "/v1/me/open-items",
    responses=answers(shapes.OwnOpenItems, "What the caller's organisation is expected to do")
    | refuses(*FOLDED),
)
def my_open_items(request: Request, who: SignedIn) -> Response:
    """What is missing for the caller's children and expected of the caller's own organisation."""
    found = services_of(request).disclosure.open_items(who)
    return JsonAnswer({"open_items": [own_open_item_json(one) for one in found]})


@routes.get("/v1/children", responses=answers(shapes.FoundChild, "The child") | refuses(*CHILD))
def look_up(
    request: Request,
    who: SignedIn,
    purpose: Purpose,
    identifier: Annotated[str, Query(min_length=1, max_length=200)],
) -> Response:
    """The child with exactly this identifier, if the caller has a relationship with it; no browsing."""
    return JsonAnswer({"child": services_of(request).disclosure.lookup(who, identifier, purpose)})


@routes.get(
    "/v1/children/{child}/chronology",
    responses=both(
        answers(shapes.ChronologyAnswer, "One page of the chronology"),
        content(
            CSV,
            "One page of the chronology",
            Disclosure_Id="With CSV: the id of this disclosure",
            Next_Cursor="With CSV: the cursor of the next page, where there is one",
        ),
    )
    | refuses(*CHILD, ("media-type", 406)),
)
def chronology(
    request: Request,
    who: SignedIn,
    child: Child,
    purpose: Purpose,
    reference: Reference,
    filters: Annotated[Filters, Depends(filters_of)],
    as_at: AsAt = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """The merged chronology of a child, oldest first, as JSON or CSV by `Accept`.

    A CSV answer names its disclosure and the next page's cursor in `Disclosure-Id` and `Next-Cursor`.
    """
    form = acceptable(request.headers.get("accept", "*/*"))
    asked = ReadRequest(child, purpose, reference, as_at, filters, cursor, limit)
    answer = services_of(request).disclosure.chronology(who, asked)
    if form == JSON:
        return JsonAnswer(chronology_json(answer))
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": 'attachment; filename="chronology.csv"',
        "Disclosure-Id": answer.disclosure_id,
    }
    if answer.cursor is not None:
        headers["Next-Cursor"] = answer.cursor
    return Response(chronology_csv(answer), 200, headers, media_type=MEDIA_TYPE)


@routes.get(
    "/v1/children/{child}/overview",
    responses=answers(OverviewAnswer, "The overview") | refuses(*CHILD),
)
def overview(
    request: Request, who: SignedIn, child: Child, purpose: Purpose, reference: Reference, as_at: AsAt = None
) -> Response:
    """The cross-agency risk overview of a child: lines, clocks and what is missing, no score."""
    asked = ReadRequest(child, purpose, reference, as_at)
    return JsonAnswer(overview_json(services_of(request).disclosure.overview(who, asked)))


@routes.get(
    "/v1/children/{child}/deadlines",
    responses=answers(shapes.DeadlinesAnswer, "The clocks") | refuses(*CHILD),
)
def deadlines(
    request: Request, who: SignedIn, child: Child, purpose: Purpose, reference: Reference, as_at: AsAt = None
) -> Response:
    """The clocks of a child."""
    asked = ReadRequest(child, purpose, reference, as_at)
    return JsonAnswer(deadlines_json(services_of(request).disclosure.deadlines(who, asked)))


def acceptable(accept: str) -> str:
    """JSON unless CSV is preferred; a simple reading of `Accept` with its weights (RFC 9110 12.5.1).

    Raises: HubError media-type with status 406, before anything is read or recorded.
    """
    best, weight_of_best = "", 0.0
    for part in accept.lower().split(","):
        name, *parameters = (one.strip() for one in part.split(";"))
        offered = {CSV: CSV, "text/*": CSV, JSON: JSON, "application/*": JSON, "*/*": JSON}.get(name)
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    weight = float(parameter[2:])
                except ValueError:
                    weight = 0.0
        if offered is not None and weight > weight_of_best:
            best, weight_of_best = offered, weight
    if not best:
        raise HubError("media-type", "This answer is offered as application/json and text/csv.", status=406)
    return best
