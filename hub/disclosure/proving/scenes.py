"""The words in which theorems are written: readers, items and answers that are not known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import z3

from hub.disclosure.cedar_ast import Policy
from hub.disclosure.proving.procedure import Answers
from hub.disclosure.proving.symbols import Symbols
from hub.disclosure.proving.world import World


class Case:
    """One unknown reader before one unknown item, and what the hub answers.

    Shape: `open_answers` are the answers as if every rule that permits permitted always.
    """

    def __init__(self, world: World, reader: str = "reader", item: str = "item") -> None:
        self.world: Final = world
        self.symbols: Final = Symbols(world, reader, item)
        self.answers: Final[Answers[z3.BoolRef]] = Answers(world, self.symbols)
        self.open_answers: Final[Answers[z3.BoolRef]] = Answers(world, self.symbols, unguarded=True)

    def is_one(self, classes: Iterable[str]) -> z3.BoolRef:
        """The reader is at least one of these to the child."""
        fact = self.world.fact("principal", "classes")
        known = self.world.known[fact]
        return z3.Or([self.symbols.has(fact, one) for one in sorted(classes) if one in known])

    def is_none(self, classes: Iterable[str]) -> z3.BoolRef:
        """The reader is none of these to the child, whatever else it is."""
        return z3.Not(self.is_one(classes))

    def is_only(self, classes: Iterable[str]) -> z3.BoolRef:
        """Whatever the reader is to the child is among these, or is something that no rule names."""
        fact = self.world.fact("principal", "classes")
        return self.is_none(set(self.world.known[fact][:-1]) - set(classes))

    def item(self, **texts: str) -> z3.BoolRef:
        """The item has these texts, by the name of the fact."""
        facts = ((self.world.fact("resource", name), text) for name, text in texts.items())
        return z3.And(
            [
                self.symbols.is_text(fact, text) if text in self.world.known[fact] else z3.BoolVal(False)
                for fact, text in facts
            ]
        )

    def type_in(self, *types: str) -> z3.BoolRef:
        """The item is of one of these types."""
        return z3.Or([self.item(type=one) for one in types])

    def holds(self, name: str) -> z3.BoolRef:
        """A fact of the item that is true or false is true."""
        return self.symbols.holds(self.world.fact("resource", name))

    def filled(self, *labels: str) -> z3.BoolRef:
        """A field with one of these labels is filled."""
        return z3.Or([self.answers.filled(one) for one in labels])

    def side(self, side: str) -> z3.BoolRef:
        """An incident names the child on this side."""
        return self.symbols.has(self.world.fact("resource", "sides"), side)

    def reads(self, *labels: str) -> z3.BoolRef:
        """Filled content with one of these labels leaves for the reader."""
        return z3.Or([self.answers.reads(one) for one in labels])

    @property
    def learns(self) -> z3.BoolRef:
        """The reader gets the entry, or part of it, or any coded line or notice of it."""
        return z3.Or(self.answers.shown, self.answers.any_line())

    def opened(self, *actions: str) -> z3.BoolRef:
        """One of these actions would be allowed if every rule that permits permitted always."""
        return z3.Or([self.open_answers.allowed(one) for one in actions])


@dataclass(frozen=True, slots=True)
class Claim:
    """What a theorem says of its cases: where the premises hold, so does the conclusion.

    Shape: `instance` is what a request must meet beside the premises to be an example worth telling; a
    theorem of which there is none says nothing.
    """

    cases: tuple[Case, ...]
    premises: z3.BoolRef
    conclusion: z3.BoolRef
    instance: z3.BoolRef


@dataclass(frozen=True, slots=True)
class Theorem:
    """One thing that is proved of the rules.

    Shape: `sentence` is what it says in plain English; `state` writes it down for a rule set.
    """

    id: str
    requirement: str
    sentence: str
    state: Callable[[World], Claim]


def claim(
    premises: z3.BoolRef, conclusion: z3.BoolRef, *cases: Case, instance: z3.BoolRef | None = None
) -> Claim:
    """A claim about requests that the hub itself can make; an example has readers who are something."""
    possible = [one.symbols.put_by_the_hub() for one in cases]
    somebody = z3.And([one.answers.any_class for one in cases])
    return Claim(cases, z3.And([*possible, premises]), conclusion, somebody if instance is None else instance)


def more_than(less: Case, more: Case, spared: Iterable[str]) -> z3.BoolRef:
    """One reader is all that the other is, and perhaps more, but none of the spared classes in addition."""
    parts = []
    for fact in less.world.schema.attributes.values():
        if fact.of != "principal":
            continue
        if fact.kind == "truth":
            parts.append(z3.Implies(less.symbols.holds(fact), more.symbols.holds(fact)))
        elif fact.kind == "texts":
            for one in less.world.known[fact]:
                had, has = less.symbols.has(fact, one), more.symbols.has(fact, one)
                parts.append(had == has if one in spared else z3.Implies(had, has))
    return z3.And(parts)


def satisfied(case: Case, policy: Policy) -> z3.BoolRef:
    """The condition of this rule is true of the case."""
    return case.answers.satisfied(policy)
