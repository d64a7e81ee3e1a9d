"""One hub per test process with scenario A in it; tests that only read share it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.scenario import World, played_world


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Scenario A at its end; read only."""
    with played_world(tmp_path_factory.mktemp("scenario-a")) as found:
        yield found
