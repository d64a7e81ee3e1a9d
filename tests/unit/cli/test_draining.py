"""A serving process that is asked to end lets each answer end its connection, then closes its stores."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from hub.cli.draining import LINGER_SECONDS, Draining
from tests.support.hub_process import free_port


@pytest.fixture
def handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


@pytest.mark.req("H-03")
@pytest.mark.usefixtures("handlers")
def test_a_client_that_asks_on_is_told_before_its_connection_ends() -> None:
    """The server runs in the main thread, where signals are; the client asks from another."""
    closed: list[float] = []
    app = Draining(Starlette(routes=[Route("/", hello)]), lambda: closed.append(time.monotonic()))
    port = free_port()
    web = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", access_log=False))
    said: list[str | None] = []
    cut: list[Exception] = []

    def ask() -> None:
        while not web.started:
            time.sleep(0.01)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
            for count in range(1_000):
                if count == 5:
                    os.kill(os.getpid(), signal.SIGTERM)
                try:
                    said.append(http.get("/").headers.get("Connection"))
                except httpx.ConnectError:
                    return
                except httpx.TransportError as fault:
                    cut.append(fault)
                time.sleep(0.02)

    client = threading.Thread(target=ask)
    client.start()
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: ended.append(number))
    began = time.monotonic()
    web.run()
    client.join(10)
    assert said[:5] == [None] * 5
    assert said[-1] == "close" and said.index("close") <= 7
    assert len(cut) <= 1, "only what connects in the very moment of the end may find nobody"
    assert len(closed) == 1 and closed[0] - began >= LINGER_SECONDS
    assert ended == [signal.SIGTERM], "whoever had the signal before gets it back at the end"
