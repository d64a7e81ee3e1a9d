"""Which deadlines of a child have been missed by now, and when the next one falls due; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from hub.envelope import EventKey
from hub.pathway import deadlines
from hub.pathway.entries import Deadline, Entry, Material
from hub.pathway.profiles import ProfileOf
from hub.views import DEADLINE_MISSED, ChildView, Missed, whole_material

_LATE: Final = frozenset({"missed", "met-late"})
_OPEN: Final = frozenset({"running", "warning"})
WITHHELD: Final = frozenset({"K-17"})
"""Clocks whose due time is itself a field that is withheld from some who get the hub's entry: the day of a
release. They are told to each reader by its own deadlines and open items alone."""
_LOOKED_AT: Final = frozenset(
    {"child-stream-opened", "referral-made", "incident-recorded", "criminal-investigation-decided"}
)
"""What a clock looks at on a linked child's record: notices, incidents, and who answers for the child."""
_MOST: Final = 20
"""How many events an entry can name; what would rest on more is left to each reader's own deadlines."""


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
      1. The child's own clocks as its own record alone gives them, whatever a linked child's says. An entry
         that came or stayed away for something on another record would tell of it to every reader of this
         one, who finds the same clock among the deadlines (H-20).
      2. The same clocks over its record and those of linked children: where the first notice stands on
         theirs, they fall due earlier. A clock of the linked child is left to that child's own turn.
      3. Missed is what was not met in time, met since or not: or what is recorded would depend on when the
         hub happened to look. A clock without a due time is never missed, nor is one raised whose due time
         is itself withheld from some who would get the entry.
      4. What the record holds already is not missed again; where both ways give one due time, the entry
         rests on the child's own events. What the child's own record does not give rests on what of the
         linked records it hangs on as well, and reaches those alone who get that.
    """
    whole = whole_material(view, linked)
    alone = _own(whole_material(view, {}), now, profile_of)  # 1
    mine = _own(whole, now, profile_of) if linked else []  # 2
    late = [one for one in (*alone, *mine) if one.state in _LATE]  # 3
    own = {_name(one) for one in alone if one.state in _LATE}
    held = {_named(one.data.get("clock"), one.data.get("due")) for one in view.entries
            if one.type == DEADLINE_MISSED}  # fmt: skip
    found: dict[tuple[str, datetime], Missed] = {}
    for one in late:  # 4
        name = _name(one)
        if name not in held and name not in found:
            evidence = one.evidence if name in own else _resting(one, whole, now, profile_of)
            if len(evidence) <= _MOST:
                found[name] = Missed(one.clock, name[1], one.responsible, evidence)
    ahead = (one.due_at for one in (*mine, *alone) if one.state in _OPEN)
    return FallingDue(
        tuple(found[name] for name in sorted(found)),
        min((at for at in ahead if at is not None and at > now), default=None),
    )


def _resting(missed: Deadline, whole: Material, now: datetime, profile_of: ProfileOf) -> tuple[EventKey, ...]:
    """What a miss rests on that the child's own record does not give.

    Trust: of linked children each event counts without which it would not be, else every one that a clock
    looks at: whoever lacks one must not find out by the entry that there is something.
    """
    looked_at = [
        (child, one) for child, entries in whole.linked.items() for one in entries if one.type in _LOOKED_AT
    ]
    needed = [
        one
        for child, one in looked_at
        if _name(missed) not in {_name(each) for each in _own(_without(whole, child, one), now, profile_of)}
    ]
    rests = [one.key for one in needed] or [one.key for _, one in looked_at]
    return tuple(dict.fromkeys((*missed.evidence, *rests)))


def _without(whole: Material, child: str, entry: Entry) -> Material:
    left = tuple(one for one in whole.linked[child] if one is not entry)
    return replace(whole, linked={**whole.linked, child: left})


def _own(material: Material, now: datetime, profile_of: ProfileOf) -> list[Deadline]:
    return [
        one
        for one in deadlines(material, now=now, profile_of=profile_of)
        if one.subject is None and one.due_at is not None and one.clock not in WITHHELD
    ]


def _name(missed: Deadline) -> tuple[str, datetime]:
    assert missed.due_at is not None
    return missed.clock, missed.due_at


def _named(clock: object, due: object) -> tuple[str, datetime]:
    return str(clock), datetime.fromisoformat(str(due))
