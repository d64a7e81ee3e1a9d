"""Every note beside a post by its truth table (H-27), and what of it a poster may be told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hub.pathway.gates import FLAGS, flags, noted
from tests.spec import flag_rows as of
from tests.spec import scenario_a as a
from tests.spec.gate_rows import known
from tests.spec.posts import all_of

ROWS = (*of.ALONE, *of.BANDS, *of.CONSENT, *of.ASSESSING, *of.MEETINGS, *of.CHARGED)
BY_CODE = {flag.code: flag for flag in FLAGS}


def found(row, fold=None):
    return flags(row.posted, fold or row.fold, now=a.END, profile_of=all_of(row.profile))


@pytest.mark.req(
    "H-27", "R-005", "R-013", "R-020", "R-024", "R-027", "R-028", "R-036", "R-038", "R-040", "R-044",
    "R-051", "R-054", "R-056", "R-079", "R-082", "R-084", "R-091", "R-092", "R-095", "R-097", "R-106",
    "R-107", "R-110", "R-113", "R-119", "R-121", "R-126", "R-130", "R-133", "R-137", "R-144", "R-159",
    "R-170",
)  # fmt: skip
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.code}: {row.name}")
def test_a_note_stands_beside_what_its_table_says(row):
    assert row.posted.type in BY_CODE[row.code].types
    assert (row.code in found(row)) is row.holds


@pytest.mark.req("H-27")
def test_every_note_has_a_table_with_both_answers():
    answers = {code: {row.holds for row in ROWS if row.code == code} for code in BY_CODE}
    assert answers == {code: {True, False} for code in BY_CODE}


@pytest.mark.req("H-27", "H-10")
@pytest.mark.parametrize(
    "row", [one for one in ROWS if BY_CODE[one.code].from_post_alone], ids=lambda row: row.name
)
def test_what_a_poster_is_told_is_the_same_whatever_stands_in_the_record(row):
    full = known(
        *(e for one in ROWS for e in one.fold.entries),
        date_of_birth=of.date(2014, 3, 1),
        linked={"d": of.LINKED_HARMED},
    )
    told = {code for code, flag in BY_CODE.items() if flag.from_post_alone}
    assert told & set(found(row, full)) == told & set(found(row))
    elsewhere = replace(row.fold, authority="social-care.elsewhere")
    assert told & set(found(row, elsewhere)) == told & set(found(row))


@pytest.mark.req("H-27")
def test_a_post_beside_which_something_is_noted_is_looked_at():
    for row in ROWS:
        assert noted(row.posted.type, row.posted.data) or not found(row)
    assert not noted("incident-recorded", {"role": "has-harmed", "status": "alleged"})


@pytest.mark.req("H-27")
def test_a_note_begins_with_its_requirement_and_stands_beside_types_that_there_are():
    types = {
        json.loads(one.read_text(encoding="utf-8"))["title"]
        for one in Path("schemas").glob("*/v1/schema.json")
    }
    for flag in FLAGS:
        assert flag.code.startswith(flag.requirement) and flag.requirement[:2] == "R-"
        assert flag.types <= types
