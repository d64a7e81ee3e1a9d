"""How the expectations on assessments, meetings, plans and courts are written: one row, one finder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from hub.envelope import JsonObject
from hub.pathway.calendar import after_hours, after_working_days, end_of_day, london_day, start_of_day
from hub.pathway.circumstances import worker_on
from hub.pathway.course import case_closed
from hub.pathway.entries import Entry
from hub.pathway.expected.rule import Expected, Look, OpenItem, Told
from hub.pathway.fields import day_of, instant_of, keys
from hub.pathway.profiles import Profile, authority, settings_of
from hub.pathway.profiles.reading import NOT_STATED
from hub.pathway.profiles.rows import Choice

Members: TypeAlias = Mapping[str, tuple[str, ...]]

CLOSURE: Members = {"closure-decided": ("closes",)}


@dataclass(frozen=True, slots=True)
class Missing:
    """That a step is missing now: since when, resting on which entries, and of whom it is expected."""

    since: datetime
    evidence: Sequence[Entry]
    agency: str | None = None
    person: str | None = None
    values: JsonObject = field(default_factory=dict)
    settings: Mapping[str, int] = field(default_factory=dict)


Find: TypeAlias = Callable[[Look], Iterable[Missing]]


def expect(
    id: str, source: str, *, text: str, why: str, role: str | None, starts: Members, meets: Members,
    find: Find, told: Told = "everyone", outlives_closure: bool = False, own: bool = False,
) -> Expected:  # fmt: skip
    """One row: constant words beside a finder of what is missing.

    Shape: `id` begins with its requirement. A step expected before a case was closed is not expected any
    more, unless the row `outlives_closure`; closing is therefore among what could make it untrue. An
    `own` step is one that only the expected organisation's own posts can meet: told to the owner alone.
    """
    requirement = "-".join(id.split("-")[:2])

    def found(look: Look) -> Iterator[OpenItem]:
        closed = None if outlives_closure else case_closed(look.material.entries)
        for one in find(look):
            if closed is not None and one.since <= closed:
                continue
            yield OpenItem(
                rule=id,
                requirement=requirement,
                source=source,
                text=text,
                why=why,
                agency=one.agency,
                role=role,
                person=one.person,
                since=one.since,
                evidence=keys(one.evidence),
                told="owner" if own else told,
                settings=dict(one.settings),
                values=one.values,
            )

    return Expected(
        id=id,
        requirement=requirement,
        source=source,
        starts=starts,
        meets=meets if outlives_closure else {**meets, **CLOSURE},
        find=found,
        own=own,
    )


def of_authority(look: Look, start: Entry, *, values: JsonObject | None = None) -> Missing:
    """What the child's own authority owes since an entry, by the allocated worker where there is one."""
    return Missing(
        since=instant_of(start),
        evidence=(start,),
        agency=authority(look.material),
        person=worker(look),
        values=values or {},
    )


def noticed(look: Look, *incidents: Entry, agency: str | None = None) -> Missing:
    """What is owed since the first of these was recorded: when an incident happened nobody knew of it.

    Shape: owed by the child's authority where no other agency is named.
    """
    first = min(incidents, key=lambda one: (one.recorded_at, one.key))
    if agency is not None:
        return Missing(first.recorded_at, incidents, agency)
    return Missing(first.recorded_at, incidents, authority(look.material), worker(look))


def by_poster(look: Look, start: Entry, *more: Entry, values: JsonObject | None = None) -> Missing:
    """What the organisation that posted an entry owes since then; the authority where it is not shown."""
    agency = start.organisation or authority(look.material)
    return Missing(instant_of(start), (start, *more), agency, values=values or {})


def passed(look: Look, then: datetime, setting: str) -> bool:
    """Whether the working days of a setting have passed since an instant, whose day is day 0."""
    days = settings_of(look.profile)[setting].value
    return look.now >= end_of_day(after_working_days(london_day(then), days))


def passed_hours(look: Look, then: datetime, setting: str) -> bool:
    """Whether the hours of a setting have passed since an instant."""
    return look.now >= after_hours(then, settings_of(look.profile)[setting].value)


def worker(look: Look) -> str | None:
    """The social worker allocated to the child now."""
    return worker_on(look.material.entries, london_day(look.now))


def waited(look: Look, start: Entry, setting: str) -> bool:
    """Whether the working days of a setting have passed since an entry, which is day 0."""
    days = settings_of(look.profile)[setting].value
    return look.now >= end_of_day(after_working_days(day_of(start), days))


def waited_days(look: Look, start: Entry, setting: str) -> bool:
    """Whether the calendar days of a setting have passed since an entry."""
    days = settings_of(look.profile)[setting].value
    return look.now >= start_of_day(day_of(start) + timedelta(days=days))


def provided(look: Look, row: Callable[[Profile], Choice]) -> bool:
    """Whether the child's authority has adopted a procedure, and it says something in this row."""
    return look.profile is not None and row(look.profile).value != NOT_STATED


def days_since(look: Look, start: Entry) -> int:
    """How many days have gone by since an entry.

    Units: whole London days.
    """
    return max(0, (london_day(look.now) - day_of(start)).days)


def setting(look: Look, name: str) -> Mapping[str, int]:
    """A setting with its value, as it is shown beside an item."""
    return {name: settings_of(look.profile)[name].value}
