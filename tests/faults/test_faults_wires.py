"""Answers that never arrive, and projection workers that come and go, on one running hub."""

from __future__ import annotations

import signal
import time
from collections import Counter
from functools import partial
from random import Random  # noqa: TID251  seeded

import pytest

from tests.support.faults_evidence import standing_twice
from tests.support.faults_hub import until
from tests.support.faults_wired import Wired, ended
from tests.support.load import Bound

# Clients whose connections were cut leave sockets to the collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
SEED, SHARE = 15, 0.15
EVERY_SECONDS = 2.0
LEAVING = 0.3
"""The share of workers that are told to end, and leave their group; the others are killed."""
POSTS = Bound(60, 120)


@pytest.mark.req("H-03", "H-26")
def test_answers_that_are_cut_lose_nothing_and_no_receiver_sees_anything_twice(on: Wired) -> None:
    """Between agencies and API, agencies and broker, and relay and broker, 15 of 100 answers never arrive."""
    wires = (on.http, *on.broker.wires)
    for wire in wires:
        wire.cut_answers(SHARE)
    loads = on.load(POSTS, SEED)
    for one in loads:
        one.finish()
    for wire in wires:
        wire.mend()
    print(f"seed {SEED}: {on.http.cuts} answers cut over HTTP, {on.broker.cuts} at the broker")
    found = on.judged()
    assert found.sound, found
    assert sum(one.repeats for one in on.over_kafka) == 0
    assert standing_twice(on.broker.bootstrap) == {}
    assert on.http.cuts > 10 and on.broker.cuts > 10
    assert found.outcomes["unknown"] > 10


@pytest.mark.req("H-06", "H-26")
@pytest.mark.parametrize(("seconds", "seed"), [(20.0, 6), pytest.param(300.0, 60, marks=pytest.mark.slow)])
def test_workers_started_and_killed_every_two_seconds_build_what_one_builds(
    on: Wired, seconds: float, seed: int
) -> None:
    """1. Two more workers; agencies post, and every two seconds a worker goes and one comes. 2. All are left
    alone until the views are where the record is. 3. They are those of a replay from the beginning."""
    hub, chance, done = on.hub, Random(seed), Counter[str]()
    workers = ("project", "worker-2", "worker-3")
    for name in workers[1:]:  # 1.
        if name not in hub.processes:
            hub.add(name, "project", "--group")
        hub.start(name)
    loads = on.load(Bound(1_000_000, seconds + 60), seed, pause=0.1)
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        next_ = time.monotonic() + EVERY_SECONDS
        name = chance.choice(workers)
        if chance.random() < LEAVING:
            hub.signal(name, signal.SIGTERM)
            until(partial(hub.ended, name), 30, "a worker that leaves")
            hub.start(name)
            done["left"] += 1
        else:
            hub.restart(name)
            done["killed"] += 1
        time.sleep(max(0.0, next_ - time.monotonic()))
    ended(loads)
    print(f"seed {seed}: {dict(done)} in {seconds:g} s")
    assert sum(one.outcome == "ok" for one in on.history.within(began, time.monotonic())) > 50
    found = on.judged()  # 2. and 3.
    assert found.sound, found
    assert sum(done.values()) >= seconds / EVERY_SECONDS / 3
    for name in workers[1:]:
        hub.kill(name)
        del hub.processes[name]
