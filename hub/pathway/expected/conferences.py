"""Conferences, and the multi-agency meetings about behaviour, that are missing for a child."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hub.envelope import JsonObject
from hub.pathway.calendar import london_day
from hub.pathway.circumstances import harm_done, harm_suffered
from hub.pathway.course import (
    concerns,
    contact,
    in_both_roles,
    latest,
    of_no_concern,
    says,
    since,
    under_age,
)
from hub.pathway.entries import Entry
from hub.pathway.expected.missing import (
    Members,
    Missing,
    days_since,
    expect,
    of_authority,
    setting,
    waited,
)
from hub.pathway.expected.rule import Expected, Look
from hub.pathway.fields import as_given, day, given_of, instant_of, number, of_type, parts, text, texts, truth
from hub.pathway.profiles import authority

INCIDENTS: Final[Members] = {
    "child-stream-opened": ("responsible_authority", "date_of_birth"),
    "incident-recorded": ("role", "status", "others"),
}
LEVELS: Final[Members] = {"behaviour-level-assessed": ("scale", "level", "poster")}
CONFERENCE: Final[Members] = {"conference-decided": ("decision",), "conference-held": ("kind", "outcome")}
SIMPLIFIED_AGE: Final = 10
FIRST: Final = frozenset({"hsb", "hsb-planning"})
BOTH: Final = frozenset({"has-harmed", "has-been-harmed"})


def no_conference_decision(look: Look) -> Iterator[Missing]:
    """R-124: an enquiry about a child who has harmed was concluded; no conference was considered since."""
    concluded = latest(look.material.entries, "section-47-enquiry-concluded")
    if concluded is None or not harm_done(look.material):
        return
    if not since(look.material.entries, concluded, "conference-decided", "conference-held"):
        yield of_authority(look, concluded, values={"both_roles": in_both_roles(look.material)})


def no_initial_conference(look: Look) -> Iterator[Missing]:
    """R-125: a child who has been harmed is still at risk, and no conference was held.

    1. The last enquiry concluded that the risk continues.
    2. A conference held since that enquiry began counts, also one held before it was concluded.
    """
    entries = look.material.entries
    concluded = latest(entries, "section-47-enquiry-concluded")
    if concluded is None or truth(concluded, "continuing_risk") is not True:  # 1.
        return
    begun = [
        one
        for one in given_of(entries, "section-47-enquiry-initiated")
        if instant_of(one) <= instant_of(concluded)
    ]
    if harm_suffered(look.material) and not since(
        entries, begun[-1] if begun else concluded, "conference-held"
    ):  # 2.
        yield of_authority(look, concluded)


def no_response_to_behaviour(look: Look) -> Iterator[Missing]:
    """R-129: the last conference on a child who has harmed says nothing about the behaviour."""
    held = latest(look.material.entries, "conference-held")
    if held is not None and harm_done(look.material) and text(held, "behaviour_response") is None:
        yield of_authority(look, held)


def no_services_considered(look: Look) -> Iterator[Missing]:
    """R-129: a conference made no plan and considered no services for the behaviour."""
    entries = look.material.entries
    held = latest(entries, "conference-held")
    if held is None or text(held, "outcome") != "no-plan" or not harm_done(look.material):
        return
    if truth(held, "behaviour_services_considered") is not True and not since(
        entries, held, "intervention-offered"
    ):
        yield of_authority(look, held)


def no_core_group(look: Look) -> Iterator[Missing]:
    """R-130: a child protection plan was started and no core group has met."""
    started = protection_plan(look)
    if started is None:
        return
    met = since(look.material.entries, started, "meeting-held")
    if not any(says(one, "kind", "core-group") for one in met):
        yield of_authority(look, started)


def no_meeting_under_ten(look: Look) -> Iterator[Missing]:
    """R-114: a child under ten has no conference but needs help with behaviour, and no meeting was held.

    1. The procedure for children under ten is the profile's, and the child was under ten.
    2. It was decided to hold no conference.
    3. A child in need plan was started, or a level is problematic or above.
    """
    profile, entries = look.profile, look.material.entries
    if profile is None or not profile.simplified_under_ten or not under_age(look.material, SIMPLIFIED_AGE):
        return  # 1.
    decided = _no_plan_from(look)
    plans = [one for one in of_type(entries, "plan-started") if text(one, "kind") == "cin"]
    if decided is None or not (plans or concerns(entries)):  # 2. 3.
        return
    if not behaviour_meetings(look, decided):
        yield of_authority(look, decided)


def no_behaviour_meeting(look: Look) -> Iterator[Missing]:
    """R-132: no conference, or one without a plan, concerns remain, and the meeting was not held in time.

    A child under ten is R-114's.
    """
    profile, decided = look.profile, _no_plan_from(look)
    if decided is None or not harm_done(look.material) or not concerns(look.material.entries):
        return
    if profile is not None and profile.simplified_under_ten and under_age(look.material, SIMPLIFIED_AGE):
        return
    if waited(look, decided, "behaviour_meeting_working_days") and not behaviour_meetings(look, decided):
        yield Missing(
            instant_of(decided), (decided,), authority(look.material),
            values={"days": days_since(look, decided)},
            settings=setting(look, "behaviour_meeting_working_days"),
        )  # fmt: skip


def no_meeting_after_assessment(look: Look) -> Iterator[Missing]:
    """R-139: an assessment was completed and the forum has not met again since."""
    completed = assessed(look)
    if completed is not None and not behaviour_meetings(look, completed):
        yield of_authority(look, completed)


def no_lead_worker(look: Look) -> Iterator[Missing]:
    """R-137: the meeting about behaviour was held, and no lead social worker is named."""
    entries = look.material.entries
    held = _held(entries)
    if held and contact(entries, "lead-sw", london_day(look.now)) is None:
        yield of_authority(look, held[-1])


def no_next_review(look: Look) -> Iterator[Missing]:
    """R-137: the last meeting about behaviour set no date for the next review."""
    entries = look.material.entries
    held = _held(entries)
    if held and not _next_set(held[-1]):
        later = since(entries, held[-1], "plan-reviewed", "risk-management-plan-recorded")
        if not any(day(one, "next_review") or number(one, "chair_interval_days") for one in later):
            yield of_authority(look, held[-1])


def checklist_open(look: Look) -> Iterator[Missing]:
    """R-134: what the first meeting about behaviour is to settle stands without answer, owner or date.

    1. The profile has a checklist for that meeting: one that its planning meeting goes through too,
       and that is no list of whom to invite (R-135).
    2. Each of its items is done, does not apply, or has an owner and a date.
    """
    profile, entries = look.profile, look.material.entries
    held = _held(entries)
    if not held or profile is None:
        return
    invitees = {one.invitee for one in profile.invitations}
    lists = [
        one
        for one in profile.checklists.values()
        if FIRST <= one.meetings and not {item.code for item in one.items} <= invitees
    ]  # 1.
    filled = given_of(entries, "meeting-checklist-completed")
    for checklist in lists:
        rows = {
            text(row, "item"): row
            for one in filled
            if text(one, "checklist") == checklist.id
            for row in parts(one, "items")
        }
        left = [one.code for one in checklist.items if not _settled(rows.get(one.code))]
        if left:  # 2.
            yield of_authority(look, held[0], values={"checklist": checklist.id, "items": left})


def behaviour_meetings(look: Look, start: Entry) -> list[Entry]:
    """What counts as the meeting about a child's behaviour since an entry.

    1. A meeting of that kind with its chronology (R-133) and a date for the next review (R-137).
    2. A conference that addressed the child both as having harmed and as having been harmed, and said so
       at the outset: no second meeting repeats it (R-126, Q-15). It may be the entry itself.
    """
    found = [
        one
        for one in since(look.material.entries, start, "meeting-held")
        if text(one, "kind") is None or (text(one, "kind") == "hsb" and _complete(one))  # 1.
    ]
    return found + [
        one
        for one in (start, *since(look.material.entries, start, "conference-held"))
        if set(texts(one, "addresses")) == BOTH and truth(one, "stated_at_outset") is True
    ]  # 2.


def assessed(look: Look) -> Entry | None:
    """The last completed assessment of a child who has harmed, where the behaviour is of concern."""
    entries = look.material.entries
    if not harm_done(look.material) or of_no_concern(entries):
        return None
    kinds = ("single", "child-and-family")
    completed = [one for one in of_type(entries, "assessment-completed") if text(one, "kind") in kinds]
    return as_given(completed)[-1] if completed else None


def _complete(meeting: Entry) -> bool:
    return text(meeting, "chronology_snapshot") is not None and _next_set(meeting)


def _next_set(meeting: Entry) -> bool:
    return day(meeting, "next_review") is not None or number(meeting, "interval_days") is not None


def _held(entries: tuple[Entry, ...]) -> list[Entry]:
    return [one for one in given_of(entries, "meeting-held") if text(one, "kind") == "hsb"]


def _settled(row: JsonObject | None) -> bool:
    if row is None:
        return False
    if text(row, "answer") in ("answered", "done", "not-applicable"):
        return True
    return text(row, "owner") is not None and day(row, "due") is not None


def protection_plan(look: Look) -> Entry | None:
    """The child protection plan, where no later conference ended it."""
    entries = look.material.entries
    plans = [one for one in given_of(entries, "plan-started") if text(one, "kind") == "cp"]
    if not plans:
        return None
    ended = since(entries, plans[-1], "conference-held")
    return None if any(text(one, "outcome") in ("plan-ends", "no-plan") for one in ended[-1:]) else plans[-1]


def _no_plan_from(look: Look) -> Entry | None:
    """The last decision about a conference, where it left the child without a child protection plan."""
    last = latest(look.material.entries, "conference-decided", "conference-held")
    if last is None:
        return None
    if last.type == "conference-decided":
        return last if text(last, "decision") == "not-held" else None
    return last if text(last, "outcome") in ("no-plan", "plan-ends") else None


MEETING: Final[Members] = {
    "meeting-held": ("kind", "chronology_snapshot", "next_review", "interval_days"),
    "conference-held": ("addresses", "stated_at_outset", "outcome"),
}

RULES: Final[tuple[Expected, ...]] = (
    expect(
        "R-114",
        "S5 s.17",
        text="The meeting about behaviour has not been held, with a chronology and a next review.",
        why="A child under ten without a conference needs more help than work on boundaries.",
        role="social-worker",
        starts={**INCIDENTS, **CONFERENCE, **LEVELS, "plan-started": ("kind",)},
        meets={**MEETING, **LEVELS, "conference-decided": ("decision",)},
        find=no_meeting_under_ten,
    ),
    expect(
        "R-124",
        "S3 s.4; S5 s.6; S5 s.11",
        text="Whether to hold a child protection conference has not been decided.",
        why="The enquiry about a child who has harmed is concluded, and a conference is to be considered.",
        role="team-manager",
        starts={**INCIDENTS, "section-47-enquiry-concluded": (), "victimisation-considered": ("outcome",)},
        meets={"conference-decided": (), "conference-held": ()},
        find=no_conference_decision,
    ),
    expect(
        "R-125",
        "S5 s.12",
        text="The initial child protection conference has not been held.",
        why="The enquiry found that this child, who has been harmed, is still at risk.",
        role="team-manager",
        starts={**INCIDENTS, "section-47-enquiry-concluded": ("continuing_risk",)},
        meets={
            "conference-held": (),
            "section-47-enquiry-initiated": (),
            "section-47-enquiry-concluded": ("continuing_risk",),
        },
        find=no_initial_conference,
    ),
    expect(
        "R-129-response",
        "S3 s.4",
        text="The conference did not record a response to the child's behaviour.",
        why="A conference on a child who has harmed considers the response to the behaviour.",
        role="conference-chair",
        starts={**INCIDENTS, "conference-held": ()},
        meets={"conference-held": ("behaviour_response",)},
        find=no_response_to_behaviour,
    ),
    expect(
        "R-129-services",
        "S3 s.4",
        text="Services for the child's behaviour were not considered.",
        why="The conference made no plan, and the behaviour still needs a response.",
        role="conference-chair",
        starts={**INCIDENTS, "conference-held": ("outcome",)},
        meets={"conference-held": ("outcome", "behaviour_services_considered"), "intervention-offered": ()},
        find=no_services_considered,
    ),
    expect(
        "R-130",
        "S5 s.11",
        text="The core group has not met.",
        why="Under a child protection plan the core group coordinates the work on behaviour and risk.",
        role="social-worker",
        starts={"child-stream-opened": ("responsible_authority",), "plan-started": ("kind",)},
        meets={"meeting-held": ("kind",), "conference-held": ("outcome",)},
        find=no_core_group,
    ),
    expect(
        "R-132",
        "S3 s.4; S5 s.13",
        text="The meeting about behaviour has not been held, with a chronology and a next review.",
        why="There is no child protection plan and concerns about the behaviour remain.",
        role="social-worker",
        starts={**INCIDENTS, **CONFERENCE, **LEVELS},
        meets={**MEETING, **LEVELS, "conference-decided": ("decision",)},
        find=no_behaviour_meeting,
    ),
    expect(
        "R-134",
        "S5 s.13",
        text="Something that the meeting about behaviour is to settle has no answer, owner or date.",
        why="The meeting arranges assessment, timetable, first plan, roles and interim services.",
        role="social-worker",
        starts={"child-stream-opened": ("responsible_authority",), "meeting-held": ("kind",)},
        meets={"meeting-checklist-completed": ("checklist", "items")},
        find=checklist_open,
    ),
    expect(
        "R-137-lead-worker",
        "S5 s.10; S5 s.13",
        text="No lead social worker is named for this child.",
        why="The meeting about behaviour names one lead social worker.",
        role="team-manager",
        starts={"child-stream-opened": ("responsible_authority",), "meeting-held": ("kind",)},
        meets={"named-contact-appointed": ("role", "person", "from", "until")},
        find=no_lead_worker,
    ),
    expect(
        "R-137-review",
        "S5 s.10; S5 s.13; S3 s.4",
        text="No date is set for the next review.",
        why="The meeting about behaviour sets how and when its decisions are reviewed.",
        role="social-worker",
        starts={"child-stream-opened": ("responsible_authority",), "meeting-held": ("kind",)},
        meets={
            "meeting-held": ("kind", "next_review", "interval_days"),
            "plan-reviewed": ("next_review", "chair_interval_days"),
            "risk-management-plan-recorded": ("next_review",),
        },
        find=no_next_review,
    ),
    expect(
        "R-139",
        "S5 s.13; S3 s.4",
        text="The meeting about this child's behaviour has not come together since the assessment.",
        why="The assessment is complete: the same people meet again on its outcome and their roles.",
        role="social-worker",
        starts={**INCIDENTS, "assessment-completed": ("kind",)},
        meets={**MEETING, **LEVELS, "assessment-completed": ("kind",)},
        find=no_meeting_after_assessment,
    ),
)
