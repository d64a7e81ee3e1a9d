"""What was decided at a meeting: actions with their owners, decisions, and the lead social worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from hub.envelope import EventKey
from hub.pathway.entries import Entry, Material
from hub.pathway.fields import as_given, day, given_of, text
from hub.pathway.meetings.meeting import CONVENED, HELD, Meeting, refers

ASSIGNED: Final = "action-assigned"
COMPLETED: Final = "action-completed"
# These belong to a meeting and are no decision taken at it.
_ITS_OWN: Final = frozenset(
    {
        CONVENED,
        *HELD,
        "invitation-sent",
        "meeting-checklist-completed",
        "absent-agency-updated",
        ASSIGNED,
        COMPLETED,
    }
)


@dataclass(frozen=True, slots=True)
class Action:
    """One action that was decided at a meeting: who does what by when, and whether it is done.

    Shape: `done` is None where this reader could not know of its completion.
    Source: R-101, R-147; S3 s.4
    """

    action: str
    organisation: str | None
    person: str | None
    what: str | None
    contribution: str | None
    due: date | None
    done: bool | None
    done_on: date | None
    outcome: str | None
    overdue: bool
    evidence: tuple[EventKey, ...]


def actions_of(meeting: Meeting, material: Material, today: date) -> tuple[Action, ...]:
    """The actions decided at a meeting, in the order in which they were given."""
    completed: dict[str, Entry] = {}
    for one in given_of(material.entries, COMPLETED):
        if (name := text(one, "action")) is not None:
            completed[name] = one
    given: dict[str, Entry] = {}
    for one in given_of(material.entries, ASSIGNED):
        if (name := text(one, "action")) is not None and refers(one, meeting):
            given[name] = one
    sees = material.sees(COMPLETED)
    return tuple(_action(name, one, completed.get(name), sees, today) for name, one in given.items())


def _action(name: str, given: Entry, completed: Entry | None, sees: bool, today: date) -> Action:
    due = day(given, "due")
    done = True if completed is not None else (False if sees else None)
    return Action(
        action=name,
        organisation=text(given, "organisation"),
        person=text(given, "person"),
        what=text(given, "what"),
        contribution=text(given, "contribution"),
        due=due,
        done=done,
        done_on=day(completed, "completed_on") if completed is not None else None,
        outcome=text(completed, "outcome") if completed is not None else None,
        overdue=done is False and due is not None and due < today,
        evidence=(given.key,) if completed is None else (given.key, completed.key),
    )


def decisions_of(meeting: Meeting, material: Material) -> tuple[Entry, ...]:
    """What else says that it was decided at this meeting, in the order in which it was decided."""
    return tuple(
        one
        for one in as_given(material.entries)
        if one.type not in _ITS_OWN and not one.awaiting and refers(one, meeting)
    )


def lead_worker(material: Material, on: date) -> str | None:
    """The lead social worker of the child on a day, as far as an appointment names one.

    Source: R-137; S5 s.13
    """
    found: str | None = None
    for one in given_of(material.entries, "named-contact-appointed"):
        begins, ends = day(one, "from") or date.min, day(one, "until") or date.max
        if text(one, "role") == "lead-sw" and begins <= on <= ends:
            found = text(one, "person")
    return found
