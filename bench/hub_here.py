"""A hub in this process, whose rooms can be called and measured one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from agencies.sdk.keys import public_jwk
from hub.cli.compose import compose, initialise, open_store
from hub.cli.demo_world import SLACK, fill_directory, posters
from hub.cli.memory import put_together
from hub.settings import Settings
from tests.support.simulated import SeededChance, Simulated, agency_key


@contextmanager
def hub_here(settings: Settings) -> Iterator[Simulated]:
    """A hub in this process with the people of the scenario, nothing posted yet."""
    chance = SeededChance()
    initialise(settings)
    with closing(compose(open_store(settings, chance))) as hub:
        hub.projector.start()
        fill_directory(hub.store.directory)
        for organisation in posters():
            jwk = public_jwk(agency_key(organisation)).decode()
            hub.store.directory.register_key(
                organisation, "events", jwk, not_before=hub.store.clock.wall() - SLACK
            )
        put_together()  # as every process that serves does
        yield Simulated(hub, chance)
