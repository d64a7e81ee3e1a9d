"""Notices: at most what an organisation's own people find in the chronology, nothing where it is hidden."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from agencies.scenarios import PreparedPost
from agencies.sdk.build import event_id
from hub.disclosure import Notice, load_purposes, load_rules
from hub.disclosure.answers import ShownEntry
from hub.disclosure.telling import CODED_LINE, CODES
from hub.disclosure.tokens import ReaderNames
from hub.envelope import EventKey
from hub.errors import HubError
from hub.record import Recorded
from hub.ticker import Ticker
from tests.support.scenario import SCENARIO
from tests.support.simulated import Simulated, one_more, opened, simulated

N, S = "social-care.n-csc", "social-care.s-csc"
POLICE, YOS, HEALTH = "police.n-police", "youth-justice.s-yos", "health.n-child-health"
ELM, OAK = "education.elm-school", "education.oak-school"
BY_REF = {one.ref: one for one in SCENARIO.posts}
PURPOSES = load_purposes()
OVERSEEING = {"team-manager", "safeguarding-unit", "iro", "spoc"}
LINE_PLACES = ("", *(f"-{number}" for number in range(1, 6)))


def play_once(folders: pytest.TempPathFactory) -> Path:
    """Play scenario A into a folder of its own, and close the hub."""
    folder = folders.mktemp("ended") / "hub"
    with simulated(folder) as hub:
        hub.play(SCENARIO.posts)
    return folder


def a_copy(ended: Path, folder: Path) -> AbstractContextManager[Simulated]:
    """A hub on a copy of its data."""
    return opened(Path(shutil.copytree(ended, folder)), b"a copy")


def key_of(post: PreparedPost) -> EventKey:
    name = event_id(post.organisation, post.event.record, post.event.type)
    return EventKey(f"urn:safeguarding:org:{post.organisation}", name)


def item_of(hub: Simulated, post: PreparedPost) -> Recorded:
    key = key_of(post)
    found = hub.hub.store.record.find(key.source, key.id)
    assert found is not None
    return found


def notices(hub: Simulated, post: PreparedPost) -> tuple[Notice, ...]:
    return hub.hub.disclosure.notices(item_of(hub, post))


def lines(notice: Notice) -> list[dict[str, Any]]:
    found = notice.body["lines"]
    assert isinstance(found, list)
    return found


def told(found: tuple[Notice, ...]) -> dict[str, set[str]]:
    """The codes that each organisation was sent, of any child."""
    codes: dict[str, set[str]] = {}
    for one in found:
        codes.setdefault(one.organisation, set()).update(line["code"] for line in lines(one))
    return codes


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a hub at the end of scenario A; nobody was told of anything yet."""
    return play_once(tmp_path_factory)


@pytest.fixture
def played(ended: Path, tmp_path: Path) -> Iterator[Simulated]:
    """A copy of that hub, for a test that changes it."""
    with a_copy(ended, tmp_path / "hub") as hub:
        yield hub


@pytest.fixture(scope="module")
def backlog(
    ended: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Simulated, Mapping[str, tuple[Notice, ...]]]]:
    """Scenario A at its end, everything sent at once as after a long outage."""
    with a_copy(ended, tmp_path_factory.mktemp("backlog") / "hub") as hub:
        yield hub, {one.ref: notices(hub, one) for one in SCENARIO.posts}


Shown = dict[tuple[str, str], dict[str, ShownEntry]]


def everybody_reads(hub: Simulated) -> Shown:
    """What each person of the directory finds in the chronology of each child, by real reads."""
    found: Shown = {}
    directory = hub.hub.store.directory
    for person in directory.people():
        purposes = PURPOSES.permitted(directory.principal_for_person(person.id))
        for child in hub.children if purposes and person.organisation != "partnership.hub-ig" else ():
            try:
                chronology = hub.chronology_of(person.id, purposes[0], child)
            except HubError as refusal:
                assert refusal.slug == "not-found"
                continue
            assert chronology.cursor is None
            found[person.id, child] = {one.entry_id: one for one in chronology.entries}
    return found


def found_by(
    hub: Simulated, shown: Shown, organisation: str, post: PreparedPost
) -> dict[str, dict[str, str]]:
    """Per child's token what an organisation's people have of an event: each code with its day.

    The entry itself stands under `entry`, a coded line under its code.
    """
    digest = hub.hub.store.record.digest
    key = key_of(post)
    codes: dict[str, dict[str, str]] = {}
    for (person, child), entries in shown.items():
        if not person.startswith(f"{organisation}/"):
            continue
        token = ReaderNames(digest, organisation, hub.children[child]).child()
        names = ReaderNames(digest, person, hub.children[child])
        here = codes.setdefault(token, {})
        entry = entries.get(names.entry(key))
        if entry is not None:
            assert entry.received_at is not None
            here["entry"] = entry.received_at.date().isoformat()
        for one in entries.values():
            places = [f"{one.line}{place}" for place in LINE_PLACES] + [
                f"safety-measure{place}" for place in LINE_PLACES
            ]
            if one.line and any(names.entry(key, place) == one.entry_id for place in places):
                here[one.line] = one.occurred_at
            if one.line == "referral-receipt" and post.event.type == "referral-outcome-decided":
                assert "outcome_decided_on" in one.fields
                here[one.line] = one.occurred_at
    return {token: here for token, here in codes.items() if here}


def assert_at_most(hub: Simulated, shown: Shown, post: PreparedPost, sent: tuple[Notice, ...]) -> int:
    """Every line that was sent is in somebody's chronology, but that one works with the child now.

    The poster is sent nothing but what those in it have to know who oversee the work.
    """
    count = 0
    for one in sent:
        if one.organisation == post.organisation:
            assert {word for line in lines(one) for word in line["to"]} <= OVERSEEING, post.ref
        if post.event.type == "relationship-recorded":
            assert one.organisation == post.event.data["organisation"]
            assert [line["code"] for line in lines(one)] == ["relationship"]
            continue
        have = found_by(hub, shown, one.organisation, post)
        mine = have.get(str(one.body["token"]))
        assert mine is not None, (post.ref, one.organisation)
        for line in lines(one):
            place = "entry" if line["code"] in CODES else line["code"]
            assert mine.get(place) == line["on"], (post.ref, one.organisation, line["code"])
            count += 1
    return count


@pytest.mark.req("H-08", "H-10", "D-20", "D-26", "D-11", "D-12")
def test_of_a_backlog_each_organisation_is_told_at_most_what_its_people_find_now(
    backlog: tuple[Simulated, Mapping[str, tuple[Notice, ...]]],
) -> None:
    hub, sent = backlog
    shown = everybody_reads(hub)
    count = sum(assert_at_most(hub, shown, post, sent[post.ref]) for post in SCENARIO.posts)
    assert count > 80
    nobody = {
        (post.ref, organisation)
        for post in SCENARIO.posts
        for organisation in (N, S, POLICE, YOS, HEALTH, ELM, OAK)
        if post.event.data.get("organisation") != organisation
        and not found_by(hub, shown, organisation, post)
    }
    assert len(nobody) > 100
    assert not [one for ref, who in nobody for one in sent[ref] if one.organisation == who]


def told_as_it_is_posted(folder: Path, every: int) -> int:
    count = 0
    with simulated(folder / "hub") as hub:
        for number, post in enumerate(SCENARIO.posts):
            hub.post(post.event, post.ref)
            if number % every == 0 and len(hub.children) == 2:
                sent = notices(hub, post)
                count += assert_at_most(hub, everybody_reads(hub), post, sent)
    return count


@pytest.mark.req("H-08", "H-10", "D-20")
def test_of_what_is_posted_each_organisation_is_told_at_most_what_its_people_find_then(
    tmp_path: Path,
) -> None:
    assert told_as_it_is_posted(tmp_path, 8) > 5


@pytest.mark.slow
@pytest.mark.req("H-08", "H-10", "D-20")
def test_of_every_single_post_each_organisation_is_told_at_most_what_its_people_find_then(
    tmp_path: Path,
) -> None:
    assert told_as_it_is_posted(tmp_path, 1) > 50


@pytest.mark.req("H-08", "R-049", "R-062", "R-068", "R-070", "R-082", "R-160")
@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("A03b", {OAK: {"safety-measure"}, N: {"concern"}, S: {"concern"}}),
        ("A08", {OAK: {"police-involved"}, N: {"police-decision", "investigation-opened"},
                 S: {"police-decision"}, YOS: {"police-decision"}}),
        ("A11", {OAK: {"referral-outcome"}, POLICE: {"referral-outcome"}, YOS: {"referral-outcome"},
                 N: {"referral-outcome", "referral-receipt"}}),
        ("A14", {OAK: {"meeting"}, POLICE: {"meeting"}, S: {"meeting"}, YOS: {"meeting"}}),
        ("A22", {N: {"level"}, S: {"level"}}),
        ("A23", {N: {"interview"}}),
        ("A32", {OAK: {"plan"}, POLICE: {"plan"}, YOS: {"plan"},
                 N: {"plan", "plan-changed", "safety-measure-for-linked-child"}}),
        ("A33", {OAK: {"plan-continues"}, S: {"criminal-outcome"}, YOS: {"criminal-outcome"},
                 N: {"criminal-outcome", "criminal-matters-ended"}}),
        ("A07b-1", {}),
        ("A28-1", {}),
        ("A12a", {}),
    ],
)  # fmt: skip
def test_who_is_told_of_what_in_scenario_a(
    backlog: tuple[Simulated, Mapping[str, tuple[Notice, ...]]], ref: str, expected: dict[str, set[str]]
) -> None:
    assert told(backlog[1][ref]) == expected


@pytest.mark.req("R-049", "G.00")
def test_the_front_door_is_told_of_a_concern_about_a_child_that_nobody_knows_yet(tmp_path: Path) -> None:
    with simulated(tmp_path / "hub") as hub:
        hub.post(BY_REF["A03b"].event, "A03b")
        (one,) = notices(hub, BY_REF["A03b"])
        assert (one.organisation, [line["code"] for line in lines(one)]) == (N, ["concern"])
        assert lines(one)[0]["to"] == ["front-door"]


@pytest.mark.req("D-03", "H-10")
def test_one_organisation_with_people_on_both_children_gets_two_notices_that_name_no_link(
    backlog: tuple[Simulated, Mapping[str, tuple[Notice, ...]]],
) -> None:
    mine = [one for one in backlog[1]["A32"] if one.organisation == N]
    assert len(mine) == 2 and len({one.body["token"] for one in mine}) == 2
    assert {tuple(line["to"]) for one in mine for line in lines(one)} == {("allocated",), ("enquiry",)}


@pytest.mark.req("D-03")
def test_tokens_of_a_child_are_the_same_for_one_organisation_and_differ_between_two(
    backlog: tuple[Simulated, Mapping[str, tuple[Notice, ...]]],
) -> None:
    tokens: dict[str, set[object]] = {}
    for sent in backlog[1].values():
        for one in sent:
            tokens.setdefault(one.organisation, set()).add(one.body["token"])
    assert {len(tokens[one]) for one in (OAK, YOS, S, ELM)} == {1}
    assert len(tokens[N]) == len(tokens[POLICE]) == 2
    assert sum(len(one) for one in tokens.values()) == len(set().union(*tokens.values()))


@pytest.mark.req("D-10", "D-26")
def test_a_notice_holds_codes_and_a_day_and_nothing_that_was_posted(
    backlog: tuple[Simulated, Mapping[str, tuple[Notice, ...]]],
) -> None:
    hub, sent = backlog
    texts = {rule.text for rule in load_rules().by_id.values()} | {"Safety line"}
    for post in SCENARIO.posts:
        for one in sent[post.ref]:
            assert one.body.keys() == {"notice", "token", "lines"}
            assert re.fullmatch(r"child-[a-z2-7]{20}", str(one.body["token"]))
            for line in lines(one):
                assert line.keys() == {"code", "text", "rule", "requirement", "on", "to"}
                assert line["code"] in CODES or re.fullmatch(r"[a-z-]+", line["code"])
                assert line["text"] in texts
                assert re.fullmatch(r"(D-\d\d|G\.00)", line["rule"])
                assert re.fullmatch(r"R-\d{3}|H-\d\d", line["requirement"])
                assert re.fullmatch(r"\d{4}-\d\d-\d\d", line["on"])
            written = json.dumps(one.body)
            assert post.organisation not in written and one.organisation not in written
            assert key_of(post).id not in written and "urn:" not in written and "CANARY" not in written
            assert not any(child in written for child in hub.children.values())


@pytest.mark.req("D-35", "D-06", "D-51", "H-10")
@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("adult-involvement-suspected", {"category": "adult-known"}),
        ("incident-linked", {"link": "LK-X", "others": [{"ref": SCENARIO.children["C-1001"][0]}]}),
    ],
)
def test_intelligence_and_the_sealed_link_are_told_to_no_system_though_people_read_them(
    played: Simulated, type_: str, data: dict[str, Any]
) -> None:
    at = "2025-11-20T12:05:00+00:00"
    post = one_more("X-single", "A08", type_, at, **data)
    played.post(post.event)
    shown = everybody_reads(played)
    people = {one.split("/")[0] for one, _ in shown}
    assert any(found_by(played, shown, one, post) for one in people - {POLICE})
    assert notices(played, post) == ()


@pytest.mark.req("R-070", "D-12")
def test_the_safeguarding_unit_is_told_of_levels_above_the_lowest_only(played: Simulated) -> None:
    found = {}
    for level in ("normal", "inappropriate"):
        data = {name: value for name, value in BY_REF["A22"].event.data.items()
                if name not in ("occurred_at", "precision", "author", "level", "indicators")}  # fmt: skip
        post = one_more(f"X-{level}", "A22", "behaviour-level-assessed", "2025-11-20T12:05:00+00:00",
                        **data | {"scale": "hackett-5", "level": level})  # fmt: skip
        played.post(post.event)
        (mine,) = [one for one in notices(played, post) if one.organisation == S]
        (line,) = lines(mine)
        found[level] = line["to"]
    assert found == {"normal": ["allocated"], "inappropriate": ["allocated", "safeguarding-unit"]}


@pytest.mark.req("R-077", "D-40")
def test_those_who_can_act_on_a_missed_deadline_are_told(played: Simulated) -> None:
    hub = played.hub
    ticker = Ticker(
        record=hub.store.record, views=hub.views, identity=hub.identity, directory=hub.store.directory
    )
    now = datetime.fromisoformat("2026-01-07T09:00:00+00:00")
    played.advance(now.isoformat())
    assert ticker.tick(now) == 4, "the assessments of both children, a conference and a review"
    stream = hub.store.record.stream(f"child/{played.children['C-2001']}")
    missed = [one for one in stream if one.type == "deadline-missed"]
    (item,) = [one for one in missed if b'"K-10"' in (one.body or b"")]
    sent = {one.organisation: lines(one) for one in hub.disclosure.notices(item)}
    assert [(line["code"], line["to"]) for line in sent.pop(S)] == [
        ("deadline", ["allocated", "safeguarding-unit", "team-manager"])
    ]
    assert [(line["code"], line["to"]) for line in sent.pop(N)] == [("deadline", ["enquiry"])]
    assert sent == {}


@pytest.mark.req("H-12", "H-13")
def test_what_is_no_event_of_a_child_is_told_to_nobody(played: Simulated) -> None:
    for item in played.hub.store.record.log(0, 10_000):
        if not item.stream.startswith("child/") and item.type != "reference-resolved":
            assert played.hub.disclosure.notices(item) == ()


@pytest.mark.req("H-12", "H-14")
def test_every_code_has_a_rule_with_words_and_every_rule_a_code() -> None:
    rules = [rule for rule in load_rules().by_id.values() if "-NOTICE-" in rule.id]
    assert all(rule.text and rule.effect == "permit" for rule in rules)
    folder = Path(__file__).parents[2] / "hub/disclosure/policies"
    policies = "".join(one.read_text("utf-8") for one in sorted(folder.glob("notices*.cedar")))
    named = set(re.findall(r'Action::"line-notice-([a-z-]+)"', policies))
    assert named == {*CODES, CODED_LINE}


def test_the_bodies_can_be_written_as_json(
    backlog: tuple[Simulated, Mapping[str, tuple[Notice, ...]]],
) -> None:
    for sent in backlog[1].values():
        for one in sent:
            assert orjson.loads(orjson.dumps(one.body)) == one.body
            assert replace(one) == one
