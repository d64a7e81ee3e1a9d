"""Who is woken when the record has grown."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeAlias

Listener: TypeAlias = Callable[[int], None]


class Listeners:
    """Calls every listener with the last position, once for each position whoever tells of it.

    Shape: a listener only wakes somebody up and returns at once; its fault concerns nobody else.
    """

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()
        self._told = 0
        self._telling: Final = threading.RLock()

    def add(self, listener: Listener) -> None:
        """Call this one, too; the next to tell of any position wakes it, also of an old one."""
        with self._telling:
            self._listeners = (*self._listeners, listener)
            # It may have read before others were told of what was appended since.
            self._told = 0

    def tell(self, position: int) -> None:
        """Say that the record reaches to `position`; returns when everybody has been called."""
        if not self._listeners:
            return
        with self._telling:
            if position <= self._told:
                return
            self._told = position
            for listener in self._listeners:
                # A listener's fault must not become the answer of an append.
                with suppress(Exception):
                    listener(position)
