"""The truth tables of the clocks with a due time: the statutory ones, and the full procedure on a release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from hub.pathway.entries import Entry
from tests.spec.clock_rows import child, clocks
from tests.spec.clock_tables import HSB, OPENED, REFERRED
from tests.spec.expecting import has_harmed, p
from tests.spec.posts import ELM, YOS, N, S, profile_of

NOTE = "Not in the local documents."


@dataclass(frozen=True)
class Due:
    """One clock with a due time.

    Shape: `due` is the first instant after the time allowed, in London; `met` are posts that meet it in
    time, `late` ones that meet it after; `ended` ones make it needless in time, `unmet` ones change nothing;
    `silent` are posts of their own that start no clock.
    """

    clock: str
    requirement: str
    posts: tuple[Entry, ...]
    starts: str
    warns: str
    due: str
    due_on: date
    met: dict[str, tuple[Entry, ...]]
    late: dict[str, tuple[Entry, ...]]
    ended: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    unmet: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    silent: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    responsible: str | None = S
    settings: dict[str, Any] = field(default_factory=dict)
    authority: str = S
    profiles: Any = profile_of

    def found(self, now: Any, *more: Entry) -> list[Any]:
        stuff = child(*self.posts, *more, authority=self.authority)
        return clocks(stuff, now, self.clock, self.profiles)


def cases(tables: Sequence[Due], *names: str) -> list[Any]:
    """Every set of posts of the named columns, with the column it stands in."""
    return [
        pytest.param(
            table,
            name,
            posts,
            id=f"{table.clock} {name} {label}",
            marks=pytest.mark.req(table.clock, table.requirement),
        )
        for table in tables
        for name in names
        for label, posts in getattr(table, name).items()
    ]


def each(tables: Sequence[Due]) -> list[Any]:
    return [
        pytest.param(table, id=table.clock, marks=pytest.mark.req(table.clock, table.requirement))
        for table in tables
    ]


def referral(when: str, organisation: str = ELM) -> Entry:
    return p("referral-made", when, organisation, target="csc", to=S)


def outcome(when: str, name: str = "strategy") -> Entry:
    return p("referral-outcome-decided", when, outcome=name, reasons="r")


def icpc(when: str, name: str = "plan", kind: str = "icpc") -> Entry:
    return p("conference-held", when, kind=kind, outcome=name)


def enquiry(when: str) -> Entry:
    return p("section-47-enquiry-initiated", when, threshold="significant-harm-suspected")


def risk_plan(when: str) -> Entry:
    return p("risk-management-plan-recorded", when, responsible_organisation=S)


def core_group(when: str) -> Entry:
    return p("meeting-held", when, kind="core-group", meeting="G1")


def assessed(when: str, kind: str = "single") -> Entry:
    return p("assessment-completed", when, kind=kind)


MEETING = p("meeting-held", "2025-10-06 13:00", kind="strategy", meeting="M1")
RELEASE = p("custody-release-notified", "2025-10-03 10:00", YOS, release_date="2025-10-27", to_authority=S)
ASSESSMENT = p("assessment-started", "2025-10-10 10:00", kind="single")
BEHAVIOUR = p("meeting-held", "2025-10-13 10:00", **HSB)
MOVED = p("child-moved-area", "2025-12-18 10:00", N, step="notified", from_authority=N, to_authority=S)
PLAN = p("plan-started", "2025-10-01 10:00", N, kind="cp")
ACROSS_CHRISTMAS = icpc("2025-12-22 10:00")

TABLES: Sequence[Due] = (
    Due(
        "K-17", "R-085", (has_harmed("2025-06-01 10:00"), RELEASE),
        starts="2025-10-03 10:00", warns="2025-10-07 00:00", due="2025-10-27 00:00",
        due_on=date(2025, 10, 27),
        met={"by all three": (ASSESSMENT, BEHAVIOUR,
                              risk_plan("2025-10-26 23:59:59"))},
        late={"by the plan on the day": (ASSESSMENT, BEHAVIOUR,
                                         risk_plan("2025-10-27 10:00"))},
        ended={"by a later notice": (p("custody-release-notified", "2025-10-20 10:00", YOS,
                                       release_date="2027-11-10", to_authority=S),)},
        unmet={
            "without a plan": (ASSESSMENT, BEHAVIOUR),
            "without a meeting": (ASSESSMENT, risk_plan("2025-10-14 10:00")),
            "without a meeting about behaviour": (
                ASSESSMENT, core_group("2025-10-13 10:00"),
                risk_plan("2025-10-14 10:00")),
        },
        settings={"release_warning_days": 20},
    ),
    Due(
        "KX-01", "R-062", (OPENED, REFERRED),
        starts="2025-09-12 15:40", warns="2025-09-12 15:40", due="2025-09-16 00:00", due_on=date(2025, 9, 15),
        met={
            "by the outcome": (outcome("2025-09-15 09:30"),),
            "in the last second": (outcome("2025-09-15 23:59:59"),),
            "by an enquiry": (enquiry("2025-09-15 16:00"),),
        },
        late={"by the outcome a day after": (outcome("2025-09-16 09:30"),)},
        unmet={
            "by a referral to police": (p("referral-made", "2025-09-13 10:00", target="police"),),
            "by a second referral before the outcome": (referral("2025-09-13 10:00", YOS),),
        },
        settings={"working_days": 1, "note": NOTE},
    ),
    Due(
        "KX-02", "R-103", (OPENED, REFERRED),
        starts="2025-09-12 15:40", warns="2025-11-07 00:00", due="2025-11-15 00:00",
        due_on=date(2025, 11, 14),
        met={"by the assessment": (outcome("2025-09-15 09:30"), assessed("2025-11-14 16:00"))},
        late={"by the assessment after": (assessed("2025-11-15 00:00:01"),)},
        ended={
            "by an outcome of early help": (outcome("2025-09-15 09:30", "early-help"),),
            "by an outcome of nothing": (outcome("2025-09-15 09:30", "none"),),
        },
        unmet={
            "by an assessment of health": (assessed("2025-10-14 16:00", "health"),),
            "by an outcome of assessment": (outcome("2025-09-15 09:30", "assessment"),),
        },
        settings={"working_days": 45,
                  "note": "Not in the local documents. Counted from the referral; "
                          "a longer time has its reason recorded."},
    ),
    Due(
        "KX-03", "R-125", (OPENED, MEETING, enquiry("2025-10-06 13:05")),
        starts="2025-10-06 13:00", warns="2025-10-20 00:00", due="2025-10-28 00:00",
        due_on=date(2025, 10, 27),
        met={"on day 15": (icpc("2025-10-27 10:00"),),
             "without a plan": (icpc("2025-10-20 10:00", "no-plan"),)},
        late={"a day after": (icpc("2025-10-28 10:00"),), "decided a day after": (
            p("conference-decided", "2025-10-28 10:00", decision="not-held"),)},
        ended={"by the decision to hold none": (
            p("conference-decided", "2025-10-17 10:00", decision="not-held"),)},
        unmet={"by the decision to hold one": (p("conference-decided", "2025-10-17 10:00", decision="held"),),
               "by the end of the enquiry": (
                   p("section-47-enquiry-concluded", "2025-10-17 09:30", continuing_risk=True),)},
        settings={"working_days": 15, "note": "Not in the local documents. Counted from the strategy meeting "
                                              "at which the enquiry was begun."},
    ),
    Due(
        "KX-04", "R-130", (OPENED, ACROSS_CHRISTMAS),
        starts="2025-12-22 10:00", warns="2026-01-01 00:00", due="2026-01-09 00:00", due_on=date(2026, 1, 8),
        met={"on day 10": (core_group("2026-01-08 16:00"),)},
        late={"a day after": (core_group("2026-01-09 10:00"),)},
        ended={"by a conference that ended the plan": (icpc("2026-01-05 10:00", "plan-ends", "rcpc"),)},
        unmet={"by another meeting": (p("meeting-held", "2026-01-05 10:00", **HSB),)},
        silent={"no plan was made": (icpc("2025-12-22 10:00", "no-plan"),)},
        settings={"working_days": 10,
                  "note": "Not in the local documents. Only where the conference made a plan."},
    ),
    Due(
        "KX-05", "R-125", (OPENED, icpc("2025-11-30 10:00")),
        starts="2025-11-30 10:00", warns="2026-02-21 00:00", due="2026-03-01 00:00", due_on=date(2026, 2, 28),
        met={"on the last day of the short month": (icpc("2026-02-28 10:00", "plan-ends", "rcpc"),)},
        late={"a day after": (icpc("2026-03-01 10:00", "plan-ends", "rcpc"),)},
        unmet={"by a core group": (core_group("2026-02-05 10:00"),)},
        silent={"no plan was made": (icpc("2025-11-30 10:00", "no-plan"),)},
        settings={"months": 3, "note": NOTE},
    ),
    Due(
        "KX-06", "R-157", (OPENED, PLAN, MOVED),
        starts="2025-12-18 10:00", warns="2026-01-06 00:00", due="2026-01-14 00:00", due_on=date(2026, 1, 13),
        met={"on day 15": (icpc("2026-01-13 10:00"),)},
        late={"a day after": (icpc("2026-01-14 10:00"),)},
        unmet={"by the acknowledgement": (p("child-moved-area", "2025-12-19 10:00", step="acknowledged",
                                            from_authority=N, to_authority=S),)},
        silent={"the child was on no plan": (OPENED, MOVED),
                "the plan had ended": (OPENED, PLAN, icpc("2025-11-01 10:00", "plan-ends", "rcpc"), MOVED)},
        responsible=None,
        settings={"working_days": 15,
                  "note": "Not in the local documents. Only for a child who is on a child protection plan."},
    ),
)  # fmt: skip
