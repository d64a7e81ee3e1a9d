"""Matrices G.B and G.C, cell by cell, through HTTP: what each reader gets of each item at the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.support.scenario import Json, World
from tests.support.scenario_steps import played, post_of

READ_AT = {"B": "2025-11-07T12:00:00+00:00", "C": "2025-10-15T12:00:00+01:00"}
READERS = {
    "B": "SW3 SW4 ENQ POL FC1 FC2 School3001 YOS Ther HL IRO SGU IGO".split(),
    "C": "SW5 SW6 TM POL Ash HV GP SGU EH IGO".split(),
}
MATRIX = {
    "B02": "V R V V R R R V R R V V R",
    "B03": "H V V V R H H H H H H V R",
    "B07": "V R V V R H H H H H R V R",
    "B08": "V H V V H R H R R R R R R",
    "B12": "V H V V H H H R H H R R R",
    "B13": "R H V V H H H H H H H H R",
    "B14": "V H R R H R H H V H R H R",
    "B16": "V R V V H R R V R R V R R",
    "B17": "V H V V H H H H H H V V R",
    "B19": "V H V V H R R R H R V V R",
    "B23": "V H V R H H H H V R V R R",
    "B24": "R H R R H R R R R V R R R",
    "C02": "H V V R V H H V H R",
    "C03": "V R V R V R R V H R",
    "C04": "V H V H V H H V H R",
    "C09": "V H V H R R R V H R",
    "C10": "V H V V H H H R H R",
    "C11": "R H V V H H H H H R",
    "C14": "V H V H R R H V H R",
    "C18": "V H V V V R R V R R",
    "C19": "V R V V R H H R H R",
}
# (item, reader) -> the coded line that is all that remains of it, and on which child it is read.
LINES = {
    ("B02", "SW4"): ("C-3002", "linked-incident-recorded"),
    ("B02", "FC1"): ("C-3002", "safety-in-home"),
    ("B07", "SW4"): ("C-3002", "another-child-considered"),
    ("B07", "FC1"): ("C-3002", "own-child-in-plan"),
    ("B08", "FC2"): ("C-3001", "care-needs"),
    ("B16", "SW4"): ("C-3002", "contact-place-changed"),
    ("B13", "SW3"): ("C-3001", "police-hold-information"),
    ("C03", "SW6"): ("C-4002", "linked-incident-recorded"),
    ("C11", "SW5"): ("C-4001", "police-hold-information"),
    ("C14", "Ash"): ("C-4001", "child-considered"),
    ("C14", "HV"): ("C-4001", "child-considered"),
    ("C19", "SW6"): ("C-4002", "plan-changed"),
}
CELLS = [
    (item, reader, cell)
    for item, row in MATRIX.items()
    for reader, cell in zip(READERS[item[0]], row.split(), strict=True)
]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, World]]:
    with (
        played(tmp_path_factory.mktemp("b"), "scenario-b", read_at=READ_AT["B"]) as b,
        played(tmp_path_factory.mktemp("c"), "scenario-c", read_at=READ_AT["C"]) as c,
    ):
        yield {"B": b, "C": c}


def matching(worlds: dict[str, World], reader: str, item: str) -> list[Json]:
    """The entries of an item that a reader has."""
    world = worlds[item[0]]
    post = post_of(world, item)
    return [
        one
        for one in world.chronology(reader, post.child)
        if one["type"] == post.event.type
        and datetime.fromisoformat(one["recorded_at"] or "0001-01-01T00:00:00+00:00")
        == post.event.recorded_at
    ]


def line_of(worlds: dict[str, World], reader: str, item: str) -> Json | None:
    child, code = LINES[item, reader]
    found = worlds[item[0]].chronology(reader, child)
    return next((one for one in found if one.get("line") == code), None)


@pytest.mark.req(
    "D-01", "D-02", "D-05", "D-06", "D-07", "D-08", "D-09", "D-16", "D-25", "D-32", "D-33", "D-35", "D-38",
    "D-39", "D-40", "D-41", "D-42", "D-43", "D-44", "D-52", "D-56", "H-08", "R-090", "R-112", "R-115",
)  # fmt: skip
@pytest.mark.parametrize(("item", "reader", "cell"), CELLS, ids=[f"{i}-{r}" for i, r, _ in CELLS])
def test_cell(worlds: dict[str, World], item: str, reader: str, cell: str) -> None:
    found = matching(worlds, reader, item)
    if (item, reader) in LINES:
        assert not found
        assert line_of(worlds, reader, item) is not None
        return
    got = "H" if not found else ("R" if found[0]["redactions"] else "V")
    assert got == cell


# item, readers, title, members that remain, rules, and whom to ask.
REMAINS = [
    ("B08", "YOS", None, {"outcome": "established"}, {"D-05", "D-09"}, "sw-s3"),
    ("B08", "HL", None, {}, {"D-05", "D-09"}, "sw-s3"),
    ("B08", "Ther", None, {"outcome": "established"}, {"D-05"}, "sw-s3"),
    ("B14", "ENQ POL IRO", "Support arranged", {}, {"D-06"}, "sw-s3"),
    ("B14", "FC2", "Appointment", {"start": "2025-10-13"}, {"D-06"}, "sw-s3"),
    ("B16", "School3001 Ther HL FC2", "Placement changed", {}, {"D-08"}, "sw-s3"),
    ("B23", "POL HL SGU", "Child's wishes recorded", {}, {"D-09"}, "sw-s3"),
    ("B24", "SW3 ENQ POL FC2 School3001 YOS Ther IRO SGU", "Health needs considered", {"considered": True},
     {"D-07"}, "health lead"),
    ("C02", "POL", "Concern recorded", {}, {"D-16"}, "sw-s6"),
    ("C03", "POL", "Concern recorded", {}, {"D-16"}, "sw-s5"),
    ("C09", "GP", None, {"items": [{"item": "general-practitioner", "answer": "not-answered"}]}, {"D-02"},
     "sw-s5"),
    ("C09", "HV", None, {"items": [{"item": "health-visitor", "answer": "answered",
                                    "answered_on": "2025-09-23"}]}, {"D-02"}, "sw-s5"),
    ("C09", "Ash", None, {"items": [
        {"item": "school", "answer": "answered", "answered_on": "2025-09-23"},
        {"item": "nursery", "answer": "answered", "answered_on": "2025-09-23"},
    ]}, {"D-02"}, "sw-s5"),
]  # fmt: skip


@pytest.mark.req("D-07", "D-16", "D-39", "D-43", "D-44", "H-11")
@pytest.mark.parametrize(
    ("item", "reader", "title", "fields", "rules", "ask"),
    [(item, one, *rest) for item, readers, *rest in REMAINS for one in readers.split()],
)
def test_what_remains(
    worlds: dict[str, World],
    item: str,
    reader: str,
    title: str | None,
    fields: Json,
    rules: set[str],
    ask: str,
) -> None:
    (found,) = matching(worlds, reader, item)
    assert found["fields"] == fields
    assert {one["rule"] for one in found["redactions"]} == rules
    assert all(ask in one["ask"] for one in found["redactions"])
    assert title in (None, found["title"])
    assert "CANARY" not in str(found)
    if item in ("B14", "B24", "C02", "C03"):
        assert found["organisation"] is None


@pytest.mark.req("D-35", "R-046")
@pytest.mark.parametrize(
    ("item", "reader", "ask"), [("B13", "SW3", "enquiry social worker"), ("C11", "SW5", "team manager")]
)
def test_the_pointer_names_whom_to_speak_to(
    worlds: dict[str, World], item: str, reader: str, ask: str
) -> None:
    line = line_of(worlds, reader, item)
    assert line is not None
    assert line["fields"] == {"code": "police-hold-information"}
    assert [one["rule"] for one in line["redactions"]] == ["D-05"]
    assert line["redactions"][0]["ask"].startswith(ask)
    assert (line["organisation"], line["recorded_at"], line["precision"]) == (None, None, "day")


# item, reader, title, code, rule, and whom to ask.
CODED = [
    ("B02", "FC1", "Safety: ask the worker", "ask-the-worker", "D-11", "sw-s4"),
    (
        "B07",
        "SW4",
        "Another child in the home is being considered",
        "another-child-considered",
        "D-11",
        "enq-2",
    ),
    ("B07", "FC1", "Your own child is included in the safety plan", "own-child-in-plan", "D-14", "sw-s4"),
    ("B08", "FC2", "Care needs: ask the worker", "ask-the-worker", "D-05", "sw-s3"),
    ("C14", "Ash", "A child of yours is being considered", "child-considered", "D-03", "sw-s5"),
    ("C14", "HV", "A child of yours is being considered", "child-considered", "D-03", "sw-s5"),
]


@pytest.mark.req("D-11", "D-14", "D-26", "D-31", "D-42", "D-45", "R-044", "R-063", "R-155")
@pytest.mark.parametrize(
    ("item", "reader", "title", "code", "rule", "ask"), CODED, ids=[f"{i}-{r}" for i, r, *_ in CODED]
)
def test_a_coded_line_says_its_code_and_whom_to_ask_and_no_more(
    worlds: dict[str, World], item: str, reader: str, title: str, code: str, rule: str, ask: str
) -> None:
    line = line_of(worlds, reader, item)
    assert line is not None
    assert line["title"] == title
    assert line["fields"]["code"] == code
    assert set(line["fields"].values()) <= {code, "home"}
    assert [one["rule"] for one in line["redactions"]] == [rule]
    assert ask in line["redactions"][0]["ask"]
    assert (line["organisation"], line["recorded_at"], line["precision"]) == (None, None, "day")


@pytest.mark.req("D-31", "D-42", "D-45", "D-05")
@pytest.mark.parametrize(
    ("reader", "child", "code"),
    [
        ("School3001", "C-3001", "child-considered"), ("HL", "C-3001", "child-considered"),
        ("GP", "C-4001", "child-considered"), ("Ash", "C-4002", "child-considered"),
        ("FC2", "C-3001", "own-child-in-plan"), ("FC2", "C-3001", "safety-in-home"),
        ("SW6", "C-4002", "another-child-considered"), ("SW3", "C-3001", "another-child-considered"),
        ("FC1", "C-3002", "care-needs"), ("School3001", "C-3001", "care-needs"),
    ],
)  # fmt: skip
def test_a_line_goes_to_nobody_whom_it_does_not_concern(
    worlds: dict[str, World], reader: str, child: str, code: str
) -> None:
    world = worlds["B" if child.startswith("C-3") else "C"]
    entries = world.chronology(reader, child)
    assert entries
    assert code not in {one.get("line") for one in entries}


@pytest.mark.req("D-04", "D-25")
@pytest.mark.parametrize(("reader", "there"), [("HV", True), ("GP", False), ("EH", True)])
def test_of_a_meeting_attended_health_and_early_help_have_their_own_part(
    worlds: dict[str, World], reader: str, there: bool
) -> None:
    (found,) = matching(worlds, reader, "C18")
    own = worlds["C"].readers[reader].person
    attendance = found["fields"].get("attendance") or []
    assert [one["person"] for one in attendance] == ([own] if there else [])
    assert {"summary", "chronology_snapshot", "contingency"} & found["fields"].keys() == set()


@pytest.mark.req("D-42", "D-03")
def test_the_reviewing_officer_has_a_token_of_who_was_mentioned_and_no_reason(
    worlds: dict[str, World],
) -> None:
    (found,) = matching(worlds, "IRO", "B07")
    assert set(found["fields"]) == {"others"}
    assert set(found["fields"]["others"][0]) == {"index", "token", "role"}
