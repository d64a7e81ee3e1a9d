"""Who was at a meeting, who was not and who tells them, and who had to be there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from hub.envelope import JsonObject
from hub.pathway.child import enrolled
from hub.pathway.entries import Material
from hub.pathway.fields import (
    day,
    given_of,
    instant_of,
    organisation_kind,
    organisation_of,
    parts,
    text,
    truth,
)
from hub.pathway.meetings.meeting import STRATEGY, Meeting, refers
from hub.pathway.profiles import authority

# What can make it untrue that a school is not this child's.
ENROLMENT: Final = ("child-stream-opened", "relationship-recorded", "relationship-ended")
UPDATED: Final = "absent-agency-updated"


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat at a meeting; `represents` says that this person speaks for the child's own authority."""

    organisation: str
    person: str | None
    represents: bool


@dataclass(frozen=True, slots=True)
class Absent:
    """One agency that was not there: who tells it, and whether that is recorded.

    Shape: `updated` is None where this reader could not know of it.
    Source: R-093; S3 s.4
    """

    organisation: str
    person: str | None
    updater: str | None
    updated: bool | None
    updated_on: date | None


@dataclass(frozen=True, slots=True)
class Representation:
    """Whether somebody of the child's own authority was there, by name.

    Shape: `represented` is None where the authority, or who was there, is not known to this reader.
    Source: R-084; S3 s.4
    """

    authority: str | None
    by: tuple[Seat, ...]
    represented: bool | None


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody who attends the strategy meeting of each child, and whether they did.

    Source: R-082; S5 s.9
    """

    who: Literal["police", "enquiry-worker"]
    present: bool | None


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who was at one meeting that was held."""

    present: tuple[Seat, ...]
    absent: tuple[Absent, ...]
    representation: Representation
    expected: tuple[Expected, ...]


def attendance_of(meeting: Meeting, material: Material) -> Attendance | None:
    """Who was at a meeting; None where it is not recorded as held, or not to this reader who was there."""
    recorded = [one for one in meeting.held if "attendance" in one.data or "absent" in one.data]
    if not recorded:
        return None
    seats = tuple(
        dict.fromkeys(seat for one in recorded for row in parts(one, "attendance") if (seat := _seat(row)))
    )
    absent = tuple(
        found
        for one in recorded
        for row in parts(one, "absent")
        if (found := _absent(row, meeting, material)) is not None
    )
    own = authority(material)
    by = tuple(one for one in seats if one.organisation == own and one.person is not None)
    return Attendance(
        present=seats,
        absent=absent,
        representation=Representation(own, by, bool(by) if own is not None else None),
        expected=_expected(meeting, material, seats),
    )


def _seat(row: JsonObject) -> Seat | None:
    organisation = text(row, "organisation")
    if organisation is None:
        return None
    return Seat(organisation, text(row, "person"), truth(row, "represents") is True)


def _absent(row: JsonObject, meeting: Meeting, material: Material) -> Absent | None:
    organisation = text(row, "organisation")
    if organisation is None:
        return None
    updates = [
        one
        for one in given_of(material.entries, UPDATED)
        if refers(one, meeting) and text(one, "organisation") == organisation
    ]
    updated = True if updates else (False if material.sees(UPDATED) else None)
    on = day(updates[-1], "updated_on") if updates else None
    return Absent(organisation, text(row, "person"), text(row, "updater"), updated, on)


def _expected(meeting: Meeting, material: Material, seats: tuple[Seat, ...]) -> tuple[Expected, ...]:
    """Police and the enquiry worker attend the strategy meeting of each child (R-082)."""
    if meeting.kind not in STRATEGY:
        return ()
    police = any(organisation_kind(one.organisation) == "police" for one in seats)
    workers = enquiry_workers(material)
    present = {one.person for one in seats} & workers
    return (
        Expected("police", police),
        Expected("enquiry-worker", bool(present) if workers else None),
    )


def enquiry_workers(material: Material) -> frozenset[str]:
    """The enquiry social workers of a child, whom an allocation names and whose basis has not ended."""
    workers: dict[str, datetime] = {}
    for one in given_of(material.entries, "social-worker-allocated", "relationship-ended"):
        if text(one, "kind") != "enquiry":
            continue
        person = text(one, "worker") if one.type == "social-worker-allocated" else text(one, "person")
        if one.type == "social-worker-allocated" and person is not None:
            workers[person] = instant_of(one)
        elif one.type == "relationship-ended":
            ended = text(one, "organisation")
            for worker in [*workers]:
                if person == worker or (person is None and organisation_of(worker) == ended):
                    del workers[worker]
    return frozenset(workers)


def wrong_room(meeting: Meeting, material: Material, now: datetime) -> tuple[str, ...]:
    """The schools that were at the meeting although this child is not their pupil.

    Source: R-082; S5 s.9
    """
    if not meeting.held or not material.sees(*ENROLMENT):
        return ()
    schools = enrolled(material.entries, meeting.on(now))
    found = (text(row, "organisation") for one in meeting.held for row in parts(one, "attendance"))
    wrong = (one for one in found if organisation_kind(one) == "education" and one not in schools)
    return tuple(dict.fromkeys(one for one in wrong if one is not None))
