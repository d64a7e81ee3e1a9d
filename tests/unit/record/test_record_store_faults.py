"""A store that refuses: full, read-only, wrong key, no record; and a queue that is full."""

from __future__ import annotations

import os
import resource
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from hub.errors import HubError
from hub.record import Append, Record, verify_record
from hub.record.group import GroupCommit
from tests.contract.record_contract import MASTER_KEY, NOW, SIGNER, SeededChance, draft, refusal

pytestmark = pytest.mark.req("H-02", "H-14")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "record.db"
    Record.migrate(path, master_key=MASTER_KEY, chance=SeededChance(0))
    return path


@pytest.fixture
def record(path: Path) -> Iterator[Record]:
    with closing(Record.open(path, master_key=MASTER_KEY, chance=SeededChance(1), signer=SIGNER)) as record:
        yield record


def standing(record: Record) -> list[str]:
    return [item.id for item in record.log(0, 1000)]


class FullDisk:
    """No file of this process may grow beyond what the record has now: every write past it fails."""

    def __init__(self, path: Path) -> None:
        self._wal = Path(f"{path}-wal")

    def __enter__(self) -> None:
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self._wal.stat().st_size, self._limits[1]))

    def __exit__(self, *_: object) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)


def test_a_full_disk_refuses_whole_groups_and_the_writer_lives(path: Path, record: Record) -> None:
    record.append(Append((draft("before"),))).result(30)
    record.ledger.integrate(NOW)
    with FullDisk(path):
        for turn in range(3):
            futures = [record.append(Append((draft(f"f{turn}-{n}", payload=bytes(9000)),))) for n in range(5)]
            for future in futures:
                fault = future.exception(30)
                assert isinstance(fault, HubError) and fault.slug == "store"
        assert standing(record) == ["before"]
    again = record.append(Append((draft("f0-0", payload=bytes(9000)),))).result(30)
    assert (again.duplicate, again.items[0].version, again.items[0].leaf_index) == (False, 2, 1)
    record.ledger.integrate(NOW)
    assert verify_record(path, master_key=MASTER_KEY, keys=SIGNER.note_keys).whole


def test_a_connection_that_may_only_read_refuses_and_is_replaced(record: Record) -> None:
    record.append(Append((draft("a1"),))).result(30)
    connection = record._writer._appender.connection
    assert connection is not None
    connection.execute("PRAGMA query_only=ON")
    fault = record.append(Append((draft("a2"), draft("r1", stream="link/1")))).exception(30)
    assert isinstance(fault, HubError) and fault.slug == "store"
    assert standing(record) == ["a1"]
    assert [one.version for one in record.append(Append((draft("a2"),))).result(30).items] == [2]


def test_what_the_tables_refuse_of_one_append_fails_that_one_alone(path: Path, record: Record) -> None:
    # A row that no append could have made: the tables, not the writer, must stop the second version.
    record.append(Append((draft("a1"),))).result(30)
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(
            "CREATE TRIGGER one_bad_item BEFORE INSERT ON items WHEN NEW.id = 'bad'"
            " BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )
    futures = [record.append(Append((draft(id),))) for id in ("a2", "bad", "a3")]
    faults = [future.exception(30) for future in futures]
    assert [fault.slug if isinstance(fault, HubError) else None for fault in faults] == [None, "store", None]
    assert standing(record) == ["a1", "a2", "a3"]


def test_a_locked_store_refuses_what_else_writes(
    path: Path, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    record.append(Append((draft("a1"),))).result(30)
    monkeypatch.setattr("hub.record.sqlite.connections._BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert refusal(lambda: record.remember_once("jti", b"n", NOW + timedelta(1), NOW)) == "store"
        assert refusal(lambda: record.destroy_key("child/1")) == "store"
        assert refusal(lambda: record.ledger.integrate(NOW)) == "store"
        other.execute("ROLLBACK")
    assert record.remember_once("jti", b"n", NOW + timedelta(1), NOW)
    assert record.ledger.integrate(NOW) is not None


def test_another_master_key_does_not_open_the_record(path: Path) -> None:
    def open_with(key: bytes) -> None:
        Record.open(path, master_key=key, chance=SeededChance(1)).close()

    open_with(MASTER_KEY)
    assert refusal(lambda: open_with(bytes(32))) == "store"
    assert refusal(lambda: open_with(b"short")) == "store"
    assert refusal(lambda: Record.migrate(path, master_key=bytes(32), chance=SeededChance(1))) == "store"


def test_what_is_not_a_record_is_not_opened(tmp_path: Path) -> None:
    def opened(path: Path) -> str:
        return refusal(lambda: Record.open(path, master_key=MASTER_KEY, chance=SeededChance(1)))

    assert opened(tmp_path / "none.db") == "store"
    (tmp_path / "text.db").write_text("no database at all, but long enough to look for a header in it")
    assert opened(tmp_path / "text.db") == "store"
    sqlite3.connect(tmp_path / "empty.db").close()
    assert opened(tmp_path / "empty.db") == "store"
    assert refusal(
        lambda: Record.migrate(tmp_path / "no" / "r.db", master_key=MASTER_KEY, chance=SeededChance(1))
    ) == "store"  # fmt: skip


def test_migrating_again_changes_nothing(path: Path, record: Record) -> None:
    item = record.append(Append((draft("a1"),))).result(30).items[0]
    Record.migrate(path, master_key=MASTER_KEY, chance=SeededChance(5))
    assert record.at(item.position) == item


def test_a_file_of_an_older_or_newer_version_is_not_opened(path: Path) -> None:
    def changed(*statements: str) -> str:
        with closing(sqlite3.connect(path)) as connection, connection:
            for statement in statements:
                connection.execute(statement)
        with pytest.raises(HubError) as caught:
            Record.open(path, master_key=MASTER_KEY, chance=SeededChance(1))
        return caught.value.detail

    assert "hub init" in changed("DROP TABLE marks", "PRAGMA user_version = 0")
    Record.migrate(path, master_key=MASTER_KEY, chance=SeededChance(0))
    with closing(Record.open(path, master_key=MASTER_KEY, chance=SeededChance(1))) as record:
        assert record.raise_mark("m", 1) == 1
    assert "newer version" in changed("PRAGMA user_version = 99")
    # An older version's `hub init` does not turn the number back: its servers would write into newer tables.
    with pytest.raises(HubError) as caught:
        Record.migrate(path, master_key=MASTER_KEY, chance=SeededChance(0))
    assert "newer version" in caught.value.detail
    assert "newer version" in changed()


def test_a_commit_of_the_writer_is_synced_to_the_disk(record: Record) -> None:
    # A killed process does not show a missing sync, only a loss of power does; so the setting is pinned.
    record.append(Append((draft("a1"),))).result(30)
    connection = record._writer._appender.connection
    assert connection is not None
    settings = [
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "secure_delete")
    ]
    assert settings == ["wal", 2, 1]


def test_only_the_hubs_own_user_may_read_the_file(path: Path) -> None:
    assert os.stat(path).st_mode & 0o077 == 0


class _One:
    size = 10

    def __init__(self) -> None:
        self.fault: BaseException | None = None

    def fail(self, fault: BaseException) -> None:
        self.fault = fault


def test_a_full_queue_refuses_at_once_and_takes_again_later() -> None:
    committing, go_on = threading.Event(), threading.Event()
    groups: list[list[_One]] = []

    def commit(group: list[_One]) -> None:
        groups.append(group)
        committing.set()
        assert go_on.wait(30)

    group = GroupCommit[_One](commit, queue_items=3)
    members = [_One() for _ in range(5)]
    group.put(members[0])
    assert committing.wait(30)
    for one in members[1:4]:
        group.put(one)
    assert refusal(lambda: group.put(members[4])) == "rate"
    go_on.set()
    group.close()
    assert groups == [members[:1], members[1:4]]
    assert refusal(lambda: group.put(members[4])) == "store"


def test_things_put_together_find_room_all_of_them_or_none_and_are_committed_together() -> None:
    committing, go_on = threading.Event(), threading.Event()
    groups: list[list[_One]] = []

    def commit(group: list[_One]) -> None:
        groups.append(group)
        committing.set()
        assert go_on.wait(30)

    group = GroupCommit[_One](commit, queue_items=3)
    members = [_One() for _ in range(6)]
    group.put(members[0])
    assert committing.wait(30)
    group.put(members[1])
    assert refusal(lambda: group.put(*members[2:5])) == "rate"
    group.put(*members[2:4])
    go_on.set()
    group.close()
    assert groups == [members[:1], members[1:4]]


def test_a_commit_that_breaks_answers_its_group_and_the_next_is_tried() -> None:
    turns: list[int] = []

    def commit(group: list[_One]) -> None:
        turns.append(len(group))
        if len(turns) == 1:
            raise RuntimeError

    group = GroupCommit[_One](commit)
    first, second = _One(), _One()
    group.put(first)
    while not first.fault:
        pass
    group.put(second)
    group.close()
    assert isinstance(first.fault, RuntimeError) and second.fault is None and turns == [1, 1]


def test_a_group_is_bounded_in_bytes() -> None:
    class Large(_One):
        size = 1024 * 1024

    sizes: list[int] = []
    holding = threading.Event()

    def commit(group: list[_One]) -> None:
        assert holding.wait(30)
        sizes.append(len(group))

    group = GroupCommit[_One](commit)
    for _ in range(9):
        group.put(Large())
    holding.set()
    group.close()
    assert sum(sizes) == 9 and max(sizes) <= 2
