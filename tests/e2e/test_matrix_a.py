"""Matrix G.A, every cell, through HTTP: what each reader gets of each item at the end of scenario A."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support import matrix_remains
from tests.support.matrix_remains import as_rest, told
from tests.support.scenario import READERS, World

LONDON = ZoneInfo("Europe/London")
Entry = dict[str, Any]

# item -> (child, event type, recorded at in London time)
ITEMS = {
    "A01": ("C-1001", "initial-account-recorded", "2025-09-12T15:10"),
    "A02": ("C-1001", "incident-recorded", "2025-09-12T15:25"),
    "A03 part 1": ("C-1001", "setting-risk-assessment-recorded", "2025-09-12T15:30"),
    "A03 part 2": ("C-2001", "setting-risk-assessment-recorded", "2025-09-12T15:32"),
    "A05": ("C-1001", "immediate-safety-measure-recorded", "2025-09-12T15:45"),
    "A06": ("C-2001", "referral-made", "2025-09-12T16:20"),
    "A07": ("C-2001", "incident-recorded", "2025-09-12T16:50"),
    "A08": ("C-2001", "criminal-investigation-decided", "2025-09-12T17:30"),
    "A13": ("C-1001", "meeting-held", "2025-09-15T13:00"),
    "A14": ("C-2001", "meeting-held", "2025-09-15T14:30"),
    "A19": ("C-2001", "incident-recorded", "2025-09-16T11:00"),
    "A20": ("C-2001", "incident-recorded", "2025-09-16T11:05"),
    "A22": ("C-2001", "behaviour-level-assessed", "2025-09-17T09:30"),
    "A23": ("C-1001", "interview-held", "2025-09-17T10:00"),
    "A25": ("C-2001", "interview-held", "2025-09-18T10:00"),
    "A27": ("C-2001", "specialist-assessment-decided", "2025-09-19T15:30"),
    "A32": ("C-2001", "risk-management-plan-recorded", "2025-10-06T11:00"),
    "A33": ("C-2001", "criminal-outcome-recorded", "2025-11-14T15:00"),
    "LK-A on C-1001": ("C-1001", "incident-linked", "2025-09-12T17:35"),
    "LK-A on C-2001": ("C-2001", "incident-linked", "2025-09-12T17:35"),
}
# (item, reader) -> the coded lines that are all that remains of it; on which child the reader reads them
LINES = {
    ("A03 part 2", "Oak"): ("C-2001", {"safety-measure"}),
    ("A06", "SW-1001"): ("C-1001", {"referral-receipt"}),
    ("A08", "SW-1001"): ("C-1001", {"investigation-opened"}),
    ("A08", "Oak"): ("C-2001", {"police-involved"}),
    ("A32", "SW-1001"): ("C-1001", {"plan-changed", "safety-measure-for-linked-child"}),
    ("A33", "SW-1001"): ("C-1001", {"criminal-matters-ended"}),
    ("A33", "Oak"): ("C-2001", {"plan-continues"}),
    ("LK-A on C-1001", "SW-1001"): ("C-1001", {"linked-record"}),
    ("LK-A on C-2001", "SW-2001"): ("C-2001", {"linked-record"}),
    ("LK-A on C-2001", "SGU-S"): ("C-2001", {"linked-record"}),
}
ORDER = ("SW-1001", "SW-2001", "ENQ", "POL", "Elm", "Oak", "YJS", "HL-1001", "SGU-S", "IGO")
MATRIX = {
    "A01": "V H V V V H H R H R",
    "A03 part 1": "V H V V V H H H H R",
    "A03 part 2": "H V V V V R R H R R",
    "A05": "V H V V V H H V H R",
    "A06": "R V V V H H H H V R",
    "A08": "R V V V H R V H R R",
    "A13": "V H V V V H H H H R",
    "A14": "H V V V H V V H V R",
    "A19": "H V V V H V V H V R",
    "A20": "H V V V H V V H V R",
    "A22": "H V V V H R V H R R",
    "A23": "V H V V R H H R H R",
    "A25": "H V V V H H V H R R",
    "A27": "H V V R H R V H V R",
    "A32": "R V V V H R V H R R",
    "A33": "R V V V H R V H R R",
    "LK-A on C-1001": "R H V V H H H H H R",
    "LK-A on C-2001": "H R V V H H H H R R",
}
CELLS = [
    (item, reader, cell)
    for item, row in MATRIX.items()
    for reader, cell in zip(ORDER, row.split(), strict=True)
]


def entries(world: World, reader: str, child: str) -> list[Entry]:
    """All pages of a reader's chronology of a child; none where the hub answers not-found."""
    return world.chronology(reader, child)


def matching(world: World, reader: str, item: str) -> list[Entry]:
    child, event_type, recorded = ITEMS[item]
    instant = datetime.fromisoformat(recorded).replace(tzinfo=LONDON)
    return [
        one
        for one in entries(world, reader, child)
        if one["type"] == event_type and datetime.fromisoformat(one["recorded_at"]) == instant
    ]


def lines(world: World, reader: str, child: str) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for one in entries(world, reader, child):
        code = one.get("line")
        if code:
            found.setdefault(code, []).append(one)
    return found


def cell_of(world: World, reader: str, item: str) -> str:
    found = matching(world, reader, item)
    if found:
        assert len(found) == 1
        return "R" if found[0]["redactions"] else "V"
    if (item, reader) in LINES:
        child, codes = LINES[item, reader]
        return "R" if codes <= lines(world, reader, child).keys() else "H"
    if item == "A03 part 2" and reader == "Elm":
        return "V" if any(ref == "A03b" for ref in world.mine("education.elm-school")) else "H"
    return "H"


@pytest.mark.req(
    "D-01", "D-04", "D-05", "D-08", "D-09", "D-10", "D-11", "D-13", "D-18", "D-19", "D-21", "D-22", "D-26",
    "D-30", "D-31", "D-32", "D-36", "D-37", "D-41", "D-49", "D-51", "D-56", "H-08", "R-011", "R-082",
)  # fmt: skip
@pytest.mark.parametrize(("item", "reader", "cell"), CELLS, ids=[f"{i}-{r}" for i, r, _ in CELLS])
def test_cell(world: World, item: str, reader: str, cell: str) -> None:
    assert cell_of(world, reader, item) == cell


def only(world: World, reader: str, item: str) -> Entry:
    (found,) = matching(world, reader, item)
    return found


def rules(entry: Entry) -> set[str]:
    return {one["rule"] for one in entry["redactions"]}


IN_PART = [(item, reader) for item, reader, cell in CELLS if cell == "R" and reader != "IGO"]


@pytest.mark.req("H-11")
def test_the_second_table_speaks_of_every_cell_in_part() -> None:
    assert matrix_remains.A.keys() == {*IN_PART}


@pytest.mark.req(
    "D-03", "D-05", "D-08", "D-09", "D-10", "D-11", "D-19", "D-22", "D-26", "D-31", "D-34", "D-36", "D-37",
    "D-49", "D-51", "D-53", "H-11",
)  # fmt: skip
@pytest.mark.parametrize(("item", "reader"), IN_PART, ids=[f"{i}-{r}" for i, r in IN_PART])
def test_what_remains(world: World, item: str, reader: str) -> None:
    """Exactly the title, the fields, who posted it, the rules and whom to ask of the second table."""
    if (item, reader) in LINES:
        child, codes = LINES[item, reader]
        found = [one for code in codes for one in lines(world, reader, child)[code]]
    else:
        found = matching(world, reader, item)
    assert told([as_rest(one) for one in found]) == told(matrix_remains.A[item, reader])


@pytest.mark.req("D-09", "H-11")
def test_what_remains_of_the_account_for_health(world: World) -> None:
    entry = only(world, "HL-1001", "A01")
    assert entry["title"] == "Account recorded"
    assert entry["organisation"] == "education.elm-school"
    assert entry["fields"] == {}
    assert rules(entry) == {"D-09"}
    assert "social-care.n-csc/sw-n1" in entry["redactions"][0]["ask"]


@pytest.mark.req("D-11")
def test_what_remains_of_part_2_for_the_own_school_is_its_safety_lines(world: World) -> None:
    found = lines(world, "Oak", "C-2001")["safety-measure"]
    assert {(one["fields"]["for"], one["fields"]["code"]) for one in found} == {
        ("school", "supervision"),
        ("transport", "separate-travel"),
    }
    for one in found:
        assert (one["organisation"], one["recorded_at"], one["precision"]) == (None, None, "day")
        assert rules(one) == {"D-11"}
        assert "social-care.s-csc/sw-s1" in one["redactions"][0]["ask"]


@pytest.mark.req("D-10", "D-53")
@pytest.mark.parametrize("reader", ["YJS", "SGU-S"])
def test_part_2_is_whole_but_its_sender_is_withheld(world: World, reader: str) -> None:
    entry = only(world, reader, "A03 part 2")
    assert "CANARY" in entry["fields"]["part_2"]
    assert entry["organisation"] == "a school"
    assert rules(entry) == {"D-10"}
    assert "elm-school" not in str(entry).lower()


@pytest.mark.req("D-22", "D-26")
def test_the_receipt_of_the_referral_is_carried(world: World) -> None:
    (line,) = lines(world, "SW-1001", "C-1001")["referral-receipt"]
    assert line["fields"]["received_on"] == "2025-09-12"
    assert line["fields"]["outcome_decided_on"] == "2025-09-15"
    assert rules(line) == {"D-22"}
    assert "front door (social-care.s-csc)" in line["redactions"][0]["ask"]


@pytest.mark.req("D-31", "D-36")
@pytest.mark.parametrize(
    ("reader", "child", "code", "day", "rule"),
    [
        ("SW-1001", "C-1001", "linked-incident-recorded", "2025-09-12", "D-11"),
        ("SW-1001", "C-1001", "investigation-opened", "2025-09-12", "D-11"),
        ("SW-1001", "C-1001", "plan-changed", "2025-10-06", "D-11"),
        ("SW-1001", "C-1001", "criminal-matters-ended", "2025-11-14", "D-11"),
        ("SW-1001", "C-1001", "linked-record", "2025-09-12", "D-03"),
        ("Oak", "C-2001", "police-involved", "2025-09-12", "D-05"),
        ("Oak", "C-2001", "plan-continues", "2025-11-14", "D-05"),
    ],
)
def test_a_coded_fact_has_its_day_and_its_rule_only(
    world: World, reader: str, child: str, code: str, day: str, rule: str
) -> None:
    (line,) = lines(world, reader, child)[code]
    assert (line["occurred_at"], line["precision"], line["organisation"]) == (day, "day", None)
    assert line["received_at"] is None
    assert line["recorded_at"] is None
    assert rules(line) == {rule}


@pytest.mark.req("D-31", "R-068")
def test_earlier_incidents_of_the_other_child_are_not_carried(world: World) -> None:
    assert len(lines(world, "SW-1001", "C-1001")["linked-incident-recorded"]) == 1


@pytest.mark.req("D-31")
def test_the_other_childs_plan_gives_its_measures_for_this_child(world: World) -> None:
    found = lines(world, "SW-1001", "C-1001")["safety-measure-for-linked-child"]
    assert {one["fields"]["code"] for one in found} == {"no-contact", "separate-travel"}


@pytest.mark.req("D-05", "D-34")
@pytest.mark.parametrize(
    ("item", "fields"),
    [("A08", {"decision": "investigate"}), ("A33", {"outcome": "nfa-evidence"}), ("A25", {})],
)
def test_what_remains_of_police_facts_for_the_safeguarding_unit(
    world: World, item: str, fields: dict[str, str]
) -> None:
    entry = only(world, "SGU-S", item)
    assert (entry["fields"], entry["organisation"]) == (fields, None)
    assert rules(entry) == {"D-05"}
    assert "police.n-police" in entry["redactions"][0]["ask"]


@pytest.mark.req("D-05", "R-179")
@pytest.mark.parametrize("reader", ["Oak", "SGU-S"])
def test_the_police_level_shows_without_its_basis(world: World, reader: str) -> None:
    entry = only(world, reader, "A22")
    assert entry["organisation"] == "police.n-police"
    assert (entry["fields"]["scale"], entry["level"]) == ("hackett-5", "abusive")
    assert "indicators" in entry["fields"]
    assert "basis" not in entry["fields"]
    assert rules(entry) == {"D-05"}
    assert "police.n-police" in entry["redactions"][0]["ask"]


@pytest.mark.req("D-37")
@pytest.mark.parametrize("reader", ["Elm", "HL-1001"])
def test_of_the_interview_the_school_and_health_get_the_date(world: World, reader: str) -> None:
    entry = only(world, reader, "A23")
    assert (entry["title"], entry["fields"], entry["organisation"]) == ("Interview held", {}, None)
    assert rules(entry) == {"D-05"}
    assert "sw-n1" in entry["redactions"][0]["ask"]


@pytest.mark.req("D-49", "D-19")
def test_what_remains_of_the_decision_to_assess(world: World) -> None:
    police, school = only(world, "POL", "A27"), only(world, "Oak", "A27")
    assert police["fields"] == {"decision": "yes"}
    assert (school["title"], school["fields"]) == ("Assessment planned", {})
    assert rules(police) == rules(school) == {"D-19"}
    assert "sw-s1" in police["redactions"][0]["ask"]


@pytest.mark.req("D-08", "D-52")
def test_what_remains_of_the_plan(world: World) -> None:
    school, unit = only(world, "Oak", "A32"), only(world, "SGU-S", "A32")
    assert set(school["fields"]) == {"responsible_organisation", "next_review", "places"}
    assert [one["organisation"] for one in school["fields"]["places"]] == ["education.oak-school"]
    assert rules(school) == rules(unit) == {"D-08"}
    assert unit["fields"]["parts"].keys() == {"accountability", "needs", "protection", "future_risk"}
    assert all(set(one) == {"kind"} for one in unit["fields"]["places"])
    assert not {"education", "accommodation", "measures"} & unit["fields"].keys()


@pytest.mark.req("D-56")
def test_what_remains_of_an_incident_for_school_and_health(world: World) -> None:
    for reader, item in (("HL-1001", "A02"), ("Oak", "A07")):
        entry = only(world, reader, item)
        assert entry["title"] == "Concern recorded"
        assert entry["fields"] == {"status": "alleged"}
        assert (entry["occurred_at"], entry["precision"]) == ("2025-09-10", "about-day")
        assert rules(entry) == {"D-56"}


@pytest.mark.req("D-01", "H-10")
@pytest.mark.parametrize("reader", sorted(READERS))
def test_a_stream_without_a_basis_answers_as_if_it_did_not_exist(world: World, reader: str) -> None:
    for child in ("C-1001", "C-2001"):
        if child in READERS[reader].children:
            continue
        there = world.get(reader, f"/v1/children/{world.children[child]}/chronology")
        nowhere = world.get(reader, "/v1/children/00000000-0000-4000-8000-000000000000/chronology")
        assert (there.status_code, nowhere.status_code) == (404, 404)
        assert {**there.json(), "instance": ""} == {**nowhere.json(), "instance": ""}


@pytest.mark.req("D-13", "D-54", "H-15")
def test_the_officer_reads_metadata_and_no_field(world: World) -> None:
    for child in ("C-1001", "C-2001"):
        for entry in entries(world, "IGO", child):
            # What the hub itself records of oversight is the officer's (D-54), and holds no narrative.
            if entry["type"] == "deadline-missed":
                assert set(entry["fields"]) <= {"clock", "due", "evidence", "responsible"}
                continue
            assert entry["fields"] == {}
            assert rules(entry) == {"D-13"}
            assert "H-15" in entry["redactions"][0]["ask"]


@pytest.mark.req("D-03", "D-10")
def test_tokens_differ_between_readers_and_stay_the_same_for_one(world: World) -> None:
    def tokens(reader: str) -> set[str]:
        return {
            other["token"]
            for entry in entries(world, reader, "C-2001")
            for other in entry["fields"].get("others", [])
        }

    assert tokens("SW-2001") == tokens("SW-2001")
    assert not tokens("SW-2001") & tokens("YJS")
    named = [o for e in entries(world, "SW-2001", "C-2001") for o in e["fields"].get("others", [])]
    assert named and not any("child" in one for one in named)
    resolved = [o for e in entries(world, "ENQ", "C-2001") for o in e["fields"].get("others", [])]
    assert {one["child"] for one in resolved} == {world.children["C-1001"]}
