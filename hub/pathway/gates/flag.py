"""What is noted beside a post that is kept although something is missing or should not have happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hub.envelope import JsonObject
from hub.pathway.gates.gate import Case


def _always(data: JsonObject) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Flag:
    """One note beside a post (H-27).

    Shape: `code` is unique and begins with its requirement. `starts` is what the data itself must say for
    the note to be thought of: without it nothing else is looked at, so that an ordinary post stays cheap.
    Trust: only where `from_post_alone` is true may the poster be told in its receipt: any other note
    says something about the child's record. Such a note is found on the post and its poster's profile.
    """

    code: str
    source: str
    text: str
    types: frozenset[str]
    from_post_alone: bool
    holds: Callable[[Case], bool] = lambda case: True
    starts: Callable[[JsonObject], bool] = _always

    @property
    def requirement(self) -> str:
        """The requirement that the code begins with."""
        return "-".join(self.code.split("-")[:2])
