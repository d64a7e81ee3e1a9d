"""UmaDB: an event store with a server and a disk format of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

from bench.clients import CONTENT, Call
from bench.peers.peer import Missing, Peer
from tests.support.hub_process import free_port

NAME: Final = "UmaDB"
_READY_SECONDS: Final = 20.0


class _Uma:
    def __init__(self, url: str, clients: int) -> None:
        import umadb

        self._umadb: Final = umadb
        self._clients: Final[list[Any]] = [umadb.Client(url) for _ in range(clients)]
        self._numbers: Final = count()

    def client(self, number: int) -> Call:
        client, made, numbers = self._clients[number], self._umadb.Event, self._numbers

        def call() -> None:
            tag = f"child/{next(numbers) % 500:08d}"
            client.append([made(event_type="Posted", data=CONTENT, tags=[tag], uuid=uuid.uuid4())])

        return call


@contextmanager
def opened(folder: Path, clients: int) -> Iterator[Peer]:
    """Its server, from the package of the extra `bench`.

    Raises: Missing.
    """
    try:
        import umadb
    except ImportError:
        raise Missing("umadb is not installed") from None
    program = shutil.which("umadb", path=str(Path(sys.executable).parent)) or shutil.which("umadb")
    if program is None:
        raise Missing("umadb has no server for this machine")
    at = f"127.0.0.1:{free_port()}"
    server = subprocess.Popen(
        [program, "--listen", at, "--db-path", str(folder / "uma.db")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        ends = time.monotonic() + _READY_SECONDS
        while True:
            try:
                umadb.Client(f"http://{at}").head()
                break
            except Exception as fault:  # whatever its client makes of a server that is not there yet
                if server.poll() is not None or time.monotonic() > ends:
                    raise Missing(f"its server does not answer ({type(fault).__name__})") from None
                time.sleep(0.1)
        yield _Uma(f"http://{at}", clients)
    finally:
        server.terminate()
        server.wait(10)
