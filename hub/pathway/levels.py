"""The levels of behaviour that agencies gave, each read in its own scale; scales are never compared.

Source: S5 s.3; S3 s.3; Q-09 (no equivalent is ever inferred).
"""

from __future__ import annotations

from collections.abc import Iterable

from hub.catalogue.scales import SHIPPED, Scale
from hub.pathway.entries import Entry
from hub.pathway.fields import text


def scale_of(level: Entry) -> Scale | None:
    """The scale of a level as it stood when the level was given, None where it is not known or withheld.

    Trust: the scale that an entry carries counts only where the reader has the member that names it.
    """
    named = text(level, "scale")
    if named is None:
        return None
    own = level.scale
    return own if own is not None and own.id == named else SHIPPED.get(named)


def step(level: Entry) -> int | None:
    """The place of a level in its scale from 0, None where the scale or the level is unknown."""
    scale, given = scale_of(level), text(level, "level")
    return scale.step(given) if scale is not None and given is not None else None


def lowest(level: Entry) -> bool:
    """Whether a level says that the behaviour raises no concern (Q-14); not every scale has such a level."""
    scale = scale_of(level)
    return scale is not None and scale.normal is not None and scale.normal == text(level, "level")


def above_lowest(level: Entry) -> bool:
    """Whether a level is known and says more than that the behaviour raises no concern (Q-14)."""
    return step(level) is not None and not lowest(level)


def at_least(level: Entry, name: str) -> bool:
    """Whether a level is this one or above it, in its own scale; a scale without it never is (Q-09)."""
    scale, given = scale_of(level), text(level, "level")
    return given == name or (scale is not None and scale.reaches(given or "", name))


def of_concern(level: Entry) -> bool:
    """Whether a level says that the behaviour is harmful, as its own scale has it."""
    scale = scale_of(level)
    return scale is not None and scale.reaches(text(level, "level") or "", scale.concern_from)


def serious(level: Entry) -> bool:
    """Whether a level says that the behaviour is seriously harmful, as its own scale has it."""
    scale = scale_of(level)
    return scale is not None and scale.reaches(text(level, "level") or "", scale.serious_from)


def order_of(level: Entry) -> tuple[str, ...] | None:
    """What a level shares with those it can be compared with; None where it can be with none."""
    scale = scale_of(level)
    return scale.order if scale is not None and step(level) is not None else None


def above(level: Entry, other: Entry) -> bool | None:
    """Whether a level is at least one step above another; None where they cannot be compared."""
    first, second = step(level), step(other)
    if first is None or second is None or order_of(level) != order_of(other):
        return None
    return first > second


def span(levels: Iterable[Entry]) -> int | None:
    """Steps between the lowest and the highest of some levels; None: not comparable."""
    given = tuple(levels)
    steps = [one for level in given if (one := step(level)) is not None]
    if len(steps) != len(given) or len({order_of(one) for one in given}) != 1:
        return None
    return max(steps) - min(steps)
