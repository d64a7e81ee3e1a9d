"""The hub's own record, through its Python interface, without the doors before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Final

from bench.clients import CONTENT, Call
from bench.measure import SystemChance, draft
from bench.peers.peer import Peer
from bench.servers import database
from hub.record import Append, Record

NAME: Final = "the hub's record on PostgreSQL"


class _Own:
    def __init__(self, record: Record) -> None:
        self._record: Final = record
        self._numbers: Final = count()

    def client(self, number: int) -> Call:
        record, numbers = self._record, self._numbers
        return lambda: record.append(Append((draft(next(numbers), CONTENT),))).result()


@contextmanager
def opened(folder: Path, clients: int) -> Iterator[Peer]:
    """One record, whatever the number of clients."""
    url, chance = database(), SystemChance()
    Record.migrate(url, master_key=bytes(32), chance=chance)
    with closing(Record.open(url, master_key=bytes(32), chance=chance)) as record:
        yield _Own(record)
