"""Views that go on while nobody tells of the record: no broker, no relay, or a group that stands still."""

from __future__ import annotations

import gc
import time
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from hub.record import Record
from hub.record.projections import PartFeed, Projected, Projector, ViewStore, open_views
from hub.relay.standby import STANDS_SECONDS, Standby
from tests.contract.projections.example_projections import Bodies, Body, append, bodies
from tests.support.hub_process import free_port

PARTS = 3


def names(count: int, letter: str) -> list[str]:
    return [f"{letter}{number:03d}" for number in range(count)]


def built(views: ViewStore) -> list[Body]:
    projection = Bodies()
    return bodies(Projected(views, projection.name, projection.version))


def alone(record: Record, folder: Path) -> list[Body]:
    """What one process builds in one go."""
    with (
        closing(open_views(folder / "alone.db")) as views,
        closing(Projector(record, views, [Bodies()])) as one,
    ):
        one.catch_up()
        return built(views)


def as_time_goes_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    passed = [0.0]
    monotonic = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + passed[0])

    def go(seconds: float) -> None:
        passed[0] += seconds

    return go


@pytest.mark.req("H-26", "H-25")
def test_parts_that_stand_still_are_taken_up_from_the_record(
    record: Record, views: ViewStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = as_time_goes_by(monkeypatch)
    feed = PartFeed(record, views, [Bodies()])
    one, other = Standby(record, feed), Standby(record, PartFeed(record, views, [Bodies()]))
    one.look()
    assert feed.divided() is None, "it builds nothing by itself"
    feed.prepare(PARTS)
    assert feed.divided() == PARTS
    append(record, *names(30, "a"), streams=7)
    before = feed.position()
    for standby in (one, other):
        standby.look()
        assert feed.position() == before, "it may just be on its way"
    go(STANDS_SECONDS + 0.1)
    append(record, *names(700, "b"), streams=7)
    for standby in (one, other):
        standby.look()
        assert feed.position() == record.head().position
    append(record, *names(5, "c"), streams=7)
    one.look()
    assert feed.position() < record.head().position, "each stand is timed anew"
    go(STANDS_SECONDS + 0.1)
    other.look()
    one.look()
    assert feed.position() == record.head().position
    assert built(views) == alone(record, tmp_path)


@pytest.mark.req("H-26", "H-25")
def test_a_worker_that_reaches_no_broker_keeps_the_views_up_all_the_same(
    record: Record, views: ViewStore, tmp_path: Path
) -> None:
    pytest.importorskip("kafka")
    from hub.relay import GroupWorker, KafkaSettings

    append(record, *names(20, "a"), streams=7)
    feed = PartFeed(record, views, [Bodies()])
    nowhere = KafkaSettings(f"127.0.0.1:{free_port()}", request_seconds=1.0)
    worker = GroupWorker(record, feed, nowhere)
    worker.start()
    try:
        for letter in "bc":
            append(record, *names(20, letter), streams=7)
            ends = time.monotonic() + 30
            while feed.divided() is None or feed.position() < record.head().position:
                assert time.monotonic() < ends, "the views do not follow"
                time.sleep(0.1)
        assert worker.fault is not None, "that the group cannot be joined is told"
    finally:
        worker.stop()
        with warnings.catch_warnings(action="ignore"):
            gc.collect()  # of the client's connections that were never made
    assert built(views) == alone(record, tmp_path)
