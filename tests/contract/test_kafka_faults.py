"""What fails around the relay: processes, brokers and stores end, and nothing is lost or kept twice."""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from kafka import KafkaAdminClient, TopicPartition

from hub.errors import HubError
from tests.support.kafka_broker import PASSWORD, USER, kafka_broker
from tests.support.relay_process import relay_process
from tests.support.relayed import INBOUND, RelayedHub, await_that, read_all, relayed
from tests.unit.intake.world import C1001_UPN, ELM, N_CSC

TIME = "2025-09-12T15:25:00+01:00"
INCIDENT = {"role": "has-been-harmed", "status": "alleged"}
# Kafka's client leaves sockets that nobody answered to the collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
RECEIPTS = f"events.receipts.{ELM}"


@pytest.fixture
def hub(tmp_path) -> Iterator[RelayedHub]:
    with relayed(tmp_path, kafka_broker()) as hub:
        yield hub


def incident(hub: RelayedHub, **changes):
    return hub.world.event(ELM, "incident-recorded", C1001_UPN, TIME, INCIDENT | changes)


def kept(hub: RelayedHub) -> list[str]:
    return [one.id for one in hub.world.record.log(0, 100_000) if one.kind == "event"]


def receipts(hub: RelayedHub, count: int):
    """The receipts by message id, once there are so many."""
    return {one.headers["id"]: one for one in hub.answered(RECEIPTS, count)}


@pytest.mark.req("H-03", "H-26")
def test_killed_between_effect_and_answer_it_is_kept_once_and_answered_once(hub, tmp_path):
    hub.relay.stop()
    event = incident(hub)
    process = relay_process(tmp_path, hub.cluster.bootstrap, "inbound")
    try:
        hub.put(hub.world.signed(event))
        await_that(lambda: event["id"] in kept(hub))
    finally:
        process.kill()
        process.wait(10)
    assert hub.read(RECEIPTS) == []
    hub.restart()
    (told,) = receipts(hub, 1).values()
    assert told.key == event["id"] and told.headers["status"] == "201"
    hub.settled()
    assert kept(hub) == [event["id"]] and len(hub.read(RECEIPTS)) == 1


@pytest.mark.req("H-03", "H-26")
def test_killed_between_sending_and_its_mark_the_receiver_knows_the_repeat(hub, tmp_path):
    hub.relay.stop()
    event = incident(hub)
    hub.put(hub.world.signed(event))
    process = relay_process(tmp_path, hub.cluster.bootstrap, "unmarked")
    try:
        # The followers of positions and notices may die first; the mark of the answers is never raised.
        assert process.wait(60) == -9
    finally:
        process.kill()
    sent_before = hub.read(RECEIPTS)
    hub.restart()
    await_that(lambda: len(hub.read(RECEIPTS)) == len(sent_before) + 1)
    hub.settled()
    assert len({(one.headers["id"], one.body["receipt"]) for one in hub.read(RECEIPTS)}) == 1
    assert kept(hub) == [event["id"]]


@pytest.mark.req("H-03", "H-26")
def test_members_that_come_and_go_keep_and_answer_every_record_once(hub):
    events = [incident(hub) for _ in range(60)]
    others = []
    for number, event in enumerate(events):
        hub.put(hub.world.signed(event), key=f"case-{number % 7}")
        if number in (10, 40):
            others.append(hub.new_relay())
            others[-1].start()
            await_that(lambda: others[-1].partitions > 0)
        if number == 25:
            others[0].stop()
    found = receipts(hub, len(events))
    others[1].stop()
    hub.settled()
    assert Counter(one.key for one in found.values()) == Counter(one["id"] for one in events)
    assert sorted(kept(hub)) == sorted(one["id"] for one in events)
    order = {one: place for place, one in enumerate(kept(hub))}
    for case in range(7):
        of_case = [order[one["id"]] for one in events[case::7]]
        assert of_case == sorted(of_case)


@pytest.mark.req("H-26")
def test_of_two_relays_one_sends(hub):
    other = hub.new_relay()
    other.start()
    try:
        await_that(lambda: 0 < other.partitions < 3 and hub.relay.partitions + other.partitions == 3)
        hub.settled()
        events = [incident(hub) for _ in range(5)]
        for number, event in enumerate(events):
            hub.put(hub.world.signed(event), key=f"case-{number}")
        receipts(hub, 5)
        hub.settled()
        assert len(hub.read(RECEIPTS)) == 5
    finally:
        other.stop()


@pytest.mark.req("H-03", "H-26")
def test_a_record_that_two_members_take_at_the_same_time_is_kept_and_answered_once(hub):
    from hub.relay.reading import PartitionReader
    from tests.support.relayed import Told, case_key

    event = incident(hub)
    refused = hub.world.sign(ELM, b"{}")
    readers = [PartitionReader("kafka/test/0/id", 0, hub.world.intake, hub.world.chance) for _ in range(2)]

    class Record:
        def __init__(self, offset, value):
            self.offset, self.value, self.key = offset, value, case_key("case")

    both = [Record(0, hub.world.signed(event)), Record(1, refused)]
    for reader in readers:
        assert reader.give(both)
    await_that(lambda: all(one.next == 2 for one in readers))
    for reader in readers:
        reader.stop()
    hub.settled()
    assert kept(hub) == [event["id"]] and hub.world.record.mark("kafka/test/0/id") == 2
    assert len(hub.read(RECEIPTS)) == 1 and len(hub.read(f"events.rejected.{ELM}")) == 1
    assert isinstance(hub.read(RECEIPTS)[0], Told)


@pytest.mark.req("H-03", "H-26")
def test_while_the_store_is_gone_nothing_is_passed_over(hub, monkeypatch):
    events = [incident(hub) for _ in range(12)]
    gone = True
    append = hub.world.record.append

    def appending(what):
        if gone:
            raise HubError("store")
        return append(what)

    monkeypatch.setattr(hub.world.record, "append", appending)
    for event in events:
        hub.put(hub.world.signed(event))
    await_that(lambda: hub.relay.fault == "inbound: store")
    assert kept(hub) == []
    gone = False
    assert {one.key for one in receipts(hub, len(events)).values()} == {one["id"] for one in events}
    assert kept(hub) == [one["id"] for one in events]
    assert hub.relay.fault is None and hub.answers(ELM) == hub.read(RECEIPTS)


@pytest.mark.req("H-03", "H-26")
def test_what_cannot_be_judged_goes_aside_after_a_few_tries_and_may_be_sent_again(hub, monkeypatch):
    event, after = incident(hub), incident(hub)
    admit = hub.world.intake._admission.admit

    def failing(verified, principal):
        if verified.key.id == event["id"]:
            raise RuntimeError("narrative that must not be told")
        return admit(verified, principal)

    monkeypatch.setattr(hub.world.intake._admission, "admit", failing)
    hub.put(hub.world.signed(event))
    hub.put(hub.world.signed(after))
    assert {one.key for one in receipts(hub, 1).values()} == {after["id"]}
    (told,) = hub.answered(f"events.rejected.{ELM}", 1)
    assert told.headers["status"] == "500" and b"narrative" not in told.value


@pytest.mark.req("H-03", "H-26")
def test_what_one_damaged_child_keeps_from_being_judged_or_told_does_not_stop_the_others(hub, monkeypatch):
    """The store says "store" of one child for ever: its post goes aside, its answer is passed over."""
    for room in ("reading", "outbound"):
        monkeypatch.setattr(f"hub.relay.{room}._PATIENCE_SECONDS", 0.5)
    damaged, silent, after = (incident(hub) for _ in range(3))
    admit, answer = hub.world.intake._admission.admit, hub.world.intake.answer

    def admitting(verified, principal):
        if verified.key.id == damaged["id"]:
            raise HubError("store")
        return admit(verified, principal)

    def answering(item):
        if item.id == silent["id"]:
            raise HubError("store")
        return answer(item)

    monkeypatch.setattr(hub.world.intake._admission, "admit", admitting)
    monkeypatch.setattr(hub.world.intake, "answer", answering)
    for event in (damaged, silent, after):
        hub.put(hub.world.signed(event))
    assert {one.key for one in receipts(hub, 1).values()} == {after["id"]}
    (told,) = hub.answered(f"events.rejected.{ELM}", 1)
    assert told.headers["status"] == "500"
    assert kept(hub) == [silent["id"], after["id"]] and hub.relay.fault is None
    assert [(part, kind) for part, kind, _ in hub.reports] == [("answers", "store")]


@pytest.mark.req("H-26")
def test_posts_that_the_brokers_threw_away_unread_are_reported_and_the_rest_is_read(hub):
    """An outage longer than the retention of the topic."""
    hub.relay.stop()
    last = max(hub.put(hub.world.signed(incident(hub)), partition=1) for _ in range(3))
    admin = KafkaAdminClient(bootstrap_servers=hub.cluster.bootstrap)
    try:
        admin.delete_records({TopicPartition(INBOUND, 1): last})
    finally:
        admin.close()
    hub.restart()
    assert len(receipts(hub, 1)) == 1
    assert hub.reports == [("inbound", "gone-unread", 2)] and len(kept(hub)) == 1


@pytest.mark.req("H-03", "H-26")
def test_a_broker_that_stands_still_for_a_while_costs_nothing(hub):
    before, meanwhile = incident(hub), incident(hub)
    hub.put(hub.world.signed(before))
    receipts(hub, 1)
    hub.put(hub.world.signed(meanwhile))
    hub.cluster.pause()
    try:
        after = hub.world.send(incident(hub))
        threading.Event().wait(1.5)
    finally:
        hub.cluster.resume()
    assert {one.key for one in receipts(hub, 2).values()} == {before["id"], meanwhile["id"]}
    assert after.status == 201 and len(kept(hub)) == 3


@pytest.mark.slow
@pytest.mark.req("H-03", "H-26")
def test_a_broker_that_is_killed_and_comes_back_costs_nothing(hub):
    events = [incident(hub) for _ in range(6)]
    for event in events[:3]:
        hub.put(hub.world.signed(event))
    receipts(hub, 3)
    hub.cluster.kill()
    try:
        posted = hub.world.send(events[3])
        compact = hub.world.signed(events[3])
        await_that(lambda: hub.relay.fault is not None)
    finally:
        hub.cluster.start()
    for event in events[4:]:
        hub.put(hub.world.signed(event))
    hub.put(compact)
    found = receipts(hub, 6)
    assert {one.key for one in found.values()} == {one["id"] for one in events}
    assert next(one for one in found.values() if one.key == events[3]["id"]).body["receipt"] == posted.receipt
    await_that(lambda: hub.relay.fault is None)
    assert sorted(kept(hub)) == sorted(one["id"] for one in events)


@pytest.mark.req("H-15")
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", pytest.param("PLAIN", marks=pytest.mark.slow)])
def test_over_tls_with_a_password(tmp_path, mechanism):
    broker = kafka_broker()
    with relayed(
        tmp_path, broker, bootstrap=broker.secure, security_protocol="SASL_SSL", sasl_mechanism=mechanism,
        sasl_username=USER, sasl_password=PASSWORD, ca_file=broker.certificates.authority,
    ) as hub:  # fmt: skip
        hub.put(hub.world.signed(incident(hub)))
        assert len(receipts(hub, 1)) == 1


@pytest.mark.req("H-15")
def test_over_tls_with_a_certificate(tmp_path):
    broker = kafka_broker()
    with relayed(
        tmp_path, broker, bootstrap=broker.mutual, security_protocol="SSL",
        ca_file=broker.certificates.authority, certificate_file=broker.certificates.client,
        key_file=broker.certificates.client_key,
    ) as hub:  # fmt: skip
        hub.put(hub.world.signed(incident(hub)))
        assert len(receipts(hub, 1)) == 1


@pytest.mark.req("H-15")
@pytest.mark.parametrize("wrong", ["authority", pytest.param("password", marks=pytest.mark.slow)])
def test_a_broker_that_cannot_be_trusted_or_does_not_trust_gets_nothing(tmp_path, wrong):
    broker = kafka_broker()
    broker.wipe()
    authority = broker.certificates.stranger if wrong == "authority" else broker.certificates.authority
    hub = RelayedHub(
        tmp_path, broker, bootstrap=broker.secure, security_protocol="SASL_SSL", sasl_mechanism="PLAIN",
        sasl_username=USER, sasl_password="not the password" if wrong == "password" else PASSWORD,
        ca_file=authority, request_seconds=1.0,
    )  # fmt: skip
    try:
        assert PASSWORD not in repr(hub.settings)
        hub.relay.start()
        await_that(lambda: hub.relay.fault is not None and hub.relay.fault.startswith("inbound: "))
        assert hub.relay.partitions == 0 and read_all(broker.bootstrap, INBOUND) == []
    finally:
        hub.close()


@pytest.mark.req("H-15")
def test_nothing_received_is_in_another_topic_or_in_a_log(hub, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    canary = "zebra-canary-4711"
    told = incident(hub, summary=f"{canary} in a narrative")
    values = [
        hub.world.signed(told),
        hub.world.signed(told | {"subject": f"local:{ELM}:{canary}"}),
        hub.world.sign(ELM, json.dumps({canary: canary}).encode()),
        canary.encode(),
    ]
    for value in values:
        hub.put(value)
    hub.put(hub.world.signed(incident(hub)), key=canary.encode())
    await_that(lambda: len(hub.answers(ELM)) + len(hub.read("events.rejected.unknown")) == len(values) + 1)
    hub.settled()
    own = [RECEIPTS, f"events.rejected.{ELM}", "events.rejected.unknown", "hub.recorded", f"notices.{ELM}"]
    for topic in (*own, f"events.receipts.{N_CSC}", f"events.rejected.{N_CSC}"):
        for one in hub.read(topic):
            assert canary not in f"{one.value!r}{one.key}{one.headers}"
    assert any(canary in (one.key or "") for one in hub.read(INBOUND))
    out, err = capfd.readouterr()
    assert canary not in out + err + caplog.text and "kafka" not in {
        one.name.partition(".")[0] for one in caplog.records if one.levelno < logging.CRITICAL
    }
    assert hub.reports == []
