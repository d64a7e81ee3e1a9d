"""The JSON of what readers, identity reviewers, officers and witnesses get, as types.

Shape: as in `shapes`, whose words hold here too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, NotRequired, TypeAlias, get_args

from pydantic import Field
from typing_extensions import TypedDict

from hub.api.shapes import Base64, Cursor, Instant
from hub.catalogue.occurred import Precision

Minute: TypeAlias = Annotated[
    str, Field(description="In UTC, cut to the minute", json_schema_extra={"format": "date-time"})
]
Day: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date"})]
ChildId: TypeAlias = Annotated[
    str, Field(description="The hub's id of the child", json_schema_extra={"format": "uuid"})
]
Settings: TypeAlias = Annotated[
    Mapping[str, str | int], Field(description="The settings that the rule was applied with")
]
Evidence: TypeAlias = Annotated[
    Sequence[str], Field(description="Ids of entries that this reader has in the chronology")
]


class Me(TypedDict):
    """Who the caller is to the hub; `person` is null for an agency's system."""

    organisation: str
    person: str | None
    roles: Sequence[str]
    purposes: Annotated[Sequence[str], Field(description="What Access-Purpose may name")]


class OwnChild(TypedDict):
    """A child that the caller has a relationship with now."""

    child: ChildId
    relationships: Sequence[str]
    new_since_last_read: int
    next_deadline: Day | None


class OwnChildren(TypedDict):
    """The children that the caller has a relationship with now."""

    children: Sequence[OwnChild]


class FoundChild(TypedDict):
    """The child with exactly the identifier that was asked for."""

    child: ChildId


class RedactedGroup(TypedDict):
    """That something is withheld here: which group of fields, by which rule, and whom to ask."""

    group: str
    rule: str
    ask: str


class EntryCorrection(TypedDict):
    """That an entry was corrected."""

    corrected_at: Minute | None
    organisation: str | None
    reason: str


class EntryFlag(TypedDict):
    """What is noted beside an entry that is kept although something is missing or should not have been."""

    code: str
    rule: Annotated[str, Field(description="The requirement that it rests on")]
    source: str
    text: str


class Entry(TypedDict):
    """One entry of a chronology, as far as this reader gets it.

    A coded line has `line`, its code, and neither source nor times of recording.
    """

    entry_id: str
    occurred_at: Annotated[str, Field(description="YYYY, YYYY-MM, YYYY-MM-DD, or RFC 3339 with its offset")]
    precision: Annotated[str, Field(json_schema_extra={"enum": list(get_args(Precision))})]
    recorded_at: Minute | None
    received_at: Minute | None
    recorded_late: bool
    age_at_event: int | None
    organisation: str | None
    author_role: str | None
    type: str
    title: str
    significance: str | None
    level: str | None
    fields: Annotated[
        Mapping[str, object], Field(description="Of the event's fields, those this reader gets")
    ]
    redactions: Sequence[RedactedGroup]
    corrections: Sequence[EntryCorrection]
    disputed: bool
    flags: Annotated[
        Sequence[EntryFlag], Field(description="What is noted beside it, as far as this reader can know")
    ]
    line: NotRequired[str]


class DisclosedAnswer(TypedDict):
    """What every answer about a child has; `disclosure_id` names the record that it was given."""

    disclosure_id: str
    child: ChildId
    as_at: Instant | None
    policy_version: str
    profile: str | None


class ChronologyAnswer(DisclosedAnswer):
    """One page of the merged chronology of a child, oldest first. Hidden items are in no number."""

    entries: Sequence[Entry]
    cursor: Cursor


class OverviewLine(TypedDict):
    """One line of an overview, and what it rests on."""

    rule: str
    requirement: str
    text: str
    evidence: Evidence
    settings: Settings
    values: Annotated[Mapping[str, object], Field(description="What the text was written from")]


class Deadline(TypedDict):
    """One clock; a reader who gets the date only gets null for the rest."""

    clock: str
    requirement: str
    source: str
    text: str
    state: str | None
    starts_at: Instant | None
    warn_at: Instant | None
    due_at: Instant | None
    due_on: Day | None
    responsible: str | None
    responsible_person: str | None
    times: Annotated[Mapping[str, Instant | None], Field(description="When each step was taken")]
    evidence: Evidence
    settings: Settings


class OpenItem(TypedDict):
    """One thing that is missing, and why it is expected; of whom, as far as the reader may know."""

    id: Annotated[str, Field(description="The rule that expects it")]
    requirement: str
    source: str
    text: str
    why: str
    agency: str | None
    role: str | None
    person: str | None
    since: Annotated[Instant | None, Field(description="From when it is expected, to the minute")]
    evidence: Evidence
    settings: Settings
    values: Annotated[Mapping[str, object], Field(description="What the rule found, for scripts")]


class OwnOpenItem(OpenItem):
    """Something that the caller's own organisation is expected to do for a child of the caller's."""

    child: ChildId


class OwnOpenItems(TypedDict):
    """What the caller's own organisation is expected to do for the caller's children."""

    open_items: Sequence[OwnOpenItem]


class DeadlinesAnswer(DisclosedAnswer):
    """The clocks of a child."""

    deadlines: Sequence[Deadline]


class OverviewFlag(EntryFlag):
    """One note, and the entries beside which it stands."""

    evidence: Evidence


class Contact(TypedDict):
    """Whom to contact about a child under the local procedure of its authority; says nothing of the child."""

    title: str
    telephone: str
    hours: Annotated[str, Field(description="When it is there, in London time")]
    source: str
    note: str | None
    now: Annotated[bool, Field(description="Whether it is the one to contact now")]


# --- identity reviewers ------------------------------------------------------------------------------


class WaitingStream(TypedDict):
    """A provisional stream that waits to be joined to a child; `reference` is how the poster named it."""

    kind: Literal["provisional"]
    provisional: ChildId
    area: str | None
    since: Instant
    reference: str | None


class ContestedOpening(TypedDict):
    """The opening of a child's stream with identifiers that stand on other children."""

    kind: Literal["contested-opening"]
    child: ChildId
    area: str | None
    since: Instant
    reference: str | None
    others: Sequence[str]


class IdentityQueue(TypedDict):
    """What waits for an identity reviewer, oldest first."""

    queue: Sequence[WaitingStream | ContestedOpening]


class Resolved(TypedDict):
    """That a provisional stream is joined to its child."""

    provisional: ChildId
    resolved: Literal[True]


# --- officers and witnesses --------------------------------------------------------------------------


class AccessRow(TypedDict):
    """One access: metadata and rules, never narrative."""

    disclosure_id: str
    at: Instant | None
    reader: str
    organisation: str
    roles: Sequence[str]
    what: str
    purpose: str | None
    lawful_basis: str | None
    reference: str | None
    outcome: str
    items: int
    withheld: Annotated[Mapping[str, int], Field(description="How many items were withheld, by rule")]
    rules: Sequence[str]
    policy_version: str
    trace: Annotated[str | None, Field(description="The `Trace-Id` of the request that it answered")]


class Accesses(TypedDict):
    """Accesses in the officer's remit, oldest first."""

    accesses: Sequence[AccessRow]


class FlaggedEntry(EntryFlag):
    """One note and the entry beside which it stands: metadata, never narrative."""

    child: ChildId
    entry_id: Annotated[str, Field(description="Of the entry, as this officer has it in a chronology")]
    type: str
    organisation: str | None
    occurred_at: str
    precision: str
    received_at: Minute | None
    retracted_at: Annotated[Minute | None, Field(description="When its poster took it back")]


class FlaggedEntries(TypedDict):
    """What may have been disclosed wrongly, in the officer's remit, by when it was received."""

    flags: Sequence[FlaggedEntry]


class ExplainedItem(TypedDict):
    """One item of a past answer and why it was decided so; what the officer may not know is left out."""

    source: NotRequired[str]
    id: NotRequired[str]
    type: NotRequired[str]
    occurred_at: NotRequired[str]
    precision: NotRequired[str]
    recorded_at: NotRequired[Instant]
    received_at: NotRequired[Instant]
    organisation: NotRequired[str]
    trace: NotRequired[Annotated[str, Field(description="The `Trace-Id` of the request that posted it")]]
    labels: NotRequired[Sequence[str]]
    decision: Annotated[str, Field(description="V visible, R redacted, H hidden, line sent as a coded line")]
    decision_text: str
    rules: Sequence[str]
    policies: Sequence[str]
    reasons: Sequence[str]
    requirements: Sequence[str]
    legal_bases: Sequence[str]
    facts: NotRequired[Annotated[Sequence[str], Field(description="What the rules read of it then")]]


class ExplanationAnswer(TypedDict):
    """Why a past answer looked as it did."""

    access: AccessRow
    bases: Sequence[str]
    installed: Annotated[bool, Field(description="Whether the rules of that version are here")]
    reader: Annotated[Sequence[str], Field(description="What the reader was to the child then")]
    items: Sequence[ExplainedItem]


class InclusionProof(TypedDict):
    """That a leaf is in the tree of a size (RFC 9162 2.1.3)."""

    leaf_index: int
    tree_size: int
    inclusion: Sequence[Base64]


class ConsistencyProof(TypedDict):
    """That the tree of one size begins with the tree of an older size (RFC 9162 2.1.4)."""

    old: int
    new: int
    consistency: Sequence[Base64]
