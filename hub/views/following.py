"""The streams of one kind, whichever child they are of, found once and followed as the record grows."""

from __future__ import annotations

from threading import Lock
from typing import Final

from hub.record import Record

_BATCH: Final = 1_000


class Streams:
    """The streams whose names begin in one way, in the order in which they began.

    Shape: names alone are kept; what stands in a stream is read each time. Safe to use from several threads.
    """

    def __init__(self, record: Record, beginning: str) -> None:
        self._record: Final = record
        self._beginning: Final = beginning
        self._lock: Final = Lock()
        self._position = 0
        self._names: dict[str, None] = {}

    def names(self) -> list[str]:
        """The streams that there are by now.

        Raises: HubError store.
        """
        with self._lock:
            while batch := self._record.log(self._position, _BATCH):
                found = (one.stream for one in batch if one.stream.startswith(self._beginning))
                self._names |= dict.fromkeys(found)
                self._position = batch[-1].position
            return list(self._names)
