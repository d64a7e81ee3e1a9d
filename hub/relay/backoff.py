"""How long to wait before trying again: longer each time, up to a few seconds."""

from __future__ import annotations

import threading
from typing import Final

_FIRST: Final = 0.1
_LONGEST: Final = 5.0


class BackOff:
    """Waits between tries of one thing; interrupted at once when `stopping` is set.

    Units: seconds.
    """

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping: Final = stopping
        self._next = _FIRST

    def wait(self) -> None:
        """Wait a little longer than the time before."""
        self._stopping.wait(self._next)
        self._next = min(_LONGEST, self._next * 2)

    def done(self) -> None:
        """It worked: begin again with the shortest wait."""
        self._next = _FIRST
