"""Reads the record itself for the views while nobody tells of it: Kafka is away, or the relay."""

from __future__ import annotations

import threading
import time
from typing import Final

from hub.errors import HubError
from hub.relay.backoff import BackOff
from hub.relay.connection import part_of
from hub.relay.feeding import BATCH, Feed, Reading
from hub.relay.sending import part_key

STANDS_SECONDS: Final = 3.0
"""So long a part may stand where it stands while the record is further: what is told comes in far less."""
_LOOK_SECONDS: Final = 1.0
_END_SECONDS: Final = 15.0


class Standby:
    """Takes up parts that have stood still, whoever they are assigned to; the views never wait for Kafka.

    Shape: of several workers the first to write a part's next place has taken it up, and the others, members
    of the group among them, go on from there.
    """

    def __init__(self, record: Reading, feed: Feed) -> None:
        self._record: Final = record
        self._feed: Final = feed
        self._stopping: Final = threading.Event()
        self._stands: dict[int, tuple[int, float]] = {}
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._run, name="relay-standby", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch that it is at."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_END_SECONDS)

    def _run(self) -> None:
        back_off = BackOff(self._stopping)
        while not self._stopping.wait(_LOOK_SECONDS):
            try:
                self.look()
                back_off.done()
            except Exception:  # without the store the worker's own thread says so
                back_off.wait()

    def look(self) -> None:
        """Take up from the record what has not been taken up for too long.

        1. How the views are divided now; where there are none yet, the worker builds them.
        2. Which parts stand still behind the record.
        3. Read the record for those, up to where it was when it was looked at.
        """
        of = self._feed.divided()  # 1
        if of is None:
            return
        head, now = self._record.head().position, time.monotonic()
        late: dict[int, int] = {}
        for part in range(of):  # 2
            after = self._feed.place(part, of)
            if after is None:
                return
            at, since = self._stands.get(part, (-1, now))
            if at != after or after >= head:
                self._stands[part] = (after, now)
            elif now - since >= STANDS_SECONDS:
                late[part] = after
        while late and not self._stopping.is_set():  # 3
            self._take_up(late, of)
            late = {part: after for part, after in late.items() if after < head}

    def _take_up(self, late: dict[int, int], of: int) -> None:
        """Take up one batch of the record in each of these parts."""
        items = self._record.log(min(late.values()), BATCH)
        if not items:
            raise HubError("store", "The record is shorter than what was projected from it.")
        upto = items[-1].position
        for part, after in list(late.items()):
            if after >= upto:
                continue
            own = [one for one in items if one.position > after and part_of(part_key(one.stream), of) == part]
            if self._feed.take_up(part, of, after, own, upto):
                late[part] = upto
            else:  # somebody else took it up, and goes on with it
                del late[part]
