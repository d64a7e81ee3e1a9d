"""P-13: places where the child spends time that the risk management plan does not cover."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from hub.pathway.calendar import london_day
from hub.pathway.child import current_plan, in_role, incidents
from hub.pathway.course import looked_after
from hub.pathway.entries import Entries, Entry, Line, Material
from hub.pathway.fields import day, given_of, in_order, instant_of, keys, of_type, parts, text
from hub.pathway.patterns.rule import Rule
from hub.pathway.profiles import ProfileOf

ABSENCE_INPUTS = ("place-declared", "plan-place-covered", "risk-management-plan-recorded")


def place_not_covered(material: Material, now: datetime, profile_of: ProfileOf) -> tuple[Line, ...]:
    """Declared places minus those that the plan in force, or a post about it, covers.

    1. Leave it out for a reader who may not see every place and every cover: it states an absence.
    2. Leave it out for a child who has only been harmed: such a plan is not expected.
    3. Subtract; a looked-after child's placement counts as a place even if nobody declared it.
    """
    covers = of_type(material.entries, "plan-place-covered")
    declared = _declared(material.entries, london_day(now))
    if not material.sees(*ABSENCE_INPUTS) or any(text(one, "place") is None for one in (*covers, *declared)):
        return ()  # 1.
    plan = current_plan(material.entries)
    harmed_only = in_role(material.entries, "has-been-harmed") and not incidents(
        material.entries, "has-harmed"
    )
    if plan is None and harmed_only:  # 2.
        return ()
    covered, kinds = _covered(plan, covers)
    open_places = [one for one in declared if text(one, "place") not in covered]  # 3.
    places = [text(one, "place") or "" for one in open_places]
    declared_kinds = {text(one, "kind") for one in declared}
    cared_for = looked_after(material.entries, london_day(now))
    placed: list[Entry] = []
    if plan is not None and cared_for is not None and "placement" not in declared_kinds | kinds:
        places.append("placement")
        placed = [cared_for]
    if not places:
        return ()
    return (
        Line(
            rule=RULE.id,
            requirement=RULE.requirement,
            text=f"No plan covers: {', '.join(_words(one) for one in places)}.",
            evidence=keys([*open_places, *([plan] if plan else []), *placed]),
            values={"places": places, "plan": plan is not None},
        ),
    )


def _declared(entries: Sequence[Entry], today: date) -> list[Entry]:
    """The places declared by now, each once, as it was declared last."""
    entries = Entries.over(entries)
    return entries.once(f"places declared by {today}", lambda: _declared_last(entries, today))


def _declared_last(entries: Entries, today: date) -> list[Entry]:
    latest: dict[str | None, Entry] = {}
    for one in given_of(entries, "place-declared"):
        if (day(one, "from") or date.min) <= today:
            latest[text(one, "place")] = one
    return in_order(latest.values())


def _covered(plan: Entry | None, covers: Sequence[Entry]) -> tuple[set[str | None], set[str | None]]:
    if plan is None:
        return set(), set()
    of_plan = [
        one
        for one in covers
        if one.about == plan.key or (one.about is None and instant_of(one) >= instant_of(plan))
    ]
    rows = [*parts(plan, "places"), *(one.data for one in of_plan)]
    return {text(row, "place") for row in rows} - {None}, {text(row, "kind") for row in rows}


def _words(place: str) -> str:
    """A place token in words: a running number at its end says nothing to people."""
    return re.sub(r"-\d+$", "", place).replace("-", " ")


RULE = Rule(
    "P-13",
    "PLACE-NO-COVER",
    "R-141",
    {
        "place-declared": ("kind", "place", "from"),
        "plan-place-covered": ("kind", "place"),
        "risk-management-plan-recorded": ("places",),
        "child-stream-opened": ("looked_after",),
        "child-circumstance-recorded": ("kind", "from", "until"),
        "incident-recorded": ("role", "status"),
    },
    place_not_covered,
)
