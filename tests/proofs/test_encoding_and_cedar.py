"""The encoding, in formulas and in bits, answers as Cedar and the hub's own procedure do."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from hub.catalogue import load_catalogue
from hub.disclosure.cedar_ast import Contains, Equal, Policy, Truth
from hub.disclosure.decide import Decider
from hub.disclosure.engine import Engine
from hub.disclosure.facts import ItemFacts, ReaderFacts
from hub.disclosure.proving.logic import truth
from hub.disclosure.proving.proofs import Encoding
from hub.disclosure.proving.requests import Request, ask
from hub.disclosure.proving.world import World, shipped_world
from tests.proofs.decision_table import Reviewed
from tests.proofs.generated import requests

WORLD = shipped_world(load_catalogue())
ACTIONS = sorted(WORLD.schema.actions)
SEED = 20251122
SHORT = 250
LONG = 5_000


def disagreements(world: World, asked: list[Request]) -> list[tuple[Request, str]]:
    """Where the encoding of these rules and Cedar, with the shipped ones, do not answer the same."""
    found = []
    encoding = Encoding(world)
    for one in asked:
        cedar, formulas = ask(WORLD, one, ACTIONS), encoding.answers(one)
        found += [(one, action) for action in ACTIONS if cedar[action].allowed != formulas[action]]
    return found


@pytest.mark.req("H-12", "H-14")
def test_the_encoding_answers_as_cedar_does() -> None:
    asked = requests(WORLD, SEED, SHORT)
    assert disagreements(WORLD, asked) == []
    answers = [ask(WORLD, one, ACTIONS) for one in asked[:100]]
    allowed = sum(answer.allowed for one in answers for answer in one.values())
    assert 200 < allowed < 100 * len(ACTIONS) - 200, "the requests are of one kind only"


@pytest.mark.slow
@pytest.mark.req("H-12", "H-14")
def test_the_encoding_answers_as_cedar_does_at_length() -> None:
    assert disagreements(WORLD, requests(WORLD, SEED + 1, LONG)) == []


@pytest.mark.req("H-14")
@pytest.mark.parametrize("id", ["D-05-INTEL-HOLD", "D-33-OPIN", "D-10-SOURCE-WITHHELD"])
def test_an_encoding_of_other_rules_is_found_out(id: str) -> None:
    """The negative control: one rule is otherwise than Cedar has it."""
    changed = tuple(replace(one, condition=Truth(False)) if one.id == id else one for one in WORLD.policies)
    assert disagreements(replace(WORLD, policies=changed), requests(WORLD, SEED, SHORT // 2))


@cache
def reviewed() -> Reviewed:
    return Reviewed()


def sample(count: int) -> list[tuple[int, int]]:
    """Rows and readers of the table, far apart, so that all types and circumstances come."""
    of = reviewed().table
    total = len(of.rows) * len(of.readers)
    return [divmod(number * (total // count) + number % 97, len(of.readers)) for number in range(count)]


def hub_facts(request: Request) -> tuple[ReaderFacts, ItemFacts]:
    by_name = {(fact.of, fact.name): value for fact, value in request.facts.items()}
    reader = {_snake(name): value for (of, name), value in by_name.items() if of == "principal"}
    item = {_snake(name): value for (of, name), value in by_name.items() if of == "resource"}
    return ReaderFacts(**reader), ItemFacts(carries=request.carries, **item)


def _snake(name: str) -> str:
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in name)


@pytest.mark.req("D-32", "D-02", "H-14")
def test_the_procedure_of_the_proofs_is_that_of_the_hub() -> None:
    """The hub decides what the table says: outcome, labels, what remains, the poster, and every line."""
    of, decider = reviewed(), Decider(Engine(WORLD.rules))
    outcomes = set()
    for row, place in sample(1_500):
        request = of.table.request(of.table.rows[row], of.table.readers[place])
        reader, item = hub_facts(request)
        decision = decider.decide(reader, item)
        outcomes.add(decision.outcome)
        assert of.decision(row, place) == (
            decision.outcome,
            decision.source,
            None if decision.keeps is None or decision.outcome == "H" else frozenset(decision.keeps),
            frozenset() if decision.whole or decision.keeps is not None else decision.labels,
        ), request.told()
        sent = {code for code in of.answers.codes if of.allowed_line(code)[row] >> place & 1}
        assert sent == {code for code in of.answers.codes if decider.line(code, reader, item)}
    assert outcomes == {"V", "R", "H"}


@pytest.mark.req("H-09")
def test_a_rule_that_compares_two_facts_is_refused() -> None:
    """`OTHER` stands for many texts, so two facts could be held for the same that are not."""
    of = reviewed().table
    type, detail = WORLD.fact("resource", "type"), WORLD.fact("resource", "detail")
    classes = WORLD.fact("principal", "classes")
    for condition in (Equal(type, detail), Contains(classes, type)):
        policy = Policy("X", "permit", frozenset({"show-whole"}), condition)
        with pytest.raises(RuntimeError):
            truth(policy.condition, of)
