"""What a decision leaves of the content of an entry: fields by name or by label; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from hub.catalogue import EventType
from hub.disclosure.decide import Decision
from hub.disclosure.facts import own_rows
from hub.envelope import JsonObject, JsonValue
from hub.pathway.entries import Entry

# Members of `data` that are not content: they show as members of the entry itself, or not at all.
ENVELOPE_MEMBERS: Final = frozenset(
    {"occurred_at", "precision", "author", "profile", "others", "about", "entry_id"}
)
# What a row of a list of answers shows to whom it is the answer of.
OF_A_ROW: Final = ("item", "answer", "answered_on")

# The form in which one event names another: `based_on`, `agrees_with`, `investigation`, `voice`.
POINTER: Final = {"source", "id"}
KIND_WORDS: Final[Mapping[str, str]] = {
    "police": "a police force",
    "social-care": "a social care service",
    "education": "a school",
    "health": "a health service",
    "youth-justice": "a youth justice service",
    "partnership": "a partnership",
    "other": "a service",
}


class ByLabel:
    """What remains of entries of one type of which these labels are permitted; found once for each member."""

    def __init__(self, kind: EventType, permitted: frozenset[str]) -> None:
        self._kind: Final = kind
        self._permitted: Final = permitted
        self._parts: Final[dict[str, Callable[[JsonValue], JsonValue]]] = {}

    def kept(self, data: JsonObject) -> dict[str, JsonValue]:
        """The members of which something remains."""
        left: dict[str, JsonValue] = {}
        for name, value in data.items():
            part = self._parts.get(name)
            if part is None:
                part = self._parts[name] = self._part(name)
            if (visible := part(value)) is not None:
                left[name] = visible
        return left

    def _part(self, name: str) -> Callable[[JsonValue], JsonValue]:
        """What remains of one member whose labels are all permitted, nested members judged one by one."""
        if name in ENVELOPE_MEMBERS or name == "measures":
            return _nothing
        labels, permitted = self._kind.labels, self._permitted
        nested = [path for path in labels if path.startswith((f"{name}[].", f"{name}."))]
        if not nested:
            own = labels.get(name, labels.get(f"{name}[]"))
            return _itself if own is not None and set(own) <= permitted else _nothing
        inside = {path.removeprefix(f"{name}.") for path in nested if set(labels[path]) <= permitted}
        of_rows = {path.removeprefix(f"{name}[].") for path in nested if set(labels[path]) <= permitted}

        def some(value: JsonValue) -> JsonValue:
            if isinstance(value, Mapping):
                return {member: one for member, one in value.items() if member in inside} or None
            return (
                [{m: v for m, v in one.items() if m in of_rows} for one in _objects(value)]
                if of_rows
                else None
            )

        return some


def _itself(value: JsonValue) -> JsonValue:
    return value


def _nothing(value: JsonValue) -> JsonValue:
    return None


def kept_of(
    entry: Entry, decision: Decision, by_label: ByLabel, organisation: str, checks: frozenset[str]
) -> dict[str, JsonValue]:
    """The content of an entry that a decision leaves; `organisation` and `checks` say whose rows are own."""
    if decision.keeps is None and not decision.whole:
        return by_label.kept(entry.data)
    content = {name: value for name, value in entry.data.items() if name not in ENVELOPE_MEMBERS}
    if decision.keeps is not None:
        kept: dict[str, JsonValue] = {}
        for keep in decision.keeps:
            name, _, part = keep.partition(":")
            value = content.get(name)
            if value is None:
                continue
            if part == "own":
                value = [one for one in _objects(value) if one.get("organisation") == organisation]
            if part == "asked":
                rows = own_rows(entry, checks)
                value = [{name: one[name] for name in OF_A_ROW if name in one} for one in rows]
            kept[name] = value
        return kept
    return content


def kept_fields(kind: EventType, decision: Decision) -> frozenset[str]:
    """The members of an event that remain whole under a decision, whichever of them are filled (H-20).

    Shape: with `poster` where the organisation that posted shows too.
    """
    poster = {"poster"} if decision.source == "shown" else set()
    named = {path.split(".", 1)[0].removesuffix("[]") for path in kind.labels} - ENVELOPE_MEMBERS
    if decision.outcome == "H":
        return frozenset()
    if decision.keeps is not None:
        return frozenset(poster | (named & set(decision.keeps)))
    if decision.whole:
        return frozenset(poster | named | {"others"})
    read = {name for name in named - {"measures"} if _whole_field(name, kind, decision.labels)}
    return frozenset(poster | read)


def _whole_field(name: str, kind: EventType, permitted: frozenset[str]) -> bool:
    paths = [one for one in kind.labels if one.split(".", 1)[0].removesuffix("[]") == name]
    return all(set(kind.labels[one]) <= permitted for one in paths)


def _objects(value: JsonValue) -> list[JsonObject]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return []
    return [one for one in value if isinstance(one, Mapping)]


def all_plain(values: Iterable[JsonValue]) -> bool:
    """Whether these are shown to everybody as they are: they name no other child and no event.

    Shape: none is empty; what is not as JSON gives it is looked at the long way.
    """
    for value in values:
        if isinstance(value, str):
            if "{{" in value:
                return False
        elif isinstance(value, list):
            if not all_plain(value):
                return False
        elif isinstance(value, dict):
            if value.keys() == POINTER or not all_plain(value.values()):
                return False
        elif not isinstance(value, (int, float)):
            return False
    return True


def without_poster(value: JsonValue, poster: str) -> JsonValue:
    """Content in which a withheld poster, or one of its people, is named by its kind only (D-10)."""
    if isinstance(value, str):
        if poster not in value:
            return value
        return re.sub(rf"\b{re.escape(poster)}(?![a-z0-9-])(/[A-Za-z0-9._-]+)?", kind_words(poster), value)
    if isinstance(value, Mapping):
        return {name: without_poster(one, poster) for name, one in value.items()}
    if isinstance(value, Sequence):
        return [without_poster(one, poster) for one in value]
    return value


def kind_words(organisation: str) -> str:
    """An organisation by its kind, in words."""
    return KIND_WORDS.get(organisation.split(".", 1)[0], KIND_WORDS["other"])
