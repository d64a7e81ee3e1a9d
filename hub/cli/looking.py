"""A thread that looks at the record: as something falls due, and after something was recorded."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from datetime import datetime
from typing import Final

from hub.api import RequestLog
from hub.cli.compose import Hub
from hub.settings import Mode

LONGEST_SECONDS: Final = 60.0
"""What something outside the record moved is seen by then."""
SHORTEST_SECONDS: Final = 1.0
"""Under load it looks once a second, not once a commit: what is posted together shares a look."""


class Looking(ABC):
    """Looks at the record in a thread of its own.

    Shape: in simulation the domain clock is moved by others, so it is asked for once a second.
    Trust: a fault shows in `fault` and is tried again; it never ends the thread, for a dead one would miss
    everything that falls due.
    """

    name: str

    def __init__(self, hub: Hub, log: RequestLog) -> None:
        self.fault: str | None = None
        self.stopping: Final = threading.Event()
        self._clock: Final = hub.store.clock
        self._simulated: Final = hub.store.settings.mode is Mode.SIMULATION
        self._log: Final = log
        self._wake: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._follow, name=self.name, daemon=True)
        hub.store.record.subscribe(lambda _: self._wake.set())

    @abstractmethod
    def look(self, now: datetime) -> datetime | None:
        """Look once; when something is due next, if anything is."""

    @abstractmethod
    def trouble(self) -> str | None:
        """What could not be looked at the last time."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End after what it is at."""
        self.stopping.set()
        self._wake.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self.stopping.is_set():
            # Cleared before looking, so that a commit meanwhile has it look again.
            self._wake.clear()
            pause = self._look()
            self.stopping.wait(SHORTEST_SECONDS)
            self._wake.wait(max(pause - SHORTEST_SECONDS, 0.0))

    def _look(self) -> float:
        """Look once; for how many seconds there is nothing to look at but what is recorded meanwhile."""
        try:
            now = self._clock.domain()
            due = self.look(now)
        except Exception as error:  # the thread outlives every fault
            if self.fault is None:
                self._log.part("part-failed", "ticker", type(error).__name__)
            self.fault = type(error).__name__
            return SHORTEST_SECONDS
        self.fault = self.trouble()
        if self._simulated:
            return SHORTEST_SECONDS
        if due is None:
            return LONGEST_SECONDS
        return min(max((due - now).total_seconds(), SHORTEST_SECONDS), LONGEST_SECONDS)
