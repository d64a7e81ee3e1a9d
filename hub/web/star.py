"""The star of a self-assessment as an SVG drawing: axes, rings and an outline for each cycle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Final

from hub.pathway.reports import Outline

HIGHEST: Final = 4
RADIUS: Final = 150.0
CENTRE: Final = 200.0
_LABEL: Final = 1.14


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: where it ends, and where its number stands beside it."""

    number: int
    x: float
    y: float
    label_x: float
    label_y: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """One outline: the points that are joined, and whether every axis has one.

    Shape: an axis without an answer has no point: it is not nought. `points` is an SVG list of points.
    """

    cycle: str
    points: str
    dots: tuple[tuple[float, float], ...]
    closed: bool


@dataclass(frozen=True, slots=True)
class Star:
    """Everything that a template needs to draw a star."""

    axes: tuple[Axis, ...]
    rings: tuple[str, ...]
    outlines: tuple[Drawn, ...]


def star(outlines: Sequence[Outline]) -> Star | None:
    """The star of one or two cycles, the later one first; None where there is nothing to draw.

    Source: R-190
    """
    if not outlines:
        return None
    count = len(outlines[0].axes)
    axes = tuple(Axis(n + 1, *_at(n, count, HIGHEST), *_at(n, count, HIGHEST * _LABEL)) for n in range(count))
    rings = tuple(_written([_at(n, count, ring) for n in range(count)]) for ring in range(1, HIGHEST + 1))
    return Star(axes, rings, tuple(_drawn(one) for one in outlines))


def _drawn(outline: Outline) -> Drawn:
    count = len(outline.axes)
    dots = tuple(_at(n, count, axis.mean) for n, axis in enumerate(outline.axes) if axis.mean is not None)
    return Drawn(outline.cycle, _written(dots), dots, len(dots) == count)


def _at(axis: int, count: int, value: float) -> tuple[float, float]:
    """The point of a value on an axis; the first axis points up, the others follow clockwise."""
    angle = 2 * pi * axis / count - pi / 2
    reach = RADIUS * value / HIGHEST
    return round(CENTRE + reach * cos(angle), 1), round(CENTRE + reach * sin(angle), 1)


def _written(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)
