"""Taking items up: the rows that follow from them, and the place they bring a generation to, at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hub.errors import HubError
from hub.record.projections.declared import Changes, Parked, Projection
from hub.record.projections.generations import rows_of
from hub.record.projections.store import Gone, Puts, ViewStore
from hub.record.types import Recorded

# Touches its row only where the place is still what the items were read after: whoever else took them up
# has moved it, and a worker whose part was given to another comes too late.
_MOVE: Final = (
    "UPDATE views.parts SET position = ?, leaf = ?"
    " WHERE generation = ? AND part = ? AND whole = ? AND position = ?"
)
_REGISTERED: Final = "SELECT generation FROM views.generations WHERE generation = ?"
# Items are given again where parts are divided anew; what is parked already stays so, and is not told again.
_PARK: Final = "INSERT INTO views.parked VALUES (?,?,?) ON CONFLICT DO NOTHING"


# More rows of a table than that cost a little more in one statement with the place than in one of their own.
_FEW: Final = 50


@dataclass(frozen=True, slots=True)
class Target:
    """A part of a generation, and the place up to which it was found fed."""

    projection: Projection
    generation: int
    part: int
    whole: int
    position: int


@dataclass(frozen=True, slots=True)
class Place:
    """The place that a batch brings to: a position of the record and the leaf there."""

    position: int
    leaf: bytes


@dataclass(frozen=True, slots=True)
class _Taken:
    target: Target
    changes: Changes
    parked: tuple[Parked, ...]

    def puts(self) -> Puts | None:
        """The rows to put, None where there is more to do than that, or much."""
        if self.parked or self.changes.most() > _FEW:
            return None
        found = self.changes.by_table()
        if any(removed for _, _, removed in found):
            return None
        return [(rows_of(self.target.generation, table.name), table, put) for table, put, _ in found if put]


class _Moved(Exception):
    """The place of a target is not where it was found."""


class Uptake:
    """Writes what follows from items into generations: all of a batch in one transaction, exactly once.

    Trust: an item that cannot be taken up is parked and reported, never passed over in silence. It is
    reported by the process that parked it, once in a generation, after the commit.
    """

    def __init__(self, store: ViewStore, on_parked: Callable[[Parked], None] | None) -> None:
        self._store: Final = store
        self._on_parked: Final = on_parked

    def take_up(self, targets: Sequence[Target], items: Sequence[Recorded], to: Place) -> bool:
        """Bring every target to a place by the items past its own; False where one of them has moved.

        1. Make the rows of each projection; where an item is poison, make them one by one.
        2. Write all rows and all places in one transaction.
        3. Where the database refuses a value, take up one by one, so that only that item is parked.

        Raises: HubError("store") where the record or the database is not available.
        """
        # 1.
        taken = [_made(one, [item for item in items if item.position > one.position]) for one in targets]
        try:
            # 2.
            return self._write(taken, to)
        except HubError:
            raise
        except Exception:
            # 3.
            return all(self._one_by_one(one, items, to) for one in targets)

    def _one_by_one(self, target: Target, items: Sequence[Recorded], to: Place) -> bool:
        for item in items:
            if item.position <= target.position:
                continue
            here = Place(item.position, item.leaf_data)
            try:
                taken = self._write([_made(target, [item])], here)
            except HubError:
                raise
            except Exception as fault:
                taken = self._write([_Taken(target, Changes(), (_parked(target, item, fault),))], here)
            if not taken:
                return False
            target = replace(target, position=item.position)
        return target.position >= to.position or self._write([_Taken(target, Changes(), ())], to)

    def _write(self, taken: Sequence[_Taken], to: Place) -> bool:
        told: list[Parked] = []
        try:
            # As most often while somebody waits to see it: then every round trip counts.
            if len(taken) == 1 and (puts := taken[0].puts()) is not None:
                return self._store.advance(_MOVE, _move(taken[0].target, to), puts)
            with self._store.writing() as write:
                # In one order everywhere, so that two writers never wait for each other.
                for one in sorted(taken, key=lambda each: each.target.generation):
                    at = one.target
                    if write.change(_MOVE, _move(at, to)) != 1:
                        raise _Moved
                    for table, put, removed in one.changes.by_table():
                        name = rows_of(at.generation, table.name)
                        if removed:
                            write.remove(name, table, removed)
                        if put:
                            write.put(name, table, put)
                    for each in one.parked:
                        if write.change(_PARK, (at.generation, each.position, each.fault)):
                            told.append(each)
        except _Moved:
            return False
        except Gone:
            # Dropped by another process since it was found, or else somebody's hand took the table away.
            if self._still_registered(taken):
                raise HubError("store", "A table of the views is missing.") from None
            return False
        if self._on_parked is not None:
            for each in told:
                self._on_parked(each)
        return True

    def _still_registered(self, taken: Sequence[_Taken]) -> bool:
        with self._store.reading() as read:
            return all(read.select(_REGISTERED, (one.target.generation,)) for one in taken)


def _move(at: Target, to: Place) -> tuple[int | bytes, ...]:
    return (to.position, to.leaf, at.generation, at.part, at.whole, at.position)


def _made(target: Target, items: Sequence[Recorded]) -> _Taken:
    project = target.projection.project
    try:
        return _Taken(target, project(items) if items else Changes(), ())
    except Exception as fault:
        _raise_unless_of_the_items(fault)
    changes, parked = Changes(), []
    for item in items:
        try:
            changes.add(project((item,)))
        except Exception as fault:
            _raise_unless_of_the_items(fault)
            parked.append(_parked(target, item, fault))
    return _Taken(target, changes, tuple(parked))


def _raise_unless_of_the_items(fault: Exception) -> None:
    if isinstance(fault, MemoryError) or (isinstance(fault, HubError) and fault.slug == "store"):
        raise fault


def _parked(target: Target, item: Recorded, fault: Exception) -> Parked:
    name = f"{target.projection.name}/{target.projection.version}"
    return Parked(name, item.position, type(fault).__name__)
