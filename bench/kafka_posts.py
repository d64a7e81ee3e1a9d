"""Kafka: posts in, against such posts over HTTP; receipts out, against a producer that does nothing else."""

from __future__ import annotations

import base64
import hashlib
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Final

import psycopg

from bench.measure import Result, compare, missing
from bench.relay_part import ANSWERS, INBOUND
from bench.running_hub import SCHOOL, RunningHub

if TYPE_CHECKING:
    from tests.support.kafka_broker import Cluster

ROUNDS: Final = 3
CHILDREN: Final = 60
EACH: Final = 10
CONNECTIONS: Final = 64
PARTITIONS: Final = 6
_TOPIC: Final = "events.inbound"
_RECEIPTS: Final = f"events.receipts.{SCHOOL}"
_BARE: Final = "bare"
_FORM: Final = {"num_partitions": PARTITIONS, "replication_factor": 1}
_LOOK_SECONDS: Final = 0.01
_STANDS_STILL_SECONDS: Final = 60.0
_TAKEN: Final = b"SELECT COALESCE(sum(value), 0) FROM hub_record.marks WHERE name LIKE 'kafka/%'"
_POSTS: Final = "Kafka: signed posts in, one process, against HTTP with 2 workers"
_SENT: Final = "Kafka: receipts out, one process, against a bare idempotent producer"


def measure(hub: RunningHub) -> list[Result]:
    """A broker of its own, on the same cores as everything else."""
    try:
        from tests.support.kafka_broker import Cluster, Unavailable
    except ImportError:
        return [missing(one, "kafka-python is not installed") for one in (_POSTS, _SENT)]
    try:
        cluster = Cluster(1)
    except Unavailable as reason:
        return [missing(one, str(reason)) for one in (_POSTS, _SENT)]
    with closing(cluster):
        hub.environment["HUB_KAFKA_BOOTSTRAP"] = cluster.bootstrap
        _make_topics(cluster)
        return [_posts(hub, cluster), _receipts(hub, cluster)]


def _posts(hub: RunningHub, cluster: Cluster) -> Result:
    """Posts lie ready in the topic faster than they are taken; the rate begins with the first that is."""
    pairs: list[tuple[float, float]] = []
    half = [sys.executable, "-m", "bench.relay_part", INBOUND]
    with hub.serving(), hub.beside(half), psycopg.connect(hub.url, autocommit=True) as connection:
        for turn in range(ROUNDS + 1):
            limit = hub.post(hub.signed(3 * CHILDREN, EACH), CONNECTIONS).rate
            bodies = hub.signed(CHILDREN, EACH)
            before = _taken(connection)
            _put(cluster, bodies)
            seen = _followed(partial(_taken, connection, before), len(bodies))
            if turn:  # the first round warms up
                pairs.append((_rate(seen), limit))
    return compare(_POSTS, "events/s", None, pairs)


def _receipts(hub: RunningHub, cluster: Cluster) -> Result:
    """The receipts of all these posts, from a process that does nothing else, in as many parts as rounds."""
    from kafka import KafkaConsumer
    from kafka.structs import TopicPartition

    owed = (ROUNDS + 1) * CHILDREN * EACH
    place = TopicPartition(_RECEIPTS, 0)
    half = [sys.executable, "-m", "bench.relay_part", ANSWERS]
    consumer = KafkaConsumer(bootstrap_servers=cluster.bootstrap, enable_auto_commit=False)
    try:
        with hub.beside(half):
            seen = _followed(lambda: int(consumer.end_offsets([place])[place]), owed)
        consumer.assign([place])
        consumer.seek_to_beginning(place)
        values = [one.value for one in consumer.poll(timeout_ms=10_000, max_records=500)[place]]
    finally:
        consumer.close(autocommit=False)
    limits = [_bare(cluster, values, CHILDREN * EACH) for _ in range(ROUNDS + 1)][1:]
    # Here too the first part warms up.
    size = len(seen) // (ROUNDS + 1)
    rates = [_rate(seen[size * turn : size * (turn + 1)]) for turn in range(1, ROUNDS + 1)]
    return compare(_SENT, "messages/s", None, list(zip(rates, limits, strict=True)))


def _make_topics(cluster: Cluster) -> None:
    from kafka import KafkaAdminClient

    client = KafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    one = _FORM | {"num_partitions": 1}
    client.create_topics({_TOPIC: _FORM, _RECEIPTS: one, _BARE: one}, wait_for_metadata=True)
    client.close()


def _put(cluster: Cluster, bodies: Sequence[bytes]) -> None:
    from kafka import KafkaProducer

    with closing(KafkaProducer(bootstrap_servers=cluster.bootstrap, linger_ms=5)) as producer:
        # All posts about a child under one key, as an agency keys them by its own case.
        for number, body in enumerate(bodies):
            case = hashlib.sha256(f"{SCHOOL}|case-{number % CHILDREN}".encode()).digest()
            producer.send(_TOPIC, value=body, key=base64.urlsafe_b64encode(case).rstrip(b"="))
        producer.flush()


def _bare(cluster: Cluster, values: Sequence[bytes], count: int) -> float:
    """Messages per second of the client itself, with the settings and the messages of the relay."""
    from kafka import KafkaProducer

    producer = KafkaProducer(
        bootstrap_servers=cluster.bootstrap,
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        batch_size=65_536,
    )
    with closing(producer):
        producer.send(_BARE, value=values[0]).get(10)
        began = time.perf_counter()
        for number in range(count):
            producer.send(_BARE, value=values[number % len(values)], key=b"%036d" % number)
        producer.flush()
        return count / (time.perf_counter() - began)


def _taken(connection: psycopg.Connection, before: int = 0) -> int:
    row = connection.execute(_TAKEN, prepare=True).fetchone()
    assert row is not None
    return int(row[0]) - before


def _followed(done: Callable[[], int], goal: int) -> list[tuple[float, int]]:
    """When it was how far, from the first look at which something was done to the one at which all was."""
    seen: list[tuple[float, int]] = []
    began = time.perf_counter()
    while not seen or seen[-1][1] < goal:
        count = done()
        if count > (seen[-1][1] if seen else 0):
            seen.append((time.perf_counter(), count))
        moved = seen[-1][0] if seen else began
        assert time.perf_counter() - moved < _STANDS_STILL_SECONDS, "Kafka's half of the hub stands still"
        time.sleep(_LOOK_SECONDS)
    return seen


def _rate(seen: Sequence[tuple[float, int]]) -> float:
    (began, first), (ended, last) = seen[0], seen[-1]
    return (last - first) / (ended - began)
