"""What a process without doors tells operators: that it lives, whether it can work, its numbers."""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.api import quiet_libraries
from hub.errors import HubError

_START_SECONDS: Final = 10.0
_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


def operators_application(
    failing: Callable[[], Sequence[str]], metrics: Callable[[], bytes], token: str | None
) -> Starlette:
    """`/healthz`, `/readyz` and `/metrics`, and nothing else.

    Shape: `failing` names the parts that cannot work now, in the hub's own words.
    Trust: the numbers are for who holds the token, compared in constant time; without one nobody gets them.
    """

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_: Request) -> Response:
        parts = list(await run_in_threadpool(failing))
        return JSONResponse(
            {"status": "not ready" if parts else "ready", "failing": parts}, 503 if parts else 200
        )

    async def numbers(request: Request) -> Response:
        if token is None:
            return JSONResponse({"status": "not found"}, 404)
        given = request.headers.get("Authorization", "").encode("latin-1")
        if not hmac.compare_digest(given, f"Bearer {token}".encode()):
            return JSONResponse({"status": "unauthorised"}, 401, {"WWW-Authenticate": "Bearer"})
        return Response(await run_in_threadpool(metrics), media_type=_TYPE)

    return Starlette(
        routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", numbers)]
    )


@contextmanager
def answering(app: Starlette, address: tuple[str, int] | None) -> Iterator[None]:
    """Answer operators in a thread while the block runs; nowhere without an address.

    Raises: HubError store, where this process cannot listen there.
    """
    if address is None:
        yield
        return
    quiet_libraries()
    web = uvicorn.Server(
        uvicorn.Config(
            app,
            host=address[0],
            port=address[1],
            access_log=False,
            log_level="critical",
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=2,
            limit_concurrency=50,
        )
    )

    def run() -> None:
        try:
            web.run()
        except SystemExit:
            return  # it could not listen, which the wait below finds out

    thread = threading.Thread(target=run, name="operators", daemon=True)
    thread.start()
    try:
        give_up = time.monotonic() + _START_SECONDS
        while not web.started:
            if not thread.is_alive() or time.monotonic() > give_up:
                raise HubError("store", "Nothing can listen at HUB_OPERATIONS_LISTEN; is it in use?")
            time.sleep(0.01)
        yield
    finally:
        web.should_exit = True
        thread.join(5)
