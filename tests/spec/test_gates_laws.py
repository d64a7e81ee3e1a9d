"""Laws of the gates: ages to the day, no say of order or lateness, no scale held against another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.catalogue.scales import SHIPPED
from hub.pathway.calendar import birthday
from hub.pathway.gates import GATES, flags, judge, verdict
from hub.pathway.gates.gate import Case, stands_against
from tests.spec import flag_rows, gate_rows, gate_rows_more
from tests.spec import scenario_a as a
from tests.spec.gate_rows import asked, incident, known, nothing
from tests.spec.judging import people
from tests.spec.posts import POLICE, S, all_of, material, profile_of

QUICK = settings(max_examples=60, deadline=None)
SCALES = {one.id: one.codes for one in SHIPPED.values()}
BY_NAME = {gate.name: gate for gate in GATES}
HAPPENED = date(2025, 9, 10)
AGES = st.integers(min_value=-400, max_value=400)


def born(age, days):
    """A date of birth by which the age is reached so many days before the incident."""
    return HAPPENED.replace(year=HAPPENED.year - age) - timedelta(days=days)


def stands(name, posted, fold):
    return stands_against(Case(posted, fold, a.END, all_of("llr-2024"), people), BY_NAME[name])


@pytest.mark.req("R-113")
@QUICK
@given(days=AGES)
def test_a_child_is_under_ten_until_the_day_it_is_ten(days):
    fold = known(incident(), date_of_birth=born(10, days))
    posted = asked("criminal-investigation-decided", {"decision": "investigate"}, POLICE)
    assert stands("UNDER-10", posted, fold) is (birthday(born(10, days), 10) > HAPPENED)
    fact = flag_rows.fact("interview-held", {"kind": "pace"}, POLICE)
    noted = "R-113" in flags(fact, fold, now=a.END, profile_of=profile_of)
    assert noted is (birthday(born(10, days), 10) > HAPPENED)


@pytest.mark.req("R-113")
@pytest.mark.parametrize(("day", "refused"), [("2018-02-28", True), ("2018-03-01", False)])
def test_a_child_born_on_a_leap_day_is_ten_on_the_first_of_march(day, refused):
    posted = asked("criminal-investigation-decided", {"decision": "investigate"}, POLICE)
    fold = known(incident(day=day), date_of_birth=date(2008, 2, 29))
    assert stands("UNDER-10", posted, fold) is refused


@pytest.mark.req("R-038")
@QUICK
@given(days=AGES)
def test_a_child_is_under_thirteen_until_the_day_it_is_thirteen(days):
    fold = known(incident(), date_of_birth=born(13, days))
    under = birthday(born(13, days), 13) > HAPPENED
    assert stands("NO-ACTION-UNDER-AGE", nothing(), fold) is under


ROWS = (
    *gate_rows.NO_ACTION,
    *gate_rows.CONFERENCE,
    *gate_rows_more.INVITATIONS,
    *gate_rows_more.CHAIRS,
    *gate_rows_more.INTERVIEWS,
    *gate_rows_more.RECORDS,
)


@pytest.mark.req("H-25", "H-28")
@QUICK
@given(row=st.sampled_from(ROWS), order=st.randoms(use_true_random=False), late=st.integers(0, 60))
def test_order_and_lateness_of_the_same_events_change_no_answer(row, order, late):
    entries = [replace(e, received_at=e.received_at + timedelta(days=late)) for e in row.fold.entries]
    order.shuffle(entries)
    again = replace(row.fold, entries=tuple(entries))
    assert stands(row.gate, row.posted, again) is stands(row.gate, row.posted, row.fold)


@pytest.mark.req("R-020", "R-021", "R-005")
@QUICK
@given(
    scale=st.sampled_from(sorted(SCALES)),
    other=st.sampled_from(sorted(SCALES)),
    place=st.integers(0, 4),
    where=st.integers(0, 4),
)
def test_a_level_is_judged_in_its_own_scale_whatever_another_scale_says(scale, other, place, where):
    level = SCALES[scale][place % len(SCALES[scale])]
    elsewhere = SCALES[other][where % len(SCALES[other])]
    posted = flag_rows.fact("behaviour-level-assessed", {"scale": scale, "level": level})
    given_level = gate_rows.level(scale=other, level=elsewhere)
    alone = flags(posted, known(), now=a.END, profile_of=profile_of)
    beside = flags(posted, known(given_level), now=a.END, profile_of=profile_of)
    assert beside == alone
    assert ("R-024" in alone, "R-020" in alone) == (level == SCALES[scale][0], level != SCALES[scale][0])


@pytest.mark.req("H-28")
@QUICK
@given(row=st.sampled_from(ROWS))
def test_the_first_gate_that_stands_against_a_decision_is_the_answer(row):
    args = {"now": a.END, "profile_of": all_of(row.profile), "people": people}
    found = verdict(row.posted, row.fold, **args)
    case = Case(row.posted, row.fold, a.END, all_of(row.profile), people)
    against = [gate.refusal for gate in GATES if stands_against(case, gate)]
    assert found.refusal == (against[0] if against else None) == judge(row.posted, row.fold, **args)
    assert found.overridden == ()


@pytest.mark.req("H-28")
@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_a_gate_answers_where_every_field_that_may_be_absent_is(gate):
    for type in gate.types:
        bare = asked(type, {}, S)
        for fold in (known(), material("c", [])):
            assert stands_against(Case(bare, fold, a.END, profile_of, people), gate) in (True, False)
