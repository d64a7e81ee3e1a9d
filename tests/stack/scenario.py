"""Scenario A through the whole topology: agencies post, people sign in and read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hub.cli.demo_world import (
    READING_TIME,
    REVIEWER,
    Posted,
    fill_directory,
    make_keys,
    play,
)
from tests.stack.native import Stack
from tests.support.scenario import READERS, learn_children
from tests.support.world_on_postgres import StackWorld, store_of

Json = dict[str, Any]
POSTS = 65


@dataclass
class Played:
    """What came of it: the answers to the posts, what each reader then got of each child, and the check."""

    world: StackWorld
    posted: list[Posted] = field(default_factory=list)
    entries: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    overviews: dict[tuple[str, str], Json] = field(default_factory=dict)
    verified: str = ""
    whole: bool = False

    @property
    def good(self) -> bool:
        """Everything was taken, everybody got something, and the ledger fits."""
        taken = len(self.posted) == POSTS and all(one.status in (200, 201) for one in self.posted)
        return taken and self.whole and bool(self.entries) and all(self.entries.values())


def play_into(
    stack: Stack, tell: Callable[[str], None] = lambda _: None, *, over_kafka: bool = False
) -> Played:
    """Enter the directory, post, move to the reading time, read as everybody, verify."""
    found = Played(StackWorld(stack))
    world = found.world
    store = store_of(stack)
    try:
        fill_directory(store.directory)
        make_keys(store.directory, world.keys, store.clock.wall())
        tell(f"The agencies post their records, signed, over {'Kafka' if over_kafka else 'HTTP'}")
        token, brokers = world.person_token(REVIEWER), stack.kafka if over_kafka else None
        for one in play(stack.address, store, world.keys, token, brokers):
            found.posted.append(one)
    finally:
        store.close()
    world.advance(READING_TIME)
    tell(
        f"{sum(one.status in (200, 201) for one in found.posted)} of {POSTS} posts are held; everybody reads"
    )
    learn_children(world)
    for name, reader in READERS.items():
        for child in reader.children:
            found.entries[name, child] = world.chronology(name, child)
            found.overviews[name, child] = world.overview(name, child)
    done = stack.hub("verify")
    found.verified, found.whole = done.stdout.strip(), done.returncode == 0
    return found
