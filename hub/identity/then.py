"""Which child is which, as it was decided up to a position of the record: for replays."""

from __future__ import annotations

from typing import Final

from hub.errors import HubError
from hub.identity.identity import Identity
from hub.identity.records import STREAM, ReferenceResolved, read
from hub.record import Record


class IdentityThen(Identity):
    """Identity without the joins that were decided after a position; references resolve as they do now.

    Raises: HubError("store") where a decision cannot be opened.
    """

    def __init__(self, record: Record, position: int) -> None:
        super().__init__(record)
        self._joined_then: Final[dict[str, str]] = {}
        self._streams_then: Final[dict[str, tuple[str, ...]]] = {}
        for item in record.stream(STREAM):
            decided = read(item)
            if decided is None:
                raise HubError("store", "The identity records cannot be opened with this master key.")
            if item.position <= position and isinstance(decided, ReferenceResolved):
                self._join(decided)

    def _join(self, decided: ReferenceResolved) -> None:
        streams = self._streams_then
        moved = (f"child/{decided.provisional}", *streams.get(decided.provisional, ()))
        streams[decided.child] = (*streams.get(decided.child, ()), *moved)
        self._joined_then[decided.provisional] = decided.child

    def canonical(self, child: str) -> str:
        """The child that a stream's id stood for."""
        while child in self._joined_then:
            child = self._joined_then[child]
        return child

    def streams_of(self, child: str) -> tuple[str, ...]:
        """All streams that were about a child: its own first, then the joined ones."""
        own = self.canonical(child)
        return (f"child/{own}", *self._streams_then.get(own, ()))
