"""The papers of one child's meeting for one reader: a separate document per child (D-04, R-117)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, Generic, TypeVar

from hub.disclosure.answers import Answer, ShownEntry, ShownFlag, ShownNote, ShownOpenItem
from hub.disclosure.assemble import Disclosed
from hub.disclosure.page import in_order
from hub.disclosure.redact import OTHER_IN_TEXT, Item
from hub.disclosure.side_by_side import SideBySide
from hub.envelope import EventKey, JsonValue
from hub.pathway.calendar import london_day
from hub.pathway.entries import Entry, Material
from hub.pathway.fields import instant_of, text, texts, truth
from hub.pathway.meetings import (
    Action,
    Attendance,
    ChecklistState,
    Invitee,
    Meeting,
    actions_of,
    attendance_of,
    checklists_of,
    decisions_of,
    invitees_of,
    lead_worker,
    profile_of_meeting,
    wrong_room,
)
from hub.pathway.meetings.attendance import ENROLMENT
from hub.pathway.meetings.invitees import INVITATION
from hub.pathway.profiles import ProfileOf

T = TypeVar("T")
# What the convenor may know of the child for the list of invitees, and nothing else of these entries.
_FOR_THE_LIST: Final = frozenset(
    {"kind", "organisation", "person", "worker", "schools", "responsible_authority", "from", "until", "at"}
)


@dataclass(frozen=True, slots=True)
class ShownMeeting:
    """One meeting about a child as one reader gets it; `entries` are the ids of what it is made of."""

    meeting: str
    organisation: str | None
    kind: str | None
    chair_authority: str | None
    chair_reason: str | None
    arranged_for: str | None
    held_at: str | None
    precision: str | None
    purpose: str | None
    summary: str | None
    immediate_protection_confirmed: bool | None
    contingency: tuple[str, ...]
    next_review: date | None
    interval_days: int | None
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resting(Generic[T]):
    """What the procedures say, and the ids of the entries on which it rests."""

    what: T
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownDecision:
    """A decision that was taken at a meeting, by its entry in the chronology."""

    entry_id: str
    type: str
    title: str
    organisation: str | None


@dataclass(frozen=True, slots=True)
class ShownSnapshot:
    """The chronology that the meeting says it had.

    Shape: `of_the_hub` says that the hub took it for this child, `as_at` then says when. `hash` and
    `replays` (whether the same events give it again now) are for the reader who took it alone; `replays`
    is None where the sharing rules have another version since.
    """

    of_the_hub: bool
    as_at: datetime | None
    hash: str | None
    replays: bool | None


@dataclass(frozen=True, slots=True)
class MeetingList(Answer):
    """The meetings about one child whose record this reader has."""

    meetings: tuple[ShownMeeting, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """What a reader's papers say of a meeting.

    Shape: `procedure` is the convening authority's; `invitees` and `wrong_room` are None for everybody but
    the convenor.
    """

    procedure: str | None
    lead_worker: str | None
    attendance: Attendance | None
    invitees: tuple[Invitee, ...] | None
    wrong_room: tuple[str, ...] | None
    checklists: tuple[Resting[ChecklistState], ...]
    actions: tuple[Resting[Action], ...]
    decisions: tuple[ShownDecision, ...]


@dataclass(frozen=True, slots=True)
class MeetingPack(Answer):
    """The papers of one meeting about one child for one reader.

    Shape: `entries` are the chronology as it was known at `chronology_as_at`, each with the notes beside it
    then; `notes` are those beside the meeting's own entries now.
    """

    meeting: ShownMeeting
    body: Body
    notes: tuple[ShownNote, ...]
    open_items: tuple[ShownOpenItem, ...]
    side_by_side: SideBySide
    snapshot: ShownSnapshot | None
    chronology_as_at: datetime
    entries: tuple[ShownEntry, ...]


@dataclass(frozen=True, slots=True)
class Convenor:
    """What the convenor of a meeting gets besides: by which policy, resting on which events.

    Shape: `services` are the organisations of the child's area by kind.
    """

    policy: str
    entries: tuple[Entry, ...]
    services: Mapping[str, tuple[str, ...]]


def spoken(items: Sequence[Item]) -> tuple[Entry, ...]:
    """A reader's entries with the texts as that reader gets them, other children as tokens."""
    return tuple(replace(item.entry, data=item.shown.fields) for item in items)


def show_meeting(meeting: Meeting, items: Mapping[EventKey, Item]) -> ShownMeeting:
    """A meeting by its last arrangement and its last record."""
    arranged = meeting.convened[-1] if meeting.convened else None
    held = meeting.last
    first = meeting.entries[0]
    return ShownMeeting(
        meeting=meeting.name,
        organisation=items[first.key].shown.organisation,
        kind=meeting.kind,
        chair_authority=_text(arranged, "chair_authority"),
        chair_reason=_text(arranged, "chair_reason"),
        arranged_for=_text(arranged, "when"),
        held_at=items[held.key].shown.occurred_at if held else None,
        precision=items[held.key].shown.precision if held else None,
        purpose=_text(held, "purpose"),
        summary=_text(held, "summary"),
        immediate_protection_confirmed=truth(held, "immediate_protection_confirmed") if held else None,
        contingency=texts(held, "contingency") if held else (),
        next_review=meeting.next_review,
        interval_days=meeting.interval_days,
        entries=tuple(items[one.key].shown.entry_id for one in meeting.entries),
    )


def _text(entry: Entry | None, name: str) -> str | None:
    return text(entry, name) if entry is not None else None


def body(
    meeting: Meeting, material: Material, items: Mapping[EventKey, Item], convenor: Convenor | None, *,
    now: datetime, profile_of: ProfileOf,
) -> Body:  # fmt: skip
    """What one reader's papers say of a meeting, from that reader's own entries (H-08, H-20)."""
    known = material if convenor is None else _with_list(material, convenor)
    profile = profile_of_meeting(meeting, material, profile_of)
    attendance = attendance_of(meeting, known)
    names = {key: item.shown.entry_id for key, item in items.items()}

    def ids(keys: Sequence[EventKey]) -> tuple[str, ...]:
        return tuple(names[one] for one in keys if one in names)

    return Body(
        procedure=profile.id if profile is not None else None,
        lead_worker=lead_worker(material, london_day(now)),
        attendance=attendance,
        invitees=None
        if convenor is None
        else invitees_of(meeting, known, profile, attendance, now=now, services=convenor.services),
        wrong_room=None if convenor is None else wrong_room(meeting, known, now),
        checklists=tuple(
            Resting(one, ids(one.evidence)) for one in checklists_of(meeting, material, profile, now)
        ),
        actions=tuple(
            Resting(one, ids(one.evidence)) for one in actions_of(meeting, material, london_day(now))
        ),
        decisions=tuple(
            _decision(items[one.key]) for one in decisions_of(meeting, material) if one.key in items
        ),
    )


def _decision(item: Item) -> ShownDecision:
    shown = item.shown
    return ShownDecision(shown.entry_id, shown.type, shown.title, shown.organisation)


def used(meeting: Meeting, material: Material, made: Body, items: Mapping[EventKey, Item]) -> set[str]:
    """The ids of the entries that a pack's account of its meeting rests on."""
    about = {one.key for one in meeting.entries}
    updates = [one for one in material.entries if one.about in about or text(one, "meeting") == meeting.name]
    appointed = [
        one for one in material.entries if one.type == "named-contact-appointed" and made.lead_worker
    ]
    return (
        {name for one in made.checklists for name in one.evidence}
        | {name for one in made.actions for name in one.evidence}
        | {one.entry_id for one in made.decisions}
        | {
            items[one.key].shown.entry_id
            for one in (*meeting.entries, *updates, *appointed)
            if one.key in items
        }
    )


def for_the_list(entries: Sequence[Entry], meeting: Meeting) -> tuple[Entry, ...]:
    """Of a whole fold what the convenor's list rests on: invitations, the school, the enquiry worker.

    Trust: no other relationship is among them: that a child is treated somewhere is not for every convenor.
    """
    found = []
    for one in entries:
        invited = one.type == INVITATION and text(one, "meeting") == meeting.name
        school = one.type in ENROLMENT and (one.type == ENROLMENT[0] or text(one, "kind") == "enrolled")
        worker = (
            one.type in ("social-worker-allocated", "relationship-ended") and text(one, "kind") == "enquiry"
        )
        if invited:
            found.append(replace(one, data={name: _plain(value) for name, value in one.data.items()}))
        elif school or worker:
            kept = {name: value for name, value in one.data.items() if name in _FOR_THE_LIST}
            found.append(replace(one, data=kept, others=()))
    return tuple(found)


def _plain(value: JsonValue) -> JsonValue:
    return OTHER_IN_TEXT.sub("another child", value) if isinstance(value, str) else value


def _with_list(material: Material, convenor: Convenor) -> Material:
    listed = {one.key for one in convenor.entries}
    entries = (*(one for one in material.entries if one.key not in listed), *convenor.entries)
    complete = None if material.complete is None else material.complete | {*ENROLMENT}
    return replace(material, entries=entries, complete=complete)


def chronology_at(meeting: Meeting, snapshot: ShownSnapshot | None, now: datetime) -> datetime:
    """As at when a meeting's papers show the chronology: its snapshot, else the meeting, else now."""
    if snapshot is not None and snapshot.as_at is not None:
        return min(snapshot.as_at, now)
    return min(instant_of(meeting.last), now) if meeting.last is not None else now


def chronology(disclosed: Disclosed) -> tuple[ShownEntry, ...]:
    """The whole chronology of what was disclosed, in order; the papers of a meeting have no pages."""
    return tuple(one.shown for one in in_order(disclosed.placed))


def notes_of(entries: Sequence[ShownEntry]) -> tuple[ShownNote, ...]:
    """Each note beside these entries once, with the entries beside which it stands, by code (H-27)."""
    beside: dict[ShownFlag, list[str]] = {}
    for entry in entries:
        for flag in entry.flags:
            beside.setdefault(flag, []).append(entry.entry_id)
    return tuple(ShownNote(one, tuple(beside[one])) for one in sorted(beside, key=lambda one: one.code))
