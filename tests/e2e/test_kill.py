"""`kill -9` of a serving hub under load: what was acknowledged stands, once, in order, with its receipt."""

from __future__ import annotations

import http.client
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random  # noqa: TID251  seeded

import pytest

from agencies.sdk.receipts import verify_receipt
from hub.cli.demo import HUB_ID
from hub.cli.demo_world import OFFICER
from hub.record import parse_checkpoint
from tests.support.hub_process import ROOT, HubProcess, write_commands
from tests.support.load import Answers, Bound, Poster, PostingLoad, Question, ReadingLoad
from tests.support.played_data import Caller, Json, PlayedData, assert_gapless, assert_sound, play_data
from tests.support.scenario import READERS

HARMED, HAS_HARMED = "nhs:9990100101", "nhs:9990200106"
ELM, OAK, POLICE, N_CSC = (
    "education.elm-school",
    "education.oak-school",
    "police.n-police",
    "social-care.n-csc",
)
POSTERS = (
    Poster("elm", ELM, f"{ELM}/dsl-1", (HARMED, f"local:{ELM}:p-{{number}}"), (HAS_HARMED, f"local:{ELM}:p")),
    Poster("oak", OAK, f"{OAK}/dsl-1", (HAS_HARMED,)),
    Poster("police", POLICE, f"{POLICE}/caiu-1", (HARMED, HAS_HARMED), (f"local:{POLICE}:x",)),
    Poster("csc-1", N_CSC, f"{N_CSC}/sw-n1", (HARMED,), decides=True),
    Poster("csc-2", N_CSC, f"{N_CSC}/enq-1", (HARMED,), decides=True),
)  # fmt: skip


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


class Witness(threading.Thread):
    """Collects the checkpoints that are to be had while the hub comes and goes."""

    def __init__(self, data: PlayedData, hub: str) -> None:
        super().__init__(daemon=True)
        self.roots: dict[int, bytes] = {}
        self.forked = False
        self._caller = Caller(hub, data.tokens[OFFICER])
        self._ending = threading.Event()

    def run(self) -> None:
        with self._caller:
            while not self._ending.wait(0.4):
                note = self._caller.checkpoint()
                if note is not None:
                    self.see(note)

    def see(self, note: str) -> None:
        """Two checkpoints of one size must be of one tree."""
        seen = parse_checkpoint(note)
        self.forked |= self.roots.setdefault(seen.size, seen.root) != seen.root

    def end(self) -> None:
        self._ending.set()
        self.join(30)


def load_of(data: PlayedData, hub: str, posters: Sequence[Poster], bound: Bound, seed: int = 0) -> Answers:
    """These posters, and for as long as they post two readers of the children's chronologies."""
    paths = {name: f"/v1/children/{child}/chronology" for name, child in data.children.items()}
    questions = [
        Question(one.person, "chronology", paths[child], purpose=one.purpose)
        for one in READERS.values()
        for child in one.children
        if one.name != "IGO"
    ]
    token_of, reading = data.tokens.__getitem__, Bound(100_000, bound.seconds)
    return Answers(
        [PostingLoad(hub, one, data.keys, HUB_ID, bound, seed + n) for n, one in enumerate(posters)],
        [ReadingLoad(str(n), hub, questions, token_of, reading, seed + n) for n in range(2)],
    )


def names_of(posts: Sequence[Json]) -> list[str]:
    return [str(one["claims"]["event"]["id"]) for one in posts]


def posted(data: PlayedData, hub: str) -> dict[str, list[str]]:
    """The names of each organisation's own posts, in the order of the record."""
    found = {}
    for organisation in sorted({one.organisation for one in POSTERS}):
        with Caller(hub, data.tokens[organisation]) as caller:
            found[organisation] = names_of(caller.own_posts())
    return found


def assert_kept(
    data: PlayedData, process: HubProcess, load: Answers, roots: Witness, before: dict[str, list[str]]
) -> None:
    """What holds after any number of kills.

    1. Each organisation's own posts are those it was given a receipt for, each once, and nothing else.
    2. The leaf indexes of a sequential client follow the order in which it posted.
    3. Posted again, each has the receipt it was given first; with its proof it verifies offline.
    4. Every two checkpoints that were ever seen are of one growing tree.
    5. The file, as a last kill leaves it: no gap, nothing twice, nothing damaged.
    """
    for organisation, names in posted(data, process.address).items():  # 1
        assert names[: len(before[organisation])] == before[organisation]
        assert sorted(names[len(before[organisation]) :]) == sorted(load.names(organisation))
    time.sleep(1.5)  # a checkpoint is signed every second
    for post in load.posts:
        indexes = [one.leaf_index for one in post.acknowledged]  # 2
        assert indexes == sorted(set(indexes))
        again = PostingLoad(process.address, post.poster, data.keys, HUB_ID, Bound(0, 0))
        for one in post.acknowledged:  # 3
            again.repeat(one)
        assert len(again.proofs) == len(post.acknowledged)
        for one, proof in zip(post.acknowledged, again.proofs, strict=True):
            answer = {"receipt": one.receipt, "claims": one.claims, "proof": proof}
            assert verify_receipt(answer, one.payload, data.hub_key, HUB_ID).leaf_index == one.leaf_index
        again.let_go()
        for proof in (*post.proofs[::10], *again.proofs[:1]):
            roots.see(str(proof["checkpoint"]))
    assert not roots.forked  # 4
    with Caller(process.address, data.tokens[OFFICER]) as officer:
        officer.assert_consistent(roots.roots)
    process.kill()  # 5
    assert_gapless(data)
    assert_sound(data, process)


def kill_again_and_again(process: HubProcess, load: Answers, kills: int, chance: Random) -> None:
    """Kill after so many more answers, or while it starts; each time start it again."""
    for kill in range(kills):
        goal, ends = load.acknowledged + chance.randrange(1, 25), time.monotonic() + 5
        while load.acknowledged < goal and time.monotonic() < ends:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.02))
        process.kill()
        if kill % 5 == 3:
            process.start(ready=False)
            time.sleep(chance.uniform(0.3, 2.5))
            process.kill()
        process.start()


def survive(data: PlayedData, process: HubProcess, *, kills: int, seed: int, bound: Bound) -> None:
    process.start()
    before = posted(data, process.address)
    load = load_of(data, process.address, POSTERS, bound, seed)
    witness = Witness(data, process.address)
    witness.start()
    load.start()
    kill_again_and_again(process, load, kills, Random(seed))
    for one in load.posts:
        one.end()
    load.finish()
    witness.end()
    assert load.acknowledged > 10 * kills
    assert all(one.acknowledged for one in load.posts), "a client posted nothing; the load is no load"
    statuses = {asked.status for asked in load.log}
    assert 200 in statuses and statuses <= {200, 503, None}
    assert_kept(data, process, load, witness, before)


@pytest.mark.req("H-02", "H-03", "H-14")
def test_five_kills_under_load_lose_and_double_nothing(data: PlayedData, process: HubProcess) -> None:
    survive(data, process, kills=5, seed=5, bound=Bound(400, 60))


@pytest.mark.slow
@pytest.mark.req("H-02", "H-03", "H-14")
def test_thirty_kills_under_load_lose_and_double_nothing(data: PlayedData, process: HubProcess) -> None:
    survive(data, process, kills=30, seed=30, bound=Bound(4_000, 400))


class DroppingProxy(ThreadingHTTPServer):
    """Passes requests on; swallows the answer of the next post, once the hub has given it."""

    daemon_threads = True

    def __init__(self, process: HubProcess) -> None:
        self.process = process
        self.armed = False
        self.swallowed: list[bytes] = []
        self.gone = threading.Event()
        super().__init__(("127.0.0.1", 0), _Passing)
        self.address = f"http://127.0.0.1:{self.server_port}"


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: DroppingProxy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        hub = http.client.HTTPConnection(self.server.process.address.removeprefix("http://"), timeout=20)
        try:
            hub.request("POST", self.path, body, dict(self.headers))
            answer = hub.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.close_connection = True
            return
        finally:
            hub.close()
        if self.server.armed and self.path == "/v1/events":
            self.server.armed = False
            self.server.process.kill()
            self.server.swallowed.append(content)
            self.server.gone.set()
            self.close_connection = True
            return
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is written."""


@pytest.fixture
def proxy(process: HubProcess) -> Iterator[DroppingProxy]:
    with DroppingProxy(process) as server:
        # Clients know the hub by the proxy's address; their assertions name it.
        process.environment["HUB_PUBLIC_URL"] = server.address
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


@pytest.mark.req("H-03")
def test_an_answer_that_never_arrived_is_given_again_word_for_word(
    data: PlayedData, process: HubProcess, proxy: DroppingProxy
) -> None:
    process.start()
    proxy.armed = True
    client = PostingLoad(proxy.address, POSTERS[0], data.keys, HUB_ID, Bound(1, 60))
    client.start()
    assert proxy.gone.wait(30)
    assert not client.acknowledged
    process.start()
    client.finish()
    (swallowed,) = proxy.swallowed
    (one,) = client.acknowledged
    assert client.statuses[0] == 200
    assert f'"receipt":"{one.receipt}"'.encode() in swallowed
    assert posted(data, process.address)[ELM].count(one.id) == 1


HOLDING = f"""
import sys, time
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from hub.record import Record

def hold(position):
    if Path("hold").exists():
        Path("committed").touch()
        time.sleep(60)

opened = Record.open.__func__
def holding(cls, *given, **named):
    record = opened(cls, *given, **named)
    record.subscribe(hold)
    return record
Record.open = classmethod(holding)

from hub.cli import main
sys.argv = ["hub", "serve"]
main()
"""


@pytest.mark.req("H-03")
def test_killed_between_commit_and_answer_the_retry_is_held_already(
    data: PlayedData, process: HubProcess
) -> None:
    """What the record tells after a commit it tells before anybody is answered; there the process dies."""
    process.start([sys.executable, "-c", HOLDING])
    (data.folder / "hold").touch()
    client = PostingLoad(process.address, POSTERS[0], data.keys, HUB_ID, Bound(1, 60))
    client.start()
    ends = time.monotonic() + 30
    while not (data.folder / "committed").exists():
        assert time.monotonic() < ends
        time.sleep(0.01)
    assert not client.acknowledged
    process.kill()
    (data.folder / "hold").unlink()
    process.start()
    client.finish()
    (one,) = client.acknowledged
    assert client.statuses[0] == 200, "it was committed, so the retry must find it"
    assert posted(data, process.address)[ELM].count(one.id) == 1
