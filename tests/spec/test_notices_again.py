"""Who has to be told of an event only later: it was corrected, or its stream was joined to a child."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agencies.scenarios import PreparedPost
from hub.cli.demo_world import REVIEWER
from hub.disclosure import Notice
from hub.disclosure.standing import Standing, standing
from hub.record import Recorded
from tests.spec.test_deadline_missed import ALONE, MISSED, at, post, ticker_of, unarranged
from tests.spec.test_notices import BY_REF, ELM, N, S, a_copy, key_of, lines, notices, play_once, told
from tests.support.simulated import Simulated, one_more, simulated

LATER = "2025-11-20T12:05:00+00:00"


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return play_once(tmp_path_factory)


@pytest.fixture
def played(ended: Path, tmp_path: Path) -> Iterator[Simulated]:
    with a_copy(ended, tmp_path / "hub") as hub:
        yield hub


def joined(hub: Simulated, reference: str, child: str) -> Recorded:
    """The record of an identity reviewer's decision."""
    reviewer = hub.hub.store.directory.principal_for_person(REVIEWER)
    (waiting,) = [one for one in hub.hub.intake.queue(reviewer) if one.get("reference") == reference]
    hub.hub.intake.resolve(reviewer, str(waiting["provisional"]), hub.children[child])
    return hub.hub.store.record.stream("identity")[-1]


def changed(post: PreparedPost, like: str, type_: str, **data: Any) -> PreparedPost:
    """A correction or retraction of a post, by its poster and about the same child."""
    key = key_of(post)
    found = one_more(f"X-{type_}", like, type_, LATER,
                     about={"source": key.source, "id": key.id}, **data)  # fmt: skip
    return replace(found, event=replace(found.event, subject=post.event.subject))


def to(found: tuple[Notice, ...], organisation: str) -> list[object]:
    return [line["to"] for one in found if one.organisation == organisation for line in lines(one)]


@pytest.mark.req("R-068", "D-56", "H-05")
def test_who_works_with_the_child_is_told_when_a_provisional_stream_turns_out_to_be_that_childs(
    played: Simulated,
) -> None:
    subject = f"local:{ELM}:unknown-9"
    more = one_more("X-incident", "A04", "incident-recorded", LATER,
                    role="has-been-harmed", status="alleged")  # fmt: skip
    more = replace(more, event=replace(more.event, subject=subject))
    played.post(more.event)
    first = notices(played, more)
    assert told(first) == {N: {"concern"}} and to(first, N) == [["front-door"]]
    item = joined(played, subject, "C-2001")
    found = played.hub.disclosure.notices(item)
    assert to(found, S) == [["allocated"]]
    assert to(found, N) == [["enquiry"]]
    tokens = {one.body["token"] for one in notices(played, BY_REF["A22"]) if one.organisation == S}
    assert {one.body["token"] for one in found if one.organisation == S} == tokens
    before = len(played.hub.store.record.log(0, 100_000))
    assert played.hub.disclosure.notices(item) == found, "after a crash: the same, recorded once"
    assert len(played.hub.store.record.log(0, 100_000)) == before
    played.post(changed(more, "A04", "event-retracted", reason="wrong-child").event)
    assert played.hub.disclosure.notices(item) == ()


@pytest.mark.req("R-070", "D-12", "H-02")
def test_of_a_corrected_event_those_are_told_who_were_not_told_before_and_nobody_else(
    played: Simulated,
) -> None:
    data = {name: value for name, value in BY_REF["A22"].event.data.items()
            if name not in ("occurred_at", "precision", "author", "level", "indicators")}  # fmt: skip
    data |= {"scale": "hackett-5", "level": "normal"}
    first = one_more("X-level", "A22", "behaviour-level-assessed", LATER, **data)
    played.post(first.event)
    assert to(notices(played, first), S) == [["allocated"]]
    replacement = {**first.event.data, "level": "inappropriate"}
    corrected = changed(first, "A22", "event-corrected", reason="error", replacement=replacement)
    played.post(corrected.event)
    found = notices(played, corrected)
    assert told(found) == {S: {"level"}} and to(found, S) == [["safeguarding-unit"]]
    assert notices(played, corrected) == found
    assert to(notices(played, first), S) == [["allocated"]], "what was told before is told as it was"


@pytest.mark.req("H-02", "H-12")
def test_a_correction_that_concerns_nobody_else_and_one_of_a_backlog_are_told_to_nobody(
    played: Simulated,
) -> None:
    post = BY_REF["A22"]
    replacement = {**post.event.data, "indicators": []}
    corrected = changed(post, "A22", "event-corrected", reason="error", replacement=replacement)
    played.post(corrected.event)
    assert notices(played, post) != ()
    assert notices(played, corrected) == ()


@pytest.mark.req("R-077", "H-20")
def test_one_who_does_not_find_it_does_not_stand_for_a_colleague_who_does(tmp_path: Path) -> None:
    """The first of two enquiry workers has no enquiry about the linked child, on whose record it rests."""
    with simulated(tmp_path / "hub") as hub:
        unarranged(hub)
        now = at(ALONE) - timedelta(minutes=1)
        assert ticker_of(hub).tick(now) == 2, "of each child one"
        stream = hub.hub.store.record.stream(f"child/{hub.children['C-2001']}")
        (item,) = [one for one in stream if one.type == MISSED]
        hub.hub.store.directory.add_person(f"{N}/enq-0", ("enquiry-social-worker",))
        post(hub, one_more("X-enquiry", "A16", "social-worker-allocated", ALONE,
                           kind="enquiry", worker=f"{N}/enq-0"))  # fmt: skip
        classes = [
            {person: found.classes for person in ("enq-0", "enq-1") for found in [stands(hub, person, child)]}
            for child in ("C-2001", "C-1001")
        ]
        assert classes[0] == {"enq-0": {"enquiry"}, "enq-1": {"enquiry"}}
        assert classes[1] == {"enq-0": set(), "enq-1": {"enquiry"}}
        assert to(hub.hub.disclosure.notices(item), N) == [["enquiry"]]


def stands(hub: Simulated, person: str, child: str) -> Standing:
    who = hub.hub.store.directory.principal_for_person(f"{N}/{person}")
    return standing(who, hub.hub.views.child(hub.children[child]), hub.hub.store.clock.domain())
