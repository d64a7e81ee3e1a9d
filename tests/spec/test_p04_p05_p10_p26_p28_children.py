"""P-04, P-05, P-10, P-26 and P-28: incidents after work, children harmed, both roles, mutual claims, age."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.spec.pattern_rows import (
    CHILD,
    OAK,
    OTHER,
    POLICE,
    Row,
    incident,
    is_said,
    level,
    needed,
    on,
    other,
    own,
    rows,
    sighted,
    silences,
)

WORK = own("intervention-started", "2025-09-01 10:00", id="w", kind="therapy")
MEANING = "This can mean the work needs changing; it is not a judgement on the child."
NAMES = other(OTHER, "has-been-harmed")
MUTUAL = incident("i", "2025-10-01 10:00", claimed_mutual=True, others=[other(OTHER, "has-been-harmed")])
OPENED = on(OTHER, "child-stream-opened", "2025-09-01 09:00", id="o", date_of_birth="2015-01-01")
HARM = incident("s", "2025-10-03 09:00", role="has-been-harmed")
YOUNG = incident("y", "2025-10-01 10:00")
SERIOUS = level("l", "2025-10-02 10:00", "abusive")

TABLE = (
    Row(
        "P-04",
        (WORK, incident("i", "2025-10-01 10:00")),
        f"An incident on 1 October 2025 followed work that began 1 September 2025. {MEANING}",
        ("w", "i"),
        {"certain": True, "work": "therapy", "indicator": "CONT-AFTER-INTERVENTION"},
        silent={},
        instead={
            "incident before": (WORK, incident("i", "2025-08-01 10:00")),
            "withdrawn": (WORK, incident("i", "2025-10-01 10:00", status="withdrawn")),
            "not established": (WORK, incident("i", "2025-10-01 10:00", status="not-established")),
            "work with parents": (
                own("intervention-started", "2025-09-01 10:00", id="w", kind="therapy", **{"for": "parents"}),
                incident("i", "2025-10-01 10:00"),
            ),
            "child was harmed": (WORK, incident("i", "2025-10-01 10:00", role="has-been-harmed")),
            "work not begun": (
                own("intervention-offered", "2025-09-01 10:00", id="w", kind="therapy"),
                incident("i", "2025-10-01 10:00"),
            ),
        },
        name="after",
    ),
    Row(
        "P-04",
        (WORK, incident("i", "2025-10-01 10:00", happened="2025-09", precision="month")),
        "An incident of September 2025 may have followed work that began 1 September 2025: the dates are "
        f"not exact. {MEANING}",
        ("w", "i"),
        {"certain": False, "incident_at": "2025-09"},
        instead={
            "month before": (
                WORK,
                incident("i", "2025-10-01 10:00", happened="2025-08", precision="month"),
            )
        },
        name="month may be after",
    ),
    Row(
        "P-04",
        (
            WORK,
            own("intervention-started", "2025-10-01 10:00", id="v", kind="group-work"),
            incident("i", "2025-10-05 10:00"),
        ),
        f"An incident on 5 October 2025 followed work that began 1 October 2025. {MEANING}",
        ("v", "i"),
        {"work_began": "2025-10-01"},
        name="the work begun last",
    ),
    Row(
        "P-05",
        (
            incident("i", "2025-10-01 10:00", others=[other("C-2", "has-been-harmed")]),
            incident(
                "j",
                "2025-10-02 10:00",
                others=[other("C-2", "has-been-harmed"), other("C-3", "has-been-harmed")],
            ),
            incident("x", "2025-10-03 10:00", status="withdrawn", others=[other("C-9", "has-been-harmed")]),
        ),
        "2 different children recorded as harmed. Not counted because withdrawn or not established: 1.",
        ("i", "j", "x"),
        {"count": 2, "incidents": 2, "excluded": 1},
        instead={
            "mentioned only": (incident("i", "2025-10-01 10:00", others=[other("C-2", "mentioned")]),),
            "this child was harmed": (
                incident(
                    "i", "2025-10-01 10:00", role="has-been-harmed", others=[other("C-2", "has-harmed")]
                ),
            ),
            "nobody named": (incident("i", "2025-10-01 10:00"),),
        },
        needs=((CHILD, "incident-recorded"),),
        name="two",
    ),
    Row(
        "P-05",
        (
            incident("i", "2025-10-01 10:00", others=[other(None, "has-been-harmed", "aa")]),
            incident("j", "2025-10-02 10:00", others=[other(None, "has-been-harmed", "aa")]),
        ),
        "1 child is recorded as harmed.",
        ("i", "j"),
        {"count": 1},
        name="one who is not resolved",
    ),
    Row(
        "P-05",
        (
            incident("i", "2025-10-01 10:00", others=[NAMES]),
            own(
                "incident-linked",
                "2025-10-01 11:00",
                id="k",
                link="L",
                others=[NAMES, other("C-3", "has-been-harmed")],
            ),
        ),
        "2 different children recorded as harmed.",
        ("i", "k"),
        {"count": 2},
        name="a link names one more",
    ),
    Row(
        "P-05",
        (incident("i", "2025-10-01 10:00"),),
        "1 child is recorded as harmed.",
        ("i", "h"),
        {"count": 1},
        linked={
            OTHER: (
                on(
                    OTHER,
                    "incident-recorded",
                    "2025-10-01 11:00",
                    id="h",
                    role="has-been-harmed",
                    status="alleged",
                    others=[other(CHILD, "has-harmed")],
                ),
            )
        },
        needs=((CHILD, "incident-linked"),),
        name="told by the linked record",
    ),
    Row(
        "P-10",
        (YOUNG, HARM),
        "Recorded as having harmed (1 October 2025) and as having been harmed (3 October 2025). "
        "Plans must address both.",
        ("y", "s"),
        {"has_harmed": ["2025-10-01"], "has_been_harmed": ["2025-10-03"], "own_harm": None},
        instead={
            "one role": (YOUNG,),
            "the other role": (HARM,),
            "own harm not established": (
                YOUNG,
                incident("s", "2025-10-03 09:00", role="has-been-harmed", status="not-established"),
            ),
            "considered and discounted": (
                YOUNG,
                own("victimisation-considered", "2025-10-03 09:00", id="v", outcome="suspected"),
                own("victimisation-considered", "2025-10-04 09:00", id="u", outcome="discounted"),
            ),
        },
        name="by incidents",
    ),
    *(
        Row(
            "P-10",
            (YOUNG, own("victimisation-considered", "2025-10-03 09:00", id="v", outcome=outcome)),
            f"Recorded as having harmed (1 October 2025) and as having been harmed ({outcome}, considered "
            "3 October 2025). Plans must address both.",
            ("y", "v"),
            {"own_harm": outcome},
            name=f"own harm {outcome}",
        )
        for outcome in ("suspected", "established")
    ),
    Row(
        "P-26",
        (MUTUAL,),
        "Recorded as mutual; the children are 10 and 14. R-038 and R-040 say check.",
        ("i", "o"),
        {"ages": [10, 14], "years_apart": 3, "disability": False, "reasons": ["R-038", "R-040"]},
        linked={OTHER: (OPENED,)},
        born=date(2011, 2, 1),
        settings={"vulnerability_gap_years": 2, "referral_under_age": 13},
        instead={
            "not claimed to be mutual": (incident("i", "2025-10-01 10:00", others=[NAMES]),),
            "withdrawn": (replace(MUTUAL, data={**MUTUAL.data, "status": "withdrawn"}),),
        },
        name="gap in age and under thirteen",
    ),
    Row(
        "P-26",
        (
            MUTUAL,
            own(
                "child-circumstance-recorded",
                "2025-09-01 10:00",
                id="d",
                kind="disability",
                **{"from": "2020-01-01"},
            ),
        ),
        "Recorded as mutual; one child is 14, a disability is recorded. R-040 says check.",
        ("i", "d"),
        {"ages": [14], "disability": True, "reasons": ["R-040"]},
        born=date(2011, 2, 1),
        settings={"vulnerability_gap_years": 2, "referral_under_age": 13},
        instead={
            "no disability": (MUTUAL,),
            "another circumstance": (
                MUTUAL,
                own("child-circumstance-recorded", "2025-09-01 10:00", id="d", kind="lac"),
            ),
        },
        name="disability",
    ),
    Row(
        "P-26",
        (MUTUAL,),
        "Recorded as mutual; one child is 12. R-038 says check.",
        ("i",),
        {"ages": [12], "reasons": ["R-038"]},
        born=date(2012, 10, 2),
        settings={"vulnerability_gap_years": 2, "referral_under_age": 13},
        needs=((CHILD, "child-stream-opened"),),
        name="twelve and 364 days",
    ),
    Row(
        "P-28",
        (YOUNG, SERIOUS),
        "Young age with a serious level: consider adult involvement and the child's own harm first. "
        "Source: S3 s.3; S3 s.5; S5 s.4.",
        ("y", "l"),
        {"age": 7, "levels": [{"scale": "hackett-5", "level": "abusive"}]},
        silent={"a lower level since": (level("m", "2025-10-03 10:00", "problematic"),)},
        instead={
            "problematic": (YOUNG, level("l", "2025-10-02 10:00", "problematic")),
            "no level": (YOUNG,),
            "was harmed": (HARM, SERIOUS),
            "level of an incident that does not count": (
                YOUNG,
                incident("z", "2025-10-01 12:00", status="withdrawn"),
                level("l", "2025-10-02 10:00", "violent", about="z"),
            ),
        },
        born=date(2017, 10, 2),
        needs=((CHILD, "child-stream-opened"),),
        name="seven and abusive",
    ),
)


@pytest.mark.parametrize("row", rows(TABLE))
def test_p_line_is_said(row):
    is_said(row)


@pytest.mark.parametrize(("row", "posts"), silences(TABLE))
def test_p_line_is_not_said(row, posts):
    assert row.found(row.stuff(posts)) == []


@pytest.mark.req("H-20")
@pytest.mark.parametrize(("row", "need"), needed(TABLE))
def test_p_line_needs_sight(row, need):
    assert row.found(row.stuff(**sighted(row))) == row.found()
    assert row.found(row.stuff(**sighted(row, need))) == []


@pytest.mark.req("P-28", "R-045")
@pytest.mark.parametrize(("born", "said"), [("2015-10-02", True), ("2015-10-01", False)])
def test_p28_ten_on_the_day_is_not_under_ten(born, said):
    row = next(one for one in TABLE if one.rule == "P-28")
    assert bool(row.found(row.stuff(date_of_birth=date.fromisoformat(born)))) is said


@pytest.mark.req("P-26", "R-038", "R-040")
@pytest.mark.parametrize(
    ("born", "their_birth", "reasons"),
    [
        ("2012-10-01", "2012-10-01", None),
        ("2012-10-02", "2012-10-02", ["R-038"]),
        ("2012-10-01", "2010-10-02", None),
        ("2012-10-01", "2010-10-01", ["R-040"]),
    ],
    ids=["thirteen on the day", "a day under thirteen", "a day under two years", "two years apart"],
)
def test_p26_ages_to_the_day(born, their_birth, reasons):
    theirs = replace(OPENED, data={"date_of_birth": their_birth})
    row = next(one for one in TABLE if one.name == "gap in age and under thirteen")
    found = row.found(row.stuff(date_of_birth=date.fromisoformat(born), linked={OTHER: (theirs,)}))
    assert [one.values["reasons"] for one in found] == ([reasons] if reasons else [])


@pytest.mark.req("P-26", "H-20", "D-03")
def test_p26_the_age_of_another_child_is_for_readers_who_may_know_who_it_is():
    row = next(one for one in TABLE if one.name == "gap in age and under thirteen")
    assert row.found(row.stuff(**sighted(row, (CHILD, "incident-linked")))) == []
    assert row.found(row.stuff(**sighted(row, (OTHER, "child-stream-opened")))) == []


@pytest.mark.req("P-04", "R-023")
def test_p04_the_same_day_is_before_or_after_by_the_hour_only():
    early = incident("i", "2025-09-01 09:59")
    late = incident("j", "2025-09-01 10:01")
    row = TABLE[0]
    assert [one.values["certain"] for one in row.found(row.stuff([WORK, early, late]))] == [True]
    day = incident("k", "2025-09-02 09:00", happened="2025-09-01", precision="day")
    assert [one.values["certain"] for one in row.found(row.stuff([WORK, day]))] == [False]


@pytest.mark.req("P-10", "H-20")
def test_p10_an_outcome_that_is_withheld_says_nothing():
    considered = own("victimisation-considered", "2025-10-03 09:00", id="v")
    row = next(one for one in TABLE if one.rule == "P-10")
    assert row.found(row.stuff([YOUNG, considered])) == []


@pytest.mark.req("P-05", "R-178")
def test_p05_posters_make_no_difference():
    first = TABLE[3]
    again = [replace(one, organisation=who) for one, who in zip(first.posts, (OAK, POLICE, OAK), strict=True)]
    assert first.found(first.stuff(again)) == first.found()


@pytest.mark.req("P-05", "R-011")
@pytest.mark.parametrize(
    ("beside", "count"),
    [((), 2), ((HARM,), 1)],
    ids=["the link is of its one role", "whose link it is cannot be told"],
)
def test_p05_a_link_that_names_no_incident_counts_only_for_a_child_in_one_role(beside, count):
    row = TABLE[[one.name for one in TABLE].index("a link names one more")]
    assert [one.values["count"] for one in row.found(row.stuff([*row.posts, *beside]))] == [count]
