"""How a serving process ends: it goes on for a moment, ending each connection with its next answer."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LINGER_SECONDS: Final = 0.3
"""Between the signal and the closing of idle connections; a busy client has had its answer by then."""


class Draining:
    """ASGI middleware that lets a process stop without cutting off a client that is about to ask.

    Why: a server that closes an idle connection may close it just as the next request arrives, which the
    client can then not tell from one that was begun. So each answer says first that it is the last.

    1. At the start, come before the server's own handlers of SIGTERM and SIGINT.
    2. When a signal comes, let every answer from now on end its connection.
    3. A moment later hand the signal on to the server, which stops accepting and finishes what it began.
    4. After the last answer, `close` what the application stands on.
    """

    def __init__(self, app: ASGIApp, close: Callable[[], None] = lambda: None) -> None:
        self._app: Final = app
        self._close: Final = close
        self._ending = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the server's start and end."""
        if scope["type"] == "lifespan" and threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):  # 1.
                signal.signal(number, self._delayed(signal.getsignal(number)))

        async def last(message: Message) -> None:
            if self._ending and message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Connection"] = "close"
            elif message["type"] == "lifespan.shutdown.complete":  # 4.
                await run_in_threadpool(self._close)
            await send(message)

        await self._app(scope, receive, last)

    def _delayed(self, handler: signal._HANDLER) -> Callable[[int, FrameType | None], None]:
        def asked(number: int, frame: FrameType | None) -> None:
            self._ending = True  # 2.
            if callable(handler):  # 3.
                timer = threading.Timer(LINGER_SECONDS, handler, (number, frame))
                timer.daemon = True
                timer.start()

        return asked
