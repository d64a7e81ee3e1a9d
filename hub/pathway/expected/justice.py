"""What youth justice owes a child and the court during proceedings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from hub.envelope import JsonObject
from hub.pathway.calendar import london_day
from hub.pathway.course import earliest, looked_after, says, service, since
from hub.pathway.entries import Entry
from hub.pathway.expected.missing import Find, Members, Missing, expect, provided
from hub.pathway.expected.rule import Expected, Look
from hub.pathway.fields import (
    day,
    given_of,
    instant_of,
    number,
    of_type,
    organisation_kind,
    text,
    truth,
)
from hub.pathway.profiles import authority

OWN: Final[Members] = {"child-stream-opened": ("responsible_authority", "looked_after")}
STAGE: Final[Members] = {"court-stage-recorded": ("stage",)}
TOLD_TO_COURT: Final = frozenset({"plea", "bail", "remand", "adjourned"})


def in_court(find: Find) -> Find:
    """What is expected only where the local procedure has a path through the courts."""

    def found(look: Look) -> Iterable[Missing]:
        return find(look) if provided(look, lambda profile: profile.court_path) else ()

    return found


def court_not_informed(look: Look) -> Iterator[Missing]:
    """R-166: a stage of the proceedings was recorded, and the court has nothing from youth justice on it."""
    entries = look.material.entries
    stages = {text(one, "stage"): one for one in given_of(entries, *STAGE)}
    for stage, recorded in stages.items():
        if stage not in TOLD_TO_COURT:
            continue
        found = _of_youth_justice(look, recorded, {"stage": stage})
        supplied = [
            one
            for one in since(entries, recorded, "court-information-supplied")
            if text(one, "stage") == stage and one.organisation == found.agency
        ]
        if not supplied:
            yield found


def social_care_not_consulted(look: Look) -> Iterator[Missing]:
    """R-167: a looked-after child or a child in need is in court, and social care was not consulted."""
    entries = look.material.entries
    stage = earliest(of_type(entries, *STAGE))
    if stage is None:
        return
    plans = [one for one in given_of(entries, "plan-started") if text(one, "kind") == "cin"]
    known = looked_after(entries, london_day(look.now)) or (plans[-1] if plans else None)
    found = _of_youth_justice(look, stage)
    consulted = [
        one
        for one in of_type(entries, "court-information-supplied")
        if truth(one, "social_care_consulted") is True and one.organisation == found.agency
    ]
    if known is not None and not consulted:
        yield Missing(
            max(found.since, instant_of(known)), (known, stage), found.agency,
            values={"social_care": authority(look.material)},
        )  # fmt: skip


def no_adjournment(look: Look) -> Iterator[Missing]:
    """R-168: the child pleaded or was found guilty, and no time was asked for to complete the assessment."""
    entries = look.material.entries
    pleas = [one for one in of_type(entries, *STAGE) if text(one, "plea") == "guilty"]
    start = earliest([*pleas, *of_type(entries, "conviction-recorded")])
    if start is None:
        return
    asked = [
        one
        for one in (*pleas, *since(entries, start, *STAGE))
        if number(one, "requested_adjournment_weeks") is not None or day(one, "psr_due") is not None
    ]
    if not asked:
        yield _of_youth_justice(look, start)


def no_justice_assessment(look: Look) -> Iterator[Missing]:
    """R-169: a report for the court is due, and youth justice has not completed its assessment."""
    entries = look.material.entries
    report = _report_stage(look)
    done = [one for one in of_type(entries, "justice-assessment-completed") if says(one, "tool", "assetplus")]
    if report is not None and not done:
        yield _of_youth_justice(look, report)


def no_disposal(look: Look) -> Iterator[Missing]:
    """R-170: a report for the court is due, and youth justice has proposed no disposal."""
    report = _report_stage(look)
    if report is not None and not of_type(look.material.entries, "disposal-proposed"):
        yield _of_youth_justice(look, report)


def _report_stage(look: Look) -> Entry | None:
    stages = of_type(look.material.entries, *STAGE)
    return earliest(one for one in stages if text(one, "stage") == "psr" or day(one, "psr_due") is not None)


def _of_youth_justice(look: Look, start: Entry, values: JsonObject | None = None) -> Missing:
    """What the service that recorded a stage owes, else the one that was last at work with the child."""
    own = start.organisation if organisation_kind(start.organisation) == "youth-justice" else None
    agency = own or service(look.material.entries, "youth-justice")
    return Missing(instant_of(start), (start,), agency, values=values or {})


RULES: Final[tuple[Expected, ...]] = (
    expect(
        "R-166",
        "S5 s.15",
        text="The court has no information from this youth justice service on this stage.",
        why="In court youth justice supplies what is relevant to plea, bail and adjournments.",
        role="youth-justice-worker",
        starts=STAGE,
        meets={"court-information-supplied": ("stage",)},
        find=in_court(court_not_informed),
        own=True,
    ),
    expect(
        "R-167",
        "S5 s.15",
        text="This youth justice service has not consulted children's social care for the court.",
        why="The child is looked after or in need, and social care knows what supports the child.",
        role="youth-justice-worker",
        starts={
            **OWN,
            **STAGE,
            "plan-started": ("kind",),
            "child-circumstance-recorded": ("kind", "from", "until"),
        },
        meets={"court-information-supplied": ("social_care_consulted",)},
        find=in_court(social_care_not_consulted),
        own=True,
    ),
    expect(
        "R-168",
        "S5 s.15",
        text="The court has not been asked for time to complete the specialist assessment.",
        why="After a guilty plea or finding, six to eight weeks are asked for before the report.",
        role="youth-justice-worker",
        starts={"court-stage-recorded": ("stage", "plea"), "conviction-recorded": ()},
        meets={"court-stage-recorded": ("requested_adjournment_weeks", "psr_due")},
        find=in_court(no_adjournment),
    ),
    expect(
        "R-169",
        "S5 s.15",
        text="Youth justice has not completed its assessment.",
        why="A report for the court is due and rests on it.",
        role="youth-justice-worker",
        starts={"court-stage-recorded": ("stage", "psr_due")},
        meets={"justice-assessment-completed": ("tool",)},
        find=in_court(no_justice_assessment),
    ),
    expect(
        "R-170",
        "S5 s.15",
        text="Youth justice has not proposed a disposal to the court.",
        why="A report for the court is due, and youth justice says what it proposes.",
        role="youth-justice-worker",
        starts={"court-stage-recorded": ("stage", "psr_due")},
        meets={"disposal-proposed": ()},
        find=in_court(no_disposal),
    ),
)
