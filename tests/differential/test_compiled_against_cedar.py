"""The compiled rules say what Cedar says, of every rule where it holds and where it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from hub.disclosure import decide, engine
from hub.disclosure.cases import Cases
from hub.disclosure.cedar_ast import (
    And,
    Contains,
    ContainsAll,
    ContainsAny,
    Equal,
    If,
    Node,
    Not,
    Or,
    Policy,
    Text,
    Texts,
)
from hub.disclosure.compiled import Compiled, Verdict
from hub.disclosure.decide import Decider
from hub.disclosure.engine import Engine, disagreements
from hub.disclosure.facts import ItemFacts, ReaderFacts
from hub.disclosure.reference import FAULT, Reference
from hub.disclosure.rules import load_rules
from tests.differential.comparing import cases, compare, known

RULES = load_rules()
REFERENCE = Reference(RULES.policies, RULES.schema, RULES.declared)
SHORT = 9_000
# Of each kind of change so many rules, and so many pairs of questions about each.
PER_KIND = 3
ABOUT = 150


@pytest.mark.req("H-09", "D-02", "D-32")
def test_decisions_and_determining_rules_are_those_of_cedar() -> None:
    tally = compare(SHORT, seed=1)
    assert tally.disagreements == []
    assert tally.least(tally.held, RULES)[1] >= 5 and tally.least(tally.failed, RULES)[1] >= 5
    assert tally.least(tally.decided, RULES)[1] >= 1


def flipped(node: Node) -> Node | None:
    """The same with another operator; None where there is none to flip."""
    match node:
        case And(parts):
            return Or(parts)
        case Or(parts):
            return And(parts)
        case Not(part):
            return part
        case ContainsAny(container, Texts(members)) if len(members) > 1:
            return ContainsAll(container, Texts(members))
        case Equal() | Contains():
            return Not(node)
    return None


def without_a_member(node: Node) -> Node | None:
    """The same with one text of a set less."""
    match node:
        case Texts(members) if len(members) > 1:
            return Texts(members - {min(members)})
    return None


def of_another_text(node: Node) -> Node | None:
    """The same with another text."""
    return Text(f"{node.value}-") if isinstance(node, Text) else None


def changed(node: Node, change: Callable[[Node], Node | None], kind: type[Node]) -> Iterator[Node]:
    """Every node that differs in one place, of this kind, from this one."""
    if isinstance(node, kind) and (made := change(node)) is not None:
        yield made
    for number, part in enumerate(parts := _parts(node)):
        for one in changed(part, change, kind):
            yield _rebuilt(node, (*parts[:number], one, *parts[number + 1 :]))


def _parts(node: Node) -> tuple[Node, ...]:
    match node:
        case And(parts) | Or(parts):
            return parts
        case Not(part):
            return (part,)
        case If(test, then, otherwise):
            return (test, then, otherwise)
        case Equal(left, right) | Contains(left, right) | ContainsAny(left, right) | ContainsAll(left, right):
            return (left, right)
    return ()


def _rebuilt(node: Node, parts: tuple[Node, ...]) -> Node:
    return type(node)(parts) if isinstance(node, And | Or) else type(node)(*parts)


def mutants(change: Callable[[Node], Node | None], kind: type[Node]) -> Iterator[tuple[Policy, Policy]]:
    """One mutant of each rule that has such a node, with the rule."""
    for policy in RULES.parsed:
        for one in changed(policy.condition, change, kind):
            yield policy, replace(policy, condition=one)
            break


KINDS: list[tuple[Callable[[Node], Node | None], type[Node]]] = [
    (flipped, And),
    (flipped, Or),
    (flipped, Not),
    (flipped, Equal),
    (flipped, Contains),
    (flipped, ContainsAny),
    (without_a_member, Texts),
    (of_another_text, Text),
]


def _found(mutant: Compiled, about: Policy) -> bool:
    """Whether Cedar contradicts on questions about one rule."""
    made = Cases(RULES.parsed, RULES.declared, known(), seed=2)
    asked = [one for _ in range(ABOUT) for one in made.about(about)]
    return bool(disagreements(mutant, REFERENCE, asked))


@pytest.mark.req("H-09")
@pytest.mark.parametrize(("change", "kind"), KINDS, ids=[f"{c.__name__}-{k.__name__}" for c, k in KINDS])
def test_a_changed_rule_is_found(change: Callable[[Node], Node | None], kind: type[Node]) -> None:
    made = list(mutants(change, kind))
    tried = made[:: max(1, len(made) // PER_KIND)]
    for original, mutant in tried:
        rules = [mutant if one is original else one for one in RULES.parsed]
        assert _found(Compiled(rules, RULES.declared), original), original.id


@pytest.mark.req("H-09")
@pytest.mark.parametrize("effect", ["permit", "forbid"])
def test_a_rule_that_is_missing_or_turned_round_is_found(effect: str) -> None:
    original = [one for one in RULES.parsed if one.effect == effect][-1]
    without = [one for one in RULES.parsed if one is not original]
    turned = replace(original, effect="forbid" if effect == "permit" else "permit")
    assert not _found(Compiled(RULES.parsed, RULES.declared), original)
    assert _found(Compiled(without, RULES.declared), original)
    assert _found(Compiled([*without, turned], RULES.declared), original)


@pytest.mark.req("H-09")
def test_a_scope_that_is_read_too_narrowly_or_too_widely_is_found() -> None:
    original = next(one for one in RULES.parsed if one.id == "D-13-OFFICER-NO-CONTENT")
    others = RULES.declared.actions.keys() - original.actions
    assert original.actions and others
    for actions in (frozenset({"show-whole"}), original.actions | others):
        changed = [replace(one, actions=actions) if one is original else one for one in RULES.parsed]
        assert _found(Compiled(changed, RULES.declared), original), sorted(actions)


@pytest.mark.req("H-09")
def test_a_hub_whose_compiled_rules_differ_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def lenient(policies: list[Policy], schema: object) -> Compiled:
        return Compiled([one for one in policies if one.effect == "permit"], RULES.declared)

    monkeypatch.setattr(engine, "Compiled", lenient)
    engine._checked.cache_clear()
    with pytest.raises(RuntimeError, match="differ from Cedar"):
        Engine(RULES)
    monkeypatch.undo()
    engine._checked.cache_clear()
    assert Engine(RULES).faults == 0


@pytest.mark.req("H-09")
def test_an_error_of_cedar_is_no_answer_and_so_a_disagreement(monkeypatch: pytest.MonkeyPatch) -> None:
    class Diagnostics:
        errors = ("an attribute was missing",)

    class Result:
        diagnostics = Diagnostics()
        allowed = True

    asked = cases(RULES, 40, seed=3)
    monkeypatch.setattr("cedarpy.is_authorized_batch", lambda requests, *a, **k: [Result()] * len(requests))
    assert REFERENCE.ask(asked) == [Verdict(False, (FAULT,))] * 40
    assert disagreements(Compiled(RULES.parsed, RULES.declared), REFERENCE, asked) == asked


@pytest.mark.req("D-32", "H-09")
def test_a_decision_is_the_same_whether_made_afresh_or_remembered() -> None:
    remembering = Decider(Engine(RULES))
    for case in cases(RULES, 1_500, seed=4):
        fresh = Decider(Engine(RULES))
        item = replace(case.item, carries=case.item.filled | {"OPIN", "SAFE"})
        assert remembering.decide(case.reader, item) == fresh.decide(case.reader, item)
        if case.action.startswith("line-"):
            code = case.action.removeprefix("line-")
            assert remembering.line(code, case.reader, item) == fresh.line(code, case.reader, item)


@pytest.mark.req("D-32")
def test_facts_that_no_rule_of_a_decision_reads_do_not_make_another_decision() -> None:
    decider = Decider(Engine(RULES))
    read = {one.name for one in Engine(RULES).reads(["show-whole", "show-remainder", "show-source"])}
    assert "linkInForce" not in read and "namesReadersChild" not in read
    one = ItemFacts(
        type="incident-recorded", detail="", filled=frozenset({"OPIN"}), carries=frozenset({"OPIN"}),
        own=False, meeting="none", sides=frozenset(), joint=False, source_reveals=False,
    )  # fmt: skip
    worker = ReaderFacts(frozenset({"own-worker"}), False)
    same = decider.decide(worker, one)
    assert decider.decide(worker, replace(one, link_in_force=True, names_readers_child=True)) is same
    assert decider.decide(worker, replace(one, type="child-mentioned")) is not same


@pytest.mark.req("D-32")
def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "MAX_DECIDED", 20)
    decider = Decider(Engine(RULES))
    for case in cases(RULES, 400, seed=6):
        decider.decide(case.reader, case.item)
        decider.line("notice-level", case.reader, case.item)
        assert len(decider._decided) <= 20 and len(decider._lines) <= 20
    assert decider._decided and decider._lines


@pytest.mark.req("H-09")
def test_the_questions_are_the_same_every_time_and_reach_every_action() -> None:
    first, again = (list(Cases(RULES.parsed, RULES.declared, {}, 5).round()) for _ in range(2))
    assert first == again
    assert {case.action for case in first} == set(RULES.declared.actions)
