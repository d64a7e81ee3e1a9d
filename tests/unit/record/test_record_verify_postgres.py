"""The offline check on PostgreSQL: whole databases pass, and a change anywhere is found where it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from hub.record import Append, Claim, Mark, Record, Recorded, Verification, verify_record
from tests.contract.record_contract import MASTER_KEY, NOW, SIGNER, SeededChance, draft, refusal
from tests.support.postgres_record import emptied_record

psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.req("H-02", "H-14")


def restore(item: Recorded) -> bytes | None:
    return None if item.body is None else item.body.removeprefix(b"body of ")


def verify(url: str, **changes: object) -> Verification:
    values = {"master_key": MASTER_KEY, "keys": SIGNER.note_keys, "restore": restore} | changes
    return verify_record(url, **values)  # type: ignore[arg-type]


@pytest.fixture
def url() -> str:
    """A record with something in every table."""
    url = emptied_record()
    chance = SeededChance(1)
    with closing(Record.open(url, master_key=MASTER_KEY, chance=chance, signer=SIGNER)) as record:
        for n in range(270):
            claims = (Claim("identifier", b"name-%d" % n, f"child/{n % 3}"),) if n < 3 else ()
            one = draft(f"a{n}", stream=f"child/{n % 3}", payload=b"p%d" % n)
            future = record.append(Append((one,), claims=claims, marks=(Mark("m", n),)))
            if n % 90 == 89:
                future.result(30)
                record.ledger.integrate(NOW)
        record.remember_once("jti", b"name", NOW + timedelta(1), NOW)
        record.append(Append((draft("last"),))).result(30)
    return url


@pytest.fixture
def connection(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def test_a_whole_database_is_whole_also_beside_one_who_writes(url: str) -> None:
    steps: list[tuple[int, int]] = []
    with closing(Record.open(url, master_key=MASTER_KEY, chance=SeededChance(2), signer=SIGNER)) as record:

        def write_beside(done: int, total: int) -> None:
            steps.append((done, total))
            record.append(Append((draft(f"beside-{done}", stream="child/0"),))).result(30)

        found = verify(url, progress=write_beside)
        assert found.whole and (found.items, found.erased, found.covered) == (271, 0, 270)
        assert steps[-1] == (271, 271)
        record.ledger.integrate(NOW)
        assert record.ledger.root(271) == found.root
        record.destroy_key("child/1")
        after = verify(url)
    assert after.whole and after.erased == 91 and after.items == 272


CHANGES = [
    ("DELETE FROM stored_events WHERE notification_id = 100", "items", 100),
    ("DELETE FROM items WHERE position = 100", "items", 100),
    ("DELETE FROM stored_events WHERE notification_id = 271", "items", 271),
    ("UPDATE stored_events SET state = overlay(state placing '\\x00' from 60) WHERE notification_id = 7",
     "items", 7),
    ("UPDATE stored_events SET originator_id = 'child/7' WHERE notification_id = 8", "items", 8),
    ("UPDATE stored_events SET topic = 'other' WHERE notification_id = 8", "items", 8),
    ("UPDATE items SET leaf_hash = leaf_data WHERE position = 8", "items", 8),
    ("UPDATE items SET leaf_index = 9999 WHERE position = 9", "items", 9),
    ("UPDATE items SET payload_digest = leaf_hash WHERE position = 9", "items", 9),
    ("UPDATE items SET type = 'other' WHERE position = 9", "items", 9),
    ("DELETE FROM stream_keys WHERE stream = 'child/2'", "items", 3),
    ("DELETE FROM tiles WHERE level = 1", "tiles", None),
    ("UPDATE tiles SET hashes = hashes || hashes WHERE level = 1", "tiles", 3),
    ("UPDATE tree SET size = 5", "items", 272),
    ("UPDATE head SET position = position + 1", "head", None),
    ("UPDATE claims SET value = 'child/9' WHERE value = 'child/1'", "claims", None),
    ("UPDATE once SET until = until + 1", "once", 1),
    ("UPDATE marks SET value = value - 1", "marks", 1),
    ("UPDATE checkpoints SET size = 271 WHERE size = 270", "checkpoints", 3),
    ("UPDATE about SET value = 'x' WHERE name = 'format'", "about", None),
]  # fmt: skip


def test_each_change_is_reported_with_its_place(url: str, connection: psycopg.Connection) -> None:
    connection.execute("SET search_path = hub_record")
    for statement, place, position in CHANGES:
        copy = "hub_copy"
        # Each is done on the whole record and taken back after it was found.
        connection.execute(f"CREATE SCHEMA {copy}".encode())
        tables = {word for word in statement.split() if word in TABLES}
        (table,) = tables
        connection.execute(f"CREATE TABLE {copy}.{table} AS TABLE {table}".encode())
        assert connection.execute(statement.encode()).rowcount > 0
        found = verify(url).first_break
        assert found is not None, statement
        assert found.place == place, (statement, found)
        assert position is None or found.position == position, (statement, found)
        columns = "number, stream, key_id, wrapped" if table == "stream_keys" else ""
        overriding = "OVERRIDING SYSTEM VALUE " if table == "stream_keys" else ""
        into = f"({columns}) {overriding}" if columns else ""
        connection.execute(f"DELETE FROM {table}".encode())
        connection.execute(f"INSERT INTO {table} {into}TABLE {copy}.{table}".encode())
        connection.execute(f"DROP SCHEMA {copy} CASCADE".encode())
    assert verify(url).whole


TABLES = {
    "stored_events", "items", "stream_keys", "tiles", "tree", "head", "claims", "once", "marks",
    "checkpoints", "about",
}  # fmt: skip


def test_every_table_is_changed_by_one_of_these(connection: psycopg.Connection) -> None:
    found = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'hub_record' AND tablename <> 'migrations'"
    ).fetchall()
    assert {name for (name,) in found} == TABLES
    assert {word for statement, _, _ in CHANGES for word in statement.split()} >= TABLES


def test_memory_stays_flat_while_a_long_record_is_read(url: str) -> None:
    """The whole log is read through a cursor: its bodies are never in memory all at once."""
    with closing(Record.open(url, master_key=MASTER_KEY, chance=SeededChance(3))) as record:
        for start in range(0, 1200, 300):
            futures = [
                record.append(Append((draft(f"long-{n}", payload=bytes(40_000)),)))
                for n in range(start, start + 300)
            ]
            assert all(future.result(60) for future in futures)
    seen: list[int] = []
    before = resident_bytes()
    assert verify(url, progress=lambda done, total: seen.append(resident_bytes())).whole
    assert len(seen) > 1 and max(seen) - before < 25_000_000, "it held more than a part of 48 MB"


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_connection_that_is_lost_is_no_break_in_the_record(
    url: str, connection: psycopg.Connection
) -> None:
    def end_it(done: int, total: int) -> None:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'hub'"
        )

    assert refusal(lambda: verify(url, progress=end_it)) == "store"


def test_what_is_no_record_is_refused_or_a_break(postgres_url: str) -> None:
    found = verify(postgres_url).first_break
    assert found is not None and found.place == "about"
    assert refusal(lambda: verify(postgres_url.rsplit("/", 1)[0] + "/no_such_database")) == "store"
