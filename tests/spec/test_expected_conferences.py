"""What is missing of conferences and of the meetings about behaviour: R-114 and R-124 to R-139."""

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
    whole_meeting,
)
from tests.spec.posts import HEALTH, POLICE, YOS, S, ids

HARM = (opened(), harmed_by())
HARMED = (opened(), was_harmed())
BOTH = (opened(), harmed_by(), was_harmed("2025-06-01"))
YOUNG = (opened("2017-01-01"), harmed_by())
CONCERN = level("2025-09-05", "problematic")
CONCLUDED = e("2025-09-20", "section-47-enquiry-concluded", continuing_risk=False)
AT_RISK = e("2025-09-20", "section-47-enquiry-concluded", continuing_risk=True)
NOT_HELD = e("2025-09-22", "conference-decided", decision="not-held")
SCHOOL = "education.oak-school"


def conference(day: str = "2025-10-10", kind: str = "icpc", **more: object):
    return e(day, "conference-held", kind=kind, **more)


def both(day: str = "2025-10-10", **more: object):
    """A conference that addressed the child in both roles and said so at the outset."""
    return conference(day, addresses=["has-harmed", "has-been-harmed"], stated_at_outset=True, **more)


NO_PLAN = conference("2025-09-22", outcome="no-plan")
CP_PLAN = e("2025-10-11", "plan-started", kind="cp")
ASSESSED = e("2025-10-12", "assessment-completed", kind="single")
HSB = whole_meeting("2025-10-01")
BARE = meeting("2025-10-01", "hsb")
NOT_DUE = {
    "no chronology": (meeting("2025-11-20", "hsb", next_review="2026-01-10"),),
    "no next review": (meeting("2025-11-20", "hsb", chronology_snapshot="s"),),
    "another kind of meeting": (
        meeting("2025-11-20", "core-group", chronology_snapshot="s", next_review="2026-01-10"),
    ),
    "a meeting before": (whole_meeting("2025-08-20"),),
    "a meeting that awaits its authority": (
        whole_meeting("2025-11-20", awaiting=("social-care",)),
    ),
}  # fmt: skip
LIST = ("chronology", "assessment", "timetable", "initial-plan", "plan-for-children-at-risk", "roles",
        "interim-services")  # fmt: skip


def checklist(day: str, *left_out: str, checklist: str = "CL-L-HSB", **row: object):
    items = [{"item": one, "answer": "done"} for one in LIST if one not in left_out]
    items += [{"item": one, **row} for one in left_out if row]
    return e(day, "meeting-checklist-completed", checklist=checklist, items=items)


ROWS = (
    Row(
        "R-114",
        (*YOUNG, NOT_HELD, e("2025-09-23", "plan-started", kind="cin")),
        {"held": (HSB,), "held by the chair's interval": (
            meeting("2025-10-01", "hsb", chronology_snapshot="s", interval_days=42),
        )},
        still=NOT_DUE,
        never={
            "no plan and no level of concern": (*YOUNG, NOT_HELD, level("2025-09-05", "inappropriate")),
            "a conference is to be held": (
                *YOUNG, CONCERN, e("2025-09-22", "conference-decided", decision="held"),
            ),
            "of ten": (*HARM, NOT_HELD, e("2025-09-23", "plan-started", kind="cin")),
        },
        now="2025-11-30 12:00",
        not_under="darlington-2025",
    ),
    Row(
        "R-124",
        (*HARM, CONCLUDED),
        {
            "decided against": (NOT_HELD,),
            "decided to hold": (e("2025-09-22", "conference-decided", decision="held"),),
            "held": (conference(),),
            "decided the same day": (e("2025-09-20 12:00", "conference-decided", decision="held"),),
        },
        still={
            "decided before the enquiry ended": (
                e("2025-09-10", "conference-decided", decision="not-held"),
            ),
        },
        never={"only harmed": (*HARMED, CONCLUDED), "not concluded": HARM},
        role="team-manager",
    ),
    Row(
        "R-125",
        (*HARMED, e("2025-09-05", "section-47-enquiry-initiated", threshold="x"), AT_RISK),
        {
            "held": (conference(),),
            "held during the enquiry": (conference("2025-09-18"),),
        },
        still={
            "decided against": (NOT_HELD,),
            "an earlier conference": (conference("2025-08-10"),),
        },
        never={
            "no risk goes on": (*HARMED, CONCLUDED),
            "only has harmed": (*HARM, AT_RISK),
        },
        role="team-manager",
    ),
    Row(
        "R-129-response",
        (*HARM, conference(outcome="plan")),
        {"a response since": (conference("2025-11-01", kind="rcpc", behaviour_response="x"),)},
        never={"only harmed": (*HARMED, conference(outcome="plan"))},
        role="conference-chair",
    ),
    Row(
        "R-129-services",
        (*HARM, NO_PLAN),
        {
            "considered since": (
                conference("2025-10-01", outcome="no-plan", behaviour_services_considered=True),
            ),
            "offered": (e("2025-10-01", "intervention-offered", kind="boundary-work"),),
        },
        still={
            "said not to be considered": (
                conference("2025-10-01", outcome="no-plan", behaviour_services_considered=False),
            ),
        },
        never={"with a plan": (*HARM, conference(outcome="plan"))},
        role="conference-chair",
    ),
    Row(
        "R-130",
        (*HARM, CP_PLAN),
        {
            "met": (meeting("2025-10-20", "core-group"),),
            "the plan ended": (conference("2025-11-01", kind="rcpc", outcome="plan-ends"),),
        },
        still={"another meeting": (meeting("2025-10-20", "hsb"),)},
        never={"another plan": (*HARM, e("2025-10-11", "plan-started", kind="cin"))},
    ),
    Row(
        "R-132",
        (*HARM, CONCERN, NOT_HELD),
        {
            "held": (HSB,),
            "a conference made a plan": (conference("2025-10-01", outcome="plan"),),
            "a conference on both roles": (both(outcome="no-plan"),),
            "the concern was taken back": (level("2025-09-06", "inappropriate"),),
        },
        still={
            **NOT_DUE,
            "a conference without a plan": (conference("2025-10-01", outcome="no-plan"),),
            "a conference on one role": (
                conference(outcome="no-plan", addresses=["has-harmed"], stated_at_outset=True),
            ),
            "another agency's lower level": (level("2025-09-06", "normal", org=SCHOOL),),
        },
        never={
            "only harmed": (*HARMED, CONCERN, NOT_HELD),
            "no level of concern": (*HARM, level("2025-09-05", "inappropriate"), NOT_HELD),
            "the incident was withdrawn": (
                opened(), harmed_by(),
                e("2025-09-02", "incident-recorded", role="has-harmed", status="withdrawn", id="gone"),
                level("2025-09-05", "abusive",
                      about=e("2025-09-02", "incident-recorded", id="gone")),
                NOT_HELD,
            ),
            "under ten is another row's": (*YOUNG, CONCERN, NOT_HELD),
        },
        early="2025-10-06 23:00",
        now="2025-11-30 12:00",
    ),
    Row(
        "R-134",
        (*HARM, BARE, checklist("2025-10-01", "timetable")),
        {
            "every item": (checklist("2025-10-02"),),
            "an owner and a date": (
                checklist("2025-10-02", "timetable", answer="not-known-yet", owner="sw", due="2025-10-20"),
            ),
            "does not apply": (checklist("2025-10-02", "timetable", answer="not-applicable"),),
        },
        still={
            "an owner without a date": (
                checklist("2025-10-02", "timetable", answer="not-done", owner="sw"),
            ),
            "on another list": (checklist("2025-10-02", checklist="CL-CLOSE"),),
        },
        never={"no meeting yet": (*HARM, checklist("2025-10-01", "timetable"))},
        not_under="darlington-2025",
    ),
    Row(
        "R-137-lead-worker",
        (*HARM, BARE),
        {"named": (e("2025-10-02", "named-contact-appointed", role="lead-sw", person=f"{S}/sw-1"),)},
        still={
            "another part": (e("2025-10-02", "named-contact-appointed", role="spoc", person=f"{S}/sw-1"),),
            "from a day to come": (
                e("2025-10-02", "named-contact-appointed", role="lead-sw", person="x.y/1",
                  **{"from": "2026-05-01"}),
            ),
        },
        never={"no such meeting": (*HARM, meeting("2025-10-01", "strategy"))},
        role="team-manager",
    ),
    Row(
        "R-137-review",
        (*HARM, BARE),
        {
            "set at the next meeting": (meeting("2025-10-05", "hsb", next_review="2026-01-01"),),
            "set by the chair's interval": (meeting("2025-10-05", "hsb", interval_days=42),),
            "set by a plan": (e("2025-10-05", "risk-management-plan-recorded", next_review="2026-01-01"),),
            "set by a review": (e("2025-10-05", "plan-reviewed", chair_interval_days=42),),
        },
        still={"a plan without a date": (e("2025-10-05", "risk-management-plan-recorded"),)},
        never={"set there": (*HARM, HSB)},
    ),
    Row(
        "R-139",
        (*HARM, ASSESSED),
        {"met since": (whole_meeting("2025-10-20"),), "met the same day": (whole_meeting("2025-10-12"),)},
        still={**NOT_DUE, "met before": (HSB,)},
        never={
            "only harmed": (*HARMED, ASSESSED),
            "behaviour of no concern": (*HARM, ASSESSED, level("2025-09-05", "normal")),
            "a health assessment": (*HARM, e("2025-10-12", "assessment-completed", kind="health")),
        },
        now="2025-11-30 12:00",
    ),
)  # fmt: skip


@pytest.mark.parametrize(("row", "entries", "now", "profile", "expected"), cases(ROWS))
def test_truth_table(row, entries, now, profile, expected):
    expect_line(row, entries, now, profile, expected)


@pytest.mark.req("R-126", "R-132")
@pytest.mark.parametrize(
    ("held", "open_"),
    [
        (both(outcome="no-plan"), False),
        (conference(outcome="no-plan", addresses=["has-harmed"], stated_at_outset=True), True),
        (conference(outcome="no-plan", addresses=["has-harmed", "has-been-harmed"]), True),
    ],
    ids=["both roles, said at the outset", "one role only", "both roles, not said"],
)
def test_r126_a_conference_on_both_roles_stands_for_the_meeting(held, open_):
    row = next(one for one in ROWS if one.rule == "R-139")
    assert bool(found(row, (*BOTH, e("2025-10-09", "assessment-completed", kind="single"), held))) is open_


@pytest.mark.req("R-124")
def test_r124_says_whether_the_child_is_in_both_roles():
    row = next(one for one in ROWS if one.rule == "R-124")
    considered = e("2025-09-02", "victimisation-considered", outcome="established")
    for child in (BOTH, (*HARM, considered)):
        assert [one.values for one in found(row, (*child, CONCLUDED))] == [{"both_roles": True}]
    assert [one.values for one in found(row, row.start)] == [{"both_roles": False}]


@pytest.mark.req("R-132")
def test_r132_shows_the_days_waited_and_the_setting():
    row = next(one for one in ROWS if one.rule == "R-132")
    (item,) = found(row, row.start, now="2025-10-07 00:00")
    assert (item.values, item.settings) == ({"days": 15}, {"behaviour_meeting_working_days": 10})


@pytest.mark.req("R-134")
def test_r134_names_every_open_item_of_the_list():
    row = next(one for one in ROWS if one.rule == "R-134")
    (item,) = found(row, row.start)
    assert item.values == {"checklist": "CL-L-HSB", "items": ["timetable"]}
    (nothing,) = found(row, (*HARM, BARE))
    assert nothing.values["items"] == list(LIST)


def invited(meeting: str, organisation: str, decision: str = "invited"):
    return e("2025-10-05", "invitation-sent", meeting=meeting, organisation=organisation, decision=decision)


def undecided(rule: str, profile: str, *entries: object) -> set[str]:
    row = Row(rule, (), {}, profile=profile)
    return {str(one.values["invitee"]) for one in found(row, tuple(entries))}


ICPC = conference(meeting="C1", attendance=[{"organisation": S, "person": f"{S}/sw-1"}])


@pytest.mark.req("R-127")
@pytest.mark.parametrize(
    ("born", "more", "expected"),
    [
        ("2017-10-10", (), {"youth-justice"}),
        ("2017-10-11", (), set()),
        ("2017-10-10", (invited("C1", YOS, "not-invited"),), set()),
        ("2017-10-10", (invited("C1", YOS),), set()),
        ("2017-10-10", (invited("C2", YOS),), {"youth-justice"}),
    ],
    ids=["8y0d", "7y364d", "decided against", "invited", "invited to another meeting"],
)
def test_r127_youth_justice_is_considered_from_eight(born, more, expected):
    assert undecided("R-127", "darlington-2025", opened(born), harmed_by(), ICPC, *more) == expected


@pytest.mark.req("R-127")
def test_r127_is_not_for_a_child_who_has_been_harmed_nor_under_another_procedure():
    assert undecided("R-127", "darlington-2025", *HARMED, ICPC) == set()
    assert undecided("R-127", "llr-2024", *HARM, ICPC) == set()


@pytest.mark.req("R-128")
def test_r128_youth_justice_is_invited_to_the_conference_on_a_child_who_has_harmed():
    assert undecided("R-128", "llr-2024", *HARM, ICPC) == {"youth-justice"}
    assert undecided("R-128", "llr-2024", *HARM, ICPC, invited("C1", YOS)) == set()
    assert undecided("R-128", "darlington-2025", *HARM, ICPC) == set()


@pytest.mark.req("R-135", "R-136")
@pytest.mark.parametrize(("rule", "profile"), [("R-135", "llr-2024"), ("R-136", "darlington-2025")])
def test_r135_r136_whom_the_meeting_about_behaviour_misses(rule, profile):
    strategy = meeting("2025-09-04", "strategy", f"{POLICE}/p-1", f"{YOS}/y-1")
    held = meeting("2025-10-06", "hsb", f"{S}/sw-1", f"{POLICE}/p-1", chronology_snapshot="s")
    child = (opened(schools=[SCHOOL]), harmed_by(), strategy)
    missed = undecided(rule, profile, *child, held)
    assert {"school", "health", "strategy-participants"} <= missed and "police" not in missed
    room = (invited(f"M-{'2025-10-06'}", one) for one in (SCHOOL, HEALTH, YOS))
    assert undecided(rule, profile, *child, held, *room) == set()


@pytest.mark.req("R-135")
def test_r135_asks_of_the_last_meeting_only_and_of_who_convened_it():
    first = meeting("2025-10-06", "hsb", f"{S}/sw-1")
    then = meeting("2025-11-06", "hsb", f"{S}/sw-1", f"{HEALTH}/n-1", f"{POLICE}/p-1", f"{YOS}/y-1")
    row = Row("R-135", (), {})
    assert {one.evidence[0] for one in found(row, (*HARM, first))} == {first.key}
    assert found(row, (*HARM, first, then)) == []
    assert {one.agency for one in found(row, (*HARM, first))} == {S}
    assert ids(found(row, (*HARM, first))[0].evidence) == [first.key.id]
