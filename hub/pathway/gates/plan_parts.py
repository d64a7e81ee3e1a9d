"""R-009 and R-142: a risk management plan has every one of its parts when it is adopted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hub.pathway.fields import part, text
from hub.pathway.gates.gate import Case, Force, Gate, Refusal


def _lacks(name: str) -> Callable[[Case], bool]:
    def lacks(case: Case) -> bool:
        return text(part(case.posted, "parts") or {}, name) is None

    return lacks


def _gate(name: str, rule: str, force: Force, source: str, words: str) -> Gate:
    return Gate(
        name=f"PLAN-PART-{name.replace('_', '-').upper()}",
        refusal=Refusal(
            rule=rule,
            force=force,
            source=source,
            text=f"The part of the plan about {words} is empty.",
            fix=f"Write the part about {words}.",
        ),
        types=frozenset({"risk-management-plan-recorded"}),
        refuses=_lacks(name),
    )


GATES: Final = (
    _gate("future_risk", "R-142", "MUST", "S3 s.4", "lowering future risk"),
    _gate("accountability", "R-009", "SHOULD", "S5 s.1", "accountability work with the child"),
    _gate("needs", "R-009", "SHOULD", "S5 s.1", "the child's own needs"),
    _gate("protection", "R-009", "SHOULD", "S5 s.1", "the protection of others"),
)
