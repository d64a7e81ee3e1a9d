"""A code outside its list is found wherever it stands in an event, and nothing else is touched."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

import schemas
from hub.catalogue import load_catalogue
from hub.catalogue.warnings import mark_unknown_codes

CATALOGUE = load_catalogue()
UNKNOWN = "CANARY-no-such-code"
EXAMPLES = [
    one for name, version in schemas.types() for one in schemas.examples(name, version, which="valid")
]


def _places(value: Any, path: str) -> Iterator[tuple[Any, Any]]:
    """Where values of a path stand: what holds them, and under which name or number."""
    member, _, rest = path.partition(".")
    name, listed = member.removesuffix("[]"), member.endswith("[]")
    found = value.get(name) if isinstance(value, dict) else None
    if found is None:
        return
    holders = [(found, place) for place in range(len(found))] if listed else [(value, name)]
    for holder, place in holders:
        if rest:
            yield from _places(holder[place], rest)
        elif isinstance(holder[place], str):
            yield holder, place


@pytest.mark.req("H-27")
def test_every_coded_place_of_every_example_is_looked_at() -> None:
    looked_at = set()
    for example in EXAMPLES:
        type_, data = CATALOGUE.types[example.type], example.event["data"]
        for path in type_.codes:
            changed = copy.deepcopy(dict(data))
            places = list(_places(changed, path))
            if not places:
                continue
            holder, place = places[-1]
            holder[place] = UNKNOWN
            marked, unknown = mark_unknown_codes(type_, changed, CATALOGUE.codes)
            assert path in unknown, (example.type, path)
            assert [holder[place] for holder, place in _places(marked, path)][-1] == f"other:{UNKNOWN}"
            looked_at.add((example.type, path))
    named = {(name, path) for name, one in CATALOGUE.types.items() for path in one.codes}
    assert len(looked_at) > 0.9 * len(named), named - looked_at


@pytest.mark.req("H-27")
def test_an_event_whose_codes_are_all_listed_comes_back_as_it_is() -> None:
    for example in EXAMPLES:
        data = example.event["data"]
        marked, unknown = mark_unknown_codes(CATALOGUE.types[example.type], data, CATALOGUE.codes)
        assert (marked is data) == (unknown == ())
