"""What is noted beside a post that is kept although something is missing or should not have happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hub.envelope import JsonObject
from hub.pathway.entries import Entry
from hub.pathway.gates.gate import Case

Members = Mapping[str, tuple[str, ...]]
ENROLMENT: Final[Members] = {
    "child-stream-opened": ("responsible_authority", "schools"),
    "relationship-recorded": ("kind", "organisation", "from", "until", "poster"),
    "relationship-ended": ("kind", "organisation", "at"),
}
"""What can make it untrue that a school is not this child's."""


def _always(data: JsonObject) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Flag:
    """One note beside a post (H-27).

    Shape: `code` is unique and begins with its requirement. `starts` is what the data itself must say for
    the note to be thought of: without it nothing else is looked at, so that an ordinary post stays cheap.
    `untrue` maps each event type of the child's record that could make the note untrue to the members
    read of it; None where no reader can know that. `linked` is a note that looks at linked children too.
    `named` are the readers whom the requirement itself names, as what they are to the child.
    Trust: only where `from_post_alone` is true may the poster be told in its receipt: any other note
    says something about the child's record. Such a note is found on the post and its poster's profile.
    A reader gets a note that its own entries give, and only where it always reads all of `untrue`; who is
    `named` gets it as the whole record gives it (H-20). Where `only_named`, nobody else does.
    """

    code: str
    source: str
    text: str
    types: frozenset[str]
    from_post_alone: bool
    holds: Callable[[Case], bool] = lambda case: True
    starts: Callable[[JsonObject], bool] = _always
    untrue: Members | None = None
    linked: bool = False
    named: frozenset[str] = frozenset()
    only_named: bool = False

    @property
    def requirement(self) -> str:
        """The requirement that the code begins with."""
        return "-".join(self.code.split("-")[:2])


def said(entry: Entry) -> datetime:
    """When an entry was first said to be as it is: recorded, or last corrected."""
    return entry.corrections[-1].received_at if entry.corrections else entry.recorded_at
