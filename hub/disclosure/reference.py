"""Cedar itself, asked the same as the compiled rules: what they are compared with, and never what decides."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import cedarpy

from hub.disclosure.cedar_schema import Attribute, Of, Schema
from hub.disclosure.compiled import Verdict, fact_name
from hub.disclosure.facts import ItemFacts, ReaderFacts

FAULT: Final = "H-09-EVALUATION-FAULT"
_Facts = TypeVar("_Facts", ReaderFacts, ItemFacts)
_TYPES: Final[dict[Of, str]] = {"principal": "Reader", "resource": "Item"}


@dataclass(frozen=True, slots=True)
class Case:
    """One question: may this reader do this with this item."""

    action: str
    reader: ReaderFacts
    item: ItemFacts


class Reference:
    """Cedar with the rules and their schema."""

    def __init__(self, policies: cedarpy.PolicySet, schema: cedarpy.Schema, facts: Schema) -> None:
        self._policies: Final = policies
        self._schema: Final = schema
        self._attributes: Final = tuple(facts.attributes.values())

    def ask(self, cases: Sequence[Case]) -> list[Verdict]:
        """What Cedar says to each.

        Trust: Cedar skips a policy that errs, so that a forbid fails open; an answer with any error is no
        answer here. Entities are built against the schema: a fact that is missing, too many or of another
        type is refused.
        """
        readers = _numbered([case.reader for case in cases])
        items = _numbered([case.item for case in cases])
        described = [self._described("principal", n, one) for one, n in readers.items()]
        described += [self._described("resource", n, one) for one, n in items.items()]
        entities = cedarpy.Entities.from_json_str(json.dumps(described), self._schema)
        requests = [
            {
                "principal": f'Reader::"{readers[case.reader]}"',
                "action": f'Action::"{case.action}"',
                "resource": f'Item::"{items[case.item]}"',
            }
            for case in cases
        ]
        results = cedarpy.is_authorized_batch(requests, self._policies, entities, schema=self._schema)
        return [_verdict(one) for one in results]

    def _described(self, of: Of, number: int, facts: ReaderFacts | ItemFacts) -> dict[str, object]:
        return {
            "uid": {"type": _TYPES[of], "id": str(number)},
            "parents": [],
            "attrs": {one.name: _value(one, facts) for one in self._attributes if one.of == of},
        }


def _verdict(result: cedarpy.AuthzResult) -> Verdict:
    if result.diagnostics.errors:
        return Verdict(False, (FAULT,))
    ids = sorted(str(one) for one in result.diagnostics.id_annotations_by_reason.values())
    return Verdict(bool(result.allowed), tuple(ids))


def _value(attribute: Attribute, facts: ReaderFacts | ItemFacts) -> object:
    value = getattr(facts, fact_name(attribute))
    return sorted(value) if attribute.kind == "texts" else value


def _numbered(facts: Sequence[_Facts]) -> dict[_Facts, int]:
    return {one: number for number, one in enumerate(dict.fromkeys(facts))}
