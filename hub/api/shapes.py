"""The JSON of the answers, as types: what is written is checked against them, and they are published.

Shape: a member that is `NotRequired` is left out where it does not apply; one that may be null is always
there. New members may be added to an answer in a later version: a client passes over what it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, TypeAlias

from pydantic import Field
from typing_extensions import NotRequired, TypedDict

from hub.errors import PROBLEMS, TYPE_BASE

Instant: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Minute: TypeAlias = Annotated[
    str, Field(description="In UTC, cut to the minute", json_schema_extra={"format": "date-time"})
]
Day: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date"})]
ChildId: TypeAlias = Annotated[
    str, Field(description="The hub's id of the child", json_schema_extra={"format": "uuid"})
]
Base64: TypeAlias = Annotated[str, Field(json_schema_extra={"contentEncoding": "base64"})]
Compact: TypeAlias = Annotated[str, Field(description="A compact JWS (RFC 7515)")]
Cursor: TypeAlias = Annotated[str | None, Field(description="Asks for the next page; null on the last one")]
Settings: TypeAlias = Annotated[
    Mapping[str, str | int], Field(description="The settings that the rule was applied with")
]
Evidence: TypeAlias = Annotated[
    Sequence[str], Field(description="Ids of entries that this reader has in the chronology")
]
ProblemType: TypeAlias = Annotated[
    str, Field(json_schema_extra={"enum": [TYPE_BASE + slug for slug in PROBLEMS]})
]


class Problem(TypedDict):
    """A refusal (RFC 9457). Nothing that was sent stands in it; what each type means is at its address."""

    type: ProblemType
    title: str
    status: int
    detail: str
    instance: Annotated[str, Field(description="Random; names this refusal to the hub's operator")]
    rule: NotRequired[Annotated[str, Field(description="The rule that decided")]]
    source: NotRequired[Annotated[str, Field(description="Where that rule comes from")]]


class Fault(TypedDict):
    """A fault of the hub's own; `instance` names it to the hub's operator."""

    type: Literal["about:blank"]
    title: str
    status: Literal[500]
    instance: str


# --- agencies' systems -------------------------------------------------------------------------------


class EventName(TypedDict):
    """What names an event: its CloudEvents `source` and `id` together."""

    source: str
    id: str


class PostWarning(TypedDict):
    """Something that the poster is told about its own event, which is kept all the same."""

    rule: str
    text: str
    source: str


class Claims(TypedDict):
    """What a receipt says, in clear."""

    event: EventName
    subject: Annotated[str, Field(description="The child as the poster wrote it")]
    received_at: Instant
    leaf_index: Annotated[int, Field(ge=0)]
    leaf_data: str
    salt: Annotated[str, Field(description="Base64url without padding")]
    warnings: Sequence[PostWarning]
    policy_version: str


class Proof(TypedDict):
    """That the ledger holds the event (RFC 9162 2.1.3), up to a checkpoint (C2SP tlog-checkpoint)."""

    checkpoint: str
    inclusion: Sequence[Base64]


class Receipt(TypedDict):
    """The receipt of a posted event; `proof` is null until a checkpoint covers the event."""

    receipt: Compact
    claims: Claims
    proof: Proof | None


class KeptLine(Receipt):
    """A line of a batch whose event is kept: 201 where it is new, 200 where it stood already."""

    status: Literal[200, 201]


class RefusedLine(TypedDict):
    """A line of a batch that was refused; the other lines are judged all the same."""

    status: Annotated[int, Field(ge=400, le=599)]
    problem: Problem


class BatchAnswer(TypedDict):
    """One result for each line, in the order of the lines."""

    results: Sequence[KeptLine | RefusedLine]


class ReferralDecision(TypedDict):
    """Whether the authority that a referral went to has decided on it, and when."""

    decided_at: Instant | None


class OwnPost(TypedDict):
    """An own post. `event` is null where it was erased, or is a referral that went to another authority."""

    source: str
    id: str
    type: str
    event: Annotated[Mapping[str, object] | None, Field(description="The signed payload as posted")]
    claims: Claims | None
    decision: NotRequired[ReferralDecision]
    erased: NotRequired[bool]


class OwnPosts(TypedDict):
    """One page of the organisation's own posts, oldest first; it can hold fewer than `limit`."""

    posts: Sequence[OwnPost]
    cursor: Cursor


class AccessToken(TypedDict):
    """A bearer token for an agency's system (RFC 6749 5.1)."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: Annotated[int, Field(description="Seconds")]


class TokenRefusal(TypedDict):
    """Why there is no token (RFC 6749 5.2)."""

    error: Literal[
        "invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"
    ]
    error_description: str


# --- readers -----------------------------------------------------------------------------------------


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


class Entry(TypedDict):
    """One entry of a chronology, as far as this reader gets it.

    A coded line has `line`, its code, and neither source nor times of recording.
    """

    entry_id: str
    occurred_at: Annotated[str, Field(description="YYYY, YYYY-MM, YYYY-MM-DD, or RFC 3339 with its offset")]
    precision: Literal["exact", "about-day", "day", "month", "year", "before", "after", "unknown"]
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
    fields: Annotated[Mapping[str, object], Field(description="Of the event's fields, those this reader gets")]
    redactions: Sequence[RedactedGroup]
    corrections: Sequence[EntryCorrection]
    disputed: bool
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


class DeadlinesAnswer(DisclosedAnswer):
    """The clocks of a child."""

    deadlines: Sequence[Deadline]


class OverviewAnswer(DeadlinesAnswer):
    """The cross-agency risk overview of a child: no score, no ranking."""

    lines: Sequence[OverviewLine]


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


class Accesses(TypedDict):
    """Accesses in the officer's remit, oldest first."""

    accesses: Sequence[AccessRow]


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
    labels: NotRequired[Sequence[str]]
    decision: Annotated[str, Field(description="V visible, R redacted, H hidden, line sent as a coded line")]
    decision_text: str
    rules: Sequence[str]
    policies: Sequence[str]
    reasons: Sequence[str]
    requirements: Sequence[str]
    legal_bases: Sequence[str]


class ExplanationAnswer(TypedDict):
    """Why a past answer looked as it did."""

    access: AccessRow
    bases: Sequence[str]
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


# --- operators ---------------------------------------------------------------------------------------


class Health(TypedDict):
    """The process answers."""

    status: Literal["ok"]


class ReadinessAnswer(TypedDict):
    """Whether the hub can do its work; `failing` names the parts that cannot."""

    status: Literal["ready", "not ready"]
    failing: Sequence[str]


class SimulatedClock(TypedDict):
    """Where the domain clock of the simulation stands."""

    now: Instant | None
