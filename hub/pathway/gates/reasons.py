"""Decisions that say why: outcome of a referral, scope, specialist assessment, plans, public protection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hub.pathway.fields import organisation_of, text
from hub.pathway.gates.gate import Case, Force, Gate, Refusal


def outcome_unexplained(case: Case) -> bool:
    """Whether the outcome of a referral gives no reasons; a strategy meeting is not held up for them."""
    return text(case.posted, "outcome") != "strategy" and text(case.posted, "reasons") is None


def no_involvement(case: Case) -> bool:
    """Whether a plan says neither who of the family was involved nor why nobody was."""
    return text(case.posted, "involvement") is None and text(case.posted, "involvement_reason") is None


def two_responsible(case: Case) -> bool:
    """Whether the person responsible for a plan is of another organisation than the responsible one."""
    person = text(case.posted, "responsible_person")
    return person is not None and organisation_of(person) != text(case.posted, "responsible_organisation")


def _no_reason(case: Case) -> bool:
    return text(case.posted, "reason") is None


def _no_specialist_reason(case: Case) -> bool:
    return text(case.posted, "decision") == "no" and _no_reason(case)


def _gate(
    name: str,
    type_: str,
    refuses: Callable[[Case], bool],
    rule: str,
    force: Force,
    source: str,
    words: str,
    fix: str,
) -> Gate:
    return Gate(name, Refusal(rule, force, source, words, fix), frozenset({type_}), refuses)


GATES: Final = (
    _gate(
        "OUTCOME-REASONS",
        "referral-outcome-decided",
        outcome_unexplained,
        "R-062",
        "MUST",
        "S5 s.8; S5 s.6; S3 s.4",
        "The outcome of a referral is decided with reasons, for each child by itself.",
        "Record the reasons for this child's outcome.",
    ),
    _gate(
        "SCOPE-REASON",
        "scope-decision-recorded",
        _no_reason,
        "R-036",
        "MUST",
        "S5 s.3",
        "A decision whether the procedure applies gives its reason.",
        "Record the reason.",
    ),
    _gate(
        "SPECIALIST-REASON",
        "specialist-assessment-decided",
        _no_specialist_reason,
        "R-094",
        "SHOULD",
        "S3 s.4; S5 s.10",
        "A decision against a specialist assessment gives its reason.",
        "Record the reason.",
    ),
    _gate(
        "PLAN-INVOLVEMENT",
        "plan-started",
        no_involvement,
        "R-015",
        "SHOULD",
        "S3 s.1; S3 s.7",
        "A plan says who of the family was involved, or why nobody was.",
        "Record the involvement of child and family, or the reason why there was none.",
    ),
    _gate(
        "PLAN-ONE-RESPONSIBLE",
        "risk-management-plan-recorded",
        two_responsible,
        "R-140",
        "SHOULD",
        "S3 s.4",
        "One agency is responsible for a plan; the responsible person works there.",
        "Name a person of the responsible agency.",
    ),
    _gate(
        "PUBLIC-PROTECTION-REASON",
        "mappa-decision-recorded",
        _no_reason,
        "R-171",
        "SHOULD",
        "S5 s.15; S5 s.6",
        "A decision on multi-agency public protection gives its reason.",
        "Record the reason.",
    ),
)
