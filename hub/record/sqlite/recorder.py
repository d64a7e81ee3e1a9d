"""The package's SQLite recorder, with everything that belongs to an event in the event's own transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteCursor

from hub.record.sqlite import schema
from hub.record.sqlite.connections import RecordDatastore
from hub.record.store import RAISE_MARK, Rows
from hub.record.types import Head

_MOST: Final = 2**63 - 1


class HubRecorder(SQLiteApplicationRecorder):
    """Stores events with their names, leaves, keys, claims and marks in one durable transaction.

    Shape: positions are given out under the write lock, so commits become visible in their order and
    a reader that follows the log misses nothing.
    """

    def __init__(self, datastore: RecordDatastore, events_table_name: str = "stored_events") -> None:
        super().__init__(datastore, events_table_name)
        self._insert_positioned: Final = (
            f"INSERT INTO {events_table_name} "  # noqa: S608  the name is ours, not received
            "(notification_id, originator_id, originator_version, topic, state) VALUES (?,?,?,?,?)"
        )

    def construct_create_table_statements(self) -> list[str]:
        """The tables of the record, made once by `migrate`."""
        return [schema.EVENTS.format(table=self.events_table_name), *schema.BESIDE_EVENTS]

    def _insert_events(
        self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **_: Any
    ) -> Sequence[int]:
        events = [(_text(e.originator_id), e.originator_version, e.topic, e.state) for e in stored_events]
        before = self.insert_within(c.sqlite_cursor, Rows(events=events)).position
        return list(range(before + 1, before + 1 + len(events)))

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """The package's notification log, by the id column of this table."""
        first = 0 if start is None else start if inclusive_of_start else start + 1
        statement = (
            f"SELECT notification_id, originator_id, originator_version, topic, state"  # noqa: S608  as above
            f" FROM {self.events_table_name} WHERE notification_id >= ? AND notification_id <= ?"
        )
        if topics:
            statement += f" AND topic IN ({','.join('?' * len(topics))})"
        statement += " ORDER BY notification_id LIMIT ?"
        last = _MOST if stop is None else stop
        with self.datastore.transaction(commit=False) as cursor:
            cursor.execute(statement, (first, last, *topics, limit))
            return [Notification(row[1], row[2], row[3], row[4], row[0]) for row in cursor.fetchall()]

    def insert_within(self, cursor: sqlite3.Cursor, rows: Rows) -> Head:
        """Insert events and what belongs to them within the caller's transaction; the head before.

        1. Read the head inside the transaction: another process may have moved it.
        2. Insert keys, claims and marks, then events, then items with their leaf indexes.
        3. Move the head by exactly what was inserted.
        """
        # 1.
        head = Head(*cursor.execute("SELECT position, leaves FROM head WHERE one = 1").fetchone())
        # 2.
        if rows.keys:
            cursor.executemany("INSERT INTO stream_keys (stream, key_id, wrapped) VALUES (?,?,?)", rows.keys)
        if rows.claims:
            cursor.executemany("INSERT INTO claims VALUES (?,?,?,?)", rows.claims)
        if rows.marks:
            cursor.executemany(RAISE_MARK, rows.marks)
        if not rows.events:
            return head
        first = head.position + 1
        cursor.executemany(
            self._insert_positioned,
            [(position, *event) for position, event in enumerate(rows.events, first)],
        )
        shift = head.leaves - first
        cursor.executemany(
            "INSERT INTO items VALUES (?,?,?,?,?,?,?,?)",
            [(position, position + shift, *item) for position, item in enumerate(rows.items, first)],
        )
        # 3.
        cursor.execute(
            "UPDATE head SET position = ?, leaves = ? WHERE one = 1",
            (head.position + len(rows.events), head.leaves + len(rows.items)),
        )
        return head


def _text(originator_id: UUID | str) -> str:
    return originator_id if isinstance(originator_id, str) else originator_id.hex
