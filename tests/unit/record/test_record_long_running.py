"""What a record that runs for months must not do: grow its log without end, keep what it does not use."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from hub.record import Append, ProjectionRunner, Record
from hub.record.connections import LogLimit, connect
from tests.contract.record_contract import MASTER_KEY, NOW, SIGNER, SeededChance, draft
from tests.unit.record.test_record_projection import Bodies, append, bodies, expected

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
            with self._record._readers.reading() as connection:
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
    monkeypatch.setattr(record._writer._log_limit, "_most_bytes", MEBIBYTE)
    log = Path(f"{record.path}-wal")
    longest = 0
    with OverlappingReads(record):
        for number in range(150):
            record.append(Append((draft(f"a{number:03d}", payload=bytes(50_000)),))).result(30)
            longest = max(longest, log.stat().st_size)
    assert 150 * 50_000 > 7 * MEBIBYTE
    assert MEBIBYTE < longest < 3 * MEBIBYTE


@pytest.mark.req("H-02")
def test_a_read_that_does_not_end_stops_no_posts(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record._writer._log_limit, "_most_bytes", 1024)
    monkeypatch.setattr("hub.record.connections._LOG_WAIT_SECONDS", 0.05)
    tries: list[float] = []
    keep = LogLimit.keep

    def counted(self: LogLimit, connection: sqlite3.Connection) -> None:
        before = self._not_before
        keep(self, connection)
        tries.extend([self._not_before] if self._not_before != before else [])

    monkeypatch.setattr(LogLimit, "keep", counted)
    record.append(Append((draft("first"),))).result(30)
    with record._readers.reading() as connection:
        connection.execute("SELECT COUNT(*) FROM stored_events").fetchone()
        for number in range(30):
            record.append(Append((draft(f"a{number}"),))).result(30)
    assert len(tries) <= 2, "it waited for the reader again and again"
    writer = record._writer._connection
    assert writer is not None
    assert writer.execute("PRAGMA busy_timeout").fetchone()[0] == 10_000


@pytest.mark.req("H-02")
def test_few_idle_connections_are_kept(record: Record) -> None:
    append(record, "a1")
    held = []
    for _ in range(3):
        with ExitStack() as stack:
            burst = [stack.enter_context(record._readers.reading()) for _ in range(40)]
            assert all(one.execute("SELECT COUNT(*) FROM items").fetchone() == (1,) for one in burst)
        assert record._readers._idle.qsize() == 16
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
        runner = ProjectionRunner(record, tmp_path / "views.db", Bodies())
        runner.start()
        position = append(record, f"a{number}")
        record.ledger.integrate(NOW)
        assert record.remember_once("jti", b"%d" % number, NOW.replace(year=2030), NOW)
        assert runner.wait_for(position, 10)
        runner.close()
        record.close()
    assert threading.active_count() == before
    assert not [one for one in open_files() if one.startswith(str(tmp_path))]


def copied(path: Path, to: Path) -> None:
    with closing(connect(str(path))) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)


@pytest.mark.req("H-02", "H-06", "D-30")
def test_views_of_another_record_are_built_anew(tmp_path: Path) -> None:
    """A record restored from a backup grows again; positions the views know now hold other items."""
    path, backup, views = migrated(tmp_path / "record.db"), tmp_path / "backup.db", tmp_path / "views.db"
    with closing(opened(path)) as record, closing(ProjectionRunner(record, views, Bodies())) as runner:
        append(record, "a1", "a2")
        copied(path, backup)
        append(record, "lost-1", "lost-2", "lost-3")
        runner.catch_up()
    path.unlink()
    backup.rename(path)
    with closing(opened(path)) as record, closing(ProjectionRunner(record, views, Bodies())) as runner:
        assert runner.position() == 0
        runner.catch_up()
        assert bodies(runner) == expected(record)
        copied(path, backup)
    with closing(opened(path)) as record:
        # Meanwhile as many items as the views had seen: the position alone would look right.
        append(record, "new-1", "new-2")
        with closing(ProjectionRunner(record, views, Bodies())) as runner:
            assert runner.position() == 2
            runner.catch_up()
    path.unlink()
    backup.rename(path)
    with closing(opened(path)) as record:
        append(record, "other-1", "other-2")
        with closing(ProjectionRunner(record, views, Bodies())) as runner:
            assert runner.position() == 0
            runner.catch_up()
            assert bodies(runner) == expected(record)
