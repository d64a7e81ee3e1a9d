"""The parts that talk to Kafka, put together from the settings; imported only where they are asked for."""

from __future__ import annotations

from typing import Final

from hub.api import RequestLog
from hub.cli.compose import Hub, Store
from hub.record.projections import PartFeed, ViewStore
from hub.relay import GroupWorker, KafkaSettings, Relay
from hub.settings import Mode, Settings
from hub.views import ChildIndex


class Relaying:
    """The relay as one part of a process."""

    def __init__(self, hub: Hub, log: RequestLog) -> None:
        store = hub.store

        def told(part: str, kind: str, position: int) -> None:
            log.part("item-failed", part, kind, position=position)

        self._relay: Final = Relay(
            store.record,
            hub.intake,
            hub.disclosure.noticing,
            kafka_settings(store.settings),
            organisations=lambda: [one.id for one in store.directory.organisations()],
            chance=store.chance,
            report=told,
        )

    @property
    def fault(self) -> str | None:
        """What stands in the way now, without any text of it."""
        return self._relay.fault

    def lag(self) -> tuple[int, int]:
        """How many records wait to be read, and how many positions of the record to be sent from.

        Raises: HubError store.
        """
        waiting = self._relay.lag()
        return waiting.inbound, max(waiting.answers, waiting.notices, waiting.recorded)

    def reached(self) -> tuple[int, int]:
        """How far reading is, as a number that changes with it, and up to which position all was sent.

        Raises: HubError store.
        """
        return self._relay.reached()

    def start(self) -> None:
        """Begin reading and sending."""
        self._relay.start()

    def close(self) -> None:
        """Read no more, send what was read, and end."""
        self._relay.stop()


class Feeding:
    """A member of the group of projection workers, as one part of a process."""

    def __init__(self, store: Store, views: ViewStore) -> None:
        feed = PartFeed(store.record, views, [ChildIndex(store.record)])
        self._worker: Final = GroupWorker(store.record, feed, kafka_settings(store.settings))

    @property
    def fault(self) -> str | None:
        """What stands in the way now, without any text of it."""
        return self._worker.fault

    def start(self) -> None:
        """Join the group."""
        self._worker.start()

    def close(self) -> None:
        """Finish the batch that it is at, and leave the group."""
        self._worker.stop()


def kafka_settings(settings: Settings) -> KafkaSettings:
    """What the relay is told of Kafka."""
    password, mechanism = settings.kafka_sasl_password, settings.kafka_sasl_mechanism
    return KafkaSettings(
        bootstrap=settings.kafka_bootstrap or "",
        security_protocol=settings.kafka_security_protocol.value,
        sasl_mechanism=mechanism.value if mechanism else None,
        sasl_username=settings.kafka_sasl_username,
        sasl_password=password.get_secret_value() if password else None,
        ca_file=settings.kafka_ca_file,
        certificate_file=settings.kafka_certificate_file,
        key_file=settings.kafka_key_file,
        partitions=settings.kafka_partitions,
        replication=settings.kafka_copies,
        make_topics=settings.mode is not Mode.PRODUCTION,
    )
