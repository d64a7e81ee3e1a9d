"""R-030, R-151 and R-152: what a plan, a service or the work ends on.

That several agencies sign it is an agreement: until then it has no effect (`hub.pathway.agreements`).
"""

from __future__ import annotations

from typing import Final

from hub.pathway.fields import part, text
from hub.pathway.gates.gate import Case, Gate, Refusal

FACTORS: Final = ("risk", "outcomes", "carers_capacity", "ongoing_support")


def no_rationale(case: Case) -> bool:
    """Whether it ends without a professional's rationale, whatever a screening gave."""
    return text(case.posted, "rationale") is None


def factor_missing(case: Case) -> bool:
    """Whether one of the factors that the local procedure names is not considered."""
    profile = case.deciders_profile
    factors = part(case.posted, "factors") or {}
    return any(text(factors, name) is None for name in (profile.closure.factors if profile else FACTORS))


def no_part_in_care(case: Case) -> bool:
    """Whether it is signed by an organisation that has no part in the child's care."""
    return not case.by_own_authority and case.posted.organisation not in case.partners


def no_monitoring(case: Case) -> bool:
    """Whether neither monitoring is arranged nor said why there is none."""
    monitoring = part(case.posted, "monitoring") or {}
    return text(monitoring, "service") is None and text(case.posted, "monitoring_reason") is None


_TYPES: Final = frozenset({"closure-decided"})

GATES: Final = (
    Gate(
        name="CLOSURE-SIGNATORY",
        refusal=Refusal(
            rule="R-151",
            force="MUST",
            source="S5 s.13",
            text="Work with a child is ended by the organisations that have a part in the child's care.",
            fix="Let an organisation that works with the child sign.",
        ),
        types=_TYPES,
        refuses=no_part_in_care,
        whoever_posts="It says of the poster alone whether it works with the child, which it knows; every "
        "other organisation gets one answer for every child, known or not.",
    ),
    Gate(
        name="CLOSURE-RATIONALE",
        refusal=Refusal(
            rule="R-030",
            force="SHOULD",
            source="S5 s.3; S3 s.4",
            text="Work does not end on the result of a screening alone: it needs professional rationale.",
            fix="Record the rationale.",
        ),
        types=_TYPES,
        refuses=no_rationale,
    ),
    Gate(
        name="CLOSURE-FACTORS",
        refusal=Refusal(
            rule="R-151",
            force="SHOULD",
            source="S5 s.13",
            text="A closure considers each factor: risk, outcomes, the carers' capacity, support.",
            fix="Write what was considered for each of the factors.",
        ),
        types=_TYPES,
        refuses=factor_missing,
    ),
    Gate(
        name="CLOSURE-MONITORING",
        refusal=Refusal(
            rule="R-152",
            force="CONSIDER",
            source="S5 s.13",
            text="A closure says who watches over the child afterwards, or why nobody does.",
            fix="Record the monitoring, or the reason why there is none.",
        ),
        types=_TYPES,
        refuses=no_monitoring,
    ),
)
