"""Projection workers: members of the group that reads `hub.recorded`, each taking up some of the parts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import orjson

from hub.errors import HubError
from hub.record import Recorded
from hub.relay.backoff import BackOff
from hub.relay.connection import Incoming, Members, Place, part_of
from hub.relay.feeding import BATCH, Feed, Reading
from hub.relay.sending import part_key
from hub.relay.settings import KafkaSettings
from hub.relay.silence import Silence
from hub.relay.standby import Standby
from hub.relay.topics import RECORDED, Topics

GROUP: Final = "hub-projection"
_POLL_SECONDS: Final = 0.1
_LOOK_SECONDS: Final = 2.0
_END_SECONDS: Final = 15.0


@dataclass(slots=True)
class _Part:
    """One part as this worker has it.

    Shape: `after` is where it stands; up to `goal` it is read from the record, and its partition waits;
    `told` are positions that came since.
    """

    after: int
    goal: int
    told: list[int] = field(default_factory=list)


class GroupWorker:
    """Takes up the parts that Kafka assigns to it; others join and leave while it works.

    Shape: a part's place is kept with its rows, so Kafka's offsets decide nothing: a worker begins at the
    end of its partitions, reads from the record what lies before, and reads from the record again where
    what it was told does not join on to where it stands.
    """

    def __init__(self, record: Reading, feed: Feed, settings: KafkaSettings) -> None:
        self.fault: str | None = None
        self._record: Final = record
        self._feed: Final = feed
        self._settings: Final = settings
        self._topics: Final = Topics(settings, tuple)
        self._stopping: Final = threading.Event()
        self._lock: Final = threading.Lock()
        self._new: list[Place] = []
        self._parts: dict[Place, _Part] = {}
        self._of = 0
        self._silence: Final = Silence()
        self._standby: Final = Standby(record, feed)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Join the group, and stand by for when it says nothing."""
        self._standby.start()
        self._thread = threading.Thread(target=self._run, name="relay-projection", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch that it is at, and leave the group; others go on with its parts."""
        self._stopping.set()
        ends = time.monotonic() + _END_SECONDS
        self._standby.stop()
        if self._thread is not None:
            self._thread.join(max(0.0, ends - time.monotonic()))

    @property
    def parts(self) -> tuple[int, ...]:
        """The parts that it works at now."""
        with self._lock:
            return tuple(sorted(one.partition for one in self._parts))

    def lag(self) -> int:
        """How many positions the least of its parts is behind the record."""
        with self._lock:
            least = min((one.after for one in self._parts.values()), default=None)
        return 0 if least is None else max(0, self._record.head().position - least)

    def _run(self) -> None:
        back_off = BackOff(self._stopping)
        while not self._stopping.is_set():
            try:
                self._work(back_off.done)
            except Exception as fault:  # the thread outlives every fault of broker, client and store
                self.fault = fault.slug if isinstance(fault, HubError) else type(fault).__name__
                self._build_where_there_is_nothing()
                back_off.wait()

    def _build_where_there_is_nothing(self) -> None:
        """Have views to stand by for, although no group could be joined; they are divided once one is."""
        with suppress(Exception):  # tried again with the joining
            if self._feed.divided() is None:
                self._feed.prepare(1)

    def _work(self, well: Callable[[], None]) -> None:
        """Be a member of the group until told to stop, or until something breaks.

        1. See to the topic, and join.
        2. Look where new parts stand.
        3. Read what lies behind from the record, a batch at a time, so that the group hears of us.
        4. Take up what the partitions tell of.
        5. Where that stays behind the record for long, the relay or this client is at fault: join anew, which
           reads from the record what was not told.
        """
        self._topics.ensure([RECORDED])
        members = Members(self._settings, GROUP, RECORDED, assigned=self._assigned, revoked=self._revoked)
        looked = time.monotonic()
        try:
            while not self._stopping.is_set():
                self._begin(members)  # 2
                behind = self._catch_up(members)  # 3
                for place, records in members.poll(0 if behind else _POLL_SECONDS).items():  # 4
                    part = self._parts.get(place)
                    if part is not None:
                        self._told(members, place, part, records)
                if not behind and time.monotonic() - looked >= _LOOK_SECONDS:  # 5
                    self._look()
                    looked = time.monotonic()
                self.fault = None
                well()
        finally:
            self._revoked(list(self._parts))
            members.close()

    def _assigned(self, places: Sequence[Place]) -> None:
        with self._lock:
            self._new = list(places)

    def _revoked(self, places: Sequence[Place]) -> None:
        with self._lock:
            self._new = [one for one in self._new if one not in places]
            for one in places:
                self._parts.pop(one, None)

    def _begin(self, members: Members) -> None:
        """Look where new parts stand.

        1. See that there is a generation divided as the topic is.
        2. Listen from now on, but hold it; then fix what is to be read from the record: nothing that is
           recorded later was told before we listened.
        """
        with self._lock:
            new, self._new = self._new, []
        if not new:
            return
        self._of = members.partitions(RECORDED)
        self._feed.prepare(self._of)  # 1
        for place in new:
            after = self._place(place)
            if not members.begin_at_end(place):  # 2
                continue
            members.pause(place)
            goal = self._record.head().position
            with self._lock:
                self._parts[place] = _Part(after, goal)

    def _place(self, place: Place) -> int:
        after = self._feed.place(place.partition, self._of)
        if after is None:
            raise _DividedAnew
        return after

    def _catch_up(self, members: Members) -> bool:
        """Read one batch of the record for all parts that lie behind; whether there are any left."""
        with self._lock:
            behind = {place: one for place, one in self._parts.items() if one.after < one.goal}
            ready = [place for place in self._parts if place not in behind]
        for place in ready:
            members.resume(place)
        if not behind:
            return False
        items = self._record.log(min(one.after for one in behind.values()), BATCH)
        if not items:
            raise HubError("store", "The record is shorter than what was projected from it.")
        for place, part in behind.items():
            if part.after < items[-1].position:
                self._take_up(place, part, items, items[-1].position)
        return True

    def _look(self) -> None:
        head = self._record.head().position
        with self._lock:
            stand = {place: one.after for place, one in self._parts.items()}
        if any([self._silence.is_long(place, after, head) for place, after in stand.items()]):
            raise _Untold

    def _told(self, members: Members, place: Place, part: _Part, records: Sequence[Incoming]) -> None:
        """Take up what one partition told of.

        1. Positions are collected until it is said that they are all of them.
        2. Where that joins on to where the part stands, read just these; else read the record itself.
        """
        for record in records:
            told = _read(record)
            if isinstance(told, int):  # 1
                part.told.append(told)
                continue
            if told is None or told.upto <= part.after:
                continue
            if told.of != self._of or told.after > part.after:  # 2
                part.goal = max(part.goal, told.upto)
                members.pause(place)
            else:
                found = (
                    self._record.at(one) for one in sorted(set(part.told)) if part.after < one <= told.upto
                )
                self._take_up(place, part, [one for one in found if one is not None], told.upto)
            part.told = [one for one in part.told if one > told.upto]

    def _take_up(self, place: Place, part: _Part, items: Sequence[Recorded], upto: int) -> None:
        """Take up those of the items that belong to the part, where it still stands where we think."""
        number = place.partition
        own = [
            one
            for one in items
            if part.after < one.position <= upto and part_of(part_key(one.stream), self._of) == number
        ]
        if self._feed.take_up(number, self._of, part.after, own, upto):
            part.after = upto
        else:
            part.after = self._place(place)
            part.goal = max(part.goal, upto)


@dataclass(frozen=True, slots=True)
class _UpTo:
    """All of a part after one position and up to another has been told, divided into so many."""

    after: int
    upto: int
    of: int


class _Untold(Exception):
    """The record goes on, and nothing of it was told."""


class _DividedAnew(Exception):
    """The parts are others now: begin again."""


def _read(record: Incoming) -> int | _UpTo | None:
    """What a record says; None where it is not of the hub's own making."""
    try:
        value = orjson.loads(record.value or b"")
    except orjson.JSONDecodeError:
        return None
    if isinstance(value, int):
        return value
    if not isinstance(value, dict):
        return None
    numbers = [value.get(name) for name in ("after", "upto", "of")]
    after, upto, of = numbers
    if isinstance(after, int) and isinstance(upto, int) and isinstance(of, int):
        return _UpTo(after, upto, of)
    return None
