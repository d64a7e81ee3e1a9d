"""Facts that are not known, as formulas: whatever is proved of them is so for every request there can be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import z3

from hub.disclosure.cedar_schema import Attribute
from hub.disclosure.decide import LABELS
from hub.disclosure.proving.logic import OTHER
from hub.disclosure.proving.requests import Request, Value
from hub.disclosure.proving.world import FAMILY, SUBJECT, World, of_a_meeting


class Symbols:
    """The logic of formulas over one reader and one item.

    Shape: a text is a number in the list of its known texts, `OTHER` among them; a set is one truth per
    known member; two with the same names speak of the same reader or item.
    """

    def __init__(self, world: World, reader: str = "reader", item: str = "item") -> None:
        self._world: Final = world
        self._names: Final = {"principal": reader, "resource": item}
        self._item: Final = item
        self._places: Final = {
            fact: {text: place for place, text in enumerate(texts)} for fact, texts in world.known.items()
        }

    def constant(self, value: bool) -> z3.BoolRef:
        """See `Logic`."""
        return z3.BoolVal(value)

    def negation(self, one: z3.BoolRef) -> z3.BoolRef:
        """See `Logic`."""
        return z3.Not(one)

    def every(self, parts: Sequence[z3.BoolRef]) -> z3.BoolRef:
        """See `Logic`."""
        return z3.And(list(parts))

    def some(self, parts: Sequence[z3.BoolRef]) -> z3.BoolRef:
        """See `Logic`."""
        return z3.Or(list(parts))

    def holds(self, fact: Attribute) -> z3.BoolRef:
        """See `Logic`."""
        return z3.Bool(self._name(fact))

    def is_text(self, fact: Attribute, text: str) -> z3.BoolRef:
        """See `Logic`."""
        return self._number(fact) == self._places[fact][text]

    def has(self, fact: Attribute, member: str) -> z3.BoolRef:
        """See `Logic`."""
        assert member in self._places[fact], "a rule names only what is known of its facts"
        return z3.Bool(f"{self._name(fact)}:{member}")

    def carries(self, label: str) -> z3.BoolRef:
        """See `Logic`."""
        return z3.Bool(f"{self._item}.carries:{label}")

    def members(self, fact: Attribute) -> Sequence[str]:
        """See `Logic`."""
        return self._world.known[fact]

    def _name(self, fact: Attribute) -> str:
        return f"{self._names[fact.of]}.{fact.name}"

    def _number(self, fact: Attribute) -> z3.BitVecRef:
        return z3.BitVec(self._name(fact), len(self._places[fact]).bit_length())

    def possible(self) -> z3.BoolRef:
        """Every text is one of its list: what can be asked of Cedar at all."""
        texts = [fact for fact in self._world.known if fact.kind == "text"]
        return z3.And([z3.ULT(self._number(one), len(self._places[one])) for one in texts])

    def put_by_the_hub(self) -> z3.BoolRef:
        """What holds of every request that the hub itself makes.

        1. The type is one of the catalogue, and its labels are those that the catalogue gives it.
        2. A filled label is one that the type carries.
        3. Entries of meetings, and they only, are somebody's to attend; a side is one of the two.
        4. A child's family and the child are no readers of the hub: papers are made as for nobody else, who
           posted nothing.
        """
        world = self._world
        type_fact, filled = world.fact("resource", "type"), world.fact("resource", "filled")
        meeting, sides = world.fact("resource", "meeting"), world.fact("resource", "sides")
        parts = [z3.Or([self.is_text(type_fact, one) for one in world.fields]), self.possible()]
        for label in (*LABELS, OTHER):  # 1
            bearing = [self.is_text(type_fact, one) for one in world.fields if label in world.labels(one)]
            parts.append(self.carries(label) == z3.Or(bearing))
        for label in self.members(filled):  # 2
            carried = self.carries(label) if label in LABELS else z3.BoolVal(False)
            parts.append(z3.Implies(self.has(filled, label), carried))
        meetings = [self.is_text(type_fact, one) for one in world.fields if of_a_meeting(one)]  # 3
        parts.append(self.is_text(meeting, "none") == z3.Not(z3.Or(meetings)))
        parts.append(z3.Not(self.is_text(meeting, OTHER)))
        parts.append(z3.Not(self.has(sides, OTHER)))
        classes, own = world.fact("principal", "classes"), world.fact("resource", "own")
        for paper in sorted({FAMILY, SUBJECT} & set(self.members(classes))):  # 4
            others = [self.has(classes, one) for one in self.members(classes) if one != paper]
            alone = z3.Not(z3.Or([*others, self.holds(own)]))
            parts.append(z3.Implies(self.has(classes, paper), alone))
        return z3.And(parts)

    def spared(self) -> list[z3.BoolRef]:
        """What an example does without where it can: truths, members of sets, particular texts."""
        facts = self._world.schema.attributes.values()
        members = [(fact, one) for fact in facts if fact.kind == "texts" for one in self.members(fact)[::-1]]
        sets = [self.has(fact, one) for fact, one in members]
        texts = [z3.Not(self.is_text(fact, OTHER)) for fact in facts if fact.kind == "text"]
        return [*texts, *sets, *(self.holds(fact) for fact in facts if fact.kind == "truth")]

    def request(self, model: z3.ModelRef) -> Request:
        """The request that a model stands for; what it leaves open is false, or the first of its list."""

        def true(one: z3.BoolRef) -> bool:
            return bool(z3.is_true(model.eval(one, model_completion=True)))

        facts = {fact: self._value(fact, true, model) for fact in self._world.schema.attributes.values()}
        return Request(facts, frozenset(one for one in (*LABELS, OTHER) if true(self.carries(one))))

    def _value(self, fact: Attribute, true: Callable[[z3.BoolRef], bool], model: z3.ModelRef) -> Value:
        if fact.kind == "truth":
            return true(self.holds(fact))
        if fact.kind == "texts":
            return frozenset(one for one in self._world.known[fact] if true(self.has(fact, one)))
        number: int = model.eval(self._number(fact), model_completion=True).as_long()
        return self._world.known[fact][number]

    def same(self, request: Request) -> z3.BoolRef:
        """That the facts are those of a request."""
        parts = [self.carries(one) == (one in request.carries) for one in (*LABELS, OTHER)]
        for fact, value in request.facts.items():
            if isinstance(value, bool):
                parts.append(self.holds(fact) == value)
            elif isinstance(value, str):
                parts.append(self.is_text(fact, value if value in self._places[fact] else OTHER))
            else:
                for one in self._world.known[fact]:
                    known = one in value or (one == OTHER and bool(value - set(self._places[fact])))
                    parts.append(self.has(fact, one) == known)
        return z3.And(parts)
