"""When notices are looked after: as something is recorded, and as the time of a concern is up."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Final

from hub.api import RequestLog
from hub.cli.compose import Hub
from hub.settings import Mode
from hub.ticker import Notifying

LONGEST_SECONDS: Final = 60.0
SHORTEST_SECONDS: Final = 1.0
"""So soon the front door is told of a concern, and not sooner: what is posted together shares a look."""
_AFTER_FAULT_SECONDS: Final = 1.0


def notifying_of(hub: Hub, stopping: threading.Event | None = None) -> Notifying:
    """What looks after this hub's notices; where there are brokers, the relay makes and sends them."""
    return Notifying(
        hub.store.record,
        hub.disclosure.mail,
        prepares=hub.store.settings.kafka_bootstrap is None,
        stopping=stopping.is_set if stopping is not None else lambda: False,
    )


class Notifier:
    """Looks after notices, in a thread of its own beside the ticker's: a long look delays no deadline.

    Trust: a fault shows in `fault` and is tried again; it never ends the thread.
    """

    def __init__(self, hub: Hub, log: RequestLog) -> None:
        self.fault: str | None = None
        self._clock: Final = hub.store.clock
        self._simulated: Final = hub.store.settings.mode is Mode.SIMULATION
        self._log: Final = log
        self._wake: Final = threading.Event()
        self._stopping: Final = threading.Event()
        self._notifying: Final = notifying_of(hub, self._stopping)
        self._thread: Final = threading.Thread(target=self._follow, name="notices", daemon=True)
        hub.store.record.subscribe(lambda _: self._wake.set())

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End after the item it is at."""
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
        try:
            now = self._clock.domain()
            self._notifying.look(now)
            due = self._notifying.next_due(now)
        except Exception as error:  # the thread outlives every fault: a dead one would tell nobody anything
            if self.fault is None:
                self._log.part("part-failed", "ticker", type(error).__name__)
            self.fault = type(error).__name__
            self._stopping.wait(_AFTER_FAULT_SECONDS)
            return 0.0
        self.fault = "notices" if self._notifying.faults else None
        return self._until(due, now)

    def _until(self, due: datetime | None, now: datetime) -> float:
        if self._simulated:
            return _AFTER_FAULT_SECONDS
        if due is None:
            return LONGEST_SECONDS
        return min(max((due - now).total_seconds(), SHORTEST_SECONDS), LONGEST_SECONDS)
