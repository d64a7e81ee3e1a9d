"""The D-33 table and the labels of the event types, as data."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import schemas

COLUMNS = (
    "own-worker", "enquiry", "team-manager", "police", "youth-justice", "iro", "safeguarding-unit", "school",
    "health", "therapist", "carer", "mappa", "smg",
)  # fmt: skip

# One letter a column, in the order above: V permitted, r a remainder that a rule names, - nothing.
# YJS has V for both identities: the rows are about the child itself, and D-21 takes away the other side.
_TABLE = """
CBH-ID  VVVVVVVrrrr-V
CWH-ID  VVVVVVVrrrr-V
3P      VVVV-rVrr-r-V
SRC     VVVV--V-----V
WORDS   VVVr-Vr-rr---
FAM     VVVVrVVrr-rr-
HLTH    rrrrrrrrVrr--
SEXH    rrrrrrrrVrr--
THER    Vr-r-r---Vr--
CRIM    VVVVVrrrrrrrV
INTEL   rVVV--------V
LOC     VVVVVVrrrrrr-
EDU     VVVVVVVr----V
OPIN    VVVVVVVr--rrV
SAFE    VVVVVVVVVVV-V
SEALED  rVrV--r-----V
OVS     r-V----------
LEGAL   rrrr---------
"""
REACH = {
    label: dict(zip(COLUMNS, cells, strict=True))
    for label, cells in (row.split() for row in _TABLE.strip().splitlines())
}

# Names other children by number only; measures leave as lines of their own (D-03, D-11).
APART = frozenset({"others", "measures", "narrative"})
# Members of every event that say when it was and what it is about.
ENVELOPE = frozenset(
    {"occurred_at", "precision", "author", "about", "agrees_with", "override", "profile", "entry_id"}
)
# Where a child's identity is the content, `others` counts (C, default labels).
ABOUT_OTHERS = frozenset({"child-mentioned", "incident-linked"})


@cache
def fields(type_: str) -> dict[str, frozenset[str]]:
    """The labels of each top-level member of a type, with those of its parts (C: labelled one by one)."""
    properties = schemas.schema(type_)["properties"]
    assert isinstance(properties, dict)
    return {name: frozenset(_labels(one)) for name, one in properties.items() if name not in ENVELOPE}


@cache
def parts(type_: str) -> dict[str, frozenset[str]]:
    """The labels of each member of the rows of a type, as `places.kind`."""
    properties = schemas.schema(type_)["properties"]
    assert isinstance(properties, dict)
    return {
        f"{name}.{part}": frozenset(_labels(inner))
        for name, one in properties.items()
        if name not in ENVELOPE and "items" in one
        for part, inner in one["items"].get("properties", {}).items()
    }


def _labels(schema: dict[str, object]) -> Iterable[str]:
    labels = schema.get("x-label", [])
    assert isinstance(labels, list)
    yield from labels
    for inner in (schema, schema.get("items", {})):
        assert isinstance(inner, dict)
        properties = inner.get("properties", {})
        for one in properties.values():
            yield from _labels(one)


def counted(type_: str) -> dict[str, frozenset[str]]:
    """The members whose labels decide between whole and in part (D-32)."""
    apart = APART - {"others"} if type_ in ABOUT_OTHERS else APART
    return {name: labels for name, labels in fields(type_).items() if name not in apart}


def carried(type_: str, kind: object) -> frozenset[str]:
    """Every label that the type and its kind can carry (D-32)."""
    labels = frozenset[str]().union(*counted(type_).values())
    # B16: a placement is V for the child's own worker, who has no HLTH: the kind carries no health.
    if type_ == "child-circumstance-recorded" and kind == "placement":
        labels -= {"HLTH"}
    return labels


def permitted(column: str) -> frozenset[str]:
    """The labels that the table gives a column as they are."""
    return frozenset(label for label, row in REACH.items() if row.get(column) == "V")


def filled(type_: str, data: dict[str, object]) -> frozenset[str]:
    """The members that have content."""
    return frozenset(one for one in fields(type_) if data.get(one) not in (None, "", [], {}))
