"""Small numbers withheld, and with them what would give them away by subtraction (R-184)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

FEWEST: Final = 5
"""A number below this is withheld, nought included: that nobody was concerned is a fact about each child."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A number of children in parts that do not overlap; None is withheld."""

    total: int | None
    of: Mapping[str, int | None]


def parts(counts: Mapping[str, int]) -> Parts:
    """What may be told of parts by somebody who knows their total and this procedure.

    1. A total below the fewest is withheld with all its parts.
    2. Where any part is below the fewest, every part is withheld and the total alone is told.

    Trust: withholding no more than one further part would be bounded by what is shown: whoever knows how it
    was chosen could subtract again. Parts that are all withheld say only that one of them is small.
    Source: R-184
    """
    total = sum(counts.values())
    if total < FEWEST:  # 1.
        return Parts(None, dict.fromkeys(counts))
    if min(counts.values()) < FEWEST:  # 2.
        return Parts(total, dict.fromkeys(counts))
    return Parts(total, dict(counts))


def enough(count: int) -> int | None:
    """A number that is part of no total told anywhere; None where it is small."""
    return count if count >= FEWEST else None
