"""The topics: their names, their form, and making those that are missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from threading import Lock
from typing import Final

from hub.relay.connection import Administration, Fault, NewTopic
from hub.relay.settings import KafkaSettings

INBOUND: Final = "events.inbound"
UNKNOWN: Final = "events.rejected.unknown"
RECORDED: Final = "hub.recorded"
_WEEK: Final = timedelta(days=7)
_MONTH: Final = timedelta(days=30)
_LATE: Final = timedelta(seconds=20)
"""How late brokers take a notice. One that hung on the wire is refused: a relationship may have ended."""
_NOTICES: Final = "notices."


def receipts_of(organisation: str) -> str:
    """Where an organisation gets its receipts."""
    return f"events.receipts.{organisation}"


def rejected_of(organisation: str) -> str:
    """Where an organisation gets its refusals; without one, those of nobody who is known."""
    return f"events.rejected.{organisation}" if organisation else UNKNOWN


def notices_of(organisation: str) -> str:
    """Where an organisation is told of what concerns it."""
    return f"{_NOTICES}{organisation}"


class Topics:
    """Makes the topics that are missing, where the hub may; safe to use from several threads.

    Raises: Fault from every method where Kafka is not there.
    """

    def __init__(self, settings: KafkaSettings, organisations: Callable[[], Iterable[str]]) -> None:
        self._settings: Final = settings
        self._organisations: Final = organisations
        self._lock: Final = Lock()
        self._there: Final[dict[str, str]] = {}

    def ensure_all(self) -> None:
        """See to the topics of the hub and of every organisation that takes part.

        A receiver asks for its topics before anything was sent to it, so they are made beforehand.
        """
        each = (receipts_of, rejected_of, notices_of)
        own = [topic(organisation) for organisation in self._organisations() for topic in each]
        self.ensure([INBOUND, UNKNOWN, RECORDED, *own])

    def ensure(self, names: Iterable[str]) -> None:
        """See to these topics; what may not be made is left to the operators, and to the next try.

        1. Leave out what has been seen.
        2. Ask which there are, make the missing ones; another process may be making them too.
        """
        with self._lock:
            missing = [one for one in dict.fromkeys(names) if one not in self._there]  # 1
            if not missing:
                return
            administration = Administration(self._settings)
            try:
                self._there.update(administration.identities(missing))  # 2
                unmade = [self._form(name) for name in missing if name not in self._there]
                if unmade and self._settings.make_topics:
                    administration.create(unmade)
                    self._there.update(administration.identities([one.name for one in unmade]))
            finally:
                administration.close()

    def forget(self) -> None:
        """Ask again which there are: one that was seen may have been deleted, or the cluster be another."""
        with self._lock:
            self._there.clear()

    def identity(self, name: str) -> str:
        """The id that Kafka gave a topic; one that is deleted and made again has another.

        Raises: Fault where there is no such topic.
        """
        administration = Administration(self._settings)
        try:
            found = administration.identities([name])
        finally:
            administration.close()
        if name not in found:
            raise Fault("no such topic")
        return found[name]

    def _form(self, name: str) -> NewTopic:
        divided = name in (INBOUND, RECORDED)
        kept = _WEEK if divided else _MONTH
        replication = self._settings.replication
        configuration = {
            "retention.ms": str(int(kept.total_seconds() * 1000)),
            # Acknowledged is then held by more than one broker, where there are several.
            "min.insync.replicas": str(max(1, replication - 1)),
        }
        if name.startswith(_NOTICES):
            configuration["message.timestamp.before.max.ms"] = str(int(_LATE.total_seconds() * 1000))
        return NewTopic(name, self._settings.partitions if divided else 1, replication, configuration)
