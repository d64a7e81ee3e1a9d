"""The event store package that the record is built on, as it comes, on the same server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from bench.clients import CONTENT, Call
from bench.peers.peer import Peer
from bench.servers import database

NAME: Final = "eventsourcing, as it comes, on PostgreSQL"
_TEXT: Final = CONTENT.hex()[: len(CONTENT)]


class Child(Aggregate):
    """The smallest aggregate there is: its one event holds the content."""

    @event("Posted")
    def __init__(self, content: str) -> None:
        self.content = content


class _Package:
    def __init__(self, application: Application[Any]) -> None:
        self._application: Final = application

    def client(self, number: int) -> Call:
        application = self._application
        return lambda: application.save(Child(content=_TEXT))


@contextmanager
def opened(folder: Path, clients: int) -> Iterator[Peer]:
    """Its defaults, but with a connection for every client."""
    at = urlsplit(database())
    settings = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": at.path[1:],
        "POSTGRES_HOST": at.hostname or "",
        "POSTGRES_PORT": str(at.port),
        "POSTGRES_USER": at.username or "",
        "POSTGRES_PASSWORD": at.password or "none",
        "POSTGRES_POOL_SIZE": str(clients),
    }
    with closing(Application[Any](settings)) as application:
        yield _Package(application)
