"""The session of a signed-in person: one sealed cookie, readable by the hub alone.

Sealed rather than only signed: it holds which child is being looked at and why, and browsers of shared
computers are read by others. No part of it is ever in an address.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import orjson
from cryptography.fernet import Fernet, InvalidToken
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=8)
COOKIE_LIMIT: Final = 4000
"""Browsers drop cookies over 4,096 bytes with their name and attributes, in silence."""


class SealedSessions:
    """ASGI middleware that opens `scope["session"]` from its cookie and seals it again.

    1. Open the cookie; one that is missing, forged or idle for too long gives an empty session.
    2. Serve the request.
    3. Seal what the session holds now, dated now; an emptied session deletes the cookie.
    """

    def __init__(self, app: ASGIApp, *, key: bytes, wall: Callable[[], datetime], secure: bool) -> None:
        self._app = app
        self._sealer = Fernet(base64.urlsafe_b64encode(key))
        self._wall = wall
        self._secure = secure

    @property
    def cookie(self) -> str:
        """The cookie's name; the __Host- prefix keeps sibling domains from setting it."""
        return "__Host-hub" if self._secure else "hub-session"

    def seal(self, session: dict[str, object]) -> str:
        """The cookie's value for this session."""
        text = orjson.dumps(session)
        return self._sealer.encrypt_at_time(text, int(self._wall().timestamp())).decode()

    def open(self, value: str | None) -> dict[str, object]:
        """The session in this cookie's value, empty where it is not one of ours or too old."""
        if not value:
            return {}
        try:
            now = int(self._wall().timestamp())
            text = self._sealer.decrypt_at_time(value, int(IDLE.total_seconds()), now)
        except InvalidToken:
            return {}
        opened = orjson.loads(text)
        return opened if isinstance(opened, dict) else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request with its session."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = HTTPConnection(scope).cookies.get(self.cookie)
        session = self.open(sent)  # (1)
        scope["session"] = session

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and (session or sent):
                MutableHeaders(scope=message).append("set-cookie", self._header(session))  # (3)
            await send(message)

        await self._app(scope, receive, with_cookie)  # (2)

    def _header(self, session: dict[str, object]) -> str:
        attributes = "Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if self._secure else "")
        value = self.seal(session) if session else ""
        if not value or len(value) > COOKIE_LIMIT:
            return f"{self.cookie}=; Max-Age=0; {attributes}"
        return f"{self.cookie}={value}; {attributes}"
