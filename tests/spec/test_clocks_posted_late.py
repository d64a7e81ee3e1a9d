"""Late posts recompute the clocks of a meeting and of a plan, and are labelled as posted late (H-25)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.pathway.clocks.clock import POSTED_LATE, RECEIVED_LATE
from tests.spec.clock_rows import child, clocks
from tests.spec.expecting import has_harmed, p
from tests.spec.posts import ELM, N, S, at

PARTS = {"accountability": "a", "needs": "n", "protection": "p", "future_risk": "f"}
PLAN = p("risk-management-plan-recorded", "2025-10-06 11:00", responsible_organisation=S, parts=PARTS)
REFERRAL = p("referral-made", "2025-09-12 15:40", ELM, target="csc", to=N)


def recorded(entry, when: str):
    return replace(entry, recorded_at=at(when), received_at=at(when))


@pytest.mark.req("H-25", "K-01", "R-077")
def test_k_01_a_notice_of_long_ago_is_missed_and_its_alert_is_dated_by_the_recording():
    stuff = child(has_harmed("2025-09-12 15:00", ELM), recorded(REFERRAL, "2025-09-20 09:00"), authority=N)
    (clock,) = clocks(stuff, "2025-09-20 09:00", "K-01")
    assert (clock.state, clock.due_at) == ("missed", at("2025-09-15 15:40"))
    assert clock.times["alert_at"] == at("2025-09-20 09:00")
    assert POSTED_LATE in clock.text
    in_time = child(has_harmed("2025-09-12 15:00", ELM), REFERRAL, authority=N)
    (clock,) = clocks(in_time, "2025-09-20 09:00", "K-01")
    assert "alert_at" not in clock.times and POSTED_LATE not in clock.text


@pytest.mark.req("H-25", "K-01", "R-077")
def test_k_01_an_earlier_notice_posted_late_moves_the_due_time_back():
    later = p("referral-made", "2025-09-13 10:00", ELM, target="police")
    incident = has_harmed("2025-09-12 15:00", ELM)
    (before,) = clocks(child(incident, later, authority=N), "2025-09-14 10:00", "K-01")
    (after,) = clocks(
        child(incident, later, recorded(REFERRAL, "2025-09-14 09:00"), authority=N),
        "2025-09-14 10:00",
        "K-01",
    )
    assert (before.due_at, after.due_at) == (at("2025-09-16 10:00"), at("2025-09-15 15:40"))


@pytest.mark.req("H-25", "K-10", "R-143")
def test_k_10_a_review_in_time_that_the_hub_received_after_it():
    review = p("plan-reviewed", "2026-01-06 10:00")
    first = clocks(child(PLAN, review), "2026-02-01 10:00", "K-10")[0]
    late = replace(review, received_at=review.received_at + timedelta(days=3))
    second = clocks(child(PLAN, late), "2026-02-01 10:00", "K-10")[0]
    assert (first.state, second.state) == ("met", "met")
    assert RECEIVED_LATE not in first.text and RECEIVED_LATE in second.text


@pytest.mark.req("H-25", "K-10", "R-143")
def test_k_10_a_plan_that_was_recorded_after_its_first_review_was_due():
    stuff = child(recorded(PLAN, "2026-01-20 10:00"))
    first, second = clocks(stuff, "2026-01-20 10:00", "K-10")
    assert (first.state, first.times["alert_at"]) == ("missed", at("2026-01-20 10:00"))
    assert POSTED_LATE in first.text and POSTED_LATE not in second.text
