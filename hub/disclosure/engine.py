"""The policy engine: asks Cedar, closed on every error, and counts what could not be evaluated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cedarpy

from hub.disclosure.facts import ItemFacts, ReaderFacts
from hub.disclosure.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an action is allowed, and the ids of the policies that determined it."""

    allowed: bool
    policies: tuple[str, ...]


class Engine:
    """Evaluates actions of one reader on one item against the rules."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules: Final = rules
        self.faults = 0
        """Evaluations that erred and were denied; readiness is red while there are any."""

    def ask(self, actions: Sequence[str], reader: ReaderFacts, item: ItemFacts) -> list[Verdict]:
        """Evaluate several actions of one reader on one item.

        Trust: Cedar skips a policy that errs, so a forbid could fail open: an answer with any error is
        a deny and a fault. Entities are built against the schema, so a missing fact cannot be silent.
        """
        entities = _entities(reader, item, self.rules.schema)
        requests = [
            {"principal": 'Reader::"r"', "action": f'Action::"{action}"', "resource": 'Item::"i"'}
            for action in actions
        ]
        results = cedarpy.is_authorized_batch(
            requests, self.rules.policies, entities, schema=self.rules.schema
        )
        return [self._verdict(result) for result in results]

    def _verdict(self, result: cedarpy.AuthzResult) -> Verdict:
        if result.diagnostics.errors:
            self.faults += 1
            return Verdict(False, ("H-09-EVALUATION-FAULT",))
        ids = sorted(str(one) for one in result.diagnostics.id_annotations_by_reason.values())
        return Verdict(bool(result.allowed), tuple(ids))


def _entities(reader: ReaderFacts, item: ItemFacts, schema: cedarpy.Schema) -> cedarpy.Entities:
    described = [
        {
            "uid": {"type": "Reader", "id": "r"},
            "parents": [],
            "attrs": {"classes": sorted(reader.classes), "attended": reader.attended},
        },
        {
            "uid": {"type": "Item", "id": "i"},
            "parents": [],
            "attrs": {
                "type": item.type,
                "detail": item.detail,
                "filled": sorted(item.filled),
                "own": item.own,
                "meeting": item.meeting,
                "sides": sorted(item.sides),
                "joint": item.joint,
                "sourceReveals": item.source_reveals,
                "linkInForce": item.link_in_force,
                "namesReadersChild": item.names_readers_child,
                "evidenceHeld": item.evidence_held,
            },
        },
    ]
    return cedarpy.Entities.from_json_str(json.dumps(described), schema)
