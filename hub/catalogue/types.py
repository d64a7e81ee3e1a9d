"""The frozen types of the catalogue: what an event type is, and an event that fits its type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from hub.catalogue.occurred import Occurred
from hub.catalogue.scales import Scale
from hub.envelope import JsonObject, VerifiedEvent

Kind = Literal["fact", "decision", "hub"]
About = Literal["child", "organisation"]


@dataclass(frozen=True, slots=True)
class Poster:
    """Who may post a type: a kind of organisation, a role its author must hold, or both.

    Shape: `kind` None is any agency; `role` None is any author; `when` limits the permission to
    events with these values, e.g. `kind: treated`.
    Source: H-04
    """

    kind: str | None
    role: str | None = None
    when: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A field whose absence from a fact is told to its poster, and by which requirement.

    Shape: `field` and the rest are paths (`sections.family`); `when` limits it to events that have one
    of these values (a list has it where one of its items is it), `differ` to events in which two
    members are filled and not the same; a filled member of `unless` stands in for the field. `above_lowest`
    is a level: the item is one only where that is above the lowest of its scale.
    Source: H-27
    """

    field: str
    requirement: str
    source: str
    text: str
    when: Mapping[str, frozenset[str | int | bool]]
    unless: tuple[str, ...] = ()
    differ: tuple[str, ...] = ()
    above_lowest: str | None = None


@dataclass(frozen=True, slots=True)
class EventType:
    """One event type in one version, as its schema describes it.

    Shape: `labels` maps the path of every property (`measures[].code`, `parts.needs`) to its
    sensitivity labels, none for a structural one; `codes` maps the path of a coded property to the
    name of its list; `titles` maps every path to words for people. `about` says whose stream its
    events stand on: a child's, or that of an organisation, on which nothing of a child stands.
    `level` is the member that is a level, with the member that names its scale.
    """

    name: str
    version: int
    kind: Kind
    title: str
    purpose: str
    posted_by: tuple[Poster, ...]
    serves: tuple[str, ...]
    labels: Mapping[str, tuple[str, ...]]
    titles: Mapping[str, str]
    codes: Mapping[str, str]
    open_items: tuple[OpenItem, ...]
    about: About = "child"
    level: tuple[str, str] | None = None

    @property
    def all_labels(self) -> frozenset[str]:
        """Every label that an event of this type can carry."""
        return frozenset(label for labels in self.labels.values() for label in labels)


@dataclass(frozen=True, slots=True)
class Warning:
    """Something a poster is told about its own post, which is kept all the same.

    Trust: the text is constant per rule and computed from the posted event alone.
    """

    rule: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class OtherReference:
    """Another child named in an event, as the poster wrote the reference.

    Shape: `index` counts from 1 as in `{{other:1}}`.
    Trust: `ref` identifies a child; it never leaves intake unsealed.
    """

    index: int
    ref: str
    role: str | None


@dataclass(frozen=True, slots=True)
class ValidContent:
    """The `data` of an event that fits its type, and what can be told from it alone.

    Shape: `data` is as posted, except that a code outside its list reads `other:<code>`; `scale` is the
    scale that its level is of, None where it has no level.
    """

    type: EventType
    data: JsonObject
    occurred: Occurred
    recorded_late: bool
    others: tuple[OtherReference, ...]
    warnings: tuple[Warning, ...]
    scale: Scale | None = None


@dataclass(frozen=True, slots=True)
class ValidEvent:
    """A verified event whose data fits the schema of its type.

    Shape: `others` are the children its own `data.others` names; those of a correction's
    replacement come from validating the replacement.
    """

    verified: VerifiedEvent
    type: EventType
    occurred: Occurred
    recorded_late: bool
    warnings: tuple[Warning, ...]
    others: tuple[OtherReference, ...]
    data: JsonObject
    scale: Scale | None = None
