"""Small documents of the issuer over HTTP, within a time and a size that the issuer cannot stretch."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from functools import cache
from typing import Final

import httpx

LONGEST_WAIT: Final = 5.0
"""Seconds for one request in all: a limit for each read alone would let an answer drip for ever."""
LARGEST_DOCUMENT: Final = 1_000_000


async def ask(url: str, form: Mapping[str, str] | None = None, auth: httpx.Auth | None = None) -> bytes:
    """The body that an address of the issuer answers; with `form`, to a POST.

    Units: five seconds and a million bytes at most.
    Trust: no redirect is followed; it could lead to a server that the operator did not name.
    Raises: httpx.HTTPError, also for an answer that is too large; TimeoutError.
    """
    method = "GET" if form is None else "POST"
    headers = {"Accept": "application/json"}
    async with (
        asyncio.timeout(LONGEST_WAIT),
        httpx.AsyncClient(
            timeout=LONGEST_WAIT, follow_redirects=False, headers=headers, verify=_authorities()
        ) as client,
        client.stream(method, url, data=form, auth=auth) as answer,
    ):
        answer.raise_for_status()
        body = bytearray()
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > LARGEST_DOCUMENT:
                raise httpx.DecodingError("the document is too large")
        return bytes(body)


def fetch(url: str) -> bytes:
    """What `ask` gives, for a thread that runs no event loop.

    Raises: httpx.HTTPError, TimeoutError.
    """
    return asyncio.run(ask(url))


@cache
def _authorities() -> ssl.SSLContext:
    """Whose certificates are believed, read once: to read them takes longer than the request."""
    return httpx.create_ssl_context()
