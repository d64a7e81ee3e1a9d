"""The event store package's own reusable tests, passed by the hub's recorder on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import count

import pytest

pytest.importorskip("psycopg")

from eventsourcing.persistence import StoredEvent
from eventsourcing.tests.persistence import (
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
)

from hub.record.postgres.recorder import HubPostgresRecorder, RecordDatastore


class _OnServer:
    _numbers = count(1)

    @pytest.fixture(autouse=True)
    def _database(self, postgres_url: str) -> Iterator[None]:
        self._before = set(threading.enumerate())
        self._datastore = RecordDatastore(postgres_url)
        yield
        self._datastore.close()
        for thread in set(threading.enumerate()) - self._before:
            thread.join(30)

    def create_recorder(self) -> HubPostgresRecorder:
        recorder = HubPostgresRecorder(self._datastore)
        recorder.create_table()
        return recorder

    def new_originator_id(self) -> str:
        return f"child/{next(self._numbers)}"


class TestHubPostgresRecorder(_OnServer, ApplicationRecorderTestCase[HubPostgresRecorder]):
    @pytest.mark.req("H-02")
    def test_a_subscription_hears_what_was_appended_before_and_after(self) -> None:
        super().optional_test_insert_subscribe()


class TestHubPostgresRecorderNotificationIds(_OnServer, NonInterleavingNotificationIDsBaseCase):
    insert_num = 300

    def create_stack(self, originator_id: object) -> list[StoredEvent]:
        return [StoredEvent(str(originator_id), n, "topic", b"state") for n in range(self.insert_num)]


del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
