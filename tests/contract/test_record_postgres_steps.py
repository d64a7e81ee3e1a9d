"""The steps that make a database of the record: once each, whoever else does so at the same time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from hub.errors import HubError
from hub.record import Append, Record
from tests.contract.record_contract import MASTER_KEY, SeededChance, draft, refusal
from tests.support.postgres_server import fresh_database, or_skip, postgres_server

psycopg = pytest.importorskip("psycopg")
from hub.record.postgres.migrations import steps  # noqa: E402  the driver is an extra

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


def test_a_database_of_other_steps_is_refused(postgres_url: str) -> None:
    migrate(postgres_url)
    run(postgres_url, "UPDATE hub_record.migrations SET digest = %s WHERE number = 1", bytes(32))
    for work in (lambda: opened(postgres_url), lambda: migrate(postgres_url)):
        assert "not those of this version" in said(work)
    run(postgres_url, "DELETE FROM hub_record.migrations")
    run(postgres_url, "INSERT INTO hub_record.migrations SELECT n, 'x', '' FROM generate_series(1, 99) n")
    for work in (lambda: opened(postgres_url), lambda: migrate(postgres_url)):
        assert "not those of this version" in said(work)


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


# What code of before may rely on: it must be the same after a step that only adds.
OURS = "relnamespace = 'hub_record'::regnamespace AND relkind = 'r'"
COLUMNS = f"""
    FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE {OURS} AND attnum > 0 AND NOT attisdropped
"""
STANDING = f"""
SELECT format('table %I', relname) FROM pg_class WHERE {OURS}
UNION ALL SELECT format('column %s.%I %s %s %s', attrelid::regclass, attname,
    format_type(atttypid, atttypmod), attnotnull, atthasdef) {COLUMNS}
UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'hub_record'
UNION ALL SELECT format('rule %s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'hub_record'::regnamespace
UNION ALL SELECT format('function %s %s %s', oid::regprocedure, pg_get_function_result(oid), md5(prosrc))
    FROM pg_proc WHERE pronamespace = 'hub_record'::regnamespace
"""
# What refuses rows or does something to them, with its table: new ones only on new tables.
REFUSING = f"""
SELECT attrelid::regclass::text, 'column ' || attname {COLUMNS}
    AND attnotnull AND NOT atthasdef AND attidentity = ''
UNION ALL SELECT indrelid::regclass::text, 'index ' || indexrelid::regclass FROM pg_index i
    JOIN pg_class c ON c.oid = indrelid WHERE {OURS} AND indisunique
UNION ALL SELECT conrelid::regclass::text, 'rule ' || conname FROM pg_constraint
    WHERE connamespace = 'hub_record'::regnamespace
UNION ALL SELECT tgrelid::regclass::text, 'trigger ' || tgname FROM pg_trigger t
    JOIN pg_class c ON c.oid = tgrelid WHERE {OURS}
"""
TABLES = f"SELECT oid::regclass::text FROM pg_class WHERE {OURS}"
ROWS = re.compile(r"(?m)^(?!CREATE (?!OR REPLACE)|ALTER TABLE |INSERT INTO )\S.*")


def taken_away(connection: psycopg.Connection, statements: str) -> set[str]:
    """Apply a step; what code from before it may miss or be refused by.

    Rows that stand are changed by no statement of a step: only what a step has made itself may be filled.
    """
    standing = set(connection.execute(STANDING))
    refusing, tables = set(connection.execute(REFUSING)), {name for (name,) in connection.execute(TABLES)}
    connection.execute(statements.encode())
    lost = {fact for (fact,) in standing - set(connection.execute(STANDING))}
    lost |= {what for table, what in set(connection.execute(REFUSING)) - refusing if table in tables}
    plain = re.sub(r"(?s)AS (\$\w*\$).*?\1|--[^\n]*", "", statements)
    for one in (" ".join(part.split()) for part in plain.split(";")):
        filled = re.match(r"INSERT INTO (\S+)", one)
        if (filled and filled[1] in tables) or (one and ROWS.match(one)):
            lost.add(one)
    return lost


def test_every_step_only_adds_or_says_what_it_takes_away(postgres_url: str) -> None:
    """The fourth is older than this rule: code that does not know it is refused, as it refuses by itself."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA hub_record")
        for step in steps():
            lost = taken_away(connection, step.statements)
            assert bool(lost) <= bool(step.needs), (step.number, lost)
            assert ("contract:" in step.statements) == bool(step.needs), step.number
            assert step.needs < step.number or step.number == 4
            assert step.number != 4 or len(lost) == 2, lost


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE hub_record.items DROP COLUMN type",
        "ALTER TABLE hub_record.items RENAME COLUMN type TO kind",
        "ALTER TABLE hub_record.items ALTER COLUMN position TYPE numeric",
        "ALTER TABLE hub_record.items ADD COLUMN more text NOT NULL",
        "ALTER TABLE hub_record.items ADD CHECK (position > 0)",
        "ALTER TABLE hub_record.stream_keys ALTER COLUMN wrapped SET NOT NULL",
        "CREATE UNIQUE INDEX one_type ON hub_record.items (type)",
        "DROP INDEX hub_record.once_by_end",
        "DROP FUNCTION hub_record.append",
        "DROP TABLE hub_record.tiles",
        "CREATE TABLE hub_record.one (a text);\nDELETE FROM hub_record.marks",
        "UPDATE hub_record.head SET leaves = 0",
        "INSERT INTO hub_record.marks VALUES ('m', 1, '')",
        "CREATE OR REPLACE VIEW hub_record.shown AS SELECT 1",
    ],
)
def test_what_takes_something_away_is_found(steps_applied: psycopg.Connection, statement: str) -> None:
    assert taken_away(steps_applied, statement + ";")


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE hub_record.items ADD COLUMN more text",
        "ALTER TABLE hub_record.items ADD COLUMN more text NOT NULL DEFAULT ''",
        "CREATE INDEX items_by_type ON hub_record.items (type)",
        "CREATE TABLE hub_record.one (a text UNIQUE);\n-- filled\nINSERT INTO hub_record.one VALUES ('x')",
        "CREATE FUNCTION hub_record.more() RETURNS void LANGUAGE plpgsql AS $b$ BEGIN DELETE FROM x; END $b$",
    ],
)
def test_what_only_adds_is_let_through(steps_applied: psycopg.Connection, statement: str) -> None:
    assert taken_away(steps_applied, statement + ";") == set()


@pytest.fixture(scope="module")
def with_steps() -> Iterator[psycopg.Connection]:
    with psycopg.connect(fresh_database(or_skip(postgres_server))) as connection:
        connection.execute("CREATE SCHEMA hub_record")
        for step in steps():
            connection.execute(step.statements.encode())
        connection.commit()
        yield connection


@pytest.fixture
def steps_applied(with_steps: psycopg.Connection) -> Iterator[psycopg.Connection]:
    yield with_steps
    with_steps.rollback()
