"""What a projection declares and returns: tables and rows as data, in no database's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Generic, Protocol, TypeVar, get_type_hints

from hub.record.types import Head, Recorded

Value = str | int | bytes
Row = tuple[Value, ...]
RowT = TypeVar("RowT", bound=Row)
RowT_co = TypeVar("RowT_co", bound=Row, covariant=True)
_NAME: Final = re.compile(r"[a-z][a-z_]{0,39}")
_KINDS: Final = (str, int, bytes)


@dataclass(frozen=True, slots=True)
class Table(Generic[RowT_co]):
    """One table of a projection.

    Shape: `row` is a NamedTuple class of text, whole numbers and bytes; its first `key` fields are the
    key: a row that is put replaces the row of the same key.
    """

    name: str
    row: type[RowT_co]
    key: int

    def __post_init__(self) -> None:
        columns = columns_of(self.row)
        named = all(_NAME.fullmatch(one) for one in (self.name, *(name for name, _ in columns)))
        if not named or not 0 < self.key <= len(columns):
            raise ValueError("a table of a projection is not well declared")

    @property
    def columns(self) -> tuple[tuple[str, type[Value]], ...]:
        """The name and kind of each column, in the order of the row."""
        return columns_of(self.row)


@cache
def columns_of(row: type[Row]) -> tuple[tuple[str, type[Value]], ...]:
    """The fields of a row class as columns."""
    hints = get_type_hints(row)
    columns = tuple((name, hints[name]) for name in getattr(row, "_fields", ()))
    if not all(kind in _KINDS for _, kind in columns):
        raise ValueError("a column holds text, whole numbers or bytes")
    return columns


class Changes:
    """The rows to put and to remove that follow from some items; of one key, the last word counts."""

    __slots__ = ("_of",)

    def __init__(self) -> None:
        self._of: Final[dict[Table[Row], dict[Row, Row | None]]] = {}

    def put(self, table: Table[RowT], *rows: RowT) -> None:
        """Add rows, or replace those of the same keys."""
        of, key = self._of.setdefault(table, {}), table.key
        if key == len(table.columns):
            # The whole row is its key, and equal to a plain tuple of the same: nothing is to be cut.
            of.update(zip(rows, rows, strict=True))
            return
        for row in rows:
            of[row[:key]] = row

    def remove(self, table: Table[Row], *keys: Row) -> None:
        """Take away the rows of these keys, where they are."""
        of = self._of.setdefault(table, {})
        for key in keys:
            of[key] = None

    def add(self, later: Changes) -> None:
        """Let these changes be followed by later ones."""
        for table, rows in later._of.items():
            self._of.setdefault(table, {}).update(rows)

    def most(self) -> int:
        """Of how many rows of one table something is said, at most; cheaper than putting them in order."""
        return max(map(len, self._of.values()), default=0)

    def by_table(self) -> list[tuple[Table[Row], list[Row], list[Row]]]:
        """The rows to put and the keys to remove of each table.

        Shape: everything in the order of its key, so that two writers meet in the same order and neither
        waits for a row that the other holds while holding what the other waits for.
        """
        return [
            (
                table,
                [row for key in sorted(rows) if (row := rows[key]) is not None],
                sorted(key for key, row in rows.items() if row is None),
            )
            for table, rows in sorted(self._of.items(), key=lambda one: one[0].name)
        ]


class Projection(Protocol):
    """What turns items into rows of a view.

    Shape: a projection whose rows would come out differently gets a new `version`, which is built from
    the start. Where it is fed in parts, each row's content follows from the items of one child alone, or
    from its key alone: parts are not in order among each other.
    """

    @property
    def name(self) -> str:
        """The name that its generations are registered under."""
        ...

    @property
    def version(self) -> int:
        """Counted up when the rows would come out differently."""
        ...

    @property
    def tables(self) -> Sequence[Table[Row]]:
        """The tables of its rows."""
        ...

    def project(self, recorded: Sequence[Recorded]) -> Changes:
        """What follows from these items, in order; the same whenever they are given, and in any batches.

        Shape: an erased item has no body.
        Raises: HubError("store") where the record cannot be read now; anything else concerns the items.
        """
        ...


class Log(Protocol):
    """The part of the record that projections read."""

    def head(self) -> Head:
        """Where the record stands now."""
        ...

    def log(self, after_position: int, limit: int) -> list[Recorded]:
        """The next items after a position."""
        ...

    def subscribe(self, listener: Callable[[int], None]) -> None:
        """Call after each commit."""
        ...


@dataclass(frozen=True, slots=True)
class Parked:
    """An item that a projection could not take up, alone and tried again.

    Shape: `projection` is its name and version; `fault` is the kind of the error, never its message,
    which may hold content.
    """

    projection: str
    position: int
    fault: str
