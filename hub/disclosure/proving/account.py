"""What is proved of the account of sharing that a child is given (H-23)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import z3

from hub.disclosure.proving.families import NEVER
from hub.disclosure.proving.scenes import Case, Claim, Theorem, claim
from hub.disclosure.proving.world import SUBJECT, World

Facts = Callable[[Case], z3.BoolRef]

_ACCESS: Final = "record-accessed"
# Of what the account may say that it was shared: nothing of which a family's paper may say nothing.
_SAID: Final = (
    "incident-recorded", "immediate-safety-measure-recorded", "social-worker-allocated",
    "named-contact-appointed", "meeting-convened", "meeting-held", "plan-started", "plan-reviewed",
    "risk-management-plan-recorded", "conference-decided", "closure-decided", "assessment-started",
    "assessment-completed", "section-47-enquiry-initiated", "section-47-enquiry-concluded",
    "criminal-outcome-recorded", "family-informed",
)  # fmt: skip
_RECIPIENTS: Final = (
    "social-care", "school", "health", "early-help", "carer", "police", "youth-justice",
)  # fmt: skip
_NAMED: Final = ("social-care", "school")
_OWN: Final = ("account", "account-to", "account-name")


def _of_one(premises: Facts, conclusion: Facts) -> Callable[[World], Claim]:
    def state(world: World) -> Claim:
        case = Case(world)
        return claim(premises(case), conclusion(case), case)

    return state


def _subject(case: Case, *and_: z3.BoolRef) -> z3.BoolRef:
    return z3.And(case.is_one({SUBJECT}), *and_)


def _detail_in(case: Case, details: tuple[str, ...]) -> z3.BoolRef:
    return z3.Or([case.item(detail=one) for one in details])


ACCOUNTS: Final = (
    Theorem(
        "P-H23-HELD", "H-23",
        "Of an entry with intelligence, who reported, a child's own words, therapy, clinical content, the "
        "link to another child, legal matters or oversight a child's account says in no form that it was "
        "shared, whatever rule permits.",
        _of_one(
            lambda c: _subject(c, c.filled(*NEVER)),
            lambda c: z3.Not(z3.Or(c.learns, c.opened(*sorted(c.world.schema.actions)))),
        ),
    ),
    Theorem(
        "P-H23-TOLD", "R-054",
        "Nor of anything that the child is not recorded as told of, or that anybody of its family is not to "
        "know for a risk; nor of an access by police or youth justice while criminal matters go on.",
        _of_one(
            lambda c: _subject(c, z3.Not(c.holds("familyTold"))),
            lambda c: z3.Not(z3.Or(c.learns, c.opened(*sorted(c.world.schema.actions)))),
        ),
    ),
    Theorem(
        "P-H23-ONLY", "D-14",
        "A child's account shows no entry, whole or in part, and nobody who posted, whatever rule permits.",
        _of_one(
            _subject,
            lambda c: z3.Not(
                z3.Or(
                    c.answers.shown, c.answers.named,
                    c.opened(*(one for one in sorted(c.world.schema.actions) if not one.startswith("line-"))),
                )
            ),
        ),
    ),
    Theorem(
        "P-H23-SAID", "H-23",
        "It has no coded line but its own: of a concern, workers and contacts, meetings of the kinds that "
        "parents are invited to, plans and safety, assessments and enquiries, criminal matters that have "
        "ended and what the family was told; and of who was told by kind, named only where that is a school "
        "or social care and points at no home.",
        _of_one(
            _subject,
            lambda c: z3.And(
                z3.Not(c.answers.any_line(one for one in c.answers.codes if one not in _OWN)),
                z3.Implies(c.answers.line("account"), c.type_in(*_SAID)),
                z3.Implies(
                    z3.Or(c.answers.line("account-to"), c.answers.line("account-name")), c.type_in(_ACCESS)
                ),
                z3.Implies(c.answers.line("account-to"), _detail_in(c, _RECIPIENTS)),
                z3.Implies(
                    c.answers.line("account-name"),
                    z3.And(_detail_in(c, _NAMED), z3.Not(c.holds("sourceReveals"))),
                ),
            ),
        ),
    ),
    Theorem(
        "P-H23-OTHERS", "H-23",
        "And nobody but the child has a line of its account.",
        _of_one(
            lambda c: c.is_none({SUBJECT}),
            lambda c: z3.Not(c.answers.any_line(_OWN)),
        ),
    ),
)  # fmt: skip
