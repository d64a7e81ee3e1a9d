"""What every report is made of: named tables of numbers, with what is withheld marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final, TypeAlias

from hub.pathway.reports.period import ReportYear
from hub.pathway.reports.suppression import FEWEST

Value: TypeAlias = int | float | str | None
"""A number or a word; None is a number that is withheld."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name for scripts and its title for people."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its name for scripts, its title for people, a value for each column."""

    name: str
    title: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a report and the requirement that it answers."""

    name: str
    requirement: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """One report: it names no child and puts children in no order.

    Shape: `year` is None for what organisations say of themselves, which is told as it stands now.
    `fewest` is the smallest number of children that is told; None where no children are counted.
    """

    name: str
    title: str
    tables: tuple[Table, ...]
    year: ReportYear | None = None
    fewest: int | None = FEWEST
    notes: tuple[str, ...] = field(default=())


NUMBER: Final = Column("children", "Children")
MEDIAN: Final = Column("median_days", "Median days")


def measured(days: Iterable[int], told: int | None) -> tuple[int | None, float | None]:
    """A number of children and the median of their days; both withheld where the number is.

    Units: whole London days.
    """
    every: Sequence[int] = sorted(days)
    return (None, None) if told is None or not every else (told, float(median(every)))
