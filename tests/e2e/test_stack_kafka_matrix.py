"""Scenario A over Kafka into every process on PostgreSQL: the same cells, values and receipts as over HTTP.

The tests of the matrix and of the values are those that the embedded hub passes, collected here once more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import OKPKey
from kafka import KafkaProducer

from agencies.scenarios.over_kafka import KafkaPosts
from agencies.sdk.build import cloud_event, event_id
from agencies.sdk.client import Accepted, Refused
from agencies.sdk.kafka import KafkaAccess, case_secret
from agencies.sdk.receipts import verify_receipt
from hub.api.log import KEYS
from tests.e2e.test_canaries import CANARIES, NAMES, NARRATIVE, NEEDLES, forms
from tests.stack.native import Stack
from tests.stack.scenario import POSTS, Played, play_into
from tests.stack.telling import lines_of
from tests.support.kafka_broker import kafka_broker
from tests.support.relayed import Told, await_that, case_key, read_all
from tests.support.scenario import READERS, SCENARIO, World, played_world
from tests.support.world_on_postgres import StackWorld, store_of, told_of_the_embedded_hub

AGAIN = told_of_the_embedded_hub()
globals().update(AGAIN)
INBOUND, RECORDED = "events.inbound", "hub.recorded"
PLACE = ("leaf_index", "leaf_data", "salt")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HUBS = ("init", "api", "projector", "ticker", "relay")
POISON = b"CANARY-POISON Synthetic account of nobody"
TEXTS = tuple(
    {
        needle
        for text in (*(one.encode() for one in CANARIES), *NARRATIVE, POISON)
        for needle in forms(text)
        if len(needle) >= 8
    }
)
Json = dict[str, Any]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    found = Stack(tmp_path_factory.mktemp("stack"), free_ports=True)
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="module")
def played(stack: Stack) -> Iterator[Played]:
    found = play_into(stack, over_kafka=True)
    yield found
    found.world.close()


@pytest.fixture(scope="module")
def world(played: Played) -> StackWorld:
    """Scenario A at its end, as the tests of the embedded hub ask for it."""
    return played.world


@pytest.fixture(scope="module")
def over_http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The same content, posted to the embedded hub over HTTP."""
    with played_world(tmp_path_factory.mktemp("over-http")) as found:
        yield found


@pytest.fixture(scope="module")
def topics(stack: Stack, played: Played) -> Mapping[str, list[Told]]:
    """Everything in every topic, once a record that is nothing of the hub's has been answered too."""
    producer = KafkaProducer(bootstrap_servers=stack.kafka, allow_auto_create_topics=False)
    headers = [("note", POISON)]
    producer.send(INBOUND, value=POISON, key=case_key("nobody"), headers=headers).get(20)
    producer.close(timeout=5)
    await_that(lambda: bool(read_all(stack.kafka, "events.rejected.unknown")))
    return {name: read_all(stack.kafka, name) for name in kafka_broker().topics()}


@pytest.fixture(scope="module")
def receipts(topics: Mapping[str, list[Told]]) -> Mapping[str, Told]:
    """The scenario's names of the posts, and the receipt that came for each."""
    came = {
        (name.removeprefix("events.receipts."), one.key): one
        for name, told in topics.items()
        if name.startswith("events.receipts.")
        for one in told
    }
    return {
        one.ref: came[one.organisation, event_id(one.organisation, one.event.record, one.event.type)]
        for one in SCENARIO.posts
    }


@pytest.mark.req("H-01", "H-03")
def test_everything_is_taken_and_the_ledger_fits(played: Played) -> None:
    assert played.good, played.verified
    assert {one.status for one in played.posted} == {201}
    assert len(AGAIN) > 40


@pytest.mark.req("H-06")
def test_the_screen_shows_what_each_reader_gets(played: Played) -> None:
    said = list(lines_of(played))
    for (name, child), entries in played.entries.items():
        start = said.index(f"\n{name}: {READERS[name].person}, for {READERS[name].purpose}, of {child}") + 1
        shown = [line[15:27].strip() for line in said[start : start + len(entries)]]
        assert shown.count("visible") == sum(not one["redactions"] for one in entries)
        assert set(shown) <= {"visible", "redacted", "coded line"}


# --- receipts ------------------------------------------------------------------------------------------


def apart(claims: Json) -> Json:
    """What a receipt says, apart from the place in the ledger that this hub gave the post."""
    return {name: value for name, value in claims.items() if name not in PLACE}


@pytest.mark.req("H-03", "H-26")
def test_receipts_claim_what_they_claim_over_http(over_http: World, receipts: Mapping[str, Told]) -> None:
    """Received at the same time too: both hubs have the scenario's clock."""
    there: dict[str, Json] = {}
    for organisation in {one.organisation for one in SCENARIO.posts}:
        page = over_http.as_system(organisation, "/v1/events", mine="", limit="200")
        named = {one["claims"]["event"]["id"]: one["claims"] for one in page["posts"]}
        there |= {f"{organisation} {event}": found for event, found in named.items()}
    assert len(there) == len(receipts) == POSTS
    for one in SCENARIO.posts:
        body = receipts[one.ref].body
        expected = there[f"{one.organisation} {receipts[one.ref].key}"]
        assert body["claims"].keys() == expected.keys(), one.ref
        assert apart(body["claims"]) == apart(expected), one.ref
    assert any(one.body["claims"]["warnings"] for one in receipts.values())


@pytest.mark.req("H-03")
def test_each_receipt_is_signed_for_exactly_what_was_sent(stack: Stack, receipts: Mapping[str, Told]) -> None:
    store = store_of(stack)
    try:
        key = OKPKey.import_key(dict(store.signer.public_jwk))
    finally:
        store.close()
    leaves = set()
    for one in SCENARIO.posts:
        told = receipts[one.ref]
        verified = verify_receipt(told.body, cloud_event(one.event), key, stack.hub_id)
        leaves.add(verified.leaf_index)
        assert told.headers.keys() == {"id", "status"} and told.headers["status"] == "201"
    assert len(leaves) == POSTS


@pytest.mark.req("H-03")
def test_the_same_content_over_http_gets_the_receipt_that_kafka_brought(
    world: StackWorld, receipts: Mapping[str, Told]
) -> None:
    """Whichever of the workers answers."""
    for one in SCENARIO.posts:
        answer = world.send(one.organisation, world.sign(one.organisation, cloud_event(one.event)))
        assert (answer.status_code, answer.json()["receipt"]) == (200, receipts[one.ref].body["receipt"])


def found(needles: Sequence[bytes], file: Path) -> list[bytes]:
    """Which of the texts a file holds."""
    held = file.read_bytes()
    return [one for one in needles if one in held]


# --- what stands in topics and logs --------------------------------------------------------------------


@pytest.mark.req("H-10", "H-26")
def test_the_hubs_own_topic_has_children_and_positions_and_nothing_else(
    stack: Stack, topics: Mapping[str, list[Told]]
) -> None:
    store = store_of(stack)
    try:
        items = {one.position: one.stream for one in store.record.log(0, 100_000)}
    finally:
        store.close()
    told = [one for one in topics[RECORDED] if isinstance(one.body, int)]
    for one in told:
        assert one.headers == {} and one.value == str(one.body).encode()
        stream = items[one.body]
        assert one.key == (stream.removeprefix("child/") if stream.startswith("child/") else None)
        assert one.key is None or UUID.fullmatch(one.key)
    assert len({one.key for one in told} - {None}) == 3  # two children, and the stream that joined one later
    assert len({one.body for one in told}) > POSTS
    for one in topics[RECORDED]:
        if not isinstance(one.body, int):
            assert one.key is None and one.headers == {} and one.body.keys() == {"after", "upto", "of"}
            assert all(isinstance(number, int) for number in one.body.values())


@pytest.mark.req("H-10", "R-034")
def test_no_topic_but_that_of_posts_holds_a_text_that_was_posted(
    topics: Mapping[str, list[Told]],
) -> None:
    """As the broker has them on its disk, Kafka's own topics too; identifiers stand in receipts besides."""
    folder = kafka_broker().nodes[0].folder
    # What is left out is reserved space with numbers in it.
    files = [one for one in folder.rglob("*") if one.is_file() and one.suffix not in (".index", ".timeindex")]
    posts = [one for one in files if one.parent.name.rpartition("-")[0] == INBOUND]
    assert any(found(TEXTS, one) for one in posts) and len(topics[INBOUND]) == POSTS + 1
    others = [one for one in files if one not in posts]
    assert [one.parent.name for one in others if found(TEXTS, one)] == []
    assert {one.parent.name for one in others} > {f"{RECORDED}-0", "__cluster_metadata-0"}
    elsewhere = [one for one in others if not one.parent.name.startswith("events.receipts.")]
    assert [one.parent.name for one in elsewhere if found(NEEDLES, one)] == []


@pytest.mark.req("H-10", "H-26")
def test_what_is_nobodys_goes_aside_with_its_digest_only(topics: Mapping[str, list[Told]]) -> None:
    (told,) = topics["events.rejected.unknown"]
    assert told.body.keys() == {"digest", "problem"}
    assert told.body["problem"]["type"] == "/problems/signature"
    assert not [name for name, one in topics.items() if one and name.startswith("events.rejected.")][1:]


@pytest.mark.req("H-10", "R-034")
def test_no_log_of_any_process_holds_anything_received(
    stack: Stack, world: StackWorld, topics: Mapping[str, list[Told]]
) -> None:
    logs = [stack.folder / f"{name}.log" for name in stack.running]
    ids = tuple(one.encode() for one in world.children.values())
    secrets = tuple(one.encode() for one in stack.secrets.values())
    never = (*TEXTS, *NEEDLES, *ids, *secrets, b"Bearer", b"postgresql://", b"Traceback")
    assert [one.name for one in logs if found(never, one)] == []
    own = [one for one in logs if one.stem in HUBS]
    assert [one.name for one in own if found(NAMES, one)] == [] and len(own) == len(HUBS)
    lines = [json.loads(line) for one in own for line in one.read_text().splitlines() if line[:1] == "{"]
    assert {one["process"] for one in lines} == {"api", "projector", "ticker", "relay"}
    assert {name for line in lines for name in line} <= KEYS


@pytest.mark.req("H-03")
def test_the_relays_numbers_tell_how_many_and_nothing_of_what(
    stack: Stack, topics: Mapping[str, list[Told]], tmp_path: Path
) -> None:
    token = {"Authorization": f"Bearer {stack.secrets['HUB_METRICS_TOKEN']}"}
    told = httpx.get(f"http://127.0.0.1:{stack.own_port('relay')}/metrics", headers=token, timeout=10)
    assert f'hub_posts_total{{door="kafka",outcome="kept"}} {POSTS}.0' in told.text
    assert 'hub_posts_total{door="kafka",outcome="signature"} 1.0' in told.text
    file = tmp_path / "metrics"
    file.write_bytes(told.content)
    assert found((*TEXTS, *NEEDLES, *NAMES), file) == []


@pytest.mark.req("H-03", "H-26")
def test_sent_again_it_is_held_already_and_what_was_answered_before_is_passed_over(
    stack: Stack, world: StackWorld, receipts: Mapping[str, Told]
) -> None:
    one = SCENARIO.posts[-1]
    secrets = {one.organisation: case_secret(world.keys, one.organisation)}
    signed = world.sign(one.organisation, cloud_event(one.event))
    told = receipts[one.ref]
    with KafkaPosts(KafkaAccess(stack.kafka, {}), secrets) as posts:
        answer = posts.post(one.organisation, signed, str(told.key), one.event.subject)
        assert isinstance(answer, Accepted)
        assert (answer.status, answer.receipt) == (200, told.body["receipt"])
        # The broken value is nobody's: its refusal comes through the topic of what does not verify.
        broken = posts.post(one.organisation, signed[:-8] + "AAAAAAAA", str(told.key), one.event.subject)
        assert broken == Refused(401, "signature")


@pytest.mark.req("H-03")
def test_asked_to_end_all_end_well(stack: Stack, played: Played) -> None:
    """The last test of this file."""
    assert set(stack.stop().values()) == {0}
