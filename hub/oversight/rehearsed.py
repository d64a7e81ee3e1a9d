"""What a rehearsal found, in words: who would have been shown what, for a person who knows no codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hub.catalogue import EventType
from hub.disclosure.proving.plain_words import (
    at_start,
    label_in_words,
    line_in_words,
    notice_in_words,
    reader_in_words,
    relationship_in_words,
    role_in_words,
)
from hub.disclosure.rehearse import LINE, NOTICED, SYSTEMS
from hub.envelope import JsonObject, JsonValue

# Who is shown what somebody else makes for them.
_FOR_OTHERS: Final = frozenset({"family", "subject"})
_STOOD: Final = "To the child they were"
_RELATED: Final = "By the relationship"
_FOR: Final = "For whom"


@dataclass(frozen=True, slots=True)
class ChangeInWords:
    """One change of a rehearsal.

    Shape: `who` would have been shown it; `stood` is what they were to the child, as `stood_as` says;
    `made_for_them` where somebody else made a paper for them. `kind` is the entry, by its title or the words
    of its line; `parts` and `labels` are those of the change.
    """

    who: str
    stood: tuple[str, ...]
    stood_as: str
    made_for_them: bool
    kind: str
    parts: tuple[str, ...]
    labels: tuple[str, ...]


def in_words(row: JsonObject, types: Mapping[str, EventType]) -> ChangeInWords:
    """A change as it stands in the report of a rehearsal, in words; what has none stands as it is."""
    role, kind, classes = str(row["role"]), str(row["kind"]), _texts(row["classes"])
    systems = role.startswith(SYSTEMS)
    stood = (relationship_in_words(one) if systems else reader_in_words(one) for one in classes)
    found, for_others = types.get(kind), bool(_FOR_OTHERS & set(classes))
    return ChangeInWords(
        who=at_start(_who(role)),
        stood=tuple(map(at_start, stood)),
        stood_as=_RELATED if systems else _FOR if for_others else _STOOD,
        made_for_them=for_others,
        kind=found.title if found is not None else line_in_words(kind),
        parts=tuple(dict.fromkeys(at_start(_part(one, found)) for one in _texts(row["parts"]))),
        labels=tuple(map(label_in_words, _texts(row["labels"]))),
    )


def _who(role: str) -> str:
    if role.startswith(SYSTEMS):
        return SYSTEMS + role_in_words(role.removeprefix(SYSTEMS))
    return ", ".join(map(role_in_words, role.split(", "))) or "nobody with a role"


def _part(part: str, of: EventType | None) -> str:
    """A part by the title of its field, or by the words of its line."""
    for begins, said in ((LINE, line_in_words), (NOTICED, notice_in_words)):
        if part.startswith(begins):
            return begins + said(part.removeprefix(begins))
    return of.titles.get(part, part) if of is not None else part


def _texts(value: JsonValue) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()
