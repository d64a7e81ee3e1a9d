"""Level scales: the levels of a behaviour in their order, and what each means; never mapped to each other.

Source: S5 s.3 (hackett-5); S3 s.3 (darlington-4); Q-09 (no equivalent is ever inferred).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import schemas


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a scale, with the plain text people see."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """One scale by which agencies describe the level of a behaviour.

    Shape: `levels` from the lowest up. `normal` is the lowest level where it says that the behaviour raises
    no concern, None where the scale has no such level; from `concern_from` up a behaviour is harmful, from
    `serious_from` up seriously so. `recorded_by` are the kinds of organisation that may give a level of
    it, none for every kind.
    Source: R-020, R-021, R-004; Q-14
    """

    id: str
    title: str
    levels: tuple[Level, ...]
    normal: str | None
    concern_from: str
    serious_from: str
    recorded_by: frozenset[str]
    source: str

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of its levels, from the lowest up."""
        return tuple(one.code for one in self.levels)

    @property
    def order(self) -> tuple[str, ...]:
        """What two levels must have in common to be compared: the scale's id and its levels in order."""
        return (self.id, *self.codes)

    def step(self, level: str) -> int | None:
        """The place of a level from 0, None where the scale has no such level."""
        codes = self.codes
        return codes.index(level) if level in codes else None

    def reaches(self, level: str, bound: str) -> bool:
        """Whether a level of this scale is another level of it, or above that."""
        given, least = self.step(level), self.step(bound)
        return given is not None and least is not None and given >= least


def _shipped() -> Mapping[str, Scale]:
    """The scales of the code lists, in the order of their levels."""
    levels = schemas.codes("levels").codes
    found = {}
    for one in schemas.codes("scales").codes:
        own = [row for row in levels if row.attributes["scale"] == one.code]
        own.sort(key=lambda row: int(str(row.attributes["order"])))
        found[one.code] = Scale(
            id=one.code,
            title=one.text,
            levels=tuple(Level(row.code, row.text) for row in own),
            normal=str(one.attributes["normal"]),
            concern_from=str(one.attributes["concern_from"]),
            serious_from=str(one.attributes["serious_from"]),
            recorded_by=frozenset(),
            source=str(one.attributes["source"]),
        )
    return found


SHIPPED: Final[Mapping[str, Scale]] = _shipped()
"""The scales that come with the hub; a partnership's own stand in its profile."""
