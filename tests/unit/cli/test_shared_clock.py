"""The clock of a simulation of several processes: one domain clock, which never runs backwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from hub.cli.world import CLOCK_MARK, SharedClock

START = datetime(2025, 9, 1, tzinfo=UTC)


class Marks:
    """As the record keeps them."""

    def __init__(self) -> None:
        self.kept: dict[str, int] = {}

    def mark(self, name: str) -> int:
        return self.kept.get(name, 0)

    def raise_mark(self, name: str, value: int) -> int:
        self.kept[name] = max(value, self.mark(name))
        return self.kept[name]


@pytest.mark.req("R-077")
def test_what_one_process_moves_the_others_see() -> None:
    marks = Marks()
    one, two = SharedClock(marks, START), SharedClock(marks, START)
    assert one.domain() == two.domain() == START
    to = datetime(2025, 9, 12, 15, 25, 0, 123_456, tzinfo=timezone(timedelta(hours=1)))
    assert one.advance(to) == two.domain() == to
    assert two.domain().utcoffset() == timedelta(0)
    assert marks.kept == {CLOCK_MARK: 1_757_687_100_123_456}


@pytest.mark.req("R-077")
def test_it_never_runs_backwards_not_even_behind_a_later_start() -> None:
    marks = Marks()
    clock = SharedClock(marks, None)
    assert clock.domain() == datetime(2000, 1, 1, tzinfo=UTC)
    later = START + timedelta(days=3)
    assert clock.advance(later) == later
    assert clock.advance(START) == clock.domain() == later
    assert SharedClock(marks, START).domain() == later
    much_later = START + timedelta(days=30)
    started = SharedClock(marks, much_later)
    assert started.domain() == started.advance(START) == clock.domain() == much_later
