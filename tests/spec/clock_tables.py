"""The truth tables of the clocks: what starts one, and where it stands with which posts at which instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from hub.pathway.entries import Entry
from tests.spec.clock_rows import child, clocks
from tests.spec.expecting import has_harmed, level, p
from tests.spec.posts import ELM, OAK, POLICE, YOS, N, S


@dataclass(frozen=True)
class At:
    """An instant in London, posts beside those that start the clock, and the states that follow.

    Shape: no state where the clock is not stated at all.
    """

    now: str
    state: str | None
    more: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Table:
    """One clock: the posts that start it, and where it stands."""

    clock: str
    requirement: str
    posts: tuple[Entry, ...]
    points: dict[str, At]
    responsible: str | None = S
    person: str | None = None
    starts: str | None = None
    due_on: date | None = None
    authority: str = S
    settings: dict[str, Any] = field(default_factory=dict)

    def found(self, point: At) -> list[Any]:
        return clocks(child(*self.posts, *point.more, authority=self.authority), point.now, self.clock)


def rows(tables: Sequence[Table]) -> list[Any]:
    return [
        pytest.param(
            table,
            point,
            id=f"{table.clock} {table.requirement} {label}",
            marks=pytest.mark.req(table.clock, table.requirement),
        )
        for table in tables
        for label, point in table.points.items()
    ]


def whole(tables: Sequence[Table]) -> list[Any]:
    return [
        pytest.param(
            table,
            id=f"{table.clock} {table.requirement}",
            marks=pytest.mark.req(table.clock, table.requirement),
        )
        for table in tables
    ]


OPENED = p("child-stream-opened", "2025-09-01 09:00", responsible_authority=S, looked_after=True)
CLOSED = p("closure-decided", "2025-10-01 10:00", closes="case")
WORKER = p("social-worker-allocated", "2025-09-02 10:00", worker=f"{S}/sw-1", kind="allocated")
REFERRED = p("referral-made", "2025-09-12 15:40", ELM, target="csc", to=S)
CONCLUDED = p("section-47-enquiry-concluded", "2025-09-29 11:00", continuing_risk=False)
NOT_HELD = p("conference-decided", "2025-09-29 12:00", decision="not-held", rationale="r", manager="m")
HSB = {"kind": "hsb", "meeting": "H1", "chronology_snapshot": "s", "next_review": "2026-01-13"}
ENDED = p("criminal-outcome-recorded", "2025-09-12 15:00", POLICE, outcome="nfa-evidence")

WITHOUT_FIGURE: Sequence[Table] = (
    Table(
        "K-02", "R-049", (p("initial-account-recorded", "2025-09-12 15:10", ELM),),
        {
            "runs on the day": At("2025-09-12 15:10", "running"),
            "one second before the setting's working day is over": At("2025-09-15 23:59:59", "running"),
            "listed when it is over": At("2025-09-16 00:00", "warning"),
            "never missed": At("2026-09-16 00:00", "warning"),
            "met by a referral": At("2025-09-16 09:00", "met", (REFERRED,)),
            "met by a referral of somebody else": At("2025-09-16 09:00", "met", (
                p("referral-made", "2025-09-13 09:00", OAK, target="csc"),)),
            "not met by a referral to police": At("2025-09-16 09:00", "warning", (
                p("referral-made", "2025-09-12 15:40", ELM, target="police"),)),
            "met where social care recorded the incident": At("2025-09-16 09:00", "met", (
                has_harmed("2025-09-12 16:00"),)),
            "none where social care knew the day before": At("2025-09-16 09:00", None, (
                p("referral-made", "2025-09-11 09:00", OAK, target="csc"),)),
            "stopped when the case is closed": At("2025-10-02 09:00", "stopped", (CLOSED,)),
        },
        responsible=ELM, person=f"{ELM}/person-1", starts="2025-09-12 15:10",
        settings={"front_door_working_days": 1},
    ),
    Table(
        "K-04", "R-078",
        (p("criminal-investigation-decided", "2025-09-12 17:30", POLICE, decision="investigate"),),
        {
            "alert at once": At("2025-09-12 17:30", "warning"),
            "never missed": At("2026-09-12 17:30", "warning"),
            "arranged is not held": At("2025-09-16 09:00", "warning", (
                p("meeting-convened", "2025-09-15 10:00", kind="strategy", chair_authority=S),)),
            "met by the meeting": At("2025-09-16 09:00", "met", (
                p("meeting-held", "2025-09-15 14:30", kind="strategy"),)),
            "not met by another kind of meeting": At("2025-09-16 09:00", "warning", (
                p("meeting-held", "2025-09-15 14:30", kind="hsb"),)),
            "none where the convenor counts hours": At("2025-09-16 09:00", None, (
                p("meeting-convened", "2025-09-15 10:00", N, kind="strategy", chair_authority=N),)),
        },
        starts="2025-09-12 17:30",
    ),
    Table(
        "K-05", "R-070", (OPENED, WORKER, level("inappropriate", "2025-09-16 10:00")),
        {
            "alert at once": At("2025-09-16 10:00", "warning"),
            "never missed": At("2026-09-16 10:00", "warning"),
            "met when the unit is told": At("2025-09-20 10:00", "met", (
                p("oversight-notified", "2025-09-19 15:10", target="safeguarding-unit"),)),
            "not met when the reviewing officer is told": At("2025-09-20 10:00", "warning", (
                p("oversight-notified", "2025-09-19 15:10", target="iro"),)),
            "stopped when the case is closed": At("2025-10-02 09:00", "stopped", (CLOSED,)),
        },
        person=f"{S}/sw-1", starts="2025-09-16 10:00", settings={"from_level": "inappropriate"},
    ),
    Table(
        "K-06", "R-071", (OPENED, WORKER, has_harmed("2025-10-03 09:30")),
        {
            "alert at once": At("2025-10-03 09:30", "warning"),
            "met when the officer is told": At("2025-10-03 11:00", "met", (
                p("oversight-notified", "2025-10-03 10:30", target="iro"),)),
            "again on a new level": At("2025-10-07 09:00", "warning", (
                p("oversight-notified", "2025-10-03 10:30", target="iro"),
                level("problematic", "2025-10-07 08:00"))),
            "again on a new placement": At("2025-10-10 09:05", "warning", (
                p("oversight-notified", "2025-10-03 10:30", target="iro"),
                p("child-circumstance-recorded", "2025-10-10 09:00", kind="placement", place="f2"))),
            "met for the placement": At("2025-10-10 09:15", "met", (
                p("oversight-notified", "2025-10-03 10:30", target="iro"),
                p("child-circumstance-recorded", "2025-10-10 09:00", kind="placement", place="f2"),
                p("oversight-notified", "2025-10-10 09:10", target="iro"))),
            "again on a new plan": At("2025-10-28 09:02", "warning", (
                p("oversight-notified", "2025-10-03 10:30", target="iro"),
                p("risk-management-plan-recorded", "2025-10-28 09:00", responsible_organisation=S))),
        },
        person=f"{S}/sw-1", starts="2025-10-03 09:30",
    ),
    Table(
        "K-07", "R-124", (OPENED, WORKER, has_harmed(), CONCLUDED),
        {
            "alert at once": At("2025-09-29 11:00", "warning"),
            "never missed": At("2026-09-29 11:00", "warning"),
            "met by a decision": At("2025-09-29 13:00", "met", (NOT_HELD,)),
            "met by a conference": At("2025-10-02 13:00", "met", (
                p("conference-held", "2025-10-01 10:00", kind="icpc", outcome="plan"),)),
        },
        person=f"{S}/sw-1", starts="2025-09-29 11:00",
    ),
    Table(
        "K-08", "R-132", (OPENED, WORKER, has_harmed(), level("problematic"), NOT_HELD),
        {
            "runs for the setting's working days": At("2025-10-13 23:59:59", "running"),
            "listed when they are over": At("2025-10-14 00:00", "warning"),
            "never missed": At("2026-10-14 00:00", "warning"),
            "met by the meeting about behaviour": At("2025-10-20 09:00", "met", (
                p("meeting-held", "2025-10-06 10:00", **HSB),)),
            "not met by one without a chronology": At("2025-10-20 09:00", "warning", (
                p("meeting-held", "2025-10-06 10:00", kind="hsb"),)),
        },
        person=f"{S}/sw-1", starts="2025-09-29 12:00", settings={"behaviour_meeting_working_days": 10},
    ),
    Table(
        "K-09", "R-139",
        (OPENED, WORKER, has_harmed(), level("problematic"),
         p("assessment-completed", "2025-10-20 10:00", kind="single")),
        {
            "alert at once": At("2025-10-20 10:00", "warning"),
            "never missed": At("2026-10-20 10:00", "warning"),
            "not met by a meeting before": At("2025-10-21 10:00", "warning", (
                p("meeting-held", "2025-10-06 10:00", **HSB),)),
            "met by the meeting after": At("2025-11-20 10:00", "met", (
                p("meeting-held", "2025-11-19 10:00", **HSB),)),
        },
        person=f"{S}/sw-1", starts="2025-10-20 10:00",
    ),
    Table(
        "K-15", "R-172",
        (p("conviction-recorded", "2025-06-01 10:00", YOS, against_children="yes"),
         p("custody-release-notified", "2025-09-12 10:00", YOS, release_date="2025-10-02", to_authority=N)),
        {
            "alert at once": At("2025-09-12 10:00", "warning"),
            "never missed, the release being past": At("2025-11-12 10:00", "warning"),
            "owed after the case was closed": At("2025-11-12 10:00", "warning", (CLOSED,)),
            "met when the coordinator is told": At("2025-09-14 10:00", "met", (
                p("mappa-notified", "2025-09-13 10:00", YOS, coordinator="c"),)),
            "not met by a notice of the conviction": At("2025-09-14 10:00", "warning", (
                p("mappa-notified", "2025-06-02 10:00", YOS, coordinator="c"),)),
        },
        responsible=YOS, person=f"{YOS}/person-1", starts="2025-09-12 10:00", due_on=date(2025, 10, 2),
        authority=N,
    ),
    Table(
        "K-16", "R-173",
        (p("assessment-started", "2025-06-01 10:00", YOS, kind="single"),
         p("child-circumstance-recorded", "2025-08-01 10:00", YOS, kind="custody", until="2025-10-02",
           **{"from": "2025-07-01"})),
        {
            "alert at once": At("2025-08-01 10:00", "warning"),
            "never missed, custody being over": At("2025-11-01 10:00", "warning"),
            "owed after the case was closed": At("2025-11-01 10:00", "warning", (CLOSED,)),
            "met by the notice": At("2025-09-14 10:00", "met", (
                p("custody-release-notified", "2025-09-12 10:00", YOS, release_date="2025-10-02"),)),
        },
        responsible=YOS, starts="2025-08-01 10:00", due_on=date(2025, 10, 2),
    ),
    Table(
        "K-18", "R-153",
        (p("engagement-changed", "2025-10-01 10:00", YOS, engagement="unable", ongoing_risk="yes"),),
        {
            "alert at once": At("2025-10-01 10:00", "warning"),
            "never missed": At("2026-10-01 10:00", "warning"),
            "met when the group is called": At("2025-10-03 10:00", "met", (
                p("meeting-convened", "2025-10-02 10:00", N, kind="professionals"),)),
            "stopped when the child is engaged": At("2025-10-03 10:00", "stopped", (
                p("engagement-changed", "2025-10-02 10:00", YOS, engagement="engaged"),)),
        },
        responsible=YOS, person=f"{YOS}/person-1", starts="2025-10-01 10:00", authority=N,
    ),
    Table(
        "K-19", "R-154",
        (has_harmed("2025-06-01 10:00", POLICE), level("problematic", "2025-09-01 10:00", YOS),
         p("engagement-changed", "2025-09-15 10:00", YOS, engagement="engaged")),
        {
            "nothing before the setting's days": At("2025-07-30 23:59:59", None),
            "listed after the setting's days": At("2025-09-16 10:00", "warning"),
            "never missed": At("2026-09-16 10:00", "warning"),
            "met by a meeting": At("2025-09-20 10:00", "met", (
                p("meeting-convened", "2025-09-18 10:00", YOS, kind="professionals"),)),
            "none when another agency is at work": At("2025-09-20 10:00", None, (
                p("child-voice-recorded", "2025-09-18 10:00", ELM),)),
        },
        responsible=YOS, starts="2025-06-01 10:00", authority=N, settings={"single_agency_days": 60},
    ),
    Table(
        "K-20", "R-149", (OPENED, WORKER, has_harmed("2025-09-01 10:00"), ENDED),
        {
            "runs for the setting's working days": At("2025-09-26 23:59:59", "running"),
            "asks for attention when they are over": At("2025-09-27 00:00", "warning"),
            "never missed": At("2026-09-27 00:00", "warning"),
            "met by an offer": At("2025-10-03 00:00", "met", (
                p("intervention-offered", "2025-10-02 10:00", kind="therapy"),)),
            "not met by an offer before": At("2025-10-03 00:00", "warning", (
                p("intervention-offered", "2025-09-02 10:00", kind="therapy"),)),
            "none after a charge": At("2025-10-03 00:00", None, (
                p("criminal-outcome-recorded", "2025-09-20 10:00", POLICE, outcome="charge"),)),
        },
        person=f"{S}/sw-1", starts="2025-09-12 15:00", settings={"further_work_working_days": 10},
    ),
    Table(
        "K-21", "R-056",
        (has_harmed(), p("interview-planned", "2025-09-15 10:00", POLICE, method="pace")),
        {
            "asks at once": At("2025-09-15 10:00", "warning"),
            "never missed": At("2026-09-15 10:00", "warning"),
            "met before the interview": At("2025-09-19 10:00", "met", (
                p("family-informed", "2025-09-17 16:00", topic="legal-advice"),
                p("interview-held", "2025-09-18 10:00", POLICE, kind="pace"))),
            "met by the plan of the interview": At("2025-09-19 10:00", "met", (
                p("interview-planned", "2025-09-16 10:00", POLICE, method="pace", legal_advice_given=True),)),
            "late after the interview": At("2025-09-19 10:00", "met-late", (
                p("interview-held", "2025-09-18 10:00", POLICE, kind="pace"),
                p("family-informed", "2025-09-18 16:00", topic="legal-advice"))),
            "open after an interview without it": At("2025-09-19 10:00", "warning", (
                p("interview-held", "2025-09-18 10:00", POLICE, kind="pace"),)),
        },
        responsible=POLICE, person=f"{POLICE}/person-1", starts="2025-09-15 10:00",
    ),
    Table(
        "K-23", "R-073", (has_harmed(), level("problematic", "2025-09-16 10:00", N)),
        {
            "listed at once": At("2025-09-16 10:00", "warning"),
            "never missed": At("2026-09-16 10:00", "warning"),
            "met when the family was assessed": At("2025-09-19 10:00", "met", (
                p("contact-children-risk-assessed", "2025-09-18 10:00", N, circle="household"),)),
            "not met by another circle": At("2025-09-19 10:00", "warning", (
                p("contact-children-risk-assessed", "2025-09-18 10:00", N, circle="school"),)),
            "again on a conviction": At("2025-12-01 10:00", "warning", (
                p("contact-children-risk-assessed", "2025-09-18 10:00", N, circle="household"),
                p("conviction-recorded", "2025-11-18 10:00", YOS))),
        },
        responsible=N, starts="2025-09-16 10:00", authority=N,
    ),
    Table(
        "K-24", "R-093",
        (p("meeting-held", "2025-12-23 10:00", N, kind="strategy",
           absent=[{"organisation": OAK, "updater": f"{N}/sw-2"}]),),
        {
            "runs over the Christmas bank holidays": At("2025-12-29 23:59:59", "running"),
            "alerts after the setting's working days": At("2025-12-30 00:00", "warning"),
            "never missed": At("2026-12-30 00:00", "warning"),
            "met by the update": At("2025-12-30 09:00", "met", (
                p("absent-agency-updated", "2025-12-24 10:00", N, organisation=OAK),)),
            "not met by the update of another": At("2025-12-30 09:00", "warning", (
                p("absent-agency-updated", "2025-12-24 10:00", N, organisation=ELM),)),
        },
        responsible=N, person=f"{N}/sw-2", starts="2025-12-23 10:00", authority=N,
        settings={"absent_agency_working_days": 2, "absent_organisation": OAK},
    ),
)  # fmt: skip
