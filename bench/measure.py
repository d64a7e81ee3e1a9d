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
    the medians: what disturbs the machine disturbs both sides of a round. Of a time it is the limit
    through the value, so that more is better in every row. `values` and `ratios` are the least and the
    greatest of the rounds. Without a goal nothing is met or missed; without a value the name says why.
    """

    name: str
    value: float | None
    unit: str
    limit: float | None = None
    ratio: float | None = None
    goal: float | None = None
    met: bool | None = None
    values: tuple[float, float] | None = None
    ratios: tuple[float, float] | None = None

    def row(self) -> dict[str, str | float | bool | None]:
        """The row of results.json."""
        return {
            "name": self.name, "value": self.value, "unit": self.unit, "limit": self.limit,
            "ratio": self.ratio, "goal": self.goal, "met": self.met,
        }  # fmt: skip


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


def compare(name: str, unit: str, goal: float | None, pairs: Sequence[tuple[float, float]]) -> Result:
    """The result of rounds of (value, limit)."""
    ratios = [value / limit for value, limit in pairs]
    values = [value for value, _ in pairs]
    ratio = statistics.median(ratios)
    return Result(
        name, round(statistics.median(values), 1), unit,
        round(statistics.median(limit for _, limit in pairs), 1), round(ratio, 2),
        goal, None if goal is None else ratio >= goal,
        (min(values), max(values)), (min(ratios), max(ratios)),
    )  # fmt: skip


def alone(name: str, unit: str, values: Sequence[float]) -> Result:
    """The result of rounds that are compared with nothing."""
    return Result(
        name, round(statistics.median(values), 1), unit, values=(min(values), max(values))
    )  # fmt: skip


def within(name: str, most: float, rounds: Sequence[Sequence[float]]) -> Result:
    """The 95th of a hundred in rounds of times in milliseconds, which is to stay within so many."""
    values = [statistics.quantiles(times, n=20)[18] for times in rounds]
    ratios = [most / value for value in values]
    ratio = statistics.median(ratios)
    return Result(
        name, round(statistics.median(values), 2), "ms", most, round(ratio, 2), 1.0, ratio >= 1.0,
        (min(values), max(values)), (min(ratios), max(ratios)),
    )  # fmt: skip


def missing(name: str, reason: str) -> Result:
    """A row for what could not be measured here."""
    return Result(f"{name}: not measured, {reason}", None, "")


def draft(number: int, payload: bytes, streams: int = 500) -> Draft:
    """A synthetic event of 1 KB or so, for one of `streams` children."""
    return Draft(
        f"child/{number % streams:08d}", "event", "urn:safeguarding:org:police.bench",
        str(uuid.uuid4()), "incident-recorded", payload, payload,
    )  # fmt: skip
