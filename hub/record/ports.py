"""What the hub is given from outside: time and randomness, as values of these two shapes."""

from __future__ import annotations

import builtins
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The two clocks of the hub.

    Units: aware UTC.
    """

    def wall(self) -> datetime:
        """The time of tokens, signatures, key validity and checkpoints."""
        ...

    def domain(self) -> datetime:
        """The time of receipt, deadlines and relationships; never runs backwards."""
        ...


class SimulationClock(Clock, Protocol):
    """A clock whose domain time is moved by events instead of by the world."""

    def advance(self, to: datetime) -> datetime:
        """Move the domain clock to the greatest of itself and `to`, and return it."""
        ...


class Chance(Protocol):
    """The only source of randomness; safe to call from several threads.

    Trust: data keys, nonces and salts come from here, so outside simulations it must be the
    operating system's generator.
    """

    def uuid(self) -> str:
        """A random UUID in its usual text form."""
        ...

    def bytes(self, n: int) -> builtins.bytes:
        """`n` random bytes."""
        ...
