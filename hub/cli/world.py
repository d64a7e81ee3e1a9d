"""The world as it is: the system's clock and randomness, and the clock of a simulation.

The only place in the hub that reads them; everywhere else they are values passed in.
"""

from __future__ import annotations

import os
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hub.errors import HubError

_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)


class SystemChance:
    """The operating system's generator."""

    def uuid(self) -> str:
        """A random UUID."""
        return str(uuid.uuid4())

    def bytes(self, n: int) -> bytes:
        """`n` random bytes."""
        return os.urandom(n)


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
