"""What is proved of an approved review: what it opens to an officer, and what nothing opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import z3

from hub.disclosure.proving.scenes import Case, Claim, Theorem, claim
from hub.disclosure.proving.world import World

Facts = Callable[[Case], z3.BoolRef]

NEVER_REVIEWED: Final = ("THER", "HLTH", "SEXH", "INTEL", "LEGAL", "SEALED")
"""What no review opens: whose these are decides about them (D-05, D-06, D-07, D-51, the D-33 table)."""
_DECIDERS: Final = ("team-manager", "safeguarding-unit")
# An officer reads these without a review (D-54).
_OF_THE_HUB: Final = ("deadline-missed", "emergency-access-used")


def opened_by_review(case: Case) -> z3.BoolRef:
    """An approved review, under which the entry is read, names it, and it is of what reviews may open.

    Shape: a decision not to share with the officer itself is not among it (H-13).
    """
    return z3.And(
        case.holds("reviewed"), z3.Not(case.holds("keptFrom")), z3.Not(case.filled(*NEVER_REVIEWED))
    )


def _content(case: Case) -> list[str]:
    return ["show-whole", *(one for one in sorted(case.world.schema.actions) if one.startswith("read-"))]


def _of_one(premises: Facts, conclusion: Facts) -> Callable[[World], Claim]:
    def state(world: World) -> Claim:
        case = Case(world)
        return claim(premises(case), conclusion(case), case)

    return state


def _an_officer(case: Case, *and_: z3.BoolRef) -> z3.BoolRef:
    return z3.And(case.is_one({"officer"}), z3.Not(case.type_in(*_OF_THE_HUB)), *and_)


REVIEWED: Final = (
    Theorem(
        "P-D13-REVIEW-NEVER", "H-15",
        "No review, and no rule that permits, not even one still to be written, opens to an officer the "
        "content of an entry with therapy, clinical content, intelligence, legal matters or the link to "
        "another child.",
        _of_one(
            lambda c: _an_officer(c, c.filled(*NEVER_REVIEWED)),
            lambda c: z3.Not(z3.Or(c.answers.whole, c.answers.by_label, c.opened(*_content(c)))),
        ),
    ),
    Theorem(
        "P-D13-REVIEW-OPENS", "H-15",
        "An entry of the agencies that an approved review names is read whole by the officer who asked for "
        "it, unless it is of what no review opens, plans an interview, which police hold back, or was "
        "decided not to be shared with the officer.",
        _of_one(
            lambda c: _an_officer(
                c, c.is_only({"officer"}), opened_by_review(c), z3.Not(c.item(type="interview-planned")),
            ),
            lambda c: c.answers.whole,
        ),
    ),
    Theorem(
        "P-D13-REVIEW-TOLD", "H-15",
        "That a review waits is told to team managers and the Safeguarding Unit alone, and that it was "
        "decided to officers alone.",
        _of_one(
            lambda c: c.answers.any_line(("notice-review-asked", "notice-review-decided")),
            lambda c: z3.And(
                c.item(type="record-accessed"),
                z3.Implies(c.answers.line("notice-review-asked"), c.is_one(_DECIDERS)),
                z3.Implies(c.answers.line("notice-review-decided"), c.is_one({"officer"})),
            ),
        ),
    ),
)  # fmt: skip
