"""The facts about one item and one reader that the rules read; nothing else decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from hub.catalogue import EventType
from hub.envelope import JsonObject
from hub.pathway.entries import Entry
from hub.pathway.fields import parts, text, texts

DISCRIMINATORS: Final = ("kind", "decision", "outcome", "topic", "role")
# Tokens, not labels, protect other children named in an entry (D-03); measures leave as safety lines.
UNLABELLED_FIELDS: Final = frozenset({"others", "measures"})
TOKEN_ONLY_TYPES: Final = frozenset({"child-mentioned", "incident-linked"})


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What the rules may know of one item: small closed vocabularies, so that equal facts are common.

    Shape: `carries` are all labels that the type can carry, `filled` those of filled fields;
    `evidence_held` is false where an entry of the hub rests on an event that the reader does not get.
    """

    type: str
    detail: str
    filled: frozenset[str]
    carries: frozenset[str]
    own: bool
    meeting: Literal["entitled", "other", "none"]
    sides: frozenset[str]
    joint: bool
    source_reveals: bool
    link_in_force: bool = False
    names_readers_child: bool = False
    own_row: bool = False
    wish_against: bool = False
    evidence_held: bool = True


@dataclass(frozen=True, slots=True)
class ReaderFacts:
    """What the reader is to the child now."""

    classes: frozenset[str]
    attended: bool


def own_rows(entry: Entry, checks: frozenset[str]) -> list[JsonObject]:
    """The rows of a list of answers that are the reader's, by the checks it is asked for (D-44)."""
    return [one for one in parts(entry, "items") if text(one, "item") in checks]


def wish_against(entry: Entry, organisation: str) -> bool:
    """Whether the child does not wish this organisation, or somebody of it, to know (D-38)."""
    named = texts(entry, "not_to_share_with")
    return any(one.partition("/")[0] == organisation for one in named)


def detail_of(entry: Entry) -> str:
    """The discriminator of an entry, by the field that its type branches on."""
    for name in DISCRIMINATORS:
        value = entry.data.get(name)
        if isinstance(value, str):
            return value
    return ""


def field_labels(kind: EventType) -> Mapping[str, frozenset[str]]:
    """The labels of each field of a type that count for a decision, nested fields by their path."""
    counted = {}
    for path, labels in kind.labels.items():
        top = path.split(".", 1)[0].removesuffix("[]")
        if top == "narrative" or (top in UNLABELLED_FIELDS and kind.name not in TOKEN_ONLY_TYPES):
            continue
        counted[path] = frozenset(labels)
    return counted
