"""What is hidden leaves no trace in a topic: two hubs that differ in hidden posts only send the same."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from agencies.scenarios import PreparedPost, variant
from agencies.sdk.build import cloud_event, event_id
from agencies.sdk.client import Answer
from hub.cli.demo_world import posters
from tests.support.kafka_broker import kafka_broker
from tests.support.postgres_server import fresh_database, or_skip, postgres_server
from tests.support.relayed import Told
from tests.support.scenario import SCENARIO
from tests.support.simulated import one_more, with_post
from tests.support.stack_relayed import Relayed, relayed_hub

(INTELLIGENCE,) = variant("scenario-a", "hidden")
# Of a referral to a specialist service those are told who work with C-2001 in a statutory role.
REFERRAL = one_more("X-referral", "A26b", "referral-made", "2025-09-19T15:20:00+01:00", target="hsb-service")
# Of either nobody here is told anything; health and youth justice post nothing.
KNOW_NOTHING = (
    "education.elm-school", "education.oak-school", "health.n-child-health", "youth-justice.s-yos",
)  # fmt: skip
ELM, OAK = KNOW_NOTHING[:2]
LEDGER_PLACE = re.compile(rb'"(leaf_index|leaf_data|salt)":("[^"]*"|\d+)')
RANDOM_NAME = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Kept = tuple[str | None, tuple[tuple[str, str], ...], bytes]


@dataclass(frozen=True)
class Twin:
    """One of two hubs: what every topic held at the end, and what was answered."""

    topics: Mapping[str, list[Told]]
    answers: Mapping[str, Answer]
    worker: str


def more_posts(hub: Relayed, answers: dict[str, Answer]) -> None:
    """What is refused or repeated, of organisations that must not know, after the hidden post."""
    by_ref = {one.ref: one for one in SCENARIO.posts}
    for ref in ("A02", "A19"):
        one = by_ref[ref]
        payload = cloud_event(one.event)
        named = event_id(one.organisation, one.event.record, one.event.type)
        answers[f"{ref} again"] = hub.sent(one.event)
        changed = json.loads(payload)
        changed["data"]["status"] = "confirmed"
        answers[f"{ref} changed"] = hub.send(
            one.organisation, json.dumps(changed).encode(), named, one.event.subject
        )
        wrong = replace(one.event, record=f"{ref}-wrong", data={**one.event.data, "unheard_of": "x"})
        answers[f"{ref} wrong"] = hub.sent(wrong)
        opening = by_ref["A00b"].event
        poster = replace(opening, organisation=one.organisation, record=f"{ref}-poster")
        answers[f"{ref} poster"] = hub.sent(poster)
        by_nobody = {**one.event.data, "author": f"{one.organisation}/nobody-9"}
        answers[f"{ref} later"] = hub.sent(replace(one.event, record=f"{ref}-later", data=by_nobody))


def played(folder: Path, posts: Sequence[PreparedPost], log: list[str]) -> Twin:
    cluster = kafka_broker()
    with relayed_hub(folder, fresh_database(or_skip(postgres_server)), cluster, log) as hub:
        answers = hub.play_over_kafka(posts)
        more_posts(hub, answers)
        topics = {name: hub.topic(name) for name in cluster.topics()}
        return Twin(topics, answers, str(hub.chronology("SW-2001", "C-2001")))


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Twin, Twin]]:
    """Scenario A, and scenario A with intelligence and a referral on C-2001; then more posts to either."""
    log: list[str] = []
    plain = played(tmp_path_factory.mktemp("plain"), SCENARIO.posts, log)
    hidden = with_post(INTELLIGENCE)
    later = next(place for place, one in enumerate(hidden) if one.ref == "A27")
    more = played(tmp_path_factory.mktemp("more"), [*hidden[:later], REFERRAL, *hidden[later:]], log)
    assert not [line for line in log if "failed" in line], log
    yield plain, more


def topics_of(organisation: str) -> tuple[str, ...]:
    return (
        f"events.receipts.{organisation}", f"events.rejected.{organisation}", f"notices.{organisation}",
    )  # fmt: skip


def signed(token: str) -> bytes:
    """What stands in a receipt, readable."""
    return b".".join(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")[:2])


def kept(told: Told) -> Kept:
    """A message whole, but for the place in the ledger and the random name that each hub gives a message."""
    own, body, value = told.headers["id"], told.body, told.value
    assert RANDOM_NAME.fullmatch(own)
    if "receipt" in body:
        assert body["proof"] is None
        value = value.replace(body["receipt"].encode(), signed(body["receipt"]))
    headers = tuple((name, "its-id" if one == own else one) for name, one in told.headers.items())
    key = "its-id" if told.key == own else told.key
    return key, headers, LEDGER_PLACE.sub(rb'"\1":', value.replace(own.encode(), b"its-id"))


@pytest.mark.req("H-10", "D-18", "D-33", "D-35")
@pytest.mark.parametrize("organisation", KNOW_NOTHING)
def test_hidden_posts_change_no_message_in_any_topic_of_who_must_not_know(
    twins: tuple[Twin, Twin], organisation: str
) -> None:
    """In number, order, keys, headers and values."""
    for topic in topics_of(organisation):
        plain, more = ([kept(one) for one in twin.topics[topic]] for twin in twins)
        assert plain == more, topic
        assert [one.offset for one in twins[0].topics[topic]] == [
            one.offset for one in twins[1].topics[topic]
        ]


@pytest.mark.req("H-10", "D-18")
@pytest.mark.parametrize(
    "organisation",
    [one for one in posters() if one not in (INTELLIGENCE.organisation, REFERRAL.organisation)],
)
def test_no_answer_to_any_poster_tells_of_it(twins: tuple[Twin, Twin], organisation: str) -> None:
    """Those who may know of it get their receipts and refusals as if it were not there, too."""
    for topic in topics_of(organisation)[:2]:
        plain, more = ([kept(one) for one in twin.topics[topic]] for twin in twins)
        assert plain == more, topic
    unknown = [twin.topics["events.rejected.unknown"] for twin in twins]
    assert unknown == [[], []]


@pytest.mark.req("H-10", "H-03")
def test_the_topics_that_were_compared_said_something(twins: tuple[Twin, Twin]) -> None:
    """Equal silence would prove nothing."""
    for twin in twins:
        for organisation, posted in ((ELM, 5), (OAK, 5)):
            receipts, rejected, _ = (twin.topics[one] for one in topics_of(organisation))
            # Its posts, one of them again, one later; one changed, one that is wrong, one not its to post.
            assert len(receipts) == posted + 2 and len(rejected) == 3
            assert sorted(one.headers["status"] for one in receipts).count("200") == 1
            slugs = {one.body["problem"]["type"].rpartition("/")[2] for one in rejected}
            assert slugs == {"conflict", "schema", "poster"}
        for organisation in (ELM, OAK, "youth-justice.s-yos"):
            assert twin.topics[f"notices.{organisation}"], organisation
        assert any(one.body["claims"]["warnings"] for one in twin.topics[f"events.receipts.{OAK}"])


@pytest.mark.req("D-35", "D-53")
def test_who_may_know_is_told(twins: tuple[Twin, Twin]) -> None:
    """Of the referral by one more notice each; of the intelligence there is a pointer to read."""
    for organisation in ("police.n-police", "social-care.n-csc"):
        plain, more = ([kept(one) for one in twin.topics[f"notices.{organisation}"]] for twin in twins)
        extra = [one for one in more if one not in plain]
        assert len(more) == len(plain) + 1 and b'"referral"' in extra[0][2], organisation
    assert [twins[1].answers[one.ref].status for one in (INTELLIGENCE, REFERRAL)] == [201, 201]
    assert ["police-hold-information" in twin.worker for twin in twins] == [False, True]


@pytest.mark.req("H-10")
def test_the_hubs_own_topic_differs_and_so_is_the_hubs_alone(twins: tuple[Twin, Twin]) -> None:
    """Positions count everything: whoever reads them sees that there is more."""
    plain, more = (
        {one.body for one in twin.topics["hub.recorded"] if isinstance(one.body, int)} for twin in twins
    )
    assert len(more) > len(plain)
