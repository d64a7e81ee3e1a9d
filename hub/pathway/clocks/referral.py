"""KX-01 and KX-02: the decision on a referral, and the assessment after it, within the statutory time.

Source: R-062, R-103, requirements D.3 (not in the local documents)
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.pathway.calendar import after_working_days
from hub.pathway.clocks.clock import (
    Clock,
    Run,
    courses,
    looking,
    owed,
    reads,
    setting,
    stated,
    statutory,
    within,
)
from hub.pathway.course import since
from hub.pathway.entries import Deadline, Entry, Material
from hub.pathway.expected.assessments import FULL
from hub.pathway.expected.referral import OUTCOMES
from hub.pathway.expected.rule import Look
from hub.pathway.fields import day_of, of_type, started_at, text
from hub.pathway.profiles import ProfileOf

DECISION: Final = Clock(
    id="KX-01",
    requirement="R-062",
    source="D.3",
    open="Children's social care decides what follows from the referral within the time allowed.",
    met="Children's social care decided what follows from the referral.",
    missed="The time to decide what follows from the referral is up.",
)
ASSESSMENT: Final = Clock(
    id="KX-02",
    requirement="R-103",
    source="D.3",
    open="The assessment that follows the referral is completed within the time allowed.",
    met="The assessment that follows the referral was completed.",
    missed="The time to complete the assessment that follows the referral is up.",
    stopped="The referral led to no assessment by children's social care.",
)
NO_ASSESSMENT: Final = ("early-help", "universal", "none")


def referral_decision(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """KX-01: each referral to children's social care, until it decides what follows.

    A referral that comes before the decision on an earlier one runs with that one.
    """
    look = looking(material, now, profile_of)
    row = statutory(look, DECISION.id)
    if row is None or not reads(material, *OUTCOMES):
        return ()
    days = setting(look, row.settings[0])
    entries = look.material.entries
    found = courses(_referrals(look), lambda start: next(iter(since(entries, start, *OUTCOMES)), None))
    return tuple(
        stated(look, DECISION, _run(look, start, days, row.note, met=stop), row.source)
        for start, stop in found
    )


def assessment_completed(material: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[Deadline, ...]:
    """KX-02: from a referral to the assessment by children's social care that follows it.

    1. A completed assessment meets it; an outcome other than an assessment or a strategy discussion ends it.
    2. A referral that comes before runs with the one before it.
    """
    look = looking(material, now, profile_of)
    row = statutory(look, ASSESSMENT.id)
    wanted = reads(material, assessment_completed=("kind",), referral_outcome_decided=("outcome",))
    if row is None or not wanted:
        return ()
    days = setting(look, row.settings[0])
    entries = look.material.entries

    def stop_of(start: Entry) -> Entry | None:  # 1.
        found = since(entries, start, "assessment-completed", "referral-outcome-decided")
        return next(
            (one for one in found if text(one, "kind") in FULL or text(one, "outcome") in NO_ASSESSMENT), None
        )

    made = []
    for start, stop in courses(_referrals(look), stop_of):  # 2.
        done = stop is not None and stop.type == "assessment-completed"
        run = _run(look, start, days, row.note, met=stop if done else None, ended=None if done else stop)
        made.append(stated(look, ASSESSMENT, run, row.source))
    return tuple(made)


def _referrals(look: Look) -> list[Entry]:
    return [one for one in of_type(look.material.entries, "referral-made") if text(one, "target") == "csc"]


def _run(
    look: Look, start: Entry, days: int, note: str, *, met: Entry | None, ended: Entry | None = None
) -> Run:
    # What is recorded of a whole record reaches readers from whom it is withheld who was asked.
    to = text(start, "to") if look.material.complete is not None else None
    run = Run(
        (start,), started_at(start), met=met, ended=ended, responsible=to or owed(look),
        settings={"working_days": days, "note": note},
    )  # fmt: skip
    return within(look, run, after_working_days(day_of(start), days))
