"""Sealing at rest: what may be read in the file, and what moving ciphertexts about achieves."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hub.errors import HubError
from hub.record import Append, Record
from tests.contract.record_contract import MASTER_KEY, NOW, SIGNER, SOURCE, SeededChance, draft, refusal

CANARY = b"CANARY-NARRATIVE-OF-A-CHILD"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.db"


@pytest.fixture
def record(path: Path) -> Iterator[Record]:
    Record.migrate(path, master_key=MASTER_KEY, chance=SeededChance(0))
    chance = SeededChance(1)
    with closing(Record.open(path, master_key=MASTER_KEY, chance=chance, signer=SIGNER)) as record:
        drafts = (
            draft("a1", payload=CANARY),
            draft("a2", payload=CANARY + b"2"),
            draft("b1", stream="child/2", payload=CANARY + b"3"),
        )
        record.append(Append(drafts)).result(30)
        record.ledger.integrate(NOW)
        yield record


def change(path: Path, statement: str, *parameters: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(statement, parameters).rowcount > 0


def rows(path: Path, query: str) -> list[tuple[bytes, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_no_content_and_no_key_is_readable_in_any_file_of_the_record(path: Path, record: Record) -> None:
    record.seal("child/1", CANARY, context="view")
    salts = [item.salt for item in record.log(0, 10)]
    for file in path.parent.iterdir():
        stored = file.read_bytes()
        assert CANARY not in stored and MASTER_KEY not in stored
        assert not any(salt in stored for salt in salts if salt)


def test_equal_contents_are_sealed_differently(path: Path, record: Record) -> None:
    record.append(Append((draft("c1", payload=CANARY), draft("c2", payload=CANARY)))).result(30)
    states = [state for (state,) in rows(path, "SELECT state FROM stored_events")]
    assert len({state[29:] for state in states}) == len(states) == 5
    assert len({state[17:29] for state in states}) == 5


@pytest.mark.req("H-02")
def test_swapped_ciphertexts_of_one_stream_are_refused(path: Path, record: Record) -> None:
    (one,), (two,), _ = rows(path, "SELECT state FROM stored_events ORDER BY notification_id")
    change(path, "UPDATE stored_events SET state = ? WHERE notification_id = 1", two)
    change(path, "UPDATE stored_events SET state = ? WHERE notification_id = 2", one)
    assert refusal(lambda: record.at(1)) == refusal(lambda: record.find(SOURCE, "a2")) == "store"
    assert refusal(lambda: record.stream("child/1")) == refusal(lambda: record.log(0, 10)) == "store"
    assert record.at(3) is not None


@pytest.mark.req("H-02")
def test_an_item_moved_to_another_stream_is_refused(path: Path, record: Record) -> None:
    change(path, "UPDATE stored_events SET originator_id = 'child/9' WHERE notification_id = 1")
    assert refusal(lambda: record.at(1)) == "store"
    change(path, "UPDATE stream_keys SET stream = 'child/9' WHERE stream = 'child/1'")
    assert refusal(lambda: record.at(1)) == "store"


def test_swapped_keys_are_refused(path: Path, record: Record) -> None:
    assert record.at(1) and record.at(3)
    (one,), (two,) = rows(path, "SELECT wrapped FROM stream_keys ORDER BY number")
    change(path, "UPDATE stream_keys SET wrapped = ? WHERE stream = 'child/1'", two)
    change(path, "UPDATE stream_keys SET wrapped = ? WHERE stream = 'child/2'", one)
    assert refusal(lambda: record.at(1)) == refusal(lambda: record.at(3)) == "store"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE items SET type = 'referral-made' WHERE position = 1",
        "UPDATE items SET id = 'z1' WHERE position = 1",
        "UPDATE items SET source = 'urn:safeguarding:org:health.z' WHERE position = 1",
        "DELETE FROM items WHERE position = 1",
        "UPDATE stored_events SET topic = 'os:system' WHERE notification_id = 1",
        "UPDATE stored_events SET state = CAST(X'02' || substr(state, 2) AS BLOB) WHERE notification_id = 1",
        "UPDATE stored_events SET state = X'01' WHERE notification_id = 1",
        "DELETE FROM stream_keys WHERE stream = 'child/1'",
    ],
)
def test_what_was_changed_beside_the_content_is_refused(path: Path, record: Record, statement: str) -> None:
    change(path, statement)
    assert refusal(lambda: record.at(1)) == "store"
    assert refusal(lambda: record.log(0, 10)) == "store"
    assert record.at(3) is not None


def test_a_destroyed_key_is_in_no_file_any_more(path: Path, record: Record) -> None:
    ((wrapped,),) = rows(path, "SELECT wrapped FROM stream_keys WHERE stream = 'child/1'")
    assert any(wrapped in file.read_bytes() for file in path.parent.iterdir())
    record.destroy_key("child/1")
    assert not any(wrapped in file.read_bytes() for file in path.parent.iterdir())


def test_a_destroyed_key_that_is_still_in_the_log_is_said_so(
    path: Path, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.record.sqlite.connections._BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM items").fetchone()
        assert refusal(lambda: record.destroy_key("child/1")) == "store"
    assert record.at(1).body is None  # type: ignore[union-attr]
    assert not record.destroy_key("child/1")


@pytest.mark.parametrize("damage", ["zeroblob(60)", "X'00'", "'text'", "CAST(X'80FF' AS TEXT)", "7"])
def test_a_damaged_key_fails_one_append_and_not_the_group(path: Path, record: Record, damage: str) -> None:
    change(path, f"UPDATE stream_keys SET wrapped = {damage} WHERE stream = 'child/1'")
    futures = [record.append(Append((draft(f"n{n}", stream=f"child/{n}"),))) for n in (1, 2, 3)]
    faults = [future.exception(30) for future in futures]
    assert isinstance(faults[0], HubError) and faults[1:] == [None, None]
