"""The schema of the disclosure rules, read into types: the facts there are, the actions and their groups.

Only the part of Cedar's schema language is read that keeps evaluation free of errors: every attribute is
required and is a text, a truth or a set of texts; whatever else is refused when the rules are loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Of = Literal["principal", "resource"]
Kind = Literal["text", "truth", "texts"]
KINDS: Final[Mapping[str, Kind]] = {"String": "text", "Bool": "truth", "Set<String>": "texts"}
SIDES: Final[Mapping[str, Of]] = {"Reader": "principal", "Item": "resource"}

_TOKEN: Final = re.compile(
    r'\s+|//[^\n]*|(?P<token>"[^"\\\n]*"|Set<String>|[A-Za-z][A-Za-z0-9]*|[{}\[\]=:;,])'
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One fact that the rules may read: of the reader (the principal) or of the item (the resource)."""

    of: Of
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Schema:
    """What rules may speak of.

    Shape: `actions` are those that are asked, each with every group that it is in, itself included;
    `groups` are all names that a rule's scope may use.
    """

    attributes: Mapping[tuple[Of, str], Attribute]
    actions: Mapping[str, frozenset[str]]
    groups: frozenset[str]

    def asked(self, *named: str) -> frozenset[str]:
        """The actions that are in any of these groups or are one of them."""
        return frozenset(action for action, groups in self.actions.items() if not groups.isdisjoint(named))


@dataclass(frozen=True, slots=True)
class _Declared:
    """An action as it stands in the text: the groups that it names, and whether it may be asked."""

    parents: tuple[str, ...]
    asked: bool


def read_schema(text: str) -> Schema:
    """The typed schema of the rules.

    Raises: RuntimeError where the text holds anything that the compiled rules do not know.
    """
    tokens = _Tokens(text)
    attributes: dict[tuple[Of, str], Attribute] = {}
    declared: dict[str, _Declared] = {}
    while tokens.left:
        word = tokens.take()
        if word == "entity":
            for one in _entity(tokens):
                _once((one.of, one.name) in attributes, one.name)
                attributes[one.of, one.name] = one
        elif word == "action":
            for name, one_action in _actions(tokens):
                _once(name in declared, name)
                declared[name] = one_action
        else:
            raise _refused(word)
    return Schema(
        attributes,
        {name: _groups(name, declared) for name, one in declared.items() if one.asked},
        frozenset(declared),
    )


def _entity(tokens: _Tokens) -> Iterator[Attribute]:
    of = SIDES.get(tokens.take())
    if of is None:
        raise _refused("entity")
    tokens.expect("=", "{")
    while tokens.peek() != "}":
        name = tokens.quoted()
        tokens.expect(":")
        kind = KINDS.get(tokens.take())
        if kind is None:
            raise _refused(name)
        yield Attribute(of, name, kind)
        if tokens.peek() != "}":
            tokens.expect(",")
    tokens.expect("}", ";")


def _actions(tokens: _Tokens) -> Iterator[tuple[str, _Declared]]:
    names = [tokens.quoted()]
    while tokens.peek() == ",":
        tokens.expect(",")
        names.append(tokens.quoted())
    parents: list[str] = []
    if tokens.peek() == "in":
        tokens.expect("in", "[")
        parents.append(tokens.quoted())
        while tokens.peek() == ",":
            tokens.expect(",")
            parents.append(tokens.quoted())
        tokens.expect("]")
    asked = tokens.peek() == "appliesTo"
    if asked:
        tokens.expect("appliesTo", "{", "principal", ":", "Reader", ",", "resource", ":", "Item", "}")
    tokens.expect(";")
    for name in names:
        yield name, _Declared(tuple(parents), asked)


def _groups(name: str, declared: Mapping[str, _Declared]) -> frozenset[str]:
    found: set[str] = set()
    ahead = [name]
    while ahead:
        one = ahead.pop()
        if one not in declared:
            raise _refused(one)
        if one not in found:
            found.add(one)
            ahead += declared[one].parents
    return frozenset(found)


class _Tokens:
    """The words of a schema, one after the other; a character that belongs to none is refused."""

    def __init__(self, text: str) -> None:
        self.left: Final[list[str]] = []
        at = 0
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise _refused(text[at])
            at = found.end()
            if token := found["token"]:
                self.left.append(token)
        self.left.reverse()

    def peek(self) -> str:
        return self.left[-1] if self.left else ""

    def take(self) -> str:
        if not self.left:
            raise _refused("the end")
        return self.left.pop()

    def expect(self, *words: str) -> None:
        for word in words:
            if (found := self.take()) != word:
                raise _refused(found)

    def quoted(self) -> str:
        found = self.take()
        if not found.startswith('"'):
            raise _refused(found)
        return found[1:-1]


def _once(already: bool, name: str) -> None:
    if already:
        raise RuntimeError(f"the schema of the disclosure rules declares {name!r} twice")


def _refused(what: str) -> RuntimeError:
    return RuntimeError(
        f"the schema of the disclosure rules holds what the compiled rules do not know: {what!r}"
    )
