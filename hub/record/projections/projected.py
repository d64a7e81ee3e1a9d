"""Reading views: rows and position of the generation that serves, in one state of the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from threading import Lock
from typing import Final, TypeVar

from hub.errors import HubError
from hub.record.projections.declared import Parked, RowT, Table, Value
from hub.record.projections.generations import rows_of
from hub.record.projections.store import Gone, Reading, ViewStore

WAIT_SECONDS: Final = 0.002
_TRIES: Final = 3
_STAND: Final = (
    "SELECT g.generation, MIN(p.position),"
    " (SELECT COUNT(*) FROM views.parked k WHERE k.generation = g.generation)"
    " FROM views.generations g JOIN views.parts p ON p.generation = g.generation"
    " WHERE g.projection = ? AND g.version = ? AND g.state = 'serving' GROUP BY g.generation"
)
_NONE: Final = "There are no views here; run `hub init` first."
_PARKED: Final = "SELECT position, fault FROM views.parked WHERE generation = ? ORDER BY position"
_T = TypeVar("_T")


class Snapshot:
    """The serving generation in one state: rows, position and parked items fit together.

    Shape: while none serves, the position is 0 and there are no rows.
    """

    def __init__(self, read: Reading, projection: str, version: int) -> None:
        self._read: Final = read
        stands = read.select(_STAND, (projection, version))
        self._generation: Final[int | None] = stands[0][0] if stands else None
        self.position: Final[int] = stands[0][1] if stands else 0
        # Most often there are none; then they are not asked for.
        parked = read.select(_PARKED, (self._generation or 0,)) if stands and stands[0][2] else []
        name = f"{projection}/{version}"
        self.parked: Final = tuple(Parked(name, position, fault) for position, fault in parked)

    def rows(
        self,
        table: Table[RowT],
        keys: Collection[Value],
        *,
        after: Value | None = None,
        limit: int | None = None,
    ) -> list[RowT]:
        """The rows whose first key field is one of these, in the order of the key.

        Shape: `after` leaves out those whose second key field is not greater.
        """
        if self._generation is None or not keys:
            return []
        columns = [name for name, _ in table.columns]
        values: list[Value] = list(keys)
        where = f"{columns[0]} IN ({','.join('?' * len(values))})"
        if after is not None:
            where += f" AND {columns[1]} > ?"
            values.append(after)
        # Every name in it is declared by a projection of the hub.
        statement = (
            f"SELECT {','.join(columns)} FROM views.{rows_of(self._generation, table.name)}"  # noqa: S608
            f" WHERE {where} ORDER BY {','.join(columns[: table.key])}"
        )
        if limit is not None:
            statement += " LIMIT ?"
            values.append(limit)
        return [table.row(*row) for row in self._read.select(statement, values)]


class Projected:
    """One projection, read as this code's version of it.

    Shape: reads only a generation of this version; one of an older or newer version is as if it were not.
    Raises: HubError("store") from every method where the views are not available.
    """

    def __init__(self, store: ViewStore, name: str, version: int) -> None:
        self._store: Final = store
        self._name: Final = name
        self._version: Final = version
        self._looking: Final = Lock()
        self._looked = 0.0
        self._reached = 0

    def read(self, work: Callable[[Snapshot], _T]) -> _T:
        """What `work` makes of one state; it may be done again, where that state's tables went away."""
        for _ in range(_TRIES):
            try:
                with self._store.reading() as read:
                    return work(Snapshot(read, self._name, self._version))
            except Gone:
                # Another generation serves since the state was taken; the next look finds that one.
                continue
        raise HubError("store", _NONE)

    def position(self) -> int:
        """The last position that has been projected, 0 at the start."""
        try:
            stands = self._store.rows(_STAND, (self._name, self._version))
        except Gone:
            raise HubError("store", _NONE) from None
        return int(stands[0][1]) if stands else 0

    def standing(self) -> tuple[int, tuple[Parked, ...]]:
        """The last position that has been projected, and the items that stand aside; of one state.

        Shape: one question, and two more where anything stands aside.
        """
        try:
            stands = self._store.rows(_STAND, (self._name, self._version))
        except Gone:
            raise HubError("store", _NONE) from None
        if stands and stands[0][2]:
            return self.read(lambda snapshot: (snapshot.position, snapshot.parked))
        return int(stands[0][1]) if stands else 0, ()

    def parked(self) -> list[Parked]:
        """The items that stand aside, in order."""
        return list(self.read(lambda snapshot: snapshot.parked))

    def wait_for(self, position: int, timeout: float) -> bool:
        """Whether a position has been projected within so many seconds."""
        # A duration, not an instant: no rule depends on it.
        ends = time.monotonic() + timeout
        while self._looked_up() < position:
            left = ends - time.monotonic()
            if left <= 0:
                return False
            # The projector of another process does not notify, so the wait is short.
            with self._store.moved:
                self._store.moved.wait(min(left, WAIT_SECONDS))
        return True

    def _looked_up(self) -> int:
        # One look serves all who wait in this process: many of them must not become many queries.
        asked = time.monotonic()
        with self._looking:
            if self._looked < asked:
                self._looked, self._reached = time.monotonic(), self.position()
            return self._reached
