"""P-15: children who are mentioned in this case and have no assessment of their own."""

from __future__ import annotations

from datetime import datetime

from hub.pathway.child import NOT_COUNTED
from hub.pathway.entries import Entry, Line, Material, Other
from hub.pathway.fields import in_order, keys, number, of_type, parts, text
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

OWN = ("assessment-started", "referral-outcome-decided")
CONTACT = "contact-children-risk-assessed"
NAMING = ("incident-recorded", "child-mentioned", CONTACT)


def mentioned_without_record(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """Counts each other child once, by the child it is known to be, else by how it was named.

    1. Leave it out for a reader who may not see every assessment and outcome: it states an absence.
    2. Collect the children named in incidents that count, in mentions, and as in need of action or of another
       look where children in contact were considered.
    3. If one of them has a record into which this reader may not look, leave it out altogether.
    4. Those with no record, or with neither an assessment nor an outcome of their own, are counted.
    """
    if not material.sees(*OWN):  # 1.
        return ()
    named: dict[str, list[Entry]] = {}
    for entry in in_order(of_type(material.entries, *NAMING)):  # 2.
        if text(entry, "status") in NOT_COUNTED:
            continue
        for other in _named(entry):
            if other.child == material.child:
                continue
            if (
                other.child is not None
                and material.complete is not None
                and other.child not in material.linked
            ):
                return ()  # 3.
            named.setdefault(other.child or f"unresolved:{other.reference}", []).append(entry)
    without = {child: where for child, where in named.items() if not _has_own(material, child)}  # 4.
    if not without:
        return ()
    count = len(without)
    said = (
        "1 child is mentioned in this case and has no assessment of their own."
        if count == 1
        else f"{count} children are mentioned in this case and have no assessment of their own."
    )
    return (
        Line(
            rule=RULE.id,
            requirement=RULE.requirement,
            text=said,
            evidence=keys(in_order({one.key: one for where in without.values() for one in where}.values())),
            values={"count": count},
        ),
    )


def _named(entry: Entry) -> list[Other]:
    if entry.type != CONTACT:
        return list(entry.others)
    rows = parts(entry, "children")
    wanted = {number(row, "other") for row in rows if text(row, "outcome") in ("action-needed", "reassess")}
    return [one for one in entry.others if one.index in wanted]


def _has_own(material: Material, child: str) -> bool:
    return bool(of_type(material.linked.get(child, ()), *OWN))


RULE = Rule(
    "P-15",
    "MENTIONED-NO-STREAM",
    "R-063",
    {
        "incident-recorded": ("status", "others"),
        "child-mentioned": ("others",),
        CONTACT: ("children", "others"),
        "assessment-started": (),
        "referral-outcome-decided": (),
    },
    mentioned_without_record,
)
