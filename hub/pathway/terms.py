"""The terms that a local procedure does not use of a child, found in what people write.

Text is never rewritten: it is signed. A term may stand in a quotation, which names what it quotes:
`{{quote:court-record}}...{{/quote}}`.

Source: R-006, R-007
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from hub.envelope import JsonObject, JsonValue
from hub.pathway.profiles import AvoidedTerm

QUOTED: Final = ("childs-words", "court-record", "document")
"""What can be quoted: the child's own words, a court's record, another document."""
_MARK: Final = re.compile(r"\{\{quote:([^{}]{0,40})\}\}|\{\{/quote\}\}")
_MARK_BEGINS: Final = "{{"
_NO_TEXT: Final = frozenset({"author", "others", "about", "agrees_with", "entry_id"})
_IDENTIFIER: Final = re.compile(r"[a-z-]+\.[a-z0-9-]+(?:/[A-Za-z0-9._-]+)?")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in texts: avoided terms outside quotations, and quotations that are not right.

    Shape: `terms` in the order of the list they come from, each once.
    """

    terms: tuple[AvoidedTerm, ...]
    unknown_kind: bool
    unpaired: bool


def texts_of(data: JsonObject) -> Iterator[str]:
    """Every text of an event's data; names of people, organisations and events are none."""
    for name, value in data.items():
        if name not in _NO_TEXT:
            yield from _texts(value)


def found_in(texts: Iterable[str], avoided: tuple[AvoidedTerm, ...]) -> Found:
    """Look for avoided terms outside the quotations of each text.

    1. Leave out what is quoted as one of the known kinds; any other quotation hides nothing.
    2. Find the longest term at each place, so that a term inside a longer one is not told as well. Hardly a
       text has even the first word of one, which is quickly seen.
    Shape: letter case, the space or hyphen between words and a plural make no difference.
    """
    met: set[str] = set()
    pattern, begins = _pattern(avoided)
    unknown_kind = unpaired = False
    for text in texts:
        plain = [text]
        if _MARK_BEGINS in text:
            plain, wrong, alone = _unquoted(text)  # 1.
            unknown_kind, unpaired = unknown_kind or wrong, unpaired or alone
        folded = text.casefold()
        if any(word in folded for word in begins):  # 2.
            met.update(_folded(one) for piece in plain for one in pattern.findall(piece))
    return Found(tuple(one for one in avoided if met and _folded(one.term) in met), unknown_kind, unpaired)


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        if not _IDENTIFIER.fullmatch(value):
            yield value
    elif isinstance(value, Mapping):
        yield from texts_of(value)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def _unquoted(text: str) -> tuple[list[str], bool, bool]:
    """The pieces outside quotations; whether a kind is not known; whether a mark stands alone."""
    plain: list[str] = []
    unknown_kind = unpaired = False
    opened, hides, since = False, False, 0
    for mark in _MARK.finditer(text):
        kind = mark.group(1)
        if kind is None:
            if not hides:
                plain.append(text[since : mark.start()])
            unpaired = unpaired or not opened
            opened = hides = False
        else:
            # What a quotation without an end would hide counts as written by the author.
            plain.append(text[since : mark.start()])
            unpaired = unpaired or opened
            unknown_kind = unknown_kind or kind not in QUOTED
            opened, hides = True, kind in QUOTED
        since = mark.end()
    plain.append(text[since:])
    return plain, unknown_kind, unpaired or opened


@lru_cache(maxsize=64)
def _pattern(avoided: tuple[AvoidedTerm, ...]) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """The pattern of all terms, and the first words of which one stands in every text that it matches."""
    longest = sorted({one.term for one in avoided}, key=lambda term: (-len(term), term))
    words = [r"[\s-]{1,4}".join(re.escape(one) for one in re.split("[ -]", term)) for term in longest]
    firsts = {re.split("[ -]", term)[0].casefold() for term in longest}
    return re.compile(rf"(?<!\w)({'|'.join(words) or '(?!)'})s?(?!\w)", re.IGNORECASE), tuple(sorted(firsts))


def _folded(term: str) -> str:
    return " ".join(re.split(r"[\s-]+", term.casefold()))
