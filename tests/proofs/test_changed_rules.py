"""A rule that is changed in any small way is noticed: by the table of decisions, or by a theorem."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from hub.catalogue import load_catalogue
from hub.disclosure.cedar_ast import And, Not
from hub.disclosure.proving.everything import theorems
from hub.disclosure.proving.mutants import Mutant, mutants
from hub.disclosure.proving.mutation import Judge, deletions, judged_all, never_met, of_all
from hub.disclosure.proving.proofs import holds
from hub.disclosure.proving.world import shipped_world

WORLD = shipped_world(load_catalogue())
# They forbid what no rule permits; theorems hold them against rules that are still to come.
SECOND_LINE = {
    "D-06-THERAPY-HOLD", "D-06-THERAPY-WHOLE", "D-07-CLINICAL-HOLD", "D-07-CLINICAL-WHOLE",
    "D-07-SEXUAL-HEALTH-HOLD", "D-33-DECLINED-KEPT",
}  # fmt: skip

# What these withhold, a rule of its own withholds from an officer (D-13), from a family's paper (D-14) and
# from a child's account (H-23), whatever these say of any of them.
_FROM_OFFICERS = ("D-06-THERAPY-WHOLE", "D-07-CLINICAL-WHOLE", "D-49-ASSESSMENT-OTHERS")
_FROM_FAMILIES = (
    *_FROM_OFFICERS, "D-05-INTEL-HOLD", "D-05-INTERVIEW-ORDER-HOLD", "D-06-THERAPY-HOLD",
    "D-07-CLINICAL-HOLD", "D-07-SEXUAL-HEALTH-HOLD", "D-10-SOURCE-WITHHELD", "D-21-CHILD-WHO-HARMED",
    "D-05-OWN-HARM-LINES", "D-21-THERAPY", "D-50-EMERGENCY-NEVER", "D-53-SRC-REVEALING",
)  # fmt: skip
_FROM_CHILDREN = (
    *_FROM_FAMILIES, "D-05-OWN-HARM-OTHERS", "D-21-CHILD-WHO-HARMED-PARTS", "D-38-ACCOUNT-OTHERS",
    "D-42-MENTIONED-OTHERS", "D-57-ADMIN-OTHERS",
)  # fmt: skip
HELD_TWICE = {
    f"{one}: widened classes by {reader}"
    for reader, held in (
        ("officer", _FROM_OFFICERS), ("family", _FROM_FAMILIES), ("subject", _FROM_CHILDREN),
    )
    for one in held
} | {
    # INTEL has a rule of its own, for emergency access too.
    "D-50-EMERGENCY-NEVER: narrowed filled by INTEL",
}  # fmt: skip


@cache
def judge() -> Judge:
    return Judge(WORLD)


@pytest.mark.req("H-12", "D-02")
def test_no_rule_is_dead() -> None:
    """Each can be met, and without it some request would be answered otherwise."""
    assert never_met(WORLD) == ()
    idle = {one.mutant.original.id for one in deletions(judge()) if one.fate == "the same"}
    assert idle == SECOND_LINE


@pytest.mark.req("H-12")
def test_deleting_dropping_or_negating_any_part_of_a_rule_that_forbids_is_noticed() -> None:
    forbids = [one for one in WORLD.policies if one.effect == "forbid"]
    changed = [
        one
        for policy in forbids
        for one in mutants(WORLD, policy)
        if one.kind in ("deleted", "dropped", "negated")
    ]
    assert len(changed) > 5 * len(forbids)
    assert [one.told for one in changed if judge().judge(one).fate == "survived"] == []


@pytest.mark.req("H-12")
@pytest.mark.parametrize("id", sorted(SECOND_LINE))
def test_what_holds_the_second_line_is_noticed_by_a_theorem(id: str) -> None:
    policy = next(one for one in WORLD.policies if one.id == id)
    holding = ("P-08", "P-D07", "P-D07-SEXH", "P-D06-WHOLE", "P-D07-WHOLE", "P-H13-KEPT")
    stated = [one for one in theorems(WORLD) if one.id in holding]
    weaker = [one for one in mutants(WORLD, policy) if judge().weakens(one)]
    assert weaker
    for mutant in (one for one in weaker if one.told not in HELD_TWICE):
        assert not all(holds(mutant.put_into(WORLD), one) for one in stated), mutant.told


@pytest.mark.slow
@pytest.mark.req("H-12")
def test_every_change_to_every_rule_is_noticed() -> None:
    """Classes more and members fewer too; where no request is answered otherwise there is nothing to see."""
    judged = list(judged_all(judge(), of_all(WORLD)))
    assert [one.mutant.told for one in judged if one.fate == "survived"] == []
    unheld = {one.mutant.told for one in judged if one.fate == "the same" and weakened(one.mutant)}
    assert unheld == HELD_TWICE
    felled = {one.theorem for one in judged}
    assert {"P-02", "P-08", "P-D04"} & felled


def weakened(mutant: Mutant) -> bool:
    return mutant.original.effect == "forbid" and judge().weakens(mutant)


@pytest.mark.req("H-12")
def test_a_change_that_the_table_does_not_show_survives_and_is_told() -> None:
    """The negative control: it takes three circumstances at once, and the table has two at most."""
    policy = next(one for one in WORLD.policies if one.id == "D-30-AUTHOR")
    three = [WORLD.fact("resource", name) for name in ("joint", "sourceReveals", "linkInForce")]
    changed = replace(policy, condition=And((policy.condition, Not(And(tuple(three))))))
    found = judge().judge(Mutant(policy, "dropped", "", changed))
    assert found.fate == "survived" and found.request is not None
    assert all(found.request.facts[one] is True for one in three)


@pytest.mark.req("H-12")
def test_a_change_that_makes_no_difference_is_not_held_against_the_table() -> None:
    policy = next(one for one in WORLD.policies if one.id == "D-30-AUTHOR")
    changed = replace(policy, condition=Not(Not(policy.condition)))
    assert judge().judge(Mutant(policy, "negated", "", changed)).fate == "the same"
