"""Rate limits: one bucket for all processes, what a batch costs, and what holds while the store is gone."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.api.rate import MOST_CELLS, RETRY, RateLimit
from hub.errors import HubError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ORGANISATION = "education.elm-school"


class Shown:
    """Who was first, in memory and under one lock, as the record says it; it can be taken away."""

    def __init__(self):
        self.names = {}
        self.asked = 0
        self.gone = False
        self._lock = threading.Lock()

    def remember_once(self, kind, name, until, now):
        with self._lock:
            self.asked += 1
            if self.gone:
                raise HubError("store")
            self.names = {one: ends for one, ends in self.names.items() if ends > now}
            return self.names.setdefault((kind, name), until) is until


def taken(limit, now, times=1, cost=1.0):
    """How many of so many requests pass."""
    passed = 0
    for _ in range(times):
        try:
            limit.take(ORGANISATION, now, cost)
            passed += 1
        except HubError as refusal:
            assert refusal.slug == "rate" and refusal.retry_after >= 1
    return passed


@pytest.mark.req("H-25")
def test_processes_share_one_bucket():
    shown = Shown()
    processes = [RateLimit(10.0, 100, shown, processes=4) for _ in range(4)]
    assert sum(taken(one, NOW, 100) for one in processes) == 100
    later = NOW + timedelta(seconds=3)
    assert 20 <= sum(taken(one, later, 100) for one in processes) <= 40
    again = later + timedelta(seconds=30)
    assert sum(taken(one, again, 300) for one in processes) == 100


def test_the_common_request_asks_nobody():
    shown = Shown()
    limit = RateLimit(200.0, 1_000, shown)
    assert taken(limit, NOW, 1_000) == 1_000
    assert shown.asked == MOST_CELLS
    assert taken(limit, NOW, 1_000) == 0
    assert shown.asked == MOST_CELLS, "a refusal asks for no cell a second time"


CALLS = st.lists(
    st.tuples(st.integers(0, 900), st.integers(0, 4), st.integers(-20, 20), st.integers(1, 40)), max_size=120
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([(5.0, 20), (50.0, 30), (2.0, 3), (100.0, 7), (0.5, 1)]), CALLS)
def test_in_no_stretch_of_time_more_than_the_bucket_gives(bucket, calls):
    """Any processes, any times, clocks a little apart: the burst, what comes meanwhile, and one cell."""
    per_second, burst = bucket
    shown = Shown()
    processes = [RateLimit(per_second, burst, shown) for _ in range(5)]
    at, granted = NOW, []
    for gap, process, skew, times in calls:
        at += timedelta(milliseconds=gap)
        passed = taken(processes[process], at + timedelta(milliseconds=skew), times)
        granted.append((at, passed))
    cell = burst / min(MOST_CELLS, burst)
    for first in range(len(granted)):
        total = 0
        for last in range(first, len(granted)):
            total += granted[last][1]
            stretch = (granted[last][0] - granted[first][0]).total_seconds() + 0.04
            assert total <= burst + per_second * stretch + cell


def test_threads_of_a_process_take_what_is_there_and_no_more():
    limit, passed = RateLimit(0.001, 500, Shown()), []
    threads = [threading.Thread(target=lambda: passed.append(taken(limit, NOW, 100))) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(passed) == 500


def test_a_store_that_is_gone_leaves_each_process_its_share():
    shown = Shown()
    processes = [RateLimit(10.0, 100, shown, processes=4) for _ in range(4)]
    shown.gone = True
    assert [taken(one, NOW, 100) for one in processes] == [25] * 4
    assert shown.asked == 4, "a store that is gone is not asked by every request"
    assert [taken(one, NOW + timedelta(seconds=2), 100) for one in processes] == [5] * 4
    shown.gone = False
    back = NOW + timedelta(seconds=2) + RETRY + timedelta(seconds=0.5)
    assert 0 < sum(taken(one, back, 200) for one in processes) <= 104


def test_a_store_that_does_not_answer_holds_up_one_request_only():
    class Stuck(Shown):
        def __init__(self):
            super().__init__()
            self.reached, self.go_on = threading.Event(), threading.Event()

        def remember_once(self, kind, name, until, now):
            self.reached.set()
            self.go_on.wait(10)
            raise HubError("store")

    shown = Stuck()
    limit = RateLimit(1.0, 10, shown, processes=2)
    first = threading.Thread(target=taken, args=(limit, NOW))
    first.start()
    assert shown.reached.wait(5)
    assert taken(limit, NOW, 6) == 5
    shown.go_on.set()
    first.join()


def test_a_batch_costs_what_it_holds():
    limit = RateLimit(1.0, 100)
    limit.take(ORGANISATION, NOW)
    limit.take_batch(ORGANISATION, NOW, 60)
    with pytest.raises(HubError) as refused:
        limit.take_batch(ORGANISATION, NOW, 60)
    assert refused.value.retry_after == 19
    assert taken(limit, NOW, 100) == 40


@pytest.mark.parametrize("shared", [None, Shown()], ids=["alone", "shared"])
def test_a_batch_above_the_burst_costs_the_burst(shared):
    limit = RateLimit(1.0, 5, shared)
    limit.take(ORGANISATION, NOW)
    limit.take_batch(ORGANISATION, NOW, 1_000)
    assert taken(limit, NOW, 10) <= 2
    later = NOW + timedelta(seconds=10)
    assert taken(limit, later, 1) == 1
    limit.take_batch(ORGANISATION, later, 1_000)


def test_a_large_batch_passes_while_another_process_holds_some_of_the_bucket():
    shown = Shown()
    busy, other = RateLimit(10.0, 100, shown), RateLimit(10.0, 100, shown)
    assert taken(busy, NOW, 15) == 15
    other.take(ORGANISATION, NOW)
    other.take_batch(ORGANISATION, NOW, 1_000)
    # What it took of the time to come is not there for anybody until then.
    assert taken(busy, NOW + timedelta(seconds=1), 50) <= 10
    with pytest.raises(HubError):
        other.take_batch(ORGANISATION, NOW, 1_000)


def test_retry_after_is_when_it_succeeds():
    for shared in (None, Shown()):
        limit = RateLimit(0.5, 4, shared)
        assert taken(limit, NOW, 10) == 4
        with pytest.raises(HubError) as refused:
            limit.take(ORGANISATION, NOW, 3)
        wait = refused.value.retry_after
        assert 2 < wait <= 6
        assert taken(limit, NOW + timedelta(seconds=wait), 1, 3) == 1


def test_strangers_never_reach_the_store_and_have_a_share_only():
    shown = Shown()
    limit = RateLimit(1.0, 10, shown, processes=2)
    for _ in range(5):
        limit.take("address 192.0.2.1", NOW, stranger=True)
    with pytest.raises(HubError):
        limit.take("address 192.0.2.1", NOW, stranger=True)
    assert shown.asked == 0
