"""What is withheld for what an item says or whose it is, whatever rule opens its type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import z3

from hub.disclosure.proving.scenes import Case, Claim, Theorem, claim
from hub.disclosure.proving.world import World

_CORE: Final = ("own-worker", "enquiry", "team-manager", "police")
_OF_EVERYBODY: Final = (
    "immediate-safety-measure-recorded", "social-worker-allocated", "named-contact-appointed",
    "meeting-convened", "meeting-held",
)  # fmt: skip

Facts = Callable[[Case], z3.BoolRef]


def _of_one(premises: Facts, conclusion: Facts) -> Callable[[World], Claim]:
    def state(world: World) -> Claim:
        case = Case(world)
        return claim(premises(case), conclusion(case), case)

    return state


def _content(case: Case) -> list[str]:
    return ["show-whole", *(one for one in sorted(case.world.schema.actions) if one.startswith("read-"))]


def _not_harmed_by_it(case: Case) -> z3.BoolRef:
    return z3.And(
        case.is_one({"youth-justice"}), z3.Not(case.side("has-harmed")), z3.Not(case.holds("own")),
        case.is_none((*_CORE, "consulted", "iro", "safeguarding-unit", "smg", "officer")),
        z3.Not(case.type_in(*_OF_EVERYBODY)),
    )  # fmt: skip


WITHHELD: Final = (
    Theorem(
        "P-D06-WHOLE", "R-112",
        "No rule that permits, not even one still to be written, shows an entry with therapy content whole "
        "to anybody but the child's own worker, the therapist and whoever posted it.",
        _of_one(
            lambda c: z3.And(
                c.filled("THER"), c.is_none({"own-worker", "therapist"}), z3.Not(c.holds("own"))
            ),
            lambda c: z3.Not(c.opened("show-whole")),
        ),
    ),
    Theorem(
        "P-D07-WHOLE", "R-090",
        "No rule that permits, not even one still to be written, shows an entry with clinical content whole "
        "to anybody but health and whoever posted it.",
        _of_one(
            lambda c: z3.And(c.filled("HLTH", "SEXH"), c.is_none({"health"}), z3.Not(c.holds("own"))),
            lambda c: z3.Not(c.opened("show-whole")),
        ),
    ),
    Theorem(
        "P-D21-CHILD", "R-011",
        "Of a child who has not harmed youth justice, that is nothing else to the child, reads no content "
        "but a safety instruction, who the worker and the contact are, a meeting that it was invited to and "
        "what it posted.",
        _of_one(_not_harmed_by_it, lambda c: z3.Not(c.opened(*_content(c)))),
    ),
    Theorem(
        "P-D21-CHILD-PARTS", "R-011",
        "Nor does it learn that anything else is recorded, unless it uses emergency access.",
        _of_one(
            lambda c: z3.And(_not_harmed_by_it(c), c.is_none({"emergency"})),
            lambda c: z3.Not(z3.Or(c.answers.shown, c.opened("show-remainder", "show-source"))),
        ),
    ),
    Theorem(
        "P-D38-ACCOUNT", "R-058",
        "That a child gave an account is known to the workers of the case, police, oversight, the management "
        "group, health, the front door of the child's own area, officers and whoever posted it, and to "
        "nobody else; youth justice, schools, carers and therapists are not among them.",
        _of_one(
            lambda c: z3.And(
                c.item(type="initial-account-recorded"), z3.Not(c.holds("own")),
                c.is_none(
                    (*_CORE, "iro", "safeguarding-unit", "smg", "health", "own-front-door", "officer")
                ),
            ),
            lambda c: z3.Not(z3.Or(c.answers.shown, c.opened("show-remainder", *_content(c)))),
        ),
    ),
    Theorem(
        "P-D53", "H-11",
        "Who of a service heard or wrote down an account is read by the workers of the case and police alone "
        "where that service would point at another child, but for whoever posted it.",
        _of_one(
            lambda c: z3.And(
                c.item(type="initial-account-recorded"), c.holds("sourceReveals"), z3.Not(c.holds("own")),
                c.is_none(_CORE),
            ),
            lambda c: z3.Not(c.opened("read-SRC")),
        ),
    ),
)  # fmt: skip
