"""A browser without JavaScript against the pages, with sample facades behind them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

sys.path.insert(0, str(Path(__file__).parent))

import sample_services

from hub.web import WebServices, router
from hub.web.sessions import SealedSessions

Browser = Callable[..., httpx.AsyncClient]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def browser() -> Browser:
    """A client signed in as a person, or as nobody; with or without a purpose chosen."""

    def make(
        services: WebServices,
        person: str | None = "social-care.s-csc/sw-s1",
        *,
        purpose: bool = True,
        since: int | None = None,
    ) -> httpx.AsyncClient:
        app = Starlette(routes=router(services))
        sessions = SealedSessions(app, key=services.session_key, wall=services.wall, secure=False)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub.example")
        if person:
            session: dict[str, object] = {
                "person": person,
                "since": int(services.wall().timestamp()) if since is None else since,
                "form_token": "form-token-of-this-session",
            }
            if purpose:
                session["purposes"] = {sample_services.CHILD: ["strategy-meeting", "M2"]}
            client.cookies.set("hub-session", sessions.seal(session), domain="hub.example")
        return client

    return make
