"""What is proved of the papers that a child's family is given (D-14)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import z3

from hub.disclosure.proving.scenes import Case, Claim, Theorem, claim
from hub.disclosure.proving.world import FAMILY, World

Facts = Callable[[Case], z3.BoolRef]

NEVER: Final = ("INTEL", "SRC", "WORDS", "THER", "HLTH", "SEXH", "SEALED", "LEGAL", "OVS")
# What a paper may say something of, as the requirements have it (B; ).
_SAID: Final = (
    "incident-recorded", "social-worker-allocated", "named-contact-appointed", "meeting-convened",
    "meeting-held", "plan-started", "plan-reviewed", "risk-management-plan-recorded", "conference-decided",
    "closure-decided", "assessment-started", "assessment-completed", "section-47-enquiry-initiated",
    "section-47-enquiry-concluded", "criminal-outcome-recorded", "family-informed",
)  # fmt: skip
_MEASURED: Final = ("immediate-safety-measure-recorded", "risk-management-plan-recorded")
_TO_PARENTS: Final = ("hsb", "hsb-planning", "core-group", "cpc")


def _of_one(premises: Facts, conclusion: Facts) -> Callable[[World], Claim]:
    def state(world: World) -> Claim:
        case = Case(world)
        return claim(premises(case), conclusion(case), case)

    return state


def _family(case: Case, *and_: z3.BoolRef) -> z3.BoolRef:
    return z3.And(case.is_one({FAMILY}), *and_)


def _every(case: Case) -> list[str]:
    return sorted(case.world.schema.actions)


FAMILIES: Final = (
    Theorem(
        "P-D14-FAMILY-HELD", "R-046",
        "Of an entry with intelligence, who reported, the child's own words, therapy, clinical content, the "
        "link to another child, legal matters or oversight a child's family learns nothing in any form, "
        "whatever rule permits.",
        _of_one(
            lambda c: _family(c, c.filled(*NEVER)),
            lambda c: z3.Not(z3.Or(c.learns, c.opened(*_every(c)))),
        ),
    ),
    Theorem(
        "P-D14-FAMILY-TOLD", "R-054",
        "Nor of anything that it is not recorded as told of, or that is withheld from it for a risk.",
        _of_one(
            lambda c: _family(c, z3.Not(c.holds("familyTold"))),
            lambda c: z3.Not(z3.Or(c.learns, c.opened(*_every(c)))),
        ),
    ),
    Theorem(
        "P-D14-FAMILY-TEMPLATE", "R-135",
        "A family's paper holds no entry whole, nothing by what a field is labelled with, and nobody who "
        "posted, whatever rule permits.",
        _of_one(
            _family,
            lambda c: z3.Not(
                z3.Or(
                    c.answers.whole, c.answers.by_label, c.answers.named,
                    c.opened(*(one for one in _every(c) if one.startswith(("read-", "show-whole",
                                                                           "show-source")))),
                )
            ),
        ),
    ),
    Theorem(
        "P-D14-FAMILY-SAID", "R-135",
        "It says something only of a concern, workers and contacts, meetings of the kinds that parents are "
        "invited to, plans, assessments and enquiries, criminal matters that have ended, and of what the "
        "family was told; and it has no coded line but measures.",
        _of_one(
            lambda c: z3.And(c.is_only({FAMILY}), c.is_one({FAMILY})),
            lambda c: z3.And(
                z3.Implies(c.answers.shown, c.type_in(*_SAID)),
                z3.Implies(
                    z3.And(c.answers.shown, c.type_in("meeting-convened", "meeting-held")),
                    z3.And(c.item(meeting="entitled"), z3.Or([c.item(detail=one) for one in _TO_PARENTS])),
                ),
                z3.Implies(c.answers.any_line(), c.type_in(*_MEASURED)),
                z3.Not(c.answers.any_line(one for one in c.answers.codes if one != "safety-measure")),
            ),
        ),
    ),
)  # fmt: skip
