"""What is missing of plans, actions and work with the child: R-131 and R-138 to R-156."""

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
from tests.spec.posts import POLICE, YOS, S, at, ids

HARM = (opened(), harmed_by())
HARMED = (opened(), was_harmed())
CONCERN = level("2025-09-05", "problematic")
NOT_HELD = e("2025-09-22", "conference-decided", decision="not-held")
NO_PLAN = e("2025-09-22", "conference-held", kind="icpc", outcome="no-plan")
ASSESSED = e("2025-10-12", "assessment-completed", kind="single")
SCHOOL, FOSTER, THERAPY = "education.oak-school", "other.home-f1", "health.therapy"
CIN = e("2025-09-23", "plan-started", kind="cin")
NFA = e("2025-09-23", "no-further-action-decided", about_what="section-47")
OVER = e("2025-10-01", "criminal-outcome-recorded", POLICE, outcome="nfa-evidence")
OFFERED = e("2025-10-02", "intervention-offered", kind="boundary-work", provider=THERAPY)
UNABLE = e("2025-10-02", "engagement-changed", YOS, engagement="unable", ongoing_risk="yes")
ACTION = e("2025-10-01", "action-assigned", action="a1", organisation=SCHOOL, person=f"{SCHOOL}/dsl",
           due="2025-10-20")  # fmt: skip
NEED = e("2025-09-05", "assessment-factor-recorded", kind="unmet-need", code="interpreter")
STARTED = e("2025-10-09", "intervention-started", THERAPY, kind="boundary-work")
INQUIRY = e("2025-09-05", "section-47-enquiry-initiated", threshold="x")
CIRCLES = ("household", "extended-family", "school", "peer-group", "wider-network")


def plan(day: str = "2025-10-15", *places: str, **more: object):
    rows = [{"kind": one, "place": f"{one}-1"} for one in places]
    return e(day, "risk-management-plan-recorded", responsible_organisation=S, places=rows, **more)


def place(kind: str, day: str = "2025-10-01"):
    return e(day, "place-declared", kind=kind, place=f"{kind}-1")


def circle(name: str, **more: object):
    return e("2025-10-01", "contact-children-risk-assessed", circle=name, **more)


ALL_CIRCLES = tuple(circle(one, considered=True) for one in CIRCLES)

CP = e("2025-10-11", "plan-started", kind="cp")
TOPICS = ["behaviour", "risk-to-others", "plan-concerns"]
CORE = meeting("2025-10-20", "core-group", topics=["behaviour", "plan-concerns"])

ROWS = (
    Row(
        "R-130-topics",
        (*HARM, CP, CORE),
        {
            "a later one covered all": (meeting("2025-11-10", "core-group", topics=TOPICS),),
            "the plan ended": (e("2025-11-12", "conference-held", kind="rcpc", outcome="plan-ends"),),
        },
        still={
            "another meeting covered all": (meeting("2025-11-10", "hsb", topics=TOPICS),),
        },
        never={
            "all three at once": (*HARM, CP, meeting("2025-10-20", "core-group", topics=TOPICS)),
            "no core group yet": (*HARM, CP, meeting("2025-10-20", "hsb")),
            "another plan": (*HARM, CIN, CORE),
        },
    ),
    Row(
        "R-131",
        (*HARM, CONCERN, NOT_HELD),
        {
            "a family safety plan": (e("2025-09-23", "plan-started", kind="family-safety"),),
            "a risk plan": (plan(),),
            "reasons against": (NFA,),
        },
        still={"a plan from before": (e("2025-09-03", "plan-started", kind="early-help"),)},
        never={
            "a conference is to be held": (
                *HARM, CONCERN, e("2025-09-22", "conference-decided", decision="held"),
            ),
            "no concern": (*HARM, level("2025-09-05", "inappropriate"), NOT_HELD),
        },
        profile="darlington-2025",
        not_under="llr-2024",
    ),
    Row(
        "R-138",
        (*HARM, ASSESSED),
        {"a plan": (plan(),)},
        still={
            "a plan that awaits its authority": (plan(awaiting=("social-care",)),),
            "another kind of plan": (CIN,),
        },
        never={
            "not assessed": HARM,
            "only harmed": (*HARMED, ASSESSED),
            "of no concern": (*HARM, ASSESSED, level("2025-09-05", "normal")),
        },
    ),
    Row(
        "R-140",
        (*HARM, plan()),
        {"a person": (plan("2025-10-20", responsible_person=f"{S}/sw-1"),)},
        role="team-manager",
    ),
    Row(
        "R-141",
        (*HARM, place("club"), plan("2025-10-15", "home", responsible_person=f"{S}/sw-1")),
        {
            "covered since": (e("2025-10-16", "plan-place-covered", kind="club", place="club-1"),),
            "by the next plan": (plan("2025-10-20", "club"),),
        },
        still={"another place": (e("2025-10-16", "plan-place-covered", kind="home", place="home-1"),)},
        never={"without a plan it is another row's": (*HARM, place("club"))},
    ),
    Row(
        "R-145",
        (*HARMED, CIN),
        {"reviewed": (e("2025-10-21", "plan-reviewed", next_review="2026-01-01"),)},
        still={"reviewed before": (e("2025-10-01", "plan-reviewed", next_review="2026-01-01"),)},
        never={"no support to review": HARMED, "only has harmed": (*HARM, CIN)},
        linked=(e("2025-10-20", "plan-reviewed", child="C-2"),),
    ),
    Row(
        "R-147",
        (*HARM, ACTION),
        {
            "done": (e("2025-10-21", "action-completed", SCHOOL, action="a1"),),
            "done, by what it names": (
                e("2025-10-21", "action-completed", SCHOOL, action="x", about=ACTION),
            ),
            "given again with a later day": (
                e("2025-10-22", "action-assigned", action="a1", organisation=SCHOOL, due="2026-10-20"),
            ),
            "the case was closed": (e("2025-11-01", "closure-decided", closes="case"),),
        },
        still={
            "somebody else said that theirs of this name is done": (
                e("2025-10-21", "action-completed", POLICE, action="a1"),
            ),
            "another action was done": (e("2025-10-21", "action-completed", SCHOOL, action="a2"),),
            "a plan was closed": (e("2025-11-01", "closure-decided", closes="plan"),),
        },
        never={"no day": (*HARM, e("2025-10-01", "action-assigned", action="a1", organisation=SCHOOL))},
        early="2025-10-20 23:59",
        agency=SCHOOL,
        role=None,
    ),
    Row(
        "R-148",
        (*HARM, NEED, STARTED),
        {},
        never={
            "with an adaptation": (
                *HARM, NEED, e("2025-10-09", "intervention-started", THERAPY, kind="x", adaptation="x"),
            ),
            "no such need": (*HARM, STARTED),
            "another need": (
                *HARM, STARTED,
                e("2025-09-05", "assessment-factor-recorded", kind="unmet-need", code="housing"),
            ),
        },
        agency=THERAPY,
        role=None,
    ),
    Row(
        "R-149",
        (*HARM, OVER),
        {"offered": (OFFERED,), "begun": (STARTED,)},
        still={
            "offered before": (e("2025-09-05", "intervention-offered", kind="boundary-work"),),
        },
        never={
            "charged": (*HARM, e("2025-10-01", "criminal-outcome-recorded", POLICE, outcome="charge")),
            "only harmed": (*HARMED, OVER),
        },
        early="2025-10-15 23:59",
        now="2025-10-16 00:00",
    ),
    Row(
        "R-150",
        (*HARM, OFFERED),
        {
            "begun": (STARTED,),
            "begun, by what it names": (
                e("2025-10-09", "intervention-started", THERAPY, kind="family-work", about=OFFERED),
            ),
            "turned down": (e("2025-10-09", "engagement-changed", THERAPY, engagement="refused"),),
        },
        still={
            "other work begun": (e("2025-10-09", "intervention-started", THERAPY, kind="family-work"),),
            "not able to take part": (e("2025-10-09", "engagement-changed", THERAPY, engagement="unable"),),
        },
        agency=THERAPY,
        role=None,
    ),
    Row(
        "R-153",
        (*HARM, UNABLE),
        {
            "convened": (e("2025-10-03", "meeting-convened", YOS, kind="professionals", meeting="p1"),),
            "held": (meeting("2025-10-05", "hsb"),),
            "engaged again": (e("2025-10-03", "engagement-changed", YOS, engagement="engaged"),),
        },
        still={
            "met before": (meeting("2025-09-05", "hsb"),),
        },
        never={
            "no risk goes on": (
                *HARM, e("2025-10-02", "engagement-changed", YOS, engagement="unable", ongoing_risk="no"),
            ),
            "refused": (
                *HARM, e("2025-10-02", "engagement-changed", YOS, engagement="refused", ongoing_risk="yes"),
            ),
        },
        profile="darlington-2025",
        not_under="llr-2024",
        agency=YOS,
        role=None,
    ),
    Row(
        "R-154",
        (*HARM, CONCERN, e("2025-11-01", "engagement-changed", YOS, engagement="engaged")),
        {
            "another agency": (e("2025-11-02", "child-voice-recorded", SCHOOL),),
            "a meeting": (e("2025-11-02", "meeting-convened", YOS, kind="professionals", meeting="p"),),
        },
        still={"another agency long ago": (e("2025-09-02", "child-voice-recorded", SCHOOL),)},
        never={
            "no concern": (*HARM, e("2025-11-01", "engagement-changed", YOS, engagement="engaged")),
        },
        early="2025-10-20 12:00",
        profile="darlington-2025",
        not_under="llr-2024",
        agency=YOS,
        role=None,
    ),
    Row(
        "R-155",
        (*HARM, INQUIRY, *ALL_CIRCLES[1:]),
        {
            "considered": (ALL_CIRCLES[0],),
            "left out with a reason": (circle("household", considered=False, reason="x"),),
        },
        still={"left out without": (circle("household", considered=False),)},
        never={"no enquiry and no plan": HARM, "only harmed": (*HARMED, INQUIRY)},
    ),
    Row(
        "R-156",
        (*HARM, CONCERN, NO_PLAN),
        {
            "child in need": (CIN,),
            "child protection": (e("2025-10-05", "plan-started", kind="cp"),),
            "reasons against": (NFA,),
        },
        still={"another kind of plan": (e("2025-09-23", "plan-started", kind="early-help"),)},
        never={
            "the conference made a plan": (
                *HARM, CONCERN, e("2025-09-22", "conference-held", kind="icpc", outcome="plan"),
            ),
            "no concern": (*HARM, NO_PLAN),
        },
        early="2025-09-29 23:59",
        now="2025-09-30 00:00",
        role="team-manager",
    ),
)  # fmt: skip


@pytest.mark.parametrize(("row", "entries", "now", "profile", "expected"), cases(ROWS))
def test_truth_table(row, entries, now, profile, expected):
    expect_line(row, entries, now, profile, expected)


def row_of(rule: str) -> Row:
    return next(one for one in ROWS if one.rule == rule)


@pytest.mark.req("R-147")
def test_r147_is_expected_of_the_owner_from_the_end_of_its_day():
    (item,) = found(row_of("R-147"), (*HARM, ACTION), now="2025-10-21 00:00")
    assert (item.agency, item.person, item.since) == (SCHOOL, f"{SCHOOL}/dsl", at("2025-10-21 00:00"))
    assert item.values == {"action": "a1", "due": "2025-10-20"}


@pytest.mark.req("R-147")
def test_r147_an_action_without_an_agency_is_its_persons():
    bare = e("2025-10-01", "action-assigned", action="a1", person=f"{YOS}/y-1", due="2025-10-20")
    assert [one.agency for one in found(row_of("R-147"), (*HARM, bare))] == [YOS]


@pytest.mark.req("R-150")
def test_r150_says_waiting_for_service_with_the_days():
    (item,) = found(row_of("R-150"), (*HARM, OFFERED), now="2025-12-31 12:00")
    assert item.values == {"kind": "boundary-work", "days": 90}
    assert "waiting for a service" in item.text and "engag" not in item.text + item.why


@pytest.mark.req("R-141", "P-13")
def test_r141_names_the_places_and_the_placement_of_a_looked_after_child():
    row = row_of("R-141")
    assert [one.values for one in found(row, row.start)] == [{"places": ["club-1"]}]
    covered = plan("2025-10-15", "home")
    since = e("2025-09-02", "child-circumstance-recorded", kind="lac")
    for cared_for in ((opened(looked_after=True), harmed_by(), covered), (*HARM, since, covered)):
        assert [one.values for one in found(row, cared_for)] == [{"places": ["placement"]}]
    ended = e("2025-09-02", "child-circumstance-recorded", kind="lac", until="2025-10-01")
    assert found(row, (opened(looked_after=True), harmed_by(), ended, covered)) == []


@pytest.mark.req("R-155")
@pytest.mark.parametrize(
    ("more", "left"),
    [
        ((), ["household"]),
        ((e("2025-09-02", "child-circumstance-recorded", kind="lac"),), ["household", "placement"]),
        (
            (e("2025-09-02", "child-circumstance-recorded", kind="placement", until="2025-10-01"),),
            ["household"],
        ),
    ],
    ids=["at home", "looked after", "a placement that ended"],
)
def test_r155_names_the_circles(more, left):
    row = row_of("R-155")
    assert [one.values for one in found(row, (*row.start, *more))] == [{"circles": left}]


@pytest.mark.req("R-154")
@pytest.mark.parametrize("seen", [frozenset(), frozenset({"engagement-changed", "behaviour-level-assessed"})])
def test_r154_only_a_whole_fold_can_say_that_nobody_else_is_at_work(seen):
    row = row_of("R-154")
    assert found(row, row.start, complete=seen) == []


@pytest.mark.req("R-154")
def test_r154_where_no_agency_is_at_work_it_is_the_authoritys():
    row = row_of("R-154")
    assert [one.agency for one in found(row, (*HARM, CONCERN))] == [S]


@pytest.mark.req("R-145")
def test_r145_rests_on_the_linked_childs_review_and_says_nothing_without_it():
    row = row_of("R-145")
    assert [ids(one.evidence) for one in found(row, row.start)] == [[row.linked[0].key.id]]
    assert found(row, row.start, linked={}) == []
