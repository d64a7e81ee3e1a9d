"""The steps that make a database of the record: once each, whoever else does so at the same time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from hub.errors import HubError
from hub.record import Append, Record
from tests.contract.record_contract import MASTER_KEY, SeededChance, draft, refusal

psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.req("H-02")


def migrate(url: str, master_key: bytes = MASTER_KEY) -> None:
    Record.migrate(url, master_key=master_key, chance=SeededChance(0))


def opened(url: str) -> Record:
    return Record.open(url, master_key=MASTER_KEY, chance=SeededChance(1))


def run(url: str, statement: str, *parameters: object) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode(), parameters)
        return cursor.fetchall() if cursor.description else []


def said(work: Callable[[], object]) -> str:
    with pytest.raises(HubError) as caught:
        work()
    assert caught.value.slug == "store"
    return caught.value.detail


def test_eight_that_make_one_database_at_once_make_it_once(postgres_url: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(migrate, postgres_url) for _ in range(16)]:
            done.result(60)
    numbers = [number for (number,) in run(postgres_url, "SELECT number FROM hub_record.migrations")]
    assert numbers == list(range(1, len(numbers) + 1)) and numbers
    assert run(postgres_url, "SELECT one, position, leaves FROM hub_record.head") == [(1, 0, 0)]
    with closing(opened(postgres_url)) as record:
        item = record.append(Append((draft("a1"),))).result(30).items[0]
        migrate(postgres_url)
        assert record.at(item.position) == item
        assert not record.append(Append((draft("a2"),))).result(30).duplicate


def test_an_empty_database_is_not_opened_and_nothing_is_made_in_it(postgres_url: str) -> None:
    assert "hub init" in said(lambda: opened(postgres_url))
    assert run(postgres_url, "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'hub')") == []


def test_a_database_of_an_older_version_is_opened_only_after_init(postgres_url: str) -> None:
    migrate(postgres_url)
    run(postgres_url, "DELETE FROM hub_record.migrations WHERE number = 4")
    assert "hub init" in said(lambda: opened(postgres_url))
    run(postgres_url, "DROP FUNCTION hub_record.append_all")
    run(postgres_url, "ALTER TABLE hub_record.items ADD UNIQUE (leaf_index)")
    migrate(postgres_url)
    with closing(opened(postgres_url)) as record:
        assert not record.append(Append((draft("a1"),))).result(30).duplicate


def test_a_database_of_a_newer_version_or_of_other_steps_is_refused(postgres_url: str) -> None:
    migrate(postgres_url)
    run(postgres_url, "UPDATE hub_record.migrations SET digest = %s WHERE number = 1", bytes(32))
    for work in (lambda: opened(postgres_url), lambda: migrate(postgres_url)):
        assert "not those of this version" in said(work)
    run(postgres_url, "DELETE FROM hub_record.migrations")
    run(postgres_url, "INSERT INTO hub_record.migrations SELECT n, 'x', '' FROM generate_series(1, 99) n")
    for work in (lambda: opened(postgres_url), lambda: migrate(postgres_url)):
        assert "newer version" in said(work)


def test_a_step_that_fails_leaves_nothing_of_it(postgres_url: str) -> None:
    run(postgres_url, "CREATE SCHEMA hub_record")
    run(postgres_url, "CREATE TABLE hub_record.tiles (other text)")
    assert refusal(lambda: migrate(postgres_url)) == "store"
    tables = run(postgres_url, "SELECT tablename FROM pg_tables WHERE schemaname = 'hub_record' ORDER BY 1")
    assert tables == [("migrations",), ("tiles",)]
    run(postgres_url, "DROP TABLE hub_record.tiles")
    migrate(postgres_url)
    opened(postgres_url).close()


def test_another_master_key_does_not_open_the_database(postgres_url: str) -> None:
    migrate(postgres_url)
    assert "master key" in said(lambda: migrate(postgres_url, bytes(32)))
    assert "master key" in said(
        lambda: Record.open(postgres_url, master_key=bytes(32), chance=SeededChance(1))
    )
