"""First account, safety now, telling the child and the family: one truth table a rule of what is missing."""

from __future__ import annotations

import pytest

from tests.spec import expecting as e
from tests.spec.expecting import Case, harmed, has_harmed, p, strategy
from tests.spec.posts import ELM, OAK, POLICE, N, S, at

ACCOUNT = p("initial-account-recorded", "2025-09-12 15:10", ELM, source_type="first-hand")
STARTED = p("intervention-started", "2025-10-06 10:00", kind="individual", **{"for": "child"})
PARENTS = {"for": "parents"}
REVIEWED = p("plan-reviewed", "2025-11-06 10:00")
FIRST_PLAN = p("risk-management-plan-recorded", "2025-10-06 11:00", responsible_organisation=S)
ENDED = p("criminal-outcome-recorded", "2025-11-14 15:00", POLICE, outcome="nfa-evidence")


def setting_assessment(when: str, organisation: str = ELM, **parts: str):
    return p("setting-risk-assessment-recorded", when, organisation, parts=[1], **parts)


def informed(topic: str, when: str = "2025-09-13 10:00"):
    return p("family-informed", when, topic=topic, outcome="informed")


CASES = (
    Case(
        "R-010",
        (harmed("2025-09-12 15:25"),),
        S,
        too_early="2025-09-13 15:24",
        met={
            "a measure": (p("immediate-safety-measure-recorded", "2025-09-12 15:45", measure="no-contact"),),
            "a review": (REVIEWED,),
        },
        silent={
            "a child who has harmed": (has_harmed("2025-09-12 15:25"),),
            "an incident not established": (
                p("incident-recorded", "2025-09-12 15:25", role="has-been-harmed", status="not-established"),
            ),
        },
    ),
    Case(
        "R-047",
        (
            p(
                "initial-account-recorded",
                "2025-09-12 15:10",
                ELM,
                received_by=f"{ELM}/teacher-1",
                recorded_by=f"{ELM}/dsl-1",
            ),
        ),
        ELM,
        silent={
            "one and the same person": (
                p("initial-account-recorded", "2025-09-12 15:10", ELM, received_by="a", recorded_by="a"),
            ),
            "a reason": (
                p(
                    "initial-account-recorded",
                    "2025-09-12 15:10",
                    ELM,
                    received_by="a",
                    recorded_by="b",
                    difference_reason="the teacher fell ill",
                ),
            ),
        },
    ),
    Case(
        "R-048",
        (ACCOUNT, harmed("2025-09-12 15:25", ELM)),
        ELM,
        too_early="2025-09-15 23:59",
        met={
            "its own record": (p("child-voice-recorded", "2025-09-12 15:20", ELM, reassurance_given=True),),
        },
        silent={
            "an account of harm done": (ACCOUNT, has_harmed("2025-09-12 15:25", ELM)),
            "no account": (harmed("2025-09-12 15:25", ELM),),
        },
    ),
    Case(
        "R-051",
        (strategy(organisation=N),),
        N,
        met={
            "a measure after it": (
                p("immediate-safety-measure-recorded", "2025-09-15 16:00", measure="no-contact"),
            ),
            "the next meeting": (strategy("2025-10-06 10:00", immediate_protection_confirmed=True),),
        },
        silent={"a meeting that confirmed": (strategy(immediate_protection_confirmed=True),)},
    ),
    Case(
        "R-052",
        (ACCOUNT, harmed("2025-09-12 15:25", ELM)),
        ELM,
        met={"its assessment": (setting_assessment("2025-09-12 15:30"),)},
        silent={
            "the other child's record": (ACCOUNT, has_harmed("2025-09-12 15:25", ELM)),
            "an account to police": (
                p("initial-account-recorded", "2025-09-12 15:10", POLICE, source_type="first-hand"),
            ),
        },
    ),
    Case(
        "R-052-parts",
        (setting_assessment("2025-09-12 15:30", part_1="one"),),
        ELM,
        values={"parts": ["part_3"]},
        met={"the other part": (setting_assessment("2025-09-12 16:30", part_3="three"),)},
        silent={
            "part 2 alone, about the other child": (setting_assessment("2025-09-12 15:30", part_2="two"),)
        },
    ),
    Case(
        "R-054",
        (harmed("2025-09-12 15:25"),),
        S,
        too_early="2025-09-16 23:59",
        met={
            "told": (informed("incident"),),
            "withheld with its risk": (
                p(
                    "family-informed",
                    "2025-09-13 10:00",
                    topic="incident",
                    outcome="withheld",
                    risk_reason="r",
                ),
            ),
        },
        silent={
            "an incident withdrawn": (
                p("incident-recorded", "2025-09-12 15:25", role="has-been-harmed", status="withdrawn"),
            )
        },
    ),
    Case(
        "R-055-programme",
        (has_harmed(), STARTED),
        S,
        met={"told": (informed("programme"),)},
        silent={
            "a child who was harmed": (harmed(), STARTED),
            "no work begun": (has_harmed(),),
            "work with the parents": (
                has_harmed(),
                p("intervention-started", "2025-10-06 10:00", kind="parents", **PARENTS),
            ),
        },
    ),
    Case(
        "R-055-support",
        (has_harmed(), STARTED),
        S,
        met={
            "support": (p("support-arranged", "2025-10-07 10:00", kind="family", **PARENTS),),
            "work offered to them": (p("intervention-offered", "2025-10-07 10:00", kind="x", **PARENTS),),
        },
        silent={"a child who was harmed": (harmed(), STARTED)},
    ),
    Case(
        "R-056",
        (has_harmed(), p("interview-held", "2025-09-18 10:00", POLICE, kind="pace")),
        POLICE,
        met={
            "told": (informed("legal-advice"),),
            "told when it was planned": (
                p("interview-planned", "2025-09-17 10:00", POLICE, method="pace", legal_advice_given=True),
            ),
        },
        silent={
            "a child who was harmed": (harmed(), p("interview-held", "2025-09-18 10:00", POLICE, kind="abe")),
            "no interview": (has_harmed(),),
        },
    ),
    Case(
        "R-058",
        (FIRST_PLAN, REVIEWED),
        S,
        met={
            "the child's voice": (p("child-voice-recorded", "2025-11-01 10:00", words="w"),),
            "a voice recorded late": (p("child-voice-recorded", "2025-11-10 10:00", words="w"),),
        },
        silent={
            "a review that rests on one": (
                FIRST_PLAN,
                p("plan-reviewed", "2025-11-06 10:00", voice={"source": "urn:test", "id": "v"}),
            ),
            "no review yet": (FIRST_PLAN,),
        },
    ),
    Case(
        "R-060",
        (has_harmed(), ENDED),
        S,
        met={"told": (informed("end-of-criminal-matters", "2025-11-20 09:00"),)},
        silent={
            "a charge": (
                has_harmed(),
                p("criminal-outcome-recorded", "2025-11-14 15:00", POLICE, outcome="charge"),
            )
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


@pytest.mark.parametrize("case", e.waiting(CASES))
def test_expected_only_when_its_time_has_passed(case):
    assert case.found(case.opens, case.too_early) == []
    (item,) = case.found(case.opens)
    assert item.settings


def case_of(rule: str) -> Case:
    return next(one for one in CASES if one.rule == rule)


@pytest.mark.req("R-056")
@pytest.mark.parametrize(
    ("kind", "open_"), [("pace", True), ("social-work", True), ("abe", False), ("under-10", False)]
)
def test_legal_advice_is_for_interviews_about_harm_done(kind, open_):
    posts = [has_harmed(), p("interview-held", "2025-09-18 10:00", POLICE, kind=kind)]
    assert bool(case_of("R-056").found(posts)) is open_


@pytest.mark.req("R-056")
def test_legal_advice_comes_before_consent_to_a_specialist_assessment():
    decided = p("specialist-assessment-decided", "2025-09-19 15:30", decision="yes")
    assert case_of("R-056").found([has_harmed(), decided])
    declined = p("specialist-assessment-decided", "2025-09-19 15:30", decision="no")
    assert case_of("R-056").found([has_harmed(), declined]) == []


@pytest.mark.req("R-048")
def test_reassurance_by_another_organisation_is_not_the_receivers_own():
    voice = p("child-voice-recorded", "2025-09-12 17:00", S, reassurance_given=True)
    case = case_of("R-048")
    (item,) = case.found([*case.opens, voice])
    assert (item.agency, item.told) == (ELM, "owner")


@pytest.mark.req("R-052")
def test_one_schools_assessment_says_nothing_of_anothers():
    case = case_of("R-052")
    assert case.found([*case.opens, setting_assessment("2025-09-12 15:30", OAK)])


@pytest.mark.req("R-010", "H-20")
def test_a_linked_childs_incident_says_that_this_child_was_harmed():
    case = case_of("R-010")
    told = has_harmed("2025-09-12 15:25", child="C-2", others=[e.other(e.CHILD, "has-been-harmed")])
    assert case.found([], linked={"C-2": (told,)})
    assert case.found([]) == []


@pytest.mark.req("R-010")
def test_a_statement_from_before_the_last_incident_is_no_statement():
    case = case_of("R-010")
    before = p("immediate-safety-measure-recorded", "2025-08-01 10:00", measure="no-contact")
    (item,) = case.found([before, *case.opens])
    assert item.since == at("2025-09-12 15:25")


@pytest.mark.req("R-054")
def test_a_later_incident_has_to_be_told_again():
    again = harmed("2025-10-20 09:00")
    (item,) = case_of("R-054").found([harmed("2025-09-12 15:25"), informed("incident"), again])
    assert item.evidence == (again.key,)


@pytest.mark.req("R-058")
def test_the_voice_is_heard_again_for_each_review():
    voice = p("child-voice-recorded", "2025-11-01 10:00", words="w")
    again = p("plan-reviewed", "2025-11-16 10:00")
    (item,) = case_of("R-058").found([FIRST_PLAN, voice, REVIEWED, again])
    assert item.evidence == (again.key,)
