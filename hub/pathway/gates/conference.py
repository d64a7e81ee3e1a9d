"""R-124 and R-125: when a child protection conference may be decided against."""

from __future__ import annotations

from typing import Final

from hub.pathway.child import entries_of, in_role, incidents
from hub.pathway.fields import given_of, text, truth
from hub.pathway.gates.gate import Case, Gate, Refusal, manager_signs


def no_rationale(case: Case) -> bool:
    """Whether a conference is decided against without a rationale."""
    return _not_held(case) and text(case.posted, "rationale") is None


def no_manager(case: Case) -> bool:
    """Whether a conference is decided against without the manager that the profile asks for."""
    profile = case.deciders_profile
    asked = profile is None or "manager" in profile.conference_not_held.requires
    return _not_held(case) and asked and not manager_signs(case, text(case.posted, "manager"))


def harmed_child_at_risk(case: Case) -> bool:
    """Whether a conference is decided against for a harmed child whose enquiry found continuing risk."""
    concluded = given_of(case.fold.entries, "section-47-enquiry-concluded")
    return (
        _not_held(case)
        and bool(concluded)
        and truth(concluded[-1], "continuing_risk") is True
        and _has_been_harmed(case)
    )


def _not_held(case: Case) -> bool:
    return text(case.posted, "decision") == "not-held"


def _has_been_harmed(case: Case) -> bool:
    """On the child's own record, or named so in an incident on a linked child's."""
    fold = case.fold
    return bool(in_role(fold.entries, "has-been-harmed")) or any(
        other.child == fold.child and other.role == "has-been-harmed"
        for linked in fold.linked
        for incident in incidents(entries_of(fold, linked))
        for other in incident.others
    )


_TYPES: Final = frozenset({"conference-decided"})

CONFERENCE_AT_RISK: Final = Gate(
    name="CONFERENCE-AT-RISK",
    refusal=Refusal(
        rule="R-125",
        force="MUST",
        source="S5 s.12",
        text="A child who has been harmed and may still be at risk of significant harm has a conference.",
        fix="Convene the initial child protection conference.",
    ),
    types=_TYPES,
    refuses=harmed_child_at_risk,
    reads=frozenset({"section-47-enquiry-concluded", "incident-recorded"}),
)
CONFERENCE_RATIONALE: Final = Gate(
    name="CONFERENCE-RATIONALE",
    refusal=Refusal(
        rule="R-124",
        force="MUST",
        source="S3 s.4; S5 s.11",
        text="A decision not to hold a child protection conference has a clear rationale.",
        fix="Record the rationale.",
    ),
    types=_TYPES,
    refuses=no_rationale,
)
CONFERENCE_MANAGER: Final = Gate(
    name="CONFERENCE-MANAGER",
    refusal=Refusal(
        rule="R-124",
        force="MUST",
        source="S3 s.4",
        text="A decision not to hold a child protection conference has management oversight.",
        fix="Name a team manager of your organisation, other than the author.",
    ),
    types=_TYPES,
    refuses=no_manager,
)
GATES: Final = (CONFERENCE_AT_RISK, CONFERENCE_RATIONALE, CONFERENCE_MANAGER)
