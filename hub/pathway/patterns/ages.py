"""How old a child was, for readers who always read the date of birth."""

from __future__ import annotations

from datetime import date
from typing import Final

from hub.pathway.child import date_of_birth, entries_of, opening
from hub.pathway.entries import Entry, Material

BORN: Final = {"child-stream-opened": ("date_of_birth",)}


def born_on(material: Material, child: str) -> date | None:
    """The date of birth of this child or of a linked one; None where this reader may not know it."""
    return date_of_birth(material, child) if material.reads(BORN, child) else None


def opened(material: Material, child: str) -> list[Entry]:
    """The opening of a linked child's record, which alone says when that child was born."""
    first = opening(entries_of(material, child))
    return [first] if first is not None else []
