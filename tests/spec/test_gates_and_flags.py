"""Every gate names its source; facts are kept and flagged (H-27, H-28)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hub.pathway.gates import FLAGS, GATES, flags
from tests.spec import scenario_a as a
from tests.spec.judging import fold, refused
from tests.spec.posts import ELM, OAK, POLICE, N, S, material, post, profile_of

# every gate


@pytest.mark.req("H-28")
@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_every_refusal_names_its_requirement_its_source_and_the_fix(gate):
    refusal = gate.refusal
    assert refusal.rule.startswith("R-") and refusal.source.startswith("S")
    assert refusal.text and refusal.fix and gate.types
    assert refusal.force in ("MUST", "SHOULD", "ALWAYS")


@pytest.mark.req("H-28")
def test_every_decision_of_scenario_a_passes():
    decisions = {
        "criminal-investigation-decided",
        "separate-meetings-decided",
        "referral-outcome-decided",
        "social-worker-allocated",
        "meeting-convened",
        "section-47-enquiry-initiated",
        "section-47-enquiry-concluded",
        "risk-management-plan-recorded",
    }
    asked = [one for one in a.POSTS if one.type in decisions]
    assert len(asked) > 10
    for one in asked:
        before = replace(a.enquiry(one.child), complete=None)
        whole = replace(
            before,
            entries=tuple(e for e in before.entries if e.received_at < one.received_at),
            linked={
                c: tuple(e for e in es if e.received_at < one.received_at) for c, es in before.linked.items()
            },
        )
        assert refused(one, whole, now=one.received_at) is None, one.key.id


INCIDENT = post(
    "i",
    "2025-09-22 13:00",
    ELM,
    "c",
    "incident-recorded",
    {"role": "has-harmed", "status": "alleged"},
    happened="2025-09-22",
    precision="day",
)
UNDER, TEN = date(2015, 9, 23), date(2015, 9, 22)


# flags


def flagged(fact, whole, profiles=profile_of):
    return flags(fact, whole, now=a.END, profile_of=profiles)


def meeting(kind, child=a.HARMED, time="2025-09-15 13:00", **data):
    return post("m", time, N, child, "meeting-held", {"kind": kind, "meeting": "M1", **data})


@pytest.mark.req("R-079", "H-27")
def test_a_strategy_meeting_before_the_decision_on_separate_meetings_is_flagged():
    undecided, decided = fold(a.HARMED, "2025-09-15 09:14"), fold(a.HARMED, "2025-09-15 09:15")
    assert "R-079" in flagged(meeting("strategy"), undecided)
    assert "R-079" not in flagged(meeting("strategy"), decided)
    assert "R-079" not in flagged(meeting("hsb"), undecided)
    assert "R-079" not in flagged(meeting("strategy", a.HAS_HARMED), fold(a.HAS_HARMED, "2025-09-15 09:15"))
    assert "R-079" in flagged(meeting("strategy", time="2025-09-15 09:00"), decided)
    assert "R-079" not in flagged(meeting("strategy"), material(a.HARMED, []))


@pytest.mark.req("R-133", "R-137", "H-27")
def test_a_meeting_without_chronology_or_next_review_is_flagged():
    whole = material("c", [], authority=S)
    assert flagged(meeting("hsb", "c"), whole) == ("R-133", "R-137")
    assert flagged(meeting("hsb", "c", chronology_snapshot="s"), whole) == ("R-137",)
    full = meeting("hsb", "c", chronology_snapshot="s", next_review="2026-01-06")
    assert flagged(full, whole) == ()
    assert flagged(meeting("strategy", "c"), whole) == ()


@pytest.mark.req("R-144", "H-27")
def test_under_darlington_a_missing_interval_is_flagged():
    whole = material("c", [], authority=N)
    full = {"chronology_snapshot": "s", "next_review": "2026-01-06"}
    assert flagged(meeting("hsb", "c", **full), whole) == ("R-144",)
    assert flagged(meeting("hsb", "c", **full, interval_days=42), whole) == ()
    review = post("r", "2025-11-01 09:00", N, "c", "plan-reviewed", {})
    assert flagged(review, whole) == ("R-144",)
    assert flagged(review, material("c", [], authority=S)) == ()


@pytest.mark.req("R-082", "H-27")
@pytest.mark.parametrize(("school", "codes"), [(ELM, ()), (OAK, ("R-082",))])
def test_a_wrong_school_that_was_present_is_flagged(school, codes):
    fact = meeting("strategy", attendance=[{"organisation": POLICE}, {"organisation": school}])
    assert flagged(fact, fold(a.HARMED, "2025-09-15 10:12")) == codes


@pytest.mark.req("R-113", "H-27")
@pytest.mark.parametrize(
    ("type", "data", "codes"),
    [
        ("interview-held", {"kind": "pace"}, ("R-113",)),
        ("interview-held", {"kind": "under-10"}, ()),
        ("criminal-outcome-recorded", {"outcome": "charge"}, ("R-113",)),
        ("criminal-outcome-recorded", {"outcome": "nfa-evidence"}, ()),
    ],
)
def test_what_happened_to_a_child_under_ten_is_kept_and_flagged(type, data, codes):
    fact = post("f", "2025-09-23 09:00", POLICE, "c", type, data)
    assert flagged(fact, material("c", [INCIDENT], date_of_birth=UNDER)) == codes
    assert flagged(fact, material("c", [INCIDENT], date_of_birth=TEN)) == ()


@pytest.mark.req("H-27")
def test_every_flag_has_words_and_those_about_the_child_stay_out_of_receipts():
    assert {one.code for one in FLAGS if one.from_post_alone} == {"R-133", "R-137"}
    assert all(one.text and one.source for one in FLAGS)


@pytest.mark.req("R-079")
def test_scenario_a_has_no_flags():
    for one in a.POSTS:
        before = replace(a.enquiry(one.child, one.received_at), complete=None)
        assert flagged(one, before) == (), one.key.id
