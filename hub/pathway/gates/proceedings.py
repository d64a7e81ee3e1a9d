"""R-091, R-170: what was at hand when a charge was decided, and what youth justice proposes to a court."""

from __future__ import annotations

from typing import Final

from hub.pathway.fields import given_of, instant_of, of_type, text
from hub.pathway.gates.flag import Flag
from hub.pathway.gates.gate import Case

CHARGED: Final = frozenset({"charge", "prosecution-youth-court", "prosecution-crown-court"})
AIM: Final = frozenset({"aim2", "aim3"})
DECIDED_ON: Final = "specialist-assessment-decided"
OPINION: Final = "specialist-opinion-received"


def _assessment_pending(case: Case) -> bool:
    """Whether an AIM assessment was decided on before a charge, and no specialist's opinion came by then."""
    at = instant_of(case.posted)
    decided = [
        one
        for one in given_of(case.fold.entries, DECIDED_ON)
        if text(one, "tool") in AIM and instant_of(one) <= at
    ]
    if not decided or text(decided[-1], "decision") != "yes":
        return False
    since = instant_of(decided[-1])
    return not any(since <= instant_of(one) <= at for one in of_type(case.fold.entries, OPINION))


FLAGS: Final = (
    Flag(
        "R-091",
        "S3 s.4",
        "The AIM assessment that was decided on was not available when this was decided.",
        frozenset({"criminal-outcome-recorded"}),
        False,
        holds=_assessment_pending,
        starts=lambda data: text(data, "outcome") in CHARGED,
        untrue={DECIDED_ON: ("decision", "tool"), OPINION: ()},
    ),
    Flag(
        "R-170",
        "S5 s.15",
        "A referral order is proposed without the target of the specialist work.",
        frozenset({"disposal-proposed"}),
        True,
        starts=lambda data: text(data, "disposal") == "referral-order" and text(data, "aim_target") is None,
    ),
)
