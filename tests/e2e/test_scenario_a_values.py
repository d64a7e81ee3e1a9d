"""What holds at the end of scenario A, reader by reader, and at the earlier instants it names."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.scenario import READERS, World

Json = dict[str, Any]
SIX = ("SW-2001", "ENQ", "POL", "YJS", "SGU-S", "Oak")
CASES = [(name, child) for name, reader in READERS.items() for child in reader.children if name != "IGO"]


def line(overview: Json, rule: str) -> Json | None:
    found = [one for one in overview["lines"] if one["rule"] == rule]
    assert len(found) <= 1
    return found[0] if found else None


def rules(overview: Json) -> list[str]:
    return [one["rule"] for one in overview["lines"]]


def clock(overview: Json, name: str) -> list[Json]:
    return [one for one in overview["deadlines"] if one["clock"] == name]


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London"))


def at(text: str | None) -> datetime:
    assert text is not None
    return datetime.fromisoformat(text)


def test_every_line_rests_on_entries_that_the_reader_has(world: World) -> None:
    for name, child in CASES:
        held = {one["entry_id"] for one in world.chronology(name, child)}
        for other in READERS[name].children:
            held |= {one["entry_id"] for one in world.chronology(name, other)}
        overview = world.overview(name, child)
        for one in (*overview["lines"], *overview["deadlines"]):
            assert set(one["evidence"]) <= held, (name, one)


# --- clocks -----------------------------------------------------------------------------------------


@pytest.mark.req("K-01", "R-077")
@pytest.mark.parametrize("reader", ["ENQ", "POL"])
@pytest.mark.parametrize("child", ["C-1001", "C-2001"])
def test_k01_from_both_folds(world: World, reader: str, child: str) -> None:
    (found,) = clock(world.overview(reader, child), "K-01")
    assert at(found["starts_at"]) == london("2025-09-12T15:40")
    assert at(found["warn_at"]) == london("2025-09-14T15:40")
    assert at(found["due_at"]) == london("2025-09-15T15:40")
    assert at(found["times"]["arranged_at"]) == london("2025-09-15T10:10")
    assert at(found["times"]["held_at"]) == london("2025-09-15T14:30")
    assert found["state"] == "met"


@pytest.mark.req("K-01", "R-077", "H-20")
@pytest.mark.parametrize(
    ("reader", "child", "starts", "due", "held"),
    [
        ("SW-1001", "C-1001", "2025-09-12T15:40", "2025-09-15T15:40", "2025-09-15T13:00"),
        ("SW-2001", "C-2001", "2025-09-12T16:20", "2025-09-15T16:20", "2025-09-15T14:30"),
        ("SGU-S", "C-2001", "2025-09-12T16:20", "2025-09-15T16:20", "2025-09-15T14:30"),
    ],
)
def test_k01_from_one_child_alone(
    world: World, reader: str, child: str, starts: str, due: str, held: str
) -> None:
    (found,) = clock(world.overview(reader, child), "K-01")
    assert at(found["starts_at"]) == london(starts)
    assert at(found["due_at"]) == london(due)
    assert at(found["times"]["arranged_at"]) == london("2025-09-15T10:10")
    assert at(found["times"]["held_at"]) == london(held)


@pytest.mark.req("K-01", "K-03", "K-12")
def test_clocks_that_are_not_given(world: World) -> None:
    for reader, child in (("Elm", "C-1001"), ("HL-1001", "C-1001"), ("Oak", "C-2001"), ("YJS", "C-2001")):
        assert not clock(world.overview(reader, child), "K-01")
    for reader, child in CASES:
        overview = world.overview(reader, child)
        assert not clock(overview, "K-03")
        assert not clock(overview, "K-12")


@pytest.mark.req("K-10", "R-143")
@pytest.mark.parametrize("reader", ["SW-2001", "ENQ", "POL", "YJS", "SGU-S"])
def test_k10_runs_with_two_reviews(world: World, reader: str) -> None:
    found = clock(world.overview(reader, "C-2001"), "K-10")
    assert [one["due_on"] for one in found] == ["2026-01-06", "2026-04-06"]
    assert {one["state"] for one in found} == {"running"}
    assert at(found[0]["warn_at"]) == london("2025-12-23T00:00")
    assert {(one["responsible"], one["responsible_person"]) for one in found} == {
        ("social-care.s-csc", "social-care.s-csc/sw-s1")
    }


@pytest.mark.req("K-10", "D-08")
def test_a_school_gets_the_date_of_the_review_only(world: World) -> None:
    (found,) = clock(world.overview("Oak", "C-2001"), "K-10")
    assert found["due_on"] == "2026-01-06"
    for hidden in ("state", "starts_at", "warn_at", "due_at", "responsible", "responsible_person"):
        assert found[hidden] is None
    assert found["times"] == {}


# --- overview lines ---------------------------------------------------------------------------------


@pytest.mark.req("P-01", "R-175")
@pytest.mark.parametrize("reader", ["SW-1001", "ENQ", "POL", "Elm", "HL-1001"])
def test_p01_of_the_child_who_has_been_harmed(world: World, reader: str) -> None:
    found = line(world.overview(reader, "C-1001"), "P-01")
    assert found is not None
    assert (found["values"]["count"], found["values"]["first"]) == (1, "2025-09-10")
    assert found["values"]["levels"] == []


LEVELS = [
    ("education.oak-school", "inappropriate", "2025-02"),
    ("education.oak-school", "problematic", "2025-06-18"),
    ("education.oak-school", "inappropriate", "2025-09-10"),
    ("police.n-police", "abusive", "2025-09-10"),
    ("social-care.s-csc", "problematic", "2025-09-10"),
]


@pytest.mark.req("P-01", "R-175", "R-021")
@pytest.mark.parametrize("reader", SIX)
def test_p01_of_the_child_who_has_harmed(world: World, reader: str) -> None:
    found = line(world.overview(reader, "C-2001"), "P-01")
    assert found is not None
    values = found["values"]
    assert (values["count"], values["first"], values["last"]) == (3, "2025-02", "2025-09-10")
    assert {one["scale"] for one in values["levels"]} == {"hackett-5"}
    assert [(one["organisation"], one["level"], one["incident_at"]) for one in values["levels"]] == LEVELS


@pytest.mark.req("P-02", "R-176")
@pytest.mark.parametrize("reader", SIX)
@pytest.mark.parametrize(
    ("as_at", "last_from", "previous_from"),
    [("", "2025-05-24", "2024-11-25"), ("2025-09-16T11:05:00+01:00", "2025-03-20", "2024-09-21")],
)
def test_p02_two_and_one(world: World, reader: str, as_at: str, last_from: str, previous_from: str) -> None:
    found = line(world.overview(reader, "C-2001", as_at), "P-02")
    assert found is not None
    values = found["values"]
    assert (values["last"], values["previous"]) == (2, 1)
    assert (values["last_from"], values["previous_from"]) == (last_from, previous_from)
    assert len(found["evidence"]) == 3


@pytest.mark.req("P-03", "R-176")
@pytest.mark.parametrize("reader", SIX)
def test_p03_and_its_history(world: World, reader: str) -> None:
    def told(as_at: str = "") -> tuple[str, str, str, str] | None:
        found = line(world.overview(reader, "C-2001", as_at), "P-03")
        if found is None:
            return None
        values = found["values"]
        return values["level"], values["organisation"], values["earlier_level"], values["earlier_incident_at"]

    assert told() == ("abusive", "police.n-police", "problematic", "2025-06-18")
    assert told("2025-09-16T11:06:00+01:00") is None
    first = ("problematic", "education.oak-school", "inappropriate", "2025-02")
    assert told("2025-09-16T11:07:00+01:00") == first
    assert told("2025-09-16T11:59:00+01:00") == first
    assert told("2025-09-16T12:00:00+01:00") is None
    assert told("2025-09-17T09:29:00+01:00") is None
    assert told("2025-09-17T09:30:00+01:00") == ("abusive", "police.n-police", "problematic", "2025-06-18")


@pytest.mark.req("P-07", "R-179")
@pytest.mark.parametrize("reader", SIX)
def test_p07_levels_differ(world: World, reader: str) -> None:
    found = line(world.overview(reader, "C-2001"), "P-07")
    assert found is not None
    values = found["values"]
    assert (values["span"], values["agencies"]) == (2, 3)
    assert {(one["organisation"], one["level"]) for one in values["levels"]} == {
        ("education.oak-school", "inappropriate"),
        ("police.n-police", "abusive"),
        ("social-care.s-csc", "problematic"),
    }


KNOWS_1001 = {"education", "police", "social-care"}


@pytest.mark.req("P-06", "R-180", "R-074", "R-199", "D-37")
@pytest.mark.parametrize(
    ("reader", "child", "knows", "told", "neither"),
    [
        ("Elm", "C-1001", {"education", "social-care"}, {"police"}, None),
        ("HL-1001", "C-1001", {"education", "social-care"}, {"health"}, None),
        ("SW-2001", "C-2001", KNOWS_1001, {"youth-justice"}, {"health"}),
        ("ENQ", "C-2001", KNOWS_1001, {"youth-justice"}, {"health"}),
        ("POL", "C-2001", KNOWS_1001, {"youth-justice"}, {"health"}),
        ("Oak", "C-2001", KNOWS_1001, {"youth-justice"}, None),
        ("YJS", "C-2001", KNOWS_1001, {"youth-justice"}, None),
        ("SGU-S", "C-2001", KNOWS_1001, {"youth-justice"}, None),
    ],
)
def test_p06_who_knows_who_was_told(
    world: World, reader: str, child: str, knows: set[str], told: set[str], neither: set[str] | None
) -> None:
    found = line(world.overview(reader, child), "P-06")
    assert found is not None
    assert set(found["values"]["knows"]) == knows
    assert set(found["values"].get("told", [])) == told
    assert ("neither" in found["values"]) == (neither is not None)
    if neither is not None:
        assert set(found["values"]["neither"]) == neither


@pytest.mark.req("P-06", "H-12")
@pytest.mark.parametrize("reader", ["SW-1001", "ENQ", "POL"])
def test_p06_health_is_told_once_it_has_read(world: World, reader: str) -> None:
    before = line(world.overview(reader, "C-1001", "2025-09-17T12:00:00+01:00"), "P-06")
    assert before is not None
    assert set(before["values"]["neither"]) == {"health", "youth-justice"}
    assert world.get("HL-1001", f"/v1/children/{world.children['C-1001']}/chronology").status_code == 200
    after = line(world.overview(reader, "C-1001"), "P-06")
    assert after is not None
    assert set(after["values"]["told"]) == {"health"}
    assert set(after["values"]["neither"]) == {"youth-justice"}


@pytest.mark.req("P-13", "R-141", "H-20")
def test_p13_the_place_that_no_plan_covers(world: World) -> None:
    for reader in SIX:
        found = line(world.overview(reader, "C-2001"), "P-13")
        if reader in ("Oak", "SGU-S"):
            assert found is None
            continue
        assert found is not None
        assert "youth club" in found["text"]
    for reader in ("SW-1001", "ENQ", "POL", "Elm", "HL-1001"):
        assert line(world.overview(reader, "C-1001"), "P-13") is None


@pytest.mark.req("P-15", "R-063", "H-20")
@pytest.mark.parametrize(
    ("as_at", "count"),
    [
        ("2025-09-12T16:00:00+01:00", 1),
        ("2025-09-12T18:00:00+01:00", 1),
        ("2025-09-15T10:04:00+01:00", 1),
        ("2025-09-15T10:05:00+01:00", None),
        ("", None),
    ],
)
def test_p15_a_child_mentioned_without_an_assessment(world: World, as_at: str, count: int | None) -> None:
    for reader in ("ENQ", "POL"):
        found = line(world.overview(reader, "C-1001", as_at), "P-15")
        assert (found and found["values"]["count"]) == count
    for reader in ("SW-1001", "Elm", "HL-1001"):
        assert line(world.overview(reader, "C-1001", as_at), "P-15") is None


@pytest.mark.req("P-15")
def test_p15_is_no_question_on_the_other_child_at_the_end(world: World) -> None:
    for reader in SIX:
        assert line(world.overview(reader, "C-2001"), "P-15") is None


@pytest.mark.req("P-27", "R-010")
@pytest.mark.parametrize("as_at", ["2025-09-12T15:25:00+01:00", "2025-09-12T15:44:00+01:00"])
@pytest.mark.parametrize("reader", ["SW-1001", "ENQ", "POL", "Elm"])
def test_p27_safety_not_yet_recorded(world: World, reader: str, as_at: str) -> None:
    found = line(world.overview(reader, "C-1001", as_at), "P-27")
    assert found is not None
    assert "Not yet recorded" in found["text"]


@pytest.mark.req("P-27", "R-010")
def test_p27_before_and_after(world: World) -> None:
    for reader in ("SW-1001", "ENQ", "POL", "Elm"):
        assert line(world.overview(reader, "C-1001", "2025-09-12T15:24:00+01:00"), "P-27") is None
        for as_at in ("2025-09-12T15:45:00+01:00", ""):
            found = line(world.overview(reader, "C-1001", as_at), "P-27")
            assert found is not None
            assert found["values"]["safe_stated"] is True
    for reader in SIX:
        assert line(world.overview(reader, "C-2001"), "P-27") is None


@pytest.mark.req("P-22", "R-049", "R-061")
def test_p22_the_lag_of_the_school_is_shown_to_those_who_have_both_posts(world: World) -> None:
    for reader in ("SW-1001", "ENQ", "POL", "Elm"):
        assert line(world.overview(reader, "C-1001", "2025-09-12T15:39:00+01:00"), "P-22") is None
        found = line(world.overview(reader, "C-1001"), "P-22")
        assert found is not None and found["values"]["minutes"] == 30
    assert line(world.overview("HL-1001", "C-1001"), "P-22") is None


@pytest.mark.req("P-05", "R-011", "H-20")
def test_p05_how_many_children_is_for_readers_entitled_to_the_count(world: World) -> None:
    for reader in ("SW-2001", "ENQ", "POL", "YJS", "SGU-S"):
        found = line(world.overview(reader, "C-2001"), "P-05")
        assert found is not None and found["values"]["count"] == 1
    assert line(world.overview("Oak", "C-2001"), "P-05") is None


@pytest.mark.req("P-18", "R-162")
def test_p18_police_do_not_act_alone(world: World) -> None:
    for child, reader in (("C-1001", "SW-1001"), ("C-2001", "SW-2001"), ("C-2001", "ENQ"), ("C-1001", "POL")):
        for as_at in ("2025-09-26T12:00:00+01:00", ""):
            assert line(world.overview(reader, child, as_at), "P-18") is None


@pytest.mark.req("H-20", "D-08", "P-01", "P-02", "P-03", "P-06", "P-07", "K-10")
def test_the_overview_of_oak_is_complete(world: World) -> None:
    overview = world.overview("Oak", "C-2001")
    assert sorted(rules(overview)) == ["P-01", "P-02", "P-03", "P-06", "P-07"]
    assert [(one["clock"], one["due_on"]) for one in overview["deadlines"]] == [("K-10", "2026-01-06")]


@pytest.mark.req("H-20", "D-31", "D-22", "D-03", "R-068")
def test_the_overview_of_the_harmed_childs_worker_is_complete(world: World) -> None:
    overview = world.overview("SW-1001", "C-1001")
    assert sorted(set(rules(overview))) == ["D-03", "D-11", "D-22", "P-01", "P-06", "P-22", "P-27"]
    assert [(one["clock"], one["state"]) for one in overview["deadlines"]] == [
        ("K-01", "met"), ("K-02", "met"), ("KX-01", "met"), ("KX-02", "missed"), ("KX-03", "missed"),
    ]  # fmt: skip
    carried = {
        (one["values"]["code"], one["values"]["on"]) for one in overview["lines"] if one["rule"] == "D-11"
    }
    assert carried == {
        ("linked-incident-recorded", "2025-09-12"),
        ("investigation-opened", "2025-09-12"),
        ("plan-changed", "2025-10-06"),
        ("no-contact", "2025-10-06"),
        ("separate-travel", "2025-10-06"),
        ("criminal-matters-ended", "2025-11-14"),
    }
    receipt = line(overview, "D-22")
    assert receipt is not None
    assert receipt["values"]["outcome_decided_on"] == "2025-09-15"
    linked = line(overview, "D-03")
    assert linked is not None
    assert "inked to another child's record" in linked["text"]
    # Entry ids and tokens are random letters, in which any short word can stand.
    told = re.sub(
        r"\b(?:e|other)-[a-z2-7]{20,32}", "", str(overview) + str(world.chronology("SW-1001", "C-1001"))
    )
    for unseen in ("youth", "youth-club", "hackett", "abusive", "2025-06-18", "oak-school"):
        assert unseen not in told.replace("youth justice", "").replace("youth-justice", "").lower()


@pytest.mark.req("D-13", "H-15")
def test_the_officer_gets_no_findings(world: World) -> None:
    for child in ("C-1001", "C-2001"):
        overview = world.overview("IGO", child)
        assert (overview["lines"], overview["deadlines"]) == ([], [])


# --- other consequences -----------------------------------------------------------------------------


@pytest.mark.req("H-05", "R-181", "R-061")
def test_late_posts_sort_when_they_happened_and_say_so(world: World) -> None:
    entries = [one for one in world.chronology("SW-2001", "C-2001") if one["type"] == "incident-recorded"]
    assert [(one["occurred_at"], one["recorded_late"]) for one in entries] == [
        ("2025-02", True),
        ("2025-06-18", True),
        ("2025-09-10", False),
    ]
    assert world.chronology("SW-2001", "C-2001")[0]["occurred_at"] == "2025-02"


@pytest.mark.req("H-05", "R-001")
def test_the_entry_of_the_provisional_stream_reads_on_the_child(world: World) -> None:
    (entry,) = [
        one
        for one in world.chronology("SW-2001", "C-2001")
        if one["type"] == "setting-risk-assessment-recorded"
    ]
    assert entry["fields"]["parts"] == [2]
    assert entry["age_at_event"] == 15
    others = [o for e in world.chronology("POL", "C-1001") for o in e["fields"].get("others", [])]
    assert world.children["C-2001"] in {one.get("child") for one in others}


@pytest.mark.req("R-052")
def test_part_2_stands_on_the_other_child_only(world: World) -> None:
    (entry,) = [
        one
        for one in world.chronology("SW-1001", "C-1001")
        if one["type"] == "setting-risk-assessment-recorded"
    ]
    assert entry["fields"]["parts"] == [1, 3]
    assert "part_2" not in entry["fields"]


@pytest.mark.req("D-30", "D-22", "H-08")
def test_who_posted_keeps_sight_of_it_as_posted(world: World) -> None:
    assert set(world.mine("education.elm-school")) == {"A01", "A02", "A03", "A03b", "A04"}
    posts = world.as_system("social-care.n-csc", "/v1/events", mine="", limit="200")["posts"]
    text = str(posts)
    assert "CANARY" in text


@pytest.mark.req("R-161", "R-008")
def test_the_end_of_the_criminal_path_closes_nothing(world: World) -> None:
    assert world.chronology("SW-2001", "C-2001")[-1]["occurred_at"].startswith("2025-11-20")
    assert [one["state"] for one in clock(world.overview("SW-2001", "C-2001"), "K-10")] == ["running"] * 2


@pytest.mark.req("H-16", "G.00")
def test_everybody_sees_its_own_relationships_and_nobody_elses(world: World) -> None:
    for name, reader in READERS.items():
        if name == "IGO":
            continue
        answer = world.get(name, "/v1/me/children")
        assert answer.status_code == 200
        found = {one["child"]: one["relationships"] for one in answer.json()["children"]}
        assert found.keys() == {world.children[child] for child in reader.children}, name
        assert all(found.values())
