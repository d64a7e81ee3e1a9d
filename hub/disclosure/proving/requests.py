"""One request in plain facts, and what Cedar and the hub's own procedure answer to it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cedarpy

from hub.disclosure.cedar_schema import Attribute, Of
from hub.disclosure.proving.logic import OTHER
from hub.disclosure.proving.world import World

Value = str | bool | frozenset[str]


@dataclass(frozen=True, slots=True)
class Request:
    """One reader and one item, every fact of the schema given.

    Shape: `carries` are the labels that the type of the item can carry; Cedar does not read them, the
    decision procedure does.
    """

    facts: Mapping[Attribute, Value]
    carries: frozenset[str]

    def told(self) -> dict[str, str]:
        """The facts that say something, by name, for people."""
        said = {}
        for fact, value in self.facts.items():
            if value is True:
                said[fact.name] = "yes"
            elif isinstance(value, str) and value not in ("", OTHER):
                said[fact.name] = value
            elif isinstance(value, frozenset) and value:
                said[fact.name] = ", ".join(sorted(value))
        return said


@dataclass(frozen=True, slots=True)
class Answer:
    """What Cedar answers to one action: whether it allows, and the rules that determined it."""

    allowed: bool
    policies: frozenset[str]


def ask(world: World, request: Request, actions: Sequence[str]) -> dict[str, Answer]:
    """What Cedar itself answers to a request, action by action.

    Raises: RuntimeError where an evaluation errs: the answers are then not those of the rules.
    """
    entities = cedarpy.Entities.from_json_str(
        json.dumps([_entity(request, "principal", "Reader"), _entity(request, "resource", "Item")]),
        world.rules.schema,
    )
    asked = [
        {"principal": 'Reader::"r"', "action": f'Action::"{one}"', "resource": 'Item::"i"'} for one in actions
    ]
    results = cedarpy.is_authorized_batch(asked, world.rules.policies, entities, schema=world.rules.schema)
    answers = {}
    for action, result in zip(actions, results, strict=True):
        if result.diagnostics.errors:
            raise RuntimeError("a disclosure rule could not be evaluated")
        ids = frozenset(str(one) for one in result.diagnostics.id_annotations_by_reason.values())
        answers[action] = Answer(bool(result.allowed), ids)
    return answers


def _entity(request: Request, of: Of, type: str) -> dict[str, object]:
    attributes = {
        fact.name: sorted(value) if isinstance(value, frozenset) else value
        for fact, value in request.facts.items()
        if fact.of == of
    }
    return {"uid": {"type": type, "id": type[0].lower()}, "parents": [], "attrs": attributes}
