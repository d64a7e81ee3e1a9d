"""P-24: a child moved to another area, and the receiving authority has not confirmed it."""

from __future__ import annotations

from datetime import datetime

from hub.pathway.calendar import day_words
from hub.pathway.entries import Entry, Line, Material
from hub.pathway.expected import release
from hub.pathway.fields import day, day_of, text
from hub.pathway.patterns.missing_steps import by_id, open_of, read_by
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

(EXPECTED,) = by_id(release.RULES, "R-157-acknowledge")


def silent_transfer(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """One line for each move not acknowledged in time, and whether another procedure applies there."""
    lines: list[Line] = []
    for item in open_of(EXPECTED, material, now, profile_of):
        moved = next(one for one in material.entries if one.key in item.evidence)
        on = day(moved, "moved_on") or day_of(moved)
        changes = _procedure_changes(moved, profile_of)
        said = f"Moved {day_words(on)}; receiving authority has not confirmed."
        if changes:
            said += " Another local procedure applies there."
        lines.append(
            Line(
                rule=RULE.id,
                requirement=RULE.requirement,
                text=said,
                evidence=item.evidence,
                settings=item.settings,
                values={
                    "moved_on": on.isoformat(),
                    "from": text(moved, "from_authority"),
                    "to": text(moved, "to_authority"),
                    "procedure_changes": changes,
                },
            )
        )
    return tuple(lines)


def _procedure_changes(moved: Entry, profile_of: ProfileOf) -> bool:
    left, entered = text(moved, "from_authority"), text(moved, "to_authority")
    if left is None or entered is None:
        return False
    old, new = profile_of(left), profile_of(entered)
    return (old.id if old else None) != (new.id if new else None)


RULE = Rule(
    "P-24",
    "SILENT-TRANSFER",
    "R-157",
    read_by(EXPECTED, child_moved_area=("moved_on",)),
    silent_transfer,
)
