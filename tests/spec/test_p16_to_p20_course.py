"""P-16 to P-20: never discussed, overshadowed, criminal only, no action, one agency alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.spec.pattern_rows import (
    CHILD,
    OAK,
    OTHER,
    POLICE,
    YOS,
    Row,
    S,
    early,
    incident,
    is_said,
    level,
    needed,
    on,
    own,
    rows,
    sighted,
    silences,
)

CONCERN = level("l", "2025-10-01 10:00", "inappropriate")
AMBER = own("behaviour-screened", "2025-10-02 10:00", OAK, id="b", tool="brook", colour="amber")
INVESTIGATE = own(
    "criminal-investigation-decided", "2025-09-12 10:00", POLICE, id="c", decision="investigate"
)
ENDED = own("criminal-outcome-recorded", "2025-11-14 15:00", POLICE, id="e", outcome="nfa-evidence")
OLD, RISK = incident("i", "2025-06-02 10:00", OAK), level("l", "2025-06-03 10:00", "problematic", S)
LAST_OTHER = own("meeting-held", "2025-07-01 10:00", S, id="m", attendance=[{"organisation": OAK}])
ALONE = own("assessment-started", "2025-10-20 10:00", YOS, id="y", kind="single")

TABLE = (
    Row(
        "P-16",
        (CONCERN, AMBER),
        "First concern 1 October 2025, 50 days ago; no multi-agency meeting recorded.",
        ("l", "b"),
        {"first_on": "2025-10-01", "days": 50, "concerns": 2},
        silent={
            "a meeting": (own("meeting-held", "2025-10-05 10:00", id="x", kind="professionals"),),
            "a conference": (own("conference-held", "2025-10-05 10:00", id="x", kind="icpc"),),
        },
        instead={
            "green": (replace(AMBER, data={**AMBER.data, "colour": "green"}),),
            "normal": (level("l", "2025-10-01 10:00", "normal"),),
            "healthy": (level("l", "2025-10-01 10:00", "healthy", scale="darlington-4"),),
            "withdrawn": (
                incident("i", "2025-09-30 10:00", status="withdrawn"),
                level("l", "2025-10-01 10:00", "abusive", about="i"),
            ),
        },
        needs=((CHILD, "meeting-held"), (CHILD, "conference-held")),
        name="level and screening",
    ),
    *(
        Row(
            "P-16",
            (replace(AMBER, data={**AMBER.data, "colour": colour}),),
            "First concern 2 October 2025, 49 days ago; no multi-agency meeting recorded.",
            ("b",),
            name=colour,
        )
        for colour in ("amber", "orange", "red")
    ),
    Row(
        "P-17",
        (),
        "This child may be overshadowed. This child has 0 actions, 0 meetings, 0 support arranged, 0 named "
        "contacts; linked child 1 has 1 action, 2 meetings, 0 support arranged, 0 named contacts.",
        ("a", "m", "n"),
        {
            "overshadowed": "this-child",
            "this_child": {
                "action-assigned": 0,
                "meeting-held": 0,
                "support-arranged": 0,
                "named-contact-appointed": 0,
            },
        },
        linked={
            OTHER: (
                on(OTHER, "action-assigned", "2025-10-01 10:00", id="a", action="A1"),
                on(OTHER, "meeting-held", "2025-10-02 10:00", id="m", kind="hsb"),
                on(OTHER, "meeting-held", "2025-10-03 10:00", id="n", kind="hsb"),
            )
        },
        silent={"one of two": (own("action-assigned", "2025-10-05 10:00", id="x", action="A9"),)},
        needs=((CHILD, "incident-linked"), (CHILD, "meeting-held"), (OTHER, "action-assigned")),
        name="this child",
    ),
    Row(
        "P-17",
        (
            own("support-arranged", "2025-10-01 10:00", id="s", kind="counselling"),
            own("named-contact-appointed", "2025-10-02 10:00", id="c", role="spoc", person=f"{S}/sp-1"),
        ),
        "Linked child 1 may be overshadowed. This child has 0 actions, 0 meetings, 1 support arranged, "
        "1 named contact; linked child 1 has 0 actions, 0 meetings, 0 support arranged, 0 named contacts.",
        ("s", "c"),
        {"overshadowed": "linked-child"},
        linked={OTHER: ()},
        name="the linked child",
    ),
    Row(
        "P-18",
        (INVESTIGATE,),
        "Police are acting; no assessment for this child is recorded.",
        ("c",),
        {"child": "this-child", "since": "2025-09-12"},
        silent={
            "assessed": (own("assessment-started", "2025-09-15 16:05", id="x", kind="single"),),
            "the police ended it": (ENDED,),
        },
        instead={"no investigation": (replace(INVESTIGATE, data={"decision": "not-investigate"}),)},
        needs=((CHILD, "assessment-started"), (CHILD, "criminal-outcome-recorded")),
        too_early="2025-09-26 23:59",
        settings={"criminal_only_working_days": 10},
        now="2025-09-27 00:00",
        name="this child",
    ),
    Row(
        "P-18",
        (),
        "Police are acting; no assessment for this child is recorded.",
        ("c",),
        linked={
            OTHER: (
                replace(INVESTIGATE, child=OTHER),
                on(OTHER, "assessment-started", "2025-09-15 16:05", id="x", kind="single"),
            )
        },
        settings={"criminal_only_working_days": 10},
        needs=(
            (CHILD, "incident-linked"),
            (OTHER, "criminal-outcome-recorded"),
            (CHILD, "assessment-started"),
        ),
        name="police act on the linked child",
    ),
    Row(
        "P-18",
        (INVESTIGATE, own("assessment-started", "2025-09-15 16:05", id="x", kind="single")),
        "Police are acting; no assessment for linked child 1 is recorded.",
        ("c",),
        {"child": "linked-child-1"},
        linked={OTHER: ()},
        settings={"criminal_only_working_days": 10},
        needs=((OTHER, "assessment-started"),),
        name="the linked child is not assessed",
    ),
    Row(
        "P-19",
        (ENDED,),
        "A no-further-action decision is recorded (14 November 2025) and no one is named to continue "
        "support.",
        ("e",),
        {"decided_on": "2025-11-14"},
        silent={
            "an open action": (own("action-assigned", "2025-10-01 10:00", id="x", action="A1"),),
            "a plan": (own("plan-started", "2025-10-01 10:00", id="x", kind="cin"),),
            "a continuing action": (
                own(
                    "no-further-action-decided",
                    "2025-11-15 10:00",
                    id="x",
                    about_what="criminal",
                    continuing_actions=[{"organisation": S, "what": "visits"}],
                ),
            ),
        },
        instead={
            "charged": (replace(ENDED, data={"outcome": "charge"}),),
            "about the referral": (
                own("no-further-action-decided", "2025-11-15 10:00", id="x", about_what="referral"),
            ),
        },
        needs=((CHILD, "action-assigned"), (CHILD, "plan-started"), (CHILD, "risk-management-plan-recorded")),
        name="criminal outcome",
    ),
    Row(
        "P-20",
        (OLD, RISK, LAST_OTHER, ALONE),
        f"Only {YOS} has been active since 1 July 2025.",
        ("i", "l", "m", "y"),
        {"agency": YOS, "active": 1, "since": "2025-07-01"},
        silent={
            "another agency posted": (own("referral-made", "2025-10-21 10:00", OAK, id="x", target="csc"),),
            "another agency attended": (
                own("meeting-held", "2025-10-21 10:00", YOS, id="x", attendance=[{"organisation": OAK}]),
            ),
            "case closed": (own("closure-decided", "2025-10-21 10:00", YOS, id="x", closes="case"),),
        },
        instead={
            "no open risk": (OLD, LAST_OTHER, ALONE),
            "known for less than the setting": (level("l", "2025-10-20 10:00", "problematic", YOS),),
        },
        needs=((CHILD, "*"),),
        settings={"single_agency_days": 60},
        name="one agency",
    ),
    Row(
        "P-20",
        (OLD, RISK, LAST_OTHER),
        "No agency has been active since 1 July 2025.",
        ("i", "l", "m"),
        {"agency": None, "active": 0},
        settings={"single_agency_days": 60},
        name="none",
    ),
)


@pytest.mark.parametrize("row", rows(TABLE))
def test_p_line_of_the_course_is_said(row):
    is_said(row)


@pytest.mark.parametrize(("row", "posts"), silences(TABLE))
def test_p_line_of_the_course_is_not_said(row, posts):
    assert row.found(row.stuff(posts)) == []


@pytest.mark.req("H-20")
@pytest.mark.parametrize(("row", "need"), needed(TABLE))
def test_p_line_of_the_course_needs_sight(row, need):
    assert row.line() in row.found(row.stuff(**sighted(row)))
    assert row.text not in [one.text for one in row.found(row.stuff(**sighted(row, need)))]


@pytest.mark.parametrize("row", early(TABLE))
def test_p_line_of_the_course_waits_for_its_setting(row):
    assert row.found(now=row.too_early) == []


@pytest.mark.req("P-17", "R-178", "H-20")
def test_p17_what_the_reader_cannot_see_of_both_children_is_not_counted():
    row = TABLE[[one.name for one in TABLE].index("this child")]
    (line,) = row.found(row.stuff(**sighted(row, (CHILD, "support-arranged"))))
    assert set(line.values["this_child"]) == {"action-assigned", "meeting-held", "named-contact-appointed"}
