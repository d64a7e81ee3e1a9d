"""Hearing of the commits of every process: LISTEN where that works, a look each second where it does not."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import psycopg

from hub.record.postgres.connecting import Connection, connect
from hub.record.postgres.recorder import CHANNEL

_POLL_SECONDS: Final = 1.0
_LEAST_PAUSE_SECONDS: Final = 0.1
_MOST_PAUSE_SECONDS: Final = 5.0
_HEAD: Final = "SELECT position FROM hub_record.head WHERE one = 1"


class Ear:
    """A thread that tells the last position whenever it may have grown, until it is closed.

    Trust: a notice is only a reason to look. It may be lost, and none is given for what was committed
    before LISTEN; so the head is read right after LISTEN and each second.
    """

    def __init__(self, url: str, heard: Callable[[int], None]) -> None:
        self._url: Final = url
        self._heard: Final = heard
        self._closed: Final = threading.Event()
        self._waking, self._wake = os.pipe()
        self._thread: Final = threading.Thread(target=self._run, name="record-listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, and return when the thread has ended."""
        if self._closed.is_set():
            return
        self._closed.set()
        os.write(self._wake, b"\0")
        self._thread.join()
        os.close(self._waking)
        os.close(self._wake)

    def _run(self) -> None:
        pause = _LEAST_PAUSE_SECONDS
        while not self._closed.is_set():
            with suppress(psycopg.Error), connect(self._url) as connection:
                connection.execute(f"LISTEN {CHANNEL}".encode())
                pause = _LEAST_PAUSE_SECONDS
                self._listen(connection)
            # The connection was lost or could not be made.
            self._closed.wait(pause)
            pause = min(2 * pause, _MOST_PAUSE_SECONDS)

    def _listen(self, connection: Connection) -> None:
        awaited = select.poll()
        awaited.register(connection.fileno(), select.POLLIN)
        awaited.register(self._waking, select.POLLIN)
        while not self._closed.is_set():
            row = connection.execute(_HEAD).fetchone()
            if row is not None and row[0] > 0:
                self._heard(row[0])
            # Notices that came with the answer are behind it: take them, then the head is newer than all.
            if not any(True for _ in connection.notifies(timeout=0)):
                awaited.poll(_POLL_SECONDS * 1000)
                for _ in connection.notifies(timeout=0):
                    pass
