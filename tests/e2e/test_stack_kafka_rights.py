"""Kafka with exactly the rights that docs/how-to/run.md gives: enough for everybody, and nothing beyond."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    KafkaAdminClient,
    ResourcePattern,
    ResourceType,
)
from kafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError
from kafka.structs import TopicPartition

from agencies.sdk.kafka import KafkaAccess, KafkaReceiver, KafkaSender, record_key
from hub.record.projections import PartFeed, open_views
from hub.relay import GroupWorker
from hub.views import ChildIndex
from tests.support.kafka_broker import LIMITED, PASSWORD, AnyCluster, kafka_broker
from tests.support.relayed import RelayedHub, await_that
from tests.unit.intake.world import C1001_NHS, ELM, OAK

ROOT = Path(__file__).resolve().parents[2]
HANDBOOK = ROOT / "docs" / "how-to" / "run.md"
RELAY, ELMS, OAKS = LIMITED
ORGANISATIONS = {ELMS: ELM, OAKS: OAK}
ROW = re.compile(r"^\| (the hub|an agency) \| (read|write|read \(group\)) \| (.+) \|$", re.M)
TOPICS = ("events.inbound", "hub.recorded", "events.rejected.unknown")
EACH = ("events.receipts", "events.rejected", "notices")
OPERATIONS = {"read": ACLOperation.READ, "write": ACLOperation.WRITE, "read (group)": ACLOperation.READ}


def rights() -> Iterator[ACL]:
    """The table of the handbook, as the brokers take it."""
    rows = ROW.findall(HANDBOOK.read_text(encoding="utf-8"))
    assert len(rows) == 5
    for who, right, names in rows:
        kind = ResourceType.GROUP if right == "read (group)" else ResourceType.TOPIC
        users = (
            {RELAY: (ELM, OAK)} if who == "the hub" else {one: (ORGANISATIONS[one],) for one in (ELMS, OAKS)}
        )
        for user, organisations in users.items():
            for name in re.findall(r"`([^`]+)`", names):
                for made in {name.replace("ORGANISATION", one) for one in organisations}:
                    yield ACL(
                        f"User:{user}", "*", OPERATIONS[right], ACLPermissionType.ALLOW,
                        ResourcePattern(kind, made),
                    )  # fmt: skip


def options(cluster: AnyCluster, user: str) -> dict[str, str]:
    """How a user with few rights is connected."""
    return {
        "security_protocol": "SASL_SSL", "sasl_mechanism": "PLAIN", "sasl_plain_username": user,
        "sasl_plain_password": PASSWORD, "ssl_cafile": str(cluster.certificates.authority),
    }  # fmt: skip


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayedHub]:
    """A hub whose relay has the hub's rights, on topics that operators made."""
    cluster = kafka_broker()
    cluster.wipe()
    administration = KafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    made = [*TOPICS, *(f"{name}.{one}" for name in EACH for one in (ELM, OAK))]
    form = {"num_partitions": 3, "replication_factor": 1, "configs": {}}
    administration.create_topics({one: form for one in made}, wait_for_metadata=True)
    given = list(rights())
    administration.create_acls(given)
    found = RelayedHub(
        tmp_path_factory.mktemp("rights"), cluster, bootstrap=cluster.secure, security_protocol="SASL_SSL",
        sasl_mechanism="PLAIN", sasl_username=RELAY, sasl_password=PASSWORD,
        ca_file=cluster.certificates.authority,
    )  # fmt: skip
    try:
        found.start()
        yield found
    finally:
        found.close()
        administration.delete_acls([one for one in given])
        administration.close()


def incident(hub: RelayedHub, by: str) -> dict[str, Any]:
    return hub.world.event(
        by, "incident-recorded", C1001_NHS, "2025-09-12T15:25:00+01:00",
        {"role": "has-been-harmed", "status": "alleged"},
    )  # fmt: skip


@pytest.mark.req("H-16", "H-26")
@pytest.mark.parametrize("user", [ELMS, OAKS])
def test_agencies_send_and_receive_by_their_rights_alone(hub: RelayedHub, user: str) -> None:
    organisation = ORGANISATIONS[user]
    access = KafkaAccess(hub.cluster.secure, options(hub.cluster, user))
    event = incident(hub, organisation)
    with KafkaSender(access) as sender:
        sender.send(hub.world.signed(event).decode(), record_key(organisation, C1001_NHS, b"own secret"))
    topics = [*(f"{name}.{organisation}" for name in EACH), "events.rejected.unknown"]
    with KafkaReceiver(access, topics, {}) as receiver:
        came: list[str] = []

        def answered() -> bool:
            came.extend(one.key for one in receiver.poll(0.2))
            return event["id"] in came

        await_that(answered)


@pytest.mark.req("H-06", "H-16")
def test_a_worker_of_the_projection_group_works_by_the_hubs_rights(hub: RelayedHub, tmp_path: Path) -> None:
    record = hub.world.record
    store = open_views(tmp_path / "parts.db")
    feed = PartFeed(record, store, [ChildIndex(record)])
    worker = GroupWorker(record, feed, hub.settings)
    try:
        worker.start()
        await_that(lambda: feed.position() == record.head().position and worker.fault is None)
    finally:
        worker.stop()
        store.close()


def read(bootstrap: str, topic: str, **how: str) -> int:
    """How many records one gets of a topic; none where the brokers refuse."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, **how)
    try:
        place = TopicPartition(topic, 0)
        consumer.assign([place])
        consumer.seek(place, 0)
        with suppress(TopicAuthorizationFailedError):
            for _ in range(4):
                if polled := consumer.poll(300):
                    return sum(len(records) for records in polled.values())
        return 0
    finally:
        consumer.close(autocommit=False)


@pytest.mark.req("H-10", "H-16")
@pytest.mark.parametrize(
    "topic",
    ["hub.recorded", "events.inbound", *(f"{name}.{OAK}" for name in EACH)],
)
def test_an_agency_reads_nothing_else(hub: RelayedHub, topic: str) -> None:
    producer = KafkaProducer(bootstrap_servers=hub.cluster.bootstrap)
    producer.send(topic, b"something", partition=0).get(20)
    producer.close(timeout=5)
    assert read(hub.cluster.secure, topic, **options(hub.cluster, ELMS)) == 0
    assert read(hub.cluster.bootstrap, topic) > 0


@pytest.mark.req("H-10", "H-16")
@pytest.mark.parametrize("topic", ["hub.recorded", f"events.receipts.{ELM}", f"notices.{OAK}"])
def test_an_agency_writes_nothing_else(hub: RelayedHub, topic: str) -> None:
    """Nobody can be made to believe in a receipt or a notice that the hub did not send."""
    producer = KafkaProducer(
        bootstrap_servers=hub.cluster.secure, **options(hub.cluster, ELMS), max_block_ms=5_000
    )
    try:
        with pytest.raises(TopicAuthorizationFailedError):
            producer.send(topic, b"x").get(20)
    finally:
        producer.close(timeout=2)


@pytest.mark.req("H-10", "H-16")
def test_an_agency_takes_no_partition_away_from_the_hub(hub: RelayedHub) -> None:
    consumer = KafkaConsumer(
        f"events.receipts.{ELM}", group_id="hub-intake", enable_auto_commit=False,
        bootstrap_servers=hub.cluster.secure, **options(hub.cluster, ELMS),
    )  # fmt: skip
    try:
        with pytest.raises(GroupAuthorizationFailedError):
            for _ in range(20):
                consumer.poll(500)
    finally:
        consumer.close(autocommit=False)
    assert hub.relay.partitions == hub.settings.partitions
