"""P-21 to P-24: waits and engagement, referral lag, release, moves that nobody confirmed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.spec.pattern_rows import (
    CHILD,
    ELM,
    OAK,
    POLICE,
    YOS,
    N,
    Row,
    S,
    early,
    incident,
    is_said,
    level,
    needed,
    own,
    rows,
    sighted,
    silences,
)

OFFERED = own("intervention-offered", "2025-10-20 10:00", id="o", kind="therapy", provider="health.s-therapy")
UNABLE = own("engagement-changed", "2025-10-20 10:00", id="u", engagement="unable")
ACCOUNT = own("initial-account-recorded", "2025-10-01 10:00", ELM, id="a", source_type="first-hand")
REFERRED = own("referral-made", "2025-10-03 11:30", ELM, id="r", target="csc", to=S)
RELEASE = own(
    "custody-release-notified", "2025-11-01 10:00", YOS, id="k", release_date="2025-12-01", to_authority=S
)
HSB = own("meeting-held", "2025-11-05 10:00", id="h", kind="hsb", meeting="H1")
MOVED = own(
    "child-moved-area", "2025-11-03 10:00", id="v", step="notified", from_authority=S, to_authority=N,
    moved_on="2025-11-01",
)  # fmt: skip
OLD, RISK = incident("i", "2025-06-02 10:00", OAK), level("l", "2025-06-03 10:00", "problematic", S)

TABLE = (
    Row(
        "P-21",
        (OFFERED,),
        "Waiting for therapy for 31 days. This is the wait for the service, not a matter of the child's "
        "engagement.",
        ("o",),
        {"waiting": True, "days": 31, "service": "therapy"},
        silent={
            "begun": (own("intervention-started", "2025-11-01 10:00", id="x", kind="therapy"),),
            "turned down": (own("engagement-changed", "2025-11-01 10:00", id="x", engagement="refused"),),
        },
        needs=((CHILD, "intervention-started"),),
        name="waiting",
    ),
    Row(
        "P-21",
        (UNABLE, own("engagement-changed", "2025-11-03 10:00", id="w", engagement="unable")),
        "Not able to engage since 20 October 2025; group told no.",
        ("u", "w"),
        {"waiting": False, "group_told": False, "since": "2025-10-20"},
        silent={
            "engaged again": (own("engagement-changed", "2025-11-04 10:00", id="x", engagement="engaged"),)
        },
        needs=((CHILD, "engagement-changed"),),
        name="unable",
    ),
    Row(
        "P-21",
        (
            UNABLE,
            own(
                "meeting-convened", "2025-10-21 10:00", id="g", kind="professionals", when="2025-10-24T10:00"
            ),
        ),
        "Not able to engage since 20 October 2025; group told yes.",
        ("u", "g"),
        {"group_told": True},
        name="unable, group told",
    ),
    Row(
        "P-22",
        (ACCOUNT, REFERRED),
        f"{ELM}: account 1 October 2025 10:00, referral 3 October 2025 11:30: 2 days 1 hour 30 minutes.",
        ("a", "r"),
        {"organisation": ELM, "minutes": 49 * 60 + 30},
        instead={
            "no referral": (ACCOUNT,),
            "no account": (REFERRED,),
            "another agency referred": (ACCOUNT, replace(REFERRED, organisation=OAK)),
            "referred before": (
                ACCOUNT,
                own("referral-made", "2025-09-30 10:00", ELM, id="r", target="csc"),
            ),
            "the agency is withheld": (
                replace(ACCOUNT, organisation=None),
                replace(REFERRED, organisation=None),
            ),
        },
        name="one agency",
    ),
    Row(
        "P-22",
        (ACCOUNT, REFERRED, own("referral-made", "2025-10-05 10:00", ELM, id="q", target="csc")),
        f"{ELM}: account 1 October 2025 10:00, referral 3 October 2025 11:30: 2 days 1 hour 30 minutes.",
        ("a", "r"),
        name="the first referral",
    ),
    Row(
        "P-23",
        (RELEASE, HSB),
        "Release on 1 December 2025. Missing: assessment, risk management plan.",
        ("k", "h"),
        {"missing": ["assessment", "plan"], "release_on": "2025-12-01"},
        silent={
            "all there": (
                own("assessment-started", "2025-11-04 10:00", id="x", kind="single"),
                own("risk-management-plan-recorded", "2025-11-06 10:00", id="z", responsible_organisation=S),
            ),
        },
        needs=(
            (CHILD, "meeting-held"),
            (CHILD, "assessment-started"),
            (CHILD, "risk-management-plan-recorded"),
        ),
        name="before the date",
    ),
    Row(
        "P-23",
        (own("conviction-recorded", "2025-10-01 10:00", POLICE, id="g", against_children="yes"), RELEASE),
        "Release on 1 December 2025. Missing: assessment, meeting about behaviour, risk management plan, "
        "notice to the coordinator of multi-agency public protection.",
        ("k", "g"),
        {"missing": ["assessment", "meeting", "plan", "mappa"]},
        authority=N,
        name="convicted, where the coordinator is told",
    ),
    Row(
        "P-24",
        (MOVED,),
        "Moved 1 November 2025; receiving authority has not confirmed. Another local procedure applies "
        "there.",
        ("v",),
        {"from": S, "to": N, "procedure_changes": True, "moved_on": "2025-11-01"},
        silent={
            "acknowledged": (
                own(
                    "child-moved-area",
                    "2025-11-04 10:00",
                    N,
                    id="x",
                    step="acknowledged",
                    from_authority=S,
                    to_authority=N,
                ),
            )
        },
        needs=((CHILD, "child-moved-area"),),
        settings={"move_acknowledged_working_days": 1},
        too_early="2025-11-04 23:59",
        now="2025-11-05 00:00",
        name="not confirmed",
    ),
)


@pytest.mark.parametrize("row", rows(TABLE))
def test_p_line_of_later_work_is_said(row):
    is_said(row)


@pytest.mark.parametrize(("row", "posts"), silences(TABLE))
def test_p_line_of_later_work_is_not_said(row, posts):
    assert row.found(row.stuff(posts)) == []


@pytest.mark.req("H-20")
@pytest.mark.parametrize(("row", "need"), needed(TABLE))
def test_p_line_of_later_work_needs_sight(row, need):
    assert row.line() in row.found(row.stuff(**sighted(row)))
    assert row.text not in [one.text for one in row.found(row.stuff(**sighted(row, need)))]


@pytest.mark.parametrize("row", early(TABLE))
def test_p_line_of_later_work_waits_for_its_setting(row):
    assert row.found(now=row.too_early) == []


@pytest.mark.req("P-21", "R-153", "H-20")
def test_p21_whether_the_group_was_told_is_left_out_without_sight_of_every_meeting():
    row = TABLE[[one.name for one in TABLE].index("unable")]
    (line,) = row.found(row.stuff(**sighted(row, (CHILD, "meeting-held"))))
    assert (line.text, line.values["group_told"]) == ("Not able to engage since 20 October 2025.", None)


@pytest.mark.req("P-24", "R-157")
def test_p24_the_same_procedure_there_is_not_said_to_be_another():
    row = TABLE[-1]
    west, east = "social-care.w-csc", "social-care.e-csc"
    data = {**MOVED.data, "from_authority": west, "to_authority": east}
    moved = replace(MOVED, organisation=west, data=data)
    assert [one.values["procedure_changes"] for one in row.found(row.stuff([moved]))] == [False]


@pytest.mark.req("P-22", "R-049")
def test_p22_each_agency_has_its_own_lag_in_real_hours():
    other = (
        replace(ACCOUNT, key=OLD.key, organisation=OAK),
        replace(REFERRED, key=RISK.key, organisation=OAK),
    )
    row = TABLE[[one.rule for one in TABLE].index("P-22")]
    found = row.found(row.stuff([ACCOUNT, REFERRED, *other]))
    assert [one.values["organisation"] for one in found] == [ELM, OAK]
    across = row.found(
        row.stuff(
            [
                own("initial-account-recorded", "2025-10-25 12:00", ELM, id="a"),
                own("referral-made", "2025-10-26 12:00", ELM, id="r", target="csc"),
            ]
        )
    )
    assert across[0].values["minutes"] == 25 * 60


@pytest.mark.req("P-23", "R-174")
@pytest.mark.parametrize(
    ("kind", "missing"),
    [("hsb", ["assessment", "plan"]), ("core-group", ["assessment", "meeting", "plan"])],
)
def test_p23_only_the_meeting_about_behaviour_is_the_meeting(kind, missing):
    row = TABLE[[one.name for one in TABLE].index("before the date")]
    met = replace(HSB, data={**HSB.data, "kind": kind})
    assert [one.values["missing"] for one in row.found(row.stuff([RELEASE, met]))] == [missing]


@pytest.mark.req("P-23", "R-174")
def test_p23_a_step_before_the_notice_is_no_step_of_the_release():
    row = TABLE[[one.name for one in TABLE].index("before the date")]
    early = own("meeting-held", "2025-10-31 10:00", id="h", kind="hsb", meeting="H1")
    assert "meeting" in row.found(row.stuff([RELEASE, early]))[0].values["missing"]
    assert "meeting" not in row.found(row.stuff([RELEASE, HSB]))[0].values["missing"]
