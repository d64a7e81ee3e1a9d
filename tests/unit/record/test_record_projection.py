"""Projections: batches, poison, pausing, rebuilding, following."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from hub.record import Append, Parked, ProjectionRunner, Record, Recorded
from tests.contract.record_contract import MASTER_KEY, SIGNER, SeededChance, draft, refusal


class Bodies:
    """Keeps each body, and refuses those that it was told are poison."""

    name = "bodies"

    def __init__(self, version: int = 1, poison: Sequence[str] = ()) -> None:
        self.version = version
        self.poison = poison
        self.batches: list[int] = []
        self.tables = (
            f"CREATE TABLE IF NOT EXISTS bodies_{version} (position INTEGER PRIMARY KEY, body BLOB)",
            f"CREATE INDEX IF NOT EXISTS by_body_{version} ON bodies_{version} (body)",
        )

    def project(self, cursor: sqlite3.Cursor, recorded: Sequence[Recorded]) -> None:
        self.batches.append(len(recorded))
        for one in recorded:
            cursor.execute(f"INSERT INTO bodies_{self.version} VALUES (?,?)", (one.position, one.body))
            if one.id in self.poison:
                raise ValueError("a message that holds content")


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    path = tmp_path / "record.db"
    Record.migrate(path, master_key=MASTER_KEY, chance=SeededChance(0))
    chance = SeededChance(1)
    with closing(Record.open(path, master_key=MASTER_KEY, chance=chance, signer=SIGNER)) as record:
        yield record


@pytest.fixture
def views(tmp_path: Path) -> Path:
    return tmp_path / "views.db"


def append(record: Record, *ids: str) -> int:
    futures = [record.append(Append((draft(id, payload=id.encode()),))) for id in ids]
    return [future.result(30).items[0].position for future in futures][-1]


def bodies(runner: ProjectionRunner, version: int = 1) -> list[tuple[int, bytes]]:
    with runner.reading() as connection:
        return connection.execute(f"SELECT * FROM bodies_{version} ORDER BY position").fetchall()


def expected(record: Record) -> list[tuple[int, bytes | None]]:
    return [(item.position, item.body) for item in record.log(0, 10_000)]


@pytest.mark.req("H-06")
def test_a_projection_catches_up_in_batches_and_goes_on_from_there(record: Record, views: Path) -> None:
    head = append(record, *(f"a{n}" for n in range(25)))
    projection = Bodies()
    with closing(ProjectionRunner(record, views, projection, batch=10)) as runner:
        assert runner.catch_up() == runner.position() == head
        assert projection.batches == [10, 10, 5]
        assert bodies(runner) == expected(record)
    append(record, "b1")
    projection = Bodies()
    with closing(ProjectionRunner(record, views, projection, batch=10)) as runner:
        runner.catch_up()
        assert projection.batches == [1]
        assert bodies(runner) == expected(record)


@pytest.mark.req("H-06")
def test_a_new_version_is_built_from_the_start_beside_the_old_one(record: Record, views: Path) -> None:
    append(record, "a1", "a2")
    with (
        closing(ProjectionRunner(record, views, Bodies())) as old,
        closing(ProjectionRunner(record, views, Bodies(version=2))) as new,
    ):
        old.catch_up()
        assert (old.position(), new.position()) == (2, 0)
        new.catch_up()
        assert bodies(old) == bodies(new, 2) == expected(record)


@pytest.mark.req("H-06")
def test_a_dropped_projection_rebuilds_to_the_same_rows(record: Record, views: Path) -> None:
    append(record, *(f"a{n}" for n in range(30)))
    with closing(ProjectionRunner(record, views, Bodies(poison=["a7"]))) as runner:
        runner.catch_up()
        before = bodies(runner)
        assert len(before) == 29 and len(runner.parked()) == 1
        runner.drop()
        assert (runner.position(), bodies(runner), runner.parked()) == (0, [], [])
        runner.catch_up()
        assert bodies(runner) == before and len(runner.parked()) == 1


def test_a_poison_item_is_tried_alone_parked_and_reported(record: Record, views: Path) -> None:
    head = append(record, *(f"a{n}" for n in range(6)))
    reported: list[Parked] = []
    projection = Bodies(poison=["a2", "a4"])
    with closing(ProjectionRunner(record, views, projection, on_parked=reported.append)) as runner:
        assert runner.catch_up() == head
        assert projection.batches == [6] + [1] * 6
        assert reported == runner.parked() == [
            Parked("bodies/1", 3, "ValueError"), Parked("bodies/1", 5, "ValueError"),
        ]  # fmt: skip
        poison = {3, 5}
        assert bodies(runner) == [row for row in expected(record) if row[0] not in poison]
        # The kind of the error only: its message may hold content.
        assert "content" not in str(runner.parked())


def test_a_fault_of_the_views_file_parks_nothing_and_passes(record: Record, views: Path) -> None:
    append(record, "a1")
    projection = Bodies()
    with closing(ProjectionRunner(record, views, projection)) as runner:
        with closing(sqlite3.connect(views)) as other, other:
            other.execute("ALTER TABLE bodies_1 RENAME TO away")
        assert refusal(runner.catch_up) == "store"
        runner.start()
        assert not runner.wait_for(1, 0.3)
        assert runner.fault == "OperationalError" and runner.parked() == []
        with closing(sqlite3.connect(views)) as other, other:
            other.execute("ALTER TABLE away RENAME TO bodies_1")
        assert runner.wait_for(1, 10)
        assert bodies(runner) == expected(record) and runner.fault is None


def test_a_runner_follows_and_can_be_paused(record: Record, views: Path) -> None:
    with closing(ProjectionRunner(record, views, Bodies())) as runner:
        runner.start()
        assert runner.wait_for(append(record, "a1"), 10)
        runner.pause()
        second = append(record, "a2")
        assert not runner.wait_for(second, 0.15)
        assert (runner.position(), runner.catch_up()) == (1, 1)
        runner.resume()
        assert runner.wait_for(second, 10)
        assert bodies(runner) == expected(record)


def test_a_runner_follows_what_another_process_appends(record: Record, views: Path, tmp_path: Path) -> None:
    with closing(ProjectionRunner(record, views, Bodies())) as runner:
        runner.start()
        chance = SeededChance(7)
        other = Record.open(tmp_path / "record.db", master_key=MASTER_KEY, chance=chance)
        with closing(other):
            assert runner.wait_for(append(other, "a1", "a2"), 10)
        assert bodies(runner) == expected(record)


def test_two_runners_of_one_projection_take_up_each_item_once(record: Record, views: Path) -> None:
    with (
        closing(ProjectionRunner(record, views, Bodies(), batch=3)) as one,
        closing(ProjectionRunner(record, views, Bodies(), batch=5)) as two,
    ):
        one.start()
        two.start()
        head = append(record, *(f"a{n}" for n in range(200)))
        assert one.wait_for(head, 20) and two.wait_for(head, 20)
        assert bodies(one) == bodies(two) == expected(record)
        assert one.parked() == two.parked() == []


def test_many_may_wait_at_once(record: Record, views: Path) -> None:
    with closing(ProjectionRunner(record, views, Bodies())) as runner:
        runner.start()
        reached: list[bool] = []
        waiting = [threading.Thread(target=lambda: reached.append(runner.wait_for(5, 10))) for _ in range(8)]
        for thread in waiting:
            thread.start()
        append(record, *(f"a{n}" for n in range(5)))
        for thread in waiting:
            thread.join()
        assert reached == [True] * 8


def test_an_erased_item_is_projected_without_a_body(record: Record, views: Path) -> None:
    append(record, "a1")
    record.destroy_key("child/1")
    with closing(ProjectionRunner(record, views, Bodies())) as runner:
        runner.catch_up()
        assert bodies(runner) == [(1, None)]


def test_an_unreadable_record_stops_the_projection_and_shows(
    record: Record, views: Path, tmp_path: Path
) -> None:
    append(record, "a1", "a2")
    with closing(sqlite3.connect(tmp_path / "record.db")) as other, other:
        other.execute("UPDATE items SET type = 'changed' WHERE position = 2")
    with closing(ProjectionRunner(record, views, Bodies())) as runner:
        assert refusal(runner.catch_up) == "store"
        runner.start()
        assert not runner.wait_for(1, 0.2)
        assert runner.fault == "HubError" and runner.parked() == []
