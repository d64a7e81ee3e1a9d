"""Networks that fail between the parts, and projection workers that come and go, on one running hub."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from random import Random  # noqa: TID251  seeded

import pytest

from agencies.sdk.build import AgencyEvent
from tests.support.faults_hub import OAK, S_CSC, in_good_time, until
from tests.support.faults_load import NotedLoad
from tests.support.faults_wired import (
    MORE_MEMORY,
    SECONDS_BACK,
    How,
    Wired,
    answered_within,
    cut_off,
    wired,
)
from tests.support.load import Bound, Load
from tests.support.postgres_server import Server, or_skip, postgres_server
from tests.support.relayed import read_all
from tests.support.scenario import SCENARIO
from tests.support.simulated import one_more

# Clients whose connections were cut leave sockets to the collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
SEED, SHARE = 15, 0.15
EVERY_SECONDS = 2.0
LEAVING = 0.3
"""The share of workers that are told to end, and leave their group; the others are killed."""
POSTS = Bound(60, 120)
HOWS: tuple[How, How] = ("stands still", "refuses")
EVERYBODY, FROM_KAFKA = {"api", "project", "relay"}, {"project", "relay"}
OPENED, PLAN = (next(one.event for one in SCENARIO.posts if one.ref == ref) for ref in ("A00b", "A32"))
ENDED = one_more("ended", "A16", "relationship-ended", "2025-11-20T12:05:00+00:00").event
LONG_REFUSING, LONG_STILL = (
    pytest.param(how, 60.0, marks=pytest.mark.slow) for how in ("refuses", "stands still")
)


@pytest.fixture(scope="module")
def on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    server = or_skip(postgres_server)
    if not isinstance(server, Server):
        pytest.skip("the address of the given server cannot be led over a wire")
    with wired(tmp_path_factory.mktemp("wired") / "hub", server, SEED) as found:
        yield found


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
    assert on.http.cuts > 10 and on.broker.cuts > 10
    assert found.outcomes["unknown"] > 10


@pytest.mark.req("H-03", "H-21")
@pytest.mark.parametrize("seconds", [6.0, pytest.param(60.0, marks=pytest.mark.slow)])
def test_without_its_database_nothing_is_answered_as_kept(on: Wired, seconds: float) -> None:
    """Once the way to it stands still, once it is refused."""
    loads = on.load(Bound(100_000, 2 * seconds + 200), SEED, pause=0.2)
    cuts = [cut_off(on, [on.database], how, seconds, EVERYBODY) for how in HOWS]
    answers = Counter[tuple[int, str]]()
    for one in ended(loads):
        if isinstance(one, NotedLoad):
            answers += one.answers
    print(f"answers over HTTP: {dict(answers)}")
    assert {slug for status, slug in answers if status >= 400} == {"store"} and answers[503, "store"] > 0
    for cut in cuts:
        assert answered_within(on, cut) == 0
        assert cut.red.keys() == EVERYBODY
        assert max(cut.ready, cut.taken) < in_good_time(SECONDS_BACK)
        assert cut.memory < MORE_MEMORY
    assert on.judged().sound


def ended(loads: list[Load]) -> list[Load]:
    """Let all of them begin nothing new, and bring what they began to its end."""
    for one in loads:
        one.end()
    for one in loads:
        one.finish()
    return loads


def told(on: Wired, organisation: str) -> set[str]:
    """The ids of the notices that an organisation was sent."""
    return {one.headers["id"] for one in read_all(on.broker.bootstrap, f"notices.{organisation}")}


@pytest.mark.req("H-03", "H-16", "H-17", "D-20")
@pytest.mark.parametrize(("how", "seconds"), [("refuses", 6.0), LONG_REFUSING, LONG_STILL])
def test_without_its_broker_posts_are_taken_and_what_waits_is_decided_afresh(
    on: Wired, how: How, seconds: float
) -> None:
    """1. A child at a school; the school is told of a plan. 2. The broker is cut off; meanwhile there is a
    second plan, and the child leaves the school. 3. Healed: the school was not told of the second plan."""
    child = f"local:{S_CSC}:{how.replace(' ', '-')}-{seconds:g}"

    def event(like: AgencyEvent, name: str, **data: object) -> AgencyEvent:
        changed = {**like.data, **data}
        return replace(like, record=f"{name}-{child}", subject=child, data=changed)  # type: ignore[arg-type]

    end = replace(ENDED, data={**ENDED.data, "kind": "enrolled", "organisation": OAK})
    before = told(on, OAK)
    on.post(event(OPENED, "open", identifiers=[child]))  # 1.
    on.post(event(PLAN, "first"))
    until(lambda: told(on, OAK) > before, 60, "the notice of the first plan")
    first = told(on, OAK)
    loads: list[Load] = []

    def meanwhile() -> None:  # 2. With nothing else to send, it is decided at once, and waits to be sent.
        on.post(event(PLAN, "second"))
        on.post(event(end, "end"))
        loads.extend(on.load(Bound(100_000, seconds + 200), SEED, pause=0.2))

    cut = cut_off(on, on.broker.wires, how, seconds, FROM_KAFKA, meanwhile)
    ended(loads)
    assert answered_within(on, cut) > 10
    assert cut.red.keys() == FROM_KAFKA
    assert cut.ready < in_good_time(SECONDS_BACK) and cut.memory < MORE_MEMORY
    with on.hub.store() as store:
        goal = store.record.head().position
        goal_reached = "the notices at the record's end"
        until(lambda: store.record.mark("relay/notices") >= goal, in_good_time(60), goal_reached)
    assert told(on, OAK) == first and len(first - before) == 1  # 3.
    assert on.judged().sound


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
