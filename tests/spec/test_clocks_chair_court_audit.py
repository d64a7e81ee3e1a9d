"""K-13, K-14 and K-22: the interval a chair sets, the window before a report, the audit that comes again."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from hub.pathway.clocks import ScoredStatement, framework_audit
from tests.spec.clock_rows import child, clocks, states
from tests.spec.expecting import harmed, has_harmed, p
from tests.spec.posts import POLICE, YOS, N, S, at, key

SUPPORT = p("support-arranged", "2025-10-01 10:00", N, kind="counselling")
SET = p("meeting-held", "2025-10-06 10:00", N, kind="hsb", interval_days=42)


def reviewed(when: str, **data: object):
    return p("plan-reviewed", when, N, **data)


def of_harmed(*posts, **more):
    return child(harmed("2025-09-12 16:00", N), SUPPORT, *posts, authority=N, **more)


@pytest.mark.req("K-13", "R-145", "R-144")
@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2025-11-09 23:59:59", "running"),
        ("2025-11-10 00:00", "warning"),
        ("2025-11-17 23:59:59", "warning"),
        ("2025-11-18 00:00", "missed"),
        ("2025-11-18 00:00:01", "missed"),
    ],
    ids=["running", "warns 7 days before", "due -1 s", "due", "due +1 s"],
)
def test_k_13_six_weeks_from_when_the_chair_set_them(now, state):
    (clock,) = clocks(of_harmed(SET), now, "K-13")
    assert (clock.due_on, clock.state) == (date(2025, 11, 17), state)
    assert (clock.starts_at, clock.responsible) == (at("2025-10-06 10:00"), N)
    assert dict(clock.settings) == {"warn_days": 7, "interval_days": 42}


@pytest.mark.req("K-13", "R-145")
@pytest.mark.parametrize(
    ("when", "expected"),
    [("2025-11-17 16:00", "met"), ("2025-11-18 10:00", "met-late")],
    ids=["on the day", "a day after"],
)
def test_k_13_a_review_meets_its_own_date_and_starts_the_next(when, expected):
    first, second = clocks(of_harmed(SET, reviewed(when)), "2025-11-20 10:00", "K-13")
    assert (first.state, second.state) == (expected, "running")
    days = (second.due_on - at(when).date()).days
    assert days == 42


@pytest.mark.req("K-13", "R-145")
def test_k_13_only_the_other_childs_plan_was_reviewed():
    """A review on a linked child's record is none of this child's support."""
    linked = {
        "C-2": (has_harmed("2025-09-12 16:00", N), p("plan-reviewed", "2025-11-10 10:00", N, child="C-2"))
    }
    assert states(of_harmed(SET, linked=linked), "2025-11-20 10:00", "K-13") == ["missed"]


@pytest.mark.req("K-13", "R-144")
def test_k_13_an_interval_that_was_never_set_asks_for_attention_and_has_no_date():
    (clock,) = clocks(of_harmed(), "2026-10-01 10:00", "K-13")
    assert (clock.state, clock.due_at, clock.due_on) == ("warning", None, None)


@pytest.mark.req("K-13", "R-145")
def test_k_13_a_date_that_was_set_counts_until_it_was_met():
    named = p("meeting-held", "2025-10-06 10:00", N, kind="hsb", next_review="2025-11-03")
    (clock,) = clocks(of_harmed(named), "2025-11-04 00:00", "K-13")
    assert (clock.due_on, clock.state) == (date(2025, 11, 3), "missed")
    first, second = clocks(of_harmed(named, reviewed("2025-11-05 10:00")), "2025-11-06 00:00", "K-13")
    assert (first.state, second.state, second.due_on) == ("met-late", "warning", None)


@pytest.mark.req("K-13")
def test_k_13_only_for_a_child_who_has_been_harmed_and_where_the_chair_decides():
    posts = (SUPPORT, SET)
    assert (
        clocks(child(has_harmed("2025-09-12 16:00", N), *posts, authority=N), "2026-01-01 10:00", "K-13")
        == []
    )
    assert clocks(child(harmed("2025-09-12 16:00"), *posts, authority=S), "2026-01-01 10:00", "K-13") == []


GUILTY = p("court-stage-recorded", "2026-01-12 10:00", YOS, stage="plea", plea="guilty")


def stage(when: str, **data: object):
    return p("court-stage-recorded", when, YOS, **{"stage": "adjourned", **data})


@pytest.mark.req("K-14", "R-168")
def test_k_14_the_window_of_six_to_eight_weeks_is_shown():
    (clock,) = clocks(child(GUILTY), "2026-01-13 10:00", "K-14")
    assert clock.times["window_opens_at"] == at("2026-02-23 00:00")
    assert clock.times["window_ends_at"] == at("2026-03-10 00:00")
    assert (clock.due_on, clock.due_at, clock.responsible) == (date(2026, 3, 9), None, YOS)
    assert dict(clock.settings) == {"from_weeks": 6, "to_weeks": 8}


@pytest.mark.req("K-14", "R-168")
@pytest.mark.parametrize(
    ("posts", "now", "state"),
    [
        ((), "2026-01-12 10:00", "running"),
        ((), "2026-06-12 10:00", "running"),
        ((stage("2026-01-13 10:00", requested_adjournment_weeks=5),), "2026-01-14 10:00", "warning"),
        ((stage("2026-01-13 10:00", requested_adjournment_weeks=6),), "2026-01-14 10:00", "running"),
        ((stage("2026-01-13 10:00", psr_due="2026-02-22"),), "2026-01-14 10:00", "warning"),
        ((stage("2026-01-13 10:00", psr_due="2026-02-23"),), "2026-01-14 10:00", "running"),
        ((stage("2026-03-01 10:00", stage="psr"),), "2026-03-02 10:00", "met"),
        ((stage("2026-05-01 10:00", stage="psr"),), "2026-05-02 10:00", "met"),
    ],
    ids=[
        "start",
        "never missed",
        "less asked",
        "enough asked",
        "a day short",
        "to the day",
        "met",
        "met later",
    ],
)
def test_k_14_where_it_stands(posts, now, state):
    assert states(child(GUILTY, *posts), now, "K-14") == [state]


@pytest.mark.req("K-14")
def test_k_14_from_a_conviction_too_and_only_where_the_procedure_goes_through_the_courts():
    convicted = p("conviction-recorded", "2026-01-12 10:00", POLICE)
    assert states(child(convicted), "2026-01-13 10:00", "K-14") == ["running"]
    assert states(child(convicted, authority=N), "2026-01-13 10:00", "K-14") == []


def scored(cycle: str, on: str, *, joint: bool = True, id: str = "") -> ScoredStatement:
    return ScoredStatement(
        key(id or f"{cycle}/{on}"), cycle, date.fromisoformat(on), joint, at(f"{on} 12:00")
    )


FIRST = scored("2025", "2025-03-01")


def audits(now: str, *more: ScoredStatement):
    return framework_audit((FIRST, *more), now=at(now), responsible="partnership.n")


@pytest.mark.req("K-22", "R-191")
@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2025-08-31 23:59:59", "running"),
        ("2025-09-01 00:00", "warning"),
        ("2026-03-01 23:59:59", "warning"),
        ("2026-03-02 00:00", "missed"),
        ("2026-03-02 00:00:01", "missed"),
    ],
    ids=["before the window", "opens at six months", "due -1 s", "due", "due +1 s"],
)
def test_k_22_window_of_six_to_twelve_months(now, state):
    (clock,) = audits(now)
    assert (clock.state, clock.responsible) == (state, "partnership.n")
    assert (clock.warn_at, clock.due_on) == (at("2025-09-01 00:00"), date(2026, 3, 1))


@pytest.mark.req("K-22", "R-191")
@pytest.mark.parametrize(
    ("next_one", "found"),
    [
        (scored("2026", "2026-03-01"), ["met", "running"]),
        (scored("2026", "2026-03-02"), ["met-late", "running"]),
        (scored("2025b", "2025-08-31"), ["missed"]),
        (scored("2026", "2025-12-01", joint=False), ["missed"]),
        (scored("2025", "2025-04-01"), ["warning"]),
    ],
    ids=["in time", "late", "within six months", "not joint", "the same cycle goes on"],
)
def test_k_22_the_next_joint_audit(next_one, found):
    assert [one.state for one in audits("2026-03-15 10:00", next_one)] == found


@pytest.mark.req("K-22", "H-06")
def test_k_22_the_order_of_the_scores_has_no_say_and_without_one_there_is_no_clock():
    many = [FIRST, scored("2026", "2026-02-01"), scored("2026", "2026-02-03"), scored("2027", "2027-01-01")]
    now = datetime(2027, 2, 1, 12, tzinfo=at("2027-02-01 12:00").tzinfo)
    assert framework_audit(many, now=now) == framework_audit(many[::-1], now=now)
    assert framework_audit([scored("2026", "2026-02-01", joint=False)], now=now) == ()
