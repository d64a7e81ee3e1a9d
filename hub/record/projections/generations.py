"""The register of generations: which tables a projection's rows are in, how far they are, which serve.

A generation is one building of one version of a projection: tables of its own and the place it has reached,
in one part or, fed by a group of workers, in several. It is `building` beside the one that is `serving`
until it has caught up; then one transaction changes their states. `retired` ones wait to be dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from hub.errors import HubError
from hub.record.projections.declared import Log, Projection
from hub.record.projections.store import Gone, Reading, ViewStore, Writing

BUILDING: Final = "building"
SERVING: Final = "serving"
RETIRED: Final = "retired"
_BEGIN: Final = (
    "INSERT INTO views.generations (projection, version, state, tables) VALUES (?,?,?,?)"
    " ON CONFLICT DO NOTHING RETURNING generation"
)
_ADD_PART: Final = "INSERT INTO views.parts (generation, part, whole, position, leaf) VALUES (?,?,?,?,?)"
_ALL: Final = (
    "SELECT g.generation, g.version, g.state, g.tables, p.part, p.whole, p.position, p.leaf"
    " FROM views.generations g JOIN views.parts p ON p.generation = g.generation"
    " WHERE g.projection = ? ORDER BY g.generation, p.part"
)
# These change nothing and hold the rows until the transaction ends, in the language of both databases.
_HOLD_REGISTER: Final = "UPDATE views.generations SET state = state WHERE projection = ?"
_HOLD_PARTS: Final = "UPDATE views.parts SET position = position WHERE generation = ?"
_FORGET: Final = (
    "DELETE FROM views.parked WHERE generation = ?",
    "DELETE FROM views.parts WHERE generation = ?",
    "DELETE FROM views.generations WHERE generation = ?",
)
_STATE: Final = "UPDATE views.generations SET state = ? WHERE generation = ? AND state = ?"


@dataclass(frozen=True, slots=True)
class Part:
    """How far a part of a generation is, and the leaf of the item there.

    Shape: positions alone do not say of which record they are. At position 0 there is no leaf.
    """

    part: int
    whole: int
    position: int
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation as it is registered."""

    number: int
    version: int
    state: str
    tables: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def whole(self) -> int:
        """How many parts it is fed in."""
        return self.parts[0].whole

    @property
    def position(self) -> int:
        """What every part has reached."""
        return min(one.position for one in self.parts)


class _Unneeded(Exception):
    """Takes back what was begun."""


def rows_of(generation: int, table: str) -> str:
    """The name of a generation's table."""
    return f"g{generation}_{table}"


class Generations:
    """What is registered of one projection, and every change of it.

    Raises: HubError("store") from every method.
    """

    def __init__(self, store: ViewStore, projection: Projection) -> None:
        self.projection: Final = projection
        self._store: Final = store

    def all(self) -> list[Generation]:
        """All of the projection, of every version, as of one moment."""
        try:
            return _generations(self._store.rows(_ALL, (self.projection.name,)))
        except Gone:
            raise HubError("store", "There are no views here; run `hub init` first.") from None

    def here(self, state: str, among: Iterable[Generation]) -> Generation | None:
        """The one of this code's version in a state."""
        version = self.projection.version
        return next((one for one in among if (one.version, one.state) == (version, state)), None)

    def begin(self, *, again: bool = False) -> None:
        """Let a generation be built, unless one is being built, or serves and is not to be built again.

        Why it looks after it has registered: from then on nobody else's can become the one that serves.
        """
        tables = ",".join(table.name for table in self.projection.tables)
        values = (self.projection.name, self.projection.version, BUILDING, tables)
        with suppress(_Unneeded), _changing(self._store) as write:
            for (number,) in write.select(_BEGIN, values):
                if not again and self.here(SERVING, _read(write, self.projection.name)) is not None:
                    raise _Unneeded
                write.change(_ADD_PART, (number, 0, 1, 0, b""))
                for table in self.projection.tables:
                    write.create(rows_of(number, table.name), table)

    def switch(self, number: int) -> bool:
        """Let a generation serve that is as far as every part of the one that serves; whether it does now.

        1. Hold the register, then the places of both: neither moves on or is divided meanwhile.
        2. Divide the new one as the old one was: each worker finds its part at or past where it left it.
        3. Change the states of both.
        """
        with _changing(self._store) as write:
            # 1.
            found = self._held(write)
            new, old = found.get(number), self.here(SERVING, found.values())
            if new is None or new.state != BUILDING:
                return False
            if old is not None:
                if new.position < max(one.position for one in old.parts):
                    return False
                # 2.
                if old.whole != new.whole:
                    _divide(write, new, old.whole)
                # 3.
                write.change(_STATE, (RETIRED, old.number, SERVING))
            return write.change(_STATE, (SERVING, number, BUILDING)) == 1

    def divide(self, whole: int) -> None:
        """Let the serving generation be fed in so many parts, each from what all had reached."""
        with _changing(self._store) as write:
            serving = self.here(SERVING, self._held(write).values())
            if serving is not None and serving.whole != whole:
                _divide(write, serving, whole)

    def retire_foreign(self, record: Log) -> None:
        """Retire every generation that goes on from another record than this.

        Why: one of the two was restored from a backup; what such rows say stands nowhere.
        """
        for one in self.all():
            if one.state != RETIRED and not all(_is_of(record, part) for part in one.parts):
                with _changing(self._store) as write:
                    write.change(_STATE, (RETIRED, one.number, one.state))

    def _held(self, write: Writing) -> dict[int, Generation]:
        write.change(_HOLD_REGISTER, (self.projection.name,))
        for one in _read(write, self.projection.name):
            if one.version == self.projection.version:
                write.change(_HOLD_PARTS, (one.number,))
        return {one.number: one for one in _read(write, self.projection.name)}

    def drop(self, generations: Sequence[Generation]) -> None:
        """Drop generations and what is registered of them; one that is being read is left for later."""
        for one in generations:
            with suppress(HubError), _changing(self._store) as write:
                for table in one.tables:
                    write.drop(rows_of(one.number, table))
                for statement in _FORGET:
                    write.change(statement, (one.number,))


def _divide(write: Writing, generation: Generation, whole: int) -> None:
    least = min(generation.parts, key=lambda one: one.position)
    write.change(_FORGET[1], (generation.number,))
    for part in range(whole):
        write.change(_ADD_PART, (generation.number, part, whole, least.position, least.leaf))


def _is_of(record: Log, part: Part) -> bool:
    if part.position == 0:
        return True
    found = [(one.position, one.leaf_data) for one in record.log(part.position - 1, 1)]
    return found == [(part.position, part.leaf)]


def _read(read: Reading, projection: str) -> list[Generation]:
    return _generations(read.select(_ALL, (projection,)))


def _generations(rows: Iterable[tuple[Any, ...]]) -> list[Generation]:
    found: dict[int, tuple[int, str, str]] = {}
    parts: dict[int, list[Part]] = {}
    for number, version, state, tables, part, whole, position, leaf in rows:
        found[number] = (version, state, tables)
        parts.setdefault(number, []).append(Part(part, whole, position, leaf))
    return [
        Generation(number, version, state, tuple(tables.split(",")), tuple(parts[number]))
        for number, (version, state, tables) in found.items()
    ]


@contextmanager
def _changing(store: ViewStore) -> Iterator[Writing]:
    try:
        with store.writing() as write:
            yield write
    except Gone:
        raise HubError("store", "There are no views here; run `hub init` first.") from None
