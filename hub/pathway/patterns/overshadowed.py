"""P-17: of two linked children one has none of what the other has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from hub.pathway.child import entries_of
from hub.pathway.entries import Entry, Line, Material
from hub.pathway.fields import in_order, keys, of_type
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

COUNTED: Final[Mapping[str, tuple[str, str]]] = {
    "action-assigned": ("action", "actions"),
    "meeting-held": ("meeting", "meetings"),
    "support-arranged": ("support arranged", "support arranged"),
    "named-contact-appointed": ("named contact", "named contacts"),
}
FEWEST: Final = 2
"""In how many of the four a child has none while the other has some (requirements E, P-17)."""


def overshadowed(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """This child beside each linked child, with both counts.

    1. Leave out what the reader may not always see on both records: nought is an absence.
    2. Count actions, meetings, support and named contacts of each child.
    3. Say it of whichever has none of two or more that the other has.
    """
    lines: list[Line] = []
    for number, child in enumerate(sorted(material.linked), 1):
        seen = [name for name in COUNTED if _sees(material, name, child)]  # 1.
        own, other = _counted(material, material.child, seen), _counted(material, child, seen)  # 2.
        for here, there, who in ((own, other, "this-child"), (other, own, "linked-child")):
            none = [name for name in seen if not here[name] and there[name]]
            if len(none) >= FEWEST:  # 3.
                lines.append(_line(number, own, other, who))
    return tuple(lines)


def _sees(material: Material, name: str, child: str) -> bool:
    return material.reads({name: ()}) and material.reads({name: ()}, child)


def _counted(material: Material, child: str, seen: Sequence[str]) -> Mapping[str, list[Entry]]:
    entries = entries_of(material, child)
    return {name: in_order(of_type(entries, name)) for name in seen}


def _line(number: int, own: Mapping[str, list[Entry]], other: Mapping[str, list[Entry]], who: str) -> Line:
    less = "This child" if who == "this-child" else f"Linked child {number}"
    return Line(
        rule=RULE.id,
        requirement=RULE.requirement,
        text=(
            f"{less} may be overshadowed. This child has {_words(own)}; linked child {number} has "
            f"{_words(other)}."
        ),
        evidence=keys(one for rows in (own, other) for found in rows.values() for one in found),
        values={"overshadowed": who, "this_child": _numbers(own), "linked_child": _numbers(other)},
    )


def _words(rows: Mapping[str, list[Entry]]) -> str:
    return ", ".join(f"{len(found)} {COUNTED[name][len(found) != 1]}" for name, found in rows.items())


def _numbers(rows: Mapping[str, list[Entry]]) -> dict[str, int]:
    return {name: len(found) for name, found in rows.items()}


RULE = Rule("P-17", "OVERSHADOWED", "R-178", {one: () for one in COUNTED}, overshadowed)
