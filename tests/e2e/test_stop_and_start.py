"""A hub that is asked to stop under load, started twice on one file, and checked while it serves."""

from __future__ import annotations

import json
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.cli.demo import HUB_ID
from hub.cli.demo_world import OFFICER
from tests.support.hub_process import ROOT, HubProcess, write_commands
from tests.support.load import Answers, Bound, Poster, PostingLoad, Question, ReadingLoad
from tests.support.played_data import Caller, Json, PlayedData, assert_gapless, assert_sound, play_data
from tests.support.scenario import READERS

HARMED, HAS_HARMED = "nhs:9990100101", "nhs:9990200106"
ELM, OAK, N_CSC = "education.elm-school", "education.oak-school", "social-care.n-csc"
POSTERS = (
    Poster("elm", ELM, f"{ELM}/dsl-1", (HARMED, f"local:{ELM}:p-{{number}}"), (HAS_HARMED,)),
    Poster("oak", OAK, f"{OAK}/dsl-1", (HAS_HARMED,)),
    Poster("csc", N_CSC, f"{N_CSC}/sw-n1", (HARMED,), decides=True),
)


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_commands(tmp_path_factory.mktemp("bin"))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> PlayedData:
    """As it was played; nobody serves it."""
    return play_data(tmp_path_factory.mktemp("played"))


@pytest.fixture(scope="module")
def data(played: PlayedData, tmp_path_factory: pytest.TempPathFactory) -> PlayedData:
    return played.copy(tmp_path_factory.mktemp("served") / "data")


@pytest.fixture
def process(data: PlayedData, commands: Path) -> Iterator[HubProcess]:
    found = data.process(commands)
    try:
        found.start()
        yield found
    finally:
        found.kill()


def posting(data: PlayedData, hub: str, name: str, bound: Bound) -> list[PostingLoad]:
    return [
        PostingLoad(hub, one.named(f"{one.name}-{name}"), data.keys, HUB_ID, bound, seed)
        for seed, one in enumerate(POSTERS)
    ]


def reading(data: PlayedData, hub: str, bound: Bound) -> ReadingLoad:
    path = f"/v1/children/{data.children['C-1001']}/chronology"
    questions = [Question(READERS["ENQ"].person, "chronology", path, purpose=READERS["ENQ"].purpose)]
    return ReadingLoad("enq", hub, questions, data.tokens.__getitem__, bound)


def wait_for(load: Answers, posts: int) -> None:
    ends = time.monotonic() + 30
    while load.acknowledged < posts:
        assert time.monotonic() < ends
        time.sleep(0.002)


@pytest.mark.req("H-03", "H-14")
def test_asked_to_stop_under_load_it_ends_well_and_goes_on_where_it_stood(
    data: PlayedData, process: HubProcess
) -> None:
    load = Answers(
        posting(data, process.address, "stop", Bound(30, 60)),
        [reading(data, process.address, Bound(10_000, 60))],
    )
    load.start()
    wait_for(load, 25)
    began = time.monotonic()
    assert process.stop() == 0
    assert time.monotonic() - began < 15
    given = {one.id: one.receipt for post in load.posts for one in list(post.acknowledged)}
    # It closed its files itself: nothing is left for the next start to recover.
    assert not Path(f"{data.database}-wal").exists()
    assert_sound(data, process)
    process.start()
    load.finish()
    assert {asked.status for asked in load.log} <= {200, 503, None}
    for post in load.posts:
        again = PostingLoad(process.address, post.poster, data.keys, HUB_ID, Bound(0, 0))
        for one in post.acknowledged:
            assert given.get(one.id, one.receipt) == one.receipt
            again.repeat(one)
        again.let_go()
    assert process.stop() == 0
    assert_gapless(data)


UNASKED = (
    f"import contextlib, sys; sys.path.insert(0, {str(ROOT)!r}); from hub.cli import main, running; "
    "running.served_alone = lambda settings: contextlib.nullcontext(); sys.argv = ['hub', 'serve']; main()"
)
"""`hub serve` that does not ask whether another one serves, as where the file system knows no locks."""


@pytest.mark.req("H-02", "H-03", "H-14")
def test_two_hubs_on_one_file_keep_one_record(data: PlayedData, process: HubProcess, commands: Path) -> None:
    """1. Both take posts about the same children at once. 2. Each knows what the other took.
    3. What either records of a read, the officer sees at either. 4. One record without a gap."""
    second = data.process(commands)
    second.start([sys.executable, "-c", UNASKED])
    try:
        loads = [Answers(posting(data, hub.address, name, Bound(15, 40)))  # 1
                 for name, hub in (("first", process), ("second", second))]  # fmt: skip
        for load in loads:
            load.start()
        for load in loads:
            load.finish()
        for load, other in zip(loads, (second, process), strict=True):  # 2
            for post in load.posts:
                again = PostingLoad(other.address, post.poster, data.keys, HUB_ID, Bound(0, 0))
                for one in post.acknowledged:
                    again.repeat(one)
                again.let_go()
        held = []
        for hub in (process, second):
            with Caller(hub.address, data.tokens[ELM]) as elm:
                held.append([one["claims"]["event"]["id"] for one in elm.own_posts()])
        assert held[0] == held[1] and len(set(held[0])) == len(held[0])
        indexes = [one.leaf_index for load in loads for post in load.posts for one in post.acknowledged]
        assert len(set(indexes)) == len(indexes) == 2 * len(POSTERS) * 15
        spans = [sorted(one.leaf_index for p in load.posts for one in p.acknowledged) for load in loads]
        assert spans[0][0] < spans[1][-1] and spans[1][0] < spans[0][-1], "they wrote one after the other"
        ids = set()  # 3
        for hub in (process, second):
            read = reading(data, hub.address, Bound(3, 10))
            read.start()
            read.finish()
            assert [one.status for one in read.log] == [200] * 3
            ids |= {one.disclosure_id for one in read.log}
        for hub in (process, second):
            with Caller(hub.address, data.tokens[OFFICER]) as officer:
                rows = officer.get("/v1/audit/accesses", child=HARMED)["accesses"]
                assert ids <= {one["disclosure_id"] for one in rows}
    finally:
        assert second.stop() == 0
    process.kill()  # 4
    assert_gapless(data)
    assert_sound(data, process)


@pytest.mark.req("H-03")
def test_a_second_hub_at_the_same_address_ends_and_leaves_the_first_alone(
    played: PlayedData, data: PlayedData, process: HubProcess, tmp_path: Path
) -> None:
    other = played.copy(tmp_path / "data").process(process.commands)
    other.environment["HUB_LISTEN"] = process.environment["HUB_LISTEN"]
    done = other.run("serve")
    assert done.returncode == 1
    assert "HUB_LISTEN" in done.stderr and "Traceback" not in done.stderr
    with Caller(process.address, data.tokens[ELM]) as elm:
        assert elm.own_posts()


@pytest.mark.req("H-03")
def test_a_second_hub_on_the_same_file_is_refused_until_the_first_has_ended_however(
    data: PlayedData, process: HubProcess, tmp_path: Path
) -> None:
    """1. Under either name of the file. 2. Commands work beside it. 3. A killed one leaves nothing behind."""
    link = tmp_path / "another-name"
    link.symlink_to(data.folder)
    second = data.process(process.commands)
    for url in (f"sqlite:///{data.database}", f"sqlite:///{link / data.database.name}"):  # 1
        second.environment["HUB_DATABASE_URL"] = url
        done = second.run("serve")
        assert done.returncode == 1 and "serves" in done.stderr and "Traceback" not in done.stderr
        assert "stop it first" in done.stderr and "Serving" not in done.stdout
    assert process.run("verify").returncode == 0  # 2
    process.kill()
    second.start()  # 3
    assert second.stop() == 0
    process.start()


@pytest.mark.req("H-14")
def test_the_record_is_checked_while_the_hub_writes_it(data: PlayedData, process: HubProcess) -> None:
    load = Answers(posting(data, process.address, "verify", Bound(5_000, 60)))
    load.start()
    checked = []
    for command in ("verify", "fsck"):
        wait_for(load, load.acknowledged + 1)
        done = process.run(command, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        checked.append(json.loads(done.stdout))
    for post in load.posts:
        post.end()
    load.finish()
    assert all(one["whole"] and one["break"] is None for one in checked)
    items = [one["items"] for one in checked]
    assert items == sorted(set(items)), "nothing was written meanwhile"
    assert all(0 < one["covered"] <= one["items"] for one in checked)


@pytest.mark.req("H-06", "D-30")
def test_a_restored_record_shows_nobody_the_posts_of_another(
    played: PlayedData, commands: Path, tmp_path: Path
) -> None:
    """The backup knows less than the views beside it; what is posted next takes the places they know."""
    data = played.copy(tmp_path / "data")
    process = data.process(commands)
    try:
        process.start()
        with Caller(process.address, data.tokens[ELM]) as elm:
            before = names_of(elm.own_posts())
        lost = PostingLoad(process.address, POSTERS[0], data.keys, HUB_ID, Bound(8, 20))
        lost.start()
        lost.finish()
        with Caller(process.address, data.tokens[ELM]) as elm:
            assert names_of(elm.own_posts()) == before + [one.id for one in lost.acknowledged]
        assert process.stop() == 0
        shutil.copy(played.database, data.database)
        assert process.run("restore", "--in-place").returncode == 0
        process.start()
        oak = PostingLoad(process.address, POSTERS[1], data.keys, HUB_ID, Bound(20, 20))
        oak.start()
        oak.finish()
        with Caller(process.address, data.tokens[ELM]) as caller:
            assert names_of(caller.own_posts()) == before
        with Caller(process.address, data.tokens[OAK]) as caller:
            mine = names_of(caller.own_posts())
        assert mine[-20:] == [one.id for one in oak.acknowledged]
    finally:
        process.kill()


def names_of(posts: list[Json]) -> list[str]:
    return [str(one["claims"]["event"]["id"]) for one in posts]


def test_load_is_made_on_loopback_only() -> None:
    with pytest.raises(AssertionError):
        ReadingLoad("x", f"http://{socket.gethostname()}.example", [], str, Bound(0, 0))
