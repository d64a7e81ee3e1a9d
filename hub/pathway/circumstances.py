"""Shared readings of a child: what was recorded of its circumstances, its levels and both roles."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from hub.pathway.calendar import start_of_day
from hub.pathway.child import WORKER, in_role, incidents, worker_of
from hub.pathway.entries import Entries, Entry, Material
from hub.pathway.fields import day, days_of, gathered, given_of, text

MEETINGS: Final = ("meeting-held",)
ALLOCATING: Final = (*WORKER, "child-stream-opened")
"""The types that say who works with the child, and whose child it is."""
HARMED: Final = "has-been-harmed"
HAS_HARMED: Final = "has-harmed"


def circumstances(entries: Iterable[Entry], kind: str, on: date) -> list[Entry]:
    """The circumstances of a kind that hold on a day, by when they were recorded to begin."""
    return [
        one
        for one in given_of(entries, "child-circumstance-recorded")
        if text(one, "kind") == kind
        and (day(one, "from") or date.min) <= on <= (day(one, "until") or date.max)
    ]


def harm_done(material: Material) -> list[Entry]:
    """Incidents that say this child has harmed, on its own record or on a linked child's."""
    return [*in_role(material.entries, HAS_HARMED), *_named(material, HAS_HARMED)]


def harm_suffered(material: Material) -> list[Entry]:
    """Incidents that say this child has been harmed, on its own record or on a linked child's."""
    return [*in_role(material.entries, HARMED), *_named(material, HARMED)]


def _named(material: Material, role: str) -> list[Entry]:
    return [
        one
        for child in sorted(material.linked)
        for one in incidents(material.linked[child])
        if any(other.child == material.child and other.role == role for other in one.others)
    ]


def both_roles(material: Material) -> bool:
    """Whether incidents say of this child that it has harmed, and that it has been harmed (R-126)."""
    return bool(harm_done(material)) and bool(harm_suffered(material))


def happened_from(entry: Entry) -> datetime:
    """The earliest instant at which an event can have happened."""
    return start_of_day(days_of(entry)[0]) if entry.occurred.start else entry.occurred.sort_at


def screened_concern(entries: Iterable[Entry]) -> list[Entry]:
    """Screenings with another colour than green, by when they were made."""
    return [
        one
        for one in given_of(entries, "behaviour-screened")
        if text(one, "colour") in ("amber", "orange", "red")
    ]


def worker_on(entries: Iterable[Entry], on: date) -> str | None:
    """The social worker allocated on a day, by when it was decided; the order of arrival has no say."""
    if isinstance(entries, Entries):
        return entries.made_of(ALLOCATING, f"worker on {on}", lambda every: _worker_on(every, on))
    return _worker_on(gathered(entries), on)


def _worker_on(entries: tuple[Entry, ...], on: date) -> str | None:
    changes = (one for one in given_of(entries, *WORKER) if days_of(one)[0] <= on)
    return worker_of(changes, entries, on)


def held(entries: Iterable[Entry], *kinds: str) -> list[Entry]:
    """The meetings of these kinds that were held, by when; without kinds, every meeting."""
    if isinstance(entries, Entries):
        return list(entries.made_of(MEETINGS, f"held {kinds}", lambda every: _held(every, kinds)))
    return _held(entries, kinds)


def _held(entries: Iterable[Entry], kinds: tuple[str, ...]) -> list[Entry]:
    return [one for one in given_of(entries, *MEETINGS) if not kinds or text(one, "kind") in kinds]
