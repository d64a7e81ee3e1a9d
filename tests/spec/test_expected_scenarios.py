"""The consequences that open items carry in the three scenarios, as their events fall."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.pathway.expected import open_items
from tests.spec import scenario_a as a
from tests.spec.open_item_rows import e
from tests.spec.posts import POLICE, S, all_of, at, material, profile_of


def in_a(now: str) -> set[str]:
    """The rules that are open for the child who has harmed, on the whole fold at a time."""
    known = replace(a.enquiry(a.HAS_HARMED, at(now)), complete=None)
    return {one.rule for one in open_items(known, now=at(now), profile_of=profile_of)}


@pytest.mark.parametrize(
    ("rule", "before", "then", "after"),
    [
        pytest.param(
            "R-124", "2025-09-29 10:59", "2025-09-29 11:30", "2025-09-29 12:01",
            marks=pytest.mark.req("R-124"), id="R-124 A29 conference decision due, A30 decided",
        ),
        pytest.param(
            "R-102-enquiry", "2025-09-15 14:29", "2025-09-15 14:31", "2025-09-15 16:11",
            marks=pytest.mark.req("R-102"), id="R-102 A14 strategy meeting, A18 own enquiry",
        ),
        pytest.param(
            "R-103-assessment", "2025-09-12 16:19", "2025-09-15 16:14", "2025-09-15 16:16",
            marks=pytest.mark.req("R-103"), id="R-103 A06 referral, A18b assessment",
        ),
        pytest.param(
            "R-141", "2025-10-06 10:59", "2025-10-06 11:06", None,
            marks=pytest.mark.req("R-141"), id="R-141 A32 the youth club has no cover",
        ),
        pytest.param(
            "R-132", "2025-10-05 12:00", None, "2025-10-20 12:00",
            marks=pytest.mark.req("R-132"), id="R-132 A31 the meeting was in time",
        ),
    ],
)  # fmt: skip
def test_scenario_a(rule, before, then, after):
    assert rule not in in_a(before)
    if then is not None:
        assert rule in in_a(then)
    if after is not None:
        assert rule not in in_a(after)


@pytest.mark.req("R-160")
@pytest.mark.parametrize(("kept", "open_"), [(True, False), (False, True)], ids=["A34 held", "without A34"])
def test_scenario_a_a33_the_group_is_reconvened(kept, open_):
    now = at("2025-11-25 12:00")
    whole = replace(a.enquiry(a.HAS_HARMED, now), complete=None)
    entries = tuple(one for one in whole.entries if kept or one.key.id != "A34")
    items = open_items(replace(whole, entries=entries), now=now, profile_of=profile_of)
    assert ("R-160" in {one.rule for one in items}) is open_


B = (
    e("2025-09-01 09:00", "child-stream-opened", date_of_birth="2013-05-02", responsible_authority=S,
      looked_after=True),
    e("2025-10-03 09:30", "incident-recorded", role="has-harmed", status="alleged"),
    e("2025-10-03 14:00", "victimisation-considered", outcome="established"),
    e("2025-10-06 13:05", "section-47-enquiry-initiated", threshold="significant-harm-suspected"),
    e("2025-10-07 09:00", "behaviour-level-assessed", scale="hackett-5", level="problematic"),
    e("2025-10-17 09:30", "section-47-enquiry-concluded", continuing_risk=True),
    e("2025-10-17 10:00", "conference-decided", decision="held"),
    e("2025-10-27 10:00", "conference-held", kind="icpc", outcome="plan", stated_at_outset=True,
      addresses=["has-harmed", "has-been-harmed"], behaviour_response="x"),
    e("2025-10-27 10:30", "plan-started", kind="cp"),
    e("2025-11-05 10:00", "meeting-held", kind="core-group", meeting="G1"),
)  # fmt: skip

C = (
    e("2025-09-22 13:30", "child-stream-opened", date_of_birth="2017-10-02", responsible_authority=S),
    e("2025-09-22 14:25", "incident-recorded", role="has-harmed", status="alleged"),
    e("2025-09-23 09:45", "referral-outcome-decided", outcome="strategy"),
    e("2025-09-23 10:00", "meeting-held", kind="strategy", meeting="M1"),
    e("2025-09-23 10:30", "section-47-enquiry-initiated", threshold="significant-harm-suspected"),
    e("2025-09-23 11:00", "meeting-checklist-completed", checklist="CL-U10",
      items=[{"item": one, "answer": answer} for one, answer in
             (("school", "answered"), ("gp", "not-answered"), ("health-visitor", "answered"))]),
    e("2025-10-06 10:00", "section-47-enquiry-concluded", continuing_risk=False),
    e("2025-10-06 10:30", "conference-decided", decision="not-held"),
    e("2025-10-06 10:40", "plan-started", kind="cin"),
    e("2025-10-13 10:00", "meeting-held", kind="hsb", meeting="H1", chronology_snapshot="s",
      next_review="2026-01-13"),
    e("2025-10-14 09:00", "risk-management-plan-recorded", responsible_organisation=S,
      responsible_person=f"{S}/sw-5"),
)  # fmt: skip


def rules(posts, now: str) -> set[str]:
    known = [one for one in posts if one.recorded_at <= at(now)]
    stuff = material("C-1", known, authority=S)
    return {one.rule for one in open_items(stuff, now=at(now), profile_of=all_of("llr-2024"))}


@pytest.mark.req("R-126", "R-130", "R-124")
def test_scenario_b_one_conference_on_both_roles_and_no_second_meeting():
    assert {"R-124"} <= rules(B, "2025-10-17 09:45")
    assert "R-124" not in rules(B, "2025-10-17 10:30")
    assert "R-130" in rules(B, "2025-10-27 11:00")
    end = rules(B, "2025-12-01 12:00")
    assert not end & {"R-114", "R-130", "R-132", "R-139"}


@pytest.mark.req("R-126")
def test_scenario_b_a_child_in_both_roles_whose_risk_goes_on_has_a_conference():
    harmed = e("2025-10-03 09:40", "incident-recorded", role="has-been-harmed", status="alleged")
    assert "R-125" in rules((*B, harmed), "2025-10-20 12:00")
    assert "R-125" not in rules((*B, harmed), "2025-10-28 12:00")


@pytest.mark.req("R-113", "R-114", "R-115")
def test_scenario_c_under_ten():
    assert "R-115-checks" in rules(C, "2025-09-23 10:00")
    assert {"R-115-checklist"} <= rules(C, "2025-09-24 12:00")
    assert "R-115-checks" not in rules(C, "2025-09-24 12:00")
    assert "R-124" in rules(C, "2025-10-06 10:15")
    assert "R-114" in rules(C, "2025-10-06 10:45")
    end = rules(C, "2025-10-15 12:00")
    assert not end & {"R-114", "R-124", "R-132", "R-137-review", "R-138"}


@pytest.mark.req("R-106")
def test_scenario_c_a_child_under_ten_is_not_assessed_with_youth_justice():
    police = e("2025-09-24 09:00", "criminal-investigation-decided", POLICE, decision="investigate")
    begun = e("2025-09-24 10:00", "assessment-started", kind="single")
    assert "R-106" not in rules((*C, police, begun), "2025-10-15 12:00")
