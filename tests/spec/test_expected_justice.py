"""What is missing while police investigate, once they ended it, and in court: R-159 to R-170."""

from __future__ import annotations

import pytest

from tests.spec.open_item_rows import Row, cases, e, expect_line, found, harmed_by, level, meeting, opened
from tests.spec.posts import ELM, POLICE, YOS, S

HARM = (opened(), harmed_by())
CONCERN = level("2025-09-05", "problematic")
INVESTIGATE = e("2025-09-03", "criminal-investigation-decided", POLICE, decision="investigate")
WITHOUT_POLICE = meeting("2025-09-10", "strategy", f"{S}/sw-1", f"{ELM}/dsl-1")
PLEA = e("2025-10-01", "court-stage-recorded", YOS, stage="plea", plea="guilty")
BAIL = e("2025-10-02", "court-stage-recorded", YOS, stage="bail")
REPORT = e("2025-10-05", "court-stage-recorded", YOS, stage="psr", psr_due="2025-11-20")
PANEL = e("2025-10-02", "referral-made", POLICE, target="decision-panel")


def outcome(day: str, outcome: str):
    return e(day, "criminal-outcome-recorded", POLICE, outcome=outcome)


def convened(when: str):
    """A meeting convened before the police ended it, for a later day."""
    return e("2025-09-20", "meeting-convened", kind="hsb", meeting="H", when=when)


def supplied(stage: str, day: str = "2025-10-03", **more: object):
    return e(day, "court-information-supplied", YOS, stage=stage, **more)


def asked_to(meeting: str, organisation: str = YOS, decision: str = "invited"):
    return e("2025-10-09", "invitation-sent", meeting=meeting, organisation=organisation, decision=decision)


IN_COURT = outcome("2025-10-01", "prosecution-youth-court")
MET = e("2025-10-10", "meeting-convened", kind="hsb", meeting="H3")
OVER, CONSIDERED = outcome("2025-10-01", "nfa-evidence"), outcome("2025-10-01", "oocd-considered")
WITH_CONCERNS = outcome("2025-10-01", "nfa-with-concerns")
CARED_FOR = e("2025-09-02", "child-circumstance-recorded", kind="lac")
L = "llr-2024"
COURT = {"agency": YOS, "role": "youth-justice-worker", "not_under": "darlington-2025"}

ROWS = (
    Row(
        "R-159",
        (*HARM, INVESTIGATE, WITHOUT_POLICE),
        {
            "told since": (e("2025-09-12", "absent-agency-updated", organisation=POLICE),),
            "at the next one": (meeting("2025-09-20", "hsb", f"{POLICE}/p-1"),),
            "the investigation is over": (OVER,),
        },
        still={
            "another agency was told": (e("2025-09-12", "absent-agency-updated", organisation=ELM),),
        },
        never={
            "no investigation": (*HARM, WITHOUT_POLICE),
            "police were there": (*HARM, INVESTIGATE, meeting("2025-09-10", "strategy", f"{POLICE}/p-1")),
            "the meeting was before": (*HARM, INVESTIGATE, meeting("2025-09-01", "strategy", f"{ELM}/d")),
        },
        agency=POLICE,
        role="police-officer",
    ),
    Row(
        "R-160",
        (*HARM, OVER),
        {
            "convened": (e("2025-10-03", "meeting-convened", kind="hsb", meeting="H2"),),
            "held": (meeting("2025-10-06", "hsb"),),
            "convened before for a day after": (
                convened("2025-10-05T10:00:00+01:00"),
            ),
        },
        still={
            "met before": (meeting("2025-09-20", "hsb"),),
            "convened before for a day before": (
                convened("2025-09-25T10:00:00+01:00"),
            ),
        },
        never={
            "with concerns is another row's": (*HARM, WITH_CONCERNS),
            "charged": (*HARM, outcome("2025-10-01", "charge")),
        },
        early="2025-10-08 23:59",
        now="2025-10-09 00:00",
    ),
    Row(
        "R-161",
        (*HARM, CONCERN, OVER),
        {
            "convened": (e("2025-10-03", "meeting-convened", kind="hsb", meeting="H2"),),
            "held with a date": (meeting("2025-10-06", "hsb", next_review="2026-01-01"),),
            "an earlier meeting set a later date": (
                meeting("2025-09-20", "hsb", next_review="2025-10-20"),
            ),
            "the chair's interval": (e("2025-10-06", "plan-reviewed", chair_interval_days=42),),
            "the case was closed": (e("2025-10-20", "closure-decided", closes="case"),),
        },
        still={
            "held without a date": (meeting("2025-10-06", "hsb"),),
            "the date has gone by": (meeting("2025-09-20", "hsb", next_review="2025-09-30"),),
        },
        never={"no concern": (*HARM, OVER)},
    ),
    Row(
        "R-162",
        (*HARM, INVESTIGATE),
        {
            "begun": (e("2025-09-05", "assessment-started", kind="single"),),
            "completed": (e("2025-09-05", "assessment-completed", kind="single"),),
            "the investigation is over": (OVER,),
        },
        never={
            "police do not investigate": (
                *HARM,
                e("2025-09-03", "criminal-investigation-decided", POLICE, decision="not-investigate"),
            ),
        },
        early="2025-09-17 23:59",
        now="2025-10-18 00:00",
        role="team-manager",
    ),
    Row(
        "R-163",
        (*HARM, IN_COURT, MET),
        {
            "asked": (asked_to("H3"),),
            "left out by decision": (asked_to("H3", decision="not-invited"),),
            "there at the next one": (meeting("2025-10-20", "hsb", f"{YOS}/y-1"),),
        },
        still={
            "asked to another meeting": (asked_to("H4"),),
            "police were asked": (asked_to("H3", POLICE),),
        },
        never={
            "no meeting since": (*HARM, IN_COURT),
            "the meeting was before": (*HARM, IN_COURT, meeting("2025-09-20", "hsb")),
            "not in court": (*HARM, OVER, MET),
        },
    ),
    Row(
        "R-164-referral",
        (*HARM, CONSIDERED),
        {"asked": (PANEL,), "another outcome": (outcome("2025-10-09", "oocd"),)},
        still={"referred elsewhere": (e("2025-10-02", "referral-made", POLICE, target="csc"),)},
        agency=POLICE,
        role="police-officer",
        not_under="darlington-2025",
    ),
    Row(
        "R-164-outcome",
        (*HARM, CONSIDERED, PANEL),
        {"an outcome": (outcome("2025-10-09", "oocd"),)},
        never={"not asked": (*HARM, CONSIDERED)},
        agency=POLICE,
        role="police-officer",
        not_under="darlington-2025",
    ),
    Row(
        "R-165-referral",
        (*HARM, WITH_CONCERNS),
        {
            "early help": (e("2025-10-02", "referral-made", POLICE, target="early-help"),),
            "social care": (e("2025-10-02", "referral-made", POLICE, target="csc"),),
        },
        still={
            "before": (e("2025-09-02", "referral-made", POLICE, target="csc"),),
            "elsewhere": (e("2025-10-02", "referral-made", POLICE, target="hsb-service"),),
        },
        never={"for want of evidence": (*HARM, OVER)},
        agency=POLICE,
        role="police-officer",
        not_under="darlington-2025",
    ),
    Row(
        "R-165-screening",
        (*HARM, WITH_CONCERNS),
        {"screened since": (e("2025-10-02", "behaviour-screened", tool="brook"),)},
        still={"screened before": (e("2025-09-02", "behaviour-screened", tool="brook"),)},
        not_under="darlington-2025",
    ),
    Row(
        "R-165-offer",
        (*HARM, WITH_CONCERNS),
        {
            "weighed": (e("2025-10-02", "meeting-checklist-completed", checklist="CL-VOL", items=[]),),
            "offered": (e("2025-10-02", "intervention-offered", kind="voluntary-offer"),),
        },
        still={
            "another list": (e("2025-10-02", "meeting-checklist-completed", checklist="CL-U10", items=[]),),
        },
        not_under="darlington-2025",
    ),
    Row(
        "R-166",
        (*HARM, BAIL),
        {"supplied": (supplied("bail"),)},
        still={
            "for another stage": (supplied("plea"),),
            "before": (supplied("bail", "2025-09-03"),),
        },
        never={"a stage without": (*HARM, REPORT)},
        **COURT,
    ),
    Row(
        "R-167",
        (*HARM, CARED_FOR, BAIL),
        {"consulted": (supplied("bail", social_care_consulted=True),)},
        still={"not consulted": (supplied("bail", social_care_consulted=False),)},
        never={"neither looked after nor in need": (*HARM, BAIL), "not in court": (*HARM, CARED_FOR)},
        **COURT,
    ),
    Row(
        "R-168",
        (*HARM, PLEA),
        {
            "asked for": (
                e("2025-10-03", "court-stage-recorded", YOS, stage="adjourned",
                  requested_adjournment_weeks=7),
            ),
            "the report has its day": (REPORT,),
        },
        still={"another stage": (BAIL,)},
        never={
            "not guilty": (
                *HARM, e("2025-10-01", "court-stage-recorded", YOS, stage="plea", plea="not-guilty"),
            ),
        },
        **COURT,
    ),
    Row(
        "R-169",
        (*HARM, REPORT),
        {"completed": (e("2025-10-20", "justice-assessment-completed", YOS, tool="assetplus"),)},
        still={
            "another assessment": (
                e("2025-10-20", "justice-assessment-completed", YOS, tool="pre-sentence-report"),
            ),
        },
        never={"no report": (*HARM, BAIL)},
        **COURT,
    ),
    Row(
        "R-170",
        (*HARM, REPORT),
        {"proposed": (e("2025-10-20", "disposal-proposed", YOS, disposal="referral-order"),)},
        never={"no report": (*HARM, BAIL)},
        **COURT,
    ),
)  # fmt: skip


@pytest.mark.parametrize(("row", "entries", "now", "profile", "expected"), cases(ROWS))
def test_truth_table(row, entries, now, profile, expected):
    expect_line(row, entries, now, profile, expected)


def row_of(rule: str) -> Row:
    return next(one for one in ROWS if one.rule == rule)


@pytest.mark.req("R-166")
def test_r166_every_stage_of_its_own():
    (first, second) = found(row_of("R-166"), (*HARM, PLEA, BAIL))
    assert [first.values, second.values] == [{"stage": "plea"}, {"stage": "bail"}]


@pytest.mark.req("R-167")
def test_r167_a_child_in_need_is_asked_about_too():
    plan = e("2025-09-05", "plan-started", kind="cin")
    assert [one.values for one in found(row_of("R-167"), (*HARM, plan, BAIL))] == [{"social_care": S}]


@pytest.mark.req("R-168")
def test_r168_a_conviction_starts_it_as_a_plea_does():
    convicted = e("2025-10-01", "conviction-recorded", POLICE, against_children="no")
    assert found(row_of("R-168"), (*HARM, convicted))


@pytest.mark.req("R-160", "R-162")
@pytest.mark.parametrize(
    ("rule", "values", "settings"),
    [
        ("R-160", {"days": 8}, {"reconvene_working_days": 5}),
        ("R-162", {"days": 45}, {"criminal_only_working_days": 10}),
    ],
)
def test_days_and_the_setting_are_shown(rule, values, settings):
    (item,) = found(row_of(rule), row_of(rule).start)
    assert (item.values, item.settings) == (values, settings)


@pytest.mark.req("R-166", "R-170")
def test_without_an_adopted_procedure_there_is_no_path_through_the_courts():
    from hub.pathway.expected import open_items
    from tests.spec.posts import at, material

    stuff = material("C-1", (*HARM, PLEA, BAIL, REPORT), authority=S)
    rules = {one.rule for one in open_items(stuff, now=at("2025-12-01 12:00"), profile_of=lambda name: None)}
    assert not rules & {"R-166", "R-168", "R-169", "R-170"}
