"""How a clock is written: constant words for where it can stand, beside one run of it over a child.

A clock rests on the child's own record alone: what stands on a linked child's would tell of that child.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final, Literal, TypeAlias

from hub.pathway.calendar import (
    after_working_days,
    end_of_day,
    london_day,
    start_of_day,
)
from hub.pathway.circumstances import worker_on
from hub.pathway.entries import Deadline, Entry, Material
from hub.pathway.expected.rule import Look
from hub.pathway.fields import as_given, day_of, given_of, instant_of, keys, text
from hub.pathway.profiles import ProfileOf, authority, settings_of
from hub.pathway.profiles.rows import StatutoryClock
from hub.pathway.state import state_of

State: TypeAlias = Literal["running", "warning", "missed", "met", "met-late", "stopped"]
AFTER_TIME: Final = "It came after the time was up."
RECEIVED_LATE: Final = "The hub received this after the time was up."
POSTED_LATE: Final = "What started this was posted late: the time was up before it was recorded."
CLOSED: Final = "The case was closed before this was recorded."


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of the procedures, in constant words for each place where it can stand.

    Shape: `open` while it runs and warns; `missed` only where a document gives a time; `stopped` only
    where a decision can make the step needless. What `outlives_closure` is owed after the case is closed.
    """

    id: str
    requirement: str
    source: str
    open: str
    met: str
    missed: str = ""
    stopped: str = ""
    outlives_closure: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a clock: what started it, what met or ended it, who is to act, and by when.

    Shape: `starts` begins with the entry that started it. Without `warn_at` it never asks for attention by
    itself, without `due_at` no document gives a time and it is never missed. `late` is set where it was
    met after the step that it had to come before.
    Units: instants aware UTC.
    """

    starts: tuple[Entry, ...]
    starts_at: datetime
    met: Entry | None = None
    met_at: datetime | None = None
    ended: Entry | None = None
    responsible: str | None = None
    person: str | None = None
    warn_at: datetime | None = None
    due_at: datetime | None = None
    due_on: date | None = None
    late: bool = False
    more: tuple[Entry, ...] = ()
    times: Mapping[str, datetime] = field(default_factory=dict)
    settings: Mapping[str, str | int] = field(default_factory=dict)


def looking(material: Material, now: datetime, profile_of: ProfileOf) -> Look:
    """What a clock looks at: the child's own record, under the procedure of its own authority."""
    return Look(replace(material, linked={}), now, profile_of)


def reads(material: Material, *types: str, **members: tuple[str, ...]) -> bool:
    """Whether this reader always reads what could make an open clock untrue (H-20, absence).

    Shape: `types` whose presence counts; `members` are types, with underscores, of which members are read.
    Closing the case stops every clock, so it is always among them.
    """
    wanted = {name.replace("_", "-"): read for name, read in members.items()}
    return material.reads({**dict.fromkeys(types, ()), **wanted, "closure-decided": ("closes",)})


def asked_for(look: Look, clock: Clock) -> bool:
    """Whether the local procedure asks for a clock that no other row of it decides on."""
    return look.profile is not None and clock.id in look.profile.clocks


def statutory(look: Look, id: str) -> StatutoryClock | None:
    """The row of a time limit from outside the local documents, where the profile includes it."""
    rows = look.profile.statutory if look.profile else ()
    return next((one for one in rows if one.id == id), None)


def setting(look: Look, name: str) -> int:
    """The number of a setting."""
    return settings_of(look.profile)[name].value


def owed(look: Look) -> str | None:
    """The child's authority as the one to act, where this reader may know which it is."""
    material, found = look.material, authority(look.material)
    if material.reads({"child-stream-opened": ("responsible_authority",)}):
        return found
    return found if any(one.organisation == found for one in material.entries) else None


def worker(look: Look) -> str | None:
    """The social worker allocated to the child now."""
    return worker_on(look.material.entries, london_day(look.now))


def courses(
    starts: Sequence[Entry], stop_of: Callable[[Entry], Entry | None]
) -> Iterator[tuple[Entry, Entry | None]]:
    """Each start with what stopped it; a start before the stop belongs to the course that runs already."""
    after: datetime | None = None
    for one in as_given(starts):
        if after is not None and instant_of(one) <= after:
            continue
        stop = stop_of(one)
        yield one, stop
        if stop is None:
            return
        after = max(instant_of(stop), instant_of(one))


def listed_from(start: Entry, working_days: int) -> datetime:
    """The instant at which the working days of a setting have passed since an entry, which is day 0."""
    return end_of_day(after_working_days(day_of(start), working_days))


def within(look: Look, run: Run, due_on: date) -> Run:
    """A run with a limit from outside the local documents: until the end of a day, with its warning ahead."""
    ahead = start_of_day(due_on - timedelta(days=setting(look, "limit_warning_days")))
    return replace(run, warn_at=max(run.starts_at, ahead), due_at=end_of_day(due_on), due_on=due_on)


def stated(look: Look, clock: Clock, run: Run, source: str | None = None) -> Deadline:
    """A run of a clock as it stands now.

    1. Met counts before everything else; then a decision that made the step needless; then the closing of
       the case before the time was up. What came after the time was up is late, whichever it is.
    2. Where what started it was recorded after the time was up, the alert is dated by the recording (H-25).
    3. Compliance is told from the agency's own time; beside it stands when the hub received it.
    """
    ending = run.met or run.ended
    at = (run.met_at or instant_of(ending)) if ending is not None else None
    closing = None if ending is not None or clock.outlives_closure else _closed(look, run)
    times = {**run.times, "started_as_received_at": run.starts[0].received_at}
    said = [clock.open]
    state: State
    if ending is not None and at is not None:  # 1.
        overdue = run.late or (run.due_at is not None and at > run.due_at)
        state = "met-late" if overdue else "met" if run.met else "stopped"
        said = [clock.met if run.met else clock.stopped] + [AFTER_TIME] * overdue
        name = "met" if run.met else "stopped"
        times |= {f"{name}_at": at, f"{name}_as_received_at": ending.received_at}
        if run.due_at is not None and at <= run.due_at < ending.received_at:  # 3.
            said.append(RECEIVED_LATE)
    elif closing is not None:
        state, said = "stopped", [CLOSED]
        times |= {"stopped_at": instant_of(closing), "stopped_as_received_at": closing.received_at}
    elif run.due_at is not None:
        state = state_of(look.now, warn=run.warn_at, due=run.due_at, met=None)
        said = [clock.missed if state == "missed" else clock.open]
    else:
        state = "warning" if run.warn_at is not None and look.now >= run.warn_at else "running"
    if run.due_at is not None and run.starts[0].recorded_at > run.due_at:  # 2.
        times["alert_at"] = run.starts[0].recorded_at
        said.append(POSTED_LATE)
    evidence = (*run.starts, *run.more, *(one for one in (ending, closing) if one is not None))
    return Deadline(
        clock=clock.id,
        requirement=clock.requirement,
        source=source or clock.source,
        text=" ".join(said),
        starts_at=run.starts_at,
        warn_at=run.warn_at,
        due_at=run.due_at,
        due_on=run.due_on or (london_day(run.due_at - timedelta(microseconds=1)) if run.due_at else None),
        state=state,
        responsible=run.responsible,
        responsible_person=run.person,
        evidence=keys(evidence),
        times=times,
        settings=dict(run.settings),
    )


def _closed(look: Look, run: Run) -> Entry | None:
    """The first closing of the case since a run began, before its time was up."""
    closed = [
        one
        for one in given_of(look.material.entries, "closure-decided")
        if text(one, "closes") == "case"
        and instant_of(one) >= run.starts_at
        and (run.due_at is None or instant_of(one) < run.due_at)
    ]
    return closed[0] if closed else None
