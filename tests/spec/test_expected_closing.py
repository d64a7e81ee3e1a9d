"""What keeps a matter open: release, moves, agreements, disagreements, sharing declined and closure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.pathway.expected.closing import AGREED
from tests.spec.open_item_rows import (
    Row,
    cases,
    e,
    expect_line,
    found,
    harmed_by,
    meeting,
    opened,
    was_harmed,
)
from tests.spec.posts import ELM, POLICE, YOS, N, S, ids

HARM = (opened(), harmed_by())
RELEASED = e("2025-10-01", "custody-release-notified", YOS, release_date="2025-11-03", to_authority=S)
MOVED = e("2025-10-01", "child-moved-area", step="notified", from_authority=S, to_authority=N,
          moved_on="2025-10-05")  # fmt: skip
ACKNOWLEDGED = e("2025-10-02", "child-moved-area", N, step="acknowledged", from_authority=S, to_authority=N)
CONVICTED = e("2025-09-20", "conviction-recorded", POLICE, against_children="yes")
CUSTODY = e("2025-09-20", "child-circumstance-recorded", YOS, kind="custody", until="2025-11-03")
ASSESSED = e("2025-10-06", "assessment-started", kind="single")
HSB = meeting("2025-10-10", "hsb")
PLAN = e("2025-10-12", "risk-management-plan-recorded", responsible_organisation=S)
DISPUTED = e("2025-09-05", "behaviour-level-assessed", ELM, scale="hackett-5", level="inappropriate")
RAISED = e("2025-09-10", "professional-disagreement-raised", POLICE, concerning="level", about=DISPUTED)
DECLINED = e("2025-09-10", "sharing-declined", ELM, recipient="carers", basis="judgement",
             approver=f"{ELM}/head", review_date="2025-10-10")  # fmt: skip
CASE_CLOSED = e("2025-10-30", "closure-decided", closes="case")
CLOSED = e(
    "2025-11-10", "closure-decided", closes="plan", monitoring={"service": "x", "consent": "not-asked"}
)


def resolved(outcome: str, day: str = "2025-09-20", **more: object):
    return e(day, "professional-disagreement-resolved", S, outcome=outcome, **more)


def declined(day: str, review: str, recipient: str = "carers", org: str = ELM, **more: object):
    return e(day, "sharing-declined", org, recipient=recipient, basis="rule", review_date=review, **more)


MEMBERS = {
    "no-further-action-decided": {"about_what": "referral"},
    "interview-planned": {"method": "pace"},
    "closure-decided": {"closes": "case"},
}


def waiting(type: str, **more: object):
    return e("2025-09-20", type, awaiting=("police",), **more)


BEFORE_ALL = (
    e("2025-09-06", "assessment-started", kind="single"),
    meeting("2025-09-10", "hsb"),
    e("2025-09-12", "risk-management-plan-recorded", responsible_organisation=S),
)
BEFORE = {"before": BEFORE_ALL}

ROWS = (
    *(
        Row(
            f"R-085-{step}",
            (*HARM, RELEASED),
            {
                "done since": (done,),
                "the case was closed": (e("2025-10-30", "closure-decided", closes="case"),),
            },
            still=BEFORE,
            never={
                "neither released nor moved": HARM,
                "only harmed": (opened(), was_harmed(), RELEASED),
                "a move that is not acknowledged": (*HARM, MOVED),
            },
        )
        for step, done in (("assessment", ASSESSED), ("meeting", HSB), ("plan", PLAN))
    ),
    Row(
        "R-157-acknowledge",
        (*HARM, MOVED),
        {"acknowledged": (ACKNOWLEDGED,)},
        still={
            "acknowledged by somebody else": (replace(ACKNOWLEDGED, organisation=ELM),),
            "another move acknowledged": (
                e("2025-10-02", "child-moved-area", "social-care.w", step="acknowledged",
                  from_authority=S, to_authority="social-care.w"),
            ),
            "the case was closed": (e("2025-10-30", "closure-decided", closes="case"),),
        },
        early="2025-10-02 23:59",
        now="2025-10-03 00:00",
        agency=N,
        role="team-manager",
    ),
    Row(
        "R-157-responsible",
        (*HARM, MOVED),
        {"acknowledged": (ACKNOWLEDGED,)},
        early="2025-10-02 23:59",
        now="2025-10-03 00:00",
        agency=S,
        role="team-manager",
    ),
    Row(
        "R-157-places",
        (*HARM, MOVED, ACKNOWLEDGED),
        {"declared since": (e("2025-10-09", "place-declared", N, kind="home", place="home-2"),)},
        still={"declared before": (e("2025-09-09", "place-declared", kind="home", place="home-1"),)},
        never={"not acknowledged": (*HARM, MOVED)},
        agency=N,
    ),
    Row(
        "R-171",
        (*HARM, CONVICTED),
        {"decided": (e("2025-10-09", "mappa-decision-recorded", YOS, criteria_met="no"),)},
        still={"decided before": (e("2025-09-09", "mappa-decision-recorded", POLICE, criteria_met="no"),)},
        not_under="darlington-2025",
        agency=POLICE,
        role=None,
    ),
    Row(
        "R-172",
        (*HARM, CONVICTED, RELEASED),
        {"told": (e("2025-10-09", "mappa-notified", YOS, coordinator="x"),)},
        still={
            "told before the release was known": (e("2025-09-25", "mappa-notified", YOS, coordinator="x"),),
            "the case was closed": (e("2025-10-30", "closure-decided", closes="case"),),
        },
        never={
            "not against children": (
                *HARM, RELEASED, e("2025-09-20", "conviction-recorded", POLICE, against_children="no"),
            ),
            "not released": (*HARM, CONVICTED),
        },
        profile="darlington-2025",
        not_under="llr-2024",
        agency=YOS,
        role="youth-justice-worker",
    ),
    Row(
        "R-173",
        (*HARM, CUSTODY),
        {"notified": (RELEASED,)},
        still={
            "notified of an earlier release": (
                e("2025-08-20", "custody-release-notified", YOS, release_date="2025-09-01"),
            ),
        },
        never={
            "the day is not known": (*HARM, e("2025-09-20", "child-circumstance-recorded", kind="custody")),
        },
        agency=YOS,
        role="youth-justice-worker",
    ),
    Row(
        "R-174",
        (*HARM, RELEASED, ASSESSED, HSB),
        {"all three": (PLAN,)},
        still={**BEFORE, "the case was closed": (e("2025-11-30", "closure-decided", closes="case"),)},
        early="2025-11-02 23:59",
        now="2025-12-03 00:00",
    ),
    *(
        Row(
            rule,
            (*HARM, waiting(type, **more)),
            {},
            never={"in effect": (*HARM, e("2025-09-20", type, **more))},
            agency=None,
            role=None,
        )
        for type, (rule, _) in AGREED.items()
        for more in (MEMBERS.get(type, {}),)
    ),
    Row(
        "R-152",
        (*HARM, CLOSED),
        {
            "asked since": (
                e("2025-11-12", "closure-decided", closes="plan", monitoring={"consent": "yes"}),
            ),
        },
        never={
            "no monitoring": (
                *HARM, e("2025-11-10", "closure-decided", closes="plan", monitoring_reason="x"),
            ),
            "awaiting agreement": (*HARM, replace(CLOSED, awaiting=("police",))),
        },
    ),
    Row(
        "H-13",
        (*HARM, DECLINED),
        {
            "looked at again": (declined("2025-10-11", "2026-10-10"),),
            "looked at again, naming it": (declined("2025-10-11", "2026-01-01", "x", about=DECLINED),),
        },
        still={
            "towards somebody else": (declined("2025-10-11", "2026-10-10", "police"),),
            "by somebody else": (declined("2025-10-11", "2026-10-10", org=POLICE),),
        },
        early="2025-10-10 23:59",
        now="2025-10-12 12:00",
        agency=ELM,
        role=None,
    ),
    Row(
        "H-18",
        (*HARM, DISPUTED, RAISED),
        {
            "agreed": (resolved("agreed", about=RAISED),),
            "changed, naming nothing": (resolved("changed"),),
            "remains, and ended": (resolved("remains", about=RAISED),),
        },
        still={
            "taken further up": (resolved("escalated", about=RAISED),),
            "another one was resolved": (resolved("agreed", about=DISPUTED),),
            "before it was raised": (resolved("agreed", "2025-09-01"),),
        },
        agency=ELM,
        role=None,
    ),
)  # fmt: skip


@pytest.mark.parametrize(("row", "entries", "now", "profile", "expected"), cases(ROWS))
def test_truth_table(row, entries, now, profile, expected):
    expect_line(row, entries, now, profile, expected)


def row_of(rule: str) -> Row:
    return next(one for one in ROWS if one.rule == rule)


@pytest.mark.req("R-085")
def test_r085_is_owed_by_the_receiving_authority_and_shows_the_day_of_the_release():
    (item,) = found(row_of("R-085-plan"), (*HARM, RELEASED))
    assert (item.agency, item.values) == (S, {"due": "2025-11-03"})
    (moved,) = found(row_of("R-085-plan"), (*HARM, MOVED, ACKNOWLEDGED))
    assert (moved.agency, moved.values) == (N, {})


@pytest.mark.req("R-174")
@pytest.mark.parametrize(
    ("done", "missing"),
    [
        ((), ["assessment", "meeting", "plan"]),
        ((ASSESSED,), ["meeting", "plan"]),
        ((ASSESSED, HSB), ["plan"]),
        ((ASSESSED, meeting("2025-10-10", "core-group"), PLAN), ["meeting"]),
    ],
)
def test_r174_names_what_is_missing_at_the_release(done, missing):
    (item,) = found(row_of("R-174"), (*HARM, RELEASED, *done))
    assert item.values == {"missing": missing, "release_date": "2025-11-03", "youth_justice": YOS}


@pytest.mark.req("R-109", "R-064", "R-151")
@pytest.mark.parametrize(
    "rule", ["R-064-agreement", "R-109-agreement", "R-151-agreement", "H-28-plan-started"]
)
def test_agreements_name_the_kinds_that_are_awaited(rule):
    row = row_of(rule)
    assert [one.values for one in found(row, row.start)] == [{"awaiting": ["police"]}]
    own = tuple(replace(one, awaiting=("social-care",)) if one.awaiting else one for one in row.start)
    assert [one.agency for one in found(row, own)] == [S]


@pytest.mark.req("H-18", "R-179")
def test_h18_rests_on_both_positions():
    (item,) = found(row_of("H-18"), (*HARM, DISPUTED, RAISED))
    assert ids(item.evidence) == [RAISED.key.id, DISPUTED.key.id]
    assert item.values == {"concerning": "level", "raised_by": POLICE}
    (alone,) = found(row_of("H-18"), (*HARM, RAISED))
    assert alone.agency == S


@pytest.mark.req("H-13")
def test_h13_asks_the_approver():
    (item,) = found(row_of("H-13"), (*HARM, DECLINED))
    assert (item.person, item.values) == (f"{ELM}/head", {"review_date": "2025-10-10"})
