"""The disclosure rules as Python functions, by action, made of the same text that Cedar validated.

An evaluation cannot err: the nodes are of a subset without optional attributes, references and arithmetic,
every operand has the type of its operator, and the facts are seen to have the types of the schema. So no
policy is ever skipped, which is how a forbid fails open in Cedar, and tests may stand in any order.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final, cast

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
    attributes_read,
    nodes,
)
from hub.disclosure.cedar_schema import Attribute, Kind, Of, Schema
from hub.disclosure.facts import ItemFacts, ReaderFacts


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an action is allowed, and the ids of the policies that determined it, in their order."""

    allowed: bool
    policies: tuple[str, ...]


_Facts = ReaderFacts | ItemFacts
# The ids of the policies of one effect that hold.
Holding = Callable[[ReaderFacts, ItemFacts], tuple[str, ...]]


class Compiled:
    """What the rules came to: the decision of Cedar, and the policies that determined it.

    Raises: RuntimeError where the schema names a fact that nobody gives.

    Procedure
      1. Every attribute of the schema is a member of the facts.
      2. For each action the policies whose scope it is in, by id, so that the determining ones are in order.
      3. Actions with the same policies of one effect share a function: a forbid that stands over every label
         is tried once for an item.
    """

    def __init__(self, policies: Sequence[Policy], schema: Schema) -> None:
        given = {side: {one.name for one in fields(kind)} for side, kind in _GIVEN.items()}
        self._kinds: Final[list[tuple[bool, str, type]]] = []
        for one in schema.attributes.values():  # 1
            if fact_name(one) not in given[one.of]:
                raise RuntimeError(
                    f"the schema of the disclosure rules names a fact that nobody gives: {one.name}"
                )
            self._kinds.append((one.of == "principal", fact_name(one), _TYPES[one.kind]))
        self._forbids: Final[dict[str, Holding]] = {}
        self._permits: Final[dict[str, Holding]] = {}
        self._reads: Final[dict[str, frozenset[Attribute]]] = {}
        made: dict[tuple[str, ...], Holding] = {}
        ordered = sorted(policies, key=lambda policy: policy.id)
        for action in schema.actions:
            scoped = [policy for policy in ordered if action in policy.actions]  # 2
            self._reads[action] = frozenset[Attribute]().union(
                *(attributes_read(one.condition) for one in scoped)
            )
            for effect, functions in (("forbid", self._forbids), ("permit", self._permits)):  # 3
                share = [one for one in scoped if one.effect == effect]
                ids = tuple(one.id for one in share)
                if ids not in made:
                    made[ids] = holding(share)
                functions[action] = made[ids]

    def decide(self, actions: Sequence[str], reader: ReaderFacts, item: ItemFacts) -> list[Verdict]:
        """Several actions of one reader on one item: where a forbid holds, those deny; else permits allow.

        Raises: TypeError where a fact is not of its type: what is no truth would count as one, and what is no
        set of texts could turn a forbid off; KeyError where there is no such action.
        """
        for of_reader, name, kind in self._kinds:
            if not isinstance(getattr(reader if of_reader else item, name), kind):
                raise TypeError(name)
        denied: dict[Holding, tuple[str, ...]] = {}
        verdicts: list[Verdict] = []
        for action in actions:
            forbid = self._forbids[action]
            if (by := denied.get(forbid)) is None:
                by = denied[forbid] = forbid(reader, item)
            if by:
                verdicts.append(Verdict(False, by))
                continue
            by = self._permits[action](reader, item)
            verdicts.append(Verdict(bool(by), by))
        return verdicts

    def reads(self, actions: Sequence[str]) -> frozenset[Attribute]:
        """The facts that any rule over these actions reads; where there is no such action, none."""
        return frozenset[Attribute]().union(*(self._reads.get(one, ()) for one in actions))


def fact_name(attribute: Attribute) -> str:
    """The member of the reader's or the item's facts that an attribute of the schema is."""
    return re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", attribute.name)


_GIVEN: Final[Mapping[Of, type[_Facts]]] = {"principal": ReaderFacts, "resource": ItemFacts}
_TYPES: Final[Mapping[Kind, type]] = {"text": str, "truth": bool, "texts": frozenset}
_SIDES: Final = {"principal": "reader", "resource": "item"}


def holding(policies: Sequence[Policy]) -> Holding:
    """A function that says which of these policies hold, whatever the action: their ids in this order.

    Shape: `found = ()`, for each policy `if condition: found += (id,)`, `return found`.
    """
    read = frozenset[Attribute]().union(*(attributes_read(one.condition) for one in policies))
    body: list[ast.stmt] = [
        _assign(_local(one), ast.Attribute(_load(_SIDES[one.of]), fact_name(one), ast.Load()))
        for one in sorted(read, key=lambda one: (one.of, one.name))
    ]
    body.append(_assign("found", _constant(())))
    for policy in policies:
        noted = ast.AugAssign(ast.Name("found", ast.Store()), ast.Add(), _constant((policy.id,)))
        body.append(ast.If(_expression(policy.condition), [noted], []))
    body.append(ast.Return(_load("found")))
    arguments = ast.arguments(
        posonlyargs=[], args=[ast.arg("reader"), ast.arg("item")], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    module = ast.Module([ast.FunctionDef("holding", arguments, body, [])], [])
    made: dict[str, object] = {}
    # S102 warns of text that is run as code. Here is none: typed nodes only, and whatever stands in a rule
    # is a constant in them.
    exec(compile(ast.fix_missing_locations(module), "<disclosure rules>", "exec"), made)  # noqa: S102
    return cast(Holding, made["holding"])


def _expression(node: Node) -> ast.expr:
    """A node as Python; the order of tests is by their cost, which changes no result as none can err."""
    match node:
        case Text(value) | Truth(value):
            return _constant(value)
        case Texts(members):
            return _constant(members)
        case Attribute():
            return _load(_local(node))
        case Not(part):
            return ast.UnaryOp(ast.Not(), _expression(part))
        case And(parts):
            return ast.BoolOp(ast.And(), [_expression(one) for one in sorted(parts, key=_cost)])
        case Or(parts):
            return ast.BoolOp(ast.Or(), [_expression(one) for one in sorted(parts, key=_cost)])
        case If(test, then, otherwise):
            return ast.IfExp(_expression(test), _expression(then), _expression(otherwise))
        case Equal(left, right):
            return ast.Compare(_expression(left), [ast.Eq()], [_expression(right)])
        case Contains(container, member):
            return ast.Compare(_expression(member), [ast.In()], [_expression(container)])
        case ContainsAll(container, members):
            return ast.Compare(_expression(members), [ast.LtE()], [_expression(container)])
        case ContainsAny(container, members):
            disjoint = ast.Attribute(_expression(container), "isdisjoint", ast.Load())
            return ast.UnaryOp(ast.Not(), ast.Call(disjoint, [_expression(members)], []))


_COSTS: Final[Mapping[type[Node], int]] = {Equal: 2, Contains: 2, ContainsAll: 3, ContainsAny: 4}


def _cost(node: Node) -> int:
    return sum(_COSTS.get(type(one), 1) for one in nodes(node))


def _local(attribute: Attribute) -> str:
    return f"{_SIDES[attribute.of]}_{fact_name(attribute)}"


def _load(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _constant(value: str | bool | tuple[str, ...] | frozenset[str]) -> ast.expr:
    # The types of the standard library know no sets here; the compiler does.
    return ast.Constant(cast(str, value))
