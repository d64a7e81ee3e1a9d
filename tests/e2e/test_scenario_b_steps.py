"""Scenario B, event by event: what the gates, open items, meetings and relationships make of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from agencies.scenarios.run import load_scenario
from agencies.sdk.json import JsonObject
from tests.support.scenario import World, empty_world, play_into
from tests.support.scenario_steps import just, line, open_items, played, post_of, types_of

SCENARIO = load_scenario("scenario-b")
LATER = {
    "B02": "K-03 referral of a child under 13",
    "B04": "K-03 stops",
    "B05": "K-03 stops",
    "B06": "K-06 reviewing officer told",
    "B11": "KX-01, K-01; KX-03 starts",
    "B16": "K-06 again; P-13 place set",
    "B18": "K-07",
    "B19": "KX-03 day 15 of 15",
    "B20": "KX-04 core group within 10 working days",
}
"""Rows whose consequence is a clock or a pattern, and is shown with those; the cells are in the matrix."""


@pytest.fixture(scope="module")
def b(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with played(tmp_path_factory.mktemp("scenario-b"), "scenario-b") as world:
        yield world


def test_every_row_of_the_table_is_posted() -> None:
    refs = {one.ref for one in SCENARIO.posts}
    for number in range(1, 25):
        assert any(one.rstrip("r").split("-")[0] == f"B{number:02}" for one in refs), number
    assert set(LATER) <= refs
    moments = [one.event.recorded_at for one in SCENARIO.posts]
    assert moments == sorted(moments)


# Item, child, reader; the post that opens it; the post that closes it.
OPENED_AND_CLOSED = [
    ("R-038", "C-3001", "SW3", "B02", "B05"),
    ("R-038", "C-3002", "SW4", "B03", "B04"),
    ("R-071", "C-3001", "SW3", "B02", "B06"),
    ("R-062", "C-3001", "SW3", "B05", "B08a-1"),
    ("R-062", "C-3002", "SW4", "B04", "B08a-2"),
    ("R-063", "C-3001", "ENQ", "B02", "B08a-2"),
    ("R-102-enquiry", "C-3001", "ENQ", "B11", "B11b-1"),
    ("R-071", "C-3001", "SW3", "B16", "B17"),
    ("R-124", "C-3001", "SW3", "B17b", "B18"),
    ("R-130", "C-3001", "SW3", "B20", "B22"),
    ("R-071", "C-3001", "SW3", "B21", "B20b"),
]


@pytest.mark.req("R-038", "R-071", "R-062", "R-063", "R-102", "R-124", "R-130")
@pytest.mark.parametrize(
    ("item", "child", "reader", "opens", "closes"),
    OPENED_AND_CLOSED,
    ids=[f"{item}-{child}-{opens}-{closes}" for item, child, _, opens, closes in OPENED_AND_CLOSED],
)
def test_an_item_opens_and_closes_with_its_posts(
    b: World, item: str, child: str, reader: str, opens: str, closes: str
) -> None:
    assert item not in open_items(b, reader, child, just(b, opens, -1))
    assert item in open_items(b, reader, child, just(b, opens))
    assert item in open_items(b, reader, child, just(b, closes, -1))
    assert item not in open_items(b, reader, child, just(b, closes))


@pytest.mark.req("R-044")
def test_b08_own_harm_without_an_opportunity_to_talk(b: World) -> None:
    assert "R-044" not in open_items(b, "SW3", "C-3001", just(b, "B08", -1))
    found = open_items(b, "SW3", "C-3001", just(b, "B08"))["R-044"]
    assert (found["agency"], found["since"]) == ("social-care.s-csc", "2025-10-03T13:00:00Z")


@pytest.mark.req("P-10", "R-126")
def test_b08_both_roles(b: World) -> None:
    for reader in ("SW3", "ENQ", "POL", "IRO", "SGU", "YOS"):
        found = line(b, reader, "C-3001", "P-10")
        assert found is not None and found["values"]["own_harm"] == "established"
    assert line(b, "SW3", "C-3001", "P-10", just(b, "B08", -1)) is None
    for reader in ("School3001", "HL", "FC2", "Ther"):
        assert line(b, reader, "C-3001", "P-10") is None


@pytest.mark.req("P-17", "R-178", "D-03")
def test_b11_the_harmed_child_is_not_overshadowed_without_a_word(b: World) -> None:
    found = line(b, "ENQ", "C-3002", "P-17")
    assert found is not None and found["values"]["overshadowed"] == "this-child"
    assert found["values"]["this_child"]["meeting-held"] == 0
    for reader in ("SW4", "SGU"):
        assert line(b, reader, "C-3002", "P-17") is None


@pytest.mark.req("R-063")
def test_b07_a_child_without_a_record_stays_mentioned(b: World) -> None:
    for reader in ("ENQ", "POL"):
        found = line(b, reader, "C-3001", "P-15")
        assert found is not None and found["values"]["count"] == 1
    assert line(b, "SW3", "C-3001", "P-15") is None
    assert line(b, "SW4", "C-3002", "P-15") is None
    at = just(b, "B06", 1)
    before = line(b, "ENQ", "C-3001", "P-15", at)
    assert before is not None and before["values"]["count"] == 1
    after = line(b, "ENQ", "C-3001", "P-15", just(b, "B07"))
    assert after is not None and after["values"]["count"] == 2


@pytest.mark.req("R-067", "H-16")
def test_b09_and_b10_each_child_has_a_worker_of_its_own(b: World) -> None:
    mine = {
        reader: {one["child"] for one in b.get(reader, "/v1/me/children").json()["children"]}
        for reader in ("SW3", "SW4")
    }
    assert mine == {"SW3": {b.children["C-3001"]}, "SW4": {b.children["C-3002"]}}


@pytest.mark.req("R-109", "R-097")
def test_b12_awaits_the_second_signature(tmp_path_factory: pytest.TempPathFactory) -> None:
    with empty_world(tmp_path_factory.mktemp("b12"), scenario="scenario-b") as world:
        play_into(world, SCENARIO.posts, until="B12")
        for reader in ("ENQ", "POL", "SW3"):
            assert open_items(world, reader, "C-3001")["R-109-agreement"]["values"] == {
                "awaiting": ["social-care"]
            }
        assert world.post(post_of(world, "B12b").event).status_code == 201
        for reader in ("ENQ", "POL", "SW3"):
            assert "R-109-agreement" not in open_items(world, reader, "C-3001")


@pytest.mark.req("H-07", "R-109")
def test_b12_awaits_the_second_signature_as_it_was_known_before(b: World) -> None:
    for reader in ("ENQ", "POL", "SW3"):
        then = open_items(b, reader, "C-3001", just(b, "B12"))
        assert then["R-109-agreement"]["values"] == {"awaiting": ["social-care"]}
        assert "R-109-agreement" not in open_items(b, reader, "C-3001", just(b, "B12b"))


@pytest.mark.req("R-097")
def test_b12_is_agreed_to_only_with_the_meeting_and_the_reason(b: World) -> None:
    """The child's own authority knows of the child's own harm; its agreement is what takes effect."""
    event = post_of(b, "B12b").event
    for left_out in ("decided_at_meeting", "reason"):
        data = {name: value for name, value in event.data.items() if name != left_out}
        answer = b.post(replace(event, record=f"B12b-{left_out}", data=data))
        assert (answer.status_code, answer.json()["rule"]) == (403, "R-097")


@pytest.mark.req("R-097", "D-05")
def test_b12_the_order_of_interviews_stays_with_those_who_decide_it(b: World) -> None:
    def planned(reader: str) -> list[dict[str, object]]:
        return [one for one in b.chronology(reader, "C-3001") if one["type"] == "interview-planned"]

    for reader in ("SW3", "ENQ", "POL"):
        assert all(one["fields"]["order"] == ["abe", "pace"] for one in planned(reader))
    for reader, left in (("YOS", {"method": "pace"}), ("IRO", {}), ("SGU", {})):
        found = planned(reader)
        assert found and all(one["fields"] == left and one["redactions"] for one in found)
    for reader in ("School3001", "HL", "Ther", "FC1"):
        assert planned(reader) == []


@pytest.mark.req("R-046")
def test_b13_reaches_very_few_readers(b: World) -> None:
    told = {one for one in b.readers if one != "IGO" and "C-3001" in b.readers[one].children}
    seen = {one for one in told if "adult-involvement-suspected" in types_of(b, one, "C-3001")}
    assert seen == {"ENQ", "POL"}


@pytest.mark.req("R-112")
def test_b14_what_the_therapy_is_stays_with_few(b: World) -> None:
    for reader in ("SW3", "Ther"):
        (found,) = [one for one in b.chronology(reader, "C-3001") if one["type"] == "support-arranged"]
        assert found["fields"]["kind"] == "pre-trial-therapy"
    for reader in ("ENQ", "POL"):
        (found,) = [one for one in b.chronology(reader, "C-3001") if one["type"] == "support-arranged"]
        assert found["fields"] == {} and found["redactions"]
    for reader in ("School3001", "SGU", "HL", "YOS"):
        assert "support-arranged" not in types_of(b, reader, "C-3001")


@pytest.mark.req("R-072")
def test_b15_has_a_row_for_every_child_of_the_placement(b: World) -> None:
    entry = next(
        one for one in b.chronology("SW3", "C-3001") if one["type"] == "contact-children-risk-assessed"
    )
    rows = [(row["other"], row["outcome"]) for row in entry["fields"]["children"]]
    assert rows == [(1, "action-needed"), (2, "assessed")]
    assert len({one["token"] for one in entry["fields"]["others"]}) == 2
    assert "R-072" not in open_items(b, "SW3", "C-3001", just(b, "B15"))
    # Another placement, with nobody considered there yet.
    assert "R-072" in open_items(b, "SW3", "C-3001", just(b, "B16"))


@pytest.mark.req("G.00", "H-16")
def test_b16_the_first_home_loses_the_child_and_the_second_gains_it(b: World) -> None:
    children = {
        reader: {one["child"] for one in b.get(reader, "/v1/me/children").json()["children"]}
        for reader in ("FC1", "FC2")
    }
    assert children == {"FC1": {b.children["C-3002"]}, "FC2": {b.children["C-3001"]}}
    assert types_of(b, "FC1", "C-3001") == []


@pytest.mark.req("R-127", "R-135")
def test_b18_the_conference_has_the_people_it_asked(b: World) -> None:
    answer = b.get("SW3", f"/v1/children/{b.children['C-3001']}/meetings")
    assert answer.status_code == 200
    found = {one["meeting"]: one for one in answer.json()["meetings"]}
    assert {"B-S1", "B-ICPC", "B-CG1"} <= found.keys()


@pytest.mark.req("R-126", "R-132")
def test_b19_both_roles_in_one_conference_need_no_second_meeting(
    b: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert not {"R-132", "R-139", "R-114"} & open_items(b, "SW3", "C-3001").keys()
    held = post_of(b, "B19")
    changed: dict[str, JsonObject] = {
        "both": {"outcome": "no-plan"},
        "one": {"outcome": "no-plan", "addresses": ["has-been-harmed"]},
        "unsaid": {"outcome": "no-plan", "stated_at_outset": False},
    }
    known = replace(
        held.event,
        record="level",
        type="behaviour-level-assessed",
        data={
            **{name: held.event.data[name] for name in ("occurred_at", "precision", "author")},
            "scale": "hackett-5",
            "level": "problematic",
        },
    )
    before = SCENARIO.posts[: SCENARIO.posts.index(held)]
    open_at_end = {}
    for name, change in changed.items():
        event = replace(held.event, data={**held.event.data, **change})
        with played(
            tmp_path_factory.mktemp(name),
            "scenario-b",
            [*before, replace(held, event=known), replace(held, event=event)],
            "2025-11-14T09:00:00+00:00",
        ) as world:
            open_at_end[name] = "R-132" in open_items(world, "SW3", "C-3001")
            (entry,) = [
                one
                for one in world.hub.views.child(world.children["C-3001"]).entries
                if one.type == "conference-held"
            ]
            # Its own harm is known from what was considered, not from an incident on its record.
            assert ("R-126" in entry.flags) is open_at_end[name]
    assert open_at_end == {"both": False, "one": True, "unsaid": True}


@pytest.mark.req("R-130")
def test_b22_a_core_group_without_its_three_topics_is_told_so(b: World) -> None:
    event = post_of(b, "B22").event
    for missing in ("behaviour", "risk-to-others", "plan-concerns"):
        topics = [one for one in ("behaviour", "risk-to-others", "plan-concerns") if one != missing]
        data = {**event.data, "topics": topics, "meeting": f"B-CG-{missing}"}
        answer = b.post(replace(event, record=f"B22-{missing}", data=data))
        assert "R-130" in {one["rule"] for one in answer.json()["claims"]["warnings"]}
    whole = b.post(replace(event, record="B22-whole", data={**event.data, "meeting": "B-CG-whole"}))
    assert "R-130" not in {one["rule"] for one in whole.json()["claims"]["warnings"]}


@pytest.mark.req("R-058")
def test_b23_the_childs_wish_reaches_its_worker_and_not_the_first_home(b: World) -> None:
    assert "child-voice-recorded" in types_of(b, "SW3", "C-3001")
    for reader in ("FC1", "FC2", "School3001", "YOS"):
        assert "child-voice-recorded" not in types_of(b, reader, "C-3001")
