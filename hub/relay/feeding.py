"""What those that feed the views in parts need of the record and of the views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from hub.record import Head, Recorded

BATCH: Final = 500


class Reading(Protocol):
    """The part of the record that workers read."""

    def head(self) -> Head:
        """Where the record stands now."""
        ...

    def log(self, after_position: int, limit: int) -> list[Recorded]:
        """The next items after a position."""
        ...

    def at(self, position: int) -> Recorded | None:
        """The item at a position."""
        ...


class Feed(Protocol):
    """A generation of views that is built in parts."""

    def prepare(self, of: int) -> None:
        """See that there is one, divided into so many parts."""
        ...

    def divided(self) -> int | None:
        """Into how many parts; None where there is none, or not all are divided alike."""
        ...

    def place(self, part: int, of: int) -> int | None:
        """Where a part stands; None where it is divided otherwise."""
        ...

    def take_up(self, part: int, of: int, after: int, items: Sequence[Recorded], upto: int) -> bool:
        """Take up all items of a part after a position, with its new place; False where it stood elsewhere.

        Shape: `upto` is a position of the record, and there are no other items of the part up to it.
        """
        ...
