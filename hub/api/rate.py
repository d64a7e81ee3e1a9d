"""Rate limits: a token bucket for each organisation, by the wall clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final

from hub.errors import HubError

_MOST_BUCKETS: Final = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: datetime


class RateLimit:
    """Lets every caller make `burst` requests at once and `per_second` in the long run.

    Trust: the count is this process's own; several processes together allow as many times more.
    """

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._buckets: dict[str, _Bucket] = {}
        self._lock = Lock()

    def take(self, caller: str, now: datetime, cost: float = 1.0) -> None:
        """Count one request of a caller.

        Raises: HubError rate, when the caller's bucket is empty.
        """
        with self._lock:
            bucket = self._buckets.get(caller)
            if bucket is None:
                # Callers without a token are known by address only: their number must not grow memory.
                if len(self._buckets) >= _MOST_BUCKETS:
                    self._forget_full(now)
                bucket = self._buckets[caller] = _Bucket(self._burst, now)
            bucket.tokens = self._filled(bucket, now)
            bucket.at = max(bucket.at, now)
            if bucket.tokens < cost:
                raise HubError("rate")
            bucket.tokens -= cost

    def _filled(self, bucket: _Bucket, now: datetime) -> float:
        passed = max((now - bucket.at).total_seconds(), 0.0)
        return min(bucket.tokens + passed * self._per_second, self._burst)

    def _forget_full(self, now: datetime) -> None:
        """A full bucket is the same as none; where all are busy, the longest unused half goes."""
        busy = {name: one for name, one in self._buckets.items() if self._filled(one, now) < self._burst}
        if len(busy) >= _MOST_BUCKETS:
            newest = sorted(busy.items(), key=lambda item: item[1].at)[_MOST_BUCKETS // 2 :]
            busy = dict(newest)
        self._buckets = busy
