"""`kill -9` of every part at seeded points under load: nothing lost, doubled, disordered or left open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.faults_kills import KINDS, Victims, plan, running, survive
from tests.support.postgres_server import Server, new_server, or_skip

# Clients that a broker was killed under leave their sockets to the collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def victims(tmp_path: Path) -> Iterator[Victims]:
    server = or_skip(new_server)
    assert isinstance(server, Server)
    try:
        with running(tmp_path / "hub", server) as found:
            yield found
            found.history.write(tmp_path / "history.jsonl")
    finally:
        server.remove()


@pytest.mark.req("H-02", "H-03", "H-06", "H-14", "H-26")
def test_thirty_kills_of_every_part_lose_double_and_disorder_nothing(victims: Victims) -> None:
    found = survive(victims, points=30, seed=30)
    assert found.sound, found
    assert found.outcomes["ok"] > 300 and found.outcomes["unknown"] > 0


@pytest.mark.slow
@pytest.mark.req("H-02", "H-03", "H-06", "H-14", "H-26")
@pytest.mark.parametrize("seed", [1, 2])
def test_a_hundred_kills_of_every_part_lose_double_and_disorder_nothing(victims: Victims, seed: int) -> None:
    found = survive(victims, points=100, seed=seed)
    assert found.sound, found


def test_a_plan_follows_from_its_seed_and_has_every_part_in_it() -> None:
    assert plan(7, 30) == plan(7, 30) != plan(8, 30)
    assert set(plan(7, 30)) == set(KINDS) and len(plan(7, 1_000)) == 1_000
