"""P-27: is a child who has been harmed safe now; who says so, and when."""

from __future__ import annotations

from datetime import datetime

from hub.pathway.calendar import day_words, instant_words, london_day
from hub.pathway.child import in_role, incidents
from hub.pathway.entries import Entry, Line, Material
from hub.pathway.fields import day, given_of, instant_of, keys, text
from hub.pathway.patterns.given_levels import WITHHELD
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

STATEMENT = "immediate-safety-measure-recorded"


def safety_stated(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """The latest safety statement for a child who has been harmed, or that there is none.

    That there is none is said only to a reader who may see every statement.
    """
    harm = _harm(material)
    if not harm:
        return ()
    statements = given_of(material.entries, STATEMENT)
    if statements:
        return (_stated(statements[-1], harm, now),)
    if not material.sees(STATEMENT):
        return ()
    return (
        Line(
            rule=RULE.id,
            requirement=RULE.requirement,
            text="Is this child safe now? Not yet recorded.",
            evidence=keys(harm),
            values={"safe_stated": False},
        ),
    )


def _harm(material: Material) -> list[Entry]:
    """Incidents that say this child has been harmed, on its own record or on a linked child's."""
    linked = [
        one
        for child in sorted(material.linked)
        for one in incidents(material.linked[child])
        if any(other.child == material.child and other.role == "has-been-harmed" for other in one.others)
    ]
    return [*in_role(material.entries, "has-been-harmed"), *linked]


def _stated(statement: Entry, harm: list[Entry], now: datetime) -> Line:
    who, at = statement.organisation or WITHHELD, instant_of(statement)
    measure, until = text(statement, "measure"), day(statement, "until")
    values: dict[str, str | bool | None] = {
        "safe_stated": True,
        "measure": measure,
        "organisation": who,
        "stated_at": at.isoformat(),
        "until": until.isoformat() if until else None,
    }
    what = f": {measure.replace('-', ' ')}" if measure else ""
    said = f"Is this child safe now? Safety measure{what}, recorded by {who}, {instant_words(at)}."
    if until is not None:
        over = until < london_day(now)
        said = f"{said} It {'ended' if over else 'runs until'} {day_words(until)}."
    return Line(
        rule=RULE.id,
        requirement=RULE.requirement,
        text=said,
        evidence=keys([statement, *harm]),
        values=values,
    )


RULE = Rule(
    "P-27",
    "SAFETY-UNSTATED",
    "R-010",
    {"incident-recorded": ("role", "status", "others"), STATEMENT: ("measure", "until")},
    safety_stated,
)
