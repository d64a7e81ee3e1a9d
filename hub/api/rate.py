"""Rate limits: a token bucket for each organisation, by the wall clock, one for all processes together."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final, Protocol

from hub import metrics
from hub.errors import HubError

MOST_CELLS: Final = 10
"""Into so many cells a shared bucket is cut: a process takes a whole one, then asks nobody for a while."""
RETRY: Final = timedelta(seconds=1)
"""For so long a process lives on its own share after the store failed, before it asks again."""
SKEW: Final = timedelta(seconds=30)
"""The clocks of two processes may differ by so much before a cell could be taken twice."""
KIND: Final = "rate"
_MOST_BUCKETS: Final = 10_000
_LONGEST_TURN: Final = 0.1
_LONGEST_ADVICE: Final = 600
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class ShownOnce(Protocol):
    """The part of the record that says who was first: exactly one of all processes is told so."""

    def remember_once(self, kind: str, name: bytes, until: datetime, now: datetime) -> bool:
        """True the first time a name is shown, False again until it has run out."""
        ...


class RateLimit:
    """Lets every caller make `burst` requests at once and `per_second` in the long run.

    Shape: with `shared`, the buckets of organisations are those of all processes together. `processes`
    says how many share them, for the time when the store cannot be asked: then, and for callers without a
    token, each process allows its part of the rate. Without `shared` the count is this process's own.
    Trust: `take` answers from what this process holds, and asks the store about once in as many requests
    as a cell has; a store that is gone never makes a limit unlimited. Strangers never reach the store: one
    who can choose addresses would else make it write.
    """

    def __init__(
        self, per_second: float, burst: int, shared: ShownOnce | None = None, *, processes: int = 1
    ) -> None:
        self._burst: Final = float(burst)
        self._alone: Final = _Buckets(per_second / processes, max(self._burst / processes, 1.0))
        self._together: Final = None if shared is None else _Cells(shared, per_second, burst)

    def take(self, caller: str, now: datetime, cost: float = 1.0, *, stranger: bool = False) -> None:
        """Count one request of a caller; a cost above the burst counts as the burst.

        Raises: HubError rate with the seconds to wait, when the caller's bucket does not hold the cost.
        """
        wait = self._wait(caller, now, min(cost, self._burst), stranger)
        if wait > 0:
            metrics.rate_limited()
            raise HubError("rate", retry_after=min(math.ceil(wait), _LONGEST_ADVICE))

    def take_batch(self, caller: str, now: datetime, events: int) -> None:
        """Count the events of a batch whose request was counted already: N events cost N in all.

        Raises: HubError rate.
        """
        rest = min(float(events), self._burst) - 1
        if rest > 0:
            self.take(caller, now, rest)

    def _wait(self, caller: str, now: datetime, cost: float, stranger: bool) -> float:
        if self._together is not None and not stranger:
            found = self._together.take(caller, now, cost)
            if found is not None:
                return found
        return self._alone.take(caller, now, min(cost, self._alone.burst))


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: datetime


class _Buckets:
    """Buckets in this process's memory."""

    def __init__(self, per_second: float, burst: float) -> None:
        self.burst: Final = burst
        self._per_second: Final = per_second
        self._buckets: dict[str, _Bucket] = {}
        self._lock: Final = Lock()

    def take(self, caller: str, now: datetime, cost: float) -> float:
        """Take the cost and answer 0, or take nothing and answer in how many seconds it will be there."""
        with self._lock:
            bucket = self._buckets.get(caller)
            if bucket is None:
                # Callers without a token are known by address only: their number must not grow memory.
                if len(self._buckets) >= _MOST_BUCKETS:
                    self._forget_full(now)
                bucket = self._buckets[caller] = _Bucket(self.burst, now)
            bucket.tokens = self._filled(bucket, now)
            bucket.at = max(bucket.at, now)
            if bucket.tokens < cost:
                return (cost - bucket.tokens) / self._per_second
            bucket.tokens -= cost
            return 0.0

    def _filled(self, bucket: _Bucket, now: datetime) -> float:
        passed = max((now - bucket.at).total_seconds(), 0.0)
        return min(bucket.tokens + passed * self._per_second, self.burst)

    def _forget_full(self, now: datetime) -> None:
        """A full bucket is the same as none; where all are busy, the longest unused half goes."""
        busy = {name: one for name, one in self._buckets.items() if self._filled(one, now) < self.burst}
        if len(busy) >= _MOST_BUCKETS:
            newest = sorted(busy.items(), key=lambda item: item[1].at)[_MOST_BUCKETS // 2 :]
            busy = dict(newest)
        self._buckets = busy


@dataclass(slots=True)
class _Held:
    """What this process holds of one organisation's bucket: tokens by cell, oldest first.

    Shape: every cell before `next` was asked for; whoever took it, its tokens come to nobody else.
    """

    next: int = 0
    tokens: dict[int, float] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def total(self, oldest: int) -> float:
        """What is held in cells that have not run out."""
        return sum(left for cell, left in self.tokens.items() if cell >= oldest)


class _Cells:
    """A bucket for all processes: time is cut into cells, each worth the tokens that come in its time.

    Why cells: a number in the store that only grows keeps the greater of two raises, so two processes that
    raise it at once would count one of them. A cell's name can be shown once, by one process, durably.
    Shape: a cell may be taken from the moment its time is over until `burst` later tokens have come, so
    that what nobody took runs out, as in a bucket that is full. In any stretch of time all processes
    together grant `burst` and what comes in that time, and at most one cell more. A batch that is larger
    than a cell may take cells of the time to come, up to half a burst, because other processes hold some
    of the bucket; that much less comes later.
    """

    def __init__(self, once: ShownOnce, per_second: float, burst: int) -> None:
        self._once: Final = once
        self._cells: Final = min(MOST_CELLS, burst)
        self._worth: Final = burst / self._cells
        self._span: Final = timedelta(seconds=self._worth / per_second)
        self._held: dict[str, _Held] = {}
        self._lock: Final = Lock()
        self._failed: datetime | None = None

    def take(self, caller: str, now: datetime, cost: float) -> float | None:
        """Take the cost and answer 0, or answer in how many seconds it may be there; None without a store.

        1. Forget cells that have run out.
        2. Ask for cells, oldest first, until the cost is held; each is asked for once.
        3. Spend from the oldest.
        """
        with self._lock:
            held = self._held.setdefault(caller, _Held())
        # Not for longer: while the store does not answer, the others live on this process's share.
        if not held.lock.acquire(timeout=_LONGEST_TURN):
            return None
        try:
            newest = self._newest(now)
            oldest = newest - self._cells + 1
            for cell in [cell for cell in held.tokens if cell < oldest]:  # 1.
                del held.tokens[cell]
            last = newest + (self._cells // 2 if cost > self._worth else 0)
            held.next = max(held.next, oldest)
            while held.total(oldest) < cost and held.next <= last:  # 2.
                if not self._ask(caller, held, now):
                    return None
            missing = cost - held.total(oldest)
            if missing > 0:
                comes = held.next + math.ceil(missing / self._worth) - 1
                return max((self._begins(comes) - now).total_seconds(), 0.001)
            self._spend(held, cost)  # 3.
            return 0.0
        finally:
            held.lock.release()

    def _ask(self, caller: str, held: _Held, now: datetime) -> bool:
        """Ask for the next cell; False where the store could not be asked."""
        if self._failed is not None and now < self._failed + RETRY:
            return False
        cell = held.next
        name = f"{self._span // timedelta(microseconds=1)}/{cell}/{caller}".encode()
        try:
            first = self._once.remember_once(KIND, name, self._begins(cell + self._cells) + SKEW, now)
        except HubError:
            self._failed = now
            metrics.rate_lease("failed")
            return False
        self._failed = None
        held.next = cell + 1
        if first:
            held.tokens[cell] = self._worth
        metrics.rate_lease("taken" if first else "held")
        return True

    def _spend(self, held: _Held, cost: float) -> None:
        for cell in sorted(held.tokens):
            spent = min(cost, held.tokens[cell])
            held.tokens[cell] -= spent
            cost -= spent
            if held.tokens[cell] <= 0:
                del held.tokens[cell]
            if cost <= 0:
                return

    def _newest(self, now: datetime) -> int:
        return (now - _EPOCH) // self._span

    def _begins(self, cell: int) -> datetime:
        return _EPOCH + cell * self._span
