"""Posts that come through Kafka: one member of the group that reads `events.inbound`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from hub.record import Chance
from hub.relay.backoff import BackOff
from hub.relay.connection import Members, Place
from hub.relay.reading import PartitionReader, Taking
from hub.relay.settings import KafkaSettings
from hub.relay.silence import Silence
from hub.relay.topics import INBOUND, Topics

GROUP: Final = "hub-intake"
_POLL_SECONDS: Final = 0.1
_LOOK_SECONDS: Final = 2.0
_READER_SECONDS: Final = 15.0


class Marks(Protocol):
    """The numbers that the record keeps."""

    def mark(self, name: str) -> int:
        """The greatest value that a mark was raised to, 0 where it never was."""
        ...


class Inbound:
    """Reads posts and has them taken, its partitions side by side, the records of each in order.

    Shape: where a partition goes on is a mark of the record, raised with the effect of each record, so
    that a record is never passed over and never counts twice; Kafka's own offsets are not used.
    `report` is told of a partition whose brokers have thrown away posts that were never read, with how many:
    nobody here knows whose they were, so agencies look for posts without an answer.
    """

    def __init__(
        self,
        marks: Marks,
        taking: Taking,
        settings: KafkaSettings,
        topics: Topics,
        chance: Chance,
        report: Callable[[str, str, int], None],
    ) -> None:
        self._marks: Final = marks
        self._taking: Final = taking
        self._settings: Final = settings
        self._topics: Final = topics
        self._chance: Final = chance
        self._report: Final = report
        self._stopping: Final = threading.Event()
        self._lock: Final = threading.Lock()
        self._new: list[Place] = []
        self._readers: dict[Place, PartitionReader] = {}
        self._ended: list[PartitionReader] = []
        self._fault: str | None = None
        self._lag = 0
        self._silence: Final = Silence()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Join the group."""
        self._thread = threading.Thread(target=self._run, name="relay-inbound", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the records that are being taken, and leave the group."""
        self._stopping.set()

    def join(self, seconds: float) -> None:
        """Wait until it has left."""
        if self._thread is not None:
            self._thread.join(seconds)

    @property
    def fault(self) -> str | None:
        """The kind of what stands in the way now."""
        with self._lock:
            readers = list(self._readers.values())
        return self._fault or next((one.fault for one in readers if one.fault is not None), None)

    @property
    def partitions(self) -> int:
        """How many partitions it reads now."""
        with self._lock:
            return len(self._readers)

    @property
    def leads(self) -> bool:
        """Whether it reads the first partition: one of the group does, so that one sends for all."""
        with self._lock:
            return any(one.partition == 0 for one in self._readers)

    def reached(self) -> int:
        """Where it is in its partitions, added up: another number after each record that was taken."""
        with self._lock:
            return sum(one.next for one in self._readers.values())

    def lag(self) -> int:
        """How many records of its partitions waited, when it last looked."""
        return self._lag

    def _run(self) -> None:
        back_off = BackOff(self._stopping)
        while not self._stopping.is_set():
            try:
                self._read(back_off.done)
            except Exception as fault:  # the thread outlives every fault of broker, client and store
                self._fault = type(fault).__name__
                self._topics.forget()
                back_off.wait()

    def _read(self, well: Callable[[], None]) -> None:
        """Be a member of the group until told to stop, or until something breaks.

        1. See to the topics, and join.
        2. Begin at the mark what was assigned.
        3. Give each partition's reader what has come for it; fetch no more for one that has enough.
        4. Look now and then how much there is left; that also tells whether the brokers answer, and whether
           the client has forgotten a partition.
        5. Leave; what a reader is at is finished.
        """
        self._topics.ensure_all()  # 1
        members = Members(self._settings, GROUP, INBOUND, assigned=self._assigned, revoked=self._revoked)
        looked = time.monotonic()
        try:
            while not self._stopping.is_set():
                self._begin(members)  # 2
                for place, records in members.poll(_POLL_SECONDS).items():  # 3
                    reader = self._readers.get(place)
                    if reader is not None and not reader.give(records):
                        raise _AnotherTopic
                    if reader is not None and reader.full:
                        members.pause(place)
                self._resume(members)
                if time.monotonic() - looked >= _LOOK_SECONDS:  # 4
                    self._look(members)
                    looked = time.monotonic()
                self._fault = None
                well()
        finally:
            self._revoked(list(self._readers))  # 5
            with self._lock:
                ended, self._ended = self._ended, []
            for reader in ended:
                reader.join(_READER_SECONDS)
            members.close()

    def _assigned(self, places: Sequence[Place]) -> None:
        with self._lock:
            self._new = list(places)

    def _revoked(self, places: Sequence[Place]) -> None:
        """Called in a thread of the client: nothing may wait here."""
        with self._lock:
            self._new = [one for one in self._new if one not in places]
            for one in places:
                reader = self._readers.pop(one, None)
                if reader is not None:
                    reader.stop()
                    self._ended.append(reader)

    def _begin(self, members: Members) -> None:
        with self._lock:
            new, self._new = self._new, []
        if not new:
            return
        identity = self._topics.identity(INBOUND)
        for place in new:
            log = f"kafka/{INBOUND}/{place.partition}/{identity}"
            begin = self._marks.mark(log)
            if not members.begin(place, begin):
                continue
            gone = members.begins(place) - begin
            if gone > 0:
                self._report("inbound", "gone-unread", gone)
            with self._lock:
                replaced = self._readers.pop(place, None)
                self._readers[place] = PartitionReader(log, begin, self._taking, self._chance)
                if replaced is not None:
                    replaced.stop()
                    self._ended.append(replaced)
                self._ended = [one for one in self._ended if one.alive]

    def _resume(self, members: Members) -> None:
        with self._lock:
            ready = [place for place, one in self._readers.items() if not one.full]
        for place in ready:
            members.resume(place)

    def _look(self, members: Members) -> None:
        # A member without partitions is well where others have them, and waits for ever where there are none.
        if not members.partitions(INBOUND):
            raise _NoTopic
        with self._lock:
            readers = dict(self._readers)
        ends = members.ends(readers)
        self._lag = sum(max(0, end - readers[place].next) for place, end in ends.items())
        for place, end in ends.items():
            reader = readers[place]
            if not reader.full and self._silence.is_long(place, reader.expected, end):
                raise _Forgotten


class _NoTopic(Exception):
    """The topic was deleted."""


class _Forgotten(Exception):
    """The client gives nothing of a partition that has something."""


class _AnotherTopic(Exception):
    """The topic was deleted and made again: its offsets began anew."""
