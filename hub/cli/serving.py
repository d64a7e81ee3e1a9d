"""Serving: the doors over HTTP, and on SQLite beside them the projector and the ledger's checkpoints."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from hub.api import create_app, quiet_libraries
from hub.cli.answering import Answering
from hub.cli.checkpoints import Checkpoints
from hub.cli.compose import Hub
from hub.cli.draining import Draining
from hub.cli.notifying import Notifier
from hub.cli.ticking import Ticking
from hub.settings import Mode
from hub.web import router

GRACE_SECONDS: Final = 10
"""So long may a request that was begun before the signal to stop still take."""


@contextmanager
def working(hub: Hub) -> Iterator[None]:
    """Keep the projection up, the ledger signed, deadlines and notices watched; stop at the end.

    Shape: on PostgreSQL that is the work of other processes, and here nothing is started. In simulation
    nobody watches deadlines and notices: what is missed by then is for whoever moves the clock to ask.
    """
    settings = hub.store.settings
    if settings.on_postgresql:
        yield
        return
    with ExitStack() as parts:
        hub.projector.start()
        checkpoints = Checkpoints(hub.store, hub.services.log)
        checkpoints.start()
        parts.callback(checkpoints.close)
        if settings.mode is not Mode.SIMULATION:
            for part in (Ticking(hub, hub.services.log), Notifier(hub, hub.services.log)):
                part.start()
                parts.callback(part.close)
        yield


def application(hub: Hub) -> FastAPI:
    """The API and the pages as one application."""
    return create_app(hub.services, router(hub.pages))


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a server listens, with how many processes."""

    host: str
    port: int
    workers: int = 1


def configuration(app: ASGIApp | str, at: Listening) -> uvicorn.Config:
    """How the doors are served; an application's name instead of itself is for workers to make it.

    Trust: no access lines are written (they would hold addresses).
    """
    quiet_libraries()
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=at.workers,
        host=at.host,
        port=at.port,
        http=Answering,
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=True,
        # The sender's address is what limits callers without a token: only a named proxy may set it.
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def server(hub: Hub, host: str, port: int) -> uvicorn.Server:
    """A server that is not running yet."""
    return uvicorn.Server(configuration(Draining(application(hub)), Listening(host, port)))


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
