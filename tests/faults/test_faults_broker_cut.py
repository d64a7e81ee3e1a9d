"""A hub whose broker is out of reach for longer than any of its patience: it goes on, and decides afresh."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agencies.sdk.build import AgencyEvent
from tests.support.faults_hub import OAK, S_CSC, in_good_time, patient, until
from tests.support.faults_wired import (
    MORE_MEMORY,
    SECONDS_BACK,
    How,
    Wired,
    answered_within,
    cut_off,
    ended,
)
from tests.support.load import Bound, Load
from tests.support.relayed import read_all
from tests.support.scenario import SCENARIO
from tests.support.simulated import one_more

# Clients whose connections were cut leave sockets to the collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
SEED = 15
FROM_KAFKA = {"project", "relay"}
OPENED, PLAN = (next(one.event for one in SCENARIO.posts if one.ref == ref) for ref in ("A00b", "A32"))
ENDED = one_more("ended", "A16", "relationship-ended", "2025-11-20T12:05:00+00:00").event
LONG_REFUSING = pytest.param("refuses", 60.0, marks=pytest.mark.slow)


def told(on: Wired, organisation: str) -> set[str]:
    """The ids of the notices that an organisation was sent."""
    return {one.headers["id"] for one in read_all(on.broker.bootstrap, f"notices.{organisation}")}


@pytest.mark.req("H-03", "H-16", "H-17", "D-20")
@pytest.mark.parametrize(("how", "seconds"), [("refuses", 6.0), ("stands still", 60.0), LONG_REFUSING])
def test_without_its_broker_posts_are_taken_and_what_waits_is_decided_afresh(
    on: Wired, how: How, seconds: float
) -> None:
    """1. A child at a school; the school is told of a plan. 2. The broker is cut off; meanwhile there is a
    second plan, and the child leaves the school. 3. Healed: the school was not told of the second plan."""
    child = f"local:{S_CSC}:{how.replace(' ', '-')}-{seconds:g}"

    def event(like: AgencyEvent, name: str, **data: object) -> AgencyEvent:
        changed = {**like.data, **data}
        return replace(like, record=f"{name}-{child}", subject=child, data=changed)

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
    assert in_good_time(cut.ready, SECONDS_BACK, on.hub.begin_anew) and cut.memory < MORE_MEMORY
    with on.hub.store() as store:
        goal = store.record.head().position
        goal_reached = "the notices at the record's end"
        until(lambda: store.record.mark("relay/notices") >= goal, patient(60), goal_reached)
    assert told(on, OAK) == first and len(first - before) == 1  # 3.
    assert on.judged().sound
