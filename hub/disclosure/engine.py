"""The policy engine: compiled rules, compared with Cedar before they decide anything, closed on a fault."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from hub import metrics
from hub.disclosure.cases import Cases
from hub.disclosure.cedar_schema import Attribute
from hub.disclosure.compiled import Compiled, Verdict
from hub.disclosure.facts import ItemFacts, ReaderFacts
from hub.disclosure.reference import FAULT, Case, Reference
from hub.disclosure.rules import RuleSet

# Any will do; the cases are the same at every start, so that a start that fails fails again.
_SEED: Final = 1


class Engine:
    """Evaluates actions of one reader on one item against the rules.

    Shape: `counted` where it decides what leaves; the faults of a draft that is tried are nobody's alarm.
    Raises: RuntimeError where the compiled rules and Cedar disagree; the hub does not start.
    """

    def __init__(self, rules: RuleSet, *, counted: bool = False) -> None:
        self.rules: Final = rules
        self._counted: Final = counted
        self._compiled: Final = _checked(rules)
        self.faults = 0
        """Evaluations that erred and were denied; readiness is red while there are any."""

    def ask(self, actions: Sequence[str], reader: ReaderFacts, item: ItemFacts) -> list[Verdict]:
        """Evaluate several actions of one reader on one item.

        Trust: whatever goes wrong, a fact of a wrong type or an action that is not in the schema, is a deny
        of all of them and a fault.
        """
        try:
            return self._compiled.decide(actions, reader, item)
        except Exception:
            self.faults += 1
            if self._counted:
                metrics.policy_fault()
            return [Verdict(False, (FAULT,)) for _ in actions]

    def reads(self, actions: Sequence[str]) -> frozenset[Attribute]:
        """The facts that any rule over these actions reads; no other fact can change what they come to."""
        return self._compiled.reads(actions)


@lru_cache(maxsize=8)
def _checked(rules: RuleSet) -> Compiled:
    """The rules compiled, and seen to say what Cedar says where each of them holds and where it fails."""
    compiled = Compiled(rules.parsed, rules.declared)
    cases = list(Cases(rules.parsed, rules.declared, {}, _SEED).round())
    differing = disagreements(compiled, Reference(rules.policies, rules.schema, rules.declared), cases)
    if differing:
        raise RuntimeError(
            f"the compiled disclosure rules differ from Cedar on {sorted({c.action for c in differing})}"
        )
    return compiled


def disagreements(compiled: Compiled, reference: Reference, cases: Sequence[Case]) -> list[Case]:
    """The cases on which decision or determining policies are not those of Cedar."""
    expected = reference.ask(cases)
    return [
        case
        for case, verdict in zip(cases, expected, strict=True)
        if compiled.decide([case.action], case.reader, case.item) != [verdict]
    ]
