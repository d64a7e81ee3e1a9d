"""P-19: no further action was decided, and no one is named to continue support."""

from __future__ import annotations

from datetime import datetime

from hub.pathway.calendar import day_words, london_day
from hub.pathway.entries import Line, Material
from hub.pathway.expected import referral
from hub.pathway.patterns.missing_steps import by_id, open_of, read_by
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

(EXPECTED,) = by_id(referral.RULES, "R-065")


def no_action(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """The last decision or outcome that ends action, where neither an owner nor an open plan remains."""
    return tuple(
        Line(
            rule=RULE.id,
            requirement=RULE.requirement,
            text=(
                f"A no-further-action decision is recorded ({day_words(london_day(item.since))}) and no one "
                "is named to continue support."
            ),
            evidence=item.evidence,
            values={"decided_on": london_day(item.since).isoformat()},
        )
        for item in open_of(EXPECTED, material, now, profile_of)
    )


RULE = Rule("P-19", "NO-ACTION", "R-065", read_by(EXPECTED), no_action)
