"""What the suites of projections share: projections of every kind of change, and records to project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from hub.record import Append, Record, Recorded
from hub.record.projections import Changes, Projected, Projector, Row, Snapshot, Table
from tests.contract.record_contract import draft


class Body(NamedTuple):
    position: int
    body: bytes


class Stream(NamedTuple):
    stream: str
    version: int
    last: str


class Named(NamedTuple):
    id: str


BODIES = Table("bodies", Body, key=1)
STREAMS = Table("streams", Stream, key=1)
NAMES = Table("names", Named, key=1)


class Bodies:
    """Keeps each body, and refuses those that it was told are poison."""

    name = "bodies"
    tables: Sequence[Table[Row]] = (BODIES,)

    def __init__(self, version: int = 1, poison: Sequence[str] = ()) -> None:
        self.version = version
        self.poison = poison
        self.batches: list[int] = []
        self.meanwhile: Callable[[Sequence[Recorded]], None] = lambda _: None

    def project(self, recorded: Sequence[Recorded]) -> Changes:
        self.batches.append(len(recorded))
        self.meanwhile(recorded)
        changes = Changes()
        for one in recorded:
            if one.id in self.poison:
                raise ValueError("a message that holds content")
            changes.put(BODIES, Body(one.position, self.kept(one)))
        return changes

    def kept(self, one: Recorded) -> bytes:
        return b"%d:" % self.version + (b"erased" if one.body is None else one.body)


class Latest:
    """The last item of each stream; a stream whose last item's id begins with x has no row."""

    name = "latest"
    version = 1
    tables: Sequence[Table[Row]] = (STREAMS, NAMES)

    def project(self, recorded: Sequence[Recorded]) -> Changes:
        changes = Changes()
        for one in recorded:
            changes.put(NAMES, Named(one.id))
            if one.id.startswith("x"):
                changes.remove(STREAMS, (one.stream,))
            else:
                changes.put(STREAMS, Stream(one.stream, one.version, one.id))
        return changes


def append(record: Record, *ids: str, streams: int = 1) -> int:
    futures = [
        record.append(Append((draft(id, stream=f"child/{number % streams}", payload=id.encode()),)))
        for number, id in enumerate(ids)
    ]
    return [future.result(30).items[0].position for future in futures][-1]


def all_bodies(snapshot: Snapshot) -> list[Body]:
    return snapshot.rows(BODIES, range(1, 1001))


def bodies(projected: Projected) -> list[Body]:
    return projected.read(all_bodies)


def expected(record: Record, projection: Bodies, but: Sequence[str] = ()) -> list[Body]:
    items = record.log(0, 10_000)
    return [Body(one.position, projection.kept(one)) for one in items if one.id not in but]


def projected_by(projector: Projector) -> Projected:
    return projector._projected[0]
