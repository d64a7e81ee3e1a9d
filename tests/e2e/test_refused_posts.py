"""What an officer can see of posts that were refused, and what the front door sees of an unknown child."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agencies.scenarios.run import posts
from agencies.sdk.build import AgencyEvent
from tests.support.scenario import World, empty_world

Json = dict[str, object]


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with empty_world(tmp_path_factory.mktemp("refused")) as world:
        yield world


@pytest.mark.req("D-55", "H-14")
def test_a_refused_post_is_a_row_for_the_officer_without_anything_of_it(quiet: World) -> None:
    opening = next(one.event for one in posts("scenario-a") if one.ref == "A00a")
    wrong = AgencyEvent(
        "education.elm-school", "refused-1", opening.type, opening.subject, opening.recorded_at,
        {**opening.data, "author": "education.elm-school/dsl-1"},
    )  # fmt: skip
    assert quiet.post(wrong).status_code == 403
    rows = quiet.get("IGO", "/v1/audit/accesses").json()["accesses"]
    (row,) = [one for one in rows if one["what"] == "post"]
    assert (row["organisation"], row["outcome"], row["rules"]) == (
        "education.elm-school", "refused: poster", ["H-04"],
    )  # fmt: skip
    assert opening.subject not in str(rows)


@pytest.mark.req("R-066", "D-24")
def test_the_front_door_has_an_index_of_what_was_posted_about_an_unknown_child(quiet: World) -> None:
    incident = next(one.event for one in posts("scenario-a") if one.ref == "A19")
    unknown = "local:education.oak-school:p-77"
    posted = AgencyEvent(
        incident.organisation, "unknown-1", incident.type, unknown, incident.recorded_at, incident.data
    )
    assert quiet.post(posted).status_code == 201
    headers = {"Access-Purpose": "referral-screening"}
    mine = quiet.get_as("social-care.s-csc/fd-1", "/v1/me/children").json()["children"]
    (child,) = [one["child"] for one in mine]
    answer = quiet.get_as("social-care.s-csc/fd-1", f"/v1/children/{child}/chronology", headers)
    (entry,) = answer.json()["entries"]
    assert (entry["type"], entry["organisation"]) == ("incident-recorded", "education.oak-school")
    assert entry["fields"] == {}
    assert entry["redactions"][0]["rule"] == "G.00"
    assert quiet.get_as("social-care.n-csc/fd-1", "/v1/me/children").json()["children"] == []


@pytest.mark.req("H-12", "H-14", "D-26", "D-31")
def test_who_saw_a_child_includes_what_was_carried_to_a_linked_childs_worker(world: World) -> None:
    reading = world.get("SW-1001", f"/v1/children/{world.children['C-1001']}/chronology").json()
    overview = world.get("ENQ", f"/v1/children/{world.children['C-1001']}/overview").json()
    query = {"child": "nhs:9990200106"}
    rows = world.get("IGO", "/v1/audit/accesses", **query).json()["accesses"]
    told = {one["disclosure_id"]: one for one in rows}
    assert told[reading["disclosure_id"]]["what"] == "chronology-of-linked-child"
    assert {"D-11", "D-22", "D-03"} & set(told[reading["disclosure_id"]]["rules"]) >= {"D-11", "D-22"}
    assert told[overview["disclosure_id"]]["what"] == "overview-of-linked-child"
    everything = world.get("IGO", "/v1/audit/accesses").json()["accesses"]
    (once,) = [one for one in everything if one["disclosure_id"] == reading["disclosure_id"]]
    assert once["what"] == "chronology"
