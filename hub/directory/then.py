"""Who there was and what they were, as the record had it up to a position: for replays."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.directory.directory import STREAM, Directory
from hub.directory.events import decode
from hub.directory.state import DirectoryState, fold
from hub.errors import HubError
from hub.record import Record
from hub.record.ports import Clock


class StoppedClock(Clock):
    """A clock that stands at one instant."""

    def __init__(self, at: datetime) -> None:
        self._at: Final = at

    def wall(self) -> datetime:
        """The instant."""
        return self._at

    def domain(self) -> datetime:
        """The instant."""
        return self._at


class DirectoryThen(Directory):
    """The directory without what was decided after a position; it changes nothing.

    Raises: HubError("store") where an event cannot be opened.
    """

    def __init__(self, record: Record, position: int, at: datetime) -> None:
        super().__init__(record, StoppedClock(at))
        events = []
        for item in record.stream(STREAM):
            if item.position > position:
                break
            if item.body is None:
                raise HubError("store", "The directory cannot be opened with this master key.")
            events.append(decode(item.type, item.body))
        self._then: Final = fold(DirectoryState(), events)

    def refresh(self) -> DirectoryState:
        """Everything as it stood then."""
        return self._then
