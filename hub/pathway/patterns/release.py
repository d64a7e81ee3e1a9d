"""P-23: a child is to be released, or was, and steps that go with it are missing."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.pathway.calendar import day_words
from hub.pathway.course import latest, says, since
from hub.pathway.entries import Entry, Line, Material
from hub.pathway.expected import release
from hub.pathway.fields import as_given, day, keys, of_type
from hub.pathway.patterns.missing_steps import by_id, open_of, read_by
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

PACK_RULE, COORDINATOR = by_id(release.RULES, "R-174", "R-172")
WORDS: Final = {
    "assessment": "assessment",
    "meeting": "meeting about behaviour",
    "plan": "risk management plan",
    "mappa": "notice to the coordinator of multi-agency public protection",
}


def release_without_plan(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """What is missing from the notice of the release on, before its date as after it.

    1. The last notice that names a date; a step counts from the day of the notice.
    2. Assessment, meeting and plan, where the reader sees all of them.
    3. The coordinator's notice, where the local procedure asks for it of this child.
    """
    entries = material.entries
    released = latest(entries, *release.RELEASED)
    on = day(released, "release_date") if released is not None else None
    if released is None or on is None or not material.reads(PACK_RULE.meets):  # 1.
        return ()
    missing: list[str] = []
    present: list[Entry] = []
    for step, (type, kind) in release.PACK.items():  # 2.
        done = [one for one in since(entries, released, type) if kind is None or says(one, "kind", kind)]
        present += done[:1]
        if not done:
            missing.append(step)
    found = open_of(COORDINATOR, material, now, profile_of)  # 3.
    if found:
        missing.append("mappa")
        present += as_given(
            one for one in of_type(entries, *COORDINATOR.starts) if one.key in found[0].evidence
        )
    if not missing:
        return ()
    return (
        Line(
            rule=RULE.id,
            requirement=RULE.requirement,
            text=f"Release on {day_words(on)}. Missing: {', '.join(WORDS[one] for one in missing)}.",
            evidence=keys([released, *present]),
            values={"release_on": on.isoformat(), "missing": missing},
        ),
    )


RULE = Rule(
    "P-23",
    "RELEASE-NO-PLAN",
    "R-174",
    read_by(PACK_RULE, COORDINATOR),
    release_without_plan,
)
