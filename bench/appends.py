"""Appending: how far group commit gets beyond the database's own rate of single durable inserts."""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from concurrent.futures import Future
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.measure import Result, SystemChance, compare, draft, rate, scratch
from hub.record import Append, HubSigner, Record
from hub.record.group import GroupCommit
from hub.record.sqlite import schema
from hub.record.sqlite.connections import RecordDatastore, connect, immediate
from hub.record.sqlite.recorder import HubRecorder
from hub.record.store import EventRow, Rows

PAYLOAD = os.urandom(1024)
IN_FLIGHT = 128
ROUNDS = 7
SINGLE = 3000
GROUPED = 10_000


class _Event:
    """One event in the queue of a group commit that does nothing but insert."""

    __slots__ = ("event", "future", "size")

    def __init__(self, event: EventRow) -> None:
        self.event = event
        self.future: Future[int] = Future()
        self.size = len(event[3])

    def fail(self, fault: BaseException) -> None:
        self.future.set_exception(fault)


def measure() -> list[Result]:
    """Three rates in each round, one after the other on one disk: single inserts, groups, the record."""
    plain: list[tuple[float, float]] = []
    whole: list[tuple[float, float]] = []
    with scratch() as folder:
        with (
            closing(connect(str(folder / "raw.db"))) as raw,
            closing(_Grouped(folder / "grouped.db")) as grouped,
        ):
            raw.execute(schema.EVENTS.format(table="stored_events"))
            path = folder / "record.db"
            chance = SystemChance()
            Record.migrate(path, master_key=bytes(32), chance=chance)
            signer = HubSigner(Ed25519PrivateKey.generate(), "hub.bench")
            with closing(Record.open(path, master_key=bytes(32), chance=chance, signer=signer)) as record:
                for turn in range(ROUNDS + 1):
                    limit = rate(SINGLE, partial(_insert_singly, raw, turn * SINGLE))
                    grouped_rate = rate(GROUPED, partial(grouped.append_all, turn * GROUPED))
                    appends = [Append((draft(number, PAYLOAD),)) for number in range(GROUPED)]
                    record_rate = rate(GROUPED, partial(_append_all, record, appends))
                    if turn:  # the first round warms up
                        plain.append((grouped_rate, limit))
                        whole.append((record_rate, limit))
    return [
        compare("SQLite: appends in groups, 128 in flight, bare events", "events/s", 3.0, plain),
        compare("SQLite: appends in groups, 128 in flight, sealed, with ledger", "events/s", 2.0, whole),
    ]


def _insert_singly(raw: sqlite3.Connection, first: int) -> None:
    statement = "INSERT INTO stored_events (originator_id, originator_version, topic, state) VALUES (?,?,?,?)"
    for number in range(first, first + SINGLE):
        raw.execute(statement, (f"child/{number % 500:08d}", number, "hub-event-1", PAYLOAD))


class _Grouped:
    """The package's recorder behind the group commit, without names, leaves and sealing."""

    def __init__(self, path: Path) -> None:
        self._datastore = RecordDatastore(str(path))
        self._recorder = HubRecorder(self._datastore)
        self._recorder.create_table()
        self._connection = connect(str(path))
        self._group = GroupCommit[_Event](self._commit)

    def _commit(self, group: list[_Event]) -> None:
        with immediate(self._connection) as cursor:
            before = self._recorder.insert_within(cursor, Rows(events=[one.event for one in group]))
        for position, one in enumerate(group, before.position + 1):
            one.future.set_result(position)

    def append_all(self, first: int) -> None:
        waiting: deque[Future[int]] = deque()
        for number in range(first, first + GROUPED):
            if len(waiting) == IN_FLIGHT:
                waiting.popleft().result()
            one = _Event((f"child/{number % 500:08d}", number, "hub-event-1", PAYLOAD))
            self._group.put(one)
            waiting.append(one.future)
        _drain(waiting)

    def close(self) -> None:
        self._group.close()
        self._connection.close()
        self._datastore.close()


def _append_all(record: Record, appends: list[Append]) -> None:
    waiting: deque[Future[Any]] = deque()
    for append in appends:
        if len(waiting) == IN_FLIGHT:
            waiting.popleft().result()
        waiting.append(record.append(append))
    _drain(waiting)
    # About as often as a hub under this load does it: once a second.
    record.ledger.integrate(datetime.now(UTC))


def _drain(waiting: deque[Future[Any]]) -> None:
    while waiting:
        waiting.popleft().result()
