"""One step of a projection: its place and its rows at once, whoever else takes the same step."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from hub.record import Record
from hub.record.projections import Projector, ViewStore, open_views
from hub.record.projections.store import Puts
from tests.contract.projections.example_projections import BODIES, NAMES, Bodies, Body, Latest, Named, append

MOVE = "UPDATE views.parts SET position = ? WHERE generation = 1 AND position = ?"


@pytest.fixture
def made(views: ViewStore) -> ViewStore:
    """A place at 0, and two tables without rows."""
    with views.writing() as write:
        write.change("INSERT INTO views.parts VALUES (1, 0, 1, 0, ?)", (b"",))
        write.create("g1_bodies", BODIES)
        write.create("g1_names", NAMES)
    return views


def both(number: int, *names: str) -> Puts:
    rows = [Named(name) for name in names]
    return [("g1_bodies", BODIES, [Body(number, b"%d" % number)]), ("g1_names", NAMES, rows)]


def stands(views: ViewStore) -> tuple[Any, ...]:
    """The place, and the rows of both tables."""
    return (
        views.rows("SELECT position FROM views.parts"),
        views.rows("SELECT position, body FROM views.g1_bodies ORDER BY position"),
        views.rows("SELECT id FROM views.g1_names ORDER BY id"),
    )


@pytest.mark.req("H-06")
def test_rows_stand_where_the_place_was_moved_and_nowhere_else(made: ViewStore) -> None:
    assert made.advance(MOVE, (1, 0), both(1, "a", "b"))
    assert not made.advance(MOVE, (2, 0), both(2, "c")), "another was there first"
    assert stands(made) == ([(1,)], [(1, b"1")], [("a",), ("b",)])
    # What stands already is replaced, or left where the whole row is its key; and a step may have no rows.
    assert made.advance(MOVE, (3, 1), [("g1_bodies", BODIES, [Body(1, b"new")]), *both(3, "b", "c")[1:]])
    assert made.advance(MOVE, (4, 3), [])
    assert stands(made) == ([(4,)], [(1, b"new")], [("a",), ("b",), ("c",)])


@pytest.mark.req("H-06")
def test_of_a_step_with_a_refused_value_nothing_stands(made: ViewStore) -> None:
    with pytest.raises(Exception, match=r"(?i)int|range"):
        made.advance(MOVE, (1, 0), [*both(1, "a")[1:], ("g1_bodies", BODIES, [Body(2**70, b"")])])
    assert stands(made) == ([(0,)], [], [])
    assert made.advance(MOVE, (1, 0), both(1, "a"))


@pytest.fixture
def eight(where: str | Path) -> Iterator[list[ViewStore]]:
    """Eight processes' views of one database, as far as the database can tell."""
    with ExitStack() as open_:
        yield [open_.enter_context(closing(open_views(where))) for _ in range(8)]


@pytest.mark.req("H-06")
def test_of_eight_that_take_the_same_step_at_once_one_takes_it(
    made: ViewStore, eight: list[ViewStore]
) -> None:
    with ThreadPoolExecutor(8) as pool:
        for step in range(5):

            def take(number: int, step: int = step) -> bool:
                return eight[number].advance(MOVE, (step + 1, step), both(step, f"{step}-{number}"))

            taken = list(pool.map(take, range(8)))
            assert taken.count(True) == 1
            assert (f"{step}-{taken.index(True)}",) in stands(made)[2]
    place, bodies, names = stands(made)
    assert place == [(5,)] and len(bodies) == len(names) == 5


@pytest.mark.req("H-06")
@pytest.mark.parametrize("record_at", ["postgres"], indirect=True)
def test_an_item_is_taken_up_in_one_round_trip(
    record: Record, views: ViewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hub.record.postgres.connecting import Connection

    with closing(Projector(record, views, [Bodies()])) as projector:
        append(record, "a1")
        projector.catch_up()
        said: list[bytes] = []
        execute = Connection.execute

        def heard(self: Connection, query: Any, *rest: Any, **more: Any) -> Any:
            said.append(query if isinstance(query, bytes) else query.encode())
            return execute(self, query, *rest, **more)

        monkeypatch.setattr(Connection, "execute", heard)
        append(record, "a2")
        projector.catch_up()
        written = [one for one in said if b"hub_views" in one and b"SELECT g." not in one]
        assert len(written) == 1 and b"UPDATE" in written[0] and b"INSERT" in written[0]
        assert b"BEGIN" not in said and projector.position() == 2


@pytest.mark.req("H-06")
def test_what_takes_rows_away_is_still_taken_up_whole(record: Record, views: ViewStore) -> None:
    with closing(Projector(record, views, [Latest()])) as projector:
        append(record, "a1")
        projector.catch_up()
        append(record, "x1")
        assert projector.catch_up() == 2
    assert views.rows("SELECT stream FROM views.g1_streams") == []
    assert views.rows("SELECT id FROM views.g1_names ORDER BY id") == [("a1",), ("x1",)]
