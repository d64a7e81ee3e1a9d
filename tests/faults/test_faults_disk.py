"""Disks that are full or do not keep what they were told to: refused in clear, nothing acknowledged lost."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.checker import Findings, History, check
from tests.support.faults_disk import SmallDisk, failing, server_on, small_disk
from tests.support.faults_evidence import held_in, repeated, whole_record
from tests.support.faults_hub import ELM, POLICE, ManyProcesses, in_good_time, make_hub, status, until
from tests.support.faults_load import NotedLoad
from tests.support.load import Bound, Poster
from tests.support.postgres_server import Server, fresh_database

psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
POSTERS = (
    Poster("elm", ELM, f"{ELM}/dsl-1", (f"local:{ELM}:a", f"local:{ELM}:b")),
    Poster("police", POLICE, f"{POLICE}/caiu-1", (f"local:{POLICE}:a",)),
)
SECONDS_BACK = 10.0


@dataclass
class Stored:
    """A serving hub whose record stands on a small disk, with agencies that post; `server` on PostgreSQL."""

    disk: SmallDisk
    hub: ManyProcesses
    server: Server | None
    history: History = field(default_factory=History)
    loads: list[NotedLoad] = field(default_factory=list)

    def post(self) -> None:
        """Have the agencies post, and wait until they do."""
        bound = Bound(100_000, 300)
        self.loads = [
            NotedLoad(self.hub.address, one, self.hub.keys, bound, number, self.history)
            for number, one in enumerate(POSTERS)
        ]
        for load in self.loads:
            load.start()
        until(lambda: self.history.acknowledged > 20, 60, "twenty posts")

    @property
    def answers(self) -> Counter[tuple[int, str]]:
        """What came back over HTTP so far."""
        counted = Counter[tuple[int, str]]()
        for load in self.loads:
            counted += load.answers
        return counted

    def taken_within(self, seconds: float) -> set[str]:
        """The events that were acknowledged in so many seconds up to now."""
        now = time.monotonic()
        return {one.id for one in self.history.within(now - seconds, now) if one.outcome == "ok"}

    def in_the_file(self) -> set[str]:
        """The events that a reader who is not the hub finds in the record's file.

        Why: what a large group wrote before it was refused stays in SQLite's log as room, into which a few
        smaller ones fit on a full disk: they are taken, and have to be there while it still is full.
        """
        with closing(sqlite3.connect(f"file:{self.disk.folder}/hub.db?mode=ro", uri=True)) as connection:
            return {str(name) for (name,) in connection.execute("SELECT id FROM items")}

    def goes_on(self) -> float:
        """Wait until something that was begun now is taken; for how many seconds."""
        now = time.monotonic()
        return until(
            lambda: any(one.outcome == "ok" and one.began > now for one in self.history.attempts),
            60,
            "a post",
        )

    def begin_anew(self) -> float:
        """Start all of it from nothing; how many seconds until a post is taken."""
        began = time.monotonic()
        self.hub.stop()
        if self.server is not None:
            self.server.stop_immediately()
            self.server.start()
        self.hub.begin()
        self.goes_on()
        return time.monotonic() - began

    def judged(self) -> Findings:
        """End the load, ask again what was unknown, end the hub, read everything."""
        for load in self.loads:
            load.end()
        for load in self.loads:
            load.finish()
        again = repeated(self.loads)
        self.hub.stop()
        with self.hub.store() as store:
            findings = check(self.history.attempts, held_in(whole_record(store)))
        print(f"{dict(self.answers)}; {again} unknown outcomes asked again; {findings}")
        assert self.hub.verified()
        return findings


@contextmanager
def on_postgresql(folder: Path) -> Iterator[Stored]:
    with small_disk(160) as disk:
        server = server_on(disk)
        hub = make_hub(folder / "hub", fresh_database(server))
        hub.add("api")
        try:
            hub.start()
            until(lambda: status(f"{hub.address}/healthz") == 200, 60, "the hub")
            yield Stored(disk, hub, server)
        finally:
            hub.stop()
            disk.empty()
            server.remove()


@contextmanager
def on_sqlite(folder: Path) -> Iterator[Stored]:
    with small_disk(32) as disk:
        hub = make_hub(folder / "hub", f"sqlite:///{disk.folder}/hub.db")
        hub.add("api")
        try:
            hub.begin()
            yield Stored(disk, hub, None)
        finally:
            hub.stop()


def is_full(stored: Stored) -> float:
    """Fill the disk until posts are refused and a while longer; how soon posts are taken with space again."""
    stored.disk.fill()
    refused = stored.answers[503, "store"]
    until(lambda: stored.answers[503, "store"] > refused + 10, 60, "refusals")
    if stored.server is None:
        until(lambda: not stored.taken_within(1.0), 60, "a log without room")
    began = time.monotonic()
    time.sleep(1.5)
    meanwhile = stored.history.within(began + 0.5, time.monotonic())
    if stored.server is None:
        assert stored.taken_within(60.0) <= stored.in_the_file()
    stored.disk.empty()
    assert meanwhile and not any(one.outcome == "ok" for one in meanwhile)
    if stored.server is not None and not runs(stored.server):
        stored.server.start()
    return stored.goes_on()


@pytest.mark.req("H-02", "H-03", "H-21")
def test_postgresql_refuses_on_a_full_disk_panics_on_a_failing_one_and_loses_nothing(tmp_path: Path) -> None:
    """1. Full: 503 and nothing kept; with space it goes on. 2. What is written does not reach the disk: the
    server panics, recovers by itself, and goes on. 3. Everything that was acknowledged is there once."""
    with on_postgresql(tmp_path) as stored:
        server = stored.server
        assert server is not None
        stored.post()
        space = is_full(stored)  # 1.
        panics = said(server).count("PANIC")
        with failing(sessions(server), "fsync,fdatasync"):  # 2.
            until(lambda: said(server).count("PANIC") > panics, 60, "a panic")
        after = stored.goes_on()
        print(f"back {space:.1f} s after there was space, {after:.1f} s after the panic")
        assert in_good_time(max(space, after), SECONDS_BACK, stored.begin_anew)
        assert stored.judged().sound  # 3.
        assert set(stored.answers) <= {(200, ""), (201, ""), (503, "store")}


@pytest.mark.req("H-02", "H-03", "H-21")
def test_sqlite_refuses_on_a_full_disk_and_on_a_failing_one_and_loses_nothing(tmp_path: Path) -> None:
    """1. Full: 503 and nothing kept; with space it goes on. 2. What is written does not reach the disk: 503;
    it goes on when it does again. 3. Everything that was acknowledged is there once."""
    with on_sqlite(tmp_path) as stored:
        stored.post()
        space = is_full(stored)  # 1.
        refused = stored.answers[503, "store"]
        with failing([stored.hub.pid("api")], "fsync,fdatasync"):  # 2.
            began = time.monotonic()
            until(lambda: stored.answers[503, "store"] > refused + 10, 60, "refusals")
            meanwhile = stored.history.within(began + 0.5, time.monotonic())
        after = stored.goes_on()
        print(f"back {space:.1f} s after there was space, {after:.1f} s after the disk worked again")
        assert in_good_time(max(space, after), SECONDS_BACK, stored.begin_anew)
        assert stored.judged().sound  # 3.
        assert not any(one.outcome == "ok" for one in meanwhile)
        assert set(stored.answers) <= {(200, ""), (201, ""), (503, "store")}


def sessions(server: Server) -> list[int]:
    """The server's processes for the hub's sessions."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'hub'"
        ).fetchall()
    return [int(pid) for (pid,) in found]


def runs(server: Server) -> bool:
    """Whether it takes connections."""
    try:
        psycopg.connect(server.url(), connect_timeout=5).close()
    except psycopg.Error:
        return False
    return True


def said(server: Server) -> str:
    """What it wrote into its log."""
    return server._log.read_text(encoding="utf-8", errors="replace")
