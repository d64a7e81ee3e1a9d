"""Every use of emergency access there was, whichever child it was of."""

from __future__ import annotations

from threading import Lock
from typing import Final

from hub.record import Record
from hub.views import EmergencyUse
from hub.views.emergency import EMERGENCY, uses

_BATCH: Final = 1_000


class EmergencyUses:
    """The streams of uses of emergency access, found once and followed as the record grows."""

    def __init__(self, record: Record) -> None:
        self._record: Final = record
        self._lock: Final = Lock()
        self._position = 0
        self._streams: dict[str, None] = {}

    def of(self, reader: str) -> list[EmergencyUse]:
        """What one person used, those by which nobody was found too, in the order of the streams.

        Raises: HubError store.
        """
        with self._lock:
            while batch := self._record.log(self._position, _BATCH):
                self._streams |= dict.fromkeys(
                    one.stream for one in batch if one.stream.startswith(EMERGENCY)
                )
                self._position = batch[-1].position
            streams = list(self._streams)
        found = (use for stream in streams for use in uses(self._record.stream(stream)))
        return [use for use in found if use.reader == reader]
