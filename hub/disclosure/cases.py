"""Questions on which every rule holds and fails, made of the rules themselves; the same ones every time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeVar, cast

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
    Truth,
    nodes,
)
from hub.disclosure.cedar_schema import Attribute, Schema
from hub.disclosure.compiled import fact_name
from hub.disclosure.facts import ItemFacts, ReaderFacts
from hub.disclosure.reference import Case

# A value that no rule names.
OTHER: Final = "none-of-these"
_T = TypeVar("_T")
_Value = str | bool | frozenset[str]


class Chooser:
    """Choices that look random and are the same for one seed: nothing here reads randomness."""

    def __init__(self, seed: int) -> None:
        self._seed: Final = seed
        self._made = 0

    def below(self, bound: int) -> int:
        """A number from 0 to one less than the bound."""
        self._made += 1
        digest = hashlib.blake2b(f"{self._seed}/{self._made}".encode(), digest_size=8).digest()
        return int.from_bytes(digest) % bound

    def one_of(self, values: Sequence[_T]) -> _T:
        """One of these."""
        return values[self.below(len(values))]


class Cases:
    """Makes cases for rules of a schema.

    Shape: `known` are further values by the name of an attribute, beyond those that stand in the rules.
    """

    def __init__(
        self, policies: Sequence[Policy], schema: Schema, known: Mapping[str, Sequence[str]], seed: int
    ) -> None:
        self._policies: Final = policies
        self._schema: Final = schema
        self._choose: Final = Chooser(seed)
        named = _named(policies)
        self._values: Final = {
            one: sorted(named.get(one, set()) | set(known.get(one.name, ())) | {OTHER})
            for one in schema.attributes.values()
            if one.kind != "truth"
        }

    def round(self) -> Iterator[Case]:
        """Every rule bent so that it holds and so that it fails, and every action once as it comes."""
        for policy in self._policies:
            yield from self.about(policy)
        for action in sorted(self._schema.actions):
            yield self._case(action, self._any())

    def about(self, policy: Policy) -> Iterator[Case]:
        """One rule where it holds and where it fails, for an action that it is about, and for any action.

        Trust: asked about its own actions only, a rule whose scope is read too narrowly would not show.
        """
        for holds, actions in ((True, policy.actions), (False, policy.actions), (True, self._schema.actions)):
            facts = self._any()
            self._bend(policy.condition, holds, facts)
            if actions:
                yield self._case(self._choose.one_of(sorted(actions)), facts)

    def for_ever(self) -> Iterator[Case]:
        """One round after the other."""
        while True:
            yield from self.round()

    def _any(self) -> dict[Attribute, _Value]:
        """Facts as they come; every other time bare ones, so that what is bent is all that speaks."""
        bare = bool(self._choose.below(2))
        return {one: self._value(one, bare) for one in self._schema.attributes.values()}

    def _value(self, attribute: Attribute, bare: bool) -> _Value:
        match attribute.kind:
            case "truth":
                return not bare and bool(self._choose.below(2))
            case "text":
                return self._choose.one_of(self._values[attribute])
            case "texts":
                size = 0 if bare else self._choose.one_of((0, 1, 1, 1, 2, 2, 3, 6))
                return frozenset(self._choose.one_of(self._values[attribute]) for _ in range(size))

    def _case(self, action: str, facts: Mapping[Attribute, _Value]) -> Case:
        reader: dict[str, _Value] = {}
        item: dict[str, _Value] = {}
        for attribute, value in facts.items():
            (reader if attribute.of == "principal" else item)[fact_name(attribute)] = value
        # What a type can carry is no fact of the rules; the procedure of deciding reads it.
        item["carries"] = item["filled"]
        return Case(
            action,
            cast(Callable[..., ReaderFacts], ReaderFacts)(**reader),
            cast(Callable[..., ItemFacts], ItemFacts)(**item),
        )

    def _bend(self, node: Node, holds: bool, facts: dict[Attribute, _Value]) -> None:
        """Change facts so that a node most likely comes to this; a later part may undo an earlier one."""
        match node:
            case Attribute():
                facts[node] = holds
            case Not(part):
                self._bend(part, not holds, facts)
            case And(parts) | Or(parts):
                # Where one part is enough, by that part alone: a rule that has lost it says something else.
                every = isinstance(node, And)
                for part in parts:
                    self._bend(part, every, facts)
                if holds is not every:
                    self._bend(self._choose.one_of(parts), holds, facts)
            case If(test, then, otherwise):
                first = bool(self._choose.below(2))
                self._bend(test, first, facts)
                self._bend(then if first else otherwise, holds, facts)
            case Equal(left, right):
                self._make_equal(left, right, holds, facts)
            case Contains(Attribute() as found, Text(value)):
                facts[found] = self._with(facts[found], {value}, holds)
            case Contains(Texts(members), Attribute() as found) if members:
                inside = self._choose.one_of(sorted(members))
                outside = [one for one in self._values[found] if one not in members]
                facts[found] = inside if holds else self._choose.one_of(outside)
            case ContainsAny(Attribute() as found, Texts(members)) if members:
                named = {self._choose.one_of(sorted(members))} if holds else members
                facts[found] = self._with(facts[found], named, holds)
            case ContainsAll(Attribute() as found, Texts(members)) if members:
                named = members if holds else {self._choose.one_of(sorted(members))}
                facts[found] = self._with(facts[found], named, holds)

    def _make_equal(self, left: Node, right: Node, holds: bool, facts: dict[Attribute, _Value]) -> None:
        found, other = (left, right) if isinstance(left, Attribute) else (right, left)
        if not isinstance(found, Attribute):
            return
        match other:
            case Truth(value):
                facts[found] = value is holds
            case Text(value):
                others = [one for one in self._values[found] if one != value]
                facts[found] = value if holds else self._choose.one_of(others)
            case Texts(members):
                facts[found] = members if holds else frozenset({OTHER})
            case Attribute() if holds:
                facts[found] = facts[other]

    @staticmethod
    def _with(value: _Value, members: frozenset[str] | set[str], inside: bool) -> frozenset[str]:
        held = value if isinstance(value, frozenset) else frozenset()
        return held | members if inside else held - members


def _named(policies: Sequence[Policy]) -> dict[Attribute, set[str]]:
    """The texts that rules compare with each attribute."""
    found: dict[Attribute, set[str]] = {}
    for node in (one for policy in policies for one in nodes(policy.condition)):
        match node:
            case (
                Equal(Attribute() as attribute, Text(value))
                | Equal(Text(value), Attribute() as attribute)
                | Contains(Attribute() as attribute, Text(value))
            ):
                found.setdefault(attribute, set()).add(value)
            case (
                Equal(Attribute() as attribute, Texts(members))
                | Equal(Texts(members), Attribute() as attribute)
                | Contains(Texts(members), Attribute() as attribute)
                | ContainsAny(Attribute() as attribute, Texts(members))
                | ContainsAll(Attribute() as attribute, Texts(members))
            ):
                found.setdefault(attribute, set()).update(members)
    return found
