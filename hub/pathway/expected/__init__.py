"""What is missing for a child and why it is expected: every expectation that is open now."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.pathway.entries import Material
from hub.pathway.expected.rule import Expected, Look, OpenItem
from hub.pathway.profiles import ProfileOf

EXPECTED: Final[tuple[Expected, ...]] = ()


def open_items(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[OpenItem, ...]:
    """Every open item that the material gives, the longest expected first.

    Trust: over one reader's material each item rests on that reader's entries alone, and is left out
    where the reader may not see everything that could meet it (H-20).
    """
    look = Look(material, now, profile_of)
    found = (item for one in EXPECTED if material.sees(*one.meets) for item in one.find(look))
    return tuple(sorted(found, key=lambda item: (item.since, item.rule)))


__all__ = ["EXPECTED", "Expected", "Look", "OpenItem", "open_items"]
