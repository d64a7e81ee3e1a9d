"""The JSON of meetings about a child, as types.

Shape: as in `shapes`, whose words hold here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias

from pydantic import Field
from typing_extensions import TypedDict

from hub.api.overview_shapes import SideBySideAnswer
from hub.api.reader_shapes import ChildId, Day, DisclosedAnswer, Entry, Evidence, OpenItem, OverviewFlag
from hub.api.shapes import Instant

Entries: TypeAlias = Annotated[
    Sequence[str], Field(description="Ids of the entries that this is made of, as in the chronology")
]


class Meeting(TypedDict):
    """One meeting about a child; what was not recorded, or is not for this reader, is null."""

    meeting: Annotated[str, Field(description="What its convenor calls it")]
    organisation: Annotated[str | None, Field(description="Who convened it, else who recorded it")]
    kind: str | None
    chair_authority: str | None
    chair_reason: str | None
    arranged_for: Annotated[str | None, Field(description="RFC 3339 with its offset")]
    held_at: Annotated[str | None, Field(description="As `occurred_at` of an entry; null until it was held")]
    precision: str | None
    purpose: str | None
    summary: str | None
    immediate_protection_confirmed: bool | None
    contingency: Sequence[str]
    next_review: Day | None
    interval_days: int | None
    entries: Entries


class MeetingsAnswer(DisclosedAnswer):
    """The meetings about a child whose record the caller has."""

    meetings: Sequence[Meeting]


class Seat(TypedDict):
    """One seat at a meeting."""

    organisation: str
    person: str | None
    represents: Annotated[bool, Field(description="Speaks for the child's own authority")]


class AbsentAgency(TypedDict):
    """One agency that was not there; `updated` is null where the caller could not know of it."""

    organisation: str
    person: str | None
    updater: str | None
    updated: bool | None
    updated_on: Day | None


class Representation(TypedDict):
    """Whether the child's own authority was there, by name; null where that cannot be known."""

    authority: str | None
    by: Sequence[Seat]
    represented: bool | None


class ExpectedAttendance(TypedDict):
    """Somebody who attends the strategy meeting of each child."""

    who: Literal["police", "enquiry-worker"]
    present: bool | None


class Attendance(TypedDict):
    """Who was there, who was not, and who had to be."""

    present: Sequence[Seat]
    absent: Sequence[AbsentAgency]
    representation: Representation
    expected: Sequence[ExpectedAttendance]


class Invitee(TypedDict):
    """One line of the convenor's list. It invites nobody: only an invitation that was sent does."""

    invitee: Annotated[str, Field(description="The word of the local procedure")]
    organisation: Annotated[str | None, Field(description="Null where nobody of that description is known")]
    person: str | None
    force: Literal["always", "invited", "consider", "suggested", "convenor"]
    reason: str
    requirement: str
    source: str
    decision: Annotated[str | None, Field(description="invited, not-invited, or null while it is open")]
    decision_reason: str | None
    represents: bool
    attended: bool | None


class ChecklistItem(TypedDict):
    """One item of a checklist and its answer; `unowned`: not settled, and nobody is named for it."""

    code: str
    text: str
    source: str
    answer: str | None
    words: str | None
    reason: str | None
    owner: str | None
    due: Day | None
    unowned: bool


class Checklist(TypedDict):
    """A checklist of the convening authority's procedure at this meeting."""

    id: str
    title: str
    source: str
    complete: Annotated[bool, Field(description="Every item is settled or has an owner")]
    unowned: Sequence[str]
    items: Sequence[ChecklistItem]
    evidence: Evidence


class Action(TypedDict):
    """An action decided at the meeting; `done` is null where the caller could not know of it."""

    action: str
    organisation: str | None
    person: str | None
    what: str | None
    contribution: str | None
    due: Day | None
    done: bool | None
    done_on: Day | None
    outcome: str | None
    overdue: bool
    evidence: Evidence


class Decision(TypedDict):
    """A decision taken at the meeting, by its entry."""

    entry_id: str
    type: str
    title: str
    organisation: str | None


class ChronologySnapshot(TypedDict):
    """The chronology that the meeting says it had.

    `hash` and `replays` are for whoever took the snapshot; null for everybody else.
    """

    of_the_hub: Annotated[bool, Field(description="Whether the hub took it, of this child's chronology")]
    as_at: Instant | None
    hash: Annotated[str | None, Field(description="SHA-256, hexadecimal")]
    replays: Annotated[bool | None, Field(description="Whether the same events give that hash again now")]


class PackChronology(TypedDict):
    """The caller's chronology of the child as it was known for the meeting, whole and in order."""

    as_at: Instant | None
    snapshot: ChronologySnapshot | None
    entries: Sequence[Entry]


class MeetingPackAnswer(DisclosedAnswer):
    """The papers of one meeting about one child, for this caller.

    `invitees` and `wrong_room` are for the convenor; null for everybody else. No other child has its id here.
    """

    meeting: Meeting
    procedure: Annotated[str | None, Field(description="The convening authority's local procedure")]
    lead_worker: str | None
    attendance: Attendance | None
    invitees: Sequence[Invitee] | None
    wrong_room: Annotated[
        Sequence[str] | None, Field(description="Schools that were there and are not this child's")
    ]
    checklists: Sequence[Checklist]
    actions: Sequence[Action]
    decisions: Sequence[Decision]
    flags: Annotated[Sequence[OverviewFlag], Field(description="What is noted beside the meeting's entries")]
    open_items: Sequence[OpenItem]
    side_by_side: SideBySideAnswer
    chronology: PackChronology


class TakenSnapshot(TypedDict):
    """A snapshot of the caller's chronology; `snapshot` is what a meeting's record names."""

    disclosure_id: str
    snapshot: Annotated[str, Field(description="Random", json_schema_extra={"format": "uuid"})]
    child: ChildId
    meeting: str
    as_at: Instant | None
    hash: Annotated[
        str, Field(description="SHA-256, hexadecimal", json_schema_extra={"pattern": "^[0-9a-f]{64}$"})
    ]
