"""What a draft rule set changes: rule by rule, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Literal

from hub.disclosure.cedar_ast import Policy
from hub.disclosure.cedar_schema import Schema
from hub.disclosure.proving.procedure import Answers
from hub.disclosure.proving.sentences import explain
from hub.disclosure.proving.table import Table
from hub.disclosure.proving.world import World

Change = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One rule that a draft has otherwise.

    Shape: `parts` names what differs, each with the words of the shipped rule and of the draft.
    """

    id: str
    change: Change
    parts: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Effect:
    """What one kind of reader would get more or less of, by the types of entry."""

    reader: str
    more: tuple[str, ...]
    less: tuple[str, ...]


def rule_changes(shipped: World, draft: World) -> tuple[RuleChange, ...]:
    """How a draft differs from the shipped rules, rule by rule, by id."""
    before = {one.id: one for one in shipped.policies}
    after = {one.id: one for one in draft.policies}
    found = []
    for id in sorted(before.keys() | after.keys()):
        if id not in before:
            found.append(RuleChange(id, "added", {}))
        elif id not in after:
            found.append(RuleChange(id, "removed", {}))
        elif parts := _parts(shipped, before[id], draft, after[id]):
            found.append(RuleChange(id, "changed", parts))
    return tuple(found)


def _parts(shipped: World, before: Policy, draft: World, after: Policy) -> dict[str, tuple[str, str]]:
    old, new = explain(shipped, before), explain(draft, after)
    parts = {
        one.name: (getattr(old, one.name), getattr(new, one.name))
        for one in fields(old)
        if getattr(old, one.name) != getattr(new, one.name)
    }
    first, second = shipped.rule(before.id), draft.rule(after.id)
    for name in ("title", "group", "source_shown"):
        if getattr(first, name) != getattr(second, name):
            parts[name] = (str(getattr(first, name)), str(getattr(second, name)))
    # Two conditions can read alike and differ in how they are put together.
    if before.condition != after.condition and "when" not in parts:
        parts["when"] = (old.when, new.when)
    return parts


def effects(shipped: World, draft: World) -> tuple[Effect, ...]:
    """Who would get more, and who less, over the table of decisions; readers who are one thing to the child.

    Shape: a type stands in `more` where in some circumstances something of its entries is shown that is
    not shown today: the entry, its content, who posted it, or a line.
    """
    table = Table(_both(shipped, draft))
    old, new = (dict(Answers(one, table).seen()) for one in (shipped, draft))
    more, less = 0, 0
    for name in old.keys() | new.keys():
        before, after = old.get(name, 0), new.get(name, 0)
        more |= after & ~before
        less |= before & ~after
    found: dict[str, tuple[set[str], set[str]]] = {}
    for row, *sides in zip(table.rows, table.by_row(more), table.by_row(less), strict=True):
        for side, changed in enumerate(sides):
            for reader in table.named(changed):
                if len(reader) == 1:
                    found.setdefault(next(iter(reader)), (set(), set()))[side].add(row.type)
    return tuple(
        Effect(reader, tuple(sorted(gets)), tuple(sorted(loses)))
        for reader, (gets, loses) in sorted(found.items())
    )


def _both(shipped: World, draft: World) -> World:
    """A world whose table tells apart whatever either rule set does."""
    known = {
        fact: (*sorted(({*texts, *draft.known.get(fact, ())}) - {texts[-1]}), texts[-1])
        for fact, texts in shipped.known.items()
    }
    schema = Schema(
        {**draft.schema.attributes, **shipped.schema.attributes},
        {**draft.schema.actions, **shipped.schema.actions},
        shipped.schema.groups | draft.schema.groups,
    )
    policies = (*shipped.policies, *draft.policies)
    return replace(shipped, policies=policies, schema=schema, known={**draft.known, **known})
