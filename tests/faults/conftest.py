"""What the tests share that break the wires of one running hub."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.faults_wired import Wired, wired
from tests.support.postgres_server import Server, or_skip, postgres_server

SEED = 15


@pytest.fixture(scope="module")
def on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    """One hub for all tests of a file, so that each file may run beside the others."""
    server = or_skip(postgres_server)
    if not isinstance(server, Server):
        pytest.skip("the address of the given server cannot be led over a wire")
    with wired(tmp_path_factory.mktemp("wired") / "hub", server, SEED) as found:
        yield found
