"""What surrounds every request: the log line, the last resort for faults, and careful headers."""

from __future__ import annotations

import time
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api.problems import fault_response
from hub.api.services import Services

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Surroundings:
    """ASGI middleware around the whole application.

    1. Serve the request; answers are kept by no cache and sniffed by no browser unless the route says so.
       HEAD is served as GET, recorded as one, and answered without the body (RFC 9110 9.3.2).
    2. A fault that no handler knew becomes a 500 without detail, and is logged by type name only.
    3. Log one line: the route's template and never the address, the status, the time it took.
    """

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
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
                headers.setdefault("Cache-Control", "no-store")
                headers.setdefault("X-Content-Type-Options", "nosniff")
            elif method == "HEAD" and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._app(scope, receive, noting)  # 1.
        except Exception as fault:  # 2.
            instance = self._services.chance.uuid()
            self._services.log.fault(
                route=route_template(scope), instance=instance, fault=type(fault).__name__
            )
            if status == 0:
                await fault_response(instance)(scope, receive, noting)
        finally:  # 3.
            self._services.log.request(
                method=method if method in _METHODS else "other",
                route=route_template(scope),
                status=status,
                duration_ms=(time.perf_counter() - began) * 1000,
            )


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
    return "none"
