"""A scenario delivered in another order and late, as the contract allows, and what its readers are then told.

What is allowed: any post may come up to its delay late, so that others overtake it, but

1. the opening of a child's record comes when it was said: on a stream that was begun from another area it is
   a question for an identity reviewer, and sets no authority (G.00);
2. posts that relationships follow from or rest on keep their order: who may read, and what a meeting or an
   enquiry counts for, is decided in the order of the record (G.00, D-20);
3. a decision that a gate refuses is posted again when more has come (H-28), as an agency's outbox is;
4. an identity reviewer joins a provisional stream once the child that it is about is known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random  # noqa: TID251  seeded by the test
from typing import Any

import orjson

from agencies.scenarios import PreparedPost
from agencies.scenarios.run import load_scenario
from agencies.sdk.build import cloud_event
from hub.api.answers import json_bytes, overview_json
from hub.cli.demo_world import REVIEWER, readers
from hub.disclosure.answers import ReadRequest
from hub.errors import HubError
from tests.doors.hubs import READ_AT, Doors, opened, played

Told = dict[tuple[str, str], Any]
OPENING = "child-stream-opened"
RELATING = frozenset(
    {
        "conference-held", "criminal-investigation-decided", "criminal-outcome-recorded",
        "incident-linked", "invitation-sent", "meeting-convened", "meeting-held", "named-contact-appointed",
        "oversight-notified", "referral-made", "referral-outcome-decided", "relationship-ended",
        "relationship-recorded", "section-47-enquiry-concluded", "section-47-enquiry-initiated",
        "social-worker-allocated", "strategic-management-group-appointed",
    }
)  # fmt: skip
"""Types that a relationship follows from or rests on; they come in the order in which they were said."""
# That something came late is itself told, and by when it came (H-25): it is no part of what is compared.
_CAME_LATE = re.compile(r" The hub received this after the time was up(, [^.]*)?\.")


@dataclass(frozen=True)
class Arrival:
    """When a post reaches the hub."""

    at: datetime
    post: PreparedPost


def in_order(scenario: str) -> list[Arrival]:
    """Every post as soon as it was said."""
    return [Arrival(one.event.recorded_at, one) for one in load_scenario(scenario).posts]


def shuffled(scenario: str, random: Random, days: int = 60) -> list[Arrival]:
    """Half of the posts up to so many days late, never after the time of reading; rules 1 and 2 hold."""
    end = datetime.fromisoformat(READ_AT[scenario])
    arrivals, latest = [], datetime.fromisoformat("2000-01-01T00:00:00+00:00")
    for place, one in enumerate(load_scenario(scenario).posts):
        late = random.random() * days if random.random() < 0.5 else 0.0
        if one.event.type == OPENING:
            late = 0.0
        at = min(one.event.recorded_at + timedelta(days=late), end)
        tie = random.random()
        if one.event.type in RELATING:
            at, tie = max(at, latest), 0.0
            latest = at
        arrivals.append((at, tie, place, one))
    return [Arrival(at, one) for at, _, _, one in sorted(arrivals, key=lambda one: one[:3])]


def overtaken(arrivals: Sequence[Arrival]) -> int:
    """How many posts come behind one that was said after them."""
    said = [one.post.event.recorded_at for one in arrivals]
    return sum(1 for place, at in enumerate(said) if any(before > at for before in said[:place]))


def told_after(folder: Path, scenario: str, arrivals: Sequence[Arrival]) -> Told:
    """What every reader's overview of each of its children says once all of this has come."""
    with opened(played(folder / "hub", scenario, ()), scenario, b"delivering") as doors:
        deliver(doors, arrivals)
        doors.read_at(READ_AT[scenario], told=False)
        return {(name, child): said for name, child, said in _overviews(doors)}


def deliver(doors: Doors, arrivals: Sequence[Arrival]) -> None:
    """Let the posts come, each at its time; every one is accepted in the end (rules 3 and 4)."""
    advance = doors.hub.services.advance
    assert advance is not None
    waiting: list[PreparedPost] = []
    tried: Counter[str] = Counter()
    for arrival in arrivals:
        if arrival.at > doors.hub.store.clock.domain():
            advance(arrival.at)
        waiting.append(arrival.post)
        while any(_accepted(doors, one, waiting, tried) for one in tuple(waiting)):
            pass
        _review(doors)
    assert not waiting, [one.ref for one in waiting]


def _accepted(doors: Doors, post: PreparedPost, waiting: list[PreparedPost], tried: Counter[str]) -> bool:
    """Whether a post stands now, or is refused as the scenario says; then nothing more is to be done.

    Shape: what is random follows from the post and how often it was tried, so that children and entries have
    the same names in every order.
    """
    tried[post.ref] += 1
    again = f"{tried[post.ref]} " if tried[post.ref] > 1 else ""
    doors.chance.restart(again.encode() + cloud_event(post.event))
    who = doors.hub.store.directory.principal_for_organisation(post.organisation)
    try:
        doors.hub.intake.post(doors.signed(post.event).encode(), who)
    except HubError as refusal:
        assert refusal.slug in ("gate", "poster"), (post.ref, refusal.slug)
        if not (post.refused and refusal.rule == post.refused):
            return False
    waiting.remove(post)
    return True


def _review(doors: Doors) -> None:
    """Join each provisional stream to the child that its reference is one of, once that child is known."""
    reviewer = doors.hub.store.directory.principal_for_person(REVIEWER)
    named = {one.provisional: one.child for one in doors.scenario.resolutions}
    for name, references in doors.scenario.children.items():
        if name.startswith("C-"):
            named |= dict.fromkeys(references, references[0])
    for waiting in doors.hub.intake.queue(reviewer):
        child = named.get(str(waiting["reference"])) if waiting["kind"] == "provisional" else None
        found = doors.hub.identity.resolve(child) if child else None
        if child and found is not None and found != waiting["provisional"]:
            doors.chance.restart(f"joining {waiting['provisional']} to {found}".encode())
            doors.hub.intake.resolve(reviewer, str(waiting["provisional"]), child)


def _overviews(doors: Doors) -> Iterator[tuple[str, str, Any]]:
    """Each reader's overview of each of its children, or how it was refused."""
    for reader in readers(doors.scenario.name):
        principal = doors.hub.store.directory.principal_for_person(reader.person)
        for name in reader.children:
            try:
                asked = ReadRequest(doors.children[name], reader.purpose)
                overview = doors.hub.disclosure.overview(principal, asked)
            except HubError as refusal:
                yield reader.name, name, refusal.slug
                continue
            yield reader.name, name, _compared(orjson.loads(json_bytes(overview_json(overview))))


def _compared(said: Any) -> Any:
    """What is compared of an overview: everything but when it came, and what is made at random."""
    if isinstance(said, dict):
        return {
            member: _compared(value)
            for member, value in said.items()
            if member not in ("disclosure_id", "as_at") and not member.endswith("_as_received_at")
        }
    if isinstance(said, list):
        return [_compared(one) for one in said]
    return _CAME_LATE.sub("", said) if isinstance(said, str) else said
