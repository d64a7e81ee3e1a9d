"""A hub on either database that is backed up, goes on, is lost, and is restored elsewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agencies.sdk.keys import public_jwk
from hub.cli.checkpoints import Checkpoints
from hub.cli.commands import app
from hub.cli.compose import compose, initialise, open_store
from hub.cli.demo import HUB_ID
from hub.cli.demo_world import SLACK, fill_directory, posters
from hub.errors import HubError
from hub.settings import Settings, load_settings
from tests.support.simulated import MASTER_KEY, SIGNING_KEY, SeededChance, Simulated, agency_key

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Site:
    """One place for a record; the journal kept apart is the same for every place of a hub."""

    url: str
    apart: Path
    master_key: str = MASTER_KEY
    hub: str = HUB_ID

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HUB_MODE": "simulation",
            "HUB_ID": self.hub,
            "HUB_DATABASE_URL": self.url,
            "HUB_KEPT_APART": str(self.apart),
            "HUB_MASTER_KEY": self.master_key,
            "HUB_SIGNING_KEY": SIGNING_KEY,
            "HUB_SIMULATION_START": "2025-09-01T00:00:00+01:00",
        }

    @property
    def settings(self) -> Settings:
        return load_settings(self.environment, None)

    def run(self, *arguments: str, code: int = 0) -> str:
        """A command of `hub` here; what it printed."""
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("HUB_")]:
                patch.delenv(name)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
        assert done.exit_code == code, done.output + done.stderr
        return done.stdout if code == 0 else done.stderr

    def json(self, *arguments: str) -> Json:
        found: Json = json.loads(self.run(*arguments, "--json"))
        return found

    @contextmanager
    def opened(self, beginning: bytes = b"") -> Iterator[Simulated]:
        """The hub of this place, with what a serving process does beside; `beginning` differs each time."""
        chance = SeededChance()
        chance.restart(beginning)
        hub = compose(open_store(self.settings, chance))
        checkpoints = Checkpoints(hub.store, hub.services.log)
        try:
            hub.projector.start()
            checkpoints.start()
            yield Simulated(hub, chance)
        finally:
            checkpoints.close()
            hub.close()

    def refusal(self) -> str:
        """Why nothing here can be served; empty where it can."""
        try:
            open_store(self.settings).close()
        except HubError as fault:
            assert fault.slug == "store"
            return fault.detail
        return ""


def make_hub(site: Site) -> None:
    """A record with the invented organisations, their keys and people; nothing posted."""
    initialise(site.settings)
    with site.opened(b"begin") as hub:
        store = hub.hub.store
        fill_directory(store.directory)
        for organisation in posters():
            jwk = public_jwk(agency_key(organisation)).decode()
            store.directory.register_key(organisation, "events", jwk, not_before=store.clock.wall() - SLACK)
