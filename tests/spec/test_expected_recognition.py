"""Recognition, screening and the child's own needs: one truth table a rule of what is missing."""

from __future__ import annotations

from datetime import date

import pytest

from tests.spec import expecting as e
from tests.spec.expecting import Case, harmed, has_harmed, level, p, strategy
from tests.spec.posts import ELM, POLICE, N, S

NEED = p("child-circumstance-recorded", "2025-09-01 09:00", kind="learning-need")
ASSESSED = p("assessment-started", "2025-09-17 09:00", kind="single")
EARLIER_NEED = p("child-circumstance-recorded", "2025-09-01 09:00", kind="learning-need", until="2025-10-01")
EXPERIMENT = p("scope-decision-recorded", "2025-09-18 09:00", decision="out-experimental", reason="r")
PRESSURE = has_harmed("2025-10-20 09:00", coercion="alleged", happened="2025-09-10", precision="day")
MUTUAL = harmed(claimed_mutual=True)
SERVED = p("referral-made", "2025-09-12 18:00", ELM, target="csc", to=S)

CASES = (
    Case(
        "R-002",
        (has_harmed(organisation=POLICE, person_harmed="adult-in-need-of-safeguarding"),),
        POLICE,
        met={
            "referral": (p("referral-made", "2025-09-13 09:00", target="adult-social-care"),),
            "a reason": (
                p(
                    "no-further-action-decided",
                    "2025-09-13 09:00",
                    about_what="referral",
                    reasons="already known",
                    about="incident-recorded/2025-09-12 16:00/police.n-police",
                ),
            ),
        },
        silent={
            "an adult without that need": (has_harmed(person_harmed="adult"),),
            "a child": (has_harmed(person_harmed="child"),),
        },
    ),
    Case(
        "R-013",
        (has_harmed(), ASSESSED),
        S,
        met={"considered": (p("victimisation-considered", "2025-09-18 09:00", outcome="considered"),)},
        silent={"a child who was harmed": (harmed(), ASSESSED), "no assessment": (has_harmed(),)},
    ),
    Case(
        "R-013-needs",
        (has_harmed(), ASSESSED),
        S,
        met={"a need": (p("assessment-factor-recorded", "2025-09-18 09:00", kind="unmet-need", code="x"),)},
        silent={"a child who was harmed": (harmed(), ASSESSED)},
    ),
    Case(
        "R-017",
        (level("problematic"), ASSESSED),
        S,
        met={
            name: (
                p("assessment-completed", "2025-10-01 09:00", kind="single", self_risk_from_behaviour=name),
            )
            for name in ("considered", "concern")
        },
        silent={"another level": (level("abusive"), ASSESSED), "no assessment": (level("problematic"),)},
    ),
    Case(
        "R-018",
        (has_harmed(categories=["grooming"]), strategy()),
        S,
        met={"considered": (p("exploitation-link-considered", "2025-09-16 09:00", answer="no", reason="r"),)},
        silent={
            "no sign of it": (has_harmed(categories=["language"]), strategy()),
            "no strategy meeting": (has_harmed(categories=["grooming"]),),
        },
    ),
    Case(
        "R-031",
        (NEED, p("behaviour-screened", "2025-09-12 09:00", ELM, tool="brook")),
        ELM,
        silent={
            "a tool that suits": (
                NEED,
                p("behaviour-screened", "2025-09-12 09:00", ELM, tool="brook", suitable="adapted"),
            ),
            "no learning need": (p("behaviour-screened", "2025-09-12 09:00", ELM, tool="brook"),),
            "a need that ended": (EARLIER_NEED, p("behaviour-screened", "2025-09-12 09:00", ELM)),
        },
    ),
    Case(
        "R-032-coordinator",
        (NEED, p("plan-started", "2025-10-06 11:00", kind="cin")),
        S,
        met={
            "a lead worker": (
                p("named-contact-appointed", "2025-10-07 09:00", role="lead-sw", person=f"{S}/sw-s1"),
            )
        },
        silent={
            "a coordinator": (NEED, p("plan-started", "2025-10-06 11:00", kind="cin", coordinator="c")),
            "no learning need": (p("plan-started", "2025-10-06 11:00", kind="cin"),),
        },
    ),
    Case(
        "R-032-length",
        (NEED, p("plan-started", "2025-10-06 11:00", kind="cin")),
        S,
        silent={
            "an answer": (
                NEED,
                p("plan-started", "2025-10-06 11:00", kind="cin", length_adjusted="not-needed"),
            )
        },
    ),
    Case(
        "R-035",
        (p("assessment-completed", "2025-10-01 09:00", kind="single"),),
        S,
        met={
            "a later assessment": (
                p("assessment-completed", "2025-10-09 09:00", kind="single", online_networks="nothing-found"),
            )
        },
        silent={"no assessment": (ASSESSED,)},
    ),
    Case(
        "R-036",
        (p("scope-decision-recorded", "2025-09-18 09:00", decision="out-adult-involved", reason="r"),),
        S,
        met={
            one: (p("referral-made", "2025-09-18 10:00", target=one, to=POLICE),) for one in ("police", "csc")
        },
        silent={"another decision": (EXPERIMENT,)},
    ),
    Case(
        "R-036-again",
        (EXPERIMENT, PRESSURE),
        S,
        met={
            "a new decision": (
                p("scope-decision-recorded", "2025-10-21 09:00", decision="in-scope", reason="r"),
            )
        },
        silent={
            "nothing new": (EXPERIMENT,),
            "what was known before": (has_harmed(coercion="alleged"), EXPERIMENT),
        },
    ),
    Case(
        "R-038",
        (harmed(organisation=ELM),),
        ELM,
        born=date(2012, 9, 13),  # 12 years and 364 days
        met={"a referral": (SERVED,)},
        silent={
            "an incident that was withdrawn": (
                p("incident-recorded", "2025-09-12 16:00", status="withdrawn"),
            )
        },
    ),
    Case(
        "R-039",
        (MUTUAL,),
        S,
        born=date(2011, 9, 12),
        met={"assessed": (p("consent-competency-assessed", "2025-09-20 09:00", outcome="unclear"),)},
        silent={"not claimed": (harmed(),)},
    ),
    Case(
        "R-044",
        (has_harmed(), p("victimisation-considered", "2025-09-18 09:00", outcome="considered")),
        S,
        met={
            "a later opportunity": (
                p(
                    "victimisation-considered",
                    "2025-09-25 09:00",
                    outcome="considered",
                    opportunities_given=["2025-09-24"],
                ),
            )
        },
        silent={"not considered at all": (has_harmed(),)},
    ),
    Case(
        "R-045",
        (has_harmed(), level("abusive")),
        S,
        born=date(2015, 9, 13),  # 9 years and 364 days
        met={"considered": (p("victimisation-considered", "2025-09-18 09:00", outcome="discounted"),)},
        silent={
            "a lower level": (has_harmed(), level("problematic")),
            "the child harmed": (harmed(), level("violent")),
        },
    ),
)


@pytest.mark.parametrize("case", e.opening(CASES))
def test_expected_is_open(case):
    e.is_open(case)


@pytest.mark.parametrize(("case", "posts"), e.meeting(CASES))
def test_expected_is_met(case, posts):
    assert case.found([*case.opens, *posts]) == []


@pytest.mark.parametrize(("case", "posts"), e.silent(CASES))
def test_expected_is_not_asked_of(case, posts):
    assert case.found(posts) == []


AGES = (
    ("R-038", date(2012, 9, 13), True, "12 years 364 days"),
    ("R-038", date(2012, 9, 12), False, "13 years 0 days"),
    ("R-039", date(2012, 9, 13), False, "12 years 364 days"),
    ("R-039", date(2012, 9, 12), True, "13 years 0 days"),
    ("R-039", date(2009, 9, 13), True, "15 years 364 days"),
    ("R-039", date(2009, 9, 12), False, "16 years 0 days"),
    ("R-045", date(2015, 9, 13), True, "9 years 364 days"),
    ("R-045", date(2015, 9, 12), False, "10 years 0 days"),
)


@pytest.mark.req("R-038", "R-039", "R-045", "R-113")
@pytest.mark.parametrize(
    ("rule", "born", "open_"), [one[:3] for one in AGES], ids=[f"{one[0]} at {one[3]}" for one in AGES]
)
def test_expected_by_age_to_the_day(rule, born, open_):
    case = next(one for one in CASES if one.rule == rule)
    assert bool(case.found(case.opens, date_of_birth=born)) is open_


@pytest.mark.req("R-036")
def test_what_was_recorded_before_a_scope_decision_asks_for_no_other():
    before = level("abusive", "2025-09-17 09:00", N, exploitation="yes")
    case = next(one for one in CASES if one.rule == "R-036-again")
    assert case.found([EXPERIMENT, before]) == []
    assert case.found([EXPERIMENT, level("abusive", "2025-09-19 09:00", N, exploitation="yes")])


@pytest.mark.req("R-038")
def test_a_referral_from_before_the_incident_does_not_meet_it():
    case = next(one for one in CASES if one.rule == "R-038")
    assert case.found([*case.opens, p("referral-made", "2025-09-01 09:00", ELM, target="csc")])
