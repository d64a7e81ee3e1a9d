"""Rules with one small thing wrong: every one must be noticed by a theorem or by the table of decisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from hub.disclosure.cedar_ast import (
    And,
    Contains,
    ContainsAny,
    If,
    Node,
    Not,
    Or,
    Policy,
    Text,
    Texts,
    Truth,
)
from hub.disclosure.cedar_schema import Attribute
from hub.disclosure.proving.logic import OTHER
from hub.disclosure.proving.sentences import condition_in_words
from hub.disclosure.proving.world import World

Kind = Literal["deleted", "dropped", "negated", "widened", "narrowed"]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One rule changed in one place.

    Shape: `policy` is the changed rule, None where it is deleted; `place` says what was changed.
    """

    original: Policy
    kind: Kind
    place: str
    policy: Policy | None

    @property
    def told(self) -> str:
        """The rule and what is wrong with it, in one line."""
        return f"{self.original.id}: {self.kind}" + (f" {self.place}" if self.place else "")

    def put_into(self, world: World) -> World:
        """The rule set with this rule in the place of the original."""
        changed = [self.policy if one.id == self.original.id else one for one in world.policies]
        return replace(world, policies=tuple(one for one in changed if one is not None))


def mutants(world: World, policy: Policy) -> Iterator[Mutant]:
    """Every mutant of a rule.

    1. Deleted; one that permits too, because a missing disclosure can hurt as well.
    2. One part of it dropped: a `when`, an `unless`, one condition among several.
    3. One part of it negated.
    4. One class more in a list of classes; one member less in any list.
    """
    yield Mutant(policy, "deleted", "", None)  # 1
    seen = {policy.condition}
    for kind, place, condition in _changed(policy.condition, world):  # 2, 3, 4
        if condition not in seen:
            seen.add(condition)
            yield Mutant(policy, kind, place, replace(policy, condition=condition))


def _changed(node: Node, world: World) -> Iterator[tuple[Kind, str, Node]]:
    if not isinstance(node, Truth):
        yield "negated", condition_in_words(node), node.part if isinstance(node, Not) else Not(node)
    match node:
        case Not(part):
            within = _changed(part, world)
            yield from ((kind, place, Not(one)) for kind, place, one in within if kind != "negated")
        case And(parts) | Or(parts):
            junction = type(node)
            for place, part in enumerate(parts):
                rest = (*parts[:place], *parts[place + 1 :])
                yield "dropped", condition_in_words(part), rest[0] if len(rest) == 1 else junction(rest)
                for kind, told, one in _changed(part, world):
                    yield kind, told, junction((*parts[:place], one, *parts[place + 1 :]))
        case If(test, then, otherwise):
            yield "dropped", condition_in_words(otherwise), then
            yield "dropped", condition_in_words(then), otherwise
            yield from ((kind, told, If(one, then, otherwise)) for kind, told, one in _changed(test, world))
        case ContainsAny(Attribute() as fact, Texts(members)):
            for member, rest_of in _fewer(members):
                yield "narrowed", f"{fact.name} by {member}", ContainsAny(fact, Texts(rest_of))
            for member, more in _more(fact, members, world):
                yield "widened", f"{fact.name} by {member}", ContainsAny(fact, Texts(more))
        case Contains(Texts(members), Attribute() as fact):
            for member, rest_of in _fewer(members):
                yield "narrowed", f"{fact.name} by {member}", Contains(Texts(rest_of), fact)
        case Contains(Attribute() as fact, Text(value)):
            for member, more in _more(fact, frozenset({value}), world):
                yield "widened", f"{fact.name} by {member}", ContainsAny(fact, Texts(more))


def _fewer(members: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for member in sorted(members):
        yield member, members - {member}


def _more(fact: Attribute, members: frozenset[str], world: World) -> Iterator[tuple[str, frozenset[str]]]:
    if fact.of == "principal":
        for member in world.known[fact]:
            if member not in members and member != OTHER:
                yield member, members | {member}
