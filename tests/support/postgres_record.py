"""One migrated database for each test process, emptied between tests: making one anew takes far longer."""

from __future__ import annotations

from functools import cache

from hub.record import Record
from tests.contract.record_contract import MASTER_KEY, SeededChance
from tests.support.postgres_server import fresh_database, or_skip, postgres_server

TABLES = ("stored_events", "items", "stream_keys", "claims", "once", "marks", "tiles", "checkpoints")


def emptied_record() -> str:
    """The address of a database whose record is as it was when it was made."""
    import psycopg

    url = _migrated()
    with psycopg.connect(url, autocommit=True) as connection:
        # Sessions that a test left would write into the next one's record.
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'"
        )
        with connection.transaction():
            for table in TABLES:
                connection.execute(f"DELETE FROM hub_record.{table}".encode())
            connection.execute("UPDATE hub_record.head SET position = 0, leaves = 0")
            connection.execute("UPDATE hub_record.tree SET size = 0")
            # The record is again under the master key that it was made under.
            connection.execute("DELETE FROM hub_record.about WHERE name = 'index-key'")
    return url


@cache
def _migrated() -> str:
    url = fresh_database(or_skip(postgres_server))
    Record.migrate(url, master_key=MASTER_KEY, chance=SeededChance(0))
    return url
