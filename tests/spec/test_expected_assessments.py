"""What is missing of enquiries, interviews and assessments: R-102 to R-119 and R-183."""

from __future__ import annotations

import pytest

from tests.spec.open_item_rows import (
    Row,
    cases,
    e,
    expect_line,
    found,
    harmed_by,
    level,
    meeting,
    opened,
    was_harmed,
)
from tests.spec.posts import POLICE, YOS, N, S, ids, other

OUTCOME = e("2025-09-03", "referral-outcome-decided", outcome="strategy")
STRATEGY = meeting("2025-09-04", "strategy")
HARM = (opened(), harmed_by())
HARMED = (opened(), was_harmed())
YOUNG = (opened("2017-01-01"), harmed_by())
INVESTIGATE = e("2025-09-03", "criminal-investigation-decided", POLICE, decision="investigate")
BEGUN = e("2025-09-05", "assessment-started", kind="single", joint_with=[])
FULL = {name: "x" for name in ("development", "family", "education", "social", "own_experience_of_harm")}
NEED = e("2025-09-05", "assessment-factor-recorded", kind="unmet-need", code="housing")
ASKED = e("2025-09-05", "specialist-opinion-requested", service="health.therapy")
HANDED = e("2025-09-05", "referral-made", target="early-help", to="social-care.s-early-help")
NOTED = e("2025-09-05", "admission-flagged", POLICE, interview_kind="abe")
CHECK = e("2025-09-05", "records-access-requested", holder="health.s-gp", scope="background-check")
REFUSED = e("2025-09-08", "records-access-decided", "health.s-gp", about=CHECK, decision="refused")
LIST = e(
    "2025-09-05", "meeting-checklist-completed", checklist="CL-U10",
    items=[{"item": "school", "answer": "answered"}, {"item": "gp", "answer": "not-answered", "owner": "sw"}],
)  # fmt: skip
GP = "health.s-gp"
COURT = e("2025-10-01", "court-stage-recorded", POLICE, stage="court-date", on="2026-02-01")
ABE = e("2025-09-05", "interview-held", POLICE, kind="abe")


def completed(day: str = "2025-10-01", kind: str = "single", **more: object):
    return e(day, "assessment-completed", kind=kind, **more)


ROWS = (
    Row(
        "R-102-enquiry",
        (*HARM, OUTCOME, STRATEGY),
        {
            "an enquiry of its own": (e("2025-09-05", "section-47-enquiry-initiated", threshold="x"),),
            "reasons against": (e("2025-09-05", "no-further-action-decided", about_what="section-47"),),
            "a later outcome without harm": (
                e("2025-09-06", "referral-outcome-decided", outcome="assessment"),
            ),
            "the case was closed": (e("2025-10-05", "closure-decided", closes="case"),),
        },
        still={
            "an enquiry before the outcome": (
                e("2025-08-05", "section-47-enquiry-initiated", threshold="x"),
            ),
            "an enquiry that awaits agreement": (
                e("2025-09-05", "section-47-enquiry-initiated", threshold="x", awaiting=("police",)),
            ),
        },
        never={
            "outcome is an assessment": (
                *HARM, e("2025-09-03", "referral-outcome-decided", outcome="assessment"), STRATEGY,
            ),
            "no meeting yet": (*HARM, OUTCOME),
        },
        role="team-manager",
    ),
    Row(
        "R-103-assessment",
        (*HARMED, e("2025-09-02", "referral-made", target="csc", to=S)),
        {"started": (BEGUN,), "completed": (completed(),)},
        still={"of concern": (level("2025-09-05", "abusive"),)},
        never={
            "no incident": (opened(), e("2025-09-02", "referral-made", target="csc", to=S)),
            "referred to nobody": HARMED,
            "referred to police alone": (*HARMED, e("2025-09-02", "referral-made", target="police")),
            "every level is the lowest": (
                *HARM, e("2025-09-02", "referral-made", target="csc"), level("2025-09-05", "normal"),
            ),
            "withdrawn": (
                opened(),
                e("2025-09-01", "incident-recorded", role="has-harmed", status="withdrawn"),
                e("2025-09-02", "referral-made", target="csc"),
            ),
        },
    ),
    Row(
        "R-103-contributions",
        (*HARM, completed()),
        {
            "another agency": (completed("2025-10-02", contributing_agencies=[S, YOS]),),
        },
        still={"its own alone": (completed("2025-10-02", contributing_agencies=[S]),)},
        never={"a health assessment": (*HARM, completed(kind="health"))},
    ),
    Row(
        "R-104-sections",
        (*HARM, completed(sections={"family": "x"})),
        {"every part": (completed("2025-10-02", sections=FULL),)},
        still={"one is blank": (completed("2025-10-02", sections={**FULL, "social": " "}),)},
    ),
    Row(
        "R-104-strengths",
        (*HARM, completed(concerns=["x"])),
        {
            "a strength": (completed("2025-10-02", strengths=["x"]),),
            "why there is none": (completed("2025-10-02", no_strengths_reason="x"),),
        },
        still={"an empty list": (completed("2025-10-02", strengths=[]),)},
    ),
    Row(
        "R-105",
        (*HARM, ASKED),
        {
            "an answer to it": (
                e("2025-10-01", "specialist-opinion-received", "health.therapy", about=ASKED),
            ),
            "an answer that names nothing": (
                e("2025-10-01", "specialist-opinion-received", "health.therapy"),
            ),
        },
        still={
            "an answer from before": (e("2025-09-01", "specialist-opinion-received", "health.therapy"),),
            "an answer to something else": (
                e("2025-10-01", "specialist-opinion-received", "health.therapy", about=NEED),
            ),
        },
        agency="health.therapy",
        role="therapist",
    ),
    Row(
        "R-106",
        (*HARM, INVESTIGATE, BEGUN),
        {
            "jointly": (e("2025-09-06", "assessment-started", kind="single", joint_with=[YOS]),),
            "its own assessment": (
                e("2025-09-06", "justice-assessment-completed", YOS, tool="assetplus"),
            ),
            "it contributed": (completed("2025-10-02", contributing_agencies=[YOS]),),
            "the investigation is over": (
                e("2025-09-06", "criminal-outcome-recorded", POLICE, outcome="nfa-evidence"),
            ),
        },
        never={
            "no police": (*HARM, BEGUN),
            "under ten": (*YOUNG, INVESTIGATE, BEGUN),
            "only harmed": (*HARMED, INVESTIGATE, BEGUN),
            "police do not investigate": (
                *HARM, BEGUN, e("2025-09-03", "criminal-investigation-decided", decision="not-investigate"),
            ),
        },
    ),
    Row(
        "R-110",
        (*HARMED, NOTED),
        {
            "an interview of its own": (e("2025-09-06", "interview-held", POLICE, kind="pace"),),
        },
        still={
            "another witness interview": (e("2025-09-06", "interview-held", POLICE, kind="abe"),),
            "an interview before": (e("2025-09-01", "interview-held", POLICE, kind="pace"),),
        },
        never={
            "with police agreement": (
                *HARMED,
                e("2025-09-05", "admission-flagged", POLICE, interview_kind="abe",
                  continued="continued-with-police-agreement", police_agreed_by=f"{POLICE}/caiu-1"),
            ),
        },
        agency=POLICE,
        role="police-officer",
    ),
    Row(
        "R-111-interview",
        (*HARMED, ABE),
        {
            "through the interview": (
                e("2025-09-06", "support-arranged", kind="interview", **{"for": "child"}),
            ),
            "therapy before trial": (
                e("2025-09-06", "support-arranged", "health.therapy", kind="pre-trial-therapy"),
            ),
        },
        still={
            "for the parents": (
                e("2025-09-06", "support-arranged", kind="counselling", **{"for": "parents"}),
            ),
            "in school": (e("2025-09-06", "support-arranged", kind="school-support", **{"for": "child"}),),
        },
        never={
            "has harmed only": (*HARM, ABE),
            "another interview": (*HARMED, e("2025-09-05", "interview-held", POLICE, kind="social-work")),
        },
    ),
    Row(
        "R-111-court",
        (*HARMED, COURT),
        {"through court": (e("2025-10-06", "support-arranged", kind="court", **{"for": "child"}),)},
        still={
            "through the interview only": (
                e("2025-09-06", "support-arranged", kind="interview", **{"for": "child"}),
            ),
        },
        never={"has harmed only": (*HARM, COURT)},
    ),
    Row(
        "R-115-checks",
        (*YOUNG, OUTCOME),
        {"somebody was asked": (CHECK,), "the list is filled": (LIST,)},
        still={
            "other records": (
                e("2025-09-05", "records-access-requested", holder="health.s-gp", scope="neonatal"),
            ),
        },
        never={"of ten": (*HARM, OUTCOME), "no strategy discussion": YOUNG},
        not_under="darlington-2025",
    ),
    Row(
        "R-115-answer",
        (*YOUNG, CHECK),
        {
            "granted": (e("2025-09-08", "records-access-decided", GP, about=CHECK, decision="granted"),),
            "refused": (REFUSED,),
            "nothing known": (e("2025-09-08", "nothing-known", GP),),
        },
        still={
            "somebody else answered": (e("2025-09-08", "nothing-known", "education.ash"),),
            "before it was asked": (e("2025-09-01", "nothing-known", GP),),
        },
        agency=GP,
        role=None,
    ),
    Row(
        "R-115-refused",
        (*YOUNG, CHECK, REFUSED),
        {"granted since": (e("2025-09-10", "records-access-decided", GP, about=CHECK, decision="granted"),)},
        never={"not answered": (*YOUNG, CHECK)},
    ),
    Row(
        "R-115-checklist",
        (*YOUNG, LIST),
        {
            "answered since": (
                e("2025-09-09", "meeting-checklist-completed", checklist="CL-U10",
                  items=[{"item": "gp", "answer": "answered"}]),
            ),
        },
        still={
            "on another list": (
                e("2025-09-09", "meeting-checklist-completed", checklist="CL-L-HSB",
                  items=[{"item": "gp", "answer": "answered"}]),
            ),
        },
        role="social-worker",
    ),
    Row(
        "R-116",
        (*HARM, NEED),
        {
            "an action about it": (e("2025-09-08", "action-assigned", action="a1", about=NEED),),
            "an owner since": (
                e("2025-09-08", "assessment-factor-recorded", kind="unmet-need", code="housing", owner="x"),
            ),
        },
        still={
            "an owner of another need": (
                e("2025-09-08", "assessment-factor-recorded", kind="unmet-need", code="income", owner="x"),
            ),
            "another action": (e("2025-09-08", "action-assigned", action="a1"),),
        },
        never={
            "with its owner": (
                *HARM, e("2025-09-05", "assessment-factor-recorded", kind="unmet-need", code="x", owner="y"),
            ),
            "a strength": (*HARM, e("2025-09-05", "assessment-factor-recorded", kind="strength", code="x")),
        },
    ),
    Row(
        "R-119",
        (*HARM, HANDED),
        {
            "named": (
                e("2025-09-08", "named-contact-appointed", role="key-practitioner", person="x.y/1"),
            ),
        },
        still={
            "another part": (e("2025-09-08", "named-contact-appointed", role="spoc", person="x.y/1"),),
            "ended": (
                e("2025-09-08", "named-contact-appointed", role="key-practitioner", person="x.y/1",
                  until="2025-10-01"),
            ),
        },
        never={"referred elsewhere": (*HARM, e("2025-09-05", "referral-made", target="csc"))},
        agency="social-care.s-early-help",
        role="early-help-worker",
    ),
    Row(
        "R-183",
        (*HARM, completed(risk_to_self="not-considered")),
        {"considered": (completed("2025-10-02", risk_to_self="considered"),)},
        still={"left out": (completed("2025-10-02"),)},
    ),
)  # fmt: skip


@pytest.mark.parametrize(("row", "entries", "now", "profile", "expected"), cases(ROWS))
def test_truth_table(row, entries, now, profile, expected):
    expect_line(row, entries, now, profile, expected)


@pytest.mark.req("R-102")
def test_r102_an_enquiry_for_one_child_leaves_the_other_childs_missing():
    row = ROWS[0]
    linked = e("2025-09-05", "section-47-enquiry-initiated", N, child="C-2", threshold="x")
    (item,) = found(row, (*HARMED, OUTCOME), linked={"C-2": (linked,)})
    assert ids(item.evidence) == [OUTCOME.key.id, linked.key.id]
    assert found(row, (*HARMED, OUTCOME)) == []


@pytest.mark.req("R-111")
def test_r111_the_single_point_of_contact_is_asked():
    row = next(one for one in ROWS if one.rule == "R-111-interview")
    contact = e("2025-09-02", "named-contact-appointed", role="spoc", person=f"{N}/sw-9")
    (item,) = found(row, (*row.start, contact))
    assert (item.agency, item.person) == (N, f"{N}/sw-9")


@pytest.mark.req("R-111")
def test_r111_a_court_date_on_a_linked_childs_record_counts():
    row = next(one for one in ROWS if one.rule == "R-111-court")
    theirs = e("2025-10-01", "court-stage-recorded", POLICE, child="C-2", stage="trial")
    (item,) = found(row, HARMED, linked={"C-2": (theirs,)})
    assert ids(item.evidence) == [theirs.key.id]


@pytest.mark.req("R-115")
def test_r115_days_of_waiting_are_shown_and_the_unanswered_check_is_named():
    row = next(one for one in ROWS if one.rule == "R-115-answer")
    (item,) = found(row, row.start, now="2025-09-15 12:00")
    assert item.values == {"holder": GP, "days": 10}
    (listed,) = found(next(one for one in ROWS if one.rule == "R-115-checklist"), (*YOUNG, LIST))
    assert (listed.values["item"], listed.person) == ("gp", "sw")


@pytest.mark.req("R-110")
def test_r110_is_for_police_and_social_care_only():
    row = next(one for one in ROWS if one.rule == "R-110")
    assert [one.told for one in found(row, row.start)] == ["police-and-social-care"]


@pytest.mark.req("R-115", "R-113")
@pytest.mark.parametrize(("born", "young"), [("2015-09-01", False), ("2015-09-02", True)])
def test_r115_ten_is_reached_to_the_day(born, young):
    row = next(one for one in ROWS if one.rule == "R-115-checks")
    assert bool(found(row, (opened(born), harmed_by("2025-09-01"), OUTCOME))) is young


@pytest.mark.req("R-102", "R-124")
def test_a_linked_record_can_say_that_the_child_has_harmed():
    named = was_harmed(child="C-2", id="linked", others=[other("C-1", "has-harmed")])
    row = next(one for one in ROWS if one.rule == "R-106")
    assert found(row, (opened(), INVESTIGATE, BEGUN), linked={"C-2": (named,)})
