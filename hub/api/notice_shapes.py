"""The JSON of notices, as types; shape: as in `shapes`, whose words hold here too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from hub.api.reader_shapes import Day
from hub.api.shapes import Instant


class NoticeLine(TypedDict):
    """One thing that the recipient is told: a code, its constant words, and the rule that it leaves by."""

    code: str
    text: str
    rule: str
    requirement: str
    on: Day
    to: Annotated[
        Sequence[str], Field(description="What the people who find it in the chronology are to the child")
    ]


class Notice(TypedDict):
    """One notice; the content needs a person to sign in."""

    notice: Annotated[str, Field(description="Its id", json_schema_extra={"format": "uuid"})]
    token: Annotated[str, Field(description="The recipient's own name of the child, always the same")]
    lines: Sequence[NoticeLine]
    recall: NotRequired[
        Annotated[
            str,
            Field(
                description="Of something that was corrected or withdrawn: signed by the hub, a compact JWS"
            ),
        ]
    ]
    acknowledged_at: Instant | None


class Notices(TypedDict):
    """Some of the caller's notices, oldest first."""

    notices: Sequence[Notice]
    cursor: Annotated[
        str | None, Field(description="Asks for what comes after, now or later; null where there was nothing")
    ]


class Acknowledged(TypedDict):
    """That the notice has arrived, and since when the hub knows."""

    notice: Annotated[str, Field(json_schema_extra={"format": "uuid"})]
    acknowledged_at: Instant
