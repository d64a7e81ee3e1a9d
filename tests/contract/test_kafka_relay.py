"""Posts through a real broker: the same answers as over HTTP, once each, whatever is sent."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from joserfc.jwk import OKPKey
from kafka import KafkaProducer
from kafka.errors import InvalidTimestampError

from hub.errors import HubError
from hub.record import Record
from hub.record.projections import PartFeed, Projected, Projector, ViewStore, open_views
from hub.relay import GroupWorker
from hub.relay.connection import part_of
from hub.trace import current_trace
from hub.views import ChildIndex, read_post
from hub.views.index import CONCERNED, POSTED
from tests.support.kafka_broker import kafka_broker
from tests.support.relayed import RelayedHub, await_that, case_key, relayed
from tests.unit.intake.world import AREAS, C1001_NHS, C1001_UPN, ELM, N_CSC, OAK

TIME = "2025-09-12T15:25:00+01:00"
INCIDENT = {"role": "has-been-harmed", "status": "alleged"}
UNKNOWN = "events.rejected.unknown"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RelayedHub]:
    with relayed(tmp_path_factory.mktemp("relayed"), kafka_broker()) as hub:
        yield hub


def incident(hub: RelayedHub, by: str = ELM, subject: str = C1001_UPN, **changes):
    return hub.world.event(by, "incident-recorded", subject, TIME, INCIDENT | changes)


def receipt_of(hub: RelayedHub, event, times: int = 1):
    """The receipts of one event, once there are so many."""
    by = event["source"].removeprefix("urn:safeguarding:org:")
    found = []

    def come() -> bool:
        found[:] = [one for one in hub.read(f"events.receipts.{by}") if one.key == event["id"]]
        return len(found) >= times

    await_that(come)
    return found


def refusal_of(hub: RelayedHub, organisation: str, value: bytes):
    digest = hashlib.sha256(value).hexdigest()
    found = []

    def come() -> bool:
        found[:] = [one for one in hub.read(f"events.rejected.{organisation}") if one.key == digest]
        return bool(found)

    await_that(come)
    (one,) = found
    assert one.body["digest"] == digest and one.body.keys() == {"digest", "problem"}
    return one


@pytest.mark.req("H-03", "H-26")
def test_a_post_gets_the_receipt_that_it_would_get_over_http(hub):
    event = incident(hub)
    hub.put(hub.world.signed(event))
    (told,) = receipt_of(hub, event)
    posted = hub.world.intake.receipt(hub.world.system(ELM), ELM, event["id"])
    assert told.headers["status"] == "201" and set(told.headers) == {"id", "status"}
    assert told.body["claims"] == json.loads(json.dumps(posted.claims))
    assert told.body["receipt"] == posted.receipt and told.body.keys() == {"receipt", "claims", "proof"}
    over_http = hub.world.send(event)
    assert over_http.status == 200 and over_http.receipt == told.body["receipt"]


@pytest.mark.req("H-03")
def test_a_record_sent_twice_is_held_once_and_each_is_answered(hub):
    event = incident(hub)
    hub.put(hub.world.signed(event))
    hub.put(hub.world.signed(event))
    first, second = receipt_of(hub, event, 2)
    assert sorted((first.headers["status"], second.headers["status"])) == ["200", "201"]
    assert first.body["receipt"] == second.body["receipt"] and first.headers["id"] != second.headers["id"]
    held = [one for one in hub.world.record.log(0, 10_000) if one.id == event["id"]]
    assert len(held) == 1


@pytest.mark.req("H-03")
def test_what_came_over_http_before_is_answered_as_held_already(hub):
    event = incident(hub)
    posted = hub.world.send(event)
    hub.put(hub.world.signed(event))
    (told,) = receipt_of(hub, event)
    assert told.headers["status"] == "200" and told.body["receipt"] == posted.receipt


@pytest.mark.req("H-03", "H-04")
def test_every_kind_of_refusal_has_the_problem_that_http_gives(hub):
    event = incident(hub)
    hub.world.send(event)
    changed = event | {"subject": "upn:H801200001002"}
    unsent = {
        "conflict": hub.world.signed(changed),
        "schema": hub.world.signed(incident(hub, status="made-up-by-nobody", unheard_of="x")),
        "poster": hub.world.signed(
            hub.world.event(
                ELM,
                "child-stream-opened",
                C1001_NHS,
                TIME,
                {"identifiers": [C1001_NHS], "responsible_authority": N_CSC},
            )
        ),
        "clock": hub.world.signed(incident(hub) | {"time": "2031-01-01T00:00:00Z"}),
        "json": hub.world.sign(ELM, b'{"id": 1, "id": 2}'),
        "wrong-organisation": hub.world.sign(ELM, json.dumps(incident(hub, by=OAK)).encode()),
        "imagery": hub.world.sign(ELM, json.dumps(incident(hub) | {"data_base64": "AAAA"}).encode()),
    }
    for slug, compact in unsent.items():
        hub.put(compact)
        told = refusal_of(hub, ELM, compact)
        with pytest.raises(Exception) as refusal:
            hub.world.intake.post(compact, hub.world.system(ELM))
        problem = told.body["problem"]
        over_http = refusal.value.document("")
        assert refusal.value.slug == slug and told.headers["status"] == str(over_http["status"])
        for member in over_http.keys() - {"instance"}:
            assert problem[member] == over_http[member]
        assert problem["instance"] == f"urn:uuid:{told.headers['id']}"


@pytest.mark.req("H-03", "H-21")
def test_what_does_not_verify_goes_aside_as_nobodys(hub):
    compact = hub.world.signed(incident(hub))
    head, payload, signature = compact.split(b".")
    stranger = OKPKey.generate_key("Ed25519")
    forged = {
        "signature": b".".join((head, payload[:-4] + b"AAAA", signature)),
        "key-unknown": hub.world.sign(ELM, json.dumps(incident(hub)).encode(), key=stranger),
        "too-large": compact + b"A" * 10_000_000,
    }
    for slug, value in forged.items():
        hub.put(value)
        assert refusal_of(hub, "unknown", value).body["problem"]["type"] == f"/problems/{slug}"


@pytest.mark.req("H-26")
def test_poison_goes_aside_and_the_partition_moves_on(hub):
    partition = part_of(case_key("case").decode(), hub.settings.partitions)
    poison = {b"": None, b"\xff\x00garbage": b"\xff\x00garbage", b"{}": b"{}"}
    for sent, value in poison.items():
        hub.put(value, partition=partition)
        assert refusal_of(hub, "unknown", sent).body["problem"]["type"] == "/problems/signature"
    for key in (None, b"nhs:9990010013", b""):
        compact = hub.world.signed(incident(hub))
        hub.put(compact, key, partition)
        assert refusal_of(hub, ELM, compact).body["problem"]["type"] == "/problems/schema"
    event = incident(hub)
    hub.put(hub.world.signed(event), partition=partition)
    assert receipt_of(hub, event)[0].headers["status"] == "201"


@dataclass(frozen=True)
class Telling:
    id: str
    organisation: str
    body: dict[str, str]


@pytest.mark.req("D-20", "H-17")
@pytest.mark.parametrize(("late", "taken"), [(5, True), (60, False)])
def test_a_notice_that_hung_on_the_wire_is_refused(hub, late, taken):
    """Its reader may have left meanwhile: it is decided anew, and the old one must not come after all."""
    hub.settled()
    producer = KafkaProducer(bootstrap_servers=hub.cluster.bootstrap)
    then = int((time.time() - late) * 1000)  # noqa: TID251  as the brokers see it
    try:
        sent = producer.send(f"notices.{ELM}", value=b"{}", partition=0, timestamp_ms=then)
        if taken:
            assert sent.get(30).offset >= 0
        else:
            with pytest.raises(InvalidTimestampError):
                sent.get(30)
    finally:
        producer.close()


@pytest.mark.req("H-17")
def test_notices_are_decided_when_they_are_sent_and_keep_their_id(hub):
    told: list[tuple[str, str]] = []

    def decide(item):
        if item.kind != "event":
            return ()
        told.append((item.id, current_trace()))
        return (Telling(f"notice-{item.id}", N_CSC, {"notice": f"notice-{item.id}", "rule": "E-01"}),)

    hub.settled()
    hub.notices = decide
    event = incident(hub)
    try:
        hub.put(hub.world.signed(event))
        named = f"notice-{event['id']}"
        await_that(lambda: any(one.key == named for one in hub.read(f"notices.{N_CSC}")))
    finally:
        hub.notices = lambda item: ()
    (sent,) = hub.read(f"notices.{N_CSC}")
    assert sent.headers == {"id": named} and sent.body == {"notice": named, "rule": "E-01"}
    held = hub.world.record.find(event["source"], event["id"])
    assert told == [(event["id"], read_post(held.body).trace)] and re.fullmatch("[0-9a-f]{32}", told[0][1])


@pytest.mark.req("H-17")
def test_while_notices_cannot_be_decided_receipts_go_on_and_no_notice_is_left_out(hub):
    gone = True

    def decide(item):
        if item.kind == "event" and gone:
            raise HubError("store")
        return (Telling(f"late-{item.id}", OAK, {}),) if item.kind == "event" else ()

    hub.settled()
    hub.notices = decide
    event = incident(hub)
    try:
        hub.put(hub.world.signed(event))
        receipt_of(hub, event)
        await_that(lambda: hub.relay.fault == "notices: store")
        assert hub.read(f"notices.{OAK}") == []
        gone = False
        await_that(lambda: [one.key for one in hub.read(f"notices.{OAK}")] == [f"late-{event['id']}"])
    finally:
        hub.notices = lambda item: ()


@pytest.mark.req("H-26")
def test_an_item_that_cannot_be_made_into_a_message_is_reported_and_holds_nothing_up(hub):
    def decide(item):
        if item.kind == "event":
            raise ZeroDivisionError("narrative that must not be told")
        return ()

    hub.settled()
    hub.notices = decide
    event = incident(hub)
    try:
        hub.put(hub.world.signed(event))
        await_that(lambda: bool(hub.reports) and hub.relay.lag().notices == 0)
    finally:
        hub.notices = lambda item: ()
    held = hub.world.record.find(event["source"], event["id"])
    assert hub.reports == [("notices", "ZeroDivisionError", held.position)]


@pytest.mark.req("H-26")
def test_positions_tell_workers_everything_and_no_content(hub):
    event = incident(hub)
    hub.put(hub.world.signed(event))
    receipt_of(hub, event)
    hub.settled()
    parts = hub.settings.partitions
    positions: dict[int, tuple[str | None, int]] = {}
    ends: dict[int, list[dict[str, int]]] = {}
    for one in hub.read("hub.recorded"):
        if isinstance(one.body, int):
            assert one.value == str(one.body).encode() and one.headers == {}
            positions[one.body] = (one.key, one.partition)
        else:
            assert one.key is None and one.body.keys() == {"after", "upto", "of"}
            ends.setdefault(one.partition, []).append(one.body)
    items = hub.world.record.log(0, 100_000)
    assert positions.keys() == {one.position for one in items}
    for item in items:
        kind, _, name = item.stream.partition("/")
        assert positions[item.position] == (
            name if kind == "child" else None, part_of(item.stream.removeprefix("child/"), parts)
        )  # fmt: skip
    assert set(ends) == set(range(parts))
    for marks in ends.values():
        assert [one["after"] for one in marks] == [0, *(one["upto"] for one in marks[:-1])]
        assert marks[-1]["upto"] == items[-1].position and {one["of"] for one in marks} == {parts}


def rows_of(store: ViewStore, record: Record) -> list[list[tuple[object, ...]]]:
    """The rows about these agencies that serve."""
    digest = ChildIndex(record).concerned_digest
    names = [digest(one) for one in AREAS]
    sources = [f"urn:safeguarding:org:{one}" for one in AREAS]
    projected = Projected(store, ChildIndex.name, ChildIndex.version)
    return projected.read(lambda at: [at.rows(CONCERNED, names), at.rows(POSTED, sources)])


@pytest.mark.req("H-26")
def test_workers_that_join_and_leave_build_what_one_process_builds(hub, tmp_path):
    record = hub.world.record
    store = open_views(tmp_path / "parts.db")
    feed = PartFeed(record, store, [ChildIndex(record)])
    first, second = (GroupWorker(record, feed, hub.settings) for _ in range(2))
    try:
        first.start()
        await_that(lambda: len(first.parts) == hub.settings.partitions)
        events = [incident(hub, subject=f"local:{ELM}:child-{number}") for number in range(24)]
        for number, event in enumerate(events):
            hub.put(hub.world.signed(event), key=f"case-{number}")
            if number == 8:
                second.start()
                await_that(lambda: first.parts and second.parts)
            if number == 16:
                first.stop()
        for event in events:
            receipt_of(hub, event)
        await_that(lambda: len(second.parts) == hub.settings.partitions)
        await_that(lambda: feed.position() == record.head().position)
        assert second.fault is None and second.lag() == 0
        alone = open_views(tmp_path / "alone.db")
        projector = Projector(record, alone, [ChildIndex(record)])
        projector.catch_up()
        concerned, posted = rows_of(store, record)
        assert len(posted) >= len(events) and len(concerned) >= len(events)
        assert [concerned, posted] == rows_of(alone, record)
        projector.close()
        alone.close()
    finally:
        first.stop()
        second.stop()
        store.close()
