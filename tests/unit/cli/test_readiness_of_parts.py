"""A hub that nobody projects for, or signs for, says so, and is ready again once somebody does."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from hub.cli import readiness
from hub.cli.checkpoints import Checkpoints
from hub.cli.compose import compose, initialise, open_store
from hub.settings import load_settings


@pytest.mark.req("H-06", "H-14")
def test_without_a_projector_readiness_says_projection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "LONGEST_LAG", timedelta(milliseconds=100))
    settings = load_settings({}, None, database_url=f"sqlite:///{tmp_path / 'hub.db'}")
    initialise(settings)
    hub = compose(open_store(settings))
    checkpoints = Checkpoints(hub.store, hub.services.log)
    try:
        hub.store.directory.add_organisation("police.n-police", "N Police", None)
        hub.services.ready()
        time.sleep(0.7)  # a finding is used again for half a second
        assert set(hub.services.ready().failing) == {"projection", "ledger"}
        hub.projector.start()
        with closing(checkpoints):
            checkpoints.start()
            ends = time.monotonic() + 20
            while hub.services.ready().failing:
                assert time.monotonic() < ends
                time.sleep(0.1)
    finally:
        hub.close()
