"""R-146: work is handed down to a lesser service only as the local procedure says."""

from __future__ import annotations

from typing import Final

from hub.pathway.fields import text
from hub.pathway.gates.gate import Case, Gate, Refusal, manager_signs

_STRICTEST: Final = frozenset({"rationale", "manager", "meeting"})
LESSER: Final = frozenset({"building-stronger-families", "early-help", "universal-services"})
"""The services to which work is handed down; another authority takes all of it over (R-157)."""


def _asked(case: Case, part: str) -> bool:
    """Whether the profile of who decides asks for this part; without a profile every part is asked for."""
    profile = case.deciders_profile
    requires = profile.step_down.requires if profile else _STRICTEST
    return text(case.posted, "target") in LESSER and part in requires


def no_rationale(case: Case) -> bool:
    """Whether work is handed down without a rationale."""
    return _asked(case, "rationale") and text(case.posted, "rationale") is None


def no_manager(case: Case) -> bool:
    """Whether work is handed down without a team manager beside the author."""
    return _asked(case, "manager") and not manager_signs(case, text(case.posted, "manager"))


def no_meeting(case: Case) -> bool:
    """Whether work is handed down without naming the meeting that decided it."""
    return _asked(case, "meeting") and text(case.posted, "meeting") is None


def not_a_target(case: Case) -> bool:
    """Whether work is handed down to a service to which the profile does not hand it down."""
    profile, target = case.deciders_profile, text(case.posted, "target")
    return profile is not None and target in LESSER and target not in profile.step_down.targets


_TYPES: Final = frozenset({"case-transfer-decided"})

GATES: Final = (
    Gate(
        name="TRANSFER-RATIONALE",
        refusal=Refusal(
            rule="R-146",
            force="MUST",
            source="S3 s.4",
            text="A transfer to a lesser service has a rationale.",
            fix="Record the rationale.",
        ),
        types=_TYPES,
        refuses=no_rationale,
    ),
    Gate(
        name="TRANSFER-MANAGER",
        refusal=Refusal(
            rule="R-146",
            force="MUST",
            source="S3 s.4",
            text="A transfer to a lesser service is signed by a team manager.",
            fix="Name a team manager of your organisation, other than the author.",
        ),
        types=_TYPES,
        refuses=no_manager,
    ),
    Gate(
        name="TRANSFER-MEETING",
        refusal=Refusal(
            rule="R-146",
            force="MUST",
            source="S3 s.4",
            text="A transfer to a lesser service is decided at a multi-agency meeting.",
            fix="Name the meeting that children's social care convened for it.",
        ),
        types=_TYPES,
        refuses=no_meeting,
    ),
    Gate(
        name="TRANSFER-TARGET",
        refusal=Refusal(
            rule="R-146",
            force="SHOULD",
            source="S3 s.4",
            text="The local procedure does not hand such work down to this service.",
            fix="Choose a service that it names, or let a team manager override this with a reason.",
        ),
        types=_TYPES,
        refuses=not_a_target,
    ),
)
