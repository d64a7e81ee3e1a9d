"""What the entries of one child say of that child: authority, age, schools, worker, incidents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from hub.pathway.calendar import age_on
from hub.pathway.entries import Entries, Entry, Material
from hub.pathway.fields import (
    day,
    days_of,
    gathered,
    given_of,
    in_order,
    of_type,
    organisation_kind,
    organisation_of,
    text,
    texts,
)

INCIDENTS: Final = ("incident-recorded",)
ENROLLING: Final = (
    "child-stream-opened", "child-moved-area", "relationship-recorded", "relationship-ended",
)  # fmt: skip
"""The types that say at which school a child is, and who may say so."""
NOT_COUNTED: Final = frozenset({"withdrawn", "not-established"})
CONTESTED: Final = "G.00"
"""The flag of a claim to a child who has a responsible authority; it changes nothing."""
MOVED_BY: Final = "G.00-moved"
"""The flag of an acknowledgement by which a child came under another authority."""


def opening(entries: Iterable[Entry]) -> Entry | None:
    """The stream's opening; the first one sets the responsible authority, a contested one changes nothing.

    Source: G.00
    """
    openings = [one for one in of_type(entries, "child-stream-opened") if CONTESTED not in one.flags]
    return min(openings, key=lambda one: one.position, default=None)


def authority_of(entries: Iterable[Entry]) -> str | None:
    """The responsible authority: the opening names it, and an acknowledged move changes it.

    Shape: what the fold found is read from its flags. An acknowledgement that was retracted later is no
    entry any more and undoes nothing; whoever has the material of a whole fold reads its `authority`.
    Source: G.00; R-157
    """
    return _authority_at(gathered(entries), None)


def _authority_at(entries: tuple[Entry, ...], position: int | None) -> str | None:
    """The responsible authority for what stands at a position; without one, now."""
    moves = [
        one
        for one in of_type(entries, "child-moved-area")
        if MOVED_BY in one.flags and (position is None or one.position < position)
    ]
    if moves:
        return max(moves, key=lambda one: one.position).organisation
    first = opening(entries)
    return text(first, "responsible_authority") if first else None


def date_of_birth(material: Material, child: str) -> date | None:
    """The date of birth of this child or of a linked one, where this reader may know it."""
    if child == material.child and material.date_of_birth is not None:
        return material.date_of_birth
    first = opening(entries_of(material, child))
    return day(first, "date_of_birth") if first else None


def entries_of(material: Material, child: str) -> tuple[Entry, ...]:
    """The entries of this child or of a linked one."""
    return material.entries if child == material.child else material.linked.get(child, ())


def incidents(entries: Iterable[Entry], *roles: str) -> list[Entry]:
    """The incidents that count, by when they happened; a withheld role counts, an excluded status not.

    Shape: without roles, incidents of any role.
    """
    if isinstance(entries, Entries):
        return list(entries.made_of(INCIDENTS, f"incidents {roles}", lambda every: _incidents(every, roles)))
    return _incidents(entries, roles)


def _incidents(entries: Iterable[Entry], roles: tuple[str, ...]) -> list[Entry]:
    if roles:
        return [one for one in incidents(entries) if text(one, "role") in (None, *roles)]
    return [one for one in in_order(of_type(entries, *INCIDENTS)) if text(one, "status") not in NOT_COUNTED]


def excluded_incidents(entries: Iterable[Entry], *roles: str) -> list[Entry]:
    """The incidents left out because they were withdrawn or not established."""
    if isinstance(entries, Entries):
        return list(entries.made_of(INCIDENTS, f"excluded {roles}", lambda every: _excluded(every, roles)))
    return _excluded(entries, roles)


def _excluded(entries: Iterable[Entry], roles: tuple[str, ...]) -> list[Entry]:
    if roles:
        return [one for one in excluded_incidents(entries) if text(one, "role") in (None, *roles)]
    return [one for one in in_order(of_type(entries, *INCIDENTS)) if text(one, "status") in NOT_COUNTED]


def in_role(entries: Iterable[Entry], role: str) -> list[Entry]:
    """The incidents that count and say that this child has the role; a withheld role says nothing."""
    if isinstance(entries, Entries):
        return list(entries.made_of(INCIDENTS, f"in role {role}", lambda every: _in_role(every, role)))
    return _in_role(entries, role)


def _in_role(entries: Iterable[Entry], role: str) -> list[Entry]:
    return [one for one in incidents(entries) if text(one, "role") == role]


def youngest_age(born: date, incident: Entry) -> int:
    """The youngest age at which this child can have been in the incident, to the day."""
    return age_on(born, max(days_of(incident)[0], born))


def enrolled(entries: Iterable[Entry], at: date) -> frozenset[str]:
    """The education organisations at which the child is enrolled on a day.

    Shape: the schools of the opening, until the next enrolment or a recorded end.
    Trust: an enrolment counts only from the child's responsible authority, or from children's social
    care while none is known; never from the school.
    Source: G.00
    """
    if isinstance(entries, Entries):
        return entries.made_of(ENROLLING, f"enrolled {at}", lambda every: _enrolled(every, at))
    return _enrolled(gathered(entries), at)


def _enrolled(entries: tuple[Entry, ...], at: date) -> frozenset[str]:
    first = opening(entries)
    now: dict[str, date] = dict.fromkeys(texts(first, "schools"), date.min) if first else {}
    changes = of_type(entries, "relationship-recorded", "relationship-ended")
    for one in sorted(changes, key=lambda change: change.position):
        organisation = text(one, "organisation")
        if text(one, "kind") != "enrolled" or organisation is None:
            continue
        if one.type == "relationship-ended":
            if (day(one, "at") or date.min) <= at:
                now.pop(organisation, None)
        elif not _may_grant(one.organisation, _authority_at(entries, one.position)):
            continue
        elif (day(one, "from") or date.min) <= at <= (day(one, "until") or date.max):
            now = {organisation: at}
    return frozenset(now)


def _may_grant(poster: str | None, authority: str | None) -> bool:
    return poster == authority if authority else organisation_kind(poster) == "social-care"


WORKER: Final = ("social-worker-allocated", "relationship-ended", "child-moved-area")
"""The types that say who the allocated worker is."""


def allocated_worker(entries: Iterable[Entry], at: date) -> str | None:
    """The social worker allocated to the child on a day; an enquiry worker is another basis (D-29)."""
    entries = gathered(entries)
    return worker_of(sorted(of_type(entries, *WORKER), key=lambda one: one.position), entries, at)


def worker_of(changes: Iterable[Entry], entries: tuple[Entry, ...], at: date) -> str | None:
    """The social worker whom these changes, one after another, leave allocated on a day.

    1. An allocation counts from the authority responsible when it was said, or from children's social care
       while none is known; where who posted is withheld from this reader, there is nothing to check.
    2. An end counts from that authority, or from the worker's own organisation.
    3. A move to another authority ends what the former one allocated (D-24).
    Source: G.00
    """
    worker: str | None = None
    until = date.max
    for one in changes:
        poster, authority = one.organisation, _authority_at(entries, one.position)
        if one.type == "child-moved-area":
            if MOVED_BY in one.flags and worker is not None and organisation_of(worker) != poster:  # 3
                worker = None
        elif text(one, "kind") != "allocated":
            continue
        elif one.type == "social-worker-allocated":
            if poster is None or _may_grant(poster, authority):  # 1
                worker, until = text(one, "worker"), day(one, "until") or date.max
        elif (day(one, "at") or date.min) <= at and text(one, "person") in (None, worker):
            own = worker is not None and organisation_of(worker) == poster
            if poster is None or own or _may_grant(poster, authority):  # 2
                worker = None
    return worker if at <= until else None


def current_plan(entries: Iterable[Entry]) -> Entry | None:
    """The risk management plan in force: the latest that was adopted."""
    plans = given_of(entries, "risk-management-plan-recorded")
    return plans[-1] if plans else None
