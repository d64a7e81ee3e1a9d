"""R-101: an action belongs to an agency."""

from __future__ import annotations

from typing import Final

from hub.pathway.fields import organisation_of, text
from hub.pathway.gates.gate import Case, Gate, Refusal


def unowned(case: Case) -> bool:
    """Whether an action names no agency, or a person of another agency than the one it names."""
    organisation, person = text(case.posted, "organisation"), text(case.posted, "person")
    return organisation is None or (person is not None and organisation_of(person) != organisation)


ACTION_OWNER: Final = Gate(
    name="ACTION-OWNER",
    refusal=Refusal(
        rule="R-101",
        force="MUST",
        source="S1 s.Referrals/multi-agency; S3 s.4",
        text="An action has one agency that owns it; the person named works there.",
        fix="Name the agency, and a person of that agency if you name one.",
    ),
    types=frozenset({"action-assigned"}),
    refuses=unowned,
)
GATES: Final = (ACTION_OWNER,)
