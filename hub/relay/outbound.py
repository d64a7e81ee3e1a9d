"""What leaves through Kafka: followers of the record's log, each with its own place in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from hub.errors import HubError
from hub.record import Head, Recorded
from hub.relay.backoff import BackOff
from hub.relay.connection import Fault, Message, Sender
from hub.relay.settings import KafkaSettings
from hub.relay.topics import Topics

BATCH: Final = 200
_LOOK_SECONDS: Final = 1.0
_ASIDE_SECONDS: Final = 0.1
_PATIENCE_SECONDS: Final = 60.0
_MAKING_SHARE: Final = 1 / 3
"""Of its patience, what a batch may take to be made."""


class Log(Protocol):
    """The part of the record that is followed."""

    def head(self) -> Head:
        """Where the record stands now."""
        ...

    def log(self, after_position: int, limit: int) -> list[Recorded]:
        """The next items after a position."""
        ...

    def mark(self, name: str) -> int:
        """The greatest value that a mark was raised to, 0 where it never was."""
        ...

    def raise_mark(self, name: str, value: int) -> int:
        """Raise a mark, durably."""
        ...

    def subscribe(self, listener: Callable[[int], None]) -> None:
        """Call after each commit."""
        ...


class Making(Protocol):
    """What is sent of the record.

    Raises: HubError where it cannot be told now; every other exception concerns that item alone.
    """

    patience: float
    """Seconds after which what has not arrived is given up, and made anew."""

    def begin(self, sender: Sender, after: int) -> None:
        """A batch begins, with what comes after a position."""
        ...

    def of(self, item: Recorded) -> Sequence[Message]:
        """What one item makes."""
        ...

    def end(self, last: Recorded) -> Sequence[Message]:
        """What is sent once everything of the batch has arrived."""
        ...


class Follower:
    """Sends what follows from the record, in its order, in a thread of its own.

    Shape: its place is the mark `relay/<name>`, raised when all of a batch has arrived: a batch that broke
    off is made and sent again, so that receivers see a message twice rather than never, and drop what they
    have by the header `id`. In memory there is one batch, of `BATCH` items at most. `active` says whether
    it is this process that sends now; where two think so for a moment, messages come twice.
    Trust: an item that cannot be made is passed over only after it was reported. What the store says of it
    is believed to be the item's own only after a while in which the store took something else: or nobody
    would be told anything any more because one child cannot be opened.
    """

    def __init__(
        self,
        name: str,
        log: Log,
        making: Making,
        settings: KafkaSettings,
        topics: Topics,
        report: Callable[[str, str, int], None],
        active: Callable[[], bool],
    ) -> None:
        self.fault: str | None = None
        self.name: Final = name
        self._mark: Final = f"relay/{name}"
        self._log: Final = log
        self._making: Final = making
        self._settings: Final = settings
        self._topics: Final = topics
        self._report: Final = report
        self._active: Final = active
        self._stopping: Final = threading.Event()
        self._moved: Final = threading.Event()
        self._sender: Sender | None = None
        self._thread: threading.Thread | None = None
        self._failing: tuple[int, float] | None = None
        log.subscribe(lambda _: self._moved.set())

    def start(self) -> None:
        """Follow the record."""
        self._thread = threading.Thread(target=self._run, name=f"relay-{self.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the batch that it is at."""
        self._stopping.set()
        self._moved.set()

    def join(self, seconds: float) -> None:
        """Wait until it has ended."""
        if self._thread is not None:
            self._thread.join(seconds)

    def reached(self) -> int:
        """The position up to which everything was sent, by whichever process."""
        return self._log.mark(self._mark)

    def lag(self) -> int:
        """How many positions of the record it has yet to see."""
        return max(0, self._log.head().position - self.reached())

    def _run(self) -> None:
        back_off = BackOff(self._stopping)
        while not self._stopping.is_set():
            if not self._active():
                # Whoever sends now has faults of its own; what stood in the way here is tried no more.
                self.fault = None
                self._stopping.wait(_ASIDE_SECONDS)
                continue
            # Cleared before reading, so that a commit during the read wakes the next round.
            self._moved.clear()
            try:
                moved = self._batch()
                self.fault = None
                back_off.done()
            except Exception as fault:  # the thread outlives every fault of brokers, client and store
                self.fault = fault.slug if isinstance(fault, HubError) else type(fault).__name__
                self._let_go()
                if not isinstance(fault, HubError):
                    self._topics.forget()
                back_off.wait()
                continue
            if not moved:
                self._moved.wait(_LOOK_SECONDS)
        self._let_go()

    def _batch(self) -> bool:
        """Send the next items; whether there were any.

        1. Read them after the mark, which another process may have raised meanwhile.
        2. Make messages of as many as are made soon, see to the topics, and send; come back when all have
         arrived. What was decided first waits for the others of its batch: a relationship may end meanwhile.
        3. Send what closes the batch; then raise the mark.
        """
        after = self._log.mark(self._mark)  # 1
        items = self._log.log(after, BATCH)
        if not items:
            return False
        if self._sender is None:
            self._sender = Sender(self._settings, self.name, self._making.patience)
        self._making.begin(self._sender, after)  # 2
        messages: list[Message] = []
        began = made = time.monotonic()
        for item in items:
            messages += self._made(item)
            made = time.monotonic()
            if made - began > self._making.patience * _MAKING_SHARE:
                break
        self._topics.ensure(message.topic for message in messages)
        if time.monotonic() - made > self._making.patience:
            raise Fault("what was made has grown old")
        self._sender.send(messages)
        self._sender.send(self._making.end(item))  # 3
        self._log.raise_mark(self._mark, item.position)
        return True

    def _made(self, item: Recorded) -> Sequence[Message]:
        try:
            return self._making.of(item)
        except Fault:
            raise
        except HubError as fault:
            if fault.slug != "store" or not self._is_of(item):
                raise
            self._report(self.name, fault.slug, item.position)
            return ()
        except Exception as fault:  # of this item alone, and it would be the same tomorrow
            self._report(self.name, type(fault).__name__, item.position)
            return ()

    def _is_of(self, item: Recorded) -> bool:
        """Whether this item has failed for long, in a store that takes something else now."""
        now = time.monotonic()
        if self._failing is None or self._failing[0] != item.position:
            self._failing = (item.position, now)
        if now - self._failing[1] < _PATIENCE_SECONDS:
            return False
        self._log.raise_mark(f"{self._mark}/tried", item.position)
        return True

    def _let_go(self) -> None:
        # After a fault the producer's idea of what arrived may be wrong; a new one begins afresh.
        sender, self._sender = self._sender, None
        if sender is not None:
            sender.close()
