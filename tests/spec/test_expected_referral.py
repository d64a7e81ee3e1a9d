"""Referral, oversight and other children at risk: one truth table a rule of what is missing."""

from __future__ import annotations

import pytest

from hub.pathway.entries import Sight
from hub.pathway.expected.referral import OWN_OUTCOME
from tests.spec import expecting as e
from tests.spec.expecting import CHILD, Case, harmed, has_harmed, level, other, p, strategy
from tests.spec.posts import ELM, OAK, POLICE, N, S

ACCOUNT = p("initial-account-recorded", "2025-09-12 15:10", ELM, source_type="first-hand")
RED = p("behaviour-screened", "2025-09-12 15:20", ELM, tool="brook", colour="red")
REFERRED = p("referral-made", "2025-09-12 15:40", ELM, target="csc", to=S)
DECIDED = p("referral-outcome-decided", "2025-09-15 09:30", outcome="strategy")
INVESTIGATE = p("criminal-investigation-decided", "2025-09-12 17:30", POLICE, decision="investigate")
POLICE_END = p("criminal-outcome-recorded", "2025-11-14 15:00", POLICE, outcome="nfa-evidence")
LOOKED_AFTER = p("child-circumstance-recorded", "2025-09-01 09:00", kind="lac")
PLACED = p(
    "child-circumstance-recorded",
    "2025-09-01 09:00",
    kind="placement",
    others=[other("C-8", "mentioned", "bb")],
)
PLACED_ALONE = p("child-circumstance-recorded", "2025-09-01 09:00", kind="placement")
FAMILY = p("contact-children-risk-assessed", "2025-05-10 09:00", circle="household", considered=True)
SERVICE = p("referral-made", "2025-10-06 09:00", S, target="hsb-service", to="health.n-child-health")


def row(child: str, reference: str, when: str = "2025-10-08 12:00"):
    return p(
        "contact-children-risk-assessed",
        when,
        circle="placement",
        children=[{"other": 1, "outcome": "assessed"}],
        others=[other(child, "mentioned", reference)],
    )


LINKED = {"C-2": (has_harmed(child="C-2"),)}
BOTH = harmed(others=[other("C-2", "has-harmed")])

CASES = (
    Case(
        "R-061",
        (ACCOUNT, RED),
        ELM,
        too_early="2025-09-17 23:59",
        met={
            "its referral": (REFERRED,),
            "its reasons": (
                p("no-further-action-decided", "2025-09-12 16:00", ELM, about_what="referral", reasons="r"),
            ),
        },
        silent={
            "a green screening": (ACCOUNT, p("behaviour-screened", "2025-09-12 15:20", ELM, colour="green")),
            "another's screening": (ACCOUNT, p("behaviour-screened", "2025-09-12 15:20", OAK, colour="red")),
            "no account": (RED,),
        },
    ),
    Case(
        "R-062",
        (REFERRED,),
        S,
        met={
            "the outcome": (DECIDED,),
            "an enquiry": (
                p("section-47-enquiry-initiated", "2025-09-15 16:00", threshold="significant-harm-suspected"),
            ),
        },
        silent={"a referral elsewhere": (SERVICE,)},
    ),
    Case(
        "R-063",
        (BOTH,),
        None,
        linked=LINKED,
        values={"other": 1},
        silent={"a child not linked": (harmed(others=[other("C-7", "has-harmed")]),)},
    ),
    Case(
        "R-065",
        (has_harmed(), POLICE_END),
        S,
        met={
            "a plan": (p("risk-management-plan-recorded", "2025-10-06 11:00", responsible_organisation=S),),
            "an action": (p("action-assigned", "2025-11-14 16:00", action="a", organisation=S),),
            "an owner named": (
                p(
                    "no-further-action-decided",
                    "2025-11-14 16:00",
                    about_what="criminal",
                    reasons="r",
                    continuing_actions=[{"organisation": S, "what": "visit"}],
                ),
            ),
            "universal services": (
                p(
                    "no-further-action-decided",
                    "2025-11-14 16:00",
                    about_what="section-47",
                    reasons="r",
                    universal_offer="school nurse",
                ),
            ),
        },
        silent={"an open investigation": (has_harmed(), INVESTIGATE)},
    ),
    Case(
        "R-066",
        (LOOKED_AFTER, REFERRED),
        S,
        met={
            "the placing authority": (
                p(
                    "responsible-authority-recorded",
                    "2025-09-13 09:00",
                    home_authority=N,
                    placing_authority=S,
                ),
            )
        },
        silent={"a child at home": (REFERRED,), "no referral": (LOOKED_AFTER,)},
    ),
    Case(
        "R-069",
        (INVESTIGATE,),
        POLICE,
        too_early="2025-09-15 23:59",
        met={"a referral": (REFERRED,), "an outcome": (DECIDED,)},
        silent={"no decision by police": (has_harmed(organisation=POLICE),)},
    ),
    Case("R-069-linked", (INVESTIGATE, REFERRED), POLICE, linked=LINKED),
    Case(
        "R-071",
        (has_harmed(), LOOKED_AFTER),
        S,
        met={"told": (p("oversight-notified", "2025-10-03 10:30", target="iro"),)},
        silent={"a child at home": (has_harmed(),), "no incident": (LOOKED_AFTER,)},
    ),
    Case(
        "R-072",
        (has_harmed(), PLACED),
        S,
        values={"other": 1},
        met={"a row by child": (row("C-8", "zz"),), "a row by reference": (row(None, "bb"),)},
        silent={"a child who was harmed": (harmed(), PLACED), "no placement": (has_harmed(),)},
    ),
    Case(
        "R-073",
        (FAMILY, level("abusive", "2025-07-10 09:00")),
        S,
        met={
            "assessed again": (
                p("contact-children-risk-assessed", "2025-07-15 09:00", circle="household", considered=True),
            )
        },
        silent={
            "a level below": (FAMILY, level("inappropriate", "2025-07-10 09:00")),
            "an earlier level": (FAMILY, level("abusive", "2025-05-01 09:00")),
        },
    ),
    Case(
        "R-075",
        (SERVICE,),
        "health.n-child-health",
        too_early="2025-10-20 23:59",
        met={
            "an offer": (p("intervention-offered", "2025-10-14 09:00", kind="individual"),),
            "an answer": (p("referral-outcome-decided", "2025-10-14 09:00", outcome="none"),),
        },
        silent={"a referral to social care": (REFERRED,)},
    ),
    Case(
        "R-076",
        (harmed(), strategy()),
        S,
        met={
            "a contact": (p("named-contact-appointed", "2025-09-16 09:00", role="spoc", person=f"{S}/sw-1"),)
        },
        silent={"a child who has harmed": (has_harmed(), strategy()), "no meeting yet": (harmed(),)},
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


@pytest.mark.req("R-062", "R-063")
def test_two_children_referred_and_one_decided_leaves_the_other_awaited():
    first, second = case_of("R-062"), case_of("R-063")
    assert first.found([REFERRED, DECIDED]) == []
    decided = (*LINKED["C-2"], p("referral-outcome-decided", "2025-09-15 10:05", outcome="none", child="C-2"))
    assert second.found([BOTH], linked=LINKED)
    assert second.found([BOTH], linked={"C-2": decided}) == []


@pytest.mark.req("R-062")
def test_a_new_referral_after_an_outcome_is_awaited_again():
    again = p("referral-made", "2025-10-20 09:00", OAK, target="csc", to=S)
    (item,) = case_of("R-062").found([REFERRED, DECIDED, again])
    assert item.evidence == (again.key,)


@pytest.mark.req("R-065")
def test_an_action_that_is_done_continues_nothing():
    case = case_of("R-065")
    action = p("action-assigned", "2025-11-14 16:00", action="a", organisation=S)
    done = p("action-completed", "2025-11-15 16:00", action="a")
    assert case.found([*case.opens, action, done])


@pytest.mark.req("R-069")
def test_a_linked_child_that_was_referred_is_not_missing():
    case = case_of("R-069-linked")
    referred = p("referral-made", "2025-09-12 18:00", POLICE, target="csc", to=N, child="C-2")
    assert case.found(case.opens, linked={"C-2": (*LINKED["C-2"], referred)}) == []


@pytest.mark.req("R-071")
def test_the_reviewing_officer_is_told_again_of_a_plan_and_a_placement():
    case = case_of("R-071")
    told = p("oversight-notified", "2025-10-03 10:30", target="iro")
    for new in (
        p("plan-reviewed", "2025-11-06 10:00"),
        p("child-circumstance-recorded", "2025-10-10 09:00", kind="placement"),
        level("abusive", "2025-10-10 09:00"),
    ):
        (item,) = case.found([*case.opens, told, new])
        assert new.key in item.evidence
    assert case.found([*case.opens, told], authority=N) == []  # the other procedure does not ask for it


@pytest.mark.req("R-072")
def test_a_placement_that_names_nobody_is_assessed_as_a_whole():
    case = case_of("R-072")
    (item,) = case.found([has_harmed(), PLACED_ALONE])
    assert dict(item.values) == {}
    whole = p("contact-children-risk-assessed", "2025-10-08 12:00", circle="placement", considered=True)
    assert case.found([has_harmed(), PLACED_ALONE, whole]) == []


@pytest.mark.req("R-076")
@pytest.mark.parametrize(("until", "open_"), [("2025-11-19", True), ("2025-11-20", False)])
def test_a_contact_counts_up_to_its_last_day(until, open_):
    case = case_of("R-076")
    named = p("named-contact-appointed", "2025-09-16 09:00", role="spoc", person=f"{S}/sw-1", until=until)
    assert bool(case.found([*case.opens, named])) is open_


@pytest.mark.req("H-20", "R-063")
@pytest.mark.parametrize("seen", [True, False])
def test_a_linked_child_is_looked_at_only_where_its_outcomes_are_always_read(seen):
    types = frozenset(OWN_OUTCOME) | {"incident-recorded", "closure-decided"}
    fields = {one: frozenset({"others", "status", "closes"}) for one in types}
    blind = Sight(types - {"assessment-started"}, fields)
    sight = {CHILD: Sight(types, fields), "C-2": Sight(types, fields) if seen else blind}
    found = case_of("R-063").found([BOTH], linked=LINKED, complete=types, sight=sight)
    assert bool(found) is seen
