"""P-02: more incidents in the last window than in the one before."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from hub.pathway.calendar import london_day
from hub.pathway.child import excluded_incidents, incidents
from hub.pathway.entries import Entry, Line, Material
from hub.pathway.fields import days_of, keys, occurred_words
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf, own_profile, settings_of

Window = Literal["last", "previous", "outside"]


def frequency_up(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """Counts both windows back from the reading instant; an inexact date can leave the answer open.

    1. Put each incident into the windows into which its span can fall.
    2. Count those that can fall into one only, and see whether the rule holds whatever the others do.
    3. Where it holds only for some of them, say that it may.
    """
    settings = settings_of(own_profile(material, profile_of))
    window, least = settings["frequency_window_days"].value, settings["frequency_minimum"].value
    today = london_day(now)
    starts, before = today - timedelta(days=window), today - timedelta(days=2 * window)
    placed = [(one, _windows(one, before, starts)) for one in incidents(material.entries, "has-harmed")]  # 1.
    last = [one for one, where in placed if where == {"last"}]
    previous = [one for one, where in placed if where == {"previous"}]
    unsure = [(one, where) for one, where in placed if len(where) > 1]
    at_most_before = len(previous) + sum("previous" in where for _, where in unsure)  # 2.
    at_most_last = len(last) + sum("last" in where for _, where in unsure)
    certain = len(last) >= least and len(last) > at_most_before
    possible = at_most_last >= least and at_most_last > len(previous)  # 3.
    if not possible:
        return ()
    excluded = excluded_incidents(material.entries, "has-harmed")
    said = [f"{len(last)} incidents in the last {window} days, {len(previous)} in the {window} before."]
    if unsure:
        named = ", ".join(occurred_words(one) for one, _ in unsure)
        said.append(f"Dates that are not exact may fall in either window: {named}.")
    if not certain:
        said.append("Whether there are more than before depends on them.")
    if excluded:
        said.append(f"Not counted because withdrawn or not established: {len(excluded)}.")
    return (
        Line(
            rule=RULE.id,
            requirement=RULE.requirement,
            text=" ".join(said),
            evidence=keys([*previous, *(one for one, _ in unsure), *last, *excluded]),
            settings={"window_days": window, "minimum": least},
            values={
                "last": len(last),
                "previous": len(previous),
                "either": len(unsure),
                "last_from": starts.isoformat(),
                "previous_from": before.isoformat(),
                "certain": certain,
                "excluded": len(excluded),
            },
        ),
    )


def _windows(incident: Entry, before: date, starts: date) -> set[Window]:
    first, last = days_of(incident)
    found: set[Window] = set()
    if last >= starts:
        found.add("last")
    if first < starts and last >= before:
        found.add("previous")
    if first < before:
        found.add("outside")
    return found


RULE = Rule("P-02", "FREQUENCY-UP", "R-176", {"incident-recorded": ("role", "status")}, frequency_up)
