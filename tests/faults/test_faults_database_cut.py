"""A hub whose database is out of reach for longer than any of its patience: nothing is answered as kept."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.faults_hub import in_good_time
from tests.support.faults_load import NotedLoad
from tests.support.faults_wired import (
    MORE_MEMORY,
    SECONDS_BACK,
    How,
    Wired,
    answered_within,
    cut_off,
    ended,
)
from tests.support.load import Bound

# Clients whose connections were cut leave sockets to the collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
SEED = 15
EVERYBODY = {"api", "project", "relay"}


@pytest.mark.req("H-03", "H-21")
@pytest.mark.parametrize(
    ("still", "refusing"),
    [(60.0, 6.0), pytest.param(60.0, 60.0, marks=pytest.mark.slow)],
)
def test_without_its_database_nothing_is_answered_as_kept(on: Wired, still: float, refusing: float) -> None:
    """Once the way to it stands still, once it is refused."""
    loads = on.load(Bound(100_000, still + refusing + 200), SEED, pause=0.2)
    hows: tuple[tuple[How, float], ...] = (("stands still", still), ("refuses", refusing))
    cuts = [cut_off(on, [on.database], how, seconds, EVERYBODY) for how, seconds in hows]
    answers = Counter[tuple[int, str]]()
    for one in ended(loads):
        if isinstance(one, NotedLoad):
            answers += one.answers
    print(f"answers over HTTP: {dict(answers)}")
    assert {slug for status, slug in answers if status >= 400} == {"store"} and answers[503, "store"] > 0
    for cut in cuts:
        assert answered_within(on, cut) == 0
        assert cut.red.keys() == EVERYBODY
        assert in_good_time(max(cut.ready, cut.taken), SECONDS_BACK, on.hub.begin_anew)
        assert cut.memory < MORE_MEMORY
    assert on.judged().sound
