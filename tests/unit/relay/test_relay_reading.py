"""Posts that nobody waits for: what is kept of them, and how the reader of a partition takes them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import orjson
import pytest

from hub.errors import HubError
from hub.intake import Arrival
from hub.record import Mark
from hub.relay import KafkaSettings
from hub.relay.connection import part_of
from hub.relay.reading import FULL_RECORDS, PartitionReader
from hub.relay.sending import part_key
from hub.relay.topics import notices_of, receipts_of, rejected_of
from hub.views import read_post
from tests.support.relayed import await_that, case_key
from tests.unit.intake.world import C1001_UPN, ELM, world_in

LOG = "kafka/events.inbound/0/an-id"
TIME = "2025-09-12T15:25:00+01:00"


@dataclass
class Record:
    offset: int
    value: bytes | None
    key: bytes | None = case_key("case")


@pytest.fixture
def world(tmp_path):
    with world_in(tmp_path) as world:
        yield world


@pytest.fixture
def reading(world):
    readers = []

    def reader(begin=0, taking=None):
        readers.append(PartitionReader(LOG, begin, taking or world.intake, world.chance))
        return readers[-1]

    yield reader
    for one in readers:
        one.stop()
        one.join(5)


def incident(world, **changes):
    data = {"role": "has-been-harmed", "status": "alleged"} | changes
    return world.event(ELM, "incident-recorded", C1001_UPN, TIME, data)


def arrival(offset=0, trace="ab" * 16):
    return Arrival(trace, f"{LOG}/{offset}", (Mark(LOG, offset + 1),))


def answers(world):
    found = [world.intake.answer(item) for item in world.record.log(0, 10_000)]
    return [one for one in found if one is not None]


@pytest.mark.req("H-03", "H-26")
def test_an_event_is_kept_with_its_mark_its_trace_and_where_it_is_answered(world):
    event = incident(world)
    posted = world.intake.post_signed(world.signed(event), arrival(4))
    stored = read_post(world.record.find(event["source"], event["id"]).body)
    assert (posted.status, stored.trace, stored.answer_to) == (201, "ab" * 16, f"{LOG}/4")
    assert world.record.mark(LOG) == 5
    (answer,) = answers(world)
    assert (answer.organisation, answer.status, answer.key) == (ELM, 201, event["id"])
    assert answer.document["receipt"] == posted.receipt


@pytest.mark.req("H-03")
def test_a_post_over_http_owes_no_answer_and_older_posts_are_read_as_before(world):
    event = incident(world)
    world.send(event)
    body = world.record.find(event["source"], event["id"]).body
    older = {name: value for name, value in orjson.loads(body).items() if name not in ("trace", "answer_to")}
    read = read_post(orjson.dumps(older))
    assert (read.trace, read.answer_to) == ("", "") and answers(world) == []


@pytest.mark.req("H-03", "H-26")
def test_the_same_record_read_again_leaves_nothing_new_and_one_answer(world):
    event, refused = incident(world), world.sign(ELM, b"{}")
    compact = world.signed(event)
    for _ in range(2):
        world.intake.post_signed(compact, arrival(0))
        with pytest.raises(HubError):
            world.intake.post_signed(refused, arrival(1))
    assert world.intake.post_signed(compact, arrival(2)).status == 200
    assert world.intake.post_signed(compact, arrival(2)).status == 200
    told = answers(world)
    assert [one.status for one in told] == [201, 422, 200] and len({one.id for one in told}) == 3
    assert world.record.mark(LOG) == 3 and answers(world) == told


@pytest.mark.req("H-03", "H-21")
def test_a_second_reading_that_comes_to_another_result_changes_no_answer(world):
    compact = world.sign(ELM, b"{}")
    with pytest.raises(HubError):
        world.intake.post_signed(compact, arrival(0))
    (kid,) = (one.kid for one in world.directory.keys(ELM, "events"))
    world.clock.real = world.clock.real.replace(hour=12)
    world.directory.revoke_key(kid)
    with pytest.raises(HubError) as second:
        world.intake.post_signed(compact, arrival(0))
    assert second.value.slug == "key-revoked"
    (answer,) = answers(world)
    assert answer.document["problem"]["type"] == "/problems/schema" and answer.organisation == ELM


@pytest.mark.req("H-15")
def test_of_a_refused_post_a_digest_is_kept_and_nothing_else(world):
    compact = world.sign(ELM, json.dumps({"canary": "canary-4711"}).encode())
    with pytest.raises(HubError):
        world.intake.post_signed(compact, arrival(0))
    (answer,) = answers(world)
    assert answer.document["digest"] == hashlib.sha256(compact).hexdigest() == answer.key
    for item in world.record.log(0, 10_000):
        assert b"canary" not in (item.body or b"") and compact not in (item.body or b"")


@pytest.mark.req("H-26")
def test_what_stands_of_the_store_is_no_answer(world, monkeypatch):
    def gone(what):
        raise HubError("store")

    monkeypatch.setattr(world.record, "append", gone)
    for compact in (world.signed(incident(world)), world.sign(ELM, b"{}"), b"garbage"):
        with pytest.raises(HubError) as refusal:
            world.intake.post_signed(compact, arrival(0))
        assert refusal.value.slug == "store"
    assert world.record.mark(LOG) == 0 and answers(world) == []


@pytest.mark.req("H-26")
def test_a_reader_takes_its_records_in_order_and_stops_where_it_is_told(world, reading):
    events = [incident(world) for _ in range(20)]
    reader = reading()
    assert reader.give([Record(number, world.signed(event)) for number, event in enumerate(events)])
    await_that(lambda: reader.next == 20)
    kept = [one.id for one in world.record.log(0, 10_000) if one.kind == "event"]
    assert kept == [one["id"] for one in events] and reader.fault is None
    reader.stop()
    reader.join(5)
    reader.give([Record(20, world.signed(incident(world)))])
    assert not reader.alive and world.record.mark(LOG) == 20


@pytest.mark.req("H-26")
def test_a_reader_has_enough_at_some_point_and_knows_another_topic(world, reading):
    reader = reading(begin=5, taking=Slow())
    assert not reader.give([Record(3, b"x")])
    assert reader.give([Record(5 + number, b"x") for number in range(FULL_RECORDS + 1)]) and reader.full
    assert not reader.give([Record(5, b"x")])


class Slow:
    """Takes nothing: the store is gone."""

    def post_signed(self, compact, arrival, fault=None):
        raise HubError("store")

    def set_aside(self, compact, arrival):
        raise HubError("store")


@pytest.mark.req("H-26")
def test_what_cannot_be_judged_is_tried_a_few_times_and_then_set_aside_durably(world, reading):
    tries = []

    class Broken:
        def post_signed(self, compact, arrival, fault=None):
            tries.append(arrival.answer_to)
            raise ValueError("nothing of this is told")

        set_aside = staticmethod(world.intake.set_aside)

    reader = reading(taking=Broken())
    reader.give([Record(0, b"x"), Record(1, b"y")])
    await_that(lambda: reader.next == 2)
    told = answers(world)
    assert len(tries) == 6 and [(one.status, one.organisation) for one in told] == [(500, "")] * 2
    assert world.record.mark(LOG) == 2


@pytest.mark.req("H-15")
def test_keys_and_topics_are_those_of_the_contract():
    # The partition that the Java client gives this key among six (murmur2, sign bit off).
    assert part_of("foobar", 1000) == (-790332482 & 0x7FFFFFFF) % 1000
    assert part_key("child/7f0c") == "7f0c" and part_key("identity") == "identity"
    assert receipts_of(ELM) == f"events.receipts.{ELM}" and notices_of(ELM) == f"notices.{ELM}"
    assert (rejected_of(ELM), rejected_of("")) == (f"events.rejected.{ELM}", "events.rejected.unknown")


@pytest.mark.req("H-15")
def test_settings_show_no_password_and_always_check_the_brokers_name():
    settings = KafkaSettings("127.0.0.1:9092", sasl_password="hidden-4711")
    assert "hidden-4711" not in repr(settings)
    assert settings.connection()["ssl_check_hostname"] is True
