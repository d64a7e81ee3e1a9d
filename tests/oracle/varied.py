"""Valid data of any type of the catalogue: the examples of its schema, with members left out and changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random  # noqa: TID251  seeded, so that every run asks the same
from typing import Any

import schemas
from tests.oracle.table import ENVELOPE

# What these say of relationships is said by posts that the generator makes on purpose.
ON_PURPOSE = frozenset(
    {"child-stream-opened", "children-merged", "children-unmerged", "reference-resolved", "event-corrected",
     "event-retracted", "incident-linked", "relationship-recorded", "relationship-ended",
     "strategic-management-group-appointed", "child-moved-area", "social-worker-allocated", "mappa-notified"}
)  # fmt: skip


@cache
def types() -> tuple[str, ...]:
    """The types that agencies post about a child, whose data may be anything that is valid."""
    return tuple(
        name
        for name, _ in schemas.types()
        if name not in ON_PURPOSE and name != "envelope"
        and schemas.schema(name).get("x-kind") != "hub" and "x-stream" not in schemas.schema(name)
    )  # fmt: skip


@cache
def _example(type_: str) -> Mapping[str, Any]:
    """The example with the most members."""
    whole = [one.event["data"] for one in schemas.examples(type_)]
    found = max(whole, key=lambda one: len(one) if isinstance(one, Mapping) else 0)
    assert isinstance(found, Mapping)
    return found


def posters(type_: str) -> tuple[str, ...]:
    """The kinds of organisation that may post a type."""
    rows = schemas.schema(type_)["x-posted-by"]
    assert isinstance(rows, Sequence)
    return tuple(row["kind"] for row in rows if isinstance(row, Mapping))


def data_of(type_: str, rng: Random, organisations: Sequence[str], people: Sequence[str]) -> dict[str, Any]:
    """Data of a type: required members always, every other one three times in four."""
    schema = schemas.schema(type_)
    properties, required = schema["properties"], schema["required"]
    assert isinstance(properties, Mapping) and isinstance(required, Sequence)
    return {
        name: _vary(properties[name], value, rng, organisations, people)
        for name, value in _example(type_).items()
        if name not in ENVELOPE and name != "others" and (name in required or rng.random() < 0.75)
    }


def _vary(schema: Any, value: Any, rng: Random, organisations: Sequence[str], people: Sequence[str]) -> Any:
    if "enum" in schema:
        return rng.choice(schema["enum"])
    if "x-codes" in schema:
        return rng.choice(schemas.codes(schema["x-codes"]).codes).code
    pattern = str(schema.get("pattern", ""))
    if pattern.startswith("^(police|social-care"):
        with_person = "/[A-Za-z0-9]" in pattern
        return rng.choice(people if with_person else organisations)
    if pattern.startswith("^(child|other:"):
        return rng.choice(["child", "school", "home", "transport", "club", "everyone"])
    if isinstance(value, list):
        inner = schema.get("items", {})
        return [_vary(inner, one, rng, organisations, people) for one in value]
    if isinstance(value, Mapping):
        members = schema.get("properties", {})
        return {name: _vary(members[name], one, rng, organisations, people) for name, one in value.items()}
    if schema.get("type") == "boolean":
        return rng.random() < 0.5
    return value
