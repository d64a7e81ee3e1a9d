"""Readiness tries every part, in bounded time, and never costs more for being asked often."""

import threading
import time

import pytest

from hub.api import Probes
from hub.cli.readiness import Standstill
from hub.errors import HubError
from hub.metrics import metrics_text


def gone():
    raise HubError("store")


def wrong():
    raise RuntimeError("CANARY")


@pytest.mark.req("H-14")
def test_each_part_that_cannot_is_named():
    checks = {"store": lambda: True, "ledger": lambda: False, "policy": gone, "relay": wrong}
    assert Probes(checks)().failing == ("ledger", "policy", "relay")
    text = metrics_text().decode()
    assert 'hub_ready{part="store"} 1.0' in text and 'hub_ready{part="relay"} 0.0' in text


def test_a_part_that_hangs_fails_in_time_and_alone_and_is_tried_once_until_it_ends():
    go_on, tried = threading.Event(), []

    def hangs():
        tried.append(1)
        return go_on.wait(20)

    probes = Probes({"store": hangs, "policy": lambda: True}, patience=0.1, fresh=0.0)
    began = time.monotonic()
    assert [probes().failing for _ in range(5)] == [("store",)] * 5
    assert time.monotonic() - began < 1.5 and len(tried) == 1
    go_on.set()
    ends = time.monotonic() + 5
    while probes().failing and time.monotonic() < ends:
        time.sleep(0.01)
    assert probes().failing == ()


def test_that_all_is_well_is_not_looked_at_again_for_a_while_and_trouble_is():
    looked, well = [], [True]

    def check():
        looked.append(1)
        return well[0]

    probes = Probes({"store": check}, fresh=60.0)
    assert [probes().failing for _ in range(20)] == [()] * 20 and len(looked) == 1
    well[0] = False
    failing = Probes({"store": check}, fresh=60.0)
    assert failing().failing == ("store",)
    well[0] = True
    assert failing().failing == (), "recovery shows at once"


def test_many_who_ask_at_once_cost_one_round():
    looked = []

    def check():
        looked.append(1)
        time.sleep(0.2)
        return False

    probes = Probes({"store": check})
    threads = [threading.Thread(target=probes) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(looked) <= 2


def test_liveness_and_readiness_are_answered_while_every_thread_waits_for_the_store(door):
    """Posts may all hang; nobody must be kept from finding out."""
    import asyncio

    import anyio.to_thread
    import httpx

    blocked = threading.Event()

    async def run():
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = 2
        waiting = [asyncio.create_task(anyio.to_thread.run_sync(blocked.wait, 10)) for _ in range(2)]
        await asyncio.sleep(0.05)
        transport = httpx.ASGITransport(app=door.app)
        async with httpx.AsyncClient(transport=transport, base_url="https://hub.test") as client:
            answers = [await client.get(path, timeout=3) for path in ("/healthz", "/readyz")]
        blocked.set()
        await asyncio.gather(*waiting)
        return [one.status_code for one in answers]

    assert asyncio.run(asyncio.wait_for(run(), 8)) == [200, 200]


def test_what_follows_a_moving_head_is_not_late_but_what_stands_still_is(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("hub.cli.readiness.time.monotonic", lambda: now[0])
    moving, standing = Standstill(), Standstill()
    for step in range(30):
        now[0] += 1
        assert moving.seconds(reached=10 * step, head=10 * step + 9) <= 1
        late = standing.seconds(reached=5, head=10 * step + 9)
    assert late == 29
    assert standing.seconds(reached=9, head=9) == 0
