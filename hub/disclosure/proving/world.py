"""What the proofs are about: the rules, their schema, and what the hub itself can put before them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Final

from hub.catalogue import Catalogue, EventType
from hub.disclosure.assemble import MEETING_TYPES
from hub.disclosure.cedar_ast import (
    Contains,
    ContainsAll,
    ContainsAny,
    Equal,
    Node,
    Policy,
    Text,
    Texts,
    nodes,
)
from hub.disclosure.cedar_schema import Attribute, Of, Schema
from hub.disclosure.decide import LABELS
from hub.disclosure.facts import field_labels
from hub.disclosure.lines import ACCOUNT_LINES, CARER_LINES, CARRIED_LINES, OWN_LINES
from hub.disclosure.proving.logic import OTHER
from hub.disclosure.rules import Rule, RuleSet, load_rules, read_folder
from hub.disclosure.standing import CLASS_OF, RESPONDENT
from hub.views.changes import CORRECTION, RETRACTION

SIDES: Final = frozenset({"has-harmed", "has-been-harmed"})
MEETINGS: Final = frozenset({"entitled", "other", "none"})
# They change another event's entry and are none themselves.
CHANGES: Final = frozenset({CORRECTION, RETRACTION})
FAMILY: Final = "family"
"""For whom a worker makes papers (D-14): nobody who reads by a relationship or a role."""
SUBJECT: Final = "subject"
"""The child itself, for whom an account is made (H-23): as little a reader."""
# What a reader can be beside what a relationship and a role make it (hub/disclosure/standing.py).
STANDINGS: Final = frozenset(
    {
        *CLASS_OF.values(),
        *("attendee", "consulted", "officer", "own-front-door", "safeguarding-unit", "team-manager"),
        RESPONDENT,
    }
)


@dataclass(frozen=True, slots=True)
class World:
    """The rules and everything that can be asked of them.

    Shape: `known` are the texts of each fact that a rule or a closed list of the hub names, `OTHER` last;
    `fields` maps each event type to its fields and their labels; `line_types` each coded line to the types
    of the entries that can give it.
    """

    policies: tuple[Policy, ...]
    rules: RuleSet
    schema: Schema
    fields: Mapping[str, Mapping[str, frozenset[str]]]
    line_types: Mapping[str, frozenset[str]]
    known: Mapping[Attribute, tuple[str, ...]]

    def fact(self, of: Of, name: str) -> Attribute:
        """A fact by its name.

        Raises: RuntimeError where the schema of these rules has none of that name.
        """
        found = self.schema.attributes.get((of, name))
        if found is None:
            raise RuntimeError(f"the schema of the disclosure rules has no fact {name!r}")
        return found

    def labels(self, type: str) -> frozenset[str]:
        """The labels that an event of this type can carry."""
        return frozenset(one for labels in self.fields[type].values() for one in labels)

    def rule(self, id: str) -> Rule:
        """The rule of a policy, with its annotations."""
        return self.rules.by_id[id]


def shipped_world(catalogue: Catalogue) -> World:
    """The rules that this version of the hub ships."""
    return world_of(load_rules(), catalogue)


def draft_world(folder: Path, catalogue: Catalogue) -> World:
    """The rules of a folder: its policy files and its schema, or where it has none the shipped one.

    Raises: OSError, UnicodeDecodeError where they cannot be read as text; RuntimeError, ValueError where
    the rules do not stand.
    """
    return world_of(read_folder(folder).rules(), catalogue)


def world_of(rules: RuleSet, catalogue: Catalogue) -> World:
    """The world of a rule set: all types of entry that stand on a child's record, and what they can carry."""
    of_child = {
        name: kind for name, kind in catalogue.types.items() if kind.about == "child" and name not in CHANGES
    }
    return World(
        policies=rules.parsed,
        rules=rules,
        schema=rules.declared,
        fields={name: _fields(kind) for name, kind in of_child.items()},
        line_types=_line_types(of_child),
        known=_known(rules.parsed, rules.declared, frozenset(of_child)),
    )


def _fields(kind: EventType) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for path, labels in field_labels(kind).items():
        top = _top(path)
        found[top] = found.get(top, frozenset()) | labels
    return found


def _line_types(types: Mapping[str, EventType]) -> dict[str, frozenset[str]]:
    measured = frozenset(
        name for name, kind in types.items() if any(_top(path) == "measures" for path in kind.labels)
    )
    found = {"safety-measure": measured, "safety-measure-for-linked-child": measured}
    for type, code in (
        *OWN_LINES.items(), *CARRIED_LINES.items(), *CARER_LINES.items(), *ACCOUNT_LINES.items(),
    ):  # fmt: skip
        found[code] = found.get(code, frozenset()) | {type}
    return found


def _top(path: str) -> str:
    return path.split(".", 1)[0].removesuffix("[]")


def _known(
    policies: tuple[Policy, ...], schema: Schema, types: frozenset[str]
) -> dict[Attribute, tuple[str, ...]]:
    """The texts of each fact: those that rules compare it with, and the hub's own closed lists."""
    lists: dict[tuple[Of, str], frozenset[str]] = {
        ("principal", "classes"): STANDINGS,
        ("resource", "type"): types,
        ("resource", "filled"): frozenset(LABELS),
        ("resource", "sides"): SIDES,
        ("resource", "meeting"): MEETINGS,
    }
    found = {
        fact: set(lists.get((fact.of, fact.name), frozenset()))
        for fact in schema.attributes.values()
        if fact.kind != "truth"
    }
    for policy in policies:
        for fact, text in compared(policy.condition):
            found[fact].add(text)
    return {fact: (*sorted(texts - {OTHER}), OTHER) for fact, texts in found.items()}


def compared(condition: Node) -> Iterator[tuple[Attribute, str]]:
    """Each fact of a condition with each text that it is compared with."""
    for node in nodes(condition):
        for fact, texts in permutations(_operands(node), 2):
            if isinstance(fact, Attribute):
                yield from ((fact, one) for one in _texts(texts))


def _operands(node: Node) -> tuple[Node, ...]:
    match node:
        case Equal(left, right) | Contains(left, right):
            return left, right
        case ContainsAll(container, members) | ContainsAny(container, members):
            return container, members
    return ()


def _texts(node: Node) -> frozenset[str]:
    match node:
        case Text(value):
            return frozenset({value})
        case Texts(members):
            return members
    return frozenset()


def of_a_meeting(type: str) -> bool:
    """Whether entries of this type are a meeting's, so that they are somebody's to attend or not."""
    return type in MEETING_TYPES
