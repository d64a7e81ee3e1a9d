"""Laws of open items: order, lateness, what is declared, what a reader may be told, constant words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.pathway.entries import Sight
from hub.pathway.expected import EXPECTED, open_items
from tests.spec import scenario_a as a
from tests.spec import (
    test_expected_first_steps,
    test_expected_local,
    test_expected_recognition,
    test_expected_referral,
    test_expected_strategy,
)
from tests.spec.expecting import NOW, RULE
from tests.spec.posts import at, profile_of

TABLES = (
    test_expected_recognition,
    test_expected_first_steps,
    test_expected_referral,
    test_expected_local,
    test_expected_strategy,
)
CASES = tuple(case for table in TABLES for case in table.CASES)
# A state of each row: open as it stands, and met by each of what can meet it.
STATES = [(case, (*case.opens, *more)) for case in CASES for more in ((), *case.met.values())]
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
IDS = [case.rule for case in CASES]


def items(case, entries, **more):
    return open_items(case.stuff(entries, **more), now=at(NOW), profile_of=profile_of)


def told_again(entries, order, late):
    """The same events in another order of appending, and received later."""
    places = list(range(len(entries)))
    order.shuffle(places)
    days = late.draw(st.lists(st.integers(0, 60), min_size=len(entries), max_size=len(entries)))
    return [
        replace(one, position=place, received_at=one.received_at + timedelta(days=day))
        for one, place, day in zip(entries, places, days, strict=True)
    ]


@pytest.mark.req("H-25", "H-06")
@QUICK
@given(state=st.sampled_from(STATES), order=st.randoms(use_true_random=False), late=st.data())
def test_any_order_and_lateness_of_the_same_events_leaves_the_same_items(state, order, late):
    case, entries = state
    linked = {child: tuple(told_again(posts, order, late)) for child, posts in case.linked.items()}
    assert items(case, told_again(entries, order, late), linked=linked) == items(case, entries)


@pytest.mark.req("H-25")
@settings(max_examples=25, deadline=None)
@given(
    child=st.sampled_from([a.HARMED, a.HAS_HARMED]), order=st.randoms(use_true_random=False), late=st.data()
)
def test_the_items_of_a_whole_scenario_do_not_depend_on_the_order(child, order, late):
    whole = replace(a.enquiry(child), complete=None)
    again = replace(
        whole,
        entries=tuple(
            sorted(
                told_again(whole.entries, order, late), key=lambda one: (one.occurred.sort_at, one.position)
            )
        ),
    )
    found = open_items(whole, now=a.END, profile_of=profile_of)
    assert found
    assert open_items(again, now=a.END, profile_of=profile_of) == found


@pytest.mark.req("H-20")
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_an_item_is_left_out_without_sight_of_everything_that_could_meet_it(case):
    rule = RULE[case.rule]
    posted = {one.type for posts in (case.opens, *case.linked.values()) for one in posts}
    types = frozenset(posted | rule.meets.keys())
    fields = {one: frozenset(rule.meets.get(one, ())) for one in types}
    if rule.own:
        blind = items(case, case.opens, complete=posted)
        assert {one.told for one in blind if one.rule == rule.id} == {"owner"}
        return
    for hidden in rule.meets:
        less = Sight(types - {hidden}, fields)
        found = items(case, case.opens, complete=less.types, sight={case.opens[0].child: less})
        assert rule.id not in {one.rule for one in found}
    for name, members in rule.meets.items():
        for member in members:
            narrow = Sight(types, {**fields, name: fields[name] - {member}})
            found = items(case, case.opens, complete=types, sight={case.opens[0].child: narrow})
            assert rule.id not in {one.rule for one in found}


@pytest.mark.req("H-20")
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_what_may_be_hidden_and_is_not_declared_changes_no_item(case):
    """Whatever a rule does not declare can be hidden from a reader, and its items stay the same."""
    rule = RULE[case.rule]
    declared = {
        name: {*rule.starts.get(name, ()), *rule.meets.get(name, ())}
        for name in {*rule.starts, *rule.meets, "social-worker-allocated"}
    }
    declared["social-worker-allocated"] |= {"kind", "worker", "until"}  # who does it, not what is missing

    def bare(entries):
        return tuple(
            replace(
                one,
                data={name: value for name, value in one.data.items() if name in declared[one.type]},
                others=one.others if "others" in declared[one.type] else (),
            )
            for one in entries
            if one.type in declared
        )

    for entries in (case.opens, *((*case.opens, *more) for more in case.met.values())):
        linked = {child: bare(posts) for child, posts in case.linked.items()}
        whole = [one for one in items(case, entries) if one.rule == rule.id]
        assert [one for one in items(case, bare(entries), linked=linked) if one.rule == rule.id] == whole


@pytest.mark.req("H-20")
@QUICK
@given(state=st.sampled_from(STATES), data=st.data())
def test_every_item_rests_on_entries_the_reader_has_whatever_is_withheld(state, data):
    case, entries = state
    kept = []
    for one in entries:
        names = data.draw(st.sets(st.sampled_from(sorted(one.data)))) if one.data else set()
        unnamed = data.draw(st.booleans())
        kept.append(replace(a.without(one, *names), organisation=None if unnamed else one.organisation))
    had = {one.key for posts in (kept, *case.linked.values()) for one in posts}
    for item in items(case, kept):
        assert set(item.evidence) <= had
        assert item.evidence


@pytest.mark.req("H-20", "H-27")
def test_rules_are_data_with_an_id_a_source_and_constant_words():
    assert len({one.id for one in EXPECTED}) == len(EXPECTED)
    words: dict[str, set[tuple[str, str, str]]] = {}
    for case, entries in STATES:
        for one in items(case, entries):
            words.setdefault(one.rule, set()).add((one.text, one.why, one.source))
    assert {len(one) for one in words.values()} == {1}
    for rule in EXPECTED:
        assert rule.id.startswith(rule.requirement)
        assert re.match(r"(S\d|[RHDQ]-\d)", rule.source)


@pytest.mark.req("H-27")
def test_a_child_of_whom_nothing_is_recorded_misses_nothing():
    for case in CASES:
        assert [one.rule for one in items(case, (), linked={})] == []
