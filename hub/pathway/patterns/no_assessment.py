"""P-09: assessments and decisions about them that this child's role, age and local procedure ask for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from hub.pathway.child import incidents
from hub.pathway.entries import Line, Material
from hub.pathway.expected import assessments, local, recognition
from hub.pathway.expected.rule import Expected
from hub.pathway.fields import keys
from hub.pathway.patterns.missing_steps import by_id, open_of, read_by
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

REQUIRED: Final[tuple[Expected, ...]] = (
    *by_id(assessments.RULES, "R-103-assessment", "R-102-enquiry"),
    *by_id(local.RULES, "R-003", "R-094", "R-094-younger"),
    *by_id(recognition.RULES, "R-039"),
)
WORDS: Final[Mapping[str, str]] = {
    "R-103-assessment": "assessment",
    "R-102-enquiry": "enquiry into significant harm",
    "R-003": "child and family assessment of a disabled young adult",
    "R-094": "decision about a specialist assessment",
    "R-094-younger": "assessment for a younger child",
    "R-039": "assessment of ability to consent",
}


def missing_assessment(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """What is required of this child and not there, each as far as the reader may know it is not there."""
    open_ = [item for rule in REQUIRED for item in open_of(rule, material, now, profile_of)]
    if not open_:
        return ()
    missing = list(dict.fromkeys(item.rule for item in open_))
    why = sorted({item.requirement for item in open_})
    read = incidents(material.entries)
    settings = {name: value for item in open_ for name, value in item.settings.items()}
    return (
        Line(
            rule=RULE.id,
            requirement=RULE.requirement,
            text=(
                f"Not recorded for this child: {', '.join(WORDS[one] for one in missing)}. "
                f"Why expected: {', '.join(why)}."
            ),
            evidence=tuple(dict.fromkeys([*(key for item in open_ for key in item.evidence), *keys(read)])),
            settings=settings,
            values={"missing": missing, "why": why},
        ),
    )


RULE = Rule(
    "P-09",
    "MISSING-ASSESSMENT",
    "R-103",
    read_by(*REQUIRED, behaviour_level_assessed=("scale", "level"), incident_recorded=("role", "status")),
    missing_assessment,
)
