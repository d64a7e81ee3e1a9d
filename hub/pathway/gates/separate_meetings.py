"""R-079: whether children are met about separately is a recorded decision, a 'no' with its reason."""

from __future__ import annotations

from typing import Final

from hub.pathway.fields import instant_of, of_type, text, truth
from hub.pathway.gates.flag import Flag
from hub.pathway.gates.gate import Case, Gate, Refusal


def no_without_reason(case: Case) -> bool:
    """Whether separate meetings are decided against without saying why."""
    return truth(case.posted, "separate") is False and text(case.posted, "reason") is None


def held_undecided(case: Case) -> bool:
    """Whether a strategy meeting about one of several linked children was held before that decision.

    A decision on any of the linked children's records counts for all of them.
    """
    if text(case.posted, "kind") != "strategy" or not case.fold.linked:
        return False
    held = instant_of(case.posted)
    everyone = [case.fold.entries, *case.fold.linked.values()]
    return not any(
        instant_of(one) <= held
        for entries in everyone
        for one in of_type(entries, "separate-meetings-decided")
    )


SEPARATE_MEETINGS: Final = Gate(
    name="SEPARATE-MEETINGS",
    refusal=Refusal(
        rule="R-079",
        force="MUST",
        source="S3 s.4; S5 s.9",
        text="A decision against separate meetings says why.",
        fix="Give the reason, for the child who has been harmed why the risk is no longer present.",
    ),
    types=frozenset({"separate-meetings-decided"}),
    refuses=no_without_reason,
)
GATES: Final = (SEPARATE_MEETINGS,)
FLAGS: Final = (
    Flag(
        "R-079",
        "S3 s.4; S5 s.9",
        "The decision on separate meetings is not recorded.",
        frozenset({"meeting-held"}),
        False,
        held_undecided,
        lambda data: text(data, "kind") == "strategy",
        {"separate-meetings-decided": ()},
        True,
    ),
)
