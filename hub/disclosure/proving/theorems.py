"""What is proved of the disclosure rules, theorem by theorem.

The lists of readers stand here as the requirements have them, not as the rules do: a rule that is changed
is measured against them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import z3

from hub.disclosure.lines import CARRIED_LINES, CONSIDERED
from hub.disclosure.proving.allowed import granted
from hub.disclosure.proving.logic import OTHER
from hub.disclosure.proving.reviewed import opened_by_review
from hub.disclosure.proving.scenes import Case, Claim, Theorem, claim
from hub.disclosure.proving.world import World
from hub.disclosure.standing import CLASS_OF, RESPONDENT

Facts = Callable[[Case], z3.BoolRef]

_WORKERS: Final = frozenset({"own-worker", "enquiry", "team-manager"})
# What an invitation or a request for records makes anybody, whichever agency it is (D-25).
_INVITED: Final = frozenset({"attendee", RESPONDENT})


def _of_roles(*roles: str) -> frozenset[str]:
    """What readers with these roles can be to a child, by the hub's own table, and by an invitation."""
    return frozenset(found for (_, role), found in CLASS_OF.items() if role in roles) | _INVITED


EDUCATION: Final = _of_roles("designated-safeguarding-lead", "educational-psychologist")
HEALTH: Final = _of_roles(
    "health-practitioner", "health-visitor", "general-practitioner", "therapist", "school-nurse",
    "camhs-practitioner", "sexual-health-practitioner",
)  # fmt: skip
CARERS: Final = _of_roles("foster-carer", "residential-worker")
POLICE: Final = _of_roles("police-officer") | {"consulted"}
_WITH_THE_CHILD: Final = _WORKERS | {
    "police", "consulted", "youth-justice", "iro", "safeguarding-unit", "smg", "school", "health",
    "therapist", "carer", "early-help", "spoc", "emergency",
}  # fmt: skip
_OF_THE_CASE: Final = (
    "CBH-ID", "CWH-ID", "3P", "SRC", "WORDS", "FAM", "THER", "CRIM", "LOC", "EDU", "OPIN", "SAFE",
)  # fmt: skip
# What the hub itself records, which an officer reads whole (D-54).
OF_THE_HUB: Final = ("deadline-missed", "emergency-access-used")
_FIRST_POSTS: Final = ("incident-recorded", "initial-account-recorded", "immediate-safety-measure-recorded")
# Who may hold a relationship to both children of a separated case (D-03, D-12, D-17, D-29, B).
BOTH_SIDES: Final = frozenset(
    {"enquiry", "police", "consulted", "smg", "team-manager", "safeguarding-unit", "officer"}
)


def _of_one(premises: Facts, conclusion: Facts, instance: Facts | None = None) -> Callable[[World], Claim]:
    """A theorem about one reader and one item."""

    def state(world: World) -> Claim:
        case = Case(world)
        return claim(
            premises(case), conclusion(case), case, instance=None if instance is None else instance(case)
        )

    return state


def _readers_of(agency: frozenset[str], premises: Facts, conclusion: Facts) -> Callable[[World], Claim]:
    """A theorem about readers of one agency, whose example is one that only this agency has."""
    return _of_one(
        lambda c: z3.And(c.is_only(agency), premises(c)), conclusion, lambda c: c.is_one(agency - _INVITED)
    )


def _nothing(case: Case) -> z3.BoolRef:
    return z3.Not(case.learns)


def _never(*labels: str) -> Facts:
    return lambda case: z3.Not(case.reads(*labels))


def _not_own(case: Case) -> z3.BoolRef:
    return z3.Not(case.holds("own"))


def _both_sides(world: World) -> Claim:
    """Two children, one person: what it is to the one and to the other child are told apart."""
    one, other = Case(world, "reader-of-one", "item-of-one"), Case(world, "reader-of-other", "item-of-other")
    ordinary = [case.is_one(set(_classes(world)) - BOTH_SIDES) for case in (one, other)]
    premises = z3.And(
        *(case.is_none(BOTH_SIDES) for case in (one, other)),
        z3.Not(z3.And(ordinary)),
        *(z3.Not(case.symbols.has(world.fact("principal", "classes"), OTHER)) for case in (one, other)),
    )
    reads_both = z3.And([case.answers.shown for case in (one, other)])
    either = z3.And(one.answers.shown, one.is_one({"own-worker"}), z3.Not(other.answers.any_class))
    return claim(premises, z3.Not(reads_both), one, other, instance=either)


def _classes(world: World) -> tuple[str, ...]:
    return world.known[world.fact("principal", "classes")][:-1]


def _carried(case: Case) -> z3.BoolRef:
    codes = {*CARRIED_LINES.values(), "safety-measure-for-linked-child"} - {"referral-receipt", CONSIDERED}
    return case.answers.any_line(sorted(codes))


def _officer_reads_nothing(case: Case) -> z3.BoolRef:
    content = z3.Or(case.answers.whole, case.answers.by_label, case.answers.keeps())
    return z3.Not(z3.Or(content, case.opened("show-whole", *_reading(case))))


def _reading(case: Case) -> list[str]:
    return [one for one in case.world.schema.actions if one.startswith("read-")]


THEOREMS: Final = (
    Theorem(
        "P-01", "H-08",
        "Whoever is nothing to a child now gets nothing about it: no entry, no coded line, no notice.",
        _of_one(lambda c: z3.Not(c.answers.any_class), _nothing, lambda c: c.holds("own")),
    ),
    Theorem(
        "P-02", "R-082",
        "An education reader gets nothing of a meeting that it was neither invited to nor at, its own "
        "pupil's or not, even where its own organisation wrote the record.",
        _readers_of(EDUCATION, lambda c: c.item(meeting="other"), _nothing),
    ),
    Theorem(
        "P-03", "R-082",
        "Of a meeting about a child who is not its pupil an education reader never gets the record: at most, "
        "where it was at that meeting, that it was convened, and its own part. That the child was its pupil "
        "then, that an invitation lets it in for its own pupil only, and that it is a member of the group of "
        "its own pupil only, is settled before the rules are asked.",
        _of_one(
            lambda c: z3.And(
                c.is_only(EDUCATION - {"school"}), _not_own(c), z3.Not(c.holds("ofGroup")),
                c.type_in("meeting-held", "meeting-convened"),
            ),
            lambda c: z3.And(
                z3.Implies(c.answers.shown, c.item(meeting="entitled")),
                z3.Implies(c.item(type="meeting-held"), z3.Not(z3.Or(c.answers.whole, c.answers.by_label))),
            ),
        ),
    ),
    Theorem(
        "P-04", "R-067",
        "Nobody gets entries of both children of a separated case, except those whose role names both: "
        "police, enquiry worker, management group, team manager, Safeguarding Unit and officer; provided "
        "that nobody else holds a relationship to both children.",
        _both_sides,
    ),
    Theorem(
        "P-05", "R-068",
        "What is carried over a link to a linked child's reader goes to that child's own worker only, while "
        "the link is in force, and only from the side of a child who has harmed, never back, but for the "
        "one line of P-D48.",
        _of_one(
            _carried,
            lambda c: z3.And(c.is_one({"own-worker"}), c.holds("linkInForce"), c.side("has-harmed")),
        ),
    ),
    Theorem(
        "P-06", "R-066",
        "Who referred a linked child gets a receipt for its own referral only, while the link is in force.",
        _of_one(
            lambda c: c.answers.line("referral-receipt"),
            lambda c: z3.And(c.is_one({"own-worker"}), c.holds("own"), c.holds("linkInForce")),
        ),
    ),
    Theorem(
        "P-07", "R-112",
        "Therapy content that it did not post never reaches police without a request that its holder "
        "granted, whether they investigate, are consulted, sit in the management group, were invited, "
        "use emergency access, or hold anything that no rule names.",
        _readers_of(
            POLICE,
            lambda c: z3.And(c.filled("THER"), _not_own(c), z3.Not(granted(c, "THER"))),
            _never("THER"),
        ),
    ),
    Theorem(
        "P-08", "R-112",
        "No rule that permits, not even one still to be written, lets anybody but the child's own worker and "
        "the therapist read by the label of therapy, but for police whose request the holder granted.",
        _of_one(
            lambda c: z3.And(
                c.is_none({"own-worker", "therapist"}),
                z3.Not(z3.And(c.is_one({"police"}), granted(c, "THER"))),
            ),
            lambda c: z3.Not(c.opened("read-THER")),
        ),
    ),
    Theorem(
        "P-09", "R-046",
        "Of an entry with intelligence education readers learn nothing at all: no entry, no line, no notice.",
        _readers_of(EDUCATION, lambda c: c.filled("INTEL"), _nothing),
    ),
    Theorem(
        "P-10", "R-046",
        "Of an entry with intelligence health readers, therapists among them, learn nothing at all.",
        _readers_of(HEALTH, lambda c: c.filled("INTEL"), _nothing),
    ),
    Theorem(
        "P-11", "R-046",
        "Of an entry with intelligence carers learn nothing at all; a child's family is P-D14-FAMILY-HELD.",
        _readers_of(CARERS, lambda c: c.filled("INTEL"), _nothing),
    ),
    Theorem(
        "P-12", "R-046",
        "Nobody but police, the enquiry worker, the team manager, the management group and officers gets "
        "an entry with intelligence, and no rule that permits can change that; of lines and notices there "
        "is the pointer to the child's own worker alone.",
        _of_one(
            lambda c: z3.And(
                c.filled("INTEL"), c.is_none({*_WORKERS - {"own-worker"}, *POLICE - _INVITED, "officer"})
            ),
            lambda c: z3.And(
                z3.Not(c.answers.shown),
                z3.Not(c.opened("show-whole", "show-remainder", "show-source", *_reading(c))),
                z3.Implies(
                    c.answers.any_line(),
                    z3.And(c.is_one({"own-worker"}), c.answers.line("police-hold-information")),
                ),
            ),
        ),
    ),
    Theorem(
        "P-13", "H-15",
        "An information governance officer reads no content of any entry of the agencies, whatever rule "
        "permits, but for an entry that an approved review of the officer's names; of the hub's own records "
        "the missed deadline and the use of emergency access alone.",
        _of_one(
            lambda c: z3.And(
                c.is_only({"officer"}), c.is_one({"officer"}), z3.Not(c.type_in(*OF_THE_HUB)),
                z3.Not(opened_by_review(c)),
            ),
            _officer_reads_nothing,
        ),
    ),
    Theorem(
        "P-14", "H-15",
        "Nor does one who is anything else to the child beside: as an officer nobody reads by label or "
        "whole what no approved review names.",
        _of_one(
            lambda c: z3.And(
                c.is_one({"officer"}), z3.Not(c.type_in(*OF_THE_HUB)), z3.Not(opened_by_review(c))
            ),
            lambda c: z3.Not(
                z3.Or(c.answers.whole, c.answers.by_label, c.opened("show-whole", *_reading(c)))
            ),
        ),
    ),
    Theorem(
        "P-15", "R-051",
        "A safety instruction reaches everybody who works with the child, whatever else they are to it.",
        _of_one(
            lambda c: z3.And(
                c.is_one(_WITH_THE_CHILD),
                c.is_none({"officer"}), c.item(type="immediate-safety-measure-recorded"), c.filled("SAFE"),
            ),
            lambda c: c.reads("SAFE"),
        ),
    ),
    Theorem(
        "P-16", "H-08",
        "The child's own worker gets every entry with content of the case: none is hidden but what is "
        "clinical only, intelligence, the sealed link, oversight or legal, and an interview that a child "
        "under ten should not have had.",
        _of_one(
            lambda c: z3.And(
                c.is_one({"own-worker"}), c.is_none({"officer"}), z3.Not(c.filled("INTEL")),
                z3.Not(c.item(type="interview-held", detail="pace-under-ten")),
                c.filled(*_OF_THE_CASE),
            ),
            lambda c: c.answers.shown,
        ),
    ),
    Theorem(
        "P-17", "R-046",
        "The child's own worker, who does not get an entry of suspected adults, is told that police hold "
        "information.",
        _of_one(
            lambda c: z3.And(
                c.is_one({"own-worker"}), c.item(type="adult-involvement-suspected"), c.filled("INTEL"),
                z3.Not(c.answers.whole),
            ),
            lambda c: c.answers.line("police-hold-information"),
        ),
    ),
    Theorem(
        "P-18", "R-082",
        "The child's own worker, enquiry worker, team manager, reviewing officer and Safeguarding Unit get "
        "every meeting about the child whole.",
        _of_one(
            lambda c: z3.And(
                c.is_one({*_WORKERS, "iro", "safeguarding-unit"}), c.is_none({"officer"}),
                c.type_in("meeting-held", "meeting-convened"),
                z3.Not(c.filled("INTEL", "THER")),
            ),
            lambda c: c.answers.whole,
        ),
    ),
    Theorem(
        "P-19", "H-08",
        "An organisation that is anything to the child keeps sight of the incidents, accounts and safety "
        "measures that it posted, whole.",
        _of_one(
            lambda c: z3.And(
                c.answers.any_class, c.is_none({"officer", "safeguarding-unit", "iro"}), c.holds("own"),
                c.type_in(*_FIRST_POSTS),
            ),
            lambda c: c.answers.whole,
        ),
    ),
)  # fmt: skip
