"""K-22: a partnership's joint audit against the framework is repeated after six to twelve months.

It is about organisations and about no child: it is none of a child's clocks, on no child's record.

Source: R-191, S1, S4
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from hub.envelope import EventKey
from hub.pathway.calendar import after_months, end_of_day, start_of_day
from hub.pathway.entries import Deadline
from hub.pathway.state import state_of

OPENS_MONTHS: Final = 6
DUE_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class ScoredStatement:
    """One statement that was scored: in which cycle, on which day, and whether jointly.

    Units: `received_at` aware UTC.
    """

    key: EventKey
    cycle: str
    on: date
    joint: bool
    received_at: datetime


def framework_audit(
    scored: Iterable[ScoredStatement], *, now: datetime, responsible: str | None = None
) -> tuple[Deadline, ...]:
    """K-22: one run from each joint audit to the next one.

    1. A joint audit is a cycle with a joint score; it counts from the last day on which one was given.
    2. The next one may be held from six months on and is due by the end of the day after twelve months.
    3. An audit within the six months repeats nothing: the one before runs on.
    """
    last: dict[str, ScoredStatement] = {}
    for one in scored:  # 1.
        if one.joint and (
            one.cycle not in last or (last[one.cycle].on, last[one.cycle].key) < (one.on, one.key)
        ):
            last[one.cycle] = one
    audits = sorted(last.values(), key=lambda one: (one.on, one.key))
    made: list[Deadline] = []
    start = audits[0] if audits else None
    while start is not None:
        opens = after_months(start.on, OPENS_MONTHS)  # 2.
        following = next((one for one in audits if one.on >= opens), None)  # 3.
        made.append(_run(start, following, opens, after_months(start.on, DUE_MONTHS), now, responsible))
        start = following
    return tuple(made)


def _run(
    start: ScoredStatement, following: ScoredStatement | None, opens: date, due_on: date, now: datetime,
    responsible: str | None,
) -> Deadline:  # fmt: skip
    warn, due = start_of_day(opens), end_of_day(due_on)
    times = {"started_as_received_at": start.received_at}
    met = end_of_day(following.on) if following is not None else None
    if following is not None and met is not None:
        times |= {"met_at": met, "met_as_received_at": following.received_at}
    state = state_of(now, warn=warn, due=due, met=met)
    return Deadline(
        clock="K-22",
        requirement="R-191",
        source="S1; S4",
        text=TEXTS[state],
        starts_at=start_of_day(start.on),
        warn_at=warn,
        due_at=due,
        due_on=due_on,
        state=state,
        responsible=responsible,
        responsible_person=None,
        evidence=(start.key, following.key) if following is not None else (start.key,),
        times=times,
        settings={"opens_months": OPENS_MONTHS, "due_months": DUE_MONTHS},
    )


TEXTS: Final = {
    "running": "The joint audit against the framework is repeated after six to twelve months.",
    "warning": "The joint audit against the framework can be repeated now.",
    "missed": "The time to repeat the joint audit against the framework is up.",
    "met": "The joint audit against the framework was repeated.",
    "met-late": "The joint audit against the framework was repeated after the time was up.",
}
