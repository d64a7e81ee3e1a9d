"""The ordered levels of behaviour, each inside its own scale; scales are never mapped to each other.

Source: S5 s.3 (hackett-5); S3 s.3 (darlington-4); Q-09 (no equivalent is ever inferred).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import schemas


def _scales() -> Mapping[str, tuple[str, ...]]:
    """The scales of the code list `levels`, each in its order."""
    found: dict[str, list[tuple[int, str]]] = {}
    for one in schemas.codes("levels").codes:
        scale, order = one.attributes["scale"], one.attributes["order"]
        if isinstance(scale, str) and isinstance(order, int):
            found.setdefault(scale, []).append((order, one.code))
    return {scale: tuple(level for _, level in sorted(rows)) for scale, rows in found.items()}


SCALES: Final[Mapping[str, tuple[str, ...]]] = _scales()


def step(scale: str, level: str) -> int | None:
    """The place of a level in its scale from 0, None where the scale or the level is unknown."""
    order = SCALES.get(scale, ())
    return order.index(level) if level in order else None


def above(scale: str, level: str, other_scale: str, other: str) -> bool | None:
    """Whether a level is at least one step above another; None where they cannot be compared."""
    if scale != other_scale:
        return None
    first, second = step(scale, level), step(other_scale, other)
    return None if first is None or second is None else first > second


def span(levels: Iterable[tuple[str, str]]) -> int | None:
    """Steps between the lowest and the highest of (scale, level) pairs; None: not comparable."""
    pairs = tuple(levels)
    steps = [step(scale, level) for scale, level in pairs]
    known = [one for one in steps if one is not None]
    if len({scale for scale, _ in pairs}) != 1 or len(known) != len(steps):
        return None
    return max(known) - min(known)


def lowest(scale: str, level: str) -> bool:
    """Whether a level is the first of its scale: behaviour that raises no concern (Q-14)."""
    return step(scale, level) == 0
