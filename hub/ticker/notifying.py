"""Notices that follow from the record by themselves: those that wait to be fetched, recalls and alarms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from hub.disclosure import CHANGES, Look, Mail
from hub.envelope import EventKey
from hub.errors import HubError
from hub.pathway.calendar import end_of_day, london_day
from hub.record import Head, Recorded
from hub.views import CONCERNS, read_post

PREPARED: Final = "relay/notices"
"""The place up to which notices were made; the relay, where there is one, raises the same mark, so that a hub
which gets brokers, or loses them, goes on where it was."""
WATCHED: Final = "notices/watched"
"""The place up to which nothing is left to look at again."""
SETTLED: Final = timedelta(minutes=5)
"""So long after a change an answer that was decided before it may still be on its way to the record."""
BATCH: Final = 20
_TRIES: Final = 60
_CHILD: Final = "child/"
_Take = Callable[[Recorded, Look], None]


class Log(Protocol):
    """The part of the record that is followed."""

    def head(self) -> Head:
        """Where the record stands now."""
        ...

    def log(self, after_position: int, limit: int) -> list[Recorded]:
        """The next items after a position."""
        ...

    def at(self, position: int) -> Recorded | None:
        """The item at a position."""
        ...

    def mark(self, name: str) -> int:
        """The greatest value that a mark was raised to, 0 where it never was."""
        ...

    def raise_mark(self, name: str, value: int) -> int:
        """Raise a mark, durably."""
        ...


@dataclass(frozen=True, slots=True)
class _Again:
    """What has to be looked at once more, and when."""

    child: str
    key: EventKey
    due: datetime
    concern: bool


class Notifying:
    """Follows the record and has disclosure record the notices that nobody asks for.

    Shape: `prepares` where no relay makes notices: then they wait in the recipients' streams. What has to be
    looked at again is kept in memory, and read again from the mark `WATCHED` after a restart: that is as
    far back as concerns wait to be acknowledged. Several processes may do the same at once: what each
    records has a name that follows from what it is about, so that it stands once.
    Trust: an item that cannot be looked at is passed over after a while in which the store took something
    else, and counted in `faults`: or one child that cannot be opened would keep notices from all others.
    Not for several threads at once.
    """

    def __init__(
        self, record: Log, mail: Mail, *, prepares: bool, stopping: Callable[[], bool] = lambda: False
    ) -> None:
        self.faults = 0
        self._record: Final = record
        self._mail: Final = mail
        self._prepares: Final = prepares
        self._stopping: Final = stopping
        self._read: int | None = None
        self._again: dict[int, _Again] = {}
        self._tried: tuple[int, int] = (-1, 0)

    def look(self, now: datetime) -> None:
        """Record every notice that is owed at this instant of the domain clock.

        Raises: HubError store, rate, views-behind, where the next look goes on at the same place.

        Procedure
          1. Where no relay does: the notices of what was recorded since.
          2. Recalls of what was corrected or retracted since; which concerns there are.
          3. What was to be looked at again by now: concerns whose time is up, and changes once more, since
             an answer may have been on its way when they came.
          4. Note the place before which nothing is left.
        """
        if self._prepares:
            self._follow(self._record.mark(PREPARED), self._mail.prepare, PREPARED)  # 1
        if self._read is None:
            self._read = self._record.mark(WATCHED)
        self._read = self._follow(self._read, self._watch, None)  # 2
        for position in sorted(self._again):  # 3
            if not self._stopping() and self._again[position].due <= now:
                self._look_again(position)
        before = min(self._again, default=self._read + 1) - 1
        if before > self._record.mark(WATCHED):
            self._record.raise_mark(WATCHED, before)  # 4

    def next_due(self, now: datetime) -> datetime | None:
        """When to look again if nothing is committed before; None where nothing waits."""
        dues = [one.due for one in self._again.values()]
        return max(now, min(dues)) if dues else None

    def _follow(self, after: int, take: _Take, mark: str | None) -> int:
        """Take up everything after a place, some at one look; the place that it came to."""
        while not self._stopping() and (items := self._record.log(after, BATCH)):
            look = self._mail.look()
            for item in items:
                self._safely(item, look, take)
                after = item.position
            if mark is not None:
                self._record.raise_mark(mark, after)
            else:
                self._read = after
        return after

    def _safely(self, item: Recorded, look: Look, take: _Take) -> None:
        try:
            take(item, look)
        except HubError as fault:
            tries = self._tried[1] + 1 if self._tried[0] == item.position else 1
            self._tried = (item.position, tries)
            # While a restored record lacks events, whoever is passed over would never be told.
            if fault.slug != "store" or tries < _TRIES:
                raise
            self._record.head()  # raises where it is the store and not the item
            self.faults += 1
        except (ValueError, KeyError, TypeError):  # of this item alone, and it would be the same tomorrow
            self.faults += 1

    def _watch(self, item: Recorded, look: Look) -> None:
        if item.kind != "event" or not item.stream.startswith(_CHILD) or item.body is None:
            return
        concern = item.type in CONCERNS
        if not concern and item.type not in CHANGES:
            return
        received = read_post(item.body).received_at
        if not concern:
            self._mail.recall(item, look)
        # The procedure says when a concern's time is up; that is looked up when a day has passed.
        due = end_of_day(london_day(received)) if concern else received + SETTLED
        child, key = item.stream.removeprefix(_CHILD), EventKey(item.source, item.id)
        self._again[item.position] = _Again(child, key, due, concern)

    def _look_again(self, position: int) -> None:
        item, one = self._record.at(position), self._again[position]
        later: list[datetime] = []

        def take(found: Recorded, look: Look) -> None:
            if not one.concern:
                self._mail.recall(found, look)
            elif (due := self._mail.unacknowledged(one.child, one.key, look)) is not None:
                later.append(due)

        if item is not None:
            self._safely(item, self._mail.look(), take)
        del self._again[position]
        if later:
            self._again[position] = replace(one, due=later[0])
