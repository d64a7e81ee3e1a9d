"""The package's PostgreSQL recorder, with everything that belongs to an event in the event's own call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import psycopg
from eventsourcing.persistence import ApplicationRecorder, StoredEvent, Subscription
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore, PostgresSubscription
from psycopg.conninfo import conninfo_to_dict

from hub.record.postgres import migrations
from hub.record.store import Expected, Rows
from hub.record.types import Head

CHANNEL: Final = "hub_record"
_SCHEMA: Final = "hub_record"
_POLLS: Final = 10
_MOST_BEYOND_ONE: Final = 9
_APPEND: Final = (
    "SELECT before_position, before_leaves, found_head, left_head, grown FROM hub_record.append_all("
    "%b::text, %b::text, %b::text, %b::text, %b::bytea, "  # seen and live
    "%b::text[], %b::bytea[], %b::bytea[], "  # keys
    "%b::text[], %b::bytea[], %b::text[], %b::bytea[], "  # claims
    "%b::text[], %b::bigint[], %b::bytea[], "  # marks
    "%b::text, %b::text, %b::text, %b::text, %b::bytea[], "  # events
    "%b::text, %b::text, %b::text, %b::bytea[], %b::bytea, %b::bytea)"  # items
)


@dataclass(frozen=True, slots=True)
class Inserted:
    """What a call that added rows found: the head before, and the rows of the head found and left.

    Shape: `grown` are the streams that were longer than expected, with by how much.
    """

    before: Head
    found: str
    left: str
    grown: Mapping[str, int] = field(default_factory=dict)


class RecordDatastore(PostgresDatastore):
    """The package's datastore at an address, with text ids; it opens no connection before it is used."""

    def __init__(self, url: str) -> None:
        super().__init__(
            "", "", "", "", "", schema=_SCHEMA, originator_id_type="text", max_overflow=_MOST_BEYOND_ONE
        )  # fmt: skip
        # Everything in the address counts, e.g. how the server's certificate is checked.
        settings = {"row_factory": psycopg.rows.dict_row, **conninfo_to_dict(url)}
        self._url: Final = url
        self.pool.kwargs = settings

    @property
    def url(self) -> str:
        """The address."""
        return self._url

    def register_type_adapters(self) -> None:
        """Nothing to register: parallel arrays take the place of the package's composite types."""


class HubPostgresRecorder(PostgresApplicationRecorder):
    """Stores events with their names, leaves, keys, claims and marks in one call.

    Shape: positions are given out while the head is held, so commits become visible in their order and a
    reader that follows the log misses nothing. Where the package locks its whole table against other
    writers, this holds the one row of the head: the table's lock would also have to wait for every
    vacuum of the table, which takes minutes on a large one and cannot be put off for ever.
    """

    def __init__(self, datastore: RecordDatastore) -> None:
        super().__init__(datastore, events_table_name="stored_events")
        self.channel_name = CHANNEL
        self._url: Final = datastore.url

    def create_table(self) -> None:
        """The tables of the record, made by the steps of `migrations`."""
        migrations.migrate(self._url)

    def insert_within(
        self,
        connection: psycopg.Connection[Any],
        rows: Rows,
        expected: Expected | None = None,
        left: str | None = None,
    ) -> Inserted | None:
        """Add rows in one call; None where what was expected does not hold.

        Shape: on a connection outside a transaction the call is durable when it returns. Without
        `expected` the caller holds the head and has looked. `left` is the row of the head under which all
        that is expected was so; where it stands, nothing has changed.
        """
        streams, versions, topics, states = _columns(rows.events, 4)
        sources, ids, types, leaves, hashes, digests = _columns(rows.items, 6)
        seen, places = _seen(expected, streams)
        parameters = (
            left,
            *seen,
            *_columns(rows.keys, 3),
            *_columns(rows.claims, 4),
            *_columns(rows.marks, 3),
            *(_lines(streams), _lines(map(str, versions)), places, _lines(topics), states),
            *(_lines(sources), _lines(ids), _lines(types), leaves, b"".join(hashes), b"".join(digests)),
        )
        cursor = connection.cursor(row_factory=psycopg.rows.tuple_row)
        row = cursor.execute(_APPEND, parameters, prepare=True, binary=True).fetchone()
        assert row is not None
        position, leaf, found, now, grown = row
        if position is None:
            return None
        longer = {} if expected is None else _longer(expected.versions, grown)
        return Inserted(Head(position, leaf), found, now, longer)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """The package's way in: events alone; their positions.

        Shape: it is not tried again where the connection is lost, as the package would: the first try may
        stand, and the second would report a conflict with it.
        """
        events = [(_text(e.originator_id), e.originator_version, e.topic, e.state) for e in stored_events]
        with self.datastore.get_connection() as connection:
            inserted = self.insert_within(connection, Rows(events=events))
        assert inserted is not None
        first = inserted.before.position + 1
        return list(range(first, first + len(events)))

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """The package's subscription, which hears also what was committed before it listened."""
        return _Subscription(recorder=self, gt=gt, topics=topics)


class _Subscription(PostgresSubscription):
    def _listen(self) -> None:
        # A commit between the first read and LISTEN gives no notice, and one may be lost: so it is looked
        # once more right after LISTEN, and then each second.
        try:
            with self._recorder.datastore.get_connection() as connection:
                connection.execute(f"LISTEN {CHANNEL}".encode())
                while not self._over():
                    self._has_been_notified.set()
                    for _ in range(_POLLS):
                        heard = any(True for _ in connection.notifies(timeout=0.1, stop_after=1))
                        if heard or self._over():
                            break
        except BaseException as fault:
            if self._thread_error is None:
                self._thread_error = fault
            self.stop()

    def _over(self) -> bool:
        return self._has_been_stopped or self._thread_error is not None


def _seen(expected: Expected | None, streams: Sequence[str]) -> tuple[tuple[str | bytes | None, ...], str]:
    """What was seen before the call, and to which of the seen streams each event belongs."""
    if expected is None:
        return (None, None, None, None), ""
    numbers = {name: str(number) for number, name in enumerate(expected.versions, 1)}
    seen = (
        _lines(expected.versions),
        _lines(map(str, expected.versions.values())),
        "".join("1" if name in expected.firm else "0" for name in expected.versions),
        b"".join(expected.keys),
    )
    return seen, "\n".join([numbers[stream] for stream in streams])


def _longer(names: Iterable[str], grown: Sequence[int] | None) -> dict[str, int]:
    return {} if grown is None else {name: by for name, by in zip(names, grown, strict=True) if by}


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]


def _lines(texts: Iterable[str]) -> str:
    texts = list(texts)
    lines = "\n".join(texts)
    # One with a line feed in it would put every one behind it into another's row.
    if lines.count("\n") >= max(len(texts), 1):
        raise psycopg.DataError("a text is more than one line")
    return lines


def _text(originator_id: UUID | str) -> str:
    return originator_id if isinstance(originator_id, str) else originator_id.hex
