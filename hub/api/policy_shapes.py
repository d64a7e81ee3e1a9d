"""The JSON of what officers get about the sharing rules, as types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from hub.api.shapes import Instant
from hub.disclosure.replay import Compared

Version = Annotated[str, Field(description="Names a set of sharing rules by its text")]


class EventName(TypedDict):
    """An event by the name that its poster gave it."""

    source: str
    id: str


class DecidedItem(EventName):
    """One item of an answer: how it was decided, by which rules."""

    decision: Annotated[str, Field(description="V visible, R redacted, H hidden, line sent as a coded line")]
    policies: Sequence[str]


class ReplayAnswer(TypedDict):
    """A past answer made again: whether it comes out the same; never its content."""

    disclosure_id: str
    policy_version: Version
    installed: Annotated[bool, Field(description="Whether the rules of that version are here")]
    decisions: Compared
    text: Annotated[Compared, Field(description="Whether every byte of the answer is the same")]
    notes: Sequence[str]
    missing: Annotated[Sequence[DecidedItem], Field(description="Given then, and not now")]
    more: Annotated[Sequence[DecidedItem], Field(description="Given now, and not then")]
    erased: Annotated[Sequence[EventName], Field(description="Given then, erased since")]


class PolicyRelease(TypedDict):
    """One proposal to put a rule set in force, and what became of it."""

    version: Version
    digest: Annotated[str, Field(description="SHA-256 over its files")]
    against: Annotated[str, Field(description="The version that the hub shipped when it was proposed")]
    reason: str
    proposed_by: str
    proposed_at: Instant | None
    rehearsed_at: Instant | None
    approved_by: str | None
    approved_at: Instant | None


class PolicyStanding(TypedDict):
    """Which sharing rules there are; releases oldest first."""

    running: Annotated[str, Field(description="What this server decides by")]
    in_force: Annotated[
        str | None, Field(description="What servers that start now decide by; null where none may start")
    ]
    shipped: str
    installed: Annotated[Sequence[str], Field(description="Versions by which answers can be made again")]
    releases: Sequence[PolicyRelease]


class RehearsedChange(TypedDict):
    """What one kind of reader would have been shown otherwise of one kind of item; never its content."""

    more: Annotated[bool, Field(description="True where more would have been shown, false where less")]
    role: str
    classes: Annotated[Sequence[str], Field(description="What the readers were to the child")]
    kind: Annotated[str, Field(description="The type of event, or the code of a line")]
    parts: Annotated[Sequence[str], Field(description="Members of the entry, or what an account says")]
    labels: Sequence[str]
    rules_before: Sequence[str]
    rules_after: Sequence[str]
    answers: int
    items: int
    children: int
    readers: Annotated[Sequence[str], Field(description="The first of them")]
    disclosures: Annotated[Sequence[str], Field(description="Ids of the first of the answers")]


class RehearsalReport(TypedDict):
    """A draft set against past answers."""

    version: Version
    against: str
    answers: int
    children: int
    unmade: Annotated[int, Field(description="Past answers that could not be decided again")]
    changes: Sequence[RehearsedChange]


class RehearsedRelease(PolicyRelease):
    """One proposal with the report of its latest rehearsal."""

    rehearsal: RehearsalReport | None
