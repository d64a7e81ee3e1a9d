"""Single posts taken in groups: what came while the last group was begun is begun together."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from hub import metrics
from hub.api.access import Access
from hub.api.problems import problem_response
from hub.api.services import BegunPost, PostedEvent, Services
from hub.directory import DirectoryState, Principal
from hub.errors import HubError
from hub.intake import Arrival, Arriving

MOST_TOGETHER: Final = 64
"""Larger groups would save no more, and each post waits until its whole group has been looked at."""
MOST_WAITING: Final = 8192
_OUTCOMES: Final = {201: metrics.KEPT, 200: metrics.REPEATED}


@dataclass(frozen=True, slots=True)
class Sent:
    """One post as it came: who says to send it, and its body or what the door has against that.

    Trust: nothing of it has been verified.
    """

    authorization: str | None
    body: bytes | HubError
    trace: str


class _Waiting:
    """A post in the queue, and the request that waits for it."""

    __slots__ = ("begun", "loop", "sent", "settled")

    def __init__(self, sent: Sent) -> None:
        self.sent: Final = sent
        self.loop: Final = asyncio.get_running_loop()
        self.settled: Final[asyncio.Future[None]] = self.loop.create_future()
        self.begun: BegunPost | Exception = HubError("store")


class Posting:
    """Finds out who posts, and hands the posts of a group to the intake together.

    Why: every look-up in the store is a round trip, and every thread that a request is handed to costs as
    much again; a group needs as many of both as one post does. Under no load a group is one post.
    Shape: one thread begins groups, and rests when nobody waits.
    """

    def __init__(self, services: Services, access: Access) -> None:
        self._services: Final = services
        self._access: Final = access
        self._waiting: Final[deque[_Waiting]] = deque()
        self._settled: Final[dict[asyncio.AbstractEventLoop, list[_Waiting]]] = {}
        self._lock: Final = threading.Lock()
        # Its own, and not the event loop's: that one would be woken once more for each group, to be told.
        self._thread: Final = ThreadPoolExecutor(1, thread_name_prefix="posts")
        self._beginning = False

    async def post(self, sent: Sent) -> PostedEvent:
        """The answer to one post.

        1. Wait until it has been begun, and where it was queued for a commit until that is known.
        2. Where it stands, its answer is made at once; everything else is judged beside the event loop.

        Raises: HubError with every slug that the route describes.
        """
        waiting = _Waiting(sent)  # 1.
        self._queue(waiting)
        await waiting.settled
        begun = waiting.begun
        if isinstance(begun, Exception):
            raise begun
        try:
            posted = begun.answer() if begun.stands else await run_in_threadpool(begun.answer)  # 2.
        except HubError as refusal:
            metrics.posted("http", refusal.slug)
            raise
        metrics.posted("http", _OUTCOMES[posted.status])
        return posted

    def _queue(self, waiting: _Waiting) -> None:
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                raise HubError("rate")
            self._waiting.append(waiting)
            if self._beginning:
                return
            self._beginning = True
        try:
            self._thread.submit(self._begin_all)
        except RuntimeError:  # the process is ending, and begins nothing any more
            with self._lock:
                self._beginning = False
            raise HubError("store") from None

    def _begin_all(self) -> None:
        while True:
            with self._lock:
                group = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_TOGETHER))]
                if not group:
                    self._beginning = False
                    return
            try:
                self._begin(group)
            except Exception as fault:  # of the store, or of the hub's own: the answer of all
                for one in group:
                    self._settle(one, fault)

    def _begin(self, group: list[_Waiting]) -> None:
        """Begin a group.

        1. Read the directory once, after all of them came: what it says by now binds each of them.
        2. Find out who sends each, count the request, and only then say what is wrong with its body.
        3. Hand the rest to the intake; wake each request when its post is durable, or needs a thread.
        """
        standing = self._services.bearer.standing()  # 1.
        sent: list[tuple[_Waiting, Arriving]] = []
        for one in group:  # 2.
            try:
                who = self._who(one.sent, standing)
                sent.append((one, Arriving(self._body(one.sent), who, Arrival(trace=one.sent.trace))))
            except Exception as refusal:
                self._settle(one, refusal)
        if not sent:
            return
        begun = self._services.intake.begin([arriving for _, arriving in sent], standing)  # 3.
        for (one, _), post in zip(sent, begun, strict=True):
            self._follow(one, post)

    def _who(self, sent: Sent, standing: DirectoryState) -> Principal:
        who = self._services.bearer.principal(sent.authorization, standing)
        return self._access.permitted(self._services, who)

    @staticmethod
    def _body(sent: Sent) -> bytes:
        if isinstance(sent.body, HubError):
            metrics.posted("http", sent.body.slug)
            raise sent.body
        return sent.body

    def _follow(self, one: _Waiting, post: BegunPost) -> None:
        if post.durable is None:
            self._settle(one, post)
        else:
            post.durable.add_done_callback(lambda _: self._settle(one, post))

    def _settle(self, one: _Waiting, begun: BegunPost | Exception) -> None:
        """Wake the request; its event loop is called once for all that settle before it comes to it."""
        one.begun = begun
        with self._lock:
            settled = self._settled.setdefault(one.loop, [])
            settled.append(one)
            if len(settled) > 1:
                return
        # RuntimeError: the loop was closed, and with it everybody who waited there.
        with suppress(RuntimeError):
            one.loop.call_soon_threadsafe(self._wake, one.loop)

    def _wake(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            settled = self._settled.pop(loop)
        for one in settled:
            if not one.settled.done():
                one.settled.set_result(None)


class PlainRoute(APIRoute):
    """A route that is described as any other, and whose function is served without the framework's machinery.

    Why: finding the parameters of a function takes the framework as long as the hub takes for all of a post
    but its signature. Such a function takes the request alone, and keeps to what its route declares of who
    may call it by itself.
    """

    def __init__(
        self, path: str, endpoint: Callable[[Request], Awaitable[Response]], **described: Any
    ) -> None:
        super().__init__(path, endpoint, **described)

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            answer = await endpoint(Request(scope, receive))
            await answer(scope, receive, send)

        self.app = serve

    def directly(self, app: FastAPI, new_instance: Callable[[], str]) -> ASGIApp:
        """What serves this route's requests beside the framework's layers, with the same answers.

        Why: each layer wraps the sending of each answer, and together they cost as much as a signature.
        """

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            scope["app"], scope["route"] = app, self
            try:
                await self.app(scope, receive, send)
            except HubError as refusal:
                await problem_response(refusal, new_instance())(scope, receive, send)

        return serve
