"""Per-reader names: entry ids and tokens of other children, which two readers cannot join (D-03)."""

from __future__ import annotations

from typing import Final

from hub.envelope import EventKey
from hub.views.names import DigestOf, entry_name, reader_name

__all__ = ["DigestOf", "ReaderNames"]

# Most records are shorter; the bound only keeps memory flat.
MAX_NAMES: Final = 5_000


class ReaderNames:
    """Names as one reader knows them for one child: HMACs under the record's index key.

    Trust: a name depends on the reader, the child and the thing named only, so that nothing hidden,
    and no later resolution of a reference, changes it.
    """

    def __init__(self, digest: DigestOf, principal: str, child: str) -> None:
        self._digest: Final = digest
        self._principal: Final = principal
        self._child: Final = child
        self._entries: Final[dict[tuple[EventKey, str], str]] = {}

    def entry(self, key: EventKey, line: str = "") -> str:
        """The entry id of an event, or of a coded line of it; remembered, as a reader turns many pages."""
        found = self._entries.get((key, line))
        if found is None:
            if len(self._entries) >= MAX_NAMES:
                self._entries.clear()
            found = entry_name(self._digest, self._principal, self._child, key, line)
            self._entries[key, line] = found
        return found

    def other(self, reference: str) -> str:
        """The token of another child, from the keyed digest of its reference."""
        return "other-" + reader_name(self._digest, self._principal, self._child, f"other\n{reference}")[:20]

    def child(self) -> str:
        """The token of the child itself, for a reader that gets no child's id: an organisation's systems."""
        return "child-" + reader_name(self._digest, self._principal, self._child, "child")[:20]
