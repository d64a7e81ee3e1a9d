"""The gates: a decision passes or is refused with its reason; a fact is kept and flagged."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.pathway.entries import Entry, Material
from hub.pathway.gates.conference import CONFERENCE_AT_RISK, CONFERENCE_MANAGER, CONFERENCE_RATIONALE
from hub.pathway.gates.different_worker import DIFFERENT_WORKER
from hub.pathway.gates.flag import FLAGS, Flag
from hub.pathway.gates.gate import Case, Force, Gate, People, Refusal, overridden
from hub.pathway.gates.plan_parts import PLAN_PARTS
from hub.pathway.gates.right_room import RIGHT_ROOM
from hub.pathway.gates.separate_meetings import SEPARATE_MEETINGS
from hub.pathway.gates.under_ten import UNDER_TEN
from hub.pathway.profiles import ProfileOf

GATES: Final[tuple[Gate, ...]] = (
    RIGHT_ROOM,
    DIFFERENT_WORKER,
    SEPARATE_MEETINGS,
    CONFERENCE_AT_RISK,
    CONFERENCE_RATIONALE,
    CONFERENCE_MANAGER,
    *PLAN_PARTS,
    UNDER_TEN,
)


def judge(
    decision: Entry, fold: Material, *, now: datetime, profile_of: ProfileOf, people: People
) -> Refusal | None:
    """The first gate that refuses this decision and is not validly overridden, or None.

    Trust: `fold` is the whole fold of the child and of every linked child, without the decision.
    Source: H-28
    """
    case = Case(decision, fold, now, profile_of, people)
    for gate in GATES:
        if decision.type in gate.types and gate.refuses(case) and not overridden(case, gate.refusal):
            return gate.refusal
    return None


def flags(fact: Entry, fold: Material, *, now: datetime, profile_of: ProfileOf) -> tuple[str, ...]:
    """The codes of what is noted beside a fact; its words stand in `FLAGS`.

    Source: H-27
    """
    case = Case(fact, fold, now, profile_of, people=lambda person: frozenset())
    return tuple(flag.code for flag in FLAGS if fact.type in flag.types and flag.holds(case))


__all__ = ["FLAGS", "GATES", "RIGHT_ROOM", "Flag", "Force", "Gate", "People", "Refusal", "flags", "judge"]
