"""The disclosure rules as typed nodes, read from Cedar's own parse of their text.

The subset is one in which evaluation cannot err: every attribute is required, every operand has the type
that its operator takes, nothing is dereferenced, there is no arithmetic. What is outside is refused when the
rules are loaded, so that nothing is ever guessed and no policy can be skipped for an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import cedarpy

from hub.disclosure.cedar_schema import Attribute, Kind, Of, Schema
from hub.envelope import JsonObject, JsonValue


@dataclass(frozen=True, slots=True)
class Text:
    """A text that stands in a rule."""

    value: str


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false that stands in a rule, or what `has` comes to: every declared attribute is there."""

    value: bool


@dataclass(frozen=True, slots=True)
class Texts:
    """A set of texts that stands in a rule."""

    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Not:
    """True where its part is not."""

    part: Node


@dataclass(frozen=True, slots=True)
class And:
    """True where every part is; of two or more parts, none of them an `And`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True where any part is; of two or more parts, none of them an `Or`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If:
    """One of two truths, by a third."""

    test: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Equal:
    """Two texts, two truths or two sets that are the same; `!=` is the `Not` of it."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Contains:
    """A set that has this text among its members."""

    container: Node
    member: Node


@dataclass(frozen=True, slots=True)
class ContainsAll:
    """A set that has every member of the other."""

    container: Node
    members: Node


@dataclass(frozen=True, slots=True)
class ContainsAny:
    """A set that has any member of the other."""

    container: Node
    members: Node


Node = Text | Truth | Texts | Attribute | Not | And | Or | If | Equal | Contains | ContainsAll | ContainsAny


@dataclass(frozen=True, slots=True)
class Policy:
    """One rule: what it does, to which of the actions that are asked, and when.

    Shape: `condition` is of kind truth: every `when` and the negation of every `unless`, in their order.
    """

    id: str
    effect: Literal["permit", "forbid"]
    actions: frozenset[str]
    condition: Node


def read_policies(text: str, schema: Schema) -> tuple[Policy, ...]:
    """The rules of a text that has been validated against this schema, in their order.

    Raises: RuntimeError where a rule uses what the compiled rules do not know.
    """
    parsed: JsonObject = json.loads(cedarpy.policies_to_json_str(text))
    if parsed.get("templates") or parsed.get("templateLinks"):
        raise RuntimeError("a disclosure rule is a template, which the compiled rules do not know")
    found = _object(parsed.get("staticPolicies"))
    # Cedar names them policy0, policy1, ... as they stand in the text.
    ordered = sorted(found, key=lambda name: int(name.removeprefix("policy")))
    return tuple(_Reading(schema, name).policy(_object(found[name])) for name in ordered)


def kind_of(node: Node) -> Kind:
    """Whether a node is a text, a truth or a set of texts."""
    match node:
        case Attribute():
            return node.kind
        case Text():
            return "text"
        case Texts():
            return "texts"
        case _:
            return "truth"


def nodes(node: Node) -> Iterator[Node]:
    """A node and all nodes below it."""
    yield node
    for part in _parts(node):
        yield from nodes(part)


def attributes_read(node: Node) -> frozenset[Attribute]:
    """The facts that a node reads; no other fact can change what it comes to."""
    return frozenset(one for one in nodes(node) if isinstance(one, Attribute))


def _parts(node: Node) -> tuple[Node, ...]:
    match node:
        case Not(part):
            return (part,)
        case And(parts) | Or(parts):
            return parts
        case If(test, then, otherwise):
            return (test, then, otherwise)
        case Equal(left, right):
            return (left, right)
        case Contains(container, other) | ContainsAll(container, other) | ContainsAny(container, other):
            return (container, other)
        case _:
            return ()


_EFFECTS: Final[Mapping[JsonValue, Literal["permit", "forbid"]]] = {"permit": "permit", "forbid": "forbid"}
_VARIABLES: Final[Mapping[JsonValue, Of]] = {"principal": "principal", "resource": "resource"}
_BINARY: Final = frozenset({"&&", "||", "==", "!=", "contains", "containsAll", "containsAny"})
_OF_SETS: Final[Mapping[str, Callable[[Node, Node], Node]]] = {
    "contains": Contains,
    "containsAll": ContainsAll,
    "containsAny": ContainsAny,
}


class _Reading:
    """Reads one rule; every refusal names it by its place, because its name may be what is wrong."""

    def __init__(self, schema: Schema, name: str) -> None:
        self._schema: Final = schema
        self._name: Final = name

    def policy(self, found: JsonObject) -> Policy:
        """The whole rule: whom and what it is about must be anybody and anything, or facts could dangle."""
        notes = _object(found.get("annotations", {}))
        self._name_known(notes)
        effect = _EFFECTS.get(found.get("effect"))
        if (
            effect is None
            or found.get("principal") != {"op": "All"}
            or found.get("resource") != {"op": "All"}
        ):
            raise self._refused("scope")
        conditions = tuple(self._condition(_object(one)) for one in _list(found.get("conditions")))
        return Policy(
            id=str(notes["id"]),
            effect=effect,
            actions=self._actions(_object(found.get("action"))),
            condition=_joined(And, conditions) if conditions else Truth(True),
        )

    def _name_known(self, notes: JsonObject) -> None:
        if not isinstance(notes.get("id"), str):
            raise self._refused("no id")

    def _actions(self, scope: JsonObject) -> frozenset[str]:
        match scope:
            case {"op": "All", **rest} if not rest:
                return frozenset(self._schema.actions)
            case {"op": "==", "entity": entity, **rest} if not rest:
                name = self._action(entity)
                # An action that is only a group is never asked, so a rule about it alone decides nothing.
                return frozenset({name} & self._schema.actions.keys())
            case {"op": "in", "entity": entity, **rest} if not rest:
                return self._schema.asked(self._action(entity))
            case {"op": "in", "entities": list(entities), **rest} if not rest:
                return self._schema.asked(*(self._action(one) for one in entities))
        raise self._refused("action scope")

    def _action(self, entity: JsonValue) -> str:
        match entity:
            case {"type": "Action", "id": str(name), **rest} if not rest and name in self._schema.groups:
                return name
        raise self._refused("action")

    def _condition(self, condition: JsonObject) -> Node:
        body = self._truth(condition.get("body"))
        match condition.get("kind"):
            case "when":
                return body
            case "unless":
                return Not(body)
        raise self._refused("condition")

    def _node(self, value: JsonValue) -> Node:
        match value:
            case {"Value": bool(truth), **rest} if not rest:
                return Truth(truth)
            case {"Value": str(text), **rest} if not rest:
                return Text(text)
            case {"Set": list(members), **rest} if not rest:
                return Texts(frozenset(self._literal(one) for one in members))
            case {".": {"left": {"Var": variable}, "attr": str(name)}, **rest} if not rest:
                return self._attribute(variable, name)
            case {"has": {"left": {"Var": variable}, "attr": str(name)}, **rest} if not rest:
                # Entities are of the schema: what is declared is there, and nothing else is.
                return Truth((self._side(variable), name) in self._schema.attributes)
            case {"!": {"arg": part}, **rest} if not rest:
                return Not(self._truth(part))
            case {"if-then-else": {"if": test, "then": then, "else": otherwise}, **rest} if not rest:
                return If(self._truth(test), self._truth(then), self._truth(otherwise))
            case dict() if len(value) == 1:
                ((operator, operands),) = value.items()
                if operator in _BINARY:
                    return self._binary(operator, _object(operands))
        raise self._refused("operator")

    def _binary(self, operator: str, operands: JsonObject) -> Node:
        left, right = operands.get("left"), operands.get("right")
        match operator:
            case "&&":
                return _joined(And, (self._truth(left), self._truth(right)))
            case "||":
                return _joined(Or, (self._truth(left), self._truth(right)))
            case "==" | "!=":
                first, second = self._node(left), self._node(right)
                # Cedar holds different types for unequal; a rule that compares them is a mistake.
                if kind_of(first) != kind_of(second):
                    raise self._refused("comparison")
                equal = Equal(first, second)
                return equal if operator == "==" else Not(equal)
        other = self._kind(right, "text" if operator == "contains" else "texts")
        return _OF_SETS[operator](self._kind(left, "texts"), other)

    def _attribute(self, variable: JsonValue, name: str) -> Attribute:
        found = self._schema.attributes.get((self._side(variable), name))
        if found is None:
            raise self._refused("attribute")
        return found

    def _side(self, variable: JsonValue) -> Of:
        found = _VARIABLES.get(variable) if isinstance(variable, str) else None
        if found is None:
            raise self._refused("variable")
        return found

    def _literal(self, value: JsonValue) -> str:
        found = self._node(value)
        if not isinstance(found, Text):
            raise self._refused("set")
        return found.value

    def _truth(self, value: JsonValue) -> Node:
        return self._kind(value, "truth")

    def _kind(self, value: JsonValue, kind: Kind) -> Node:
        found = self._node(value)
        if kind_of(found) != kind:
            raise self._refused("type")
        return found

    def _refused(self, what: str) -> RuntimeError:
        return RuntimeError(f"disclosure rule {self._name} uses what the compiled rules do not know: {what}")


def _joined(junction: type[And] | type[Or], parts: tuple[Node, ...]) -> Node:
    flat: list[Node] = []
    for part in parts:
        if isinstance(part, And | Or) and isinstance(part, junction):
            flat += part.parts
        else:
            flat.append(part)
    return flat[0] if len(flat) == 1 else junction(tuple(flat))


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise RuntimeError("Cedar's parse of the disclosure rules is not of the known form")
    return value


def _list(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list):
        raise RuntimeError("Cedar's parse of the disclosure rules is not of the known form")
    return value
