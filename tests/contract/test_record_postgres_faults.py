"""PostgreSQL in trouble: cut off, restarted, answers lost; what is answered is true, and it goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest

from hub.errors import HubError
from hub.record import Append, Claim, HeadMoved, Mark, Record, verify_record
from tests.contract.record_contract import MASTER_KEY, NOW, SIGNER, SOURCE, SeededChance, draft, refusal
from tests.support.cut_wire import CutWire
from tests.support.postgres_record import emptied_record
from tests.support.postgres_server import Server, new_server, or_skip, postgres_server

psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.req("H-02", "H-03", "H-14")
QUICK = 4.0
"""Seconds within which a store that is not there has to be said so."""


@pytest.fixture
def url() -> str:
    return emptied_record()


def opened(url: str, seed: int = 1) -> Record:
    return Record.open(url, master_key=MASTER_KEY, chance=SeededChance(seed), signer=SIGNER)


@pytest.fixture
def wire(url: str) -> Iterator[CutWire]:
    with CutWire(psycopg.conninfo.conninfo_to_dict(url)["port"]) as wire:
        yield wire


def through(wire: CutWire, url: str) -> str:
    server = or_skip(postgres_server)
    if not isinstance(server, Server):
        pytest.skip("the address of the given server cannot be rewritten")
    return url.replace(f":{server.port}/", f":{wire.port}/")


def append(record: Record, id: str, **conditions: object) -> bool:
    return record.append(Append((draft(id),), **conditions)).result(30).duplicate  # type: ignore[arg-type]


@contextmanager
def holding_the_head(url: str) -> Iterator[psycopg.Connection]:
    """Somebody else is appending and does not come to an end: who appends now waits inside the server."""
    with psycopg.connect(url) as other:
        other.execute("SELECT FROM hub_record.head FOR UPDATE")
        yield other
        other.rollback()


def waiting_for_the_head(url: str) -> bool:
    with psycopg.connect(url) as other:
        found = other.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND application_name = 'hub'"
        ).fetchone()
        return found is not None and found[0] > 0


def eventually(true: object, seconds: float = 10) -> None:
    ends = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < ends
        time.sleep(0.01)


def ids(record: Record) -> list[str]:
    return [item.id for item in record.log(0, 10_000)]


def test_a_commit_whose_answer_was_lost_is_found_and_answered_as_made(url: str, wire: CutWire) -> None:
    with closing(opened(through(wire, url))) as record:
        append(record, "a1")
        wire.swallow_answers()
        futures = [record.append(Append((draft(f"b{n}"),), marks=(Mark("m", n),))) for n in range(3)]
        assert wire.swallowed.wait(10)
        wire.mend()
        wire.cut()
        answers = [future.result(30) for future in futures]
        assert [one.duplicate for one in answers] == [False] * 3
        assert ids(record) == ["a1", "b0", "b1", "b2"]
        assert [one.items[0] for one in answers] == record.stream("child/1", after=1)
        assert record.mark("m") == 2
        assert append(record, "b1") and not append(record, "c1")


def test_a_call_still_in_flight_on_the_server_is_settled_before_anything_is_answered(
    url: str, wire: CutWire
) -> None:
    with closing(opened(through(wire, url))) as record:
        append(record, "a1")
        with holding_the_head(url):
            futures = [record.append(Append((draft(f"b{n}", stream=f"child/{n}"),))) for n in range(3)]
            eventually(lambda: waiting_for_the_head(url))
            # The client's side is gone; the server's session waits on, and would go on once it may.
            wire.cut_client_side()
            time.sleep(0.3)
            assert not any(future.done() for future in futures)
        assert [future.result(30).duplicate for future in futures] == [False] * 3
        assert sorted(ids(record)) == ["a1", "b0", "b1", "b2"]
    assert verify_record(url, master_key=MASTER_KEY, keys=SIGNER.note_keys).whole


def test_sessions_that_are_ended_again_and_again_lose_and_double_nothing(url: str) -> None:
    """Ended at any moment: before the call, within it, at its commit, and after it."""
    acknowledged: list[str] = []
    ended, enough = threading.Event(), threading.Event()

    def end_sessions() -> int:
        count = 0
        with psycopg.connect(url, autocommit=True) as other:
            while not ended.is_set():
                count += other.execute(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND application_name = 'hub'"
                ).fetchone()[0]  # fmt: skip
                if count > 5:
                    enough.set()
                time.sleep(0.02 + 0.01 * (count * 7 % 13))
        return count

    with closing(opened(url)) as record, ThreadPoolExecutor(1) as pool:
        ending = pool.submit(end_sessions)
        turns = 0
        # A fast machine has done forty before much was ended.
        while turns < 40 or not (enough.is_set() or ending.done()):
            turn, turns = turns, turns + 1
            names = [f"t{turn}-{n}" for n in range(8)]
            futures = [record.append(Append((draft(id, stream=f"child/{turn % 3}"),))) for id in names]
            for id, future in zip(names, futures, strict=True):
                fault = future.exception(30)
                assert fault is None or (isinstance(fault, HubError) and fault.slug == "store")
                acknowledged += [] if fault else [id]
        ended.set()
        assert ending.result() > 5
        again = ids(record)
        assert len(again) == len(set(again)) and set(acknowledged) <= set(again)
        # What was not acknowledged may be sent again, whether it stands or not.
        for turn in range(turns):
            for n in range(8):
                assert record.append(Append((draft(f"t{turn}-{n}", stream=f"child/{turn % 3}"),))).result(30)
        log = record.log(0, 10_000)
        assert [item.leaf_index for item in log] == list(range(8 * turns))
    assert acknowledged
    assert verify_record(url, master_key=MASTER_KEY).whole


def test_without_a_connection_everything_is_refused_quickly_and_works_again_when_it_is_back(
    url: str, wire: CutWire
) -> None:
    with closing(opened(through(wire, url))) as record:
        append(record, "a1")
        record.subscribe(lambda position: None)
        wire.refuse()
        works = (
            lambda: append(record, "a2"), record.head, lambda: record.stream("child/1"),
            lambda: record.streams(["child/1", "child/2"]),
            lambda: record.find(SOURCE, "a1"), lambda: record.versions(["child/1", "child/2"]),
            lambda: record.glance({"child/1": 0}), lambda: record.claimed("k", b"n"),
            lambda: record.mark("m"), lambda: record.raise_mark("m", 1),
            lambda: record.remember_once("jti", b"n", NOW + timedelta(1), NOW),
            lambda: record.destroy_key("child/1"), lambda: record.seal("child/1", b"", context="c"),
            lambda: record.ledger.integrate(NOW), record.ledger.checkpoint, lambda: record.ledger.lag(NOW),
        )  # fmt: skip
        for work in works:
            began = time.monotonic()
            assert refusal(work) == "store"
            assert time.monotonic() - began < QUICK
        assert refusal(lambda: opened(through(wire, url))) == "store"
        wire.mend()
        assert not append(record, "a2")
        assert ids(record) == ["a1", "a2"]
        assert record.ledger.integrate(NOW) is not None


def test_a_server_that_does_not_answer_is_given_up(
    url: str, wire: CutWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.record.postgres.connecting.Connection.patience", 0.5)
    with closing(opened(through(wire, url))) as record:
        append(record, "a1")
        wire.swallow_answers()
        began = time.monotonic()
        assert refusal(record.head) == "store"
        assert refusal(lambda: append(record, "a2")) == "store"
        assert time.monotonic() - began < 3 * QUICK
        wire.mend()
        # It was on its way when nothing was answered any more; it may stand or not, but never twice.
        append(record, "a2")
        assert ids(record) == ["a1", "a2"]


def test_one_that_stops_while_it_holds_the_head_does_not_stop_the_others_for_long(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hub.record.postgres.appender import PostgresAppending

    stopped, go_on = threading.Event(), threading.Event()
    standing = PostgresAppending.standing

    def stop(self: PostgresAppending, names: list[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
        if names == [(SOURCE, "a1")]:
            stopped.set()
            assert go_on.wait(30)
        return standing(self, names)

    monkeypatch.setattr(PostgresAppending, "standing", stop)
    with closing(opened(url, 1)) as one, closing(opened(url, 2)) as two:
        append(one, "a1")
        future = one.append(Append((draft("a1"),)))  # a repeat is judged in a transaction
        assert stopped.wait(10)
        began = time.monotonic()
        assert not append(two, "b1")
        assert time.monotonic() - began < 8
        assert ids(two) == ["a1", "b1"]
        go_on.set()
        assert future.result(30).duplicate


def test_a_vacuum_of_the_table_does_not_stop_appends(url: str) -> None:
    """A vacuum that keeps old rows from wrapping round cannot be put off, and takes long on a large table."""
    with closing(opened(url)) as record, psycopg.connect(url) as other:
        append(record, "a1")
        for table in ("stored_events", "items", "stream_keys"):
            other.execute(f"LOCK TABLE hub_record.{table} IN SHARE UPDATE EXCLUSIVE MODE")
        began = time.monotonic()
        append(record, "a2", heads={"child/1": 1}, claims=(Claim("k", b"n", "child/1"),))
        with pytest.raises(HeadMoved):
            append(record, "a3", heads={"child/1": 1})
        assert time.monotonic() - began < 1
        other.rollback()


def test_one_that_the_tables_refuse_fails_alone(postgres_url: str) -> None:
    url = postgres_url
    Record.migrate(url, master_key=MASTER_KEY, chance=SeededChance(0))
    with closing(opened(url)) as record, psycopg.connect(url, autocommit=True) as other:
        other.execute("ALTER TABLE hub_record.items ADD CHECK (id <> 'bad')")
        with holding_the_head(url):
            first = record.append(Append((draft("a0"),)))
            eventually(lambda: waiting_for_the_head(url))
            futures = [record.append(Append((draft(id),))) for id in ("a1", "bad", "a2")]
        assert not first.result(30).duplicate
        faults = [future.exception(30) for future in futures]
        assert [getattr(fault, "slug", None) for fault in faults] == [None, "store", None]
        assert ids(record) == ["a0", "a1", "a2"]


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that only this test stops."""
    if not isinstance(or_skip(postgres_server), Server):
        pytest.skip("the server of $TEST_DATABASE_URL is not stopped by tests")
    server = new_server()
    yield server
    server.remove()


def under_load(server: Server, stops: int, seconds: float) -> None:
    """Stop the server at once and again under load; nothing acknowledged is lost, nothing stands twice."""
    url = server.url()
    Record.migrate(url, master_key=MASTER_KEY, chance=SeededChance(0))
    acknowledged: list[str] = []
    ended = threading.Event()

    def post(record: Record, name: str) -> int:
        """Post in order, each again until it is acknowledged, some in flight all the time."""
        tries = number = 0
        waiting: dict[str, object] = {}
        while not ended.is_set() or waiting:
            while len(waiting) < 16 and not ended.is_set():
                id = f"{name}-{number}"
                waiting[id] = record.append(Append((draft(id, stream=f"child/{number % 5}"),)))
                number += 1
            for id, future in list(waiting.items()):
                tries += 1
                fault = future.exception(60)  # type: ignore[attr-defined]
                if fault is None:
                    acknowledged.append(id)
                    del waiting[id]
                else:
                    assert isinstance(fault, HubError) and fault.slug == "store"
                    stream = f"child/{int(id.split('-')[1]) % 5}"
                    waiting[id] = record.append(Append((draft(id, stream=stream),)))
                    ended.wait(0.02)
        return number

    with closing(opened(url, 1)) as one, closing(opened(url, 2)) as two, ThreadPoolExecutor(4) as pool:
        posting = [pool.submit(post, record, name) for record, name in ((one, "one"), (two, "two"))]
        for _ in range(stops):
            time.sleep(seconds)
            server.stop_immediately()
            server.start()
        time.sleep(seconds)
        ended.set()
        posted = sum(future.result(120) for future in posting)
        log = one.log(0, 1_000_000)
    names = [item.id for item in log]
    assert len(names) == len(set(names)) == posted
    assert set(acknowledged) == set(names)
    assert [item.leaf_index for item in log] == list(range(len(log)))
    assert [item.position for item in log] == list(range(1, len(log) + 1))
    with closing(opened(url, 3)) as record:
        record.ledger.integrate(NOW)
    outcome = verify_record(
        url, master_key=MASTER_KEY, keys=SIGNER.note_keys,
        restore=lambda item: None if item.body is None else item.body.removeprefix(b"body of "),
    )  # fmt: skip
    assert outcome.whole and outcome.covered == len(log)


def test_a_server_that_crashes_under_load_loses_and_doubles_nothing(own_server: Server) -> None:
    under_load(own_server, stops=2, seconds=0.5)


@pytest.mark.slow
def test_a_server_that_crashes_many_times_loses_and_doubles_nothing(own_server: Server) -> None:
    under_load(own_server, stops=20, seconds=0.7)
