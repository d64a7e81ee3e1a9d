"""Accounts side by side, silence and contexts over HTTP: in the overview and in a meeting's papers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.test_scenario_a_values import CASES
from tests.support.scenario import READERS, World

Json = dict[str, Any]


def told(world: World, reader: str, child: str) -> Json:
    found: Json = world.overview(reader, child)["side_by_side"]
    return found


def evidence(found: Json) -> set[str]:
    rows = [*found["incidents"], *found["silence"]["requests"], *found["silence"]["nothing_known"]]
    rows += [*found["contexts"], *found["shared_contexts"]]
    return {one for row in rows for one in row["evidence"]}


@pytest.mark.req("R-179", "R-180")
@pytest.mark.parametrize("reader", ["ENQ", "POL"])
def test_two_agencies_accounts_of_one_incident_stand_side_by_side(world: World, reader: str) -> None:
    (found,) = told(world, reader, "C-2001")["incidents"]
    assert [one["organisation"] for one in found["accounts"]] == [
        "education.elm-school",
        "social-care.s-csc",
    ]
    assert found["joined_by"] == ["link"]
    (question,) = found["questions"]
    assert question["about"] == "level" and question["text"].endswith("?")
    assert len(question["values"]["levels"]) > 1


@pytest.mark.req("H-20", "D-03")
@pytest.mark.parametrize(
    ("reader", "child"), [("SW-1001", "C-1001"), ("SW-2001", "C-2001"), ("Elm", "C-1001")]
)
def test_readers_of_one_child_get_no_account_of_another(world: World, reader: str, child: str) -> None:
    assert told(world, reader, child)["incidents"] == []


@pytest.mark.req("R-075", "H-20")
def test_a_request_and_its_answer_reach_whoever_has_both(world: World) -> None:
    (asked,) = told(world, "SW-1001", "C-1001")["silence"]["requests"]
    assert (asked["kind"], asked["to"], asked["asked_by"]) == (
        "referral",
        "social-care.n-csc",
        "education.elm-school",
    )
    assert (asked["answer"], asked["days"]) == ("answered", 3)
    assert told(world, "Oak", "C-2001")["silence"]["requests"] == []


@pytest.mark.req("R-019", "D-08", "H-20")
def test_contexts_are_those_of_the_readers_own_entries(world: World) -> None:
    worker = {one["place"]: one for one in told(world, "SW-2001", "C-2001")["contexts"]}
    school = {one["place"]: one for one in told(world, "Oak", "C-2001")["contexts"]}
    assert worker["school"]["incidents"] == school["school"]["incidents"] == 2
    assert worker["transport"]["declared"] == ["bus-1"] and school.keys() == {"school"}
    assert school["school"]["declared"] == []


@pytest.mark.req("H-20", "H-19")
def test_all_of_it_rests_on_entries_that_the_reader_has(world: World) -> None:
    rested = 0
    for reader, child in CASES:
        held = {
            one["entry_id"]
            for place in {child, *READERS[reader].children}
            for one in world.chronology(reader, place)
        }
        found = evidence(told(world, reader, child))
        assert found <= held, reader
        rested += len(found)
    assert rested


@pytest.mark.req("D-04", "D-03", "R-117", "R-180")
def test_a_meetings_papers_tell_of_one_child_alone(world: World) -> None:
    answer = world.get("ENQ", f"/v1/children/{world.children['C-2001']}/meetings/M2/pack").json()
    found = answer["side_by_side"]
    assert found["incidents"] == [] and found["shared_contexts"] == []
    assert {one["place"] for one in found["contexts"]} >= {"school", "transport"}
    own = {one["entry_id"] for one in world.chronology("ENQ", "C-2001")}
    assert evidence(found) <= own


@pytest.mark.req("H-12", "H-14")
def test_what_it_rests_on_is_recorded_as_disclosed_with_the_rules_that_decided(world: World) -> None:
    answer = world.overview("SW-2001", "C-2001")
    why = world.explanation(answer["disclosure_id"])
    places = [one for one in why["items"] if one["type"] == "place-declared"]
    declared = {name for one in answer["side_by_side"]["contexts"] for name in one["declared"]}
    assert len(places) >= len(declared) > 1
    assert all(one["rules"] for one in places)
