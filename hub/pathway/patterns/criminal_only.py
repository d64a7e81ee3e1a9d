"""P-18: police are acting, and a child concerned has no assessment."""

from __future__ import annotations

from datetime import datetime

from hub.pathway.course import open_investigation
from hub.pathway.entries import Entry, Line, Material
from hub.pathway.expected import investigation
from hub.pathway.expected.missing import setting, waited
from hub.pathway.expected.rule import Look
from hub.pathway.fields import days_of, in_order, keys, of_type
from hub.pathway.patterns.missing_steps import by_id, read_by
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

(EXPECTED,) = by_id(investigation.RULES, "R-162")
ASSESSED = ("assessment-started", "assessment-completed")
WAIT = "criminal_only_working_days"


def criminal_only(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """Of this child and each linked one: no assessment though the setting's working days have passed.

    1. The police investigate on this child's record, or on that of a linked child whose record this reader
       may look at.
    2. Each child of whose assessments the reader sees all, and who has none, is told of.
    """
    look = Look(material, now, profile_of)
    started = [
        one
        for child in (material.child, *sorted(material.linked))
        if (one := _investigation(material, child)) is not None and waited(look, one, WAIT)
    ]
    if not started:  # 1.
        return ()
    first = in_order(started)[0]
    lines: list[Line] = []
    for number, child in enumerate((material.child, *sorted(material.linked))):  # 2.
        entries = material.entries if number == 0 else material.linked[child]
        if material.reads(EXPECTED.meets, child) and not of_type(entries, *ASSESSED):
            who = "this child" if number == 0 else f"linked child {number}"
            lines.append(_line(first, who, look))
    return tuple(lines)


def _investigation(material: Material, child: str) -> Entry | None:
    if not material.reads(EXPECTED.meets, child):
        return None
    return open_investigation(material.entries if child == material.child else material.linked[child])


def _line(started: Entry, who: str, look: Look) -> Line:
    return Line(
        rule=RULE.id,
        requirement=RULE.requirement,
        text=f"Police are acting; no assessment for {who} is recorded.",
        evidence=keys([started]),
        settings=dict(setting(look, WAIT)),
        values={"child": who.replace(" ", "-"), "since": days_of(started)[0].isoformat()},
    )


RULE = Rule("P-18", "CRIMINAL-ONLY", "R-162", read_by(EXPECTED), criminal_only)
