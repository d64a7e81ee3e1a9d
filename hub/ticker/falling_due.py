"""Which deadlines of a child have been missed by now, and when the next one falls due; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hub.pathway import deadlines
from hub.pathway.entries import Deadline
from hub.pathway.profiles import ProfileOf
from hub.views import DEADLINE_MISSED, ChildView, Missed, whole_material

_LATE: Final = frozenset({"missed", "met-late"})
_OPEN: Final = frozenset({"running", "warning"})
WITHHELD: Final = frozenset({"K-17"})
"""Clocks whose due time is itself a field that is withheld from some who get the hub's entry: the day of a
release. They are told to each reader by its own deadlines and open items alone."""


@dataclass(frozen=True, slots=True)
class FallingDue:
    """What is to be recorded of a child now, and the instant of its next due time.

    Units: aware UTC; `next_due` is later than the instant that was asked about, None where no clock runs.
    """

    missed: tuple[Missed, ...]
    next_due: datetime | None


def falling_due(
    view: ChildView, linked: Mapping[str, ChildView], *, now: datetime, profile_of: ProfileOf
) -> FallingDue:
    """What the clocks of a child say at an instant.

    Source: requirements D.2 (a missed clock adds DeadlineMissed), R-077, H-20, H-25.

    Procedure
      1. The child's own clocks, over its whole record and those of linked children. A clock of the linked
         child is left to that child's own turn.
      2. The same clocks as the child's own record alone gives them: where the first notice stands on a
         linked child's record, they fall due later. Who may not read that record gets these (H-20).
      3. Missed is what was not met in time, met since or not: or what is recorded would depend on when the
         hub happened to look. A clock without a due time is never missed, nor is one raised whose due time
         is itself withheld from some who would get the entry.
      4. What the record holds already is not missed again; where both ways give one due time, the entry
         rests on the child's own events.
    """
    mine = _own(deadlines(whole_material(view, linked), now=now, profile_of=profile_of))  # 1
    alone = _own(deadlines(whole_material(view, {}), now=now, profile_of=profile_of)) if linked else []  # 2
    clocks = {one.clock for one in mine}
    alone = [one for one in alone if one.clock in clocks]
    late = {one.clock for one in mine if one.state in _LATE}  # 3
    held = {_named(one.data.get("clock"), one.data.get("due")) for one in view.entries
            if one.type == DEADLINE_MISSED}  # fmt: skip
    found: dict[tuple[str, datetime], Missed] = {}
    for one in (*alone, *mine):  # 4
        if one.due_at is None or one.state not in _LATE or one.clock not in late:
            continue
        name = (one.clock, one.due_at)
        if name not in held:
            found.setdefault(name, Missed(one.clock, one.due_at, one.responsible, one.evidence))
    ahead = (one.due_at for one in (*mine, *alone) if one.state in _OPEN)
    return FallingDue(
        tuple(found[name] for name in sorted(found)),
        min((at for at in ahead if at is not None and at > now), default=None),
    )


def _own(found: tuple[Deadline, ...]) -> list[Deadline]:
    return [
        one for one in found if one.subject is None and one.due_at is not None and one.clock not in WITHHELD
    ]


def _named(clock: object, due: object) -> tuple[str, datetime]:
    return str(clock), datetime.fromisoformat(str(due))
