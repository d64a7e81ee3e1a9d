"""Strategy meetings and what follows from them: one truth table a rule of what is missing."""

from __future__ import annotations

import pytest

from hub.pathway.entries import Other
from tests.spec import expecting as e
from tests.spec.expecting import Case, harmed, has_harmed, other, p, strategy
from tests.spec.posts import ELM, HEALTH, POLICE, N, S

ENQUIRY = p(
    "section-47-enquiry-initiated",
    "2025-09-15 16:10",
    threshold="significant-harm-suspected",
    factors=[{"code": "siblings", "answer": "not-known-yet"}, {"code": "ages", "answer": "answered"}],
)
CONVENED = p("meeting-convened", "2025-09-15 10:10", N, kind="strategy", meeting="M1")
FACING = has_harmed(others=[other(None, "has-been-harmed")])
SEPARATE = p("separate-meetings-decided", "2025-09-15 09:15", separate=True, reason="r")
ALLOCATED = p("social-worker-allocated", "2025-09-12 18:00", kind="enquiry", worker=f"{N}/enq-1")
CHECKLIST = "meeting-checklist-completed"
SUSPECTED = p("victimisation-considered", "2025-09-16 09:00", outcome="suspected")
TWO_INTERVIEWS = (
    p("interview-held", "2025-09-17 10:00", POLICE, kind="abe"),
    p("interview-held", "2025-09-18 10:00", POLICE, kind="pace"),
)
AIM = p("specialist-assessment-decided", "2025-09-19 15:30", decision="yes", consent_owner=f"{N}/yj-1")
ABSENT = strategy(absent=[{"organisation": HEALTH, "updater": f"{S}/tm-1"}])
PLANNED = strategy(contingency=["if charged then meet again"])
CHARGED = p("criminal-outcome-recorded", "2025-11-14 15:00", POLICE, outcome="charge")
ASSESSMENT = p("referral-outcome-decided", "2025-09-15 09:30", outcome="assessment")
SIDES = (
    Other(1, "has-harmed", "a1", "C-2"),
    Other(2, "has-harmed", "a2", None),
    Other(3, "has-been-harmed", "a3", None),
)
MANY = harmed(others=SIDES)


def attended(*people: str, organisation: str = S):
    rows = [{"organisation": one.partition("/")[0], "person": one} for one in people]
    return strategy(organisation=organisation, attendance=rows)


def checklist(*items: dict[str, str], when: str = "2025-09-15 15:00", meeting: str | None = "M1"):
    named = {"meeting": meeting} if meeting else {}
    return p(CHECKLIST, when, checklist="CL-L-STRAT", items=list(items), **named)


def consent(*whom: str):
    return tuple(
        p("assessment-consent-recorded", f"2025-09-2{n} 09:00", from_whom=one) for n, one in enumerate(whom)
    )


CASES = (
    Case(
        "R-078",
        (has_harmed(), ENQUIRY),
        S,
        met={
            "arranged": (p("meeting-convened", "2025-09-15 17:00", kind="strategy", meeting="M"),),
            "held before it began": (strategy(),),
        },
        silent={
            "no investigation": (
                has_harmed(),
                p("criminal-investigation-decided", "2025-09-12 17:30", POLICE, decision="not-investigate"),
            ),
            "no trigger": (has_harmed(),),
        },
    ),
    Case(
        "R-079",
        (FACING, CONVENED),
        N,
        met={"decided": (SEPARATE,)},
        silent={
            "one child alone": (has_harmed(), CONVENED),
            "no strategy meeting": (FACING, p("meeting-held", "2025-09-15 14:30", kind="hsb", meeting="M")),
        },
    ),
    Case(
        "R-082-police",
        (SEPARATE, attended(f"{N}/enq-1")),
        S,
        silent={
            "police who attended": (SEPARATE, attended(f"{POLICE}/caiu-1")),
            "one meeting for both": (attended(f"{N}/enq-1"),),
        },
    ),
    Case(
        "R-082-enquiry",
        (SEPARATE, ALLOCATED, attended(f"{POLICE}/caiu-1")),
        S,
        person=f"{N}/enq-1",
        silent={
            "a worker who attended": (SEPARATE, ALLOCATED, attended(f"{N}/enq-1")),
            "no enquiry worker known": (SEPARATE, attended(f"{POLICE}/caiu-1")),
        },
    ),
    Case(
        "R-084",
        (attended(f"{N}/enq-1", organisation=N),),
        S,
        silent={
            "a representative": (attended(f"{S}/tm-1", organisation=N),),
            "its own meeting": (attended(f"{S}/tm-2"),),
        },
    ),
    Case(
        "R-086",
        (strategy(),),
        S,
        met={
            "a list of that meeting": (checklist(when="2025-09-14 15:00"),),
            "a later list": (checklist(meeting=None),),
        },
        silent={"no meeting": (harmed(),)},
    ),
    Case(
        "R-086-owner",
        (strategy(), checklist({"item": "aim", "answer": "not-done"})),
        S,
        values={"items": ["aim"]},
        met={
            "an owner": (
                checklist({"item": "aim", "answer": "not-done", "owner": "o"}, when="2025-09-16 09:00"),
            )
        },
        silent={"an item done": (strategy(), checklist({"item": "aim", "answer": "done"}))},
    ),
    Case(
        "R-087",
        (strategy(), checklist({"item": "own-harm", "answer": "not-answered", "owner": "o"})),
        S,
        values={"items": ["own-harm"]},
        met={"an answer": (checklist({"item": "own-harm", "answer": "answered"}, when="2025-09-16 09:00"),)},
        silent={"a reason": (strategy(), checklist({"item": "own-harm", "answer": "not-applicable"}))},
    ),
    Case(
        "R-088",
        (ENQUIRY,),
        S,
        values={"factors": ["siblings"]},
        met={
            "an answer": (checklist({"item": "siblings", "answer": "answered"}, when="2025-09-20 09:00"),),
            "an owner": (checklist({"item": "siblings", "owner": "o"}, when="2025-09-20 09:00"),),
            "the end": (p("section-47-enquiry-concluded", "2025-09-29 11:00", continuing_risk=False),),
        },
    ),
    Case(
        "R-089",
        (strategy(),),
        S,
        met={
            "an arrangement": (
                p("education-arrangement-recorded", "2025-09-16 09:00", ELM, attendance="full"),
            )
        },
        silent={"no meeting": (harmed(),)},
    ),
    Case(
        "R-090",
        (strategy(),),
        S,
        met={"considered": (p("health-needs-considered", "2025-09-16 09:00", HEALTH, considered=False),)},
        silent={"no meeting": (harmed(),)},
    ),
    Case(
        "R-092",
        (p("records-access-requested", "2025-09-15 16:00", POLICE, holder=HEALTH, scope="medical"),),
        HEALTH,
        values={"scope": "medical"},
        met={
            "decided": (
                p("records-access-decided", "2025-09-20 09:00", HEALTH, decision="refused", reason="r"),
            )
        },
        silent={
            "a background check, which has a rule of its own": (
                p("records-access-requested", "2025-09-15 16:00", holder=HEALTH, scope="background-check"),
            )
        },
    ),
    Case(
        "R-093",
        (ABSENT,),
        S,
        person=f"{S}/tm-1",
        values={"absent": HEALTH},
        too_early="2025-09-17 23:59",
        met={"updated": (p("absent-agency-updated", "2025-09-16 09:00", organisation=HEALTH),)},
        silent={"everybody present": (strategy(),)},
    ),
    Case(
        "R-095",
        (AIM,),
        N,
        person=f"{N}/yj-1",
        values={"from_whom": ["child", "parent"]},
        met={"both asked": consent("child", "parent")},
        silent={"no assessment": (p("specialist-assessment-decided", "2025-09-19 15:30", decision="no"),)},
    ),
    Case(
        "R-097",
        (has_harmed(), SUSPECTED, *TWO_INTERVIEWS),
        S,
        met={
            "an order": (
                p(
                    "interview-planned",
                    "2025-09-16 13:30",
                    POLICE,
                    method="abe",
                    order=["abe", "pace"],
                    decided_at_meeting="M1",
                ),
            )
        },
        silent={
            "one interview": (has_harmed(), SUSPECTED, TWO_INTERVIEWS[1]),
            "nothing suspected": (
                has_harmed(),
                p("victimisation-considered", "2025-09-16 09:00", outcome="discounted"),
                *TWO_INTERVIEWS,
            ),
        },
    ),
    Case(
        "R-098",
        (PLANNED, CHARGED),
        POLICE,
        met={
            "an action": (p("action-assigned", "2025-11-15 10:00", action="a", organisation=S),),
            "a meeting": (strategy("2025-11-19 10:00"),),
        },
        silent={"no charge": (PLANNED,), "nothing planned": (strategy(), CHARGED)},
    ),
    Case(
        "R-099",
        (ASSESSMENT,),
        S,
        too_early="2025-09-29 23:59",
        met={"a meeting": (p("meeting-convened", "2025-09-20 10:00", kind="hsb-planning", meeting="M"),)},
        silent={
            "a strategy meeting": (p("referral-outcome-decided", "2025-09-15 09:30", outcome="strategy"),)
        },
    ),
    Case(
        "R-100",
        (MANY, strategy()),
        S,
        met={"a group": (p("strategic-management-group-appointed", "2025-09-16 09:00", members=[]),)},
        silent={
            "no meeting": (MANY,),
            "one on a side": (harmed(others=SIDES[:1]), strategy()),
        },
    ),
    Case(
        "R-101",
        (p("action-assigned", "2025-09-15 16:00", action="a", organisation=POLICE, what="w"),),
        POLICE,
        met={"done": (p("action-completed", "2025-09-16 16:00", POLICE, action="a"),)},
        silent={
            "a full action": (
                p(
                    "action-assigned",
                    "2025-09-15 16:00",
                    action="a",
                    organisation=POLICE,
                    person=f"{POLICE}/caiu-1",
                    contribution="c",
                ),
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


@pytest.mark.req("R-078", "R-077")
def test_where_the_procedure_sets_hours_the_clock_speaks_and_not_the_item():
    case = case_of("R-078")
    assert case.found(case.opens, authority=N) == []


@pytest.mark.req("R-079")
def test_a_decision_on_the_other_childs_record_serves_both():
    case = case_of("R-079")
    facing = has_harmed(others=[other("C-2", "has-been-harmed")])
    decided = p("separate-meetings-decided", "2025-09-15 09:15", separate=False, reason="r", child="C-2")
    assert case.found([facing, CONVENED], linked={"C-2": ()})
    assert case.found([facing, CONVENED], linked={"C-2": (decided,)}) == []


@pytest.mark.req("R-079", "H-20")
@pytest.mark.parametrize("named", ["C-2", None], ids=["a known child", "a child nobody knows"])
def test_without_sight_of_the_other_child_nothing_is_said_of_separate_meetings(named):
    case = case_of("R-079")
    facing = has_harmed(others=[other(named, "has-been-harmed")])
    seen = frozenset({"separate-meetings-decided", "closure-decided"})
    assert case.found([facing, CONVENED], complete=seen) == []


@pytest.mark.req("R-093")
def test_without_an_updater_the_convenor_owes_the_update():
    case = case_of("R-093")
    (item,) = case.found([strategy(organisation=N, absent=[{"organisation": HEALTH}])])
    assert (item.agency, item.person) == (N, None)


@pytest.mark.req("R-095")
def test_consent_of_the_child_alone_leaves_the_parent():
    case = case_of("R-095")
    (item,) = case.found([AIM, *consent("child")])
    assert item.values["from_whom"] == ["parent"]


@pytest.mark.req("R-086")
def test_a_list_of_another_meeting_is_not_this_ones():
    case = case_of("R-086")
    assert case.found([strategy(), checklist(meeting="M9")])


@pytest.mark.req("R-088")
def test_an_enquiry_is_never_held_up_by_a_factor_and_the_factor_stays_listed():
    case = case_of("R-088")
    (item,) = case.found([ENQUIRY, strategy()])
    assert item.evidence == (ENQUIRY.key,)
