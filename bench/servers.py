"""The database servers of the bench: one of its own, and one whose disk flushes slowly."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

import psycopg

from tests.support.postgres_server import NoServer, Server, fresh_database, new_server

_SHIM: Final = Path(__file__).with_name("slow_flush.c")
_FLUSH_SECONDS: Final = 0.001
_TRIES: Final = 20


@cache
def server() -> Server:
    """A PostgreSQL server with fsync and synchronous_commit on; it ends with this process.

    Raises: NoServer.
    """
    return new_server()


def database() -> str:
    """The address of a new empty database on it.

    Raises: NoServer.
    """
    return fresh_database(server())


@contextmanager
def slow_database() -> Iterator[str]:
    """A new empty database on a server each of whose flushes takes a millisecond longer.

    1. Compile the library that does it, where the server's account may read it.
    2. Start a server with it.
    3. Look whether it works: what cannot be loaded is passed over without a word.

    Raises: NoServer, with the reason.
    """
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as name:
        library = _compiled(Path(name))  # 1.
        before = os.environ.get("LD_PRELOAD")
        os.environ["LD_PRELOAD"] = str(library)
        try:
            slow = new_server()  # 2.
        finally:
            if before is None:
                del os.environ["LD_PRELOAD"]
            else:
                os.environ["LD_PRELOAD"] = before
        try:
            url = fresh_database(slow)
            if _seconds_of_a_commit(url) < _FLUSH_SECONDS:  # 3.
                raise NoServer("the server's flushes could not be slowed")
            yield url
        finally:
            slow.remove()


def _compiled(folder: Path) -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        raise NoServer("there is no C compiler for Linux here")
    folder.chmod(0o755)
    library = folder / "slow_flush.so"
    command = [compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(_SHIM), "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise NoServer("the C compiler failed")
    return library


def _seconds_of_a_commit(url: str) -> float:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE flushed (number bigint)")
        took = []
        for number in range(_TRIES):
            began = time.perf_counter()
            connection.execute("INSERT INTO flushed VALUES (%s)", (number,))
            took.append(time.perf_counter() - began)
    return sorted(took)[_TRIES // 2]
