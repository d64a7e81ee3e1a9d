"""P-26: an incident is said to have been mutual, and age or disability say that this must be checked."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.pathway.calendar import age_on
from hub.pathway.child import incidents, youngest_age
from hub.pathway.circumstances import circumstances
from hub.pathway.entries import Entry, Line, Material
from hub.pathway.fields import days_of, keys, occurred_iso, truth
from hub.pathway.patterns.ages import BORN, born_on, opened
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf, own_profile, settings_of

GAP: Final = "vulnerability_gap_years"
UNDER: Final = "referral_under_age"


def mutual_claim(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """One line for each incident that is claimed to have been mutual, where one of three things says check.

    1. The ages of this child and of linked children in it on the first day on which it can have happened.
    2. A child was under the age of the setting (R-038).
    3. The children are as many years apart as the setting says, or one of them is disabled (R-040).
    """
    settings = settings_of(own_profile(material, profile_of))
    gap, under = settings[GAP].value, settings[UNDER].value
    lines: list[Line] = []
    for incident in incidents(material.entries):
        if truth(incident, "claimed_mutual") is not True:
            continue
        children = [material.child, *_linked(material, incident)]
        born = {child: found for child in children if (found := born_on(material, child)) is not None}
        ages = {child: youngest_age(found, incident) for child, found in born.items()}  # 1.
        disabled = [one for child in children for one in _disabled(material, child, incident)]
        days = sorted(born.values())
        apart = age_on(days[0], days[-1]) if len(days) > 1 else 0
        reasons = (["R-038"] if any(age < under for age in ages.values()) else []) + (  # 2.
            ["R-040"] if apart >= gap or disabled else []  # 3.
        )
        if reasons:
            openings = [one for child in children[1:] for one in opened(material, child)]
            shown = {GAP: gap, UNDER: under}
            beside = [*openings, *disabled]
            lines.append(_line(incident, sorted(ages.values()), reasons, beside, apart, shown))
    return tuple(lines)


def _linked(material: Material, incident: Entry) -> list[str]:
    named = dict.fromkeys(one.child for one in incident.others if one.child is not None)
    return [child for child in named if child in material.linked]


def _disabled(material: Material, child: str, incident: Entry) -> list[Entry]:
    entries = material.entries if child == material.child else material.linked[child]
    return circumstances(entries, "disability", days_of(incident)[0])[:1]


def _line(
    incident: Entry,
    ages: list[int],
    reasons: list[str],
    beside: list[Entry],
    apart: int,
    settings: dict[str, int],
) -> Line:
    cited = " and ".join(reasons)
    disability = any(one.type == "child-circumstance-recorded" for one in beside)
    what = ["a disability is recorded"] if disability else []
    if len(ages) > 1:
        what.insert(0, f"the children are {', '.join(str(one) for one in ages[:-1])} and {ages[-1]}")
    elif ages:
        what.insert(0, f"one child is {ages[0]}")
    return Line(
        rule=RULE.id,
        requirement=RULE.requirement,
        text=f"Recorded as mutual; {', '.join(what)}. {cited} {'say' if len(reasons) > 1 else 'says'} check.",
        evidence=keys([incident, *beside]),
        settings=settings,
        values={
            "incident_at": occurred_iso(incident),
            "ages": ages,
            "years_apart": apart,
            "disability": disability,
            "reasons": reasons,
        },
    )


RULE = Rule(
    "P-26",
    "VULN-GAP",
    "R-040",
    {
        "incident-recorded": ("status", "claimed_mutual", "others"),
        "child-circumstance-recorded": ("kind", "from", "until"),
        **BORN,
    },
    mutual_claim,
)
