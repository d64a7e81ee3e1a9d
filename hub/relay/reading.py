"""One partition of posts: its records one after the other, each judged and kept before the next."""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Final, Protocol

from hub import metrics
from hub.errors import HubError
from hub.intake import NOT_NOW, Arrival, Posted
from hub.record import Chance, Mark
from hub.relay.backoff import BackOff
from hub.relay.connection import Incoming
from hub.trace import trace_of, traced

FULL_RECORDS: Final = 200
FULL_BYTES: Final = 4 * 1024 * 1024
_TRIES: Final = 3
_PATIENCE_SECONDS: Final = 60.0
_KEY: Final = re.compile(rb"[A-Za-z0-9_-]{43}=?")


class Taking(Protocol):
    """What becomes of posts."""

    def post_signed(self, compact: bytes, arrival: Arrival, fault: HubError | None = None) -> Posted:
        """Take one signed event, or refuse it; either is durable."""
        ...

    def set_aside(self, compact: bytes, arrival: Arrival) -> None:
        """Answer what could not be judged."""
        ...


class PartitionReader:
    """Takes the records of one partition in order, in a thread of its own.

    Shape: `log` names the partition, with the id that Kafka gave its topic: another topic of the same
    name begins at offset 0 again, and its records are others. The mark of that name is the next offset;
    `next` is the one to be kept next, `expected` the one to be given next.
    Trust: several readers may be at one partition for a moment, here and in other processes, when it
    changes hands: what one of them has kept, the other finds held, or refused, under the same name.
    """

    def __init__(self, log: str, begin: int, taking: Taking, chance: Chance) -> None:
        self.fault: str | None = None
        self.next = begin
        self._log: Final = log
        self.expected = begin
        self._taking: Final = taking
        self._chance: Final = chance
        self._waiting: Final[deque[Incoming]] = deque()
        self._bytes = 0
        self._some: Final = threading.Condition()
        self._stopping: Final = threading.Event()
        self._back_off: Final = BackOff(self._stopping)
        self._thread: Final = threading.Thread(target=self._run, name="relay-partition", daemon=True)
        self._thread.start()

    @property
    def full(self) -> bool:
        """Whether it has enough to do: nothing more is fetched meanwhile."""
        return len(self._waiting) >= FULL_RECORDS or self._bytes >= FULL_BYTES

    @property
    def alive(self) -> bool:
        """Whether it is still at a record."""
        return self._thread.is_alive()

    def give(self, records: Sequence[Incoming]) -> bool:
        """Take over records to read; False where they lie before what was read, so are of another topic."""
        if records[0].offset < self.expected:
            return False
        self.expected = records[-1].offset + 1
        with self._some:
            self._waiting.extend(records)
            self._bytes += sum(len(one.value or b"") for one in records)
            self._some.notify()
        return True

    def stop(self) -> None:
        """End after the record it is at; what waits is read again from the mark."""
        self._stopping.set()
        with self._some:
            self._some.notify()

    def join(self, seconds: float) -> None:
        """Wait until it has ended."""
        self._thread.join(seconds)

    def _run(self) -> None:
        while (record := self._next()) is not None:
            self._take(record)
            self.next = record.offset + 1
            with self._some:
                self._bytes -= len(record.value or b"")

    def _next(self) -> Incoming | None:
        with self._some:
            while not self._waiting and not self._stopping.is_set():
                self._some.wait()
            return None if self._stopping.is_set() else self._waiting.popleft()

    def _take(self, record: Incoming) -> None:
        """Take one record, until something of it is durable.

        1. It arrives under a name that no other record has, and raises the mark behind it.
        2. A store that is gone or full is no fault of the record: the same again, later and later.
        3. What cannot be judged after a few tries goes aside, so that the others are not held up; so does
           what fails for long in a store that takes its answer, as when one child cannot be opened.
        """
        arrival = Arrival(  # 1
            trace_of(self._chance.bytes(16)),
            f"{self._log}/{record.offset}",
            (Mark(self._log, record.offset + 1),),
        )
        tries, began = 0, time.monotonic()
        with traced(arrival.trace):
            while not self._stopping.is_set():
                try:
                    if tries < _TRIES:
                        outcome = self._outcome(record, arrival, began)
                    else:
                        outcome = self._aside(record, arrival)  # 3
                except HubError as not_now:  # 2
                    self.fault = not_now.slug
                except Exception as fault:  # whatever it is: the record decides about itself alone
                    self.fault = type(fault).__name__
                    tries += 1
                else:
                    self.fault = None
                    self._back_off.done()
                    metrics.posted("kafka", outcome)
                    return
                self._back_off.wait()

    def _outcome(self, record: Incoming, arrival: Arrival, began: float) -> str:
        try:
            posted = self._taking.post_signed(record.value or b"", arrival, _against(record))
        except HubError as refusal:
            if refusal.slug == "store" and time.monotonic() - began > _PATIENCE_SECONDS:
                # Where the store is gone or full, this does not succeed either, and all waits.
                return self._aside(record, arrival)
            if refusal.slug in NOT_NOW:
                raise
            return refusal.slug
        return metrics.KEPT if posted.status == 201 else metrics.REPEATED

    def _aside(self, record: Incoming, arrival: Arrival) -> str:
        self._taking.set_aside(record.value or b"", arrival)
        return "store"


def _against(record: Incoming) -> HubError | None:
    """What is wrong with a record's key: without one, a case's events would come in any order.

    Trust: a key in another form may be an identifier, which everybody who reads the topic would see.
    """
    if record.key is not None and _KEY.fullmatch(record.key):
        return None
    return HubError("schema", "Key each record with base64url(SHA-256(organisation | your own case key)).")
