"""P-14: the risk management plan in force has not exactly one agency and person responsible for it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.pathway.child import current_plan
from hub.pathway.entries import Line, Material
from hub.pathway.fields import keys, organisation_of, text
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

OWNER: Final = {"risk-management-plan-recorded": ("responsible_organisation", "responsible_person")}


def no_owner(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """Which of the two the plan leaves out, or that they are of two agencies."""
    plan = current_plan(material.entries)
    if plan is None or not material.reads(OWNER):
        return ()
    agency, person = text(plan, "responsible_organisation"), text(plan, "responsible_person")
    if agency is None:
        said, lacks = "No agency is named as responsible for the risk plan.", "agency"
    elif person is None:
        said, lacks = f"{agency} is responsible for the risk plan; no person is named.", "person"
    elif organisation_of(person) != agency:
        said, lacks = "The risk plan names one agency, and a person of another, as responsible.", "one-agency"
    else:
        return ()
    return (
        Line(
            rule=RULE.id,
            requirement=RULE.requirement,
            text=said,
            evidence=keys([plan]),
            values={"lacks": lacks, "agency": agency},
        ),
    )


RULE = Rule("P-14", "NO-OWNER-PLAN", "R-140", OWNER, no_owner)
