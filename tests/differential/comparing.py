"""The compiled rules against Cedar: generated questions, and what is counted of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice

import schemas
from hub.catalogue import load_catalogue
from hub.disclosure.cases import Cases
from hub.disclosure.cedar_ast import attributes_read
from hub.disclosure.compiled import Compiled, holding
from hub.disclosure.decide import LABELS
from hub.disclosure.engine import disagreements
from hub.disclosure.facts import DISCRIMINATORS
from hub.disclosure.reference import Case, Reference
from hub.disclosure.rules import RuleSet, load_rules
from hub.disclosure.standing import CLASS_OF


@dataclass(slots=True)
class Tally:
    """What cases came to: by policy, in how many that its action is asked in it held, and in how many not."""

    cases: int = 0
    disagreements: list[str] = field(default_factory=list)
    held: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    decided: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        self.cases += other.cases
        self.disagreements += other.disagreements
        for mine, theirs in (
            (self.held, other.held),
            (self.failed, other.failed),
            (self.decided, other.decided),
        ):
            mine.update(theirs)

    def least(self, counted: Counter[str], rules: RuleSet) -> tuple[str, int]:
        """The policy that was counted least, and how often; one that holds always is left out."""
        changing = [one.id for one in rules.parsed if attributes_read(one.condition)]
        return min(((one, counted[one]) for one in changing), key=lambda found: found[1])


@cache
def known() -> Mapping[str, Sequence[str]]:
    """The values of each attribute that the hub itself knows, beside those that stand in the rules."""
    types = load_catalogue().types
    return {
        "type": sorted(types),
        "detail": ["", *sorted({one for name in types for one in _details(name)})],
        "filled": sorted(LABELS),
        "classes": sorted(set(CLASS_OF.values())),
        "meeting": ["entitled", "other", "none"],
        "sides": ["has-harmed", "has-been-harmed"],
    }


def _details(name: str) -> list[str]:
    """The values of the fields by which a type branches."""
    properties = schemas.schema(name)["properties"]
    assert isinstance(properties, dict)
    found = [properties.get(one) for one in DISCRIMINATORS]
    return [str(value) for one in found if isinstance(one, dict) for value in _listed(one.get("enum"))]


def _listed(values: object) -> list[object]:
    return values if isinstance(values, list) else []


def cases(rules: RuleSet, count: int, seed: int) -> list[Case]:
    """So many questions over the whole schema, on which rules hold and fail about as often."""
    return list(islice(Cases(rules.parsed, rules.declared, known(), seed).for_ever(), count))


def compare(count: int, seed: int, rules: RuleSet | None = None) -> Tally:
    """Ask both, and count."""
    rules = rules or load_rules()
    asked = cases(rules, count, seed)
    compiled = Compiled(rules.parsed, rules.declared)
    reference = Reference(rules.policies, rules.schema, rules.declared)
    tally = Tally(count)
    tally.disagreements = [
        f"seed {seed}: {case.action}: {case}" for case in disagreements(compiled, reference, asked)
    ]
    scopes = {one.id: one.actions for one in rules.parsed}
    which = holding(rules.parsed)
    for case in asked:
        held = set(which(case.reader, case.item))
        scoped = {one for one, actions in scopes.items() if case.action in actions}
        tally.held.update(held & scoped)
        tally.failed.update(scoped - held)
        tally.decided.update(compiled.decide([case.action], case.reader, case.item)[0].policies)
    return tally
