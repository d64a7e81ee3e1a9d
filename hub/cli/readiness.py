"""What readiness tries, part by part, and the numbers of how far each part is behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import Final, Protocol

from hub import metrics
from hub.api import Probes
from hub.record import HubSigner, Parked, Record
from hub.views import ChildIndex

LONGEST_LAG: Final = timedelta(seconds=10)
"""A checkpoint is due every second; ten without one and the hub says that it is not ready. A projection
that has not come on for so long is not being fed."""


class Followed(Protocol):
    """A projection as its readers see it, whichever process feeds it."""

    def position(self) -> int:
        """How far it is."""
        ...

    def parked(self) -> Sequence[Parked]:
        """What it could not take up."""
        ...


class Standstill:
    """For how long something that follows the record has not reached where the record was.

    Shape: under load it is always a little behind; what counts is whether it comes to where the record
    stood when it was last looked at.
    """

    def __init__(self) -> None:
        self._goal = 0
        self._since = 0.0

    def seconds(self, reached: int, head: int) -> float:
        """How long it has been on its way to where the head was; 0 where it is there."""
        now = time.monotonic()
        if reached >= self._goal:
            self._goal, self._since = head, now
        return 0.0 if reached >= self._goal else now - self._since


def probes(
    record: Record,
    *,
    signer: HubSigner | None = None,
    projection: Followed | None = None,
    fault: Callable[[], str | None] = lambda: None,
    policy_faults: Callable[[], int] | None = None,
    relay_fault: Callable[[], str | None] | None = None,
    relay_lag: Callable[[], tuple[int, int]] | None = None,
    ticker_fault: Callable[[], str | None] | None = None,
    missing_profiles: Callable[[], Collection[str]] | None = None,
) -> Probes:
    """The parts that this process depends on; what it is not given, it does not depend on.

    Shape: `fault` is that of whatever feeds the projection in this process; `relay_lag` how much waits to
    be taken in, and to be sent; `missing_profiles` names those that were adopted while it runs and that it
    did not load.
    """
    checks: dict[str, Callable[[], bool]] = {"store": lambda: record.head().position >= 0}
    ledger, following = Standstill(), Standstill()

    def ledger_follows() -> bool:
        latest = record.ledger.checkpoint()
        behind = ledger.seconds(latest.size if latest else 0, record.head().leaves)
        metrics.ledger_lag(behind)
        return behind <= LONGEST_LAG.total_seconds()

    checks["ledger"] = ledger_follows
    if signer is not None:
        checks["signing"] = lambda: bool(signer.sign_receipt({}))
    if projection is not None:
        followed = projection

        def projection_follows() -> bool:
            reached, parked, head = followed.position(), followed.parked(), record.head().position
            behind = following.seconds(reached, head)
            metrics.projection(
                ChildIndex.name, positions=max(head - reached, 0), seconds=behind, parked=len(parked)
            )
            return fault() is None and not parked and behind <= LONGEST_LAG.total_seconds()

        metrics.known_projections((ChildIndex.name,))
        checks["projection"] = projection_follows
    if policy_faults is not None:
        failed = policy_faults
        checks["policy"] = lambda: failed() == 0
    if relay_fault is not None:
        relay, lag = relay_fault, relay_lag

        def relay_works() -> bool:
            if lag is not None:
                taking_in, sending = lag()
                metrics.relay_lag("in", taking_in)
                metrics.relay_lag("out", sending)
            return relay() is None

        checks["relay"] = relay_works
    if ticker_fault is not None:
        ticker = ticker_fault
        checks["ticker"] = lambda: ticker() is None
    if missing_profiles is not None:
        missing = missing_profiles
        checks["profiles"] = lambda: not missing()
    return Probes(checks)
