"""When the ticker looks: as a deadline falls due, and after something was recorded."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from typing import Final

from hub import metrics
from hub.api import RequestLog
from hub.cli.compose import Hub
from hub.settings import Mode
from hub.ticker import Ticker

LONGEST_SECONDS: Final = 60.0
"""A deadline that something outside the record moved is seen by then."""
SHORTEST_SECONDS: Final = 1.0
"""A look costs one read per child: under load it is made once a second, not once a commit."""


def ticker_of(hub: Hub) -> Ticker:
    """The ticker on this hub's rooms."""
    return Ticker(
        record=hub.store.record, views=hub.views, identity=hub.identity, directory=hub.store.directory
    )


class Ticking:
    """Has the ticker look, in a thread of its own.

    Shape: in simulation the domain clock is moved by others, so it is asked for once a second.
    Trust: a fault shows in `fault` and is tried again; it never ends the thread.
    """

    def __init__(self, hub: Hub, log: RequestLog) -> None:
        self.fault: str | None = None
        self._ticker: Final = ticker_of(hub)
        self._clock: Final = hub.store.clock
        self._simulated: Final = hub.store.settings.mode is Mode.SIMULATION
        self._log: Final = log
        self._wake: Final = threading.Event()
        self._stopping: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._follow, name="ticker", daemon=True)
        hub.store.record.subscribe(lambda _: self._wake.set())

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End after the look it is at."""
        self._stopping.set()
        self._wake.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._stopping.is_set():
            # Cleared before looking, so that a commit meanwhile has it look again.
            self._wake.clear()
            pause = self._look()
            self._stopping.wait(SHORTEST_SECONDS)
            self._wake.wait(max(pause - SHORTEST_SECONDS, 0.0))

    def _look(self) -> float:
        """Look once; for how many seconds there is nothing to look at but what is recorded meanwhile."""
        began = time.perf_counter()
        try:
            now = self._clock.domain()
            missed = self._ticker.tick(now)
            due = self._ticker.next_due(now)
        except Exception as error:  # the thread outlives every fault: a dead one would miss every deadline
            if self.fault is None:
                self._log.part("part-failed", "ticker", type(error).__name__)
            self.fault = type(error).__name__
            return SHORTEST_SECONDS
        metrics.ticked(missed, time.perf_counter() - began)
        self.fault = "children" if self._ticker.faults else None
        return self._until(due, now)

    def _until(self, due: datetime | None, now: datetime) -> float:
        if self._simulated:
            return SHORTEST_SECONDS
        if due is None:
            return LONGEST_SECONDS
        return min(max((due - now).total_seconds(), SHORTEST_SECONDS), LONGEST_SECONDS)
