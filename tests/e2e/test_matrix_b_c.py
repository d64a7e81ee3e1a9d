"""Matrices G.B and G.C, cell by cell, through HTTP: what each reader gets of each item at the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.support import matrix_remains
from tests.support.matrix_remains import as_rest, told
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


RESTS = {**matrix_remains.B, **matrix_remains.C}
IN_PART = [(item, reader) for item, reader, cell in CELLS if cell == "R" and reader != "IGO"]


@pytest.mark.req("H-11")
def test_the_second_table_speaks_of_every_cell_in_part() -> None:
    assert RESTS.keys() == {*IN_PART}


@pytest.mark.req(
    "D-03", "D-04", "D-05", "D-06", "D-07", "D-08", "D-09", "D-11", "D-14", "D-16", "D-26", "D-31", "D-34",
    "D-35", "D-38", "D-39", "D-42", "D-43", "D-44", "D-45", "D-52", "D-56", "H-11", "R-044", "R-063", "R-155",
)  # fmt: skip
@pytest.mark.parametrize(("item", "reader"), IN_PART, ids=[f"{i}-{r}" for i, r in IN_PART])
def test_what_remains(worlds: dict[str, World], item: str, reader: str) -> None:
    """Exactly the title, the fields, who posted it, the rules and whom to ask of the second table."""
    if (item, reader) in LINES:
        line = line_of(worlds, reader, item)
        found = [] if line is None else [line]
        assert all(
            (one["recorded_at"], one["received_at"], one["precision"]) == (None, None, "day") for one in found
        )
    else:
        found = matching(worlds, reader, item)
    assert told([as_rest(one) for one in found]) == told(RESTS[item, reader])


@pytest.mark.req("D-13", "H-15")
@pytest.mark.parametrize("item", [item for item in MATRIX if item != "C07"])
def test_the_officer_has_the_metadata_of_every_item_and_no_field(worlds: dict[str, World], item: str) -> None:
    found = matching(worlds, "IGO", item)
    assert found
    for one in found:
        assert (one["fields"], one["organisation"]) == ({}, post_of(worlds[item[0]], item).event.organisation)
        assert as_rest(one).rules == (("D-13", matrix_remains.REVIEW),)


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
