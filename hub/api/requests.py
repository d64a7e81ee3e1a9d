"""What surrounds every request: the log line, the last resort for faults, and careful headers."""

from __future__ import annotations

import time
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub import metrics
from hub.api.problems import fault_response
from hub.api.services import Services
from hub.trace import BYTES, trace_of, traced

TRACE_HEADER: Final = "Trace-Id"
NO_ROUTE: Final = "none"
"""Stands for the template where no route matched."""


class Surroundings:
    """ASGI middleware around the whole application.

    1. Give the request a trace, by which its log line, its events and its accesses can be found; the
       answer names it. It is made anew for every request and says nothing of what was found.
    2. Serve the request; answers are kept by no cache and sniffed by no browser unless the route says so.
       HEAD is served as GET, recorded as one, and answered without the body (RFC 9110 9.3.2).
    3. A fault that no handler knew becomes a 500 without detail, and is logged by type name only.
    4. Count it, and log one line: the route's template and never the address, the status, the time it took.
    """

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = trace_of(self._services.chance.bytes(BYTES))  # 1.
        with traced(trace):
            await self._serve(scope, receive, send, trace)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, trace: str) -> None:
        method = scope["method"]
        if method == "HEAD":
            scope = {**scope, "method": "GET"}
        began = time.perf_counter()  # a duration, not a time: nothing depends on it
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[TRACE_HEADER] = trace
                headers.setdefault("Cache-Control", "no-store")
                headers.setdefault("X-Content-Type-Options", "nosniff")
            elif method == "HEAD" and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._app(scope, receive, noting)  # 2.
        except Exception as fault:  # 3.
            instance = self._services.chance.uuid()
            metrics.fault(route_template(scope))
            self._services.log.fault(
                route=route_template(scope), instance=instance, fault=type(fault).__name__
            )
            if status == 0:
                await fault_response(instance)(scope, receive, noting)
        finally:  # 4.
            seconds = time.perf_counter() - began
            method, route = method if method in metrics.METHODS else metrics.OTHER, route_template(scope)
            metrics.request(method=method, route=route, status=status, seconds=seconds)
            self._services.log.request(method=method, route=route, status=status, duration_ms=seconds * 1000)


def route_template(scope: Scope) -> str:
    """The template of the route that matched, e.g. `/v1/children/{child}/chronology`."""
    route = scope.get("route")
    if route is not None:
        return str(getattr(route, "path", "other"))
    endpoint = scope.get("endpoint")
    if endpoint is not None:
        for one in scope["app"].routes:
            if getattr(one, "endpoint", None) is endpoint:
                return str(getattr(one, "path", "other"))
    return NO_ROUTE
