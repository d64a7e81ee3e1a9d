"""The relay: posts in, answers, notices and positions out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from hub.record import Chance
from hub.relay.inbound import Inbound
from hub.relay.outbound import Follower, Log, Making
from hub.relay.reading import Taking
from hub.relay.sending import Answering, Answers, Notices, Noticing, Positions
from hub.relay.settings import KafkaSettings
from hub.relay.topics import Topics

END_SECONDS: Final = 20.0
"""So long may all of it take to end: 30 seconds are waited for the process, and stores close after it."""
_READING_SHARE: Final = 0.5
"""Of that, what the end of reading may take; what is sent may take the rest, all of it at once."""
Report = Callable[[str, str, int], None]


class Intake(Taking, Answering, Protocol):
    """The way in, and what it owes to those who did not wait."""


@dataclass(frozen=True, slots=True)
class Lag:
    """What waits: records of its partitions to be read, and positions of the record to be followed."""

    inbound: int
    answers: int
    notices: int
    recorded: int


class Relay:
    """Everything between the hub and Kafka in one process; several may run beside each other.

    They share the partitions of posts; the one that has the first of them sends for all.

    Shape: what was received and what was sent are marks of the record, so that a relay that is killed
    goes on where it was: nothing is kept twice, nothing is left out, receivers may see a message twice.
    `report(part, kind, position)` is told of an item that could not be made into a message, and of how many
    posts the brokers threw away before they were read.
    """

    def __init__(
        self,
        record: Log,
        intake: Intake,
        noticing: Noticing,
        settings: KafkaSettings,
        *,
        organisations: Callable[[], Iterable[str]],
        chance: Chance,
        report: Report = lambda part, kind, position: None,
    ) -> None:
        topics = Topics(settings, organisations)
        self._record: Final = record
        self._inbound: Final = Inbound(record, intake, settings, topics, chance, report)

        def follower(name: str, making: Making) -> Follower:
            return Follower(name, record, making, settings, topics, report, lambda: self._inbound.leads)

        self._answers: Final = follower("answers", Answers(intake, topics))
        self._notices: Final = follower("notices", Notices(noticing))
        self._recorded: Final = follower("recorded", Positions())

    def start(self) -> None:
        """Begin reading and sending."""
        for one in (self._inbound, *self._followers):
            one.start()

    def stop(self) -> None:
        """Finish what it is at: read no more, then send what was read; in `END_SECONDS` altogether."""
        ends = time.monotonic() + END_SECONDS
        self._inbound.stop()
        self._inbound.join(END_SECONDS * _READING_SHARE)
        for one in self._followers:
            one.stop()
        for one in self._followers:
            one.join(max(0.0, ends - time.monotonic()))

    def lag(self) -> Lag:
        """What waits now.

        Raises: HubError("store").
        """
        return Lag(self._inbound.lag(), *(one.lag() for one in self._followers))

    def reached(self) -> tuple[int, int]:
        """How far reading is, as a number that changes with it, and up to which position all was sent.

        Raises: HubError("store").
        """
        return self._inbound.reached(), min(one.reached() for one in self._followers)

    @property
    def partitions(self) -> int:
        """How many partitions of posts this process reads now."""
        return self._inbound.partitions

    @property
    def fault(self) -> str | None:
        """What stands in the way now: the part and the kind of the fault, nothing of its text."""
        found = [("inbound", self._inbound.fault), *((one.name, one.fault) for one in self._followers)]
        return next((f"{part}: {kind}" for part, kind in found if kind is not None), None)

    @property
    def _followers(self) -> tuple[Follower, Follower, Follower]:
        return self._answers, self._notices, self._recorded
