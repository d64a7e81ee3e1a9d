"""Projecting: hundreds of items with one tracking row, against one transaction for each item."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from eventsourcing.persistence import Tracking
from eventsourcing.sqlite import SQLiteDatastore, SQLiteTrackingRecorder

from bench.appends import PAYLOAD
from bench.measure import Result, SystemChance, compare, draft, rate, scratch
from hub.record import Append, ProjectionRunner, Record, Recorded

ROUNDS = 5
ITEMS = 10_000
SINGLE = 2000
_TABLE = "CREATE TABLE IF NOT EXISTS counts (stream TEXT PRIMARY KEY, items INTEGER NOT NULL) WITHOUT ROWID"
_COUNT = "INSERT INTO counts VALUES (?, 1) ON CONFLICT (stream) DO UPDATE SET items = items + 1"


class Counts:
    """How many items each child has."""

    name = "counts"
    version = 1
    tables = (_TABLE,)

    def project(self, cursor: sqlite3.Cursor, recorded: Sequence[Recorded]) -> None:
        cursor.executemany(_COUNT, [(one.stream,) for one in recorded])


def measure() -> list[Result]:
    """Both ways read and open the same items of the same record; only the transactions differ."""
    pairs: list[tuple[float, float]] = []
    with scratch() as folder:
        path, chance = folder / "record.db", SystemChance()
        Record.migrate(path, master_key=bytes(32), chance=chance)
        with closing(Record.open(path, master_key=bytes(32), chance=chance)) as record:
            for first in range(0, ITEMS, 1000):
                numbers = range(first, first + 1000)
                for future in [record.append(Append((draft(n, PAYLOAD),))) for n in numbers]:
                    future.result()
            for turn in range(ROUNDS):
                single = rate(SINGLE, partial(_one_by_one, record, folder / f"single{turn}.db"))
                batched = rate(ITEMS, partial(_in_batches, record, folder / f"batched{turn}.db"))
                pairs.append((batched, single))
    return [compare("projection in batches, against one transaction an item", "items/s", 10.0, pairs)]


def _in_batches(record: Record, path: Path) -> None:
    with closing(ProjectionRunner(record, path, Counts())) as runner:
        assert runner.catch_up() == ITEMS


def _one_by_one(record: Record, path: Path) -> None:
    """As the package's projection runner does it: for each item its rows and its tracking row."""
    datastore = SQLiteDatastore(str(path))
    tracking = SQLiteTrackingRecorder(datastore)
    tracking.create_table_statements.append(_TABLE)
    tracking.create_table()
    done = 0
    while done < SINGLE:
        for one in record.log(done, 500):
            with datastore.transaction(commit=True) as cursor:
                tracking._insert_tracking(cursor, Tracking("counts", one.position))
                cursor.execute(_COUNT, (one.stream,))
            done = one.position
    datastore.close()
