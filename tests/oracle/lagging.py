"""A real record whose views lag: worlds are appended to it, and read while the projection stands still.

What is read goes through everything that could be older than the record: the index and its tail, identity
records, the directory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from random import Random  # noqa: TID251  seeded, so that every run asks the same
from typing import Any

import orjson

from hub.catalogue import load_catalogue
from hub.directory import Directory
from hub.envelope import EventKey
from hub.identity import Identity
from hub.intake.apart import take_apart
from hub.record import Append, Draft, Record
from hub.record.projections import Projected, Projector, open_views
from hub.views import ChildIndex, ChildView, Views
from hub.views.stored import LINK_TYPE, StoredLink, StoredPost
from tests.oracle import cases, midway
from tests.oracle.agreement import Tally, compare_at
from tests.oracle.model import Posted, World
from tests.support.simulated import SeededChance

CATALOGUE = load_catalogue()
WALL = datetime(2026, 1, 5, 9, 0, tzinfo=cases.LONDON)
TURNS_OF_A_WORLD = 2
# By these, besides those of midway, what a reader gets changes, or a safety line comes.
TURNS = midway.TURNS | {
    "court-stage-recorded", "conviction-recorded", "criminal-outcome-recorded", "child-circumstance-recorded",
    "immediate-safety-measure-recorded", "risk-management-plan-recorded",
}  # fmt: skip


class _Clock:
    def wall(self) -> datetime:
        return WALL

    def domain(self) -> datetime:
        return WALL


class Lagging(Mapping[str, ChildView]):
    """The children of one world as its record has them, by views of whatever age."""

    def __init__(self, world: World, record: Record, projector: Projector, views: Views) -> None:
        self.world, self.record, self.projector, self.views = world, record, projector, views
        self._posted = 0

    def append(self, until: datetime) -> None:
        """Append everything that was received by an instant, and project nothing of it."""
        posted = [one for one in self.world.posted if one.received <= until]
        drafts = [draft for one in posted[self._posted :] for draft in _drafts(one, self.world)]
        self._posted = len(posted)
        for draft in drafts:
            self.record.append(Append((draft,))).result()

    def __getitem__(self, child: str) -> ChildView:
        return self.views.child(child)

    def __iter__(self) -> Iterator[str]:
        return iter(self.world.born)

    def __len__(self) -> int:
        return len(self.world.born)


def _drafts(one: Posted, world: World) -> Iterator[Draft]:
    """One post as intake stores it: in pieces, and what it says of other children under a key of its own."""
    key = EventKey(f"urn:safeguarding:org:{one.organisation}", one.event)
    references = [f"child:{child}" for child, _ in one.others]
    data: dict[str, Any] = dict(one.data)
    if references:
        named = [{"ref": ref, "role": role} for ref, (_, role) in zip(references, one.others, strict=True)]
        data["others"] = named
    payload = orjson.dumps(
        {
            "specversion": "1.0", "id": one.event, "source": key.source,
            "type": f"safeguarding.{one.type}.v1", "subject": f"child:{one.child}",
            "time": one.received.isoformat(), "datacontenttype": "application/json", "data": data,
        }
    )  # fmt: skip
    apart = take_apart(payload, references)
    link = f"link/{one.event}" if apart.references else None
    stored = StoredPost(
        header="", signature="", pieces=apart.pieces, cuts=apart.cuts, marks=apart.marks, link=link,
        subject=f"child:{one.child}", organisation=one.organisation, area=world.areas.get(one.organisation),
        author_role=None, author_roles=(), received_at=one.received, warnings=(), flags=(), claimed=(),
        policy_version="",
    )  # fmt: skip
    yield Draft(f"child/{one.child}", "event", key.source, one.event, one.type, payload, stored.body())
    if link is not None:
        body = StoredLink(key, apart.references).body()
        yield Draft(link, "record", "urn:safeguarding:hub", f"{one.event}-link", LINK_TYPE, body, body)


@contextmanager
def lagging(world: World, folder: Path) -> Iterator[Lagging]:
    """A record of its own for one world, empty but for the directory, with a projection that never runs."""
    chance = SeededChance()
    chance.restart(b"a record whose views lag")
    folder.mkdir()
    Record.migrate(folder / "hub.db", master_key=b"m" * 32, chance=chance)
    with ExitStack() as stack:
        record = Record.open(folder / "hub.db", master_key=b"m" * 32, chance=chance)
        stack.callback(record.close)
        directory = Directory(record, _Clock())
        for organisation, area in cases.AREAS.items():
            directory.add_organisation(organisation, organisation, area)
        store = open_views(folder / "views.db")
        stack.callback(store.close)
        projector = Projector(record, store, [ChildIndex(record)])
        stack.callback(projector.close)
        views = Views(
            record=record, identity=Identity(record), directory=directory, catalogue=CATALOGUE,
            projected=Projected(store, ChildIndex.name, ChildIndex.version), wait_seconds=0.0,
        )  # fmt: skip
        yield Lagging(world, record, projector, views)


def run(worlds: range, folder: Path) -> Tally:
    """Compare worlds at some of their turns, each read just before and just after it.

    1. What came before the turn is appended and read; sometimes it is projected.
    2. The turn is appended, and nothing is projected any more.
    """
    tally = Tally()
    for number in worlds:
        world, rng = cases.world(number), Random(-number - 3)
        with lagging(world, folder / f"world-{number}") as hub:
            turns = sorted({one.received for one in world.posted if one.type in TURNS})
            first = max(one.received for one in world.posted if one.type == "child-stream-opened")
            after = [one for one in turns if one > first]
            for turn in sorted(rng.sample(after, min(len(after), TURNS_OF_A_WORLD))):
                for now in (turn - midway.MOMENT, turn):
                    hub.append(now)
                    if now < turn and rng.random() < 0.5:
                        hub.projector.catch_up()
                    for child in world.born:
                        hub[child]
                    compare_at(world, now, rng, tally, number, views=hub, found_by=hub.views.children_of)
    return tally
