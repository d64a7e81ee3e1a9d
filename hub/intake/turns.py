"""Turns: a decision that keeps losing to other posts gets the record to itself for a moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

LONGEST_SECONDS: Final = 5.0
"""No post waits longer than this for a decision's turn, whatever becomes of that decision."""


class Turns:
    """Keeps posts back between judging and appending while one of them takes its turn.

    Why: a decision is refused where the record grew since it was judged. Judging takes longer than the
    gap between two posts of a busy hour, so that without a turn it would be refused again and again.
    Shape: of this process only; what another process appends meanwhile is judged again as before.
    """

    def __init__(self) -> None:
        self._one: Final = threading.Lock()
        self._nobody: Final = threading.Event()
        self._nobody.set()

    def wait(self) -> None:
        """Wait until nobody has a turn; at once where nobody has."""
        self._nobody.wait(LONGEST_SECONDS)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Have a turn; one at a time."""
        with self._one:
            self._nobody.clear()
            try:
                yield
            finally:
                self._nobody.set()
