"""The event store package's own reusable tests, passed by the hub's recorder."""

from __future__ import annotations

import threading
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from eventsourcing.persistence import StoredEvent
from eventsourcing.tests.persistence import (
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
)

from hub.record.sqlite.connections import RecordDatastore
from hub.record.sqlite.recorder import HubRecorder


class _OnDisk:
    _numbers = count(1)

    def setUp(self) -> None:
        self._before = set(threading.enumerate())
        self._folder = TemporaryDirectory()
        self._datastore = RecordDatastore(str(Path(self._folder.name) / "record.db"))

    def tearDown(self) -> None:
        # The package's readers are told to stop and not waited for; a connection closed under one is fatal.
        for thread in set(threading.enumerate()) - self._before:
            thread.join(30)
        self._datastore.close()
        self._folder.cleanup()

    def new_originator_id(self) -> str:
        return f"child/{next(self._numbers)}"


class TestHubRecorder(_OnDisk, ApplicationRecorderTestCase[HubRecorder]):
    def create_recorder(self) -> HubRecorder:
        recorder = HubRecorder(self._datastore)
        recorder.create_table()
        return recorder


class TestHubRecorderNotificationIds(_OnDisk, NonInterleavingNotificationIDsBaseCase):
    insert_num = 300

    def create_recorder(self) -> HubRecorder:
        recorder = HubRecorder(self._datastore)
        recorder.create_table()
        return recorder

    def create_stack(self, originator_id: object) -> list[StoredEvent]:
        return [StoredEvent(str(originator_id), n, "topic", b"state") for n in range(self.insert_num)]


del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
