"""The ticker of a running hub: it looks as a deadline falls due, and after something was recorded."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

from hub import metrics
from hub.api import RequestLog
from hub.cli.compose import Hub
from hub.cli.looking import Looking
from hub.ticker import Ticker


def ticker_of(hub: Hub) -> Ticker:
    """The ticker on this hub's rooms."""
    return Ticker(
        record=hub.store.record, views=hub.views, identity=hub.identity, directory=hub.store.directory
    )


class Ticking(Looking):
    """Has the ticker look."""

    name = "ticker"

    def __init__(self, hub: Hub, log: RequestLog) -> None:
        super().__init__(hub, log)
        self._ticker: Final = ticker_of(hub)

    def look(self, now: datetime) -> datetime | None:
        """Record what was missed; when the next deadline falls due."""
        began = time.perf_counter()
        missed = self._ticker.tick(now)
        due = self._ticker.next_due(now)
        metrics.ticked(missed, time.perf_counter() - began)
        return due

    def trouble(self) -> str | None:
        """Whether there are children that could not be looked at."""
        return "children" if self._ticker.faults else None
