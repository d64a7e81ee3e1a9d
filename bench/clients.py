"""Clients that each ask one thing after another, and the limit that they measure in the database."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from typing import Final, Self

import psycopg

CONTENT: Final = os.urandom(1024)
CLIENTS: Final = 16
# The columns and the two indexes that any table of events needs; the content as it comes.
_TABLE: Final = (
    'CREATE TABLE single (stream text COLLATE "C", version bigint, topic text COLLATE "C", state bytea,'
    " position bigserial UNIQUE, PRIMARY KEY (stream, version))",
    "ALTER TABLE single ALTER COLUMN state SET STORAGE EXTERNAL",
)
_ONE: Final = b"INSERT INTO single (stream, version, topic, state) VALUES (%b, %b, %b, %b)"
_MANY: Final = (
    b"INSERT INTO single (stream, version, topic, state)"
    b" SELECT * FROM unnest(%b::text[], %b::bigint[], %b::text[], %b::bytea[])"
)
_TOPIC: Final = "hub-event-1"
_PGBENCH: Final = (
    "\\set version random(1, 1000000000000000)\n"
    "INSERT INTO single (stream, version, topic, state)"
    f" VALUES ('child/' || :client_id, :version, '{_TOPIC}', decode('{CONTENT.hex()}', 'hex'));\n"
)
Call = Callable[[], object]


def closed_loop(calls: Sequence[Call], seconds: float) -> float:
    """Answers per second of clients, each in a thread of its own, each waiting for its answer.

    Shape: what is begun when the time is up is brought to its end, and counts.
    """
    ready = threading.Barrier(len(calls))

    def run(call: Call) -> tuple[int, float, float]:
        ready.wait()
        began = now = time.perf_counter()
        done = 0
        while now - began < seconds:
            call()
            done += 1
            now = time.perf_counter()
        return done, began, now

    with ThreadPoolExecutor(len(calls)) as threads:
        runs = list(threads.map(run, calls))
    return sum(done for done, _, _ in runs) / (max(r[2] for r in runs) - min(r[1] for r in runs))


class Inserts:
    """The database's own rate: rows of 1 KB, each durable when its prepared INSERT has answered.

    Shape: psycopg, one connection for each client, in autocommit.
    """

    def __init__(self, url: str, clients: int = CLIENTS) -> None:
        self._url: Final = url
        self._open: Final = ExitStack()
        self._versions: Final = count(1)
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in _TABLE:
                connection.execute(statement.encode())
        self._connections: Final = [
            self._open.enter_context(psycopg.connect(url, autocommit=True)) for _ in range(clients)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def singles(self, seconds: float, clients: int | None = None) -> float:
        """Rows per second, one in a statement, on so many of the connections."""
        chosen = self._connections[:clients]
        return closed_loop([self._single(one, number) for number, one in enumerate(chosen)], seconds)

    def pgbench(self, seconds: int) -> float | None:
        """Rows per second of the same insert from the server's own load tool, None where there is none."""
        program = shutil.which("pgbench")
        if program is None:
            return None
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(_PGBENCH)
            script.flush()
            command = [program, "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds)]
            done = subprocess.run(
                [*command, "-f", script.name, self._url], capture_output=True, text=True, timeout=60
            )  # fmt: skip
        found = re.search(r"^tps = ([0-9.]+)", done.stdout, re.MULTILINE)
        return float(found[1]) if found else None

    def hundreds(self, seconds: float, clients: int) -> float:
        """Rows per second, a hundred in a statement of four parallel arrays."""
        chosen = self._connections[:clients]
        return 100 * closed_loop([self._hundred(one, n) for n, one in enumerate(chosen)], seconds)

    def _single(self, connection: psycopg.Connection, number: int) -> Call:
        versions = self._versions

        def call() -> None:
            version = next(versions)
            row = (f"child/{number}-{version % 500:08d}", version, _TOPIC, CONTENT)
            connection.execute(_ONE, row, prepare=True)

        return call

    def _hundred(self, connection: psycopg.Connection, number: int) -> Call:
        versions = self._versions

        def call() -> None:
            some = [next(versions) for _ in range(100)]
            streams = [f"child/{number}-{version % 500:08d}" for version in some]
            rows = (streams, some, [_TOPIC] * 100, [CONTENT] * 100)
            connection.execute(_MANY, rows, prepare=True, binary=True)

        return call
