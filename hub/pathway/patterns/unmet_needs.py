"""P-12: a need of the child on which nobody is acting, or whose action is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from hub.pathway.calendar import day_words
from hub.pathway.entries import Entry, Line, Material
from hub.pathway.expected import assessments, work
from hub.pathway.fields import as_given, day, day_of, given_of, keys, of_type, text
from hub.pathway.patterns.given_levels import WITHHELD
from hub.pathway.patterns.missing_steps import by_id, open_of, read_by
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

(UNOWNED,) = by_id(assessments.RULES, "R-116")
(OVERDUE,) = by_id(work.RULES, "R-147")
FACTOR: Final = "assessment-factor-recorded"


def unmet_needs(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """One line for each need: without an owner or an action, or with actions that are all overdue."""
    entries = material.entries
    unowned = {key for item in open_of(UNOWNED, material, now, profile_of) for key in item.evidence}
    overdue = {key for item in open_of(OVERDUE, material, now, profile_of) for key in item.evidence}
    lines: list[Line] = []
    for need in given_of(entries, FACTOR):
        if text(need, "kind") != "unmet-need":
            continue
        actions = as_given(one for one in of_type(entries, "action-assigned") if one.about == need.key)
        if need.key in unowned:
            lines.append(_line(need, ()))
        elif actions and all(one.key in overdue for one in actions):
            lines.append(_line(need, actions))
    return tuple(lines)


def _line(need: Entry, actions: Sequence[Entry]) -> Line:
    code = text(need, "code")
    what = f"Need {code.replace('-', ' ')}" if code else "A need"
    said = f"{what} recorded {day_words(day_of(need))} by {need.organisation or WITHHELD}; "
    due = max((found for one in actions if (found := day(one, "due")) is not None), default=None)
    said += (
        f"the action on it was due {day_words(due)} and is not recorded as done."
        if due
        else "no one is acting on it yet."
    )
    return Line(
        rule=RULE.id,
        requirement=RULE.requirement,
        text=said,
        evidence=keys([need, *actions]),
        values={
            "need": code,
            "recorded_on": day_of(need).isoformat(),
            "organisation": need.organisation,
            "overdue_since": due.isoformat() if due else None,
        },
    )


RULE = Rule(
    "P-12",
    "UNMET-NEEDS",
    "R-116",
    read_by(UNOWNED, OVERDUE, assessment_factor_recorded=("kind", "code")),
    unmet_needs,
)
