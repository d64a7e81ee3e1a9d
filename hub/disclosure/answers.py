"""What leaves: the frozen answers that the doors turn into bytes.

Trust: made only in this room, after the record that they leave is durable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from hub.disclosure.side_by_side import NOTHING, SideBySide
from hub.envelope import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader asked to see of a child; applied to disclosed values only.

    Units: `from_` and `to` are London days, inclusive, met by any overlap with an entry's span.
    """

    from_: date | None = None
    to: date | None = None
    agency: str | None = None
    type: str | None = None
    significance: str | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """One read of one child: for what purpose, with which reference, as at when.

    Shape: `child` is the hub's UUID; `as_at` limits what was known and never widens anything.
    """

    child: str
    purpose: str | None
    reference: str | None = None
    as_at: datetime | None = None
    filters: Filters = field(default_factory=Filters)
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Redaction:
    """That something of an entry is withheld: which group, by which rule, and whom to ask."""

    group: str
    rule: str
    ask: str


@dataclass(frozen=True, slots=True)
class ShownCorrection:
    """That an entry was corrected: when, by which organisation, why."""

    corrected_at: datetime
    organisation: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class ShownFlag:
    """What is noted beside an entry that is kept although something is missing, in constant words (H-27)."""

    code: str
    rule: str
    source: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """One entry of a chronology as one reader gets it (contract, section 3).

    Shape: `fields` holds only what this reader gets; a coded line (`line` is its code) has neither
    source nor times of recording, and day precision.
    """

    entry_id: str
    occurred_at: str
    precision: str
    recorded_at: datetime | None
    received_at: datetime | None
    recorded_late: bool
    age_at_event: int | None
    organisation: str | None
    author_role: str | None
    type: str
    title: str
    significance: str | None
    level: str | None
    fields: JsonObject
    redactions: tuple[Redaction, ...] = ()
    corrections: tuple[ShownCorrection, ...] = ()
    disputed: bool = False
    line: str | None = None
    flags: tuple[ShownFlag, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of an overview; its evidence names only entries that this reader has."""

    rule: str
    requirement: str
    text: str
    evidence: tuple[str, ...]
    settings: Mapping[str, str | int] = field(default_factory=dict)
    values: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShownDeadline:
    """One clock as this reader gets it; a reader may get the date only."""

    clock: str
    text: str
    state: str | None
    starts_at: datetime | None
    warn_at: datetime | None
    due_at: datetime | None
    due_on: date | None
    responsible: str | None
    responsible_person: str | None
    times: Mapping[str, datetime]
    evidence: tuple[str, ...]
    requirement: str
    source: str
    settings: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShownOpenItem:
    """One thing that is missing for a child, and why it is expected; of whom, as far as this reader may know.

    Shape: `id` names the rule; `evidence` only entries that this reader has.
    """

    id: str
    requirement: str
    source: str
    text: str
    why: str
    agency: str | None
    role: str | None
    person: str | None
    since: datetime
    evidence: tuple[str, ...]
    settings: Mapping[str, str | int] = field(default_factory=dict)
    values: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShownNote:
    """One note of an overview, with the entries beside which it stands."""

    flag: ShownFlag
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownContact:
    """Whom to contact about a child under the local procedure, and whether that is so now (R-049)."""

    title: str
    telephone: str
    hours: str
    source: str
    note: str | None
    now: bool


@dataclass(frozen=True, slots=True)
class ShownReference:
    """Something to read under the local procedure, and when somebody last checked it (R-053)."""

    title: str
    publisher: str
    address: str | None
    checked: date
    source: str


@dataclass(frozen=True, slots=True)
class ShownGuidance:
    """What the reader's kind of organisation is shown to read, and to whom it speaks first (R-198)."""

    references: tuple[ShownReference, ...] = ()
    speak_first: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What every answer about a child has in common; `disclosure_id` names its audit record."""

    disclosure_id: str
    child: str
    as_at: datetime
    policy_version: str
    profile: str | None


@dataclass(frozen=True, slots=True)
class Chronology(Answer):
    """A page of the merged chronology of one child for one reader."""

    entries: tuple[ShownEntry, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Overview(Answer):
    """The cross-agency risk overview of one child for one reader: no score, no ranking."""

    lines: tuple[ShownLine, ...]
    deadlines: tuple[ShownDeadline, ...]
    open_items: tuple[ShownOpenItem, ...] = ()
    notes: tuple[ShownNote, ...] = ()
    contacts: tuple[ShownContact, ...] = ()
    side_by_side: SideBySide = NOTHING
    guidance: ShownGuidance = ShownGuidance()


@dataclass(frozen=True, slots=True)
class MyChild:
    """A child the reader has a relationship with now."""

    child: str
    relationships: tuple[str, ...]
    new_since_last_read: int
    next_deadline: date | None


@dataclass(frozen=True, slots=True)
class MyOpenItem:
    """Something that the reader's own organisation is expected to do for a child of the reader's (R-147)."""

    child: str
    item: ShownOpenItem


@dataclass(frozen=True, slots=True)
class AccessRow:
    """One access in an officer's answer: metadata, never narrative (H-15).

    Shape: `trace` is the request's own, by which its log line can be found; empty where there was none.
    """

    disclosure_id: str
    at: datetime
    reader: str
    organisation: str
    roles: tuple[str, ...]
    what: str
    purpose: str | None
    lawful_basis: str | None
    reference: str | None
    outcome: str
    items: int
    withheld: Mapping[str, int]
    rules: tuple[str, ...]
    policy_version: str
    trace: str = ""


@dataclass(frozen=True, slots=True)
class FlagRow:
    """One note of an officer's answer: metadata, never narrative (H-15, R-082).

    Shape: `retracted_at` is when the poster took the entry back, None while it stands.
    """

    flag: ShownFlag
    child: str
    entry_id: str
    type: str
    organisation: str | None
    occurred_at: str
    precision: str
    received_at: datetime
    retracted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a past answer looked as it did: each item with its decision, rules and reasons in sentences.

    Shape: `installed` says whether the rules of that version are here; `reader` are the facts of the reader
    that they read then, in sentences; none for whom they are not.
    """

    access: AccessRow
    bases: tuple[str, ...]
    items: tuple[Mapping[str, JsonValue], ...]
    installed: bool = True
    reader: tuple[str, ...] = ()
