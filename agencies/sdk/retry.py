"""When to try again, and how long to wait: patient with an absent hub, never insistent with a refusal."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

RETRY_STATUS: Final = frozenset({429, 500, 502, 503, 504})
"""Answers that say "not now". Every other 4xx is final: the same bytes would be refused again."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to try and how long to wait in between.

    Units: seconds; each wait is drawn from the upper half of the doubling bound, so that many senders
    do not return at the same instant.
    """

    attempts: int = 6
    first: float = 0.5
    longest: float = 30.0

    def waits(self) -> Iterator[float]:
        """The waits between the attempts, one fewer than the attempts."""
        for attempt in range(self.attempts - 1):
            bound = min(self.longest, self.first * 2.0**attempt)
            yield bound / 2 + random.uniform(0, bound / 2)  # noqa: S311 (spreads load, guards nothing)

    def bounded(self, asked: str | None, wait: float) -> float:
        """The wait, or the longer one the hub asked for by `Retry-After`, up to the longest."""
        if asked is None or not asked.isascii() or not asked.isdigit():
            return wait
        return min(self.longest, max(wait, float(asked[:6])))
