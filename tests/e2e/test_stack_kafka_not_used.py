"""Scenario A over HTTP into several processes on PostgreSQL: every cell and value as in the embedded hub.

The short form, over Kafka, is in `test_stack_kafka_matrix.py`, which posts the same over HTTP afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stack.native import Stack
from tests.stack.scenario import Played, play_into
from tests.support.relayed import read_all
from tests.support.world_on_postgres import StackWorld, told_of_the_embedded_hub

pytestmark = pytest.mark.slow
globals().update(told_of_the_embedded_hub())


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    stack = Stack(tmp_path_factory.mktemp("stack"), free_ports=True)
    try:
        stack.start()
        found = play_into(stack)
        yield found
        found.world.close()
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def world(played: Played) -> StackWorld:
    """Scenario A at its end, as the tests of the embedded hub ask for it."""
    return played.world


@pytest.mark.req("H-01", "H-03")
def test_everything_is_taken_and_nothing_is_answered_through_kafka(played: Played) -> None:
    assert played.good, played.verified
    for organisation in {one.organisation for one in played.posted}:
        assert read_all(played.world.stack.kafka, f"events.receipts.{organisation}") == []
