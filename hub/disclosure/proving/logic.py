"""What a condition of a rule comes to, in whatever stands for true and false.

The same reading serves twice: over formulas, to prove what holds for every request there can be, and over
long rows of bits, to decide many thousand requests at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, TypeVar

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
    Text,
    Texts,
    Truth,
)
from hub.disclosure.cedar_schema import Attribute

# Stands for every text that no rule and no closed list of the hub names.
OTHER: Final = "something-else"

T = TypeVar("T")


class Logic(Protocol[T]):
    """True and false of one kind, and the facts of a reader and an item in it.

    Shape: texts are those that `members` lists, `OTHER` among them, which stands for all the rest.
    """

    def constant(self, value: bool) -> T:
        """True, or false."""

    def negation(self, one: T) -> T:
        """True where this is not."""

    def every(self, parts: Sequence[T]) -> T:
        """True where all are; of none, true."""

    def some(self, parts: Sequence[T]) -> T:
        """True where one is; of none, false."""

    def holds(self, fact: Attribute) -> T:
        """Whether a fact that is true or false is true."""

    def is_text(self, fact: Attribute, text: str) -> T:
        """Whether a fact that is a text is this one."""

    def has(self, fact: Attribute, member: str) -> T:
        """Whether a fact that is a set of texts has this one."""

    def carries(self, label: str) -> T:
        """Whether the type of the item can carry this label, or `OTHER`."""

    def members(self, fact: Attribute) -> Sequence[str]:
        """The texts that a fact can be, or can have; of others there is `OTHER` only."""


def truth(node: Node, logic: Logic[T]) -> T:
    """What a condition comes to.

    Raises: RuntimeError where two facts are compared with each other: `OTHER` stands for many texts, so
    whether two of them are the same cannot be told.
    """
    match node:
        case Truth(value):
            return logic.constant(value)
        case Attribute():
            return logic.holds(node)
        case Not(part):
            return logic.negation(truth(part, logic))
        case And(parts):
            return logic.every([truth(one, logic) for one in parts])
        case Or(parts):
            return logic.some([truth(one, logic) for one in parts])
        case If(test, then, otherwise):
            by = truth(test, logic)
            return logic.some(
                [
                    logic.every([by, truth(then, logic)]),
                    logic.every([logic.negation(by), truth(otherwise, logic)]),
                ]
            )
        case Equal(left, right):
            return _equal(left, right, logic)
        case Contains(container, member):
            return _contains(container, member, logic)
        case ContainsAny(container, members):
            return _contains_any(container, members, logic)
        case ContainsAll(container, members):
            return _contains_all(container, members, logic)
        case Text() | Texts():
            raise RuntimeError("a rule holds a text where it needs true or false")


def _equal(left: Node, right: Node, logic: Logic[T]) -> T:
    match left, right:
        case (Attribute(kind="text") as fact, Text(value)) | (Text(value), Attribute(kind="text") as fact):
            return logic.is_text(fact, value)
        case (Attribute(kind="texts") as fact, Texts(members)) | (
            Texts(members),
            Attribute(kind="texts") as fact,
        ):
            return logic.every(
                [
                    logic.has(fact, one) if one in members else logic.negation(logic.has(fact, one))
                    for one in logic.members(fact)
                ]
            )
        case (Text(), Text()) | (Texts(), Texts()):
            return logic.constant(left == right)
        case (Attribute(kind="text" | "texts"), _) | (_, Attribute(kind="text" | "texts")):
            raise _two_facts()
    first, second = truth(left, logic), truth(right, logic)
    neither = [logic.negation(first), logic.negation(second)]
    return logic.some([logic.every([first, second]), logic.every(neither)])


def _contains(container: Node, member: Node, logic: Logic[T]) -> T:
    match container, member:
        case Attribute() as fact, Text(value):
            return logic.has(fact, value)
        case Texts(members), Attribute() as fact:
            return logic.some([logic.is_text(fact, one) for one in sorted(members)])
        case Texts(members), Text(value):
            return logic.constant(value in members)
    raise _two_facts()


def _contains_any(container: Node, members: Node, logic: Logic[T]) -> T:
    match container, members:
        case (Attribute() as fact, Texts(texts)) | (Texts(texts), Attribute() as fact):
            return logic.some([logic.has(fact, one) for one in sorted(texts)])
        case Texts(texts), Texts(others):
            return logic.constant(bool(texts & others))
    raise _two_facts()


def _contains_all(container: Node, members: Node, logic: Logic[T]) -> T:
    match container, members:
        case Attribute() as fact, Texts(texts):
            return logic.every([logic.has(fact, one) for one in sorted(texts)])
        case Texts(texts), Attribute() as fact:
            beyond = [one for one in logic.members(fact) if one not in texts]
            return logic.every([logic.negation(logic.has(fact, one)) for one in beyond])
        case Texts(texts), Texts(others):
            return logic.constant(others <= texts)
    raise _two_facts()


def _two_facts() -> RuntimeError:
    return RuntimeError("a rule compares two facts with each other, which the proofs do not know")
