"""Rules written at random say the same compiled and in Cedar; what compiled rules do not know is refused."""

from __future__ import annotations

import pytest

from hub.disclosure.cases import Cases, Chooser
from hub.disclosure.cedar_ast import (
    And,
    Contains,
    ContainsAll,
    ContainsAny,
    Equal,
    If,
    Not,
    Or,
    Truth,
    nodes,
)
from hub.disclosure.cedar_schema import read_schema
from hub.disclosure.compiled import Compiled
from hub.disclosure.engine import disagreements
from hub.disclosure.facts import ItemFacts
from hub.disclosure.reference import Reference
from hub.disclosure.rules import RuleSet, load_rules
from tests.differential.random_rules import SCHEMA, written

SETS = 12
RULES_IN_ONE = 25


@pytest.fixture(scope="module")
def rule_sets() -> list[RuleSet]:
    found: list[RuleSet] = []
    for seed in range(SETS):
        choose = Chooser(seed)
        found.append(RuleSet({"random.cedar": written(choose, RULES_IN_ONE)}, SCHEMA))
    return found


@pytest.mark.req("H-09")
def test_random_rules_say_the_same_in_both(rule_sets: list[RuleSet]) -> None:
    for rules in rule_sets:
        reference = Reference(rules.policies, rules.schema, rules.declared)
        asked = list(Cases(rules.parsed, rules.declared, {}, 1).round())
        assert disagreements(Compiled(rules.parsed, rules.declared), reference, asked) == []


@pytest.mark.req("H-09")
def test_random_rules_use_every_operator_that_is_known(rule_sets: list[RuleSet]) -> None:
    used = {type(node) for rules in rule_sets for one in rules.parsed for node in nodes(one.condition)}
    assert {And, Or, Not, If, Equal, Contains, ContainsAll, ContainsAny, Truth} <= used


HEAD = '@id("X")@rule("x")@requirement("x")@legal_basis("x")@reason("x")\n'
REFUSED = {
    "like": 'permit (principal, action, resource) when { resource.type like "a*" };',
    "number": "permit (principal, action, resource) when { 1 < 2 };",
    "is in the scope": "permit (principal is Reader, action, resource);",
    "one reader": 'permit (principal == Reader::"r", action, resource);',
    "one item": 'permit (principal, action, resource == Item::"i");',
    "is": "permit (principal, action, resource) when { principal is Reader };",
    "a condition on the action": 'permit (principal, action, resource) when { action == Action::"all" };',
    "in": "permit (principal, action, resource) when { principal in principal };",
    "a record": "permit (principal, action, resource) when { {own: resource.own}.own };",
    "a set of facts": 'permit (principal, action, resource) when { [resource.type].contains("a") };',
    "is empty": "permit (principal, action, resource) when { resource.sides.isEmpty() };",
    "a template": "permit (principal == ?principal, action, resource);",
    "a set of truths": "permit (principal, action, resource) when { [true].contains(resource.own) };",
}


@pytest.mark.req("H-09")
@pytest.mark.parametrize("name", REFUSED)
def test_rules_that_the_compiled_ones_do_not_know_are_refused(name: str) -> None:
    # Cedar takes each of them: it is the compiled rules that would have to guess.
    with pytest.raises(RuntimeError, match="the compiled rules do not know"):
        RuleSet({"draft.cedar": HEAD + REFUSED[name]}, SCHEMA)


@pytest.mark.req("H-09")
def test_the_same_rule_without_what_is_not_known_is_taken() -> None:
    rule = 'permit (principal, action, resource) when { resource.type == "a" };'
    (found,) = RuleSet({"draft.cedar": HEAD + rule}, SCHEMA).parsed
    assert found.id == "X" and found.effect == "permit" and len(found.actions) == 4


SCHEMAS = {
    "an optional fact": ('"own": Bool', '"own"?: Bool'),
    "a number": ('"own": Bool', '"own": Long'),
    "a set of truths": ('"own": Bool', '"own": Set<Bool>'),
    "a reader in groups": ("entity Reader =", "entity Group; entity Reader in [Group] ="),
    "a context": ("resource: Item }", "resource: Item, context: { extra: Bool } }"),
    "a name twice": ('"own": Bool', '"own": Bool, "own": Bool'),
    "an unknown group": ('in ["all"] applies', 'in ["nobody"] applies'),
}


@pytest.mark.req("H-09")
@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_in_which_evaluation_could_err_is_refused(name: str) -> None:
    old, new = SCHEMAS[name]
    assert old in SCHEMA
    with pytest.raises(RuntimeError):
        read_schema(SCHEMA.replace(old, new))


@pytest.mark.req("H-09")
def test_a_fact_that_nobody_gives_is_refused() -> None:
    schema = read_schema(SCHEMA.replace('"own": Bool', '"own": Bool, "unheardOf": Bool'))
    with pytest.raises(RuntimeError, match="unheardOf"):
        Compiled([], schema)


@pytest.mark.req("H-09")
def test_every_fact_of_an_item_but_what_its_type_carries_is_one_of_the_schema() -> None:
    declared = load_rules().declared
    named = {one.name.lower() for one in declared.attributes.values() if one.of == "resource"}
    members = {one.replace("_", "") for one in ItemFacts.__dataclass_fields__}
    assert members - named == {"carries"}
