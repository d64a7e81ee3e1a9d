"""Topics that operators delete while the relay runs: they are made again, and nothing stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kafka import KafkaAdminClient

from tests.support.kafka_broker import kafka_broker
from tests.support.relayed import INBOUND, RelayedHub, await_that, relayed
from tests.unit.intake.world import C1001_UPN, ELM

TIME = "2025-09-12T15:25:00+01:00"
RECEIPTS = f"events.receipts.{ELM}"
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def hub(tmp_path) -> Iterator[RelayedHub]:
    with relayed(tmp_path, kafka_broker()) as hub:
        yield hub


def post(hub: RelayedHub) -> str:
    event = hub.world.event(
        ELM, "incident-recorded", C1001_UPN, TIME, {"role": "has-been-harmed", "status": "alleged"}
    )
    hub.put(hub.world.signed(event))
    return event["id"]


def delete(hub: RelayedHub, topic: str) -> None:
    client = KafkaAdminClient(bootstrap_servers=hub.cluster.bootstrap)
    client.delete_topics([topic])
    client.close()


@pytest.mark.slow
@pytest.mark.req("H-26")
def test_a_topic_of_answers_that_was_deleted_is_made_again_and_answers_go_on(hub):
    first = post(hub)
    (told,) = hub.answered(RECEIPTS, 1)
    assert told.key == first
    delete(hub, RECEIPTS)
    second = post(hub)
    # Its producer gives up on a topic that is gone after thirty seconds.
    await_that(lambda: second in {one.key for one in hub.read(RECEIPTS)}, 90)
    hub.settled()
    assert hub.relay.fault is None


@pytest.mark.req("H-26")
def test_the_topic_of_posts_that_was_deleted_is_made_again_and_read_from_its_beginning(hub):
    first = post(hub)
    hub.answered(RECEIPTS, 1)
    delete(hub, INBOUND)
    await_that(lambda: INBOUND in topics(hub), 40)
    second = post(hub)
    await_that(lambda: {first, second} == {one.key for one in hub.read(RECEIPTS)}, 40)


def topics(hub: RelayedHub) -> set[str]:
    client = KafkaAdminClient(bootstrap_servers=hub.cluster.bootstrap)
    try:
        return set(client.list_topics())
    finally:
        client.close()
