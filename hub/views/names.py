"""One reader's names of entries and of other children, which two readers cannot join (D-03)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from hub.envelope import EventKey

DigestOf: TypeAlias = Callable[[str, bytes], bytes]

# Part of every name: a new version gives every reader new names, never joinable with the old ones.
KEY_VERSION: Final = "reader-names/1"
# Base32 of RFC 4648 in small letters, two at a time: the standard library takes three times as long.
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS: Final = tuple(first + second for first in _LETTERS for second in _LETTERS)
_PLACES: Final = tuple(range(150, -1, -10))
_ENTRY: Final = re.compile(r"e-[a-z2-7]{32}")


def reader_name(digest: DigestOf, principal: str, child: str, text: str) -> str:
    """The name of a thing as one reader knows it for one child: a keyed digest in base32."""
    told = int.from_bytes(digest(KEY_VERSION, f"{principal}\n{child}\n{text}".encode())[:20], "big")
    return "".join([_PAIRS[told >> place & 1023] for place in _PLACES])


def entry_name(digest: DigestOf, principal: str, child: str, key: EventKey, line: str = "") -> str:
    """The entry id of an event, or of a coded line of it."""
    return "e-" + reader_name(digest, principal, child, f"entry\n{key.source}\n{key.id}\n{line}")


def is_entry_name(text: str) -> bool:
    """Whether a text has the form of an entry id."""
    return _ENTRY.fullmatch(text) is not None
