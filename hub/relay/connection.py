"""Kafka's clients as the relay uses them: typed, quiet, and never waiting for ever."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.coordinator.base import MemberState
from kafka.errors import (
    ClusterAuthorizationFailedError,
    KafkaError,
    NoError,
    PolicyViolationError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    for_code,
)
from kafka.net.compat import KafkaNetClient
from kafka.partitioner.default import murmur2
from kafka.structs import TopicPartition

from hub.relay.settings import KafkaSettings

FETCH_BYTES: Final = 8 * 1024 * 1024
PARTITION_BYTES: Final = 1024 * 1024
_POLL_RECORDS: Final = 100
_BUSY_MS: Final = 15 * 60 * 1000
_DELIVERY_SECONDS: Final = 30.0
SEND_SECONDS: Final = _DELIVERY_SECONDS + 5
_CLOSE_SECONDS: Final = 2.0
Fault = KafkaError
_LEFT: Final = (
    NoError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    ClusterAuthorizationFailedError,
    PolicyViolationError,
)
"""What is no fault when topics are made: another process was first, or operators make them."""


class Place(Protocol):
    """One partition of one topic."""

    @property
    def topic(self) -> str:
        """The topic's name."""
        ...

    @property
    def partition(self) -> int:
        """The partition's number."""
        ...


class Incoming(Protocol):
    """One record as it came.

    Trust: key and value may hold anything, or nothing.
    """

    @property
    def offset(self) -> int:
        """Its place in its partition."""
        ...

    @property
    def key(self) -> bytes | None:
        """What it was put into its partition by."""
        ...

    @property
    def value(self) -> bytes | None:
        """What it carries."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """One record to send; without a `partition` the key decides, as every client of Kafka has it."""

    topic: str
    key: str | None
    value: bytes
    headers: tuple[tuple[str, str], ...] = ()
    partition: int | None = None


@dataclass(frozen=True, slots=True)
class NewTopic:
    """A topic to be made."""

    name: str
    partitions: int
    replication: int
    configuration: Mapping[str, str]


class Members:
    """One membership in a consumer group; for one thread, except `close`.

    Shape: `assigned` and `revoked` are called in a thread of the client and must return at once. What has
    been assigned is paused until it is told where to begin: the record knows, not Kafka.
    """

    def __init__(
        self,
        settings: KafkaSettings,
        group: str,
        topic: str,
        *,
        assigned: Callable[[Sequence[Place]], None],
        revoked: Callable[[Sequence[Place]], None],
    ) -> None:
        session = int(settings.session_seconds * 1000)
        self._wait_ms: Final = int(settings.request_seconds * 1000)
        self._consumer: Final = _opened(
            KafkaConsumer,
            settings,
            group_id=group,
            client_id=group,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            session_timeout_ms=session,
            heartbeat_interval_ms=max(100, session // 5),
            # Building views anew may keep a member from asking; whether it lives, heartbeats tell.
            max_poll_interval_ms=_BUSY_MS,
            max_poll_records=_POLL_RECORDS,
            fetch_max_bytes=FETCH_BYTES,
            max_partition_fetch_bytes=PARTITION_BYTES,
            fetch_max_wait_ms=200,
        )

        def paused(places: Sequence[Place]) -> None:
            self._consumer.pause(*places)
            assigned(places)

        self._consumer.subscribe([topic], listener=_Listener(paused, revoked))

    def poll(self, seconds: float) -> Mapping[Place, Sequence[Incoming]]:
        """What has come since, at once or within so many seconds."""
        polled = self._consumer.poll(timeout_ms=int(seconds * 1000))
        self._finish_joining()
        return cast("Mapping[Place, Sequence[Incoming]]", polled)

    def begin(self, place: Place, offset: int) -> bool:
        """Read a partition from an offset on; False where it has been taken away meanwhile."""
        if place not in self._consumer.assignment():
            return False
        self._consumer.seek(place, offset)
        self._consumer.resume(place)
        return True

    def begin_at_end(self, place: Place) -> bool:
        """Read a partition from what comes next on, and the record before that; False as in `begin`."""
        return self.begin(place, max(0, self.ends([place])[place] - 1))

    def pause(self, place: Place) -> None:
        """Fetch nothing more of a partition for now."""
        if place in self._consumer.assignment():
            self._consumer.pause(place)

    def resume(self, place: Place) -> None:
        """Go on with it."""
        if place in self._consumer.assignment():
            self._consumer.resume(place)

    def ends(self, places: Iterable[Place]) -> Mapping[Place, int]:
        """The offsets at which the partitions end now; asked of the brokers."""
        asked = list(places)
        if not asked:
            return {}
        found = self._consumer.end_offsets(asked, timeout_ms=self._wait_ms)
        return cast("Mapping[Place, int]", found)

    def begins(self, place: Place) -> int:
        """The first offset of a partition that the brokers still have."""
        found = self._consumer.beginning_offsets([place], timeout_ms=self._wait_ms)
        return int(found[place])

    def _finish_joining(self) -> None:
        """Have the client take up the outcome of a joining that it forgot.

        Why: the client joins anew when a topic changed since it joined. When a poll ends before the group
        has answered, and the change is taken note of meanwhile, it sees no more reason to join, never asks
        for the outcome, and sits in the group without partitions and without heartbeats for ever. Seen once
        in thirty starts, kafka-python 3.0.12; the package is pinned below 3.1.
        """
        coordinator = self._consumer._coordinator
        if coordinator.state is MemberState.REBALANCING and not coordinator.need_rejoin():
            coordinator.request_rejoin()

    def partitions(self, topic: str) -> int:
        """How many partitions a topic has."""
        return len(self._consumer.partitions_for_topic(topic) or ())

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close(autocommit=False, timeout_ms=min(self._wait_ms, 3_000))


class Sender:
    """An idempotent producer: what it says is sent is on as many brokers as the topic asks for, in order.

    Units: `patience` in seconds: so long the brokers may take for what is sent at once.
    """

    def __init__(self, settings: KafkaSettings, name: str, patience: float = SEND_SECONDS) -> None:
        self._patience: Final = patience
        self._producer: Final = _opened(
            KafkaProducer,
            settings,
            client_id=f"hub-{name}",
            acks="all",
            enable_idempotence=True,
            allow_auto_create_topics=False,
            linger_ms=5,
            batch_size=65_536,
            delivery_timeout_ms=int(_DELIVERY_SECONDS * 1000),
            max_block_ms=int(min(settings.request_seconds, patience) * 1000),
        )

    def send(self, messages: Sequence[Message]) -> None:
        """Send all of them, and come back when all have arrived.

        Raises: Fault, where it is not known of one of them in time; the others may have arrived.
        """
        ends = time.monotonic() + self._patience
        waiting = [
            self._producer.send(
                one.topic,
                value=one.value,
                key=None if one.key is None else one.key.encode(),
                headers=[(name, value.encode()) for name, value in one.headers],
                partition=one.partition,
            )
            for one in messages
        ]
        for future in waiting:
            future.get(timeout=max(0.0, ends - time.monotonic()))

    def partitions(self, topic: str) -> int:
        """How many partitions a topic has."""
        return len(self._producer.partitions_for(topic))

    def close(self) -> None:
        """Let go of the connections; what has not arrived is given up: it is sent again from the record.

        Why: the client's own close first waits for what has not arrived, and where that does not end in
        time it raises, and its thread goes on to send it: a notice long after it was decided.
        """
        thread = self._producer._sender
        thread.force_close()
        thread.join(_CLOSE_SECONDS)
        with suppress(Fault):
            self._producer.close(timeout=_CLOSE_SECONDS)


class Administration:
    """Makes and describes topics."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._client: Final = _opened(KafkaAdminClient, settings)

    def identities(self, topics: Sequence[str]) -> dict[str, str]:
        """The ids that Kafka gave the topics when they were made; those that there are."""
        described = self._client.describe_topics(list(topics))
        return {
            one["name"]: str(one["topic_id"]).replace("-", "") for one in described if not one["error_code"]
        }

    def create(self, wanted: Sequence[NewTopic]) -> None:
        """Make topics; one that is there already, or may not be made, is left as it is.

        Raises: Fault.
        """
        asked = {
            one.name: {
                "num_partitions": one.partitions,
                "replication_factor": one.replication,
                "configs": dict(one.configuration),
            }
            for one in wanted
        }
        answered = self._client.create_topics(asked, raise_errors=False)["topics"]
        faults = [error for one in answered if (error := for_code(one["error_code"])) not in _LEFT]
        if faults:
            raise faults[0]
        made = [one["name"] for one in answered if not one["error_code"]]
        if made:
            self._client.wait_for_topics(made, timeout_ms=10_000)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


def _opened(made: Any, settings: KafkaSettings, **options: str | float | bool) -> Any:
    """A client of Kafka that has found its brokers.

    Why: one that has not keeps its thread and its connections, and each try would leave another behind.
    Raises: Fault.
    """
    _quiet()
    inner: list[KafkaNetClient] = []

    def kept(**configuration: Any) -> KafkaNetClient:
        inner.append(KafkaNetClient(**configuration))
        return inner[-1]

    try:
        return made(**settings.connection(), **options, kafka_client=kept)
    except BaseException:
        for one in inner:
            one.close()
            one._net.stop()
        raise


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # the client has no types
    def __init__(
        self, assigned: Callable[[Sequence[Place]], None], revoked: Callable[[Sequence[Place]], None]
    ) -> None:
        self._assigned: Final = assigned
        self._revoked: Final = revoked

    def on_partitions_assigned(self, assigned: Iterable[Place]) -> None:
        self._assigned(list(assigned))

    def on_partitions_revoked(self, revoked: Iterable[Place]) -> None:
        self._revoked(list(revoked))

    def on_partitions_lost(self, lost: Iterable[Place]) -> None:
        self._revoked(list(lost))


def part_of(key: str, of: int) -> int:
    """The partition that a key belongs to, as every client of Kafka reckons it.

    Source: the Java client's default partitioner.
    """
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % of)


def place(topic: str, partition: int) -> Place:
    """The name of one partition."""
    return cast(Place, TopicPartition(topic, partition))


def _quiet() -> None:
    """Keep the client's own lines out of every log: they can hold addresses, and parts of records."""
    logging.getLogger("kafka").setLevel(logging.CRITICAL + 1)
