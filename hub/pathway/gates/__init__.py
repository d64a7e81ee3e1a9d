"""The gates: a decision passes or is refused with its reason; a fact is kept and flagged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from hub.envelope import JsonObject
from hub.pathway.entries import Entry, Material
from hub.pathway.gates import (
    actions,
    assessing,
    chairing,
    closure,
    conference,
    different_worker,
    interviews,
    invitations,
    meetings,
    no_action,
    plan_parts,
    proceedings,
    reasons,
    records,
    right_room,
    screening,
    separate_meetings,
    sharing,
    transfer,
    under_ten,
)
from hub.pathway.gates.flag import Flag
from hub.pathway.gates.gate import Case, Force, Gate, People, Refusal, overridden, stands_against
from hub.pathway.gates.overrides import OVERRIDDEN, Override, overridden_rules, overrides
from hub.pathway.gates.right_room import RIGHT_ROOM
from hub.pathway.profiles import ProfileOf

GATES: Final[tuple[Gate, ...]] = (
    *right_room.GATES,
    *invitations.GATES,
    *chairing.GATES,
    *different_worker.GATES,
    *separate_meetings.GATES,
    *conference.GATES,
    *reasons.GATES,
    *plan_parts.GATES,
    *under_ten.GATES,
    *interviews.GATES,
    *no_action.GATES,
    *actions.GATES,
    *records.GATES,
    *transfer.GATES,
    *closure.GATES,
    *sharing.GATES,
)
UNGATED: Final[Mapping[str, str]] = {
    "named-contact-appointed": "A later one takes the place of an earlier one (R-076).",
    "strategic-management-group-appointed": "Offered by one profile, asked by none of a decision (R-100).",
    "section-47-enquiry-initiated": "Never delayed by what is missing (R-088).",
    "section-47-enquiry-concluded": "What it leads to is expected afterwards (R-102, R-125).",
    "relationship-recorded": "Who may let whom in is judged before any gate (G.00).",
}
"""The decisions that no gate asks anything of, each with the reason."""
FLAGS: Final[tuple[Flag, ...]] = (
    *separate_meetings.FLAGS,
    *right_room.FLAGS,
    *chairing.FLAGS,
    *under_ten.FLAGS,
    *meetings.FLAGS,
    *interviews.FLAGS,
    *screening.FLAGS,
    *assessing.FLAGS,
    *records.FLAGS,
    *proceedings.FLAGS,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gates say of a decision: the refusal, or the rules that a manager has validly overridden."""

    refusal: Refusal | None
    overridden: tuple[str, ...] = ()


def verdict(
    decision: Entry, fold: Material, *, now: datetime, profile_of: ProfileOf, people: People
) -> Verdict:
    """Put a decision before every gate; the first that refuses and is not validly overridden decides.

    Trust: `fold` is the whole fold of the child and of every linked child, without the decision; each
    gate gets of it what the poster may be told of.
    Source: H-28
    """
    case = Case(decision, fold, now, profile_of, people)
    rules: list[str] = []
    for gate in GATES:
        if stands_against(case, gate):
            if not overridden(case, gate.refusal):
                return Verdict(gate.refusal)
            rules.append(gate.refusal.rule)
    return Verdict(None, tuple(dict.fromkeys(rules)))


def judge(
    decision: Entry, fold: Material, *, now: datetime, profile_of: ProfileOf, people: People
) -> Refusal | None:
    """The first gate that refuses this decision and is not validly overridden, or None.

    Trust: as `verdict`.
    Source: H-28
    """
    return verdict(decision, fold, now=now, profile_of=profile_of, people=people).refusal


def flags(posted: Entry, fold: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[str, ...]:
    """The codes of what is noted beside a post; its words stand in `FLAGS`.

    Trust: what the poster is told of is found on an empty record, so that it tells of nothing else.
    Source: H-27
    """
    case = Case(posted, fold, now, profile_of, people=lambda person: frozenset())
    alone = replace(case, fold=Material(fold.child, ()))
    return tuple(
        flag.code
        for flag in FLAGS
        if posted.type in flag.types
        and flag.starts(posted.data)
        and flag.holds(alone if flag.from_post_alone else case)
    )


def noted(type_: str, data: JsonObject) -> bool:
    """Whether something may be noted beside a post of this type with this data."""
    return any(type_ in flag.types and flag.starts(data) for flag in FLAGS)


__all__ = [
    "FLAGS",
    "GATES",
    "OVERRIDDEN",
    "RIGHT_ROOM",
    "UNGATED",
    "Flag",
    "Force",
    "Gate",
    "Override",
    "People",
    "Refusal",
    "Verdict",
    "flags",
    "judge",
    "noted",
    "overridden_rules",
    "overrides",
    "verdict",
]
