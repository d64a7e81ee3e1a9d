"""P-04: an incident followed work that had begun with the child."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hub.pathway.calendar import day_words, london_day
from hub.pathway.child import incidents
from hub.pathway.entries import Entry, Line, Material
from hub.pathway.fields import (
    days_of,
    given_of,
    instant_of,
    keys,
    occurred_iso,
    occurred_words,
    text,
)
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

BEGUN = "intervention-started"
MEANING = "This can mean the work needs changing; it is not a judgement on the child."


def after_intervention(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """One line for each incident that followed work with the child, with the work begun last before it.

    Work with parents or carers is not work with the child. An inexact date can leave it open.
    """
    begun = [one for one in given_of(material.entries, BEGUN) if text(one, "for") in (None, "child")]
    lines: list[Line] = []
    for incident in incidents(material.entries, "has-harmed"):
        certain = [one for one in begun if _after(one, incident)]
        possible = [one for one in begun if _can_be_after(one, incident)]
        if certain or possible:
            lines.append(_line((certain or possible)[-1], incident, bool(certain)))
    return tuple(lines)


def _after(work: Entry, incident: Entry) -> bool:
    """Whether every day on which it can have happened is after the work began."""
    if _exact([work, incident]):
        return incident.occurred.sort_at > work.occurred.sort_at
    return days_of(incident)[0] > days_of(work)[1]


def _can_be_after(work: Entry, incident: Entry) -> bool:
    return not _exact([work, incident]) and days_of(incident)[1] >= days_of(work)[0]


def _exact(entries: Sequence[Entry]) -> bool:
    return all(one.occurred.precision == "exact" for one in entries)


def _line(work: Entry, incident: Entry, certain: bool) -> Line:
    began = london_day(instant_of(work))
    happened = occurred_words(incident)
    if certain:
        said = f"An incident on {happened} followed work that began {day_words(began)}. {MEANING}"
    else:
        said = (
            f"An incident of {happened} may have followed work that began {day_words(began)}: the dates "
            f"are not exact. {MEANING}"
        )
    return Line(
        rule=RULE.id,
        requirement=RULE.requirement,
        text=said,
        evidence=keys([work, incident]),
        values={
            "incident_at": occurred_iso(incident),
            "work_began": began.isoformat(),
            "work": text(work, "kind"),
            "certain": certain,
            "indicator": "CONT-AFTER-INTERVENTION",
        },
    )


RULE = Rule(
    "P-04",
    "AFTER-INTERVENTION",
    "R-023",
    {"incident-recorded": ("role", "status"), BEGUN: ("for", "kind")},
    after_intervention,
)
