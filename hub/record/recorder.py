"""The package's SQLite recorder, with everything that belongs to an event in the event's own transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteCursor

from hub.record import schema
from hub.record.connections import RecordDatastore
from hub.record.types import Head, LeafKind

# The closed table of topics. A stored topic is looked up here and nowhere else: the package would
# import the module that a topic names, which an attacker with write access could choose.
TOPICS: Final[dict[LeafKind, str]] = {"event": "hub-event-1", "record": "hub-record-1"}
KINDS: Final[dict[str, LeafKind]] = {topic: kind for kind, topic in TOPICS.items()}

_MOST: Final = 2**63 - 1

ItemRow = tuple[str, str, str, bytes, bytes, bytes]
"""source, id, type, leaf data, leaf hash, digest of the payload"""


@dataclass(frozen=True, slots=True)
class Beside:
    """The rows that are inserted in the same transaction as the events.

    Shape: `items` has one row per event, in order; `keys` are (stream, key id, wrapped) of new data
    keys; `claims` are (kind, name, value, row digest).
    """

    items: Sequence[ItemRow]
    keys: Sequence[tuple[str, bytes, bytes]] = ()
    claims: Sequence[tuple[str, bytes, str, bytes]] = ()


def read_head(cursor: sqlite3.Cursor | sqlite3.Connection) -> Head:
    """The last position and the number of leaves, as the cursor's transaction sees them."""
    row = cursor.execute("SELECT position, leaves FROM head WHERE one = 1").fetchone()
    return Head(row[0], row[1])


class HubRecorder(SQLiteApplicationRecorder):
    """Stores events with their names, leaves, keys and claims in one durable transaction.

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
        self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], *, beside: Beside | None = None, **_: Any
    ) -> Sequence[int]:
        return list(self.insert_within(c.sqlite_cursor, stored_events, beside))

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

    def insert_within(
        self, cursor: sqlite3.Cursor, stored_events: Sequence[StoredEvent], beside: Beside | None
    ) -> range:
        """Insert events and what belongs to them within the caller's transaction; their positions.

        1. Read the head inside the transaction: another process may have moved it.
        2. Insert keys and claims, then events, then items with their leaf indexes.
        3. Move the head by exactly what was inserted.
        """
        # 1.
        head = read_head(cursor)
        first = head.position + 1
        positions = range(first, first + len(stored_events))
        # 2.
        leaves = 0
        if beside is not None:
            if beside.keys:
                cursor.executemany(
                    "INSERT INTO stream_keys (stream, key_id, wrapped) VALUES (?,?,?)", beside.keys
                )
            if beside.claims:
                cursor.executemany("INSERT INTO claims VALUES (?,?,?,?)", beside.claims)
        cursor.executemany(
            self._insert_positioned,
            [
                (position, _text(e.originator_id), e.originator_version, e.topic, e.state)
                for position, e in zip(positions, stored_events, strict=True)
            ],
        )
        if beside is not None:
            leaves = len(beside.items)
            shift = head.leaves - first
            cursor.executemany(
                "INSERT INTO items VALUES (?,?,?,?,?,?,?,?)",
                [
                    (position, position + shift, *row)
                    for position, row in zip(positions, beside.items, strict=True)
                ],
            )
        # 3.
        cursor.execute(
            "UPDATE head SET position = ?, leaves = ? WHERE one = 1",
            (head.position + len(stored_events), head.leaves + leaves),
        )
        return positions


def _text(originator_id: UUID | str) -> str:
    return originator_id if isinstance(originator_id, str) else originator_id.hex
