"""Views fed in parts by a group: dividing, zombies, switches, and going back to one projector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from hub.record import Record, Recorded
from hub.record.projections import Parked, PartFeed, Projected, Projector, ViewStore, open_views
from tests.contract.projections.example_projections import (
    NAMES,
    STREAMS,
    Bodies,
    Latest,
    Row,
    append,
    bodies,
    expected,
)  # fmt: skip
from tests.contract.projections.test_projections import eventually, of, tables

PARTS = 3


@pytest.fixture
def feed(record: Record, views: ViewStore) -> Iterator[PartFeed]:
    append(record, *(f"a{n:02d}" for n in range(40)), streams=7)
    yield PartFeed(record, views, [Bodies(), Latest()])


def part_of(item: Recorded, of: int = PARTS) -> int:
    return int(item.stream.removeprefix("child/")) % of


def due(record: Record, part: int, after: int, most: int, of: int = PARTS) -> tuple[list[Recorded], int]:
    """The items of a part among the next items of the record, and how far these reach."""
    items = record.log(after, most)
    return [one for one in items if part_of(one, of) == part], items[-1].position if items else after


def bring_up(record: Record, feed: PartFeed, of: int = PARTS, most: int = 5) -> None:
    feed.prepare(of)
    for part in range(of):
        after = feed.place(part, of)
        assert after is not None
        while True:
            items, upto = due(record, part, after, most, of)
            if upto == after:
                break
            assert feed.take_up(part, of, after, items, upto)
            after = upto


def everything(views: ViewStore) -> tuple[list[Row], ...]:
    streams = [f"child/{n}" for n in range(7)]
    names = [f"{letter}{n:02d}" for letter in "abcx" for n in range(100)]
    return (
        list(bodies(of(views, Bodies()))),
        *of(views, Latest()).read(
            lambda snapshot: (list(snapshot.rows(STREAMS, streams)), list(snapshot.rows(NAMES, names)))
        ),
    )


@pytest.mark.req("H-06")
def test_parts_give_what_one_projector_gives(record: Record, views: ViewStore, feed: PartFeed) -> None:
    bring_up(record, feed)
    append(record, *(f"b{n:02d}" for n in range(20)), streams=7)
    bring_up(record, feed)
    assert feed.position() == 60 and feed.parked() == []
    in_parts = everything(views)
    with closing(Projector(record, views, [Bodies(), Latest()])) as projector:
        projector.rebuild()
    assert everything(views) == in_parts and len(in_parts[0]) == 60


@pytest.mark.req("H-06")
def test_the_position_is_that_of_the_part_that_is_least_far(
    record: Record, views: ViewStore, feed: PartFeed
) -> None:
    feed.prepare(PARTS)
    assert [feed.place(part, PARTS) for part in range(PARTS)] == [40] * PARTS
    append(record, *(f"b{n:02d}" for n in range(20)), streams=7)
    items, upto = due(record, 0, 40, 20)
    assert feed.take_up(0, PARTS, 40, items, upto) and upto == 60
    assert feed.position() == 40 and feed.place(0, PARTS) == 60
    items, _ = due(record, 1, 40, 10)
    assert feed.take_up(1, PARTS, 40, items, 50)
    assert feed.take_up(2, PARTS, 40, due(record, 2, 40, 20)[0], 60)
    assert feed.position() == 50
    # A part without any item in between moves on all the same.
    later = append(record, "c00")
    assert feed.take_up(2, PARTS, 60, [], later) and feed.place(2, PARTS) == later


@pytest.mark.req("H-06")
def test_a_zombie_writes_nothing(record: Record, views: ViewStore, feed: PartFeed) -> None:
    """A worker goes on with what it had fetched, after its part was given to another who went past it."""
    feed.prepare(PARTS)
    append(record, *(f"b{n:02d}" for n in range(10)), streams=7)
    late, upto = due(record, 0, 40, 5)
    append(record, *(f"x{n:02d}" for n in range(7)), streams=7)
    assert feed.take_up(0, PARTS, 40, due(record, 0, 40, 20)[0], 57)
    before = everything(views)
    zombie = PartFeed(record, views, [Bodies(), Latest()])
    assert late and not zombie.take_up(0, PARTS, 40, late, upto)
    assert everything(views) == before and zombie.place(0, PARTS) == 57
    # Nor does one that never saw what lies between, nor one of another dividing.
    assert not zombie.take_up(0, PARTS, 60, [], 57)
    assert not zombie.take_up(1, PARTS, 45, [], 50)
    assert zombie.place(0, 4) is None and not zombie.take_up(0, 4, 57, [], 57)
    assert zombie.place(3, PARTS) is None


@pytest.mark.req("H-06")
def test_a_part_that_is_stolen_between_look_and_write_is_written_once(
    record: Record, where: str | Path, views: ViewStore, feed: PartFeed
) -> None:
    """The worker found its part where it left it, and loses it while it makes the rows."""
    feed.prepare(PARTS)
    append(record, *(f"x{n:02d}" for n in range(10)), streams=7)
    append(record, *(f"b{n:02d}" for n in range(10)), streams=7)
    projection, thief_views = Bodies(), open_views(where)
    thief = PartFeed(record, thief_views, [Bodies(), Latest()])

    def steal(_: Sequence[Recorded]) -> None:
        assert thief.take_up(0, PARTS, 40, due(record, 0, 40, 20)[0], 60)

    projection.meanwhile = steal
    slow = PartFeed(record, views, [projection, Latest()])
    assert not slow.take_up(0, PARTS, 40, *due(record, 0, 40, 10))
    assert feed.place(0, PARTS) == 60
    assert feed.take_up(1, PARTS, 40, due(record, 1, 40, 20)[0], 60)
    assert feed.take_up(2, PARTS, 40, due(record, 2, 40, 20)[0], 60)
    streams = everything(views)[1]
    assert len(streams) == 7 and all(str(row[2]).startswith("b") for row in streams)
    thief_views.close()


@pytest.mark.req("H-06")
def test_a_switch_waits_until_no_part_is_further(record: Record, where: str | Path, feed: PartFeed) -> None:
    """While the last batch of a rebuilding is made, a worker of the group goes past it."""
    bring_up(record, feed)
    projection = Bodies()

    def go_past(items: Sequence[Recorded]) -> None:
        if items[-1].position == 40:
            append(record, "b00")
            assert feed.take_up(0, PARTS, 40, *due(record, 0, 40, 20))

    projection.meanwhile = go_past
    with closing(open_views(where)) as views:
        with closing(Projector(record, views, [projection, Latest()], batch=50)) as projector:
            projector.rebuild()
        assert projection.batches == [40, 1]
        assert [feed.place(part, PARTS) for part in range(PARTS)] == [41] * PARTS
        assert bodies(of(views, Bodies())) == expected(record, Bodies())


@pytest.mark.req("H-06")
def test_a_place_that_the_record_does_not_have_is_not_taken(
    record: Record, views: ViewStore, feed: PartFeed
) -> None:
    feed.prepare(PARTS)
    assert not feed.take_up(0, PARTS, 40, [], 41)
    assert feed.place(0, PARTS) == 40


@pytest.mark.req("H-06")
def test_a_rebuilding_keeps_the_parts_and_moves_none_of_them_back(
    record: Record, views: ViewStore, feed: PartFeed
) -> None:
    bring_up(record, feed)
    append(record, *(f"b{n:02d}" for n in range(20)), streams=7)
    items, upto = due(record, 0, 40, 20)
    assert feed.take_up(0, PARTS, 40, items, upto)
    with closing(Projector(record, views, [Bodies(), Latest()])) as projector:
        projector.rebuild()
    assert [feed.place(part, PARTS) for part in range(PARTS)] == [60] * PARTS
    # What was fetched before the switch is of no use any more; the worker drops it and goes on.
    items, upto = due(record, 1, 40, 20)
    assert not feed.take_up(1, PARTS, 40, items, upto)
    append(record, "c00")
    bring_up(record, feed)
    assert bodies(of(views, Bodies())) == expected(record, Bodies())
    assert sorted(one[2] for one in tables(views)) == ["serving", "serving"]


@pytest.mark.req("H-06")
def test_one_projector_takes_over_from_a_group_and_the_group_from_it(
    record: Record, views: ViewStore, feed: PartFeed
) -> None:
    bring_up(record, feed)
    append(record, *(f"b{n:02d}" for n in range(20)), streams=7)
    assert feed.take_up(0, PARTS, 40, *due(record, 0, 40, 20))
    before = everything(views)
    with closing(Projector(record, views, [Bodies(), Latest()])) as projector:
        projector.start()
        assert projector.wait_for(60, 10)
        assert feed.place(1, PARTS) is None and not feed.take_up(1, PARTS, 40, *due(record, 1, 40, 20))
        assert everything(views) != before
        # The group comes back while the projector still runs: it stands aside, and says so.
        feed.prepare(PARTS)
        append(record, "c00")
        assert eventually(lambda: projector.fault == "FedInParts")
        bring_up(record, feed)
    assert bodies(of(views, Bodies())) == expected(record, Bodies()) and feed.position() == 61


@pytest.mark.req("H-06")
def test_more_parts_than_before_go_on_from_what_all_had_reached(
    record: Record, views: ViewStore, feed: PartFeed
) -> None:
    feed.prepare(PARTS)
    append(record, *(f"b{n:02d}" for n in range(20)), streams=7)
    assert feed.take_up(0, PARTS, 40, *due(record, 0, 40, 20))
    assert feed.take_up(1, PARTS, 40, *due(record, 1, 40, 7))
    feed.prepare(5)
    assert [feed.place(part, 5) for part in range(5)] == [40] * 5 and feed.place(0, PARTS) is None
    bring_up(record, feed, of=5)
    assert feed.position() == 60 and bodies(of(views, Bodies())) == expected(record, Bodies())


@pytest.mark.req("H-06")
def test_poison_in_a_part_is_parked_alone(record: Record, views: ViewStore) -> None:
    append(record, *(f"a{n:02d}" for n in range(10)), streams=7)
    reported: list[Parked] = []
    projection = Bodies(poison=["b01", "b03"])
    feed = PartFeed(record, views, [projection], on_parked=reported.append)
    feed.prepare(PARTS)
    append(record, *(f"b{n:02d}" for n in range(10)), streams=7)
    bring_up(record, feed)
    assert sorted(one.position for one in reported) == [12, 14]
    assert reported and sorted(feed.parked(), key=str) == sorted(reported, key=str)
    assert bodies(of(views, projection)) == expected(record, projection, but=projection.poison)


@pytest.mark.req("H-06")
def test_poison_that_is_given_again_after_a_new_dividing_is_reported_once(
    record: Record, views: ViewStore
) -> None:
    reported: list[Parked] = []
    projection = Bodies(poison=["b07", "b14"])
    feed = PartFeed(record, views, [projection], on_parked=reported.append)
    feed.prepare(PARTS)
    append(record, *(f"b{n:02d}" for n in range(20)), streams=7)
    items, upto = due(record, 0, 0, 20)
    assert feed.take_up(0, PARTS, 0, items, upto) and len(reported) == 2
    bring_up(record, feed, of=2)
    assert feed.position() == 20 and len(reported) == len(feed.parked()) == 2
    assert bodies(of(views, projection)) == expected(record, projection, but=projection.poison)


@pytest.mark.req("H-06")
def test_a_projector_says_that_any_of_its_projections_is_fed_by_a_group(
    record: Record, views: ViewStore
) -> None:
    with closing(Projector(record, views, [Bodies(), Latest()])) as projector:
        projector.start()
        assert projector.wait_for(append(record, "a00", "a01"), 10)
        PartFeed(record, views, [Bodies()]).prepare(PARTS)
        last = append(record, "a02")
        assert eventually(lambda: projector.fault == "FedInParts")
        assert Projected(views, "latest", 1).wait_for(last, 10), "the other one goes on"


@pytest.mark.req("H-06")
def test_a_new_projection_joins_a_group_that_is_at_work(record: Record, views: ViewStore) -> None:
    append(record, *(f"a{n:02d}" for n in range(20)), streams=7)
    alone = PartFeed(record, views, [Bodies()])
    bring_up(record, alone)
    append(record, *(f"b{n:02d}" for n in range(20)), streams=7)
    both: Sequence[Bodies | Latest] = (Bodies(), Latest())
    feed = PartFeed(record, views, both)
    feed.prepare(PARTS)
    # What was built just now is further than what the group feeds; each part goes on from the lesser place.
    assert Projected(views, "latest", 1).position() == 40 and feed.place(0, PARTS) == 20
    before = everything(views)[1:]
    assert feed.take_up(0, PARTS, 20, *due(record, 0, 20, 5))
    assert everything(views)[1:] == before, "what is further does not fall back"
    bring_up(record, feed)
    assert feed.position() == 40 and bodies(of(views, both[0])) == expected(record, Bodies())
