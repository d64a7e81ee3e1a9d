"""What a record that runs for months must not do: grow its log without end, keep what it does not use."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from hub.record import Append, Projector, Record
from hub.record.projections import open_views
from hub.record.sqlite.connections import LogLimit
from tests.contract.projections.example_projections import Bodies, append
from tests.contract.record_contract import MASTER_KEY, NOW, SIGNER, SeededChance, draft

MEBIBYTE = 1024 * 1024


def migrated(path: Path) -> Path:
    Record.migrate(path, master_key=MASTER_KEY, chance=SeededChance(0))
    return path


def opened(path: Path) -> Record:
    return Record.open(path, master_key=MASTER_KEY, chance=SeededChance(1), signer=SIGNER)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    with closing(opened(migrated(tmp_path / "record.db"))) as record:
        yield record


class OverlappingReads:
    """Two readers, one of whom always begins before the other ends, so that there is never none."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._ending = threading.Event()
        self._turn = threading.Barrier(2)
        self._threads = [threading.Thread(target=self._read, args=(first,)) for first in (True, False)]

    def _read(self, first: bool) -> None:
        if not first:
            self._turn.wait(10)
        while not self._ending.is_set():
            with self._record._store.readers.reading() as connection:
                connection.execute("SELECT COUNT(*) FROM stored_events").fetchone()
                self._meet()
                self._meet()
        self._turn.abort()

    def _meet(self) -> None:
        try:
            self._turn.wait(10)
        except threading.BrokenBarrierError:
            self._ending.set()

    def __enter__(self) -> None:
        for one in self._threads:
            one.start()

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._turn.abort()
        for one in self._threads:
            one.join(10)


@pytest.mark.req("H-02")
def test_the_log_starts_over_although_reads_overlap_without_end(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record._writer._appender.log_limit, "_most_bytes", MEBIBYTE)
    # Half a second may pass on a loaded machine before a reader gets its turn; then a pause would follow.
    monkeypatch.setattr("hub.record.sqlite.connections._LOG_WAIT_SECONDS", 8.0)
    log = Path(f"{record._store.path}-wal")
    longest = 0
    with OverlappingReads(record):
        for number in range(150):
            record.append(Append((draft(f"a{number:03d}", payload=bytes(50_000)),))).result(30)
            longest = max(longest, log.stat().st_size)
    assert 150 * 50_000 > 7 * MEBIBYTE
    assert MEBIBYTE < longest < 3 * MEBIBYTE


@pytest.mark.req("H-02")
def test_a_read_that_does_not_end_stops_no_posts(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record._writer._appender.log_limit, "_most_bytes", 1024)
    monkeypatch.setattr("hub.record.sqlite.connections._LOG_WAIT_SECONDS", 0.05)
    tries: list[float] = []
    keep = LogLimit.keep

    def counted(self: LogLimit, connection: sqlite3.Connection) -> None:
        before = self._not_before
        keep(self, connection)
        tries.extend([self._not_before] if self._not_before != before else [])

    monkeypatch.setattr(LogLimit, "keep", counted)
    record.append(Append((draft("first"),))).result(30)
    with record._store.readers.reading() as connection:
        connection.execute("SELECT COUNT(*) FROM stored_events").fetchone()
        for number in range(30):
            record.append(Append((draft(f"a{number}"),))).result(30)
    assert len(tries) <= 2, "it waited for the reader again and again"
    writer = record._writer._appender.connection
    assert writer is not None
    assert writer.execute("PRAGMA busy_timeout").fetchone()[0] == 10_000


@pytest.mark.req("H-02")
def test_few_idle_connections_are_kept(record: Record) -> None:
    append(record, "a1")
    held = []
    for _ in range(3):
        with ExitStack() as stack:
            burst = [stack.enter_context(record._store.readers.reading()) for _ in range(40)]
            assert all(one.execute("SELECT COUNT(*) FROM items").fetchone() == (1,) for one in burst)
        assert record._store.readers._idle.qsize() == 16
        held.append(len(open_files()))
    # SQLite keeps a closed connection's file for the next one to use; the number must not grow.
    assert held[0] == held[1] == held[2]
    assert len(record.log(0, 10)) == 1


def open_files() -> list[str]:
    folder = Path("/proc/self/fd")
    return [os.readlink(one) for one in folder.iterdir() if one.is_symlink()]


@pytest.mark.req("H-02")
def test_opening_and_closing_leaves_no_thread_and_no_file(tmp_path: Path) -> None:
    path = migrated(tmp_path / "record.db")
    before = threading.active_count()
    for number in range(5):
        record = opened(path)
        views = open_views(tmp_path / "views.db")
        runner = Projector(record, views, [Bodies()])
        runner.start()
        position = append(record, f"a{number}")
        record.ledger.integrate(NOW)
        assert record.remember_once("jti", b"%d" % number, NOW.replace(year=2030), NOW)
        assert runner.wait_for(position, 10)
        runner.close()
        views.close()
        record.close()
    assert threading.active_count() == before
    assert not [one for one in open_files() if one.startswith(str(tmp_path))]
