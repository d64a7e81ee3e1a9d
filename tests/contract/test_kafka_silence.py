"""A client that asks for nothing of one partition any more, as kafka-python does now and then."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kafka import TopicPartition

from hub.relay import silence
from hub.relay.connection import Members
from hub.relay.silence import Silence
from tests.support.kafka_broker import kafka_broker
from tests.support.relayed import INBOUND, RelayedHub, await_that, relayed
from tests.unit.intake.world import C1001_UPN, ELM

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
INCIDENT = {"role": "has-been-harmed", "status": "alleged"}


@pytest.fixture
def hub(tmp_path) -> Iterator[RelayedHub]:
    with relayed(tmp_path, kafka_broker()) as hub:
        yield hub


@pytest.mark.req("H-26")
def test_a_forgotten_partition_is_read_again_by_a_new_membership(hub, monkeypatch):
    monkeypatch.setattr(silence, "SECONDS", 1.0)
    members, poll, memberships = [], Members.poll, []

    def forgetting(one: Members, seconds: float):
        if one not in members:
            members.append(one)
            memberships.append(one)
        if one is members[0]:
            one.pause(TopicPartition(INBOUND, 1))
        return poll(one, seconds)

    monkeypatch.setattr(Members, "poll", forgetting)
    hub.restart()
    event = hub.world.event(ELM, "incident-recorded", C1001_UPN, "2025-09-12T15:25:00+01:00", INCIDENT)
    hub.put(hub.world.signed(event), partition=1)
    (told,) = hub.answered(f"events.receipts.{ELM}", 1)
    assert told.key == event["id"] and len(memberships) == 2
    await_that(lambda: hub.relay.fault is None)


@pytest.mark.req("H-26")
def test_what_stands_is_told_from_what_moves_and_is_said_once(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("hub.relay.silence.time.monotonic", lambda: now[0])
    found = Silence()

    def at(seconds: float, stands: int, end: int) -> bool:
        now[0] = seconds
        return found.is_long("one", stands, end)

    assert not at(0, 5, 9) and not at(14, 5, 9)
    assert at(16, 5, 9) and not at(40, 5, 9) and not at(300, 5, 9) and at(320, 5, 9)
    assert not at(330, 6, 9) and not at(340, 7, 9) and not at(354, 7, 9) and at(356, 7, 12)
    assert not at(400, 12, 12) and not at(500, 12, 12) and not at(501, 12, 13) and at(520, 12, 13)
