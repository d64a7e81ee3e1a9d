"""Non-interference: any change to anything hidden from a reader leaves every byte that reader gets as it was.

Worlds are those of the oracle: two children, several organisations and authorities, every type of event. One
event is taken out, rewritten or added, or what is withheld of one is; then everything is decided anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random  # noqa: TID251  seeded by what is drawn
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from hub.directory.types import Principal
from hub.disclosure.assemble import sides_of
from hub.disclosure.facts import DISCRIMINATORS
from hub.disclosure.keeping import ENVELOPE_MEMBERS
from hub.disclosure.standing import standing
from hub.envelope import EventKey
from hub.pathway.profiles import PROFILES, adopted
from hub.views import ChildView
from tests.doors import disclosed, more_roles
from tests.oracle import cases, door
from tests.oracle.model import Posted, Reader, World
from tests.oracle.varied import data_of

WORLDS = 400
TARGETING = frozenset({"event-corrected", "event-retracted"})
# Members that the rules themselves read of an event: to whom it is addressed, which meeting, whose wish,
# whose row, what is protected by it. What hangs on them is decided, and not only redacted.
READ_BY_RULES = frozenset(DISCRIMINATORS) | ENVELOPE_MEMBERS | {
    "measures", "meeting", "joint_with", "not_to_share_with", "items", "conditions", "engagement",
    "agrees_with", "to", "attendance",
}  # fmt: skip


def principal_of(reader: Reader, world: World) -> Principal:
    area = world.areas.get(reader.organisation)
    return Principal(reader.organisation, reader.sector, area, reader.person, frozenset({reader.role}))


PROFILE_OF = adopted(
    lambda organisation: "llr-2024" if ".s-" in organisation else "darlington-2025", PROFILES
)
Folds = Mapping[str, ChildView]


@dataclass(frozen=True)
class Case:
    """A world, its folds, and when it is read."""

    world: World
    now: datetime

    @property
    def folds(self) -> Folds:
        return _folds(self.world, self.now)

    def given(self, reader: Reader) -> dict[str, disclosed.Given]:
        """What a reader gets of every child."""
        who, assembler = principal_of(reader, self.world), door.assembler()
        return {
            child: disclosed.given(self.folds, who, child, self.now, assembler, PROFILE_OF)
            for child in self.world.born
        }

    def readers(self) -> list[Reader]:
        """Those who are anything to any child."""
        return [
            one
            for one in (*cases.READERS, *more_roles.READERS)
            if any(
                standing(principal_of(one, self.world), fold, self.now).classes
                for fold in self.folds.values()
            )
        ]

    def guards(self, reader: Reader) -> list[Any]:
        """What rules read of the whole record, whoever reads: relationships and whom they name (G.00, D-10),
        the authority, the age, on which side the child stands, and to whom it is linked (D-31).

        Trust: a change to one of these may change what others get; that is what they are for.
        """
        who = principal_of(reader, self.world)
        return [
            (
                standing(who, fold, self.now), fold.authority, fold.area, fold.date_of_birth, fold.schools,
                [replace(one, basis=None) for one in fold.grants],
                sides_of(fold), fold.linked,
                [(one.type, one.organisation, one.child, one.other) for one in fold.link_entries],
            )
            for fold in self.folds.values()
        ]  # fmt: skip


@lru_cache(maxsize=64)
def case(seed: int) -> Case:
    """Every other world has people of further roles, who are let in at its end."""
    world = cases.world(seed)
    if seed % 2:
        return Case(world, cases.at(world, Random(seed)))
    world = more_roles.with_more(world)
    return Case(world, world.posted[-1].received + timedelta(minutes=5, days=Random(seed).choice([0, 5, 20])))


_FOLDS: dict[tuple[int, datetime], tuple[World, Folds]] = {}


def _folds(world: World, now: datetime) -> Folds:
    """Made once for each world."""
    found = _FOLDS.get((id(world), now))
    if found is None or found[0] is not world:
        if len(_FOLDS) > 64:
            _FOLDS.clear()
        folds = door.views(world, now)
        if more_roles.DUTY in world.areas:
            folds = more_roles.used_in_an_emergency(folds, now)
        found = _FOLDS[id(world), now] = (world, folds)
    return found[1]


def key(one: Posted) -> EventKey:
    return EventKey(f"urn:safeguarding:org:{one.organisation}", one.event)


def with_posts(case: Case, posted: tuple[Posted, ...]) -> Case:
    return replace(case, world=replace(case.world, posted=posted, memo={}))


def without(case: Case, event: Posted, random: Random) -> Case:
    """The world in which it never happened, nor anything that was said about it."""
    left = tuple(one for one in case.world.posted if one is not event and one.target != event.number)
    return with_posts(case, left)


def rewritten(case: Case, event: Posted, random: Random) -> Case:
    """The same post with other content, on another day."""
    fresh = data_of(event.type, random, tuple(cases.AREAS), cases.PEOPLE)
    kept = {
        name: event.data[name] for name in ("precision", "author", "others", "about") if name in event.data
    }
    day = (event.received + timedelta(days=random.randint(-40, 1))).date().isoformat()
    fresh = {name: value for name, value in fresh.items() if name != "others"} | kept | {"occurred_at": day}
    return _replaced(case, event, replace(event, data=fresh))


def again(case: Case, event: Posted, random: Random) -> Case:
    """One more like it, right behind it."""
    more = replace(event, number=event.number + 1)
    posted = case.world.posted
    place = posted.index(event) + 1
    return with_posts(case, (*posted[:place], more, *posted[place:]))


def withheld(case: Case, event: Posted, remains: frozenset[str], random: Random) -> Case:
    """The same post with other content, or none, in the members that are withheld."""
    fresh = data_of(event.type, random, tuple(cases.AREAS), cases.PEOPLE)
    changed: dict[str, Any] = {}
    for name, value in event.data.items():
        if name in remains or name in READ_BY_RULES:
            changed[name] = value
        elif random.random() < 0.7:
            changed[name] = fresh.get(name, value)
    return _replaced(case, event, replace(event, data=changed))


def _replaced(case: Case, event: Posted, by: Posted) -> Case:
    return with_posts(case, tuple(by if one is event else one for one in case.world.posted))


CHANGES = {"taken out": without, "rewritten": rewritten, "once more": again}
SEEN: Counter[str] = Counter()


@lru_cache(maxsize=64)
def base(seed: int, number: int) -> tuple[Reader, dict[str, disclosed.Given]] | None:
    readers = case(seed).readers()
    if not readers:
        return None
    reader = readers[number % len(readers)]
    return reader, case(seed).given(reader)


def holds_for_hidden(seed: int, number: int, place: int, how: str) -> None:
    """One event of which nothing is shown is changed; whoever had nothing of it gets what it got."""
    found, one = base(seed, number), case(seed)
    assume(found is not None)
    assert found is not None
    reader, before = found
    shown = frozenset().union(*(given.shown for given in before.values()))
    hidden = [
        post
        for post in one.world.posted
        if post.received <= one.now and post.type not in TARGETING and key(post) not in shown
    ]
    assume(hidden)
    event = hidden[place % len(hidden)]
    other = CHANGES[how](one, event, Random(place))
    assume(other.guards(reader) == one.guards(reader))
    after = other.given(reader)
    fresh = {key(post) for post in other.world.posted} - {key(post) for post in one.world.posted}
    seen_now = frozenset().union(*(given.shown for given in after.values()))
    assume(not seen_now & ({key(event)} | fresh))  # another content may be one that is for this reader
    SEEN[how] += 1
    assert _written(after) == _written(before), (seed, reader.person, event.number, event.type, how)


def holds_for_withheld(seed: int, number: int, place: int) -> None:
    """What is withheld of an event that shows is changed: a redaction does not tell what was filled."""
    found, one = base(seed, number), case(seed)
    assume(found is not None)
    assert found is not None
    reader, before = found
    redacted = {name: remains for given in before.values() for name, remains in given.redacted.items()}
    corrected = {post.target for post in one.world.posted}
    candidates = [post for post in one.world.posted if key(post) in redacted and post.number not in corrected]
    assume(candidates)
    event = candidates[place % len(candidates)]
    other = withheld(one, event, redacted[key(event)], Random(place))
    assume(other.guards(reader) == one.guards(reader) and other.world.posted != one.world.posted)
    after = other.given(reader)
    # Whether there is an entry at all goes by the labels of what is filled (D-32).
    assume(any(key(event) in given.redacted for given in after.values()))
    SEEN["withheld"] += 1
    assert _written(after) == _written(before), (seed, reader.person, event.number, event.type)


def _written(given: Mapping[str, disclosed.Given]) -> dict[str, bytes]:
    return {child: one.written for child, one in given.items()}


seeds, numbers, places = st.integers(0, WORLDS), st.integers(0, 60), st.integers(0, 400)
QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much]


def examples(count: int) -> settings:
    """So many, always the same, none made smaller: a case reads world, person, event."""
    return settings(
        max_examples=count, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=QUIET,
    )  # fmt: skip


@pytest.mark.req("H-10", "H-20", "D-18", "D-26", "D-32")
def test_what_is_hidden_changes_nothing() -> None:
    SEEN.clear()
    examples(36)(given(seeds, numbers, places, st.sampled_from(sorted(CHANGES)))(holds_for_hidden))()
    assert all(SEEN[how] > 3 for how in CHANGES), "the law is not about nothing"


@pytest.mark.req("H-10", "H-11", "D-18", "D-32")
def test_what_is_withheld_changes_nothing() -> None:
    SEEN.clear()
    examples(25)(given(seeds, numbers, places)(holds_for_withheld))()
    assert SEEN["withheld"] >= 15


@pytest.mark.slow
@pytest.mark.req("H-10", "H-11", "H-20", "D-18", "D-26", "D-32")
def test_nor_in_thousands_of_worlds() -> None:
    worlds = st.integers(0, 20_000)
    examples(4_000)(given(worlds, numbers, places, st.sampled_from(sorted(CHANGES)))(holds_for_hidden))()
    examples(2_000)(given(worlds, numbers, places)(holds_for_withheld))()


@pytest.mark.req("H-10")
def test_a_leak_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the page say how many entries there are in all, and the law no longer holds."""
    honest = disclosed.given

    def telling(folds: Folds, *rest: Any) -> disclosed.Given:
        found = honest(folds, *rest)
        count = sum(len(fold.entries) for fold in folds.values())
        return replace(found, written=found.written + str(count).encode())

    monkeypatch.setattr(disclosed, "given", telling)
    base.cache_clear()
    with pytest.raises(AssertionError):
        examples(20)(given(seeds, numbers, places, st.just("taken out"))(holds_for_hidden))()
    base.cache_clear()
