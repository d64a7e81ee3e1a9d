"""The key files that are made in development: whole, durable, and never two for one record."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from hub.cli.keys import generate_keys, load_keys
from hub.settings import Settings, load_settings
from tests.contract.record_contract import SeededChance


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({}, None, database_url=f"sqlite:///{tmp_path / 'hub.db'}")


@pytest.mark.req("H-02")
def test_a_key_is_on_the_disk_before_anything_is_sealed_under_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    sync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    made = generate_keys(settings, SeededChance(1))
    folder = settings.data_directory / "keys"
    assert sorted(path.name for path in made) == ["master.key", "signing.key"]
    assert synced.count(str(folder)) == 2 and len([one for one in synced if one != str(folder)]) == 2
    assert sorted(one.name for one in folder.iterdir()) == ["master.key", "signing.key"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in made)


@pytest.mark.req("H-02")
def test_commands_that_make_keys_at_once_agree_on_one(settings: Settings) -> None:
    made: list[tuple[Path, ...]] = []
    together = threading.Barrier(4)

    def make(seed: int) -> None:
        together.wait(10)
        made.append(generate_keys(settings, SeededChance(seed)))

    threads = [threading.Thread(target=make, args=(seed,)) for seed in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(10)
    assert sorted(path.name for paths in made for path in paths) == ["master.key", "signing.key"]
    before = load_keys(settings).master
    assert generate_keys(settings, SeededChance(9)) == ()
    assert load_keys(settings).master == before
