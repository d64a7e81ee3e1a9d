"""docker-compose.yml started without containers: scenario A gives each reader what the embedded hub gives."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.stack.native import Stack
from tests.stack.scenario import Played, play_into
from tests.support.scenario import READERS, World

pytestmark = pytest.mark.slow
Json = dict[str, Any]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    found = Stack(tmp_path_factory.mktemp("stack"), free_ports=True)
    try:
        found.start()
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="module")
def played(stack: Stack) -> Played:
    return play_into(stack)


@pytest.mark.req("H-01", "H-03")
def test_everything_is_taken_and_the_ledger_fits(played: Played) -> None:
    assert played.good


@pytest.mark.req("H-06", "H-08")
@pytest.mark.parametrize("reader", sorted(READERS))
def test_each_reader_gets_what_the_embedded_hub_gives(played: Played, world: World, reader: str) -> None:
    """But for deadlines that were missed: nobody watches them in the embedded simulation."""
    for child in READERS[reader].children:
        here, there = played.entries[reader, child], world.chronology(reader, child)
        assert told(here) == told(there)


def told(entries: Sequence[Json]) -> Counter[str]:
    """What entries say, without the names that every hub makes for itself."""
    return Counter(
        repr(
            (
                one.get("type"),
                one.get("line"),
                one.get("recorded_at"),
                one.get("title"),
                sorted(one.get("fields") or {}),
            )
        )
        for one in entries
        if "deadline-missed" not in (one.get("type"), one.get("line"))
    )


@pytest.mark.req("H-03")
def test_operators_see_every_process(stack: Stack, played: Played) -> None:
    token = {"Authorization": f"Bearer {stack.secrets['HUB_METRICS_TOKEN']}"}
    for name, process in (("projector", "projector"), ("ticker", "ticker"), ("relay", "relay")):
        port = stack._own[name]
        found = httpx.get(f"http://127.0.0.1:{port}/metrics", headers=token, timeout=10)
        assert found.status_code == 200 and f'process="{process}"' in found.text
    served = httpx.get(f"{stack.address}/metrics", headers=token, timeout=10)
    assert served.status_code == 200 and 'hub_posts_total{door="http",outcome="kept"} ' in served.text


@pytest.mark.req("H-10")
def test_no_log_of_any_process_holds_anything_received(stack: Stack, played: Played) -> None:
    for name in stack.running:
        text = Path(stack.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        assert not [one for one in ("nhs:", "upn:", "local:", "postgresql://", "Traceback") if one in text]
        assert not [one for one in stack.secrets.values() if one in text]


@pytest.mark.req("H-06")
def test_a_group_of_workers_takes_over_from_the_single_projector(stack: Stack, played: Played) -> None:
    """Two workers divide the children among them; the views follow what is recorded from then on."""
    assert stack.end("projector") == 0
    before = json.loads(stack.hub("organisation", "list", "--json").stdout)
    for name in ("projector", "projector-2"):
        stack.launch("projector", "--group", name=name)
    done = stack.hub("organisation", "add", "police.m-police", "--title", "M Police")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(stack.hub("organisation", "list", "--json").stdout)) == len(before) + 1
    ends = time.monotonic() + 60
    while not (stack.health("projector") and stack.health("api")):
        assert time.monotonic() < ends, stack.log("projector")[-2_000:]
        time.sleep(0.5)
    assert stack.hub("verify").returncode == 0


@pytest.mark.req("H-03")
def test_asked_to_end_all_end_well(stack: Stack, played: Played) -> None:
    assert set(stack.stop().values()) == {0}
