"""One row of a truth table of open items: what opens it, what meets it, what leaves it silent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from hub.pathway.entries import Entry, Material
from hub.pathway.expected import EXPECTED, OpenItem, open_items
from tests.spec.posts import N, S, at, material, other, post, profile_of

CHILD = "C-1"
NOW = "2025-11-20 12:00"
RULE = {one.id: one for one in EXPECTED}


@dataclass(frozen=True)
class Case:
    """A rule with posts that open it; each of `met` and `silent` is more posts, or others, without it."""

    rule: str
    opens: tuple[Entry, ...]
    agency: str | None
    met: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    silent: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    linked: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    too_early: str | None = None
    born: date | None = None
    authority: str = S
    values: dict[str, Any] = field(default_factory=dict)
    person: str | None = None

    def stuff(self, entries: Iterable[Entry], **more: Any) -> Material:
        more = {"linked": self.linked, "authority": self.authority, "date_of_birth": self.born} | more
        return material(CHILD, entries, **more)

    def found(self, entries: Iterable[Entry], now: str = NOW, **more: Any) -> list[OpenItem]:
        stuff = self.stuff(entries, **more)
        return [one for one in open_items(stuff, now=at(now), profile_of=profile_of) if one.rule == self.rule]


def p(type: str, when: str, by: str = S, /, *, _id: str | None = None, **data: Any) -> Entry:
    """A post on the child's record; `others`, `about`, `happened`, `precision` are members of the entry."""
    entry = {name: data.pop(name) for name in ("others", "about", "happened", "precision") if name in data}
    child = data.pop("child", CHILD)
    return post(_id or f"{type}/{when}/{by}", when, by, child, type, data, **entry)


def harmed(when: str = "2025-09-12 16:00", organisation: str = S, **data: Any) -> Entry:
    return p("incident-recorded", when, organisation, role="has-been-harmed", status="alleged", **data)


def has_harmed(when: str = "2025-09-12 16:00", organisation: str = S, **data: Any) -> Entry:
    return p("incident-recorded", when, organisation, role="has-harmed", status="alleged", **data)


def strategy(when: str = "2025-09-15 14:30", organisation: str = S, **data: Any) -> Entry:
    return p("meeting-held", when, organisation, kind="strategy", meeting="M1", **data)


def level(name: str, when: str = "2025-09-16 10:00", organisation: str = S, **data: Any) -> Entry:
    return p("behaviour-level-assessed", when, organisation, scale="hackett-5", level=name, **data)


def opening(cases: Sequence[Case]) -> list[Any]:
    return [pytest.param(one, id=one.rule, marks=_marks(one)) for one in cases]


def meeting(cases: Sequence[Case]) -> list[Any]:
    return [
        pytest.param(one, posts, id=f"{one.rule} met by {name}", marks=_marks(one))
        for one in cases
        for name, posts in one.met.items()
    ]


def silent(cases: Sequence[Case]) -> list[Any]:
    return [
        pytest.param(one, posts, id=f"{one.rule} not for {name}", marks=_marks(one))
        for one in cases
        for name, posts in one.silent.items()
    ]


def waiting(cases: Sequence[Case]) -> list[Any]:
    return [pytest.param(one, id=one.rule, marks=_marks(one)) for one in cases if one.too_early]


def _marks(case: Case) -> Any:
    return pytest.mark.req(RULE[case.rule].requirement)


def is_open(case: Case) -> None:
    """It is open, says of whom it is expected, and rests on what made it expected."""
    (item,) = case.found(case.opens)
    assert (item.agency, item.person) == (case.agency, case.person)
    assert dict(item.values) == case.values
    posted = {one.key: one for group in (case.opens, *case.linked.values()) for one in group}
    assert item.evidence
    assert set(item.evidence) <= posted.keys()
    assert item.since <= at(NOW)
    assert item.since >= min(one.occurred.sort_at for one in posted.values())


__all__ = [
    "CHILD", "NOW", "RULE", "Case", "N", "S", "harmed", "has_harmed", "is_open", "level", "meeting",
    "opening", "other", "p", "silent", "strategy", "waiting",
]  # fmt: skip
