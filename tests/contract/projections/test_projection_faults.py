"""Projections under kill -9, a damaged or missing store, and a server that goes away and comes back."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random  # noqa: TID251  seeded

import pytest

from hub.record import Record
from hub.record.projections import Projected, Projector, ViewStore, migrate_views, open_views
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
from tests.contract.projections.projecting_child import POISON
from tests.contract.projections.test_projections import eventually, of, tables
from tests.contract.record_contract import MASTER_KEY, SIGNER, SeededChance, refusal
from tests.support.postgres_server import Server, fresh_database, new_server, or_skip

ROOT = Path(__file__).parents[3]
ITEMS = 600


def latest_rows(views: ViewStore) -> tuple[list[Row], int]:
    streams = [f"child/{n}" for n in range(7)]
    names = [f"a{n:04d}" for n in range(ITEMS)]
    return of(views, Latest()).read(
        lambda snapshot: (list(snapshot.rows(STREAMS, streams)), len(snapshot.rows(NAMES, names)))
    )


def killed_again_and_again(record: Record, record_at: str | Path, where: str | Path, kills: int) -> None:
    """Two processes project at once; each is killed after some batches and another takes its place."""
    append(record, *(f"a{n:04d}" for n in range(ITEMS)), streams=7)
    random, reported = Random(kills), []
    for _ in range(kills // 2):
        children = [start(str(record_at), str(where), random.choice([3, 5])) for _ in range(2)]
        for one in children:
            assert one.stdout is not None
            reported += [one.stdout.readline() for _ in range(random.randrange(2, 9))]
            one.kill()
            reported += one.communicate()[0].splitlines()
    reported = [line.strip() for line in reported if line.startswith("parked")]
    with closing(open_views(where)) as views:
        both = (Bodies(poison=POISON), Latest())
        with closing(Projector(record, views, both)) as projector:
            assert projector.catch_up() == ITEMS
            assert bodies(of(views, both[0])) == expected(record, both[0], but=POISON)
            assert [one.position for one in projector.parked()] == [14, 208]
            assert len(set(reported)) == len(reported) <= 2
        streams, names = latest_rows(views)
        assert names == ITEMS
        assert [row[1] for row in streams] == [ITEMS // 7 + (n < ITEMS % 7) for n in range(7)]


def start(record: str, views: str, batch: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.contract.projections.projecting_child", record, views, str(batch)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.req("H-06")
def test_what_was_killed_leaves_each_item_taken_up_once(
    record: Record, record_at: str | Path, where: str | Path
) -> None:
    killed_again_and_again(record, record_at, where, kills=4)


@pytest.mark.slow
@pytest.mark.req("H-06")
def test_what_was_killed_often_leaves_each_item_taken_up_once(
    record: Record, record_at: str | Path, where: str | Path
) -> None:
    killed_again_and_again(record, record_at, where, kills=40)


@pytest.mark.req("H-06")
def test_readers_of_another_process_learn_of_it_soon(
    record: Record, record_at: str | Path, where: str | Path
) -> None:
    """Far sooner than by looking once a second; how soon on an idle machine is measured in `bench`."""
    with closing(open_views(where)) as views:
        child = start(str(record_at), str(where), 500)
        try:
            projected = of(views, Latest())
            assert projected.wait_for(append(record, "a0"), 20)
            took = []
            for number in range(1, 16):
                position = append(record, f"a{number}")
                began = time.perf_counter()
                assert projected.wait_for(position, 10)
                took.append(time.perf_counter() - began)
            assert sorted(took)[7] < 0.25
        finally:
            child.kill()
            child.communicate()


@pytest.mark.req("H-06")
def test_a_table_that_is_missing_parks_nothing_shows_and_passes(record: Record, views: ViewStore) -> None:
    append(record, "a1")
    projection = Bodies()
    with closing(Projector(record, views, [projection])) as projector:
        projector.catch_up()
        append(record, "a2")
        rename(views, "g1_bodies", "away")
        assert refusal(projector.catch_up) == "store"
        projector.start()
        assert eventually(lambda: projector.fault == "HubError")
        assert projector.parked() == [] and projector.position() == 1
        rename(views, "away", "g1_bodies")
        assert projector.wait_for(2, 10)
        assert eventually(lambda: projector.fault is None)
        assert bodies(of(views, projection)) == expected(record, projection)


def rename(views: ViewStore, table: str, to: str) -> None:
    with views.writing() as write:
        write.change(f"ALTER TABLE views.{table} RENAME TO {to}")


@pytest.mark.req("H-02", "H-06")
def test_a_record_with_a_changed_item_stops_the_projection_and_shows(
    record: Record, views: ViewStore, record_at: str | Path
) -> None:
    append(record, "a1", "a2")
    change(record_at, "UPDATE {}items SET type = 'changed' WHERE position = 2")
    with closing(Projector(record, views, [Bodies()])) as projector:
        assert refusal(projector.catch_up) == "store"
        projector.start()
        assert not projector.wait_for(1, 0.2)
        assert projector.fault == "HubError" and projector.parked() == []


def change(record_at: str | Path, statement: str) -> None:
    if isinstance(record_at, Path):
        with closing(sqlite3.connect(record_at)) as other, other:
            other.execute(statement.format(""))
    else:
        import psycopg

        with psycopg.connect(record_at) as connection:
            connection.execute(statement.format("hub_record.").encode())


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One of our own, which may be stopped."""
    server = or_skip(new_server)
    assert isinstance(server, Server)
    yield server
    server.remove()


@pytest.fixture
def url(server: Server) -> str:
    url = fresh_database(server)
    Record.migrate(url, master_key=MASTER_KEY, chance=SeededChance(0))
    migrate_views(url)
    return url


def opened_at(url: str) -> Record:
    return Record.open(url, master_key=MASTER_KEY, chance=SeededChance(1), signer=SIGNER)


@pytest.mark.req("H-06")
def test_readers_and_projector_come_back_after_the_server_was_gone(server: Server, url: str) -> None:
    projection = Bodies()
    with (
        closing(opened_at(url)) as record,
        closing(open_views(url)) as views,
        closing(open_views(url)) as others,
        closing(Projector(record, views, [projection])) as projector,
    ):
        projected = Projected(others, projection.name, projection.version)
        projector.start()
        assert projected.wait_for(append(record, *(f"a{n}" for n in range(20))), 10)
        server.stop_immediately()
        try:
            began = time.monotonic()
            assert refusal(projected.position) == "store"
            assert time.monotonic() - began < 5
            assert eventually(lambda: projector.fault is not None)
        finally:
            server.start()
        assert eventually(lambda: projector.fault is None)
        assert projected.wait_for(append(record, "c1"), 10)
        assert bodies(projected) == expected(record, projection) and len(bodies(projected)) == 21
        assert [one[1:] for one in tables(views)] == [(1, "serving")] and projector.parked() == []


@pytest.mark.req("H-06")
def test_the_server_may_be_away_when_the_projector_starts(server: Server, url: str) -> None:
    with closing(opened_at(url)) as record, closing(open_views(url)) as views:
        head = append(record, "a1")
        with closing(Projector(record, views, [Bodies()])) as projector:
            server.stop_immediately()
            try:
                projector.start()
                assert eventually(lambda: projector.fault is not None)
            finally:
                server.start()
            assert eventually(lambda: projector.fault is None)
            assert projector.wait_for(head, 10)


@pytest.mark.req("H-06")
def test_closing_ends_after_the_batch_it_is_at(record: Record, views: ViewStore) -> None:
    head = append(record, *(f"a{n}" for n in range(30)))
    begun, go_on = threading.Event(), threading.Event()
    projection = Bodies()

    def held(_: object) -> None:
        begun.set()
        go_on.wait(10)

    projection.meanwhile = held
    projector = Projector(record, views, [projection], batch=10)
    projector.start()
    assert begun.wait(10)
    closing_ = threading.Thread(target=projector.close)
    closing_.start()
    go_on.set()
    closing_.join(10)
    assert not closing_.is_alive() and len(projection.batches) == 1 and head == 30
    with views.reading() as read:
        assert read.select("SELECT position FROM views.parts") == [(10,)]
