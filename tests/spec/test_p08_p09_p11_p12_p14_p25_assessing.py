"""P-08, P-09, P-11, P-12, P-14 and P-25: what a level rests on, assessments, needs, owner, voice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hub.pathway.entries import Told
from tests.spec.pattern_rows import (
    CHILD,
    OAK,
    OTHER,
    POLICE,
    N,
    Row,
    S,
    at,
    incident,
    is_said,
    key,
    level,
    needed,
    on,
    other,
    own,
    rows,
    sighted,
    silences,
)

FIRST, SECOND = incident("i", "2025-10-01 10:00", OAK), incident("j", "2025-10-02 10:00", OAK)
NAMES_FIRST = [{"source": "urn:test", "id": "i"}]
REFERRED = own("referral-made", "2025-10-01 12:00", OAK, id="r", target="csc", to=S)
NEED = own("assessment-factor-recorded", "2025-10-01 10:00", id="n", kind="unmet-need", code="housing")
GIVEN = own(
    "action-assigned", "2025-10-02 10:00", id="a", action="A1", organisation=S, due="2025-10-20", about="n"
)
PLAN = own("risk-management-plan-recorded", "2025-10-06 11:00", id="p", responsible_organisation=S)
REVIEW = own("plan-reviewed", "2025-11-06 11:00", id="q")
STRENGTH = own(
    "assessment-factor-recorded", "2025-10-01 10:00", id="a", kind="strength", code="supportive-carers"
)
CONCERN = own("assessment-factor-recorded", "2025-10-08 10:00", id="b", kind="concern", code="isolation")
STRATEGY = own("meeting-held", "2025-10-03 10:00", id="m", kind="strategy", meeting="M1")

TABLE = (
    Row(
        "P-08",
        (FIRST, level("l", "2025-10-01 12:00", "problematic", OAK, about="i"), SECOND),
        f"{OAK}: problematic (hackett-5), 2025-10-01. This level was given before 1 later event.",
        ("l", "i", "j"),
        {"not_named": 0, "later": 1, "organisation": OAK},
        instead={
            "no later event": (FIRST, level("l", "2025-10-01 12:00", "problematic", OAK, about="i")),
            "a later level": (
                FIRST,
                level("l", "2025-10-01 12:00", "problematic", OAK, about="i"),
                SECOND,
                level("m", "2025-10-02 12:00", "problematic", OAK, about="j"),
            ),
            "the agency is not known to have it": (
                FIRST,
                level("l", "2025-10-01 12:00", "problematic", POLICE, about="i"),
                SECOND,
            ),
            "it was withdrawn": (
                FIRST,
                level("l", "2025-10-01 12:00", "problematic", OAK, about="i"),
                incident("j", "2025-10-02 10:00", OAK, status="withdrawn"),
            ),
            "the agency is withheld": (
                replace(FIRST, organisation=None),
                replace(level("l", "2025-10-01 12:00", "problematic", OAK, about="i"), organisation=None),
                replace(SECOND, organisation=None),
            ),
        },
        needs=((CHILD, "behaviour-level-assessed"),),
        name="a later incident of its own",
    ),
    Row(
        "P-08",
        (FIRST, SECOND, level("l", "2025-10-03 12:00", "abusive", OAK, based_on=NAMES_FIRST)),
        f"{OAK}: abusive (hackett-5), 2025-10-03. It names 1 of 2 incidents that the agency then had.",
        ("l", "i", "j"),
        {"not_named": 1, "later": 0},
        instead={
            "it does not say on what it is based": (
                FIRST,
                SECOND,
                level("l", "2025-10-03 12:00", "abusive", OAK),
            ),
            "it names both": (
                FIRST,
                SECOND,
                level("l", "2025-10-03 12:00", "abusive", OAK, based_on=NAMES_FIRST, about="j"),
            ),
        },
        name="an incident that it had and does not name",
    ),
    Row(
        "P-08",
        (FIRST, level("l", "2025-10-01 12:00", "abusive", POLICE, about="i"), SECOND),
        f"{POLICE}: abusive (hackett-5), 2025-10-01. This level was given before 1 later event.",
        ("l", "i", "j"),
        {"later": 1},
        told=(Told(POLICE, at("2025-10-05 10:00"), key("j")),),
        name="a later incident of which it was told",
    ),
    Row(
        "P-09",
        (FIRST, REFERRED),
        "Not recorded for this child: assessment. Why expected: R-103.",
        ("r", "i"),
        {"missing": ["R-103-assessment"], "why": ["R-103"]},
        silent={
            "started": (own("assessment-started", "2025-10-02 10:00", id="x", kind="single"),),
            "completed": (own("assessment-completed", "2025-10-02 10:00", id="x", kind="single"),),
            "every level is the lowest": (level("x", "2025-10-02 10:00", "normal"),),
            "case closed": (own("closure-decided", "2025-10-09 10:00", id="x", closes="case"),),
        },
        instead={"not referred": (FIRST,), "no incident": (REFERRED,)},
        needs=((CHILD, "assessment-started"), (CHILD, "assessment-completed")),
        name="assessment",
    ),
    Row(
        "P-09",
        (FIRST, level("l", "2025-10-02 10:00", "problematic"), REFERRED),
        "Not recorded for this child: assessment, decision about a specialist assessment. "
        "Why expected: R-094, R-103.",
        ("r", "l", "i"),
        {"why": ["R-094", "R-103"]},
        born=date(2011, 1, 1),
        name="assessment and specialist decision",
    ),
    Row(
        "P-09",
        (FIRST, level("l", "2025-10-02 10:00", "problematic"), REFERRED),
        "Not recorded for this child: assessment, assessment for a younger child. "
        "Why expected: R-094, R-103.",
        ("r", "l", "i"),
        {"missing": ["R-103-assessment", "R-094-younger"]},
        born=date(2017, 1, 1),
        settings={"from_age": 12},
        name="younger child",
    ),
    Row(
        "P-09",
        (
            own("referral-outcome-decided", "2025-10-02 10:00", id="d", outcome="strategy"),
            STRATEGY,
        ),
        "Not recorded for this child: enquiry into significant harm. Why expected: R-102.",
        ("d", "m"),
        {"missing": ["R-102-enquiry"]},
        silent={"begun": (own("section-47-enquiry-initiated", "2025-10-03 12:00", id="x"),)},
        needs=((CHILD, "section-47-enquiry-initiated"),),
        name="enquiry",
    ),
    Row(
        "P-09",
        (incident("i", "2025-10-01 10:00", claimed_mutual=True),),
        "Not recorded for this child: assessment of ability to consent. Why expected: R-039.",
        ("i",),
        {"missing": ["R-039"]},
        silent={
            "assessed": (own("consent-competency-assessed", "2025-10-02 10:00", id="x", outcome="unclear"),)
        },
        born=date(2011, 1, 1),
        needs=((CHILD, "consent-competency-assessed"),),
        name="ability to consent",
    ),
    Row(
        "P-11",
        (STRENGTH, CONCERN),
        "Strengths: supportive carers (1 October 2025). Concerns: isolation (8 October 2025). "
        "Dates differ: from 1 October 2025 to 8 October 2025.",
        ("a", "b"),
        {"first": "2025-10-01", "last": "2025-10-08"},
        instead={"needs alone": (NEED,), "nothing": ()},
        name="both sides",
    ),
    Row(
        "P-11",
        (CONCERN,),
        "Strengths: none recorded. Concerns: isolation (8 October 2025).",
        ("b",),
        {"strengths": []},
        name="one side",
    ),
    Row(
        "P-11",
        (
            STRENGTH,
            replace(STRENGTH, key=key("z")),
            own("assessment-factor-recorded", "2025-10-01 11:00", id="c", kind="protective", code="school"),
        ),
        "Strengths: supportive carers (1 October 2025), school (1 October 2025). Concerns: none recorded.",
        ("z", "c"),
        name="each factor once, protective ones among strengths",
    ),
    Row(
        "P-12",
        (NEED,),
        f"Need housing recorded 1 October 2025 by {S}; no one is acting on it yet.",
        ("n",),
        {"need": "housing", "overdue_since": None},
        silent={
            "an owner since": (
                own(
                    "assessment-factor-recorded",
                    "2025-10-02 10:00",
                    id="x",
                    kind="unmet-need",
                    code="housing",
                    owner=S,
                ),
            ),
            "an action in time": (replace(GIVEN, data={**GIVEN.data, "due": "2025-12-20"}),),
        },
        instead={
            "an owner": (replace(NEED, data={**NEED.data, "owner": S}),),
            "a strength": (STRENGTH,),
        },
        needs=((CHILD, "action-assigned"), (CHILD, "assessment-factor-recorded")),
        name="without an owner",
    ),
    Row(
        "P-12",
        (NEED, GIVEN),
        f"Need housing recorded 1 October 2025 by {S}; the action on it was due 20 October 2025 and is not "
        "recorded as done.",
        ("n", "a"),
        {"overdue_since": "2025-10-20"},
        silent={
            "done": (own("action-completed", "2025-10-10 10:00", id="x", action="A1", about="a"),),
            "another action in time": (
                replace(GIVEN, key=key("x"), data={**GIVEN.data, "action": "A2", "due": "2025-12-20"}),
            ),
        },
        needs=((CHILD, "action-completed"),),
        name="with an overdue action",
    ),
    Row(
        "P-14",
        (PLAN,),
        f"{S} is responsible for the risk plan; no person is named.",
        ("p",),
        {"lacks": "person", "agency": S},
        instead={
            "one agency and person": (replace(PLAN, data={**PLAN.data, "responsible_person": f"{S}/sw-1"}),),
            "no plan": (),
            "a newer plan names both": (
                PLAN,
                own(
                    "risk-management-plan-recorded",
                    "2025-10-07 11:00",
                    id="q",
                    responsible_organisation=S,
                    responsible_person=f"{S}/sw-1",
                ),
            ),
        },
        needs=((CHILD, "risk-management-plan-recorded"),),
        name="no person",
    ),
    Row(
        "P-14",
        (replace(PLAN, data={}),),
        "No agency is named as responsible for the risk plan.",
        ("p",),
        {"lacks": "agency"},
        name="no agency",
    ),
    Row(
        "P-14",
        (replace(PLAN, data={**PLAN.data, "responsible_person": f"{N}/sw-1"}),),
        "The risk plan names one agency, and a person of another, as responsible.",
        ("p",),
        {"lacks": "one-agency"},
        name="two agencies",
    ),
    Row(
        "P-25",
        (PLAN, REVIEW),
        "The child's own words or wishes are not recorded since 6 October 2025.",
        ("p", "q"),
        {"since": "2025-10-06", "reviewed_on": "2025-11-06"},
        silent={
            "heard in the period": (own("child-voice-recorded", "2025-10-20 10:00", id="x"),),
            "heard after the review": (own("child-voice-recorded", "2025-11-10 10:00", id="x"),),
        },
        instead={
            "not reviewed yet": (PLAN,),
            "the review names a voice": (
                PLAN,
                replace(REVIEW, data={"voice": {"source": "urn:test", "id": "x"}}),
            ),
        },
        needs=((CHILD, "child-voice-recorded"), (CHILD, "plan-reviewed")),
        name="since the plan",
    ),
    Row(
        "P-25",
        (own("child-voice-recorded", "2025-09-20 10:00", id="v"), PLAN, REVIEW),
        "The child's own words or wishes are not recorded since 20 September 2025.",
        ("p", "v", "q"),
        {"since": "2025-09-20"},
        name="since the last voice",
    ),
)


@pytest.mark.parametrize("row", rows(TABLE))
def test_p_line_of_assessing_is_said(row):
    is_said(row)


@pytest.mark.parametrize(("row", "posts"), silences(TABLE))
def test_p_line_of_assessing_is_not_said(row, posts):
    assert row.found(row.stuff(posts)) == []


@pytest.mark.req("H-20")
@pytest.mark.parametrize(("row", "need"), needed(TABLE))
def test_p_line_of_assessing_needs_sight(row, need):
    assert row.found(row.stuff(**sighted(row))) == row.found()
    assert row.found(row.stuff(**sighted(row, need))) == []


@pytest.mark.req("P-11", "H-20", "R-104")
def test_p11_an_empty_side_is_told_of_to_those_who_see_every_factor():
    row = next(one for one in TABLE if one.name == "one side")
    (line,) = row.found(row.stuff(**sighted(row, (CHILD, "assessment-factor-recorded"))))
    assert line.text == "Concerns: isolation (8 October 2025)."


@pytest.mark.req("P-11", "R-104", "R-185")
def test_p11_counts_are_never_set_off_against_each_other():
    row = TABLE[[one.name for one in TABLE].index("both sides")]
    (line,) = row.found()
    assert set(line.values) == {"strengths", "concerns", "first", "last"}


@pytest.mark.req("P-08", "H-20")
def test_p08_a_later_event_that_the_reader_has_not_is_not_counted():
    row = TABLE[[one.name for one in TABLE].index("a later incident of which it was told")]
    assert row.found(row.stuff([one for one in row.posts if one.key != key("j")])) == []


@pytest.mark.req("P-09", "R-103")
def test_p09_a_child_is_not_assessed_by_the_assessment_of_another():
    row = TABLE[[one.name for one in TABLE].index("assessment")]
    theirs = on(OTHER, "assessment-started", "2025-10-02 10:00", id="x", kind="single")
    stuff = row.stuff(
        [*row.posts, incident("k", "2025-10-01 10:00", others=[other(OTHER)])], linked={OTHER: (theirs,)}
    )
    assert [one.values["missing"] for one in row.found(stuff)] == [["R-103-assessment"]]


@pytest.mark.req("P-08", "R-179")
def test_p08_an_earlier_event_that_the_agency_was_told_of_later_is_no_later_event():
    given = level("l", "2025-10-05 12:00", "abusive", POLICE, about="i")
    told = (Told(POLICE, at("2025-10-08 10:00"), key("j")),)
    row = TABLE[[one.name for one in TABLE].index("a later incident of which it was told")]
    assert row.found(row.stuff([FIRST, SECOND, given], told=told)) == []
