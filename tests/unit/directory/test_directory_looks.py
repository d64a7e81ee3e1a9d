"""One look at the record serves whoever asked before it began, and nobody who asked after."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from hub.directory import Directory
from hub.errors import HubError
from hub.identity import Identity

NOW = datetime(2026, 1, 5, tzinfo=UTC)


class HeldRecord:
    """A record whose reads wait until they may go on."""

    def __init__(self):
        self.reads = 0
        self.began = threading.Semaphore(0)
        self.goes_on = threading.Semaphore(0)
        self.fault = None

    def versions(self, streams):
        self.reads += 1
        self.began.release()
        assert self.goes_on.acquire(timeout=10)
        if self.fault is not None:
            raise self.fault
        return dict.fromkeys(streams, 0)


def looks(kind, record):
    """How to look anew: the directory's, or that of the identity records."""
    if kind == "directory":
        return Directory(record, SimpleNamespace(wall=lambda: NOW)).refresh
    return Identity(record).version


@pytest.mark.req("H-21")
@pytest.mark.parametrize("kind", ["directory", "identity"])
def test_who_asks_during_a_look_gets_a_later_one(kind):
    record = HeldRecord()
    look = looks(kind, record)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(look)
        assert record.began.acquire(timeout=10)
        second = pool.submit(look)
        time.sleep(0.05)
        record.goes_on.release()
        first.result(10)
        assert record.began.acquire(timeout=10), "the second was told what stood before it asked"
        record.goes_on.release()
        second.result(10)
    assert record.reads == 2


@pytest.mark.req("H-21")
@pytest.mark.parametrize("kind", ["directory", "identity"])
def test_those_who_wait_share_the_next_look(kind):
    record = HeldRecord()
    look = looks(kind, record)
    with ThreadPoolExecutor(21) as pool:
        first = pool.submit(look)
        assert record.began.acquire(timeout=10)
        others = [pool.submit(look) for _ in range(20)]
        time.sleep(0.2)
        for _ in range(21):
            record.goes_on.release()
        first.result(10)
        for other in others:
            other.result(10)
    assert record.reads < 21


@pytest.mark.req("H-21")
@pytest.mark.parametrize("kind", ["directory", "identity"])
def test_a_look_that_failed_serves_nobody(kind):
    record = HeldRecord()
    look = looks(kind, record)
    record.fault = HubError("store")
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(look) for _ in range(4)]
        time.sleep(0.1)
        for _ in range(4):
            record.goes_on.release()
        assert [type(one.exception(10)) for one in waiting] == [HubError] * 4
    record.fault = None
    record.goes_on.release()
    look()
    assert record.reads == 5
