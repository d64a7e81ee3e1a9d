"""Invitations that the local procedure asks a decision on, for a meeting that was held without one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hub.pathway.course import latest, since
from hub.pathway.entries import once
from hub.pathway.expected.missing import Find, Members, Missing, expect
from hub.pathway.expected.rule import Expected, Look
from hub.pathway.fields import instant_of, of_type, organisation_kind, parts, text
from hub.pathway.meetings import (
    Attendance,
    Invitee,
    Meeting,
    attendance_of,
    invitees_of,
    meetings_of,
    profile_of_meeting,
)

# Whom an invitation can name by organisation; the others are on the convenor's list alone.
NAMED: Final = frozenset({"youth-justice", "police", "health", "school", "strategy-participants"})
PROSECUTED: Final = frozenset({"charge", "prosecution-youth-court", "prosecution-crown-court"})
BY_PROFILE: Final = frozenset({"always", "invited", "consider"})


def invitation_undecided(requirement: str) -> Find:
    """R-127, R-128, R-135, R-136: neither invited nor left out by decision, and not there either.

    1. The last meeting of each kind about the child, under the procedure of the authority that convened it.
    2. Whom a rule of this requirement names for it, without a decision and without attendance.
    """

    def find(look: Look) -> Iterator[Missing]:
        for meeting, listed in _listed(look):  # 1.
            for one in listed:  # 2.
                if one.requirement != requirement or one.invitee not in NAMED or one.force not in BY_PROFILE:
                    continue
                if one.decision is None and not one.attended:
                    values = {"invitee": one.invitee, "organisation": one.organisation}
                    last = meeting.held[-1]
                    yield Missing(instant_of(last), (last,), meeting.organisation, values={**values})

    return find


def _listed(look: Look) -> tuple[tuple[Meeting, tuple[Invitee, ...]], ...]:
    """The last meeting of each kind that was held, with its convenor's list; made once for all rules."""
    return once(look.kept, "convenors-lists", lambda: _make_lists(look))


def _make_lists(look: Look) -> tuple[tuple[Meeting, tuple[Invitee, ...]], ...]:
    held = {one.kind: one for one in meetings_of(look.material.entries) if one.held}
    found = []
    for meeting in held.values():
        attendance = attendance_of(meeting, look.material)
        listed = invitees_of(
            meeting,
            look.material,
            profile_of_meeting(meeting, look.material, look.profile_of),
            attendance,
            now=look.now,
            services=_present(attendance),
        )
        found.append((meeting, listed))
    return tuple(found)


def court_without_youth_justice(look: Look) -> Iterator[Missing]:
    """R-163: proceedings were begun, and youth justice was neither asked to the last meeting nor there.

    1. The last criminal outcome is a prosecution.
    2. Of the meetings convened or held since, the last.
    3. Whether youth justice comes was not decided for it, under whichever local procedure.
    """
    entries = look.material.entries
    outcome = latest(entries, "criminal-outcome-recorded")
    if outcome is None or text(outcome, "outcome") not in PROSECUTED:  # 1.
        return
    later = {
        one.key for one in since(entries, outcome, "meeting-convened", "meeting-held", "conference-held")
    }
    meetings = [one for one in meetings_of(entries) if any(entry.key in later for entry in one.entries)]
    if not meetings:  # 2.
        return
    last = meetings[-1]
    named = {text(row, "organisation") for entry in last.held for row in parts(entry, "attendance")}
    named |= {
        text(one, "organisation")
        for one in of_type(entries, "invitation-sent")
        if text(one, "meeting") == last.name
    }
    if "youth-justice" not in {organisation_kind(one) for one in named}:  # 3.
        evidence = (outcome, last.entries[-1])
        yield Missing(max(instant_of(one) for one in evidence), evidence, last.organisation)


def _present(attendance: Attendance | None) -> dict[str, tuple[str, ...]]:
    """The organisations that were there, by kind: who came needs no decision any more."""
    present: dict[str, tuple[str, ...]] = {}
    for seat in attendance.present if attendance else ():
        kind = organisation_kind(seat.organisation) or ""
        present[kind] = tuple(dict.fromkeys((*present.get(kind, ()), seat.organisation)))
    return present


STARTS: Final[Members] = {
    "child-stream-opened": ("responsible_authority", "date_of_birth", "schools"),
    "incident-recorded": ("role", "status"),
    "meeting-convened": ("kind", "meeting", "chair_authority"),
    "relationship-recorded": ("kind", "organisation", "from", "until"),
    "relationship-ended": ("kind", "organisation", "at"),
}
MEETS: Final[Members] = {
    "invitation-sent": ("meeting", "organisation", "decision"),
    "meeting-held": ("kind", "meeting", "attendance"),
    "conference-held": ("kind", "meeting", "attendance"),
}
TEXT: Final = "No decision on inviting this agency is recorded."

RULES: Final[tuple[Expected, ...]] = (
    expect(
        "R-127",
        "S3 s.4",
        text=TEXT,
        why="Youth justice is considered for the conference on a child of this age who has harmed.",
        role="conference-chair",
        starts=STARTS,
        meets=MEETS,
        find=invitation_undecided("R-127"),
    ),
    expect(
        "R-128",
        "S5 s.11",
        text=TEXT,
        why="It is invited to the initial conference on a child who has harmed.",
        role="conference-chair",
        starts=STARTS,
        meets=MEETS,
        find=invitation_undecided("R-128"),
    ),
    expect(
        "R-135",
        "S5 s.13",
        text=TEXT,
        why="The procedure names it for the meeting about behaviour: it is invited, or it is said why not.",
        role="social-worker",
        starts=STARTS,
        meets=MEETS,
        find=invitation_undecided("R-135"),
    ),
    expect(
        "R-136",
        "S3 s.4",
        text=TEXT,
        why="It was at the strategy meeting, or the procedure names it for the meeting about behaviour.",
        role="social-worker",
        starts=STARTS,
        meets=MEETS,
        find=invitation_undecided("R-136"),
    ),
    expect(
        "R-163",
        "S5 s.15",
        text="Youth justice was neither asked to the last meeting nor there.",
        why="The child is in court proceedings, and youth justice joins those who meet.",
        role="social-worker",
        starts={**STARTS, "criminal-outcome-recorded": ("outcome",)},
        meets={**MEETS, "meeting-convened": ("meeting",), "criminal-outcome-recorded": ("outcome",)},
        find=court_without_youth_justice,
    ),
)
