"""A rule in sentences, for whoever has to explain it: what it does, when, why, and whom a reader may ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

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
)
from hub.disclosure.cedar_schema import Attribute, Schema
from hub.disclosure.proving.plain_words import (
    label_in_words,
    line_in_words,
    notice_in_words,
    reader_in_words,
    side_in_words,
)
from hub.disclosure.proving.world import World

# How a fact reads that is true or false: where it is, and where it is not.
_TRUTHS: Final[Mapping[str, tuple[str, str]]] = {
    "attended": (
        "the reader was invited to or at a meeting about the child",
        "the reader was invited to and at no meeting about the child",
    ),
    "own": ("the reader's organisation posted it", "another organisation posted it"),
    "joint": ("the assessment is joint with the reader's organisation", "the assessment is not joint"),
    "sourceReveals": (
        "who posted it would point at another child, or who was told at a home",
        "naming who posted it, or who was told, points at no other child and no home",
    ),
    "linkInForce": ("the link to the reader's child is in force", "no link to that child is in force"),
    "namesReadersChild": ("it names the reader's own child", "it does not name the reader's own child"),
    "ownRow": ("it has a row that is the reader's own", "it has no row of the reader's own"),
    "wishAgainst": (
        "the child does not wish the reader's organisation to know",
        "the child has not said that the reader's organisation should not know",
    ),
    "ofGroup": (
        "it is of the group that the reader is a member of",
        "it is of no group that the reader is a member of",
    ),
    "concernsOwn": (
        "the child mentioned is known to the reader's organisation",
        "the child mentioned is not said to be known to the reader's organisation",
    ),
    "sharesHome": (
        "it is about a child of the home in which the reader's child is placed",
        "it is about no child of the home in which the reader's child is placed",
    ),
    "careTeam": (
        "it is a place that the reader knows as one of the child's care team",
        "it is no place that the reader knows as one of the child's care team",
    ),
    "namedParty": ("it names the reader's organisation as a party", "it does not name it as a party"),
    "consented": (
        "everybody who was asked consents that the reader knows",
        "not everybody who was asked consents that the reader knows",
    ),
    "keptFrom": (
        "it was decided not to share with the reader",
        "nobody decided not to share with the reader",
    ),
    "reviewed": (
        "an approved review of the reader's names it",
        "no approved review of the reader's names it",
    ),
    "familyTold": (
        "the family is recorded as told of it",
        "the family is not recorded as told of it",
    ),
    "evidenceHeld": (
        "the reader gets every event that it rests on",
        "the reader does not get every event that it rests on",
    ),
}
_TEXTS: Final[Mapping[str, str]] = {
    "type": "its type is",
    "detail": "its detail is",
    "meeting": "as to its meeting the reader is",
    "classes": "the reader is",
    "filled": "it holds something labelled",
    "sides": "the child's own incidents name it as",
    "granted": "a granted request opens to the reader what is labelled",
}
_ABSENT: Final[Mapping[str, str]] = {
    "type": "its type is not",
    "detail": "its detail is not",
    "meeting": "as to its meeting the reader is not",
    "classes": "the reader is not",
    "filled": "it holds nothing labelled",
    "sides": "the child's own incidents do not name it as",
    "granted": "no granted request opens to the reader what is labelled",
}
# What a fact names by codes that have words.
_WORDS: Final[Mapping[str, Callable[[str], str]]] = {
    "classes": reader_in_words,
    "filled": label_in_words,
    "granted": label_in_words,
    "sides": side_in_words,
}

NOTHING_KEPT: Final = "nothing but that there is such an entry, and when"


@dataclass(frozen=True, slots=True)
class Explained:
    """One rule in words.

    Shape: `does` is what it permits or forbids, `when` under which condition, `keeps` which fields
    remain where something is withheld; empty where a rule says nothing of it.
    """

    id: str
    rule: str
    effect: str
    requirement: str
    legal_basis: str
    reason: str
    does: str
    when: str
    keeps: str
    ask: str
    text: str


def explain(world: World, policy: Policy) -> Explained:
    """A rule in sentences."""
    rule = world.rule(policy.id)
    remains = any(one == "show-remainder" for one in policy.actions) and policy.effect == "permit"
    return Explained(
        id=policy.id,
        rule=rule.rule,
        effect=policy.effect,
        requirement=rule.requirement,
        legal_basis=rule.legal_basis,
        reason=rule.reason,
        does=f"{policy.effect}s to {_actions(policy.actions, world.schema)}",
        when=condition_in_words(policy.condition),
        keeps=(", ".join(rule.keeps) or NOTHING_KEPT) if remains else "",
        ask=reader_in_words(rule.ask) if rule.ask else "",
        text=rule.text,
    )


def find(world: World, name: str) -> tuple[Policy, ...]:
    """The rules with this id; else those that carry out this rule or serve this requirement."""
    exact = tuple(one for one in world.policies if one.id == name)
    return exact or tuple(
        one for one in world.policies if name in (world.rule(one.id).rule, world.rule(one.id).requirement)
    )


def condition_in_words(node: Node) -> str:
    """A condition as a person reads it."""
    return _said(node, affirmed=True)


def _said(node: Node, *, affirmed: bool) -> str:
    match node:
        case Truth(value):
            return "always" if value == affirmed else "never"
        case Attribute(name=name):
            there, absent = _TRUTHS.get(name, (f"{name} is so", f"{name} is not so"))
            return there if affirmed else absent
        case Not(part):
            return _said(part, affirmed=not affirmed)
        case And(parts) | Or(parts):
            word = " and " if isinstance(node, And) == affirmed else " or "
            # "Always" says nothing beside another condition.
            telling = [one for one in parts if not (isinstance(node, And) and one == Truth(True))]
            return word.join(_nested(one, affirmed=affirmed) for one in telling)
        case If(test, then, otherwise):
            told = [_said(one, affirmed=affirmed) for one in (then, otherwise)]
            return f"if {_said(test, affirmed=True)} then {told[0]}, else {told[1]}"
        case Equal(left, right) | Contains(left, right) | ContainsAny(left, right) | ContainsAll(left, right):
            return _compared(node, left, right, affirmed=affirmed)
        case Text() | Texts():
            return _listed(node)


def _compared(node: Node, left: Node, right: Node, *, affirmed: bool) -> str:
    """A fact and the texts that it is compared with; the operator shows in how the list is told."""
    fact, other = (left, right) if isinstance(left, Attribute) else (right, left)
    if not isinstance(fact, Attribute):
        return f"{_listed(left)} and {_listed(right)} are {'the same' if affirmed else 'not the same'}"
    verb = _TEXTS.get(fact.name, f"{fact.name} is")
    if not affirmed:
        verb = _ABSENT.get(fact.name, f"{fact.name} is not")
    in_words = _WORDS.get(fact.name, str)
    members = [in_words(one) for one in sorted(other.members)] if isinstance(other, Texts) else []
    if isinstance(other, Text) and other.value:
        members = [in_words(other.value)]
    if len(members) > 1:
        each = "one of" if affirmed else "any of"
        if isinstance(node, ContainsAll | Equal):
            each = "all of" if isinstance(node, ContainsAll) else "exactly"
        return f"{verb} {each} {', '.join(members)}"
    return f"{verb} {members[0] if members else _listed(other)}"


def _listed(node: Node) -> str:
    match node:
        case Text(value):
            return value or "empty"
        case Texts(members):
            return ", ".join(sorted(members)) or "nothing"
    return _said(node, affirmed=True)


def _nested(node: Node, *, affirmed: bool) -> str:
    told = _said(node, affirmed=affirmed)
    return f"({told})" if isinstance(node, And | Or | If) else told


def _actions(actions: frozenset[str], schema: Schema) -> str:
    """Actions in words; those of a whole group by one word."""
    if actions == frozenset(schema.actions):
        return "learn anything of it"
    groups = {
        "read": "read by any label",
        "notice": "be sent any notice",
        "line": "get any coded line",
    }
    left, told = set(actions), []
    for name, words in groups.items():
        members = schema.asked(name) if name in schema.groups else frozenset()
        if members and members <= left:
            left -= members
            told.append(words)
    told += [_action(one) for one in sorted(left)]
    return ", ".join(told) or "nothing that is ever asked"


def _action(name: str) -> str:
    fixed = {
        "show-whole": "see the entry whole",
        "show-remainder": "see the entry with something withheld",
        "show-source": "see which organisation posted it",
    }
    if name.startswith("read-"):
        return f"read what is labelled {label_in_words(name.removeprefix('read-'))}"
    if name.startswith("line-notice-"):
        return f'be sent the notice "{notice_in_words(name.removeprefix("line-notice-"))}"'
    if name.startswith("line-"):
        return f'get the coded line "{line_in_words(name.removeprefix("line-"))}"'
    return fixed.get(name, name)
