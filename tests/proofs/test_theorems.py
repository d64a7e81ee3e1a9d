"""What is proved of the disclosure rules, theorem by theorem, and that proofs can fail."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from hub.catalogue import load_catalogue
from hub.disclosure.cedar_ast import And, Not
from hub.disclosure.proving.everything import theorems
from hub.disclosure.proving.guards import forbids, lasting
from hub.disclosure.proving.proofs import Proof, holds, prove
from hub.disclosure.proving.requests import ask
from hub.disclosure.proving.scenes import Case, Claim, Theorem, claim
from hub.disclosure.proving.world import World, shipped_world

WORLD = shipped_world(load_catalogue())
THEOREMS = theorems(WORLD)
BY_ID = {one.id: one for one in THEOREMS}


@cache
def proofs() -> dict[str, Proof]:
    return {one.theorem.id: one for one in prove(WORLD, THEOREMS)}


# The piece of the requirements that each of the theorems is about.
D_RULES = ("D-02", "D-04", "D-05", "D-06", "D-07", "D-10", "D-13", "D-16", "D-21", "D-33", "D-35", "D-39")


@pytest.mark.req(*D_RULES, "H-08", "H-12", "R-046", "R-082", "R-112")
@pytest.mark.parametrize("id", BY_ID)
def test_a_theorem_is_proved_and_speaks_of_something(id: str) -> None:
    """No request contradicts it, there is an example of it, and Cedar answers the example as encoded."""
    proof = proofs()[id]
    assert proof.result == "proved", [one.request.told() for one in proof.shown]
    assert proof.shown
    assert all(one.agrees for one in proof.shown)


def without(*ids: str) -> World:
    return replace(WORLD, policies=tuple(one for one in WORLD.policies if one.id not in ids))


def prove_one(world: World, theorem: Theorem) -> Proof:
    return next(iter(prove(world, [theorem])))


@pytest.mark.req("H-12", "D-04", "R-082")
def test_a_theorem_that_does_not_hold_shows_a_request_that_contradicts_it() -> None:
    """The rule of the right room is not there: a school gets the other meeting, as Cedar would answer."""
    world = without("D-04-RIGHT-ROOM")
    proof = prove_one(world, BY_ID["P-02"])
    assert proof.result == "false"
    (shown,) = proof.shown
    told = shown.request.told()
    assert told["meeting"] == "other"
    assert shown.agrees is False, "Cedar still has the rule that was taken away"
    assert all(
        "D-04-RIGHT-ROOM" in one.policies for one in ask(WORLD, shown.request, ["show-whole"]).values()
    )


@pytest.mark.req("H-12")
def test_a_theorem_without_a_case_is_not_proved() -> None:
    """A premise that nothing can meet makes any sentence true."""

    def state(world: World) -> Claim:
        case = Case(world)
        return claim(case.type_in("no-type-of-the-catalogue"), case.is_none(()), case)

    assert prove_one(WORLD, Theorem("X", "H-12", "Nothing.", state)).result == "vacuous"


@pytest.mark.req("H-10", "H-12")
@pytest.mark.parametrize(("further", "result"), [("evidenceHeld", "proved"), ("attended", "false")])
def test_a_rule_that_an_invitation_lifts_does_not_last(further: str, result: str) -> None:
    """A fact of the item may well lift a protection; a further relationship of the reader may not."""
    hold = next(one for one in WORLD.policies if one.id == "D-05-INTEL-HOLD")
    fact = next(one for one in WORLD.schema.attributes.values() if one.name == further)
    lifted = replace(hold, condition=And((hold.condition, Not(fact))))
    assert prove_one(WORLD, lasting(lifted)).result == result


# Which theorem would fall without each rule that forbids; a new one needs its own.
HELD_BY = {
    "D-04-RIGHT-ROOM": "P-D04",
    "D-05-INTEL-HOLD": "P-12",
    "D-05-INTERVIEW-ORDER-HOLD": "P-D05-ORDER",
    "D-05-OWN-HARM-LINES": "P-D05-CARE",
    "D-05-OWN-HARM-OTHERS": "P-D05-HARM",
    "D-06-THERAPY-HOLD": "P-08",
    "D-06-THERAPY-WHOLE": "P-D06-WHOLE",
    "D-07-CLINICAL-HOLD": "P-D07",
    "D-07-CLINICAL-WHOLE": "P-D07-WHOLE",
    "D-07-SEXUAL-HEALTH-HOLD": "P-D07-SEXH",
    "D-10-SOURCE-WITHHELD": "P-D10",
    "D-13-OFFICER-NO-CONTENT": "P-14",
    "D-14-ACCOUNT-HELD": "P-H23-HELD",
    "D-14-ACCOUNT-ONLY": "P-H23-ONLY",
    "D-14-FAMILY-HELD": "P-D14-FAMILY-HELD",
    "D-14-FAMILY-NEVER": "P-D14-FAMILY-TEMPLATE",
    "D-16-UNDER-TEN-INTERVIEW": "P-D16",
    "D-21-CHILD-WHO-HARMED": "P-D21-CHILD",
    "D-21-CHILD-WHO-HARMED-PARTS": "P-D21-CHILD-PARTS",
    "D-21-JUSTICE-SIDE": "P-D21-SIDE",
    "D-21-OWN-HARM-INTERVIEW": "P-D21-ABE",
    "D-21-THERAPY": "P-D21-THER",
    "D-33-DECLINED-KEPT": "P-H13-KEPT",
    "D-33-DECLINED-OTHERS": "P-H13",
    "D-35-NO-NOTICE": "P-D35",
    "D-38-ACCOUNT-OTHERS": "P-D38-ACCOUNT",
    "D-38-WISH-AGAINST": "P-D38",
    "D-39-EXISTENCE-OTHERS": "P-D39",
    "D-40-DEADLINE-OTHERS": "P-D40-DEADLINE",
    "D-40-OVERSIGHT-OTHERS": "P-D40",
    "D-42-MENTIONED-LINES": "P-D42-LINE",
    "D-42-MENTIONED-OTHERS": "P-D42",
    "D-49-ASSESSMENT-OTHERS": "P-D49",
    "D-50-EMERGENCY-NEVER": "P-D50",
    "D-50-EMERGENCY-OTHERS": "P-D50-USED",
    "D-53-SRC-REVEALING": "P-D53",
    "D-57-ADMIN-LINES": "P-D57",
    "D-57-ADMIN-OTHERS": "P-D57-NAMED",
    "D-57-ENQUIRY-ALLOCATION": "P-D57",
    "H-20-DEADLINE-EVIDENCE": "P-H20",
}


@pytest.mark.req("H-12")
def test_every_rule_that_forbids_is_held_by_a_theorem() -> None:
    assert {one.id for one in forbids(WORLD)} == HELD_BY.keys()


@pytest.mark.req("H-12")
@pytest.mark.parametrize("id", sorted(HELD_BY))
def test_without_a_rule_that_forbids_its_theorem_falls(id: str) -> None:
    assert holds(WORLD, BY_ID[HELD_BY[id]])
    assert not holds(without(id), BY_ID[HELD_BY[id]])
