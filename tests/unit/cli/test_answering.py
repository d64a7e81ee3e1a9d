"""An answer leaves in one piece, in order, and nothing of it is kept back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from hub.cli.answering import Answering, Together


class Wire(asyncio.Transport):
    """What was written, one item for each call, and whether the connection was closed then."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        assert not self.closed
        self.written.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default


async def turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def on_wire(work: Callable[[Together], object]) -> Wire:
    async def run() -> Wire:
        wire = Wire()
        work(Together(wire, asyncio.get_running_loop()))
        await turns()
        return wire

    return asyncio.run(run())


def answered(body: list[bytes], request: bytes = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n") -> Wire:
    async def app(scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        length = str(sum(map(len, body))).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        for part in body:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def run() -> Wire:
        config = uvicorn.Config(app, http=Answering, lifespan="off", access_log=False, log_level="error")
        config.load()
        wire, serving = Wire(), Answering(config, ServerState(), {})
        serving.connection_made(wire)
        serving.data_received(request)
        await turns()
        return wire

    return asyncio.run(run())


def test_head_and_body_of_an_answer_are_one_piece() -> None:
    wire = answered([b"what is said"])
    assert len(wire.written) == 1 and not wire.closed
    assert wire.written[0].startswith(b"HTTP/1.1 200 OK\r\n")
    assert wire.written[0].endswith(b"\r\n\r\nwhat is said")


@pytest.mark.req("H-03")
def test_a_connection_that_ends_with_its_answer_ends_after_it() -> None:
    wire = answered([b"last"], b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
    assert b"".join(wire.written).endswith(b"\r\n\r\nlast") and wire.closed


@pytest.mark.parametrize(
    "parts", [[b"x" * 20_000], [b"a" * 9000, b"b", b"c" * 9000, b"d"], [b"1", b"2", b"3"]]
)
def test_a_body_of_any_form_leaves_whole_and_in_order(parts: list[bytes]) -> None:
    wire = answered(parts)
    assert b"".join(wire.written).partition(b"\r\n\r\n")[2] == b"".join(parts)


@pytest.mark.req("H-03")
def test_what_nothing_follows_leaves_at_the_next_turn() -> None:
    assert on_wire(lambda together: together.write(b"alone")).written == [b"alone"]
    assert on_wire(lambda together: together.write(b"")).written == []


def test_what_is_large_is_not_held() -> None:
    wire = Wire()
    loop = asyncio.new_event_loop()
    Together(wire, loop).write(b"x" * 8192)
    loop.close()
    assert wire.written == [b"x" * 8192]


@pytest.mark.req("H-03")
def test_what_is_held_leaves_before_the_end_and_not_after_it() -> None:
    def written_and_closed(together: Together) -> None:
        together.write(b"head")
        together.close()

    def written_and_aborted(together: Together) -> None:
        together.write(b"head")
        together.abort()

    def written_and_lost(together: Together) -> None:
        together.write(b"head")
        together._connection.close()  # by the other side

    assert on_wire(written_and_closed).written == [b"head"]
    assert on_wire(written_and_aborted).written == on_wire(written_and_lost).written == []
