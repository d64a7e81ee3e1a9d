"""Protections that hang on facts of an item: what each withholds, from whom, and that nothing lifts them.

Each is proved twice at once: of the rules as they are, and as if every rule that permits permitted always,
so that no rule still to be written can open what is withheld here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import z3

from hub.disclosure.cedar_ast import And, Equal, If, Node, Not, Or, Policy
from hub.disclosure.proving.allowed import granted
from hub.disclosure.proving.reviewed import opened_by_review
from hub.disclosure.proving.scenes import Case, Claim, Theorem, claim, more_than, satisfied
from hub.disclosure.proving.world import World, compared

_WORKERS: Final = ("own-worker", "enquiry", "team-manager")
_CORE: Final = (*_WORKERS, "police")
_NOTICE: Final = "notice-"
_RECALLS: Final = frozenset({"notice-corrected", "notice-withdrawn"})
_SENT: Final = frozenset({"notice-move", "notice-custody-release", "notice-referral"})
_INTERVIEWS: Final = ("interview-held", "interview-planned")
_TO_MEMBERS: Final = ("social-worker-allocated", "named-contact-appointed", "contact-children-risk-assessed")
_ADDRESSED: Final = ("child-moved-area", "custody-release-notified", "referral-made")
_OF_CARE: Final = _RECALLS | {"care-needs", "notice-coded-line"}
_OF_MENTIONS: Final = (*_CORE, "safeguarding-unit", "smg", "officer", "iro")
_OF_OWN_HARM: Final = (
    *_CORE, "consulted", "iro", "safeguarding-unit", "smg", "officer", "youth-justice", "health", "therapist",
    "own-front-door",
)  # fmt: skip
# Work with the child or the family that is no therapy, as the code lists have it; whatever else is.
_NO_THERAPY: Final = (
    "boundary-work", "individual-work", "group-work", "family-work", "culturally-adapted-work",
    "online-safety-work", "voluntary-offer", "early-help", "youth-justice-programme", "mentoring",
    "interview", "court", "advocacy", "independent-visitor", "school-support", "peer-support",
    "parents-support", "carers-support", "family-support", "safety-support",
)  # fmt: skip

Facts = Callable[[Case], z3.BoolRef]


def _content(case: Case) -> list[str]:
    return ["show-whole", *(one for one in sorted(case.world.schema.actions) if one.startswith("read-"))]


def _of_one(premises: Facts, conclusion: Facts) -> Callable[[World], Claim]:
    def state(world: World) -> Claim:
        case = Case(world)
        return claim(premises(case), conclusion(case), case)

    return state


def _nothing_but_for(facts: Facts, *readers: str, unless_own: bool = False) -> Callable[[World], Claim]:
    """Nobody else learns of such an item, whatever rule permits."""
    return _of_one(
        lambda c: z3.And(facts(c), c.is_none(readers), z3.Not(c.holds("own")) if unless_own else True),
        lambda c: z3.Not(z3.Or(c.learns, c.opened("show-remainder", *_content(c)))),
    )


def _no_entry_but_for(facts: Facts, *readers: str) -> Callable[[World], Claim]:
    """Nobody else gets such an item, or part of it, whatever rule permits; a coded line there may be."""
    return _of_one(
        lambda c: z3.And(facts(c), c.is_none(readers), z3.Not(c.holds("own"))),
        lambda c: z3.Not(z3.Or(c.answers.shown, c.opened("show-remainder", *_content(c)))),
    )


def _no_content_but_for(facts: Facts, *readers: str) -> Callable[[World], Claim]:
    """Nobody else reads such an item whole or by its labels, whatever rule permits."""
    return _of_one(
        lambda c: z3.And(facts(c), c.is_none(readers), z3.Not(c.holds("own"))),
        lambda c: z3.Not(z3.Or(c.answers.whole, c.answers.by_label, c.opened(*_content(c)))),
    )


GUARDS: Final = (
    Theorem(
        "P-D04", "R-082",
        "A meeting that the reader was neither invited to nor at is nothing to anybody but the child's own"
        " worker, the enquiry worker, the team manager, the reviewing officer, the Safeguarding Unit and "
        "officers.",
        _nothing_but_for(
            lambda c: c.item(meeting="other"), *_WORKERS, "iro", "safeguarding-unit", "officer"
        ),
    ),
    Theorem(
        "P-D05-HARM", "R-044",
        "How the child has been harmed is nothing to schools, carers, early help, attendees or anybody else "
        "whom the rules do not name.",
        _no_entry_but_for(lambda c: c.item(type="victimisation-considered"), *_OF_OWN_HARM),
    ),
    Theorem(
        "P-D05-CARE", "R-044",
        "Nor does a coded line or a notice tell them of it, but for the line to the current carer that says "
        "to ask about care needs, and what is said of that line later.",
        _of_one(
            lambda c: z3.And(
                c.item(type="victimisation-considered"), c.is_none(_OF_OWN_HARM), z3.Not(c.holds("own")),
            ),
            lambda c: z3.And(
                z3.Implies(c.learns, c.is_one({"carer"})),
                z3.Not(c.answers.any_line(one for one in c.answers.codes if one not in _OF_CARE)),
            ),
        ),
    ),
    Theorem(
        "P-D05-ORDER", "R-097",
        "Which interview is planned, and why, is read by the workers of the case and police alone.",
        _no_content_but_for(lambda c: c.item(type="interview-planned"), *_CORE),
    ),
    Theorem(
        "P-D07", "R-090",
        "No rule that permits lets anybody but health read by a clinical label, but for the health record "
        "that its holder granted to early help.",
        _of_one(
            lambda c: z3.And(
                c.is_none({"health"}), z3.Not(z3.And(c.is_one({"early-help"}), granted(c, "HLTH")))
            ),
            lambda c: z3.Not(c.opened("read-HLTH", "read-SEXH")),
        ),
    ),
    Theorem(
        "P-D10", "H-11",
        "A poster who would point at another child is named to the workers of the case, police, the front "
        "door of the child's own area and officers, and to nobody else but itself.",
        _of_one(
            lambda c: z3.And(
                c.holds("sourceReveals"), z3.Not(c.holds("own")),
                c.is_none((*_CORE, "own-front-door", "officer")),
            ),
            lambda c: z3.Not(z3.Or(c.answers.named, c.opened("show-source"))),
        ),
    ),
    Theorem(
        "P-D16", "R-113",
        "An interview under caution of a child under ten is known to police, the team manager, the enquiry "
        "worker, officers and whoever held it, and to nobody else.",
        _nothing_but_for(
            lambda c: c.item(type="interview-held", detail="pace-under-ten"),
            *("police", "consulted", "team-manager", "enquiry", "officer"), unless_own=True,
        ),
    ),
    Theorem(
        "P-D21-SIDE", "R-011",
        "Youth justice, that is nothing else to the child, learns nothing of an incident in which the "
        "child has been harmed, unless it posted it.",
        _nothing_but_for(
            lambda c: z3.And(
                c.is_one({"youth-justice"}), c.item(type="incident-recorded", detail="has-been-harmed")
            ),
            *_CORE, "iro", "safeguarding-unit", "smg", unless_own=True,
        ),
    ),
    Theorem(
        "P-D21-THER", "R-112",
        "Youth justice, that is nothing else to the child, learns nothing of an entry with therapy that it"
        " did not post.",
        _nothing_but_for(
            lambda c: z3.And(c.is_one({"youth-justice"}), c.filled("THER")),
            *_CORE, "therapist", "officer", unless_own=True,
        ),
    ),
    Theorem(
        "P-D21-ABE", "R-107",
        "Youth justice, that is nothing else to the child, learns nothing of an interview about the child's "
        "own harm that it did not hold, nor that there is to be one.",
        _nothing_but_for(
            lambda c: z3.And(c.is_one({"youth-justice"}), c.item(detail="abe"), c.type_in(*_INTERVIEWS)),
            *_CORE, "officer", unless_own=True,
        ),
    ),
    Theorem(
        "P-D35", "R-046",
        "No notice to an organisation's systems tells of an entry with intelligence, therapy or a sealed "
        "link.",
        _of_one(
            lambda c: c.filled("INTEL", "THER", "SEALED"),
            lambda c: z3.Not(
                z3.Or(
                    c.answers.any_line(_notices(c)),
                    c.opened(*(f"line-{code}" for code in _notices(c))),
                )
            ),
        ),
    ),
    Theorem(
        "P-D38", "R-058",
        "Whom the child does not wish to know learns nothing of its words, but for those who act for the "
        "child and whoever recorded them.",
        _nothing_but_for(
            lambda c: z3.And(c.item(type="child-voice-recorded"), c.holds("wishAgainst")),
            *_WORKERS, "officer", unless_own=True,
        ),
    ),
    Theorem(
        "P-D39", "R-112",
        "That there is therapy is known to own worker, therapist, enquiry worker, police, reviewing officer, "
        "single point of contact, current carer, officers and whoever arranged it, and to nobody else.",
        _nothing_but_for(
            lambda c: z3.Or(
                c.type_in("specialist-opinion-requested", "specialist-opinion-received"),
                z3.And(
                    c.type_in("support-arranged", "intervention-offered", "intervention-started"),
                    z3.Not(z3.Or([c.item(detail=one) for one in _NO_THERAPY])),
                ),
            ),
            *("own-worker", "therapist", "enquiry", "police", "iro", "spoc", "carer", "officer"),
            unless_own=True,
        ),
    ),
    Theorem(
        "P-D40", "R-070",
        "That oversight was notified, and what it advised, is known to the workers of the case, police, "
        "reviewing officer, Safeguarding Unit and officers, and to nobody else.",
        _nothing_but_for(
            lambda c: c.type_in("oversight-notified", "oversight-advice-given"),
            *_CORE, "iro", "safeguarding-unit", "officer",
        ),
    ),
    Theorem(
        "P-D40-DEADLINE", "R-077",
        "A missed deadline is known to the workers who can act on it, the Safeguarding Unit and officers.",
        _nothing_but_for(
            lambda c: c.item(type="deadline-missed"), *_WORKERS, "safeguarding-unit", "officer"
        ),
    ),
    Theorem(
        "P-D42", "R-063",
        "That another child was mentioned is an entry for the workers of the case, police, oversight, the "
        "management group and whoever posted it, and for nobody else.",
        _no_entry_but_for(lambda c: c.item(type="child-mentioned"), *_OF_MENTIONS),
    ),
    Theorem(
        "P-D42-LINE", "R-063",
        "Nor does a coded line or a notice tell anybody else of it, but for the school, the health service "
        "and the carers of the child who was mentioned.",
        _of_one(
            lambda c: z3.And(
                c.item(type="child-mentioned"), c.is_none(_OF_MENTIONS), z3.Not(c.holds("own")),
            ),
            lambda c: z3.Implies(
                c.learns, z3.And(c.holds("concernsOwn"), c.is_one({"school", "health", "carer"}))
            ),
        ),
    ),
    Theorem(
        "P-D14", "R-155",
        "What is told to carers of the safety of the home, of their own child and of care needs is told to "
        "nobody else.",
        _of_one(
            lambda c: c.answers.any_line(("own-child-in-plan", "safety-in-home", "care-needs")),
            lambda c: c.is_one({"carer"}),
        ),
    ),
    Theorem(
        "P-D49", "R-095",
        "The content of a decision to assess, and of what youth justice assessed, until everybody asked has "
        "consented, is read by the workers of the case, youth justice, the Safeguarding Unit, the reviewing "
        "officer and the management group, and under a review by officers; police and schools get what a "
        "remainder names.",
        _of_one(
            lambda c: z3.And(
                c.type_in("specialist-assessment-decided", "justice-assessment-completed"),
                z3.Not(c.holds("own")), z3.Not(c.holds("consented")),
                z3.Not(z3.And(c.is_one({"officer"}), opened_by_review(c))),
                c.is_none((*_WORKERS, "youth-justice", "safeguarding-unit", "iro", "smg")),
            ),
            lambda c: z3.Not(
                z3.Or(c.answers.whole, c.answers.by_label, c.opened(*_content(c)[1:]))
            ),
        ),
    ),
    Theorem(
        "P-D57", "H-16",
        "Relationships, invitations and allocations of an enquiry worker are nothing to anybody but the "
        "child's own worker and officers; of a relationship the organisation that it names may be told.",
        _nothing_but_for(
            lambda c: z3.Or(
                c.type_in("relationship-ended", "invitation-sent"),
                z3.And(c.type_in("relationship-recorded"), z3.Not(c.holds("namedParty"))),
                c.item(type="social-worker-allocated", detail="enquiry"),
            ),
            "own-worker", "officer",
        ),
    ),
    Theorem(
        "P-D57-NAMED", "H-16",
        "Nor is a relationship an entry for the organisation that it names: it sees it among its children.",
        _of_one(
            lambda c: z3.And(c.item(type="relationship-recorded"), c.is_none({"own-worker", "officer"})),
            lambda c: z3.Not(z3.Or(c.answers.shown, c.opened("show-remainder", *_content(c)))),
        ),
    ),
    Theorem(
        "P-D24-ADDRESSED", "R-157",
        "An organisation that an event is addressed to, and that is nothing else to the child, learns that a "
        "child moves to its area, is released or was referred to it, and that this was corrected or "
        "withdrawn; it gets no entry of anybody else's.",
        _of_one(
            lambda c: z3.And(
                c.is_only({"addressed"}), z3.Not(c.holds("own")), z3.Not(c.item(meeting="entitled"))
            ),
            lambda c: z3.And(
                z3.Not(z3.Or(c.answers.shown, c.answers.any_line({*c.answers.codes} - _RECALLS - _SENT))),
                z3.Implies(c.answers.any_line(_SENT), c.type_in(*_ADDRESSED)),
            ),
        ),
    ),
    Theorem(
        "P-H20", "H-20",
        "Whoever does not get every event on which a missed deadline rests does not get the deadline, but "
        "for officers.",
        _nothing_but_for(
            lambda c: z3.And(c.item(type="deadline-missed"), z3.Not(c.holds("evidenceHeld"))), "officer"
        ),
    ),
    Theorem(
        "P-D24-GROUP", "R-130",
        "A member of the group that works with a child, that is nothing else to it, learns of nothing but "
        "the group's meetings and plan, who the child's worker and contact are, a meeting it was itself "
        "invited to, what it was itself given to do, that it is one, that children at the address were "
        "considered, what its own organisation posted, and that something it was sent was corrected or "
        "withdrawn.",
        _of_one(
            lambda c: z3.And(
                c.is_only({"group-member"}), z3.Not(c.holds("own")), z3.Not(c.holds("ofGroup")),
                z3.Not(c.item(meeting="entitled")),
                z3.Not(z3.And(c.type_in("action-assigned", "relationship-recorded"), c.holds("namedParty"))),
                z3.Not(c.type_in(*_TO_MEMBERS)),
            ),
            lambda c: z3.Not(z3.Or(c.answers.shown, c.answers.any_line({*c.answers.codes} - _RECALLS))),
        ),
    ),
    Theorem(
        "P-H09", "H-09",
        "Being something to the child that no rule names opens nothing, but for what one's own organisation "
        "posted and a meeting one was invited to.",
        _of_one(
            lambda c: z3.And(c.is_only(()), z3.Not(c.holds("own")), z3.Not(c.item(meeting="entitled"))),
            lambda c: z3.Not(c.learns),
        ),
    ),
)  # fmt: skip


def _notices(case: Case) -> list[str]:
    return [code for code in case.answers.codes if code.startswith(_NOTICE)]


def lasting(policy: Policy) -> Theorem:
    """That no further role or relationship lifts what this rule forbids, but for those that it exempts."""
    spared = frozenset(_exempted(policy.condition))
    named = ", ".join(sorted(spared)) or "none"

    def state(world: World) -> Claim:
        less, more = Case(world, "reader", "item"), Case(world, "reader-with-more", "item")
        premises = z3.And(more_than(less, more, spared), satisfied(less, policy))
        return claim(premises, satisfied(more, policy), less, more)

    return Theorem(
        f"P-LASTS-{policy.id}",
        "H-10",
        f"What {policy.id} forbids stays forbidden whatever roles and relationships a reader gains, but for "
        f"those that the rule itself exempts ({named}).",
        state,
    )


def forbids(world: World) -> Iterator[Policy]:
    """The rules that forbid, in their order."""
    return (one for one in world.policies if one.effect == "forbid")


def needs_a_class(policy: Policy) -> frozenset[str]:
    """What a reader must be for a rule to forbid: who holds the right role only is not met by it."""
    return frozenset(_classes(policy.condition, affirmed=True))


def _exempted(condition: Node) -> frozenset[str]:
    return frozenset(_classes(condition, affirmed=False))


def _classes(node: Node, *, affirmed: bool) -> Iterator[str]:
    """The classes that a condition names, affirmed (they help it be true) or denied."""
    match node:
        case Not(part):
            yield from _classes(part, affirmed=not affirmed)
        case And(parts) | Or(parts):
            for one in parts:
                yield from _classes(one, affirmed=affirmed)
        case If() | Equal():
            yield from (text for fact, text in compared(node) if fact.of == "principal")
        case _ if affirmed:
            yield from (text for fact, text in compared(node) if fact.of == "principal")
