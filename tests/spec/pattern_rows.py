"""Rows of the truth tables of the overview's lines: what gives a line, its words, what leaves it out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from hub.pathway.entries import Entry, Line, Material, Sight, Told
from hub.pathway.patterns import RULES, overview
from tests.spec.expecting import p
from tests.spec.posts import ELM, OAK, POLICE, YOS, N, S, at, key, material, other, profile_of

CHILD, NOW = "C-1", "2025-11-20 12:00"
RULE = {one.id: one for one in RULES}
OTHER = "C-2"


@dataclass(frozen=True)
class Row:
    """Posts that give one line; each of `silent` are posts beside or instead of them that give none.

    Shape: `needs` names the types of which a reader must always read something for the line to be given, as
    (child, type); `instead` is what stands in the place of all posts.
    """

    rule: str
    posts: tuple[Entry, ...]
    text: str
    evidence: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    silent: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    instead: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    needs: tuple[tuple[str, str], ...] = ()
    linked: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    told: tuple[Told, ...] = ()
    born: date | None = None
    authority: str = S
    too_early: str | None = None
    settings: Mapping[str, int] = field(default_factory=dict)
    name: str = ""
    now: str = NOW

    def stuff(self, posts: Iterable[Entry] | None = None, **more: Any) -> Material:
        kept = {
            "linked": self.linked,
            "told": self.told,
            "authority": self.authority,
            "date_of_birth": self.born,
        }
        return material(CHILD, self.posts if posts is None else posts, **{**kept, **more})

    def found(self, stuff: Material | None = None, now: str = "") -> list[Line]:
        lines = overview(stuff or self.stuff(), now=at(now or self.now), profile_of=profile_of)
        return [one for one in lines if one.rule == self.rule]

    def line(self) -> Line:
        """The line of this row's words."""
        return next(one for one in self.found() if one.text == self.text)


def sighted(row: Row, *hidden: tuple[str, str]) -> dict[str, Any]:
    """What a reader always reads who sees everything but these types of these children."""
    posted = [*row.posts, *(one for posts in row.linked.values() for one in posts)]
    members: dict[str, set[str]] = {"incident-linked": {"link", "others"}}
    for one in posted:
        members.setdefault(one.type, set()).update({*one.data, "poster", "others"})
    for rule in RULES:
        for name, fields in rule.inputs.items():
            members.setdefault(name, set()).update({*fields, "poster", "others"})
    members.update({name: {"poster", "others"} for name in ("meeting-held", "*") if name not in members})
    sight = {}
    for child in (CHILD, *row.linked):
        seen = {name: frozenset(kept) for name, kept in members.items() if (child, name) not in hidden}
        sight[child] = Sight(frozenset(seen), seen)
    return {"complete": sight[CHILD].types, "sight": sight}


def rows(table: Sequence[Row]) -> list[Any]:
    return [pytest.param(one, id=_id(one), marks=marks(one)) for one in table]


def silences(table: Sequence[Row]) -> list[Any]:
    added = [(one, name, (*one.posts, *posts)) for one in table for name, posts in one.silent.items()]
    stood = [(one, name, posts) for one in table for name, posts in one.instead.items()]
    return [
        pytest.param(one, posts, id=f"{_id(one)} silent: {name}", marks=marks(one))
        for one, name, posts in (*added, *stood)
    ]


def needed(table: Sequence[Row]) -> list[Any]:
    return [
        pytest.param(one, need, id=f"{_id(one)} unseen: {need[0]} {need[1]}", marks=marks(one))
        for one in table
        for need in one.needs
    ]


def early(table: Sequence[Row]) -> list[Any]:
    return [pytest.param(one, id=_id(one), marks=marks(one)) for one in table if one.too_early]


def marks(row: Row) -> Any:
    return pytest.mark.req(row.rule, RULE[row.rule].requirement)


def _id(row: Row) -> str:
    return f"{row.rule} {row.name}".strip()


def is_said(row: Row) -> None:
    """One line with these words, values, settings and evidence."""
    (line,) = [one for one in row.found() if one.text == row.text] or row.found()
    assert line.text == row.text
    assert {name: line.values[name] for name in row.values} == dict(row.values)
    assert tuple(one.id for one in line.evidence) == row.evidence
    assert dict(line.settings) == dict(row.settings)
    assert line.requirement.startswith("R-")


def own(type: str, when: str, by: str = S, /, *, id: str, **data: Any) -> Entry:
    return p(type, when, by, _id=id, **data)


def on(child: str, type: str, when: str, by: str = S, /, *, id: str, **data: Any) -> Entry:
    return p(type, when, by, _id=id, child=child, **data)


def incident(id: str, when: str, by: str = S, /, **data: Any) -> Entry:
    given = {"role": "has-harmed", "status": "alleged", **data}
    return p("incident-recorded", when, by, _id=id, **given)


def level(id: str, when: str, given: str, by: str = S, /, **data: Any) -> Entry:
    return p("behaviour-level-assessed", when, by, _id=id, **{"scale": "hackett-5", "level": given, **data})


__all__ = [
    "CHILD", "ELM", "NOW", "OAK", "OTHER", "POLICE", "RULE", "YOS", "N", "Row", "S", "at", "early",
    "incident", "is_said", "key", "level", "marks", "needed", "on", "other", "own", "rows", "sighted",
    "silences",
]  # fmt: skip
