"""One suite for both databases: a record and its views in SQLite files, and both in one PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hub.record import Record
from hub.record.projections import ViewStore, migrate_views, open_views
from tests.contract.record_contract import MASTER_KEY, SIGNER, SeededChance
from tests.support.postgres_server import fresh_database, or_skip, postgres_server


@pytest.fixture(scope="module")
def database() -> str:
    """One for all tests of a file: emptying it takes a tenth of the time of making another."""
    return fresh_database(or_skip(postgres_server))


@pytest.fixture(params=["sqlite", "postgres"])
def record_at(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    if request.param == "sqlite":
        return tmp_path / "record.db"
    url: str = request.getfixturevalue("database")
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS hub_record, hub_views CASCADE")
    return url


@pytest.fixture
def where(record_at: str | Path) -> str | Path:
    """Where the views are."""
    where = record_at.with_name("views.db") if isinstance(record_at, Path) else record_at
    migrate_views(where)
    return where


@pytest.fixture
def opened(record_at: str | Path) -> Callable[[int], Record]:
    """Opens the record, each time with chance of its own."""
    Record.migrate(record_at, master_key=MASTER_KEY, chance=SeededChance(0))
    return lambda seed: Record.open(
        record_at, master_key=MASTER_KEY, chance=SeededChance(seed), signer=SIGNER
    )


@pytest.fixture
def record(opened: Callable[[int], Record]) -> Iterator[Record]:
    with closing(opened(1)) as record:
        yield record


@pytest.fixture
def views(where: str | Path) -> Iterator[ViewStore]:
    with closing(open_views(where)) as views:
        yield views
