"""The gates: a decision passes or is refused with its reason; a fact is kept and flagged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hub.pathway.entries import Entry, Material
from hub.pathway.gates import (
    actions,
    chairing,
    closure,
    conference,
    different_worker,
    interviews,
    invitations,
    no_action,
    plan_parts,
    reasons,
    records,
    right_room,
    separate_meetings,
    sharing,
    transfer,
    under_ten,
)
from hub.pathway.gates.flag import Flag
from hub.pathway.gates.gate import Case, Force, Gate, People, Refusal, overridden, stands_against
from hub.pathway.gates.noted import (
    FLAGS,
    INTEGRITY,
    OFFICER,
    flags,
    giving,
    looks_at_linked,
    named_for,
    noted,
    types_named_for,
)
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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gates say of a decision: the refusal, or the rules that a manager has validly overridden."""

    refusal: Refusal | None
    overridden: tuple[str, ...] = ()


def verdict(
    decision: Entry, fold: Material, *, now: datetime, profile_of: ProfileOf, people: People,
    partners: frozenset[str] = frozenset(),
) -> Verdict:  # fmt: skip
    """Put a decision before every gate; the first that refuses and is not validly overridden decides.

    Trust: `fold` is the whole fold of the child and of every linked child, without the decision; each
    gate gets of it what the poster may be told of.
    Source: H-28
    """
    case = Case(decision, fold, now, profile_of, people, partners)
    rules: list[str] = []
    for gate in GATES:
        if stands_against(case, gate):
            if not overridden(case, gate.refusal):
                return Verdict(gate.refusal)
            rules.append(gate.refusal.rule)
    return Verdict(None, tuple(dict.fromkeys(rules)))


def judge(
    decision: Entry, fold: Material, *, now: datetime, profile_of: ProfileOf, people: People,
    partners: frozenset[str] = frozenset(),
) -> Refusal | None:  # fmt: skip
    """The first gate that refuses this decision and is not validly overridden, or None.

    Trust: as `verdict`.
    Source: H-28
    """
    found = verdict(decision, fold, now=now, profile_of=profile_of, people=people, partners=partners)
    return found.refusal


__all__ = [
    "FLAGS",
    "GATES",
    "INTEGRITY",
    "OFFICER",
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
    "giving",
    "judge",
    "looks_at_linked",
    "named_for",
    "noted",
    "overridden_rules",
    "overrides",
    "types_named_for",
    "verdict",
]
