"""Which notes beside an entry reach which reader: from what it has itself, or because the rule names it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.pathway.entries import Sight
from hub.pathway.gates import FLAGS, INTEGRITY, giving, named_for, types_named_for
from tests.spec import flag_rows as of
from tests.spec import scenario_a as a
from tests.spec.posts import all_of

ROWS = (*of.ALONE, *of.BANDS, *of.CONSENT, *of.ASSESSING, *of.MEETINGS)
BY_CODE = {flag.code: flag for flag in FLAGS}
OF_ALL = [row for row in ROWS if not BY_CODE[row.code].only_named]
EVERYTHING = {"poster", "others", *(m for flag in FLAGS for one in (flag.untrue or {}).values() for m in one)}


def reader(fold, *, without="", linked=True):
    """A fold as a reader has it who always reads everything, save one type."""
    types = frozenset(t for flag in FLAGS for t in (*flag.types, *(flag.untrue or {}))) - {without}
    sight = Sight(types, {one: frozenset(EVERYTHING) for one in types})
    children = (fold.child, *(fold.linked if linked else ()))
    return replace(
        fold,
        complete=types,
        linked=fold.linked if linked else {},
        sight=dict.fromkeys(children, sight),
    )


def codes(row, material):
    found = giving(material, now=a.END, profile_of=all_of(row.profile))(row.posted)
    return {flag.code for flag in found}


@pytest.mark.req("H-27", "H-20")
@pytest.mark.parametrize("row", OF_ALL, ids=lambda row: f"{row.code}: {row.name}")
def test_a_reader_who_has_everything_gets_what_was_noted(row):
    assert (row.code in codes(row, reader(row.fold))) is row.holds


@pytest.mark.req("H-20")
@pytest.mark.parametrize(
    "row", [one for one in OF_ALL if one.holds], ids=lambda row: f"{row.code}: {row.name}"
)
def test_a_reader_who_may_not_see_what_could_make_it_untrue_gets_nothing(row):
    for type_ in BY_CODE[row.code].untrue or {}:
        assert row.code not in codes(row, reader(row.fold, without=type_)), type_


@pytest.mark.req("H-20")
@pytest.mark.parametrize(
    "row", [one for one in OF_ALL if not one.holds], ids=lambda row: f"{row.code}: {row.name}"
)
def test_nothing_that_a_reader_lacks_makes_an_untrue_note_of_it(row):
    """Whatever of the other types is missing: the types named are all that could make it untrue."""
    kept = BY_CODE[row.code].untrue or {}
    for missing in {one.type for one in row.fold.entries} - kept.keys():
        fewer = replace(row.fold, entries=tuple(one for one in row.fold.entries if one.type != missing))
        assert row.code not in codes(row, reader(fewer)), missing
    assert row.code not in codes(row, reader(row.fold, linked=False))


@pytest.mark.req("H-27", "R-113", "R-082", "D-16")
def test_only_these_notes_are_for_named_readers():
    named = {flag.code: (set(flag.named), flag.only_named) for flag in FLAGS if flag.named}
    assert named == {
        "R-113": ({"police", "consulted", "team-manager", "enquiry"}, True),
        "R-082": ({"team-manager", "officer"}, False),
    }
    assert [flag.code for flag in INTEGRITY] == ["R-082"]


CLASSES = (
    "own-worker",
    "consulted",
    "enquiry",
    "team-manager",
    "police",
    "school",
    "youth-justice",
    "iro",
    "officer",
)


@pytest.mark.req("D-16", "R-113", "R-082")
@pytest.mark.parametrize("class_", CLASSES)
@pytest.mark.parametrize(
    "row", [one for one in ROWS if one.code in ("R-113", "R-082")], ids=lambda row: f"{row.code}: {row.name}"
)
def test_a_named_reader_gets_what_the_whole_record_gives(row, class_):
    classes = frozenset({class_})
    found = named_for(classes, row.posted, row.fold, now=a.END, profile_of=all_of(row.profile))
    expected = row.holds and class_ in BY_CODE[row.code].named
    assert (row.code in {flag.code for flag in found}) is expected
    assert (row.posted.type in types_named_for(classes)) >= expected


@pytest.mark.req("D-16")
@pytest.mark.parametrize(
    "row", [one for one in ROWS if one.code == "R-113"], ids=lambda row: f"{row.code}: {row.name}"
)
def test_nobody_finds_a_breach_by_itself(row):
    assert "R-113" not in codes(row, reader(row.fold))


@pytest.mark.req("H-27")
def test_every_note_reaches_somebody():
    reached = {flag.code for flag in FLAGS if flag.from_post_alone or flag.untrue is not None or flag.named}
    assert reached == BY_CODE.keys()
