"""`kill -9` of a serving hub under load: what was acknowledged stands, once, in order, with its receipt."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random  # noqa: TID251  seeded

import pytest

from agencies.sdk.client import Accepted, HubClient, Refused
from agencies.sdk.json import JsonObject
from agencies.sdk.keys import load_key, paths_of
from agencies.sdk.receipts import verify_receipt
from agencies.sdk.sign import sign_event
from hub.cli.compose import open_store
from hub.cli.demo import HUB_ID, demo_settings
from hub.cli.demo_world import OFFICER
from hub.record import parse_checkpoint
from tests.support.dropping_proxy import DroppingProxy
from tests.support.hub_process import ROOT, HubProcess, free_port, write_commands
from tests.support.load import Answers, Bound, Poster, PostingLoad, Question, ReadingLoad
from tests.support.played_data import (
    Officer,
    PlayedData,
    assert_gapless,
    assert_sound,
    play_data,
)
from tests.support.scenario import READERS

HARMED, HAS_HARMED = "nhs:9990100101", "nhs:9990200106"
POSTERS = (
    Poster(
        "elm",
        "education.elm-school",
        "education.elm-school/dsl-1",
        (HARMED, "local:education.elm-school:p-{number}"),
        (HAS_HARMED, "local:education.elm-school:p-1"),
    ),
    Poster("oak", "education.oak-school", "education.oak-school/dsl-1", (HAS_HARMED,)),
    Poster("pol", "police.n-police", "police.n-police/caiu-1", (HARMED, HAS_HARMED), (HARMED,)),
    Poster("csc-1", "social-care.n-csc", "social-care.n-csc/sw-n1", (HARMED,), (), True),
    Poster("csc-2", "social-care.n-csc", "social-care.n-csc/enq-1", (HARMED,), (), True),
)


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_commands(tmp_path_factory.mktemp("bin"))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> PlayedData:
    return play_data(tmp_path_factory.mktemp("played"))


@pytest.fixture
def data(played: PlayedData, tmp_path: Path) -> PlayedData:
    return played.copy(tmp_path / "data")


@pytest.fixture
def process(data: PlayedData, commands: Path) -> Iterator[HubProcess]:
    found = data.process(commands)
    try:
        yield found
    finally:
        found.kill()


def make_load(
    data: PlayedData, hub: str, posters: tuple[Poster, ...], bound: Bound, *, readers: int = 2
) -> Answers:
    """Posters as given, and readers of both children's chronologies for as long as they post."""
    questions = [
        Question(one.person, "chronology", f"/v1/children/{child}/chronology", purpose=one.purpose)
        for one in READERS.values()
        for name, child in data.children.items()
        if name in one.children and one.name != "IGO"
    ]
    reading = Bound(1_000_000, bound.seconds)
    return Answers(
        [PostingLoad(hub, one, data.keys, HUB_ID, bound, seed) for seed, one in enumerate(posters)],
        [ReadingLoad(str(n), hub, questions, data.tokens.__getitem__, reading, n) for n in range(readers)],
    )


class Witness(threading.Thread):
    """Collects every checkpoint that is to be had while the hub comes and goes."""

    def __init__(self, data: PlayedData, hub: str) -> None:
        super().__init__(daemon=True)
        self.roots: dict[int, bytes] = {}
        self._officer = Officer(hub, data.tokens[OFFICER])
        self._ending = threading.Event()

    def run(self) -> None:
        while not self._ending.wait(0.3):
            note = self._officer.checkpoint()
            if note is not None:
                self.see(note)
        self._officer.close()

    def see(self, note: str) -> None:
        """Two checkpoints of one size are of one tree."""
        seen = parse_checkpoint(note)
        assert self.roots.setdefault(seen.size, seen.root) == seen.root

    def end(self) -> None:
        self._ending.set()
        self.join(30)


def kill_again_and_again(process: HubProcess, load: Answers, points: int, chance: Random) -> None:
    """Kill after so many more answers, between them, or while it starts; every time start it again."""
    for point in range(points):
        goal, ends = load.acknowledged + chance.randrange(1, 40), time.monotonic() + 4
        while load.acknowledged < goal and time.monotonic() < ends:
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.02))
        process.kill()
        if point % 5 == 3:
            process.start(ready=False)
            time.sleep(chance.uniform(0.2, 2.0))
            process.kill()
        process.start()


def own_posts(client_of: PostingLoad, hub: str) -> list[JsonObject]:
    """Everything that GET /v1/events?mine gives to an organisation."""
    found: list[JsonObject] = []
    path = "/v1/events?mine&limit=200"
    cursor = ""
    while True:
        answer = client_of._client._send("GET", path + (f"&cursor={cursor}" if cursor else ""))
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["posts"]
        cursor = page["cursor"] or ""
        if not cursor:
            return found


def assert_kept(data: PlayedData, process: HubProcess, load: Answers, witness: Witness) -> None:
    """What holds after any number of kills.

    1. An organisation's own posts are the acknowledged ones, each once, as they were signed.
    2. The leaf indexes of one sequential client follow the order in which it posted.
    3. Posted again, each gets the receipt it was given first; the receipt proves it in the ledger.
    4. Every two checkpoints that were ever seen are of one growing tree.
    5. No gap, no double, nothing damaged, in the file as it stands after a last kill.
    """
    store = open_store(demo_settings(data.folder, 1))
    hub_key = store.signer.public_jwk
    store.close()
    before = {one.name for one in threading.enumerate()}
    for post in load.posts:
        again = PostingLoad(process.address, post.poster, data.keys, HUB_ID, Bound(0, 0))
        held = own_posts(again, process.address)  # 1
        names = [(one["event"]["source"], one["event"]["id"]) for one in held if one["event"]]  # type: ignore[index,call-overload]
        assert len(set(names)) == len(names)
        mine = load.names(post.poster.organisation)
        assert len(set(mine)) == len(mine)
        assert set(mine) <= set(names)
        ours = {one for one in names if one not in scenario_names(data)}
        assert ours == set(mine), "something stands that was never acknowledged"
        indexes = [one.leaf_index for one in post.acknowledged]  # 2
        assert indexes == sorted(set(indexes))
        for one in post.acknowledged:  # 3
            again.repeat(one)
        for one, proof in zip(post.acknowledged[-5:], again.proofs[-5:], strict=False):
            answer = {"receipt": one.receipt, "claims": one.claims, "proof": proof}
            verify_receipt(answer, one.payload, load_jwk(hub_key), HUB_ID)
        for proof in (*post.proofs, *again.proofs):
            witness.see(str(proof["checkpoint"]))
        again.let_go()
    officer = Officer(process.address, data.tokens[OFFICER])
    officer.assert_consistent(witness.roots)  # 4
    officer.close()
    process.kill()  # 5
    assert_gapless(data)
    assert_sound(data, process)
    assert {one.name for one in threading.enumerate()} <= before
