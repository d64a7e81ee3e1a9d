"""Whether a hub's process answers, for the health checks of containers; asks by itself, imports no hub.

A check runs every few seconds beside the process it looks at, so that it must cost next to nothing.
"""

from __future__ import annotations

import http.client
import os
from typing import Final
from urllib.parse import urlsplit

SECONDS: Final = 4.0
_HERE: Final = "127.0.0.1:8080"


def own_address() -> str:
    """Where this machine's hub says that it is ready: `HUB_LISTEN`, with loopback for every address."""
    host, _, port = os.environ.get("HUB_LISTEN", _HERE).rpartition(":")
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', '[::]') else host}:{port}/readyz"  # noqa: S104


def is_well(url: str) -> bool:
    """Whether the address answers with 200 within four seconds.

    Trust: asked directly, by no proxy of the environment; redirections are not followed.
    """
    parts = urlsplit(url)
    try:
        if parts.scheme != "http" or not parts.hostname:
            return False
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=SECONDS)
        try:
            connection.request("GET", parts.path or "/")
            return connection.getresponse().status == 200
        finally:
            connection.close()
    except (OSError, ValueError, http.client.HTTPException):
        return False


def exit_code(arguments: list[str]) -> int:
    """0 where the address (by default this machine's hub) answers well, else 1."""
    return 0 if is_well(arguments[0] if arguments else own_address()) else 1
