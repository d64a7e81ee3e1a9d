"""Laws of the overview's lines: order and lateness, what a reader has not, what a line rests on, words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.pathway.entries import Material, Told
from hub.pathway.patterns import RULES, overview
from tests.spec import scenario_a as a
from tests.spec import (
    test_p04_p05_p10_p26_p28_children,
    test_p08_p09_p11_p12_p14_p25_assessing,
    test_p16_to_p20_course,
    test_p21_to_p24_course,
)
from tests.spec.pattern_rows import CHILD, Row, at, marks, sighted
from tests.spec.posts import profile_of

ROWS: tuple[Row, ...] = (
    *test_p04_p05_p10_p26_p28_children.TABLE,
    *test_p08_p09_p11_p12_p14_p25_assessing.TABLE,
    *test_p16_to_p20_course.TABLE,
    *test_p21_to_p24_course.TABLE,
)
EACH = [pytest.param(one, id=f"{one.rule} {one.name}", marks=marks(one)) for one in ROWS]
QUICK = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def all_lines(row: Row, stuff: Material):
    return overview(stuff, now=at(row.now), profile_of=profile_of)


def again(entries, order, late):
    """The same events appended in another order, and received up to 60 days later."""
    places = list(range(len(entries)))
    order.shuffle(places)
    days = late.draw(st.lists(st.integers(0, 60), min_size=len(entries), max_size=len(entries)))
    told = [
        replace(one, position=place, received_at=one.received_at + timedelta(days=day))
        for one, place, day in zip(entries, places, days, strict=True)
    ]
    return tuple(sorted(told, key=lambda one: (one.occurred.sort_at, one.position)))


@pytest.mark.req("H-25", "H-06")
@QUICK
@given(row=st.sampled_from(ROWS), order=st.randoms(use_true_random=False), late=st.data())
def test_p_lines_are_equal_for_any_order_and_delay(row, order, late):
    linked = {child: again(posts, order, late) for child, posts in row.linked.items()}
    assert all_lines(row, row.stuff(again(row.posts, order, late), linked=linked)) == all_lines(
        row, row.stuff()
    )


@pytest.mark.parametrize("row", EACH)
def test_p_line_is_recomputed_from_its_evidence_alone(row):
    line = row.line()
    assert line.evidence

    def kept(posts):
        return tuple(one for one in posts if one.key in line.evidence)

    stuff = row.stuff(kept(row.posts), linked={child: kept(posts) for child, posts in row.linked.items()})
    assert line in all_lines(row, stuff)


@pytest.mark.req("H-20")
@pytest.mark.parametrize("child", [a.HARMED, a.HAS_HARMED])
@pytest.mark.parametrize("then", ["2025-09-15 10:00", "2025-09-29 12:00", "2025-11-20 12:00"])
def test_every_line_of_a_whole_scenario_is_recomputed_from_its_evidence_alone(child, then):
    whole = replace(a.enquiry(child, at(then)), complete=None)
    lines = overview(whole, now=at(then), profile_of=profile_of)
    assert len(lines) > 3
    for line in lines:
        less = replace(
            whole,
            entries=tuple(one for one in whole.entries if one.key in line.evidence),
            linked={
                other: tuple(one for one in posts if one.key in line.evidence)
                for other, posts in whole.linked.items()
            },
        )
        assert line in overview(less, now=at(then), profile_of=profile_of)


@pytest.mark.req("H-20", "D-03")
@QUICK
@given(row=st.sampled_from(ROWS), data=st.data())
def test_a_linked_record_changes_no_line_of_a_reader_to_whom_other_children_are_tokens(row, data):
    had = row.stuff(**sighted(row, (CHILD, "incident-linked")))
    more = data.draw(st.lists(st.sampled_from(ROWS), min_size=1, max_size=3))
    linked = {f"C-{number}": one.posts for number, one in enumerate(more, 50)}
    assert all_lines(row, replace(had, linked=linked)) == all_lines(row, replace(had, linked={}))


@pytest.mark.req("H-20")
@pytest.mark.parametrize("row", EACH)
def test_what_others_were_told_of_an_entry_that_the_reader_has_not_changes_no_p_line(row):
    had = row.stuff(**sighted(row))
    for gone in had.entries:
        less = replace(had, entries=tuple(one for one in had.entries if one is not gone))
        told = tuple(
            Told(one.organisation, at("2025-09-01 09:00"), gone.key)
            for one in had.entries
            if one.organisation
        )
        lines = [one for one in all_lines(row, replace(less, told=(*had.told, *told))) if one.rule != "P-06"]
        assert lines == [one for one in all_lines(row, less) if one.rule != "P-06"]


@pytest.mark.req("H-20")
@QUICK
@given(row=st.sampled_from(ROWS), data=st.data())
def test_every_line_rests_on_entries_the_reader_has_whatever_is_withheld(row, data):
    kept = []
    for one in row.posts:
        names = data.draw(st.sets(st.sampled_from(sorted(one.data)))) if one.data else set()
        unnamed = data.draw(st.booleans())
        kept.append(replace(a.without(one, *names), organisation=None if unnamed else one.organisation))
    had = {one.key for posts in (kept, *row.linked.values()) for one in posts}
    for line in all_lines(row, row.stuff(kept)):
        assert line.evidence
        assert set(line.evidence) <= had


@pytest.mark.parametrize("row", EACH)
def test_p_rule_reads_nothing_that_it_does_not_declare(row):
    rule = next(one for one in RULES if one.id == row.rule)

    def declared(posts):
        return tuple(
            replace(
                one,
                data={name: one.data[name] for name in rule.inputs.get(one.type, ()) if name in one.data},
                others=one.others if "others" in rule.inputs.get(one.type, ()) else (),
            )
            for one in posts
            if one.type in rule.inputs or "*" in rule.inputs
        )

    bare = row.stuff(declared(row.posts), linked={one: declared(posts) for one, posts in row.linked.items()})
    assert rule.compute(bare, at(row.now), profile_of) == rule.compute(row.stuff(), at(row.now), profile_of)


@pytest.mark.req("R-185", "R-178")
@pytest.mark.parametrize("row", EACH)
def test_no_line_ranks_or_scores_a_child(row):
    for line in all_lines(row, row.stuff()):
        assert not re.search(r"\b(score|rank|rating|riskiest|total|most at risk)\b", line.text, re.IGNORECASE)
        assert not {"score", "rank", "total"} & set(line.values)
        assert not re.search(r"C-\d", f"{line.text} {line.values}")


@pytest.mark.req("H-25")
def test_a_child_of_whom_nothing_is_recorded_has_no_line():
    for row in ROWS:
        assert overview(row.stuff((), linked={}, told=()), now=at(row.now), profile_of=profile_of) == ()
