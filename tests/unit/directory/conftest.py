"""A record of its own for every test of the directory, and a clock that the test moves."""

import threading
from datetime import UTC, datetime

import pytest

from hub.record import Record

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class StillClock:
    def __init__(self):
        self.now = NOW

    def wall(self):
        return self.now

    def domain(self):
        return self.now


class Sequence:
    """Different bytes at every call, the same in every run."""

    def __init__(self):
        self._count = 0
        self._lock = threading.Lock()

    def bytes(self, n):
        with self._lock:
            self._count += 1
            return self._count.to_bytes(n, "big")

    def uuid(self):
        return f"00000000-0000-4000-8000-{self.bytes(6).hex()}"


@pytest.fixture
def record(tmp_path):
    chance = Sequence()
    Record.migrate(tmp_path / "hub.db", master_key=b"m" * 32, chance=chance)
    record = Record.open(tmp_path / "hub.db", master_key=b"m" * 32, chance=chance)
    yield record
    record.close()


@pytest.fixture
def clock():
    return StillClock()
