"""What a measurement is, and what every measurement of the record needs."""

from __future__ import annotations

import os
import statistics
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hub.record import Draft


@dataclass(frozen=True, slots=True)
class Result:
    """One measured value beside the limit it is compared with.

    Shape: `ratio` is the median of the ratios of rounds measured one after the other, not the ratio of
    the medians: what disturbs the machine disturbs both sides of a round.
    """

    name: str
    value: float
    unit: str
    limit: float
    ratio: float
    goal: float
    met: bool


class SystemChance:
    """Randomness of the operating system."""

    def uuid(self) -> str:
        return str(uuid.uuid4())

    def bytes(self, n: int) -> bytes:
        return os.urandom(n)


@contextmanager
def scratch() -> Iterator[Path]:
    """A directory on the disk the checkout is on, so that both sides sync the same disk."""
    with TemporaryDirectory(prefix=".bench-", dir=Path(__file__).parent) as name:
        yield Path(name)


def rate(count: int, work: Callable[[], None]) -> float:
    """How many per second."""
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def compare(name: str, unit: str, goal: float, pairs: Sequence[tuple[float, float]]) -> Result:
    """The result of rounds of (value, limit)."""
    ratio = statistics.median(value / limit for value, limit in pairs)
    value = statistics.median(value for value, _ in pairs)
    limit = statistics.median(limit for _, limit in pairs)
    return Result(name, round(value, 1), unit, round(limit, 1), round(ratio, 2), goal, ratio >= goal)


def draft(number: int, payload: bytes, streams: int = 500) -> Draft:
    """A synthetic event of 1 KB or so, for one of `streams` children."""
    return Draft(
        f"child/{number % streams:08d}", "event", "urn:safeguarding:org:police.bench",
        str(uuid.uuid4()), "incident-recorded", payload, payload,
    )  # fmt: skip
