"""P-05: how many different children are recorded as harmed by this child."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.pathway.child import excluded_incidents, in_role, incidents
from hub.pathway.circumstances import HARMED, HAS_HARMED
from hub.pathway.entries import Entry, Line, Material
from hub.pathway.fields import in_order, keys, of_type
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

LINKED: Final = "incident-linked"
ENTITLED: Final = {"incident-recorded": ("role", "status", "others")}


def children_harmed(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """Counts each other child once, by the child it is known to be, else by how it was named.

    1. A reader who does not always read who else an incident names is not entitled to the count.
    2. Children whom incidents of this child having harmed name as harmed, and the links of these incidents.
    3. Linked children whose own record says that this child harmed them.
    """
    if not material.reads(ENTITLED):  # 1.
        return ()
    own = in_role(material.entries, HAS_HARMED)
    named: dict[str, list[Entry]] = {}
    for entry in [*own, *_links(material, own)]:  # 2.
        for other in entry.others:
            if other.role == HARMED and other.child != material.child:
                named.setdefault(other.child or f"unresolved:{other.reference}", []).append(entry)
    for child in sorted(material.linked):  # 3.
        for entry in in_role(material.linked[child], HARMED):
            if any(one.child == material.child and one.role == HAS_HARMED for one in entry.others):
                named.setdefault(child, []).append(entry)
    if not named:
        return ()
    excluded = excluded_incidents(material.entries, HAS_HARMED)
    count = len(named)
    said = [
        "1 child is recorded as harmed." if count == 1 else f"{count} different children recorded as harmed."
    ]
    if excluded:
        said.append(f"Not counted because withdrawn or not established: {len(excluded)}.")
    found = in_order({one.key: one for rows in named.values() for one in rows}.values())
    return (
        Line(
            rule=RULE.id,
            requirement=RULE.requirement,
            text=" ".join(said),
            evidence=keys([*own, *found, *excluded]),
            values={"count": count, "incidents": len(own), "excluded": len(excluded)},
        ),
    )


def _links(material: Material, own: list[Entry]) -> list[Entry]:
    """The links of incidents that count; one that names no incident only where the child has one role."""
    harmed_too = len(incidents(material.entries)) > len(own)
    counted = {one.key for one in own}
    return [
        one
        for one in in_order(of_type(material.entries, LINKED))
        if one.about in counted or (own and one.about is None and not harmed_too)
    ]


RULE = Rule(
    "P-05",
    "CHILDREN-HARMED",
    "R-011",
    {**ENTITLED, LINKED: ("others",)},
    children_harmed,
)
