"""What the local procedure's rows ask for: one truth table a rule, under both shipped procedures."""

from __future__ import annotations

from datetime import date

import pytest

from tests.spec import expecting as e
from tests.spec.expecting import Case, harmed, has_harmed, level, p, strategy
from tests.spec.posts import POLICE, YOS, N, S

OUTCOME = p("referral-outcome-decided", "2025-09-15 10:05", outcome="assessment")
SCREENED = p("behaviour-screened", "2025-09-15 09:00", tool="brook", colour="amber")
DISABLED = p("child-circumstance-recorded", "2025-09-01 09:00", kind="disability")
CONVENED = p("meeting-convened", "2025-09-15 10:10", kind="strategy", meeting="M1")
CONVENED_N = p("meeting-convened", "2025-09-15 10:10", N, kind="strategy", meeting="M1")
HELD, HELD_N = strategy(), strategy(organisation=N)
ADULT_BORN = date(2003, 9, 1)
DECIDED = p("specialist-assessment-decided", "2025-09-19 15:30", decision="no", reason="r")


def invitation(organisation: str, decision: str = "not-invited", by: str = S):
    named = {"meeting": "M1", "organisation": organisation, "decision": decision, "reason": "r"}
    return p("invitation-sent", "2025-09-15 10:20", by, _id=f"i-{organisation}", **named)


CASES = (
    Case(
        "R-003",
        (has_harmed(), DISABLED, strategy()),
        N,
        authority=N,
        born=ADULT_BORN,
        met={"begun": (p("assessment-started", "2025-09-16 09:00", kind="child-and-family"),)},
        silent={
            "nobody disabled": (has_harmed(), strategy()),
            "no meeting": (has_harmed(), DISABLED),
            "another harmed": (harmed(), DISABLED, strategy()),
        },
    ),
    Case("R-026", (OUTCOME,), S, met={"a screening": (SCREENED,)}, silent={"no triage": (has_harmed(),)}),
    Case(
        "R-029",
        (SCREENED, OUTCOME, strategy()),
        S,
        values={"empty": ["level"]},
        met={"a level": (level("problematic"),)},
        silent={"no meeting": (SCREENED, OUTCOME)},
    ),
    Case(
        "R-070",
        (has_harmed(), level("inappropriate")),
        S,
        values={"from_level": "inappropriate"},
        met={"told": (p("oversight-notified", "2025-09-20 09:00", target="safeguarding-unit"),)},
        silent={"the lowest level": (has_harmed(), level("normal"))},
    ),
    Case(
        "R-080",
        (has_harmed(), CONVENED_N, HELD_N),
        N,
        authority=N,
        born=date(2010, 1, 20),
        values={"invitee": "youth-justice", "organisation": None},
        met={"invited": (invitation(YOS, "invited", by=N),)},
        silent={"not held yet": (has_harmed(), CONVENED_N)},
    ),
    Case(
        "R-081",
        (has_harmed(), CONVENED, HELD, invitation("education.oak-school")),
        S,
        born=date(2010, 1, 20),
        values={"invitee": "youth-justice", "organisation": None},
        met={
            "invited": (invitation(YOS, "invited"),),
            "a reason against it": (invitation(YOS),),
        },
        silent={"not held yet": (has_harmed(), CONVENED)},
    ),
    Case(
        "R-118",
        (has_harmed(), level("inappropriate")),
        S,
        met={
            "an outcome since": (p("referral-outcome-decided", "2025-09-20 09:00", outcome="early-help"),),
            "a plan since": (p("plan-started", "2025-09-20 09:00", kind="early-help"),),
            "enquiries since": (p("section-47-enquiry-initiated", "2025-09-20 09:00"),),
        },
        silent={
            "a level below": (has_harmed(), level("normal")),
            "a level above": (has_harmed(), level("problematic")),
            "another agency's level above": (
                has_harmed(),
                level("inappropriate"),
                level("problematic", organisation=N),
            ),
        },
    ),
    Case(
        "R-094",
        (has_harmed(), level("problematic")),
        S,
        born=date(2010, 1, 20),
        met={"decided against": (DECIDED,)},
        silent={
            "a level below": (has_harmed(), level("inappropriate")),
            "a child who was harmed": (harmed(), level("abusive")),
        },
    ),
    Case(
        "R-094-younger",
        (has_harmed(), level("abusive")),
        S,
        born=date(2014, 1, 20),
        met={"begun": (p("assessment-started", "2025-09-18 09:00", kind="single"),)},
        silent={"a level below": (has_harmed(), level("inappropriate"))},
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


def case_of(rule: str) -> Case:
    return next(one for one in CASES if one.rule == rule)


# Which of the two shipped procedures asks for it: darlington-2025 is N's, llr-2024 is S's.
ASKS = (
    ("R-003", N, True),
    ("R-003", S, False),
    ("R-026", N, False),
    ("R-026", S, True),
    ("R-029", N, False),
    ("R-029", S, True),
    ("R-070", N, False),
    ("R-070", S, True),
    ("R-118", N, False),
    ("R-118", S, True),
)


@pytest.mark.req("R-003", "R-026", "R-029", "R-070", "R-118")
@pytest.mark.parametrize(("rule", "authority", "asks"), ASKS)
def test_each_procedure_asks_for_its_own(rule, authority, asks):
    case = case_of(rule)
    assert bool(case.found(case.opens, authority=authority)) is asks
    assert case.found(case.opens, authority=POLICE) == []  # nobody has adopted a procedure


@pytest.mark.req("R-003")
@pytest.mark.parametrize(
    ("born", "open_"),
    [
        (date(2007, 9, 15), True),
        (date(2007, 9, 16), False),
        (date(2000, 9, 16), True),
        (date(2000, 9, 15), False),
    ],
    ids=["18y0d", "17y364d", "24y364d", "25y0d"],
)
def test_a_disabled_young_adult_by_age_to_the_day(born, open_):
    case = case_of("R-003")
    assert bool(case.found(case.opens, date_of_birth=born)) is open_


@pytest.mark.req("R-094")
@pytest.mark.parametrize(
    ("born", "decided", "younger"),
    [
        (date(2013, 9, 17), False, True),
        (date(2013, 9, 16), True, False),
        (date(2006, 9, 17), True, False),
        (date(2006, 9, 16), False, False),
        (None, False, False),
    ],
    ids=["11y364d", "12y0d", "18y364d", "19y0d", "not known"],
)
def test_a_specialist_assessment_by_age_to_the_day(born, decided, younger):
    posts = [has_harmed(), level("abusive")]
    assert bool(case_of("R-094").found(posts, date_of_birth=born)) is decided
    assert bool(case_of("R-094-younger").found(posts, date_of_birth=born)) is younger


@pytest.mark.req("R-094")
def test_where_no_level_is_named_the_decision_is_due_from_the_strategy_meeting_on():
    case = case_of("R-094")
    assert case.found([has_harmed(), level("violent")], authority=N) == []
    assert case.found([has_harmed(), strategy()], authority=N)
    assert case.found([has_harmed(), strategy(), DECIDED], authority=N) == []


@pytest.mark.req("R-081", "R-080")
def test_an_agency_that_was_there_needs_no_decision_any_more():
    here = [{"organisation": YOS, "person": f"{YOS}/yj-1"}]
    for rule, by in (("R-081", S), ("R-080", N)):
        case = case_of(rule)
        held = strategy(organisation=by, attendance=here)
        posts = [one for one in case.opens if one.type != "meeting-held"]
        assert case.found([*posts, held]) == []
