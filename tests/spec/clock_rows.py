"""Clocks over hand-made posts and over the three scenarios: who looks at what, and which clock is meant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from agencies.scenarios import load_scenario
from agencies.sdk.build import event_id
from hub.catalogue.occurred import occurred
from hub.envelope import EventKey
from hub.pathway.clocks import deadlines
from hub.pathway.entries import Deadline, Entry, Material
from tests.spec.expecting import CHILD
from tests.spec.posts import N, S, at, material, profile_of

SCENARIOS = {name: load_scenario(f"scenario-{name}") for name in "abc"}
AUTHORITY = {"C-1001": N}


def clocks(stuff: Material, now: str | datetime, id: str, profiles: Any = profile_of) -> list[Deadline]:
    """What one clock says at a London time, or at an instant."""
    then = at(now) if isinstance(now, str) else now
    return [one for one in deadlines(stuff, now=then, profile_of=profiles) if one.clock == id]


def child(*entries: Entry, authority: str = S, born: date | None = None, **more: Any) -> Material:
    """A whole record made of these posts."""
    return material(CHILD, entries, authority=authority, date_of_birth=born, **more)


def states(stuff: Material, now: str, id: str, **more: Any) -> list[str | None]:
    return [one.state for one in clocks(stuff, now, id, **more)]


def played(name: str, of: str, until: str) -> Material:
    """The whole record of one child of a scenario as it stands at a London time, the linked one beside it."""
    posts = [one for one in SCENARIOS[name].posts if not one.refused and one.event.recorded_at <= at(until)]
    children = {one.child for one in posts} - {of}
    folds = {other: tuple(_entries(posts, other)) for other in sorted(children)}
    return material(of, _entries(posts, of), linked=folds, authority=AUTHORITY.get(of, S))


def _entries(posts: Iterable[Any], of: str) -> list[Entry]:
    made = []
    for place, one in enumerate(posts):
        event = one.event
        data = dict(event.data)
        about = data.pop("about", None)
        if one.child != of:
            continue
        made.append(
            Entry(
                key=EventKey(f"urn:safeguarding:org:{event.organisation}",
                             event_id(event.organisation, event.record, event.type)),
                child=of,
                position=place,
                type=event.type,
                organisation=event.organisation,
                author=data["author"],
                author_role=None,
                occurred=occurred(data["occurred_at"], data["precision"], recorded_at=event.recorded_at),
                recorded_at=event.recorded_at,
                received_at=event.recorded_at,
                recorded_late=False,
                data=data,
                about=EventKey(about["source"], about["id"]) if about else None,
            )
        )  # fmt: skip
    return made
