"""The facts about one item and one reader that the rules read; nothing else decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from hub.catalogue import EventType
from hub.envelope import JsonObject
from hub.pathway.entries import Entry
from hub.pathway.fields import parts, text, texts
from hub.views import ChildView

DISCRIMINATORS: Final = ("kind", "decision", "outcome", "topic", "role", "method")
# Tokens, not labels, protect other children named in an entry (D-03); measures leave as safety lines.
UNLABELLED_FIELDS: Final = frozenset({"others", "measures"})
# Free text does not count for what is shown (D-32), but holds what it may speak of as well as fields do.
NARRATIVE: Final = "narrative"
GUARDED: Final = frozenset({"INTEL", "THER", "HLTH", "SEXH", "SEALED", "LEGAL", "CRIM"})
TOKEN_ONLY_TYPES: Final = frozenset({"child-mentioned", "incident-linked"})
MENTIONED: Final = "child-mentioned"
_HOMES: Final = frozenset({"placed", "carer"})
# Services whose name as a poster can point at another child (D-10); police and social care do not.
REVEALING_KINDS: Final = frozenset({"education", "health", "youth-justice", "other", "partnership"})


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What the rules may know of one item: small closed vocabularies, so that equal facts are common.

    Shape: `carries` are all labels that the type can carry, `filled` those of filled fields;
    `evidence_held` is false where an entry of the hub rests on an event that the reader does not get.
    `of_group` is for members of the group that works with the child: it is the group's meeting, or its plan.
    `shares_home` is for what is carried from a linked child, `reviewed` for a read under an approved review,
    `family_told` for papers of a child's family.
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
    of_group: bool = False
    concerns_own: bool = False
    shares_home: bool = False
    granted: frozenset[str] = frozenset()
    consented: bool = False
    kept_from: bool = False
    named_party: bool = False
    care_team: bool = False
    reviewed: bool = False
    family_told: bool = False


@dataclass(frozen=True, slots=True)
class ReaderFacts:
    """What the reader is to the child now."""

    classes: frozenset[str]
    attended: bool


def own_rows(entry: Entry, checks: frozenset[str]) -> list[JsonObject]:
    """The rows of a list of answers that are the reader's, by the checks it is asked for (D-44)."""
    return [one for one in parts(entry, "items") if text(one, "item") in checks]


def concerns(entry: Entry, organisation: str) -> bool:
    """Whether the child whom an entry mentions is known to be one of this organisation's (D-42, D-14)."""
    return entry.type == MENTIONED and organisation in texts(entry, "known_to")


def homes_shared(there: ChildView, here: ChildView, now: datetime) -> Callable[[Entry], bool]:
    """Whether whom an entry is about lives, or once lived, where a child is placed now (D-31).

    Shape: of a mention it is the child who was mentioned; of all else the child on whose record it stands.
    """
    homes = {one.organisation for one in here.grants if one.kind in _HOMES and one.current(now)}
    shared = any(one.organisation in homes for one in there.grants if one.kind in _HOMES and one.from_ <= now)

    def shares_home(entry: Entry) -> bool:
        return bool(homes & {*texts(entry, "known_to")}) if entry.type == MENTIONED else shared

    return shares_home


def reveals(poster: str, view: ChildView) -> bool:
    """Whether a poster is a service that has no relationship to a child and would point at another (D-10)."""
    if poster.split(".", 1)[0] not in REVEALING_KINDS or poster in view.schools:
        return False
    return all(grant.organisation != poster for grant in view.grants if grant.kind != "emergency")


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
        if top == NARRATIVE or (top in UNLABELLED_FIELDS and kind.name not in TOKEN_ONLY_TYPES):
            continue
        counted[path] = frozenset(labels)
    return counted
