"""What a route says of its answers and refusals, and the document that is made of it at /openapi.json.

Trust: the framework's own description would name refusals that the hub never sends, and its validation
error, which holds what was received.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeAlias

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from hub.api.problems import MEDIA_TYPE as PROBLEM
from hub.api.shapes import Fault, Problem
from hub.errors import PROBLEMS

PROBLEMS_MEMBER: Final = "x-problems"
"""Beside a refusal's status: the closed list of slugs that it can have on this route."""

Responses: TypeAlias = dict[int | str, dict[str, Any]]
Refusal: TypeAlias = str | tuple[str, int]
"""A slug, or a slug with a status of its own."""

# What every route with a caller can answer, and what every read that rests on the views can.
CALLED: Final[tuple[Refusal, ...]] = ("token", "rate", "store", "schema")
FOLDED: Final[tuple[Refusal, ...]] = (*CALLED, "views-behind")
# What every read of a named child can answer.
CHILD: Final[tuple[Refusal, ...]] = (*FOLDED, "not-found", "purpose", ("purpose", 400))

_NEEDED: Final = frozenset({"Access-Purpose", "mine"})
_DEFAULTS: Final = frozenset({"HTTPValidationError", "ValidationError"})
_TEXT: Final = {"schema": {"type": "string"}}
_HEADERS: Final = {
    401: {"WWW-Authenticate": _TEXT},
    429: {"Retry-After": {"description": "Seconds", **_TEXT}},
    503: {"Retry-After": {"description": "Seconds", **_TEXT}},
}


def answers(shape: object, description: str, status: int = 200) -> Responses:
    """An answer in JSON of this shape."""
    return {status: {"model": shape, "description": description}}


def content(media_type: str, description: str, *, binary: bool = False, **headers: str) -> Responses:
    """An answer that is not JSON, with the headers that it brings; `_` in their names stands for `-`."""
    schema = {} if binary else {"type": "string"}
    answer: dict[str, Any] = {"description": description, "content": {media_type: {"schema": schema}}}
    if headers:
        answer["headers"] = {
            name.replace("_", "-"): {"description": told, **_TEXT} for name, told in headers.items()
        }
    return {200: answer}


def both(first: Responses, second: Responses) -> Responses:
    """Two descriptions of the same status as one: the same answer in either of two forms."""
    merged = dict(first)
    for status, answer in second.items():
        merged[status] = {**answer, **merged.get(status, {})}
    return merged


def refuses(*refusals: Refusal) -> Responses:
    """The refusals of a route by status, each with its closed list of slugs; and the hub's own fault."""
    by_status: dict[int, list[str]] = {}
    for one in dict.fromkeys(refusals):
        slug, status = one if isinstance(one, tuple) else (one, PROBLEMS[one].status)
        by_status.setdefault(status, []).append(slug)
    found: Responses = {status: _refused(status, slugs) for status, slugs in sorted(by_status.items())}
    found[500] = {"description": "A fault of the hub's own", "content": {PROBLEM: _reference("Fault")}}
    return found


def request_body(media_type: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The body that a route reads by itself, within the route's limit."""
    content = {media_type: {"schema": schema}}
    return {"requestBody": {"required": True, "description": description, "content": content}}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an application.

    1. The framework's document of the routes, which say themselves what they answer.
    2. The shapes of refusals, which every route names.
    3. Optional parameters are left out or given: there is no null in an address or a header.
    4. What a route refuses to go without is no option, though the framework passes it on: the refusal of a
       read is recorded behind the facade.
    5. The framework's validation error, which is never sent, goes.
    """
    document = get_openapi(  # 1.
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    schemas = document["components"]["schemas"]
    schemas |= {shape.__name__: _schema(shape) for shape in (Problem, Fault)}  # 2.
    for operation in operations(document):
        for parameter in operation.get("parameters", ()):
            parameter["schema"] = _given(parameter["schema"])  # 3.
            if parameter["name"] in _NEEDED:  # 4.
                parameter["required"] = True
        responses = operation["responses"]
        for status in [one for one, answer in responses.items() if _is_default(answer)]:  # 5.
            del responses[status]
    document["components"]["schemas"] = {
        name: schema for name, schema in schemas.items() if name not in _DEFAULTS
    }
    return document


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation of a document."""
    for path in document["paths"].values():
        yield from path.values()


def operation_id(route: APIRoute) -> str:
    """The name of a route's function: what a generated client calls it."""
    return route.name


def _refused(status: int, slugs: Iterable[str]) -> dict[str, Any]:
    listed = sorted(set(slugs))
    told = "; ".join(f"`{slug}`: {PROBLEMS[slug].title}" for slug in listed)
    answer = {"description": told, "content": {PROBLEM: _reference("Problem")}, PROBLEMS_MEMBER: listed}
    return answer | ({"headers": _HEADERS[status]} if status in _HEADERS else {})


def _reference(name: str) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{name}"}}


def _schema(shape: type) -> dict[str, Any]:
    schema: dict[str, Any] = TypeAdapter(shape).json_schema(ref_template="#/components/schemas/{model}")
    return schema


def _given(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a value that is given, without the null of one that is not."""
    kinds: list[dict[str, Any]] = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    return {name: value for name, value in schema.items() if name != "anyOf"} | kinds[0]


def _is_default(answer: dict[str, Any]) -> bool:
    return any(
        str(form.get("schema", {}).get("$ref", "")).endswith("/HTTPValidationError")
        for form in answer.get("content", {}).values()
    )
