"""The hub's own answer to the same case: its folds, relationships and decisions, in process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from hub.catalogue import load_catalogue
from hub.directory.types import Principal
from hub.disclosure.assemble import Assembler, Disclosed
from hub.disclosure.capacity import ONESELF, Capacity
from hub.disclosure.decide import Decider
from hub.disclosure.engine import Engine
from hub.disclosure.rules import load_rules
from hub.envelope import EventKey
from hub.views import ChildView, Post
from hub.views.effect import taking_effect
from hub.views.entry import Surroundings
from hub.views.fold import awaited, earlier_texts, fold
from hub.views.links import links_of, other_child
from hub.views.relationships import grants_of
from hub.views.types import Named
from tests.oracle.model import Posted, Reader, World

Clocks = Mapping[str, timedelta]
AROUND = Surroundings(
    lambda named: named.child, lambda type_, data: data, lambda type_, data, authority: frozenset()
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the hub gives of one event: the outcome, the members, and who is named as its source."""

    outcome: str
    fields: Mapping[str, object]
    source: str | None


@dataclass(frozen=True, slots=True)
class CodedLine:
    """One line beside the entries: its code, the child and the event it rests on."""

    code: str
    child: str
    number: int
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Given:
    """Everything that the hub gives one reader of one child."""

    classes: frozenset[str]
    items: Mapping[int, Shown]
    lines: tuple[CodedLine, ...]


@cache
def assembler() -> Assembler:
    """The hub's own, with its rules as they are."""
    rules = load_rules()
    return Assembler(rules, Decider(Engine(rules)), load_catalogue(), lambda name, data: data[:16])


def views(world: World, now: datetime, clocks: Clocks | None = None) -> dict[str, ChildView]:
    """All children as the hub folds them at an instant; `clocks` say how far whose clock is off."""
    posts: dict[str, list[Post]] = {child: [] for child in world.born}
    for one in world.posted:
        if one.received <= now:
            posts[one.child].append(_post(one, world, (clocks or {}).get(one.organisation, timedelta())))
    folds = {child: fold(child, (f"child/{child}",), mine, AROUND) for child, mine in posts.items()}
    found: dict[str, ChildView] = {}
    for child, folded in folds.items():
        links = links_of(folded, {other: one for other, one in folds.items() if other != child})
        others = sorted({other_child(one, child) for one in links})
        linked = {other: folds[other] for other in others}
        grants = grants_of(folded, linked, world.areas.get, lambda authority, role: ())
        entries = taking_effect(folded, grants, (one.authority for one in linked.values()))
        folded = replace(folded, entries=entries)
        found[child] = ChildView(
            child=child,
            provisional=folded.provisional,
            streams=folded.streams,
            entries=folded.entries,
            grants=grants,
            authority=folded.authority,
            area=folded.area,
            schools=folded.schools,
            date_of_birth=folded.date_of_birth,
            openings=folded.openings,
            linked=frozenset(others),
            link_entries=links,
            head=len(world.posted) * 3 + 10,
            known=earlier_texts(folded, AROUND),
            awaited=awaited(folded, AROUND),
            handovers=folded.handovers,
        )
    return found


def _post(one: Posted, world: World, off: timedelta) -> Post:
    named = tuple(Named(n, child.replace("-", ""), child) for n, (child, _) in enumerate(one.others, 1))
    return Post(
        key=EventKey(f"urn:safeguarding:org:{one.organisation}", one.event),
        stream=f"child/{one.child}",
        position=one.number,
        type=one.type,
        version=1,
        organisation=one.organisation,
        area=world.areas.get(one.organisation),
        author=one.author,
        author_role=None,
        author_roles=frozenset(),
        recorded_at=one.received + off,
        received_at=one.received,
        data=dict(one.data),
        flags=(),
        named=named,
        references=(f"child:{one.child}",),
    )


def given(found: Mapping[str, ChildView], world: World, reader: Reader, child: str, now: datetime) -> Given:
    """What the hub discloses of a child to a reader at an instant."""
    principal = Principal(
        reader.organisation,
        reader.sector,
        world.areas.get(reader.organisation),
        reader.person,
        frozenset({reader.role}),
    )
    return given_as(found, principal, child, now, ONESELF)


def given_as(
    found: Mapping[str, ChildView], principal: Principal, child: str, now: datetime, capacity: Capacity
) -> Given:
    """What the hub discloses of a child to a reader in this capacity."""
    disclosed = assembler().disclose(
        principal, found[child], found.__getitem__, now=now, as_at=None, capacity=capacity
    )
    return Given(disclosed.standing.classes, _items(disclosed), _lines(disclosed))


def without_lines(given: Given) -> Given:
    """The same without the coded lines: a line does not stand for an entry that is owed."""
    return replace(given, lines=())


def _items(disclosed: Disclosed) -> dict[int, Shown]:
    return {
        _number(one.entry.key): Shown(
            "V" if one.decision.whole else "R", dict(one.shown.fields), one.shown.organisation
        )
        for one in disclosed.items
    }


def _lines(disclosed: Disclosed) -> tuple[CodedLine, ...]:
    return tuple(
        CodedLine(one.placed.shown.line or "", one.child, _number(one.basis), dict(one.placed.shown.fields))
        for one in (*disclosed.lines, *disclosed.carried)
    )


def _number(key: EventKey) -> int:
    return int(key.id.removeprefix("event-"))
