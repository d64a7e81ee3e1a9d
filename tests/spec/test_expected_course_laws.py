"""Laws of the open items on assessments, meetings, plans, courts and closing: order, sight, declarations."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import schemas
from hub.pathway.entries import Sight
from hub.pathway.expected import (
    assessments,
    closing,
    conferences,
    interviews,
    investigation,
    invitations,
    justice,
    plans,
    release,
    work,
)
from tests.spec import (
    test_expected_assessments,
    test_expected_closing,
    test_expected_conferences,
    test_expected_justice,
    test_expected_plans,
)
from tests.spec.open_item_rows import BY_ID, found

MODULES = (
    assessments, closing, conferences, interviews, investigation, invitations, justice, plans, release, work,
)  # fmt: skip
RULES = tuple(rule for module in MODULES for rule in module.RULES)
OTHERS = "other.somebody-else"
TABLES = (
    test_expected_assessments, test_expected_closing, test_expected_conferences, test_expected_justice,
    test_expected_plans,
)  # fmt: skip
ROWS = tuple(row for table in TABLES for row in table.ROWS)
OF_OTHERS = tuple(row for row in ROWS if not BY_ID[row.rule].own)
OF_THE_OWNER = tuple(row for row in ROWS if BY_ID[row.rule].own)
WITH_OWN_TESTS = {"R-127", "R-128", "R-135", "R-136"}
QUICK = settings(max_examples=60, deadline=None)
ENVELOPE = {"poster", "others"}


@pytest.mark.req("H-27")
def test_every_expectation_has_a_truth_table():
    assert {one.rule for one in ROWS} | WITH_OWN_TESTS == {one.id for one in RULES}


@pytest.mark.req("H-27")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_an_expectation_names_what_exists(rule):
    assert rule.id == rule.requirement or rule.id.startswith(f"{rule.requirement}-")
    declared = [pair for members in (rule.starts, rule.meets) for pair in members.items() if pair[0] != "*"]
    for type, members in declared:
        known = schemas.schema(type, 1)["properties"]
        assert set(members) - ENVELOPE <= set(known), type


@pytest.mark.req("H-25", "H-06")
@QUICK
@given(row=st.sampled_from(ROWS), order=st.randoms(use_true_random=False), data=st.data())
def test_any_order_and_lateness_of_the_same_events_ends_in_the_same_items(row, order, data):
    more = data.draw(st.sampled_from([(), *row.met.values(), *row.still.values()]))
    entries = (*row.start, *more)
    places = list(range(len(entries)))
    order.shuffle(places)
    late = data.draw(st.lists(st.integers(0, 60), min_size=len(entries), max_size=len(entries)))
    again = tuple(
        replace(one, position=place, received_at=one.received_at + timedelta(days=days))
        for one, place, days in zip(entries, places, late, strict=True)
    )
    assert found(row, tuple(sorted(again, key=lambda one: one.position))) == found(row, entries)


@pytest.mark.req("H-20")
@pytest.mark.parametrize("row", OF_OTHERS, ids=lambda row: row.rule)
def test_an_item_is_given_only_to_who_sees_everything_that_could_make_it_untrue(row):
    meets = BY_ID[row.rule].meets
    everything = frozenset(meets)
    if "*" not in meets:
        assert found(row, row.start, complete=everything) == found(row, row.start) != []
    for type in everything:
        assert found(row, row.start, complete=everything - {type}) == []


@pytest.mark.req("H-20")
@pytest.mark.parametrize("row", OF_OTHERS, ids=lambda row: row.rule)
def test_an_item_is_given_only_to_who_reads_every_member_it_rests_on(row):
    meets = BY_ID[row.rule].meets
    for type, members in meets.items():
        for member in members:
            fields = {one: frozenset(read) for one, read in meets.items()}
            fields[type] -= {member}
            blind = {"C-1": Sight(frozenset(meets), fields)}
            assert found(row, row.start, complete=frozenset(meets), sight=blind) == []


@pytest.mark.req("H-20")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_an_expectation_reads_nothing_that_it_does_not_declare(row):
    rule = BY_ID[row.rule]
    if "*" in rule.meets:
        return
    types = {*rule.starts, *rule.meets}
    declared = {one: {*rule.starts.get(one, ()), *rule.meets.get(one, ())} for one in types}

    def reads(one, member):
        return member in declared.get(one.type, ()) or member in declared.get("*", ())

    def bare(entries):
        return tuple(
            replace(
                one,
                data={name: value for name, value in one.data.items() if reads(one, name)},
                organisation=one.organisation if reads(one, "poster") else None,
            )
            for one in entries
            if one.type in types or "*" in types
        )

    def said(items):
        return [(one.since, one.evidence, set(one.values)) for one in items]

    for more in ((), *row.met.values(), *row.still.values()):
        entries = (*row.start, *more)
        linked = {"C-2": bare(row.linked)} if row.linked else {}
        assert said(found(row, bare(entries), linked=linked)) == said(found(row, entries))


@pytest.mark.req("H-20")
@QUICK
@given(row=st.sampled_from(OF_OTHERS), data=st.data())
def test_an_event_that_meets_it_and_has_its_kind_withheld_never_makes_it_open(row, data):
    if not row.met:
        return
    name = data.draw(st.sampled_from(sorted(row.met)))
    *before, last = row.met[name]
    meets = BY_ID[row.rule].meets
    bare = replace(last, data={}, organisation=None)
    blind = {"C-1": Sight(frozenset(meets), {last.type: frozenset()})}
    if meets.get(last.type):
        entries = (*row.start, *before, bare)
        assert found(row, entries, complete=frozenset(meets), sight=blind) == []


@pytest.mark.req("H-20")
@pytest.mark.parametrize("row", OF_THE_OWNER, ids=lambda row: row.rule)
def test_what_only_the_owner_can_meet_is_told_to_the_owner_and_met_by_nobody_else(row):
    items = found(row, row.start, complete=frozenset())
    assert items == found(row, row.start)
    assert {(one.told, one.agency) for one in items} == {("owner", row.agency)}
    for more in row.met.values():
        if all(one.type != "closure-decided" for one in more):
            theirs = tuple(replace(one, organisation=OTHERS) for one in more)
            assert found(row, (*row.start, *theirs))
