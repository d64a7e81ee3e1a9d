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
that has not come on for so long is not being fed, and what a relay has to send is sent by nobody."""


class Followed(Protocol):
    """A projection as its readers see it, whichever process feeds it."""

    def position(self) -> int:
        """How far it is."""
        ...

    def parked(self) -> Sequence[Parked]:
        """What it could not take up."""
        ...


class Sends(Protocol):
    """The relay of this process; places and what waits are told of reading and of sending."""

    @property
    def fault(self) -> str | None:
        """What stands in its way now, without any text of it."""
        ...

    def lag(self) -> tuple[int, int]:
        """How many records wait to be taken in, and how much of the record waits to be sent."""
        ...

    def reached(self) -> tuple[int, int]:
        """Where it is in reading, and where whichever process sends is in the record."""
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


class Unmoved:
    """For how long something has been where it is, while something waits for it.

    Shape: what comes on is well however far behind it is; so is what does nothing because nothing waits.
    """

    def __init__(self) -> None:
        self._at = 0
        self._since: float | None = None

    def seconds(self, at: int, waiting: int) -> float:
        """How long it has been there; 0 where nothing waits."""
        now = time.monotonic()
        if not waiting:
            self._since = None
            return 0.0
        if self._since is None or at != self._at:
            self._at, self._since = at, now
        return now - self._since


def probes(
    record: Record,
    *,
    signer: HubSigner | None = None,
    projection: Followed | None = None,
    fault: Callable[[], str | None] = lambda: None,
    policy_faults: Callable[[], int] | None = None,
    ledger_fault: Callable[[], str | None] = lambda: None,
    relay: Sends | None = None,
    ticker_fault: Callable[[], str | None] | None = None,
    missing_profiles: Callable[[], Collection[str]] | None = None,
) -> Probes:
    """The parts that this process depends on; what it is not given, it does not depend on.

    Shape: `fault` is that of whatever feeds the projection in this process, `ledger_fault` of whatever signs
    here; `missing_profiles` names those that were adopted while it runs and that it did not load. A relay
    that leaves sending to another is well while that one comes on, and none is where nobody does.
    """
    checks: dict[str, Callable[[], bool]] = {"store": lambda: record.head().position >= 0}
    ledger, following = Standstill(), Standstill()

    def ledger_follows() -> bool:
        latest = record.ledger.checkpoint()
        behind = ledger.seconds(latest.size if latest else 0, record.head().leaves)
        metrics.ledger_lag(behind)
        return ledger_fault() is None and behind <= LONGEST_LAG.total_seconds()

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
    if relay is not None:
        sends, reading, sending = relay, Unmoved(), Unmoved()

        def relay_works() -> bool:
            reached, waiting = sends.reached(), sends.lag()
            metrics.relay_lag("in", waiting[0])
            metrics.relay_lag("out", waiting[1])
            stood = max(reading.seconds(reached[0], waiting[0]), sending.seconds(reached[1], waiting[1]))
            return sends.fault is None and stood <= LONGEST_LAG.total_seconds()

        checks["relay"] = relay_works
    if ticker_fault is not None:
        ticker = ticker_fault
        checks["ticker"] = lambda: ticker() is None
    if missing_profiles is not None:
        missing = missing_profiles
        checks["profiles"] = lambda: not missing()
    return Probes(checks)
