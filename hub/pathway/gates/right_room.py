"""R-082: a school comes only to the meeting about its own pupil."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from hub.envelope import JsonObject
from hub.pathway.calendar import london_day
from hub.pathway.child import enrolled
from hub.pathway.entries import Entry
from hub.pathway.fields import day_of, of_type, organisation_kind, parts, text
from hub.pathway.gates.flag import ENROLMENT, Flag
from hub.pathway.gates.gate import Case, Gate, Refusal

SOURCE = "S5 s.9"


def wrong_school_invited(case: Case) -> bool:
    """Whether a school is invited to a meeting about a child who is not its pupil."""
    organisation = text(case.posted, "organisation")
    return (
        text(case.posted, "decision") == "invited"
        and organisation_kind(organisation) == "education"
        and organisation not in _schools(case, london_day(case.now))
    )


def wrong_school_present(case: Case) -> bool:
    """Whether a meeting was attended by a school of which this child was not a pupil on that day."""
    return not _schools_present(case.posted.data) <= _schools(case, day_of(case.posted))


def _schools_present(data: JsonObject) -> frozenset[str | None]:
    present = {text(row, "organisation") for row in parts(data, "attendance")}
    return frozenset(one for one in present if organisation_kind(one) == "education")


def _schools(case: Case, at: date) -> frozenset[str]:
    """The schools that may come to this meeting, as posted on this child's record.

    The school is always one of this child's: the post stands on this record. A meeting that stands on a
    linked child's record only must be that child's school's too, or naming it here would let a school
    into the other child's meeting.
    """
    own = enrolled(case.fold.entries, at)
    meeting = text(case.posted, "meeting")
    if meeting is None or not case.fold.linked or _is_of(meeting, case.fold.entries):
        return own
    elsewhere = [entries for entries in case.fold.linked.values() if _is_of(meeting, entries)]
    return own.intersection(*(enrolled(entries, at) for entries in elsewhere))


def _is_of(meeting: str, entries: Iterable[Entry]) -> bool:
    return any(
        one.data.get("meeting") == meeting
        for type_ in ("meeting-convened", "meeting-held")
        for one in of_type(entries, type_)
    )


RIGHT_ROOM: Final = Gate(
    name="RIGHT-ROOM",
    refusal=Refusal(
        rule="R-082",
        force="MUST",
        source=SOURCE,
        text="RIGHT-ROOM: a school is invited only to the meeting about its own pupil.",
        fix="Invite the school at which this child is enrolled, or record the enrolment first.",
    ),
    types=frozenset({"invitation-sent"}),
    refuses=wrong_school_invited,
    reads=frozenset(
        {
            "child-stream-opened",
            "relationship-recorded",
            "relationship-ended",
            "meeting-convened",
            "meeting-held",
        }
    ),
    whoever_posts="Only the child's authority, and that of a linked child which convenes, get this far; "
    "everybody else is refused alike for every school (G.00).",
)
GATES: Final = (RIGHT_ROOM,)
FLAGS: Final = (
    Flag(
        "R-082",
        "S5 s.9",
        "A school attended the meeting about a child who is not its pupil.",
        frozenset({"meeting-held"}),
        False,
        wrong_school_present,
        lambda data: bool(_schools_present(data)),
        ENROLMENT,
        named=frozenset({"team-manager", "officer"}),
    ),
)
