"""Roles B, column "must be told": each role is told of each thing, and nobody else is."""

from __future__ import annotations

from functools import cache

import pytest

from tests.spec.told_rows import EVENTS, FRONT_DOOR, IRO, MUST, NOTHING_TO_TELL, WORKERS, Must
from tests.spec.told_world import EARLY, Event, S, Told, is_, told


@cache
def sent(event: str) -> Told:
    """Who is told of one of the events."""
    return told(EVENTS[event][0])


@pytest.mark.req("H-08", "H-10", "D-06", "D-21", "D-35", "D-39", "D-51", "D-57", "R-082")
@pytest.mark.parametrize("event", EVENTS)
def test_of_an_event_those_are_told_who_must_be_and_nobody_else(event: str) -> None:
    assert sent(event) == dict(EVENTS[event][1])


def _row(one: Must) -> object:
    return pytest.param(one, id=f"{one.requirement}-{one.role}-{one.thing}-{one.event}",
                        marks=pytest.mark.req(one.requirement))  # fmt: skip


@pytest.mark.parametrize("row", [_row(one) for one in MUST])
def test_a_role_is_told_of_what_it_must_be_told(row: Must) -> None:
    assert row.who in sent(row.event).get(row.code, set())


def test_whoever_is_told_nothing_here_says_why() -> None:
    assert all(reason for reason in NOTHING_TO_TELL.values())
    assert len({(one.role, one.thing, one.event) for one in MUST}) == len(MUST)


@pytest.mark.req("R-146", "D-24")
def test_early_help_is_told_of_the_decision_to_transfer_a_case_to_it() -> None:
    decided = Event(S, "case-transfer-decided", {"target": "early-help", "rationale": "r"})
    assert told(decided, is_("early-help", EARLY)) == {"transfer": {"s-early:early-help"}}


@pytest.mark.req("R-161", "G.00")
def test_without_a_worker_the_front_door_is_told_that_police_end_it_with_concerns() -> None:
    event = EVENTS["police end it with concerns"][0]
    assert told(event, worker=False)["criminal-outcome"] == {FRONT_DOOR, "s-yos:supervised"}


@pytest.mark.req("R-173")
def test_without_a_worker_the_childs_authority_is_told_of_a_release() -> None:
    found = told(EVENTS["release"][0], worker=False)["custody-release"]
    assert "s-csc:addressed" in found and not found & WORKERS


@pytest.mark.req("D-20", "R-071")
def test_whose_part_has_ended_when_the_hub_sends_is_not_told() -> None:
    ended = Event(S, "relationship-ended", {"kind": "iro", "organisation": S, "person": f"{S}/iro-1"})
    assert IRO not in told(EVENTS["level by police"][0], ended).get("level", set())
