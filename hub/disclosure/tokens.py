"""Per-reader names: entry ids and tokens of other children, which two readers cannot join (D-03)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Final

from hub.envelope import EventKey

DigestOf = Callable[[str, bytes], bytes]

# Part of every name: a new version gives every reader new names, never joinable with the old ones.
KEY_VERSION: Final = "reader-names/1"


class ReaderNames:
    """Names as one reader knows them for one child: HMACs under the record's index key.

    Trust: a name depends on the reader, the child and the thing named only, so that nothing hidden,
    and no later resolution of a reference, changes it.
    """

    def __init__(self, digest: DigestOf, principal: str, child: str) -> None:
        self._digest: Final = digest
        self._scope: Final = f"{principal}\n{child}\n".encode()

    def entry(self, key: EventKey, line: str = "") -> str:
        """The entry id of an event, or of a coded line of it."""
        return "e-" + self._name(f"entry\n{key.source}\n{key.id}\n{line}")

    def other(self, reference: str) -> str:
        """The token of another child, from the keyed digest of its reference."""
        return "other-" + self._name(f"other\n{reference}")[:20]

    def _name(self, text: str) -> str:
        digest = self._digest(KEY_VERSION, self._scope + text.encode())
        return base64.b32encode(digest[:20]).decode().lower()
