"""Problem documents (RFC 9457): every refusal of the API is made here, and nothing received is in one."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from hub.api.answers import json_bytes
from hub.envelope import JsonObject
from hub.errors import IMMEDIATE_DANGER, PROBLEMS, HubError

MEDIA_TYPE: Final = "application/problem+json"
WRONG_PARAMETER: Final = "A parameter or member is missing or not of the form in the API description."
WRONG_QUERY: Final = "A query parameter is missing or not of the form in the API description."
UNKNOWN_QUERY: Final = "A query parameter is not one of those that the API description names for this route."
_TRY_AGAIN: Final = frozenset({429, 503})


def problem_document(error: HubError, instance: str) -> JsonObject:
    """One refusal as data; `instance` is random, so that a caller can name it to the hub's operator."""
    return error.document(instance)


def problem_response(error: HubError, instance: str) -> Response:
    """One refusal as an answer, with the headers that its status asks for."""
    headers = {"Cache-Control": "no-store"}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if error.status in _TRY_AGAIN:
        headers["Retry-After"] = str(error.retry_after or 1)
    return Response(
        json_bytes(problem_document(error, instance)), error.status, headers, media_type=MEDIA_TYPE
    )


def fault_response(instance: str) -> Response:
    """The answer to a fault of the hub's own; it tells only how to name the fault to the operator."""
    document: JsonObject = {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "instance": f"urn:uuid:{instance}",
    }
    return Response(json_bytes(document), 500, {"Cache-Control": "no-store"}, media_type=MEDIA_TYPE)


def install_problems(app: FastAPI, new_instance: Callable[[], str]) -> None:
    """Turn every refusal into a problem document, the framework's own ones too.

    Trust: the framework's 422 answer echoes the input; here it becomes a constant sentence.
    """

    def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, HubError)
        return problem_response(error, new_instance())

    def not_valid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        in_query = all(one["loc"][0] == "query" for one in error.errors())
        detail = WRONG_QUERY if in_query else WRONG_PARAMETER
        return problem_response(HubError("schema", detail), new_instance())

    def no_route(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 405:
            answer = problem_response(
                HubError("not-found", "This method is not offered under this address.", status=405),
                new_instance(),
            )
            allowed = (error.headers or {}).get("Allow", "").split(", ")
            # What answers GET answers HEAD too, which the routes do not know.
            answer.headers["Allow"] = ", ".join([*allowed, "HEAD"] if "GET" in allowed else allowed)
            return answer
        if error.status_code == 404:
            return problem_response(HubError("not-found"), new_instance())
        return problem_response(HubError("schema", WRONG_PARAMETER, status=error.status_code), new_instance())

    app.add_exception_handler(HubError, refused)
    app.add_exception_handler(RequestValidationError, not_valid)
    app.add_exception_handler(HTTPException, no_route)


def problem_page(slug: str) -> str | None:
    """What one kind of refusal means and what to do about it, as a small page."""
    problem = PROBLEMS.get(slug)
    if problem is None:
        return None
    title, fix = escape(problem.title), escape(problem.fix)
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{title}</title></head><body><main>"
        f"<p><strong>{escape(IMMEDIATE_DANGER)}</strong></p><h1>{title}</h1>"
        f"<p>{fix}</p><p>Problem <code>{problem.slug}</code>, status {problem.status}.</p>"
        "</main></body></html>"
    )
