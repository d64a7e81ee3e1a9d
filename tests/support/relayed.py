"""A hub with its relay on a real broker, and what its agencies do there: send records, and read topics."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.structs import TopicPartition

from hub.record import Recorded
from hub.relay import KafkaSettings, Notice, Relay
from tests.support.kafka_broker import AnyCluster
from tests.unit.intake.world import AREAS, HUB_IG, World

INBOUND = "events.inbound"
SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Told:
    """One message as a receiver reads it."""

    topic: str
    partition: int
    offset: int
    key: str | None
    value: bytes
    headers: dict[str, str]

    @property
    def body(self) -> Any:
        return json.loads(self.value)


class RelayedHub:
    """A hub in one folder and its relay; `notices` decides who is told of an item."""

    def __init__(self, folder: Path, cluster: AnyCluster, **changes: Any) -> None:
        self.world = World(folder)
        self.cluster = cluster
        self.settings = replace(
            KafkaSettings(cluster.bootstrap, partitions=3, session_seconds=3.0, request_seconds=3.0),
            **changes,
        )
        self.notices: Callable[[Recorded], Sequence[Notice]] = lambda item: ()
        self.reports: list[tuple[str, str, int]] = []
        self.relay = self.new_relay()
        self._producer = KafkaProducer(
            bootstrap_servers=cluster.bootstrap, max_request_size=20_000_000, allow_auto_create_topics=False
        )

    def new_relay(self) -> Relay:
        return Relay(
            self.world.record,
            self.world.intake,
            lambda: lambda item: self.notices(item),
            self.settings,
            organisations=lambda: (*AREAS, HUB_IG),
            chance=self.world.chance,
            report=lambda *told: self.reports.append(told),
        )

    def start(self) -> None:
        self.relay.start()
        await_that(lambda: self.relay.partitions == self.settings.partitions)

    def restart(self) -> None:
        """Another relay on the same record, as after the end of the process."""
        self.relay.stop()
        self.relay = self.new_relay()
        self.start()

    def put(self, value: bytes | None, key: bytes | str | None = "case", partition: int | None = None) -> int:
        """Put a record into `events.inbound`; its offset. A text is hashed to a key of the contract."""
        made = case_key(key) if isinstance(key, str) else key
        sent = self._producer.send(INBOUND, value=value, key=made, partition=partition).get(SECONDS)
        return int(sent.offset)

    def read(self, topic: str) -> list[Told]:
        """Everything in a topic."""
        return read_all(self.cluster.bootstrap, topic)

    def answers(self, organisation: str) -> list[Told]:
        """Every receipt and refusal of an organisation."""
        return [
            *self.read(f"events.receipts.{organisation}"), *self.read(f"events.rejected.{organisation}")
        ]  # fmt: skip

    def answered(self, topic: str, count: int) -> list[Told]:
        """The messages of a topic, once there are so many that differ."""
        found: list[Told] = []

        def enough() -> bool:
            found[:] = self.read(topic)
            return len({one.headers.get("id") for one in found}) >= count

        await_that(enough)
        return found

    def settled(self) -> None:
        """Wait until everything was read and everything is sent."""
        await_that(lambda: self.relay.lag().answers == 0 and self.relay.lag().recorded == 0)

    def close(self) -> None:
        self.relay.stop()
        self._producer.close(timeout=2)
        self.world.close()


def case_key(case: str) -> bytes:
    """A key as the contract has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"an organisation|{case}".encode()).digest()).rstrip(b"=")


def read_all(bootstrap: str, topic: str) -> list[Told]:
    """Everything in a topic, from all its partitions."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest",
        isolation_level="read_committed", allow_auto_create_topics=False,
    )  # fmt: skip
    try:
        places = [TopicPartition(topic, one) for one in consumer.partitions_for_topic(topic) or ()]
        if not places:
            return []
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        found: list[Told] = []
        stop = time.monotonic() + SECONDS
        while any(consumer.position(one) < ends[one] for one in places):
            assert time.monotonic() < stop, "the topic could not be read"
            for place, records in consumer.poll(200).items():
                for one in records:
                    headers = {name: value.decode() for name, value in one.headers}
                    key = None if one.key is None else one.key.decode("utf-8", "replace")
                    found.append(Told(topic, place.partition, one.offset, key, one.value or b"", headers))
        return found
    finally:
        consumer.close(autocommit=False)


def await_that(true: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        pause.wait(0.05)


def _make_inbound(cluster: AnyCluster) -> None:
    """Make the topic as an operator may have it, with records far larger than the hub takes."""
    client = KafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    made = {"num_partitions": 3, "replication_factor": -1, "configs": {"max.message.bytes": "20000000"}}
    client.create_topics({INBOUND: made}, wait_for_metadata=True)
    client.close()


@contextmanager
def relayed(folder: Path, cluster: AnyCluster, **changes: Any) -> Iterator[RelayedHub]:
    """A hub with a relay that runs, on topics of its own."""
    cluster.wipe()
    _make_inbound(cluster)
    hub = RelayedHub(folder, cluster, **changes)
    try:
        hub.start()
        yield hub
    finally:
        hub.close()
