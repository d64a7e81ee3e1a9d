"""The ledger's checkpoints, signed about once a second beside whatever else a process does."""

from __future__ import annotations

import threading
import time
from typing import Final

from hub.api import RequestLog
from hub.cli.compose import Store

CHECKPOINT_SECONDS: Final = 1.0
KEPT_SECONDS: Final = 10.0
"""So often at most is a copy of the latest checkpoint put beside the journal kept apart."""


class Checkpoints:
    """Signs what was added to the record, in a thread of its own.

    Trust: a fault is told in the log and in `fault`, is tried again, and never ends the thread. A projector's
    readiness asks for it; a server on SQLite is not ready once nothing was signed for ten seconds.
    """

    def __init__(self, store: Store, log: RequestLog) -> None:
        self.fault: str | None = None
        self._store: Final = store
        self._log: Final = log
        self._stopping: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._follow, name="checkpoints", daemon=True)
        self._kept_size = 0
        self._keep_next = 0.0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Sign once more what is there now, and end."""
        self._stopping.set()
        self._thread.join()

    def _follow(self) -> None:
        while True:
            last = self._stopping.wait(CHECKPOINT_SECONDS)
            try:
                self._store.record.ledger.integrate(self._store.clock.wall())
                self._keep(last)
                self.fault = None
            except Exception as error:  # whatever it is: its kind is told, nothing of its text
                if self.fault is None:
                    self._log.part("part-failed", "ledger", type(error).__name__)
                self.fault = type(error).__name__
            if last:
                return

    def _keep(self, last: bool) -> None:
        """Put a copy of the latest checkpoint apart: it tells a record that was put back from the newest."""
        now = time.monotonic()
        if now < self._keep_next and not last:
            return
        latest = self._store.record.ledger.checkpoint()
        if latest is not None and latest.size > self._kept_size:
            self._store.journal.keep_checkpoint(latest.text)
            self._kept_size = latest.size
        self._keep_next = now + KEPT_SECONDS
