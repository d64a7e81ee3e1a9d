"""The JSON of the answers, as types: what is written is checked against them, and they are published.

Shape: a member that is `NotRequired` is left out where it does not apply; one that may be null is always
there. New members may be added to an answer in a later version: a client passes over what it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, NotRequired, TypeAlias

from pydantic import Field
from typing_extensions import TypedDict

from hub.errors import PROBLEMS, TYPE_BASE

Instant: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Base64: TypeAlias = Annotated[str, Field(json_schema_extra={"contentEncoding": "base64"})]
Compact: TypeAlias = Annotated[str, Field(description="A compact JWS (RFC 7515)")]
Cursor: TypeAlias = Annotated[str | None, Field(description="Asks for the next page; null on the last one")]
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
    subject: Annotated[str, Field(description="The child, or the organisation, as the poster wrote it")]
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
