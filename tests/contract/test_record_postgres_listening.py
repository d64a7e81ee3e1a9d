"""Hearing of other processes' commits: also of those before LISTEN, and after the listening session ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from hub.record import Append, Record
from tests.contract.record_contract import MASTER_KEY, SeededChance, draft
from tests.support.postgres_record import emptied_record

psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.req("H-02", "H-06")


@pytest.fixture
def url() -> str:
    return emptied_record()


def opened(url: str, seed: int) -> Record:
    return Record.open(url, master_key=MASTER_KEY, chance=SeededChance(seed))


@pytest.fixture
def mine(url: str) -> Iterator[Record]:
    with closing(opened(url, 1)) as record:
        yield record


@pytest.fixture
def other(url: str) -> Iterator[Record]:
    with closing(opened(url, 2)) as record:
        yield record


class Heard:
    """A listener that can be waited for."""

    def __init__(self) -> None:
        self.positions: list[int] = []
        self._changed = threading.Condition()

    def __call__(self, position: int) -> None:
        with self._changed:
            self.positions.append(position)
            self._changed.notify_all()

    def of(self, position: int, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: position in self.positions, seconds)


def append(record: Record, id: str) -> int:
    return record.append(Append((draft(id),))).result(30).items[0].position


def test_commits_of_another_process_are_heard_once_each(mine: Record, other: Record) -> None:
    heard = Heard()
    mine.subscribe(heard)
    for number in range(5):
        assert heard.of(append(other if number % 2 else mine, f"a{number}"), 10)
    time.sleep(1.2)
    assert heard.positions == [1, 2, 3, 4, 5]


def test_what_was_committed_between_the_first_read_and_listen_is_heard(
    mine: Record, other: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit falls into the gap: read, commit of the other, LISTEN; no notice is ever sent of it."""
    from hub.record.postgres.connecting import connect

    going = threading.Event()

    def late(url: str) -> object:
        assert going.wait(10)
        return connect(url)

    monkeypatch.setattr("hub.record.postgres.listening.connect", late)
    heard = Heard()
    assert mine.log(0, 10) == []
    mine.subscribe(heard)
    position = append(other, "a1")
    going.set()
    assert heard.of(position, 0.9), "it was not looked right after LISTEN"


def test_one_who_subscribes_later_is_told_where_the_record_stands(mine: Record, other: Record) -> None:
    first, second = Heard(), Heard()
    mine.subscribe(first)
    position = append(other, "a1")
    assert first.of(position, 10)
    mine.subscribe(second)
    assert second.of(position, 3)


def end_listeners(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'hub'"
        ).fetchone()[0]  # fmt: skip


def test_after_the_listening_session_was_ended_it_listens_again(
    url: str, mine: Record, other: Record
) -> None:
    heard = Heard()
    mine.subscribe(heard)
    assert heard.of(append(other, "a1"), 10)
    for turn in range(3):
        assert end_listeners(url) >= 1
        assert heard.of(append(other, f"b{turn}"), 5)


def test_a_lost_notice_is_made_up_for_within_a_second_or_two(url: str, mine: Record, other: Record) -> None:
    heard = Heard()
    mine.subscribe(heard)
    assert heard.of(append(other, "a1"), 10)
    with psycopg.connect(url, autocommit=True) as connection:
        # As if it had been committed by somebody whose notice never came.
        connection.execute("UPDATE hub_record.head SET position = 17")
    assert heard.of(17, 5)


def test_closing_ends_the_thread_at_once(url: str) -> None:
    before = threading.active_count()
    record = opened(url, 3)
    record.subscribe(Heard())
    began = time.monotonic()
    record.close()
    assert time.monotonic() - began < 0.9
    assert threading.active_count() == before
