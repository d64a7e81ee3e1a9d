"""The world as it is: the system's clock and randomness, and the clock of a simulation.

The only place in the hub that reads them; everywhere else they are values passed in.
"""

from __future__ import annotations

import os
import threading
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from hub.errors import HubError

_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
CLOCK_MARK: Final = "clock/domain"
_SMALL_DRAW: Final = 64
_PORTION: Final = 4096


class SystemChance:
    """The operating system's generator.

    Shape: small draws come out of a portion that each thread has drawn for itself, because every call to the
    system lets other threads go first.
    Trust: no byte is given out twice: a process that was forked draws its own portion.
    """

    def __init__(self) -> None:
        self._own: Final = _Portion()

    def uuid(self) -> str:
        """A random UUID."""
        return str(uuid.UUID(bytes=self.bytes(16), version=4))

    def bytes(self, n: int) -> bytes:
        """`n` random bytes."""
        if n > _SMALL_DRAW:
            return os.urandom(n)
        own, process = self._own, os.getpid()
        if own.process != process or own.at + n > _PORTION:
            own.drawn, own.at, own.process = os.urandom(_PORTION), 0, process
        own.at += n
        return own.drawn[own.at - n : own.at]


class _Portion(threading.local):
    """Random bytes that this thread of this process drew, and how many of them were given out."""

    drawn = b""
    at = 0
    process = 0


class SystemClock:
    """Both clocks show the world's time."""

    def wall(self) -> datetime:
        """Now."""
        return datetime.now(UTC)

    def domain(self) -> datetime:
        """Now."""
        return datetime.now(UTC)


class SteppedClock:
    """The clock of a simulation: the wall clock is the world's, the domain clock is moved by events.

    Shape: where the domain clock stands is kept in a small file beside the record, so that it does not
    run backwards when the hub is started again.
    Units: aware UTC.
    """

    def __init__(self, path: Path, start: datetime | None) -> None:
        self._path: Final = path
        self._lock: Final = threading.Lock()
        try:
            kept = datetime.fromisoformat(path.read_text(encoding="ascii").strip())
        except FileNotFoundError:
            kept = _BEGINNING
        except (OSError, ValueError):
            raise HubError(
                "store", "The simulation's clock cannot be read; remove it or restore it."
            ) from None
        self._domain = max(kept, (start or _BEGINNING).astimezone(UTC))

    def wall(self) -> datetime:
        """Now."""
        return datetime.now(UTC)

    def domain(self) -> datetime:
        """Where the simulation stands."""
        with self._lock:
            return self._domain

    def advance(self, to: datetime) -> datetime:
        """Move the domain clock to the greatest of itself and `to`.

        Raises: HubError store, when the new time cannot be kept; then it does not move.
        """
        with self._lock:
            if to > self._domain:
                moved = to.astimezone(UTC)
                beside = self._path.with_suffix(".new")
                try:
                    beside.touch(mode=0o600)
                    beside.write_text(moved.isoformat(), encoding="ascii")
                    beside.replace(self._path)
                except OSError:
                    raise HubError("store") from None
                self._domain = moved
            return self._domain


class Marks(Protocol):
    """The part of the record that keeps whole numbers which only grow."""

    def mark(self, name: str) -> int:
        """The number, 0 where none was kept."""
        ...

    def raise_mark(self, name: str, value: int) -> int:
        """Keep the greatest, durably; the number that stands then."""
        ...


class SharedClock:
    """The clock of a simulation of several processes: the domain clock is a mark of their record.

    Units: aware UTC; the mark is in microseconds since 1970.
    """

    def __init__(self, marks: Marks, start: datetime | None) -> None:
        self._marks: Final = marks
        self._start: Final = (start or _BEGINNING).astimezone(UTC)

    def wall(self) -> datetime:
        """Now."""
        return datetime.now(UTC)

    def domain(self) -> datetime:
        """Where the simulation stands, for all processes.

        Raises: HubError store.
        """
        return max(self._start, _EPOCH + self._marks.mark(CLOCK_MARK) * _MICROSECOND)

    def advance(self, to: datetime) -> datetime:
        """Move the domain clock to the greatest of itself and `to`.

        Raises: HubError store, when the new time cannot be kept; then it does not move.
        """
        reached = (max(to.astimezone(UTC), self._start) - _EPOCH) // _MICROSECOND
        return _EPOCH + self._marks.raise_mark(CLOCK_MARK, reached) * _MICROSECOND
