"""K-10, K-11, K-12: reviews of the risk management plan, by calendar or by the chair."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hub.pathway.clocks import deadlines
from tests.spec import scenario_a as a
from tests.spec.posts import N, S, at, ids, material, post, profile_of

PARTS = {"accountability": "a", "needs": "n", "protection": "p", "future_risk": "f"}


def reviews(stuff, now=a.END):
    return [
        one
        for one in deadlines(stuff, now=now, profile_of=profile_of)
        if one.clock in ("K-10", "K-11", "K-12")
    ]


@pytest.mark.req("R-143", "K-10")
@pytest.mark.parametrize("stuff", [a.enquiry(a.HAS_HARMED), a.own_worker(a.HAS_HARMED)])
def test_scenario_a_values(stuff):
    first, second = reviews(stuff)
    assert (first.clock, first.due_on, first.state) == ("K-10", date(2026, 1, 6), "running")
    assert first.warn_at == at("2025-12-23 00:00")
    assert first.starts_at == at("2025-10-06 11:00")
    assert first.due_at == at("2026-01-07 00:00")
    # Easter Monday: a calendar month is not moved off a bank holiday.
    assert (second.clock, second.due_on, second.state) == ("K-10", date(2026, 4, 6), "running")
    assert (first.responsible, first.responsible_person) == (S, f"{S}/sw-s1")
    assert ids(first.evidence) == ["A32"]
    assert first.source == "S5 s.13"


@pytest.mark.req("R-143", "H-20")
def test_the_school_gets_the_date_only():
    (only,) = reviews(a.oak())
    assert only.due_on == date(2026, 1, 6)
    assert (only.starts_at, only.warn_at, only.due_at, only.state) == (None, None, None, None)
    assert (only.responsible, only.responsible_person, dict(only.times)) == (None, None, {})


@pytest.mark.req("H-20")
def test_a_reader_who_may_not_see_reviews_gets_the_date_only():
    stuff = replace(a.own_worker(a.HAS_HARMED), complete=a.WHOLE - {"plan-reviewed"})
    assert [(one.due_on, one.state) for one in reviews(stuff)] == [(date(2026, 1, 6), None)]


@pytest.mark.req("R-143")
def test_the_harmed_child_has_none():
    assert reviews(a.enquiry(a.HARMED)) == []


def plan(organisation=S, **more):
    data = {
        "responsible_organisation": organisation,
        "responsible_person": f"{organisation}/sw",
        "parts": PARTS,
    }
    return post("p", "2025-10-06 11:00", organisation, "c", "risk-management-plan-recorded", {**data, **more})


def reviewed(id, day, about="p", **data):
    return post(id, f"{day} 10:00", S, "c", "plan-reviewed", data, about=about)


def under(authority, *entries, now):
    return reviews(material("c", entries, authority=authority), at(now))


@pytest.mark.req("R-143")
@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2025-12-22 23:59", "running"),
        ("2025-12-23 00:00", "warning"),
        ("2026-01-06 23:59", "warning"),
        ("2026-01-07 00:00", "missed"),
    ],
)
def test_states_of_the_first_review(now, state):
    assert under(S, plan(), now=now)[0].state == state


@pytest.mark.req("R-143")
@pytest.mark.parametrize(
    ("held", "states"),
    [
        (["2026-01-06"], ["met", "running"]),
        (["2026-01-07"], ["met-late", "running"]),
        (["2025-11-01", "2025-12-01"], ["met", "running"]),
        (["2026-01-05", "2026-04-06"], ["met", "met", "running"]),
        (["2026-02-06", "2026-03-06"], ["met-late", "met", "running"]),
    ],
)
def test_each_review_meets_its_own_date(held, states):
    entries = [reviewed(f"r{index}", day) for index, day in enumerate(held)]
    assert [one.state for one in under(S, plan(), *entries, now="2026-01-15 09:00")] == states


@pytest.mark.req("K-11", "R-143")
def test_then_six_months_from_the_last_review():
    held = (reviewed("r1", "2026-01-06"), reviewed("r2", "2026-04-06"))
    third = under(S, plan(), *held, now="2026-04-07 09:00")[-1]
    assert (third.clock, third.due_on, third.state) == ("K-11", date(2026, 10, 6), "running")
    assert third.warn_at == at("2026-09-08 00:00")
    fourth = under(S, plan(), *held, reviewed("r3", "2026-09-30"), now="2026-10-01 09:00")[-1]
    assert fourth.due_on == date(2027, 3, 30)


@pytest.mark.req("R-143")
def test_months_end_on_the_last_day_of_a_short_month():
    start = post("p", "2025-11-30 09:00", S, "c", "risk-management-plan-recorded", {"parts": PARTS})
    assert [one.due_on for one in under(S, start, now="2025-12-01 09:00")] == [
        date(2026, 2, 28),
        date(2026, 5, 30),
    ]


@pytest.mark.req("R-143")
def test_a_review_of_another_plan_does_not_count():
    assert (
        under(S, plan(), reviewed("r", "2026-01-06", about="q"), now="2026-01-08 09:00")[0].state == "missed"
    )


@pytest.mark.req("R-143")
def test_a_plan_that_awaits_agreement_starts_no_clock():
    assert under(S, replace(plan(), awaiting=("police",)), now="2025-10-07 09:00") == []


@pytest.mark.req("R-143")
def test_a_new_plan_starts_anew():
    again = post("q", "2026-02-02 09:00", S, "c", "risk-management-plan-recorded", {"parts": PARTS})
    assert under(S, plan(), again, now="2026-02-03 09:00")[0].due_on == date(2026, 5, 2)


@pytest.mark.req("R-144", "K-12")
def test_by_the_chairs_interval_of_six_weeks():
    meeting = post("m", "2025-10-06 10:00", N, "c", "meeting-held", {"kind": "hsb", "interval_days": 42})
    (clock,) = under(N, meeting, plan(N), now="2025-11-01 09:00")
    assert (clock.clock, clock.due_on, clock.state) == ("K-12", date(2025, 11, 17), "running")
    assert clock.warn_at == at("2025-11-10 00:00")
    (moved,) = under(
        N, meeting, plan(N), reviewed("r", "2025-11-10", chair_interval_days=14), now="2025-11-11 09:00"
    )
    assert moved.due_on == date(2025, 11, 24)


@pytest.mark.req("R-144")
def test_by_the_date_that_was_set_where_no_interval_is():
    (clock,) = under(N, plan(N, next_review="2025-12-01"), now="2025-12-02 00:00")
    assert (clock.due_on, clock.state) == (date(2025, 12, 1), "missed")


@pytest.mark.req("R-144")
def test_an_interval_that_was_never_set_is_said():
    (clock,) = under(N, plan(N), now="2025-10-07 09:00")
    assert (clock.state, clock.due_on) == ("warning", None)
    assert "not set how often" in clock.text


@pytest.mark.req("R-143", "Q-05")
def test_the_profile_is_that_of_the_childs_own_authority():
    assert {one.clock for one in under(S, plan(N), now="2025-10-07 09:00")} == {"K-10"}
    assert {one.clock for one in under(N, plan(S), now="2025-10-07 09:00")} == {"K-12"}
    assert under("social-care.w-csc", plan(), now="2025-10-07 09:00") == []
