"""Serving: the doors over HTTP, and beside them the projector and the ledger's checkpoints."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from fastapi import FastAPI

from hub.api import create_app, quiet_libraries
from hub.cli.compose import Hub
from hub.errors import HubError
from hub.web import router

CHECKPOINT_SECONDS: Final = 1.0


@contextmanager
def working(hub: Hub) -> Iterator[None]:
    """Keep the projection up and the ledger signed while the hub is used; stop both at the end."""
    hub.runner.start()
    stopping = threading.Event()
    thread = threading.Thread(target=_sign_checkpoints, args=(hub, stopping), name="checkpoints", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def application(hub: Hub) -> FastAPI:
    """The API and the pages as one application."""
    return create_app(hub.services, router(hub.pages))


def server(hub: Hub, host: str, port: int) -> uvicorn.Server:
    """A server that is not running yet; it writes no access lines (they would hold addresses)."""
    quiet_libraries()
    config = uvicorn.Config(
        application(hub),
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=True,
        # The sender's address is what limits callers without a token: only a named proxy may set it.
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=10,
    )
    return uvicorn.Server(config)


def serve_until_told(web: uvicorn.Server) -> bool:
    """Serve until interrupted or terminated, and come back; False where it could not listen.

    Why: Uvicorn hands the signal on to whoever had it before, and by default that ends the process
    before anything is closed. A second signal while it closes changes nothing.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: setattr(web, "should_exit", True))
    try:
        web.run()
    except SystemExit:
        return False
    return True


def _sign_checkpoints(hub: Hub, stopping: threading.Event) -> None:
    """Every second; a fault shows in readiness and is tried again, it never ends the thread."""
    failing = False
    while True:
        last = stopping.wait(CHECKPOINT_SECONDS)
        try:
            hub.store.record.ledger.integrate(hub.store.clock.wall())
            failing = False
        except HubError as error:
            if not failing:
                hub.services.log.part("part-failed", "ledger", type(error).__name__)
            failing = True
        if last:
            return
