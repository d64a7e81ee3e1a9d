"""What is proved of the rules about emergency access, what others allowed, and what is held back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import z3

from hub.disclosure.proving.scenes import Case, Claim, Theorem, claim
from hub.disclosure.proving.world import World

Facts = Callable[[Case], z3.BoolRef]

EMERGENCY: Final = "emergency"
USED: Final = "emergency-access-used"
_NEVER: Final = ("THER", "HLTH", "SEXH", "INTEL", "LEGAL", "SEALED")
_CORE_FACTS: Final = (
    "immediate-safety-measure-recorded", "social-worker-allocated", "named-contact-appointed",
    "incident-recorded", "child-stream-opened", "behaviour-level-assessed", "risk-management-plan-recorded",
    "section-47-enquiry-initiated", "section-47-enquiry-concluded", USED,
)  # fmt: skip
_OF_THE_GAP: Final = (
    "own-worker", "enquiry", "team-manager", "police", "youth-justice", "iro", "safeguarding-unit", "smg",
    "officer",
)  # fmt: skip
_AROUND_THE_CHILD: Final = (
    "own-worker", "enquiry", "team-manager", "police", "youth-justice", "iro", "group-member",
)  # fmt: skip


def granted(case: Case, label: str) -> z3.BoolRef:
    """A granted request for records opens this label of the item to the reader."""
    fact = case.world.fact("resource", "granted")
    known = label in case.world.known[fact]
    return case.symbols.has(fact, label) if known else z3.BoolVal(False)


def _content(case: Case) -> list[str]:
    return ["show-whole", *(one for one in sorted(case.world.schema.actions) if one.startswith("read-"))]


def _opens(case: Case) -> z3.BoolRef:
    return z3.Or(case.learns, case.opened("show-remainder", *_content(case)))


def _of_one(premises: Facts, conclusion: Facts) -> Callable[[World], Claim]:
    def state(world: World) -> Claim:
        case = Case(world)
        return claim(premises(case), conclusion(case), case)

    return state


def _in_an_emergency(case: Case, and_: Iterable[z3.BoolRef] = ()) -> z3.BoolRef:
    """The reader used emergency access and is nothing else to the child; its own post it is not."""
    return z3.And(case.is_only({EMERGENCY}), case.is_one({EMERGENCY}), z3.Not(case.holds("own")), *and_)


ALLOWED: Final = (
    Theorem(
        "P-D50", "H-17",
        "Emergency access, while it is the reader's only basis, opens nothing of therapy, clinical content, "
        "intelligence, legal matters or the link to another child, whatever rule permits: no entry, no coded "
        "line, no notice.",
        _of_one(
            lambda c: _in_an_emergency(c, (c.filled(*_NEVER),)),
            lambda c: z3.Not(_opens(c)),
        ),
    ),
    Theorem(
        "P-D50-CORE", "H-17",
        "It opens core facts and safety measures alone: of other types at most a measure as a coded line, "
        "and a meeting that the reader was itself invited to.",
        _of_one(
            lambda c: _in_an_emergency(
                c, (z3.Not(c.type_in(*_CORE_FACTS)), z3.Not(c.item(meeting="entitled")))
            ),
            lambda c: z3.Not(c.answers.shown),
        ),
    ),
    Theorem(
        "P-D50-USED", "H-17",
        "That emergency access was used is known to the child's team manager, own worker, officers and "
        "whoever used it, and to nobody else.",
        _of_one(
            lambda c: z3.And(
                c.item(type=USED), c.is_none({"team-manager", "own-worker", "officer"}),
                z3.Not(c.holds("own")),
            ),
            lambda c: z3.Not(_opens(c)),
        ),
    ),
    Theorem(
        "P-D50-WHOLE", "H-17",
        "The child's team manager and officers get every use of emergency access whole, and are told of it.",
        _of_one(
            lambda c: z3.And(c.item(type=USED), c.is_one({"team-manager", "officer"}), c.filled("OVS")),
            lambda c: z3.And(
                c.answers.whole, c.answers.line("notice-emergency"),
            ),
        ),
    ),
    Theorem(
        "P-D07-SEXH", "R-120",
        "What is clinical about sexual health is read by health alone, whatever was granted.",
        _of_one(
            lambda c: c.is_none({"health"}),
            lambda c: z3.Not(c.opened("read-SEXH")),
        ),
    ),
    Theorem(
        "P-H13", "H-13",
        "That something is held and not shared is known to those who work the case, its oversight, officers "
        "and whoever decided it, and to nobody else.",
        _of_one(
            lambda c: z3.And(
                c.item(type="sharing-declined"), c.is_none(_OF_THE_GAP), z3.Not(c.holds("own"))
            ),
            lambda c: z3.Not(_opens(c)),
        ),
    ),
    Theorem(
        "P-H13-KEPT", "H-13",
        "From whom something is kept never reads what it is.",
        _of_one(
            lambda c: z3.And(
                c.item(type="sharing-declined"), c.holds("keptFrom"), z3.Not(c.holds("own"))
            ),
            lambda c: z3.Not(z3.Or(c.answers.whole, c.answers.by_label, c.opened(*_content(c)))),
        ),
    ),
    Theorem(
        "P-D48", "R-155",
        "That children at the address were considered is told over a link in force alone, to the group that "
        "works with the child on whose account it was, and never to a school, a carer or health.",
        _of_one(
            lambda c: c.answers.line("children-considered"),
            lambda c: z3.And(
                c.holds("linkInForce"), c.holds("namesReadersChild"),
                c.is_one(_AROUND_THE_CHILD),
            ),
        ),
    ),
)  # fmt: skip
