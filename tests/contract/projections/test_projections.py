"""Projections on both databases: batches, poison, generations, rebuilding, following, restoring."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from hub.errors import HubError
from hub.record import Record, Recorded
from hub.record.projections import (
    Parked,
    Projected,
    Projector,
    Snapshot,
    ViewStore,
    migrate_views,
    open_views,
)
from tests.contract.projections.example_projections import (
    BODIES,
    NAMES,
    STREAMS,
    Bodies,
    Body,
    Latest,
    Stream,
    all_bodies,
    append,
    bodies,
    expected,
)  # fmt: skip
from tests.contract.record_contract import MASTER_KEY, SeededChance, refusal


def tables(views: ViewStore) -> list[tuple[int, int, str]]:
    query = "SELECT generation, version, state FROM views.generations ORDER BY generation"
    with views.reading() as read:
        return read.select(query)


def exists(views: ViewStore, name: str) -> bool:
    try:
        with views.reading() as read:
            read.select(f"SELECT COUNT(*) FROM views.{name}")
    except Exception:
        return False
    return True


def of(views: ViewStore, projection: Bodies | Latest) -> Projected:
    return Projected(views, projection.name, projection.version)


@pytest.mark.req("H-06")
def test_it_catches_up_in_batches_and_goes_on_from_there(record: Record, views: ViewStore) -> None:
    head = append(record, *(f"a{n}" for n in range(25)))
    projection = Bodies()
    with closing(Projector(record, views, [projection], batch=10)) as projector:
        assert projector.position() == 0
        assert projector.catch_up() == projector.position() == head
        assert projection.batches == [10, 10, 5]
        assert bodies(of(views, projection)) == expected(record, projection)
    append(record, "b1")
    projection = Bodies()
    with closing(Projector(record, views, [projection], batch=10)) as projector:
        projector.catch_up()
        assert projection.batches == [1]
        assert bodies(of(views, projection)) == expected(record, projection)


@pytest.mark.req("H-06")
def test_rows_are_replaced_and_removed_and_the_last_word_counts(record: Record, views: ViewStore) -> None:
    latest = Latest()
    with closing(Projector(record, views, [latest])) as projector:
        append(record, "a0", "a1", "a2", "a3", "x4", "x5", "a6", "a7", streams=4)
        projector.catch_up()
        read = of(views, latest).read
        streams = [f"child/{n}" for n in range(4)]
        assert read(lambda snapshot: snapshot.rows(STREAMS, streams)) == [
            Stream("child/2", 2, "a6"), Stream("child/3", 2, "a7"),
        ]  # fmt: skip
        append(record, "b0", "x1", "x2", streams=3)
        projector.catch_up()
        assert read(lambda snapshot: snapshot.rows(STREAMS, streams)) == [
            Stream("child/0", 3, "b0"), Stream("child/3", 2, "a7"),
        ]  # fmt: skip
        assert read(lambda snapshot: len(snapshot.rows(NAMES, ["a0", "x4", "b0", "none"]))) == 3


def test_rows_are_selected_by_key_after_a_key_and_up_to_a_limit(record: Record, views: ViewStore) -> None:
    append(record, *(f"a{n}" for n in range(9)))
    projection = Bodies()
    with closing(Projector(record, views, [projection])) as projector:
        projector.catch_up()
    rows = of(views, projection).read(lambda snapshot: snapshot.rows(BODIES, [7, 3, 5, 99], limit=2))
    assert rows == [Body(3, b"1:body of a2"), Body(5, b"1:body of a4")]
    assert of(views, projection).read(lambda snapshot: snapshot.rows(BODIES, [])) == []


@pytest.mark.req("H-06")
def test_several_projections_share_one_read_of_the_record(record: Record, views: ViewStore) -> None:
    append(record, *(f"a{n}" for n in range(30)), streams=3)
    reads: list[int] = []

    class Counted:
        head, subscribe = record.head, record.subscribe

        def log(self, after: int, limit: int) -> list[Recorded]:
            reads.append(after)
            return record.log(after, limit)

    both = (Bodies(), Latest())
    with closing(Projector(Counted(), views, both, batch=10)) as projector:
        assert projector.catch_up() == 30
    assert reads == [0, 10, 20, 30]
    assert bodies(of(views, both[0])) == expected(record, both[0])
    streams = ["child/0", "child/1", "child/2"]
    assert len(of(views, both[1]).read(lambda snapshot: snapshot.rows(STREAMS, streams))) == 3


@pytest.mark.req("H-06")
def test_poison_is_tried_alone_parked_and_reported_once(record: Record, views: ViewStore) -> None:
    head = append(record, *(f"a{n}" for n in range(6)))
    reported: list[Parked] = []
    projection = Bodies(poison=["a2", "a4"])
    parked = [Parked("bodies/1", 3, "ValueError"), Parked("bodies/1", 5, "ValueError")]
    with closing(Projector(record, views, [projection], on_parked=reported.append)) as projector:
        assert projector.catch_up() == head
        assert projection.batches == [6] + [1] * 6
        assert reported == projector.parked() == parked
        assert bodies(of(views, projection)) == expected(record, projection, but=projection.poison)
        # The kind of the error only: its message may hold content.
        assert "content" not in str(parked)
        projector.catch_up()
        assert reported == parked
        # Another generation parks them for itself, and reports each once.
        projector.rebuild()
        assert projector.parked() == parked and reported == parked * 2


@pytest.mark.req("H-06")
def test_a_value_that_the_database_refuses_parks_its_item_alone(record: Record, views: ViewStore) -> None:
    class Numbers(Bodies):
        def project(self, recorded: Sequence[Recorded]) -> object:  # type: ignore[override]
            changes = super().project(recorded)
            for one in recorded:
                if one.id == "a2":
                    changes.put(BODIES, Body(2**70, b"no such number"))
            return changes

    head = append(record, *(f"a{n}" for n in range(6)))
    projection = Numbers()
    with closing(Projector(record, views, [projection, Latest()])) as projector:  # type: ignore[list-item]
        assert projector.catch_up() == head
        assert [one.position for one in projector.parked()] == [3]
        assert bodies(of(views, projection)) == expected(record, projection, but=["a2"])


@pytest.mark.req("H-06")
def test_a_record_that_cannot_be_read_meanwhile_parks_nothing(record: Record, views: ViewStore) -> None:
    append(record, "a1", "a2")
    projection = Bodies()

    def unreadable(_: Sequence[Recorded]) -> None:
        raise HubError("store")

    projection.meanwhile = unreadable
    with closing(Projector(record, views, [projection])) as projector:
        assert refusal(projector.catch_up) == "store"
        projector.start()
        assert not projector.wait_for(1, 0.2)
        assert projector.fault == "HubError" and projector.parked() == []
        projection.meanwhile = lambda _: None
        assert projector.wait_for(2, 10)
        assert bodies(of(views, projection)) == expected(record, projection)
        assert eventually(lambda: projector.fault is None)


def eventually(true: Callable[[], bool], seconds: float = 10) -> bool:
    ends = time.monotonic() + seconds
    while not true():
        if time.monotonic() > ends:
            return False
        time.sleep(0.005)
    return True


@pytest.mark.req("H-06")
def test_it_follows_and_can_be_paused(record: Record, views: ViewStore) -> None:
    projection = Bodies()
    with closing(Projector(record, views, [projection])) as projector:
        projector.start()
        assert projector.wait_for(append(record, "a1"), 10)
        projector.pause()
        second = append(record, "a2")
        assert not projector.wait_for(second, 0.15)
        assert (projector.position(), projector.catch_up()) == (1, 1)
        projector.resume()
        assert projector.wait_for(second, 10)
        assert bodies(of(views, projection)) == expected(record, projection)


@pytest.mark.req("H-06")
def test_no_wake_up_is_missed(record: Record, views: ViewStore) -> None:
    """Each commit comes just when a round ends; one that was missed would wait for the poll."""
    views.poll_seconds = 30.0
    with closing(Projector(record, views, [Bodies()])) as projector:
        projector.start()
        for number in range(150):
            assert projector.wait_for(append(record, f"a{number}"), 5), number


@pytest.mark.req("H-06")
def test_a_commit_that_nobody_told_of_is_found(record: Record, views: ViewStore) -> None:
    class Silent:
        head, log = record.head, record.log

        def subscribe(self, listener: Callable[[int], None]) -> None:
            pass

    views.poll_seconds = 0.05
    with closing(Projector(Silent(), views, [Bodies()])) as projector:
        projector.start()
        assert projector.wait_for(append(record, "a1"), 10)
        assert projector.wait_for(append(record, "a2"), 10)


@pytest.mark.req("H-06")
def test_two_projectors_at_once_take_up_each_item_once(record: Record, where: str | Path) -> None:
    one, two = Bodies(), Bodies()
    reported: list[Parked] = []
    with closing(open_views(where)) as mine, closing(open_views(where)) as other:
        with (
            closing(Projector(record, mine, [one], batch=3, on_parked=reported.append)) as here,
            closing(Projector(record, other, [two], batch=5, on_parked=reported.append)) as there,
        ):
            one.poison = two.poison = ["a50"]
            here.start()
            there.start()
            head = append(record, *(f"a{n}" for n in range(200)))
            assert here.wait_for(head, 20) and there.wait_for(head, 20)
            assert bodies(of(mine, one)) == bodies(of(other, two)) == expected(record, one, but=["a50"])
            assert here.parked() == there.parked() == reported and len(reported) == 1
            assert here.fault is there.fault is None


@pytest.mark.req("H-06")
def test_an_erased_item_is_projected_without_a_body(record: Record, views: ViewStore) -> None:
    append(record, "a1")
    record.destroy_key("child/1" if record.stream("child/1") else "child/0")
    projection = Bodies()
    with closing(Projector(record, views, [projection])) as projector:
        projector.catch_up()
        assert bodies(of(views, projection)) == [Body(1, b"1:erased")]


@pytest.mark.req("H-06")
def test_a_new_version_is_built_beside_and_both_are_read(record: Record, views: ViewStore) -> None:
    views.grace_seconds = 600
    append(record, "a1", "a2")
    old, new = Bodies(), Bodies(version=2)
    with closing(Projector(record, views, [old])) as projector:
        projector.catch_up()
    with closing(Projector(record, views, [new])) as projector:
        assert (of(views, old).position(), projector.position()) == (2, 0)
        assert bodies(of(views, new)) == []
        projector.catch_up()
        # A server that still runs the older code reads its own rows as they were.
        assert bodies(of(views, old)) == expected(record, old)
        assert bodies(of(views, new)) == expected(record, new)
    # Once nobody can run it any more, it goes.
    views.grace_seconds = 0
    with closing(Projector(record, views, [new])) as projector:
        append(record, "a3")
        projector.catch_up()
    assert tables(views) == [(2, 2, "serving")] and not exists(views, "g1_bodies")
    # And back: what is older builds its own again, and leaves the newer alone.
    with closing(Projector(record, views, [old])) as projector:
        projector.catch_up()
        assert bodies(of(views, old)) == expected(record, old)
        assert bodies(of(views, new)) == expected(record, new)


@pytest.mark.req("H-06")
def test_a_rebuilding_gives_the_same_rows_and_drops_the_old_ones(
    record: Record, views: ViewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.record.projections.projector._ROUND_SECONDS", 0.0)
    append(record, *(f"a{n}" for n in range(30)))
    projection, told = Bodies(poison=["a7"]), []
    with closing(Projector(record, views, [projection], batch=7)) as projector:
        projector.catch_up()
        before = bodies(of(views, projection))
        assert projector.rebuild(lambda done, goal: told.append((done, goal))) == 30
        assert bodies(of(views, projection)) == before and len(projector.parked()) == 1
    assert tables(views) == [(2, 1, "serving")] and not exists(views, "g1_bodies")
    assert told[0] == (7, 30) and told[-1] == (30, 30)


@pytest.mark.req("H-06")
def test_a_rebuilding_that_was_broken_off_is_finished_by_the_next(
    record: Record, views: ViewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.record.projections.projector._ROUND_SECONDS", 0.0)
    append(record, *(f"a{n}" for n in range(30)))
    projection = Bodies()
    with closing(Projector(record, views, [projection], batch=7)) as projector:
        projector.catch_up()

        def broken_off(done: int, goal: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            projector.rebuild(broken_off)
    assert [state for *_, state in tables(views)] == ["serving", "building"]
    projection = Bodies()
    with closing(Projector(record, views, [projection], batch=7)) as projector:
        append(record, "b1")
        projector.catch_up()
        projector.rebuild()
        assert sum(projection.batches) < 30 + 2, "it went on from where it was"
    assert tables(views) == [(2, 1, "serving")]
    assert bodies(of(views, projection)) == expected(record, projection)


@pytest.mark.req("H-06", "H-10")
def test_no_reader_sees_an_empty_or_mixed_view_while_generations_are_switched(
    record: Record, where: str | Path
) -> None:
    """Rows of one generation only, all up to the position read with them, and the position never falls."""
    append(record, *(f"a{n}" for n in range(20)))
    projection = Bodies()
    ending, wrong, looks = threading.Event(), [], [0]
    bodies_of: dict[int, bytes] = {one.position: projection.kept(one) for one in record.log(0, 100)}

    def look(snapshot: Snapshot) -> tuple[int, list[Body], list[Body]]:
        first = all_bodies(snapshot)
        time.sleep(0.001)  # as long as a switch and a drop take
        return snapshot.position, first, all_bodies(snapshot)

    def read() -> None:
        last = 0
        with closing(open_views(where)) as views:
            while not ending.is_set():
                try:
                    position, first, second = of(views, projection).read(look)
                except Exception as fault:
                    wrong.append(repr(fault))
                    return
                looks[0] += 1
                whole = first == second and [one.position for one in first] == list(range(1, position + 1))
                if not whole or position < last or any(bodies_of[one.position] != one.body for one in first):
                    wrong.append(f"{position} after {last}: {len(first)} and {len(second)} rows")
                last = position

    with closing(open_views(where)) as views, closing(Projector(record, views, [projection])) as projector:
        projector.catch_up()
        projector.start()
        readers = [threading.Thread(target=read) for _ in range(3)]
        for one in readers:
            one.start()
        for round_ in range(6):
            for number in range(15):
                id = f"r{round_}-{number}"
                bodies_of[len(bodies_of) + 1] = b"1:body of " + id.encode()
                append(record, id)
            projector.rebuild()
        ending.set()
        for one in readers:
            one.join(20)
        assert wrong == [] and looks[0] > 20
        assert eventually(lambda: not projector.sweep() and len(tables(views)) == 1)  # type: ignore[func-returns-value]


@pytest.mark.req("H-02", "H-06")
def test_views_of_another_record_are_built_anew(where: str | Path, tmp_path: Path) -> None:
    """A record restored from a backup grows again; positions that the views know hold other items now."""
    for name, ids in (("one", ("a1", "lost-1", "lost-2")), ("two", ("a1",)), ("three", ("a1", "b1"))):
        path = tmp_path / f"{name}.db"
        Record.migrate(path, master_key=MASTER_KEY, chance=SeededChance(0))
        chance = SeededChance(len(name))
        projection = Bodies()
        with (
            closing(Record.open(path, master_key=MASTER_KEY, chance=chance)) as record,
            closing(open_views(where)) as views,
        ):
            append(record, *ids)
            projector = Projector(record, views, [projection])
            if name == "two":
                # Nobody reads a view of another record from the moment it has started.
                projector.pause()
                projector.start()
                assert projector.position() == 0 and bodies(of(views, projection)) == []
                projector.resume()
            projector.catch_up()
            assert bodies(of(views, projection)) == expected(record, projection)
            projector.close()
            assert len([one for one in tables(views) if one[2] == "serving"]) == 1


@pytest.mark.req("H-06")
def test_two_that_begin_at_once_begin_one_generation(record: Record, where: str | Path) -> None:
    append(record, *(f"a{n}" for n in range(40)))
    stores = [open_views(where) for _ in range(4)]
    faults: list[BaseException] = []

    def work(views: ViewStore) -> None:
        try:
            with closing(Projector(record, views, [Bodies()], batch=7)) as projector:
                assert projector.catch_up() == 40
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(views,)) for views in stores]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert faults == [] and tables(stores[0]) == [(1, 1, "serving")]
    assert bodies(of(stores[0], Bodies())) == expected(record, Bodies())
    for one in stores:
        one.close()


def test_many_may_wait_at_once(record: Record, views: ViewStore) -> None:
    with closing(Projector(record, views, [Bodies()])) as projector:
        projector.start()
        reached: list[bool] = []
        waiting = [
            threading.Thread(target=lambda: reached.append(projector.wait_for(5, 10))) for _ in range(8)
        ]
        for thread in waiting:
            thread.start()
        append(record, *(f"a{n}" for n in range(5)))
        for thread in waiting:
            thread.join()
        assert reached == [True] * 8


def test_what_is_closed_says_so(record: Record, where: str | Path) -> None:
    views = open_views(where)
    projector = Projector(record, views, [Bodies()])
    append(record, "a1")
    projector.catch_up()
    views.close()
    assert refusal(projector.position) == refusal(projector.rebuild) == "store"
    projector.close()


@pytest.mark.req("H-10")
def test_a_file_of_views_of_an_old_or_strange_form_is_made_anew(where: str | Path, record: Record) -> None:
    """In a database others may be at work on them: there nothing is dropped before somebody says so."""
    append(record, "a1")
    with closing(open_views(where)) as views, closing(Projector(record, views, [Bodies()])) as projector:
        projector.catch_up()
        with views.writing() as write:
            if isinstance(where, Path):
                write.change("PRAGMA user_version = 1")
            else:
                write.change("UPDATE views.about SET form = 1")
        if isinstance(where, str):
            assert refusal(views.migrate) == "store"
            assert projector.position() == 1 and len(bodies(of(views, Bodies()))) == 1
            return
    migrate_views(where)
    with closing(open_views(where)) as views, closing(Projector(record, views, [Bodies()])) as projector:
        assert projector.position() == 0
        assert projector.catch_up() == 1 and len(bodies(of(views, Bodies()))) == 1
