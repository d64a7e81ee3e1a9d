"""What looks after notices in a running hub: as something is recorded, and as the time of a concern is up."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Final

from hub.api import RequestLog
from hub.cli.compose import Hub
from hub.cli.looking import Looking
from hub.ticker import Notifying


def notifying_of(hub: Hub, stopping: threading.Event | None = None) -> Notifying:
    """What looks after this hub's notices; where there are brokers, the relay makes and sends them."""
    return Notifying(
        hub.store.record,
        hub.disclosure.mail,
        prepares=hub.store.settings.kafka_bootstrap is None,
        stopping=stopping.is_set if stopping is not None else lambda: False,
    )


class Notifier(Looking):
    """Looks after notices, in a thread of its own beside the ticker's: a long look delays no deadline."""

    name = "notices"

    def __init__(self, hub: Hub, log: RequestLog) -> None:
        super().__init__(hub, log)
        self._notifying: Final = notifying_of(hub, self.stopping)

    def look(self, now: datetime) -> datetime | None:
        """Look after every notice; when the time of a concern is up."""
        self._notifying.look(now)
        return self._notifying.next_due(now)

    def trouble(self) -> str | None:
        """Whether there are notices that could not be looked after."""
        return "notices" if self._notifying.faults else None
