"""Message DB: an event store made of functions inside PostgreSQL, on the same server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psycopg

from bench.clients import CONTENT, Call
from bench.peers.peer import Missing, Peer
from bench.servers import database

NAME: Final = "Message DB on PostgreSQL"
_HERE: Final = Path(__file__).parent
_LISTS: Final = ("package.json", "package-lock.json")
_INSTALL: Final = "node_modules/@eventide/message-db/database/install.sh"
_DATA: Final = json.dumps({"content": CONTENT.hex()[: len(CONTENT)]})
_WRITE: Final = b"SELECT write_message(%b, %b, 'Posted', %b::jsonb)"


class _MessageDb:
    def __init__(self, connections: list[psycopg.Connection]) -> None:
        self._connections: Final = connections
        self._numbers: Final = count()

    def client(self, number: int) -> Call:
        connection, numbers = self._connections[number], self._numbers

        def call() -> None:
            stream = f"child-{next(numbers) % 500:08d}"
            connection.execute(_WRITE, (str(uuid.uuid4()), stream, _DATA), prepare=True)

        return call


@contextmanager
def opened(folder: Path, clients: int) -> Iterator[Peer]:
    """Its own script installs it into a new database.

    Raises: Missing.
    """
    for program in ("npm", "psql", "bash"):
        if shutil.which(program) is None:
            raise Missing(f"there is no {program} here")
    place = folder / "message-db"
    place.mkdir()
    for one in _LISTS:
        shutil.copy(_HERE / one, place / one)
    _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], place, {})
    url = database()
    at = urlsplit(url)
    where = {
        "PGHOST": at.hostname or "",
        "PGPORT": str(at.port),
        "PGUSER": at.username or "",
        "DATABASE_NAME": at.path[1:],
        "CREATE_DATABASE": "off",
    }
    _run(["bash", _INSTALL], place, where)
    with ExitStack() as connections:
        yield _MessageDb(
            [
                connections.enter_context(
                    psycopg.connect(url, autocommit=True, options="-c search_path=message_store,public")
                )
                for _ in range(clients)
            ]
        )


def _run(command: list[str], folder: Path, settings: dict[str, str]) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, env=os.environ | settings, capture_output=True, timeout=120
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Missing(f"{command[0]} did not end in time") from None
    if done.returncode != 0:
        raise Missing(f"{command[0]} could not install it")
