"""Processes on one PostgreSQL: workers that die, processes told to end, a database that goes and comes."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from agencies.sdk.keys import load_key, paths_of
from agencies.sdk.sign import sign_event
from hub.cli.commands import app
from hub.cli.compose import Store, development_issuer, open_store
from hub.cli.demo_world import fill_directory, make_keys
from hub.settings import load_settings
from tests.support.hub_process import HubProcess, free_port, write_commands
from tests.support.load import Answers, Bound, Poster, PostingLoad
from tests.support.played_data import Caller
from tests.support.postgres_server import Server, fresh_database, new_server, or_skip, postgres_server

HUB_ID = "https://hub.example/processes"
ELM, POLICE, N_CSC = "education.elm-school", "police.n-police", "social-care.n-csc"
CHILDREN = tuple(f"local:{ELM}:p-{number}" for number in range(4))
POSTERS = (
    Poster("elm-1", ELM, f"{ELM}/dsl-1", CHILDREN),
    Poster("elm-2", ELM, f"{ELM}/dsl-1", CHILDREN),
    Poster("police", POLICE, f"{POLICE}/caiu-1", (f"local:{POLICE}:x",)),
    Poster("csc", N_CSC, f"{N_CSC}/sw-n1", (f"local:{N_CSC}:y",)),
)


@dataclass
class Place:
    """A migrated record with the invented organisations in it, and what its processes are told."""

    folder: Path
    commands: Path
    settings: dict[str, str]
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> Path:
        return self.folder / "agencies"

    def process(self, *command: str, **more: str) -> HubProcess:
        """`hub serve`, or another command; not started."""
        found = HubProcess(self.commands, self.folder, free_port(), self.settings | more)
        if command:
            found.address = f"http://{more['HUB_OPERATIONS_LISTEN']}"
        return found

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The record, opened as a command opens it."""
        with inside(self.folder):  # the keys of a development hub stand in its folder
            found = open_store(load_settings(self.settings, None))
        try:
            yield found
        finally:
            found.close()

    def own_posts(self, hub: str, organisation: str) -> list[str]:
        with Caller(hub, self.tokens[organisation]) as caller:
            return [str(one["claims"]["event"]["id"]) for one in caller.own_posts()]


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def run(place: Place, *arguments: str, code: int = 0) -> str:
    """A command of `hub` in this process; what it printed."""
    with pytest.MonkeyPatch.context() as patch, inside(place.folder):
        for name in [name for name in os.environ if name.startswith("HUB_")]:
            patch.delenv(name)
        for name, value in place.settings.items():
            patch.setenv(name, value)
        done = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.stderr


def make_place(folder: Path, url: str) -> Place:
    folder.mkdir(exist_ok=True)
    commands = folder / "bin"
    commands.mkdir()
    settings = {
        "HUB_ID": HUB_ID, "HUB_DATABASE_URL": url, "HUB_KEPT_APART": str(folder / "kept-apart"),
        "HUB_RATE_PER_SECOND": "10000", "HUB_RATE_BURST": "10000",
    }  # fmt: skip
    place = Place(folder, write_commands(commands), settings)
    initialised = json.loads(run(place, "init", "--json"))
    assert "postgresql://" not in initialised["database"]
    with place.store() as store:
        fill_directory(store.directory)
        make_keys(store.directory, place.keys, store.clock.wall())
        issuer = development_issuer(store)
        assert issuer is not None
        place.tokens = {one: issuer.system_token(one) for one in (ELM, POLICE, N_CSC)}
    return place


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    url = fresh_database(or_skip(postgres_server))
    return make_place(tmp_path_factory.mktemp("processes"), url)


@pytest.fixture(scope="module")
def serving(place: Place) -> Iterator[HubProcess]:
    """`hub serve` with two workers, which the tests hand on to each other running."""
    found = place.process(HUB_WORKERS="2")
    try:
        begin(found)
        yield found
    finally:
        found.kill()


def begin(process: HubProcess) -> None:
    process.start(ready=False)
    until(lambda: answers(f"{process.address}/healthz"), 60)
    until(lambda: len(workers(process)) == 2, 60)


def until(true: Callable[[], bool], seconds: float) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not come to be"
        time.sleep(0.05)


def answers(url: str, status: int = 200) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == status
    except httpx.TransportError:
        return False


def workers(process: HubProcess) -> list[int]:
    """The processes that serve: children of the supervisor that import what it was told to serve."""
    assert process._server is not None
    parent = process._server.pid
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(one) for one in found if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()]


def load(place: Place, hub: str, name: str, bound: Bound) -> Answers:
    return Answers(
        [
            PostingLoad(hub, one.named(f"{one.name}-{name}"), place.keys, HUB_ID, bound, seed)
            for seed, one in enumerate(POSTERS)
        ]
    )


@pytest.mark.req("H-03")
def test_a_killed_worker_is_replaced_and_everything_acknowledged_is_there_once(
    place: Place, serving: HubProcess
) -> None:
    """Nobody projects here: own posts are right all the same, from the tail of the record."""
    before = {one: set(place.own_posts(serving.address, one)) for one in (ELM, POLICE, N_CSC)}
    posting = load(place, serving.address, "kill", Bound(40, 60))
    posting.start()
    until(lambda: posting.acknowledged > 20, 30)
    [first, second] = workers(serving)
    os.kill(first, signal.SIGKILL)
    until(lambda: len(set(workers(serving)) - {first}) == 2, 30)
    assert second in workers(serving)
    posting.finish()
    for organisation, known in before.items():
        posted = place.own_posts(serving.address, organisation)
        assert len(posted) == len(set(posted))
        assert set(posted) - known == set(posting.names(organisation))


@pytest.mark.req("H-16")
def test_people_sign_in_whichever_worker_answers(serving: HubProcess) -> None:
    """Each step over a connection of its own, so that it may be the other worker's."""
    person = f"{N_CSC}/sw-n1"
    for _ in range(6):
        with httpx.Client(timeout=30, headers={"Connection": "close"}) as browser:
            issuer = browser.get(f"{serving.address}/sign-in/start").headers["location"]
            chosen = browser.post(issuer, data={"person": person})
            back = browser.get(chosen.headers["location"])
            assert (back.status_code, back.headers.get("location")) == (303, "/children"), back.text
            assert person in browser.get(f"{serving.address}/children").text


@pytest.mark.req("H-03")
def test_workers_end_with_their_supervisor_so_that_the_next_one_can_listen(serving: HubProcess) -> None:
    orphans = workers(serving)
    serving.kill()
    until(lambda: not any(alive(one) for one in orphans), 20)
    begin(serving)


class OneTry(threading.Thread):
    """Posts over one connection after another and never tries again; notes what came of each event."""

    def __init__(self, place: Place, hub: str, number: int) -> None:
        super().__init__(daemon=True)
        self.answered: set[str] = set()
        self.cut: set[str] = set()
        self.refused = False
        self._place, self._hub, self._number = place, hub, number
        self._key = load_key(paths_of(place.keys, ELM, "events")[0])

    def run(self) -> None:
        with httpx.Client(timeout=30) as http:
            for count in range(10_000):
                id, body = signed(self._key, f"{self._number}-{count:05d}")
                try:
                    answer = http.post(f"{self._hub}/v1/events", content=body, headers=headers(self._place))
                except httpx.ConnectError:
                    self.refused = True
                    return
                except httpx.TransportError:
                    self.cut.add(id)
                    continue
                assert answer.status_code == 201, answer.text
                self.answered.add(id)


def headers(place: Place) -> dict[str, str]:
    return {"Authorization": f"Bearer {place.tokens[ELM]}", "Content-Type": "application/jose"}


def signed(key: object, name: str) -> tuple[str, str]:
    id = f"one-try-{name}".ljust(20, "0")
    now = datetime.now(UTC)  # noqa: TID251  an agency reads its own clock
    payload = {
        "specversion": "1.0", "id": id, "source": f"urn:safeguarding:org:{ELM}", "subject": CHILDREN[0],
        "type": "safeguarding.initial-account-recorded.v1", "time": now.isoformat(timespec="seconds"),
        "datacontenttype": "application/json",
        "data": {
            "occurred_at": "2025-11-19", "precision": "day", "author": f"{ELM}/dsl-1",
            "source_type": "first-hand", "words": f"account {name}",
        },
    }  # fmt: skip
    return id, sign_event(json.dumps(payload).encode(), key, audience=HUB_ID, now=now)  # type: ignore[arg-type]


@pytest.mark.req("H-03")
def test_asked_to_stop_under_load_it_answers_all_that_it_took(place: Place, serving: HubProcess) -> None:
    """1. Clients that never repeat, and one whose request is half sent. 2. Stop: the half is waited for,
    the exit is clean. 3. What the record holds of theirs is what they were told of, and nothing was cut
    after it was taken."""
    clients = [OneTry(place, serving.address, number) for number in range(6)]
    for one in clients:
        one.start()
    until(lambda: sum(len(one.answered) for one in clients) > 30, 30)
    id, body = signed(load_key(paths_of(place.keys, ELM, "events")[0]), "half")
    host, _, port = serving.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as half:
        lines = [f"{name}: {value}" for name, value in headers(place).items()]
        start = ["POST /v1/events HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}", *lines, "", ""]
        half.sendall("\r\n".join(start).encode() + body[:100].encode())
        time.sleep(0.3)
        ended: list[int] = []
        stopping = threading.Thread(target=lambda: ended.append(serving.stop()))
        stopping.start()
        time.sleep(1.0)
        half.sendall(body[100:].encode())
        answer = b""
        while part := half.recv(65_536):
            answer += part
    stopping.join(30)
    assert answer.startswith(b"HTTP/1.1 201 "), answer[:200]
    assert ended == [0]
    for one in clients:
        one.join(30)
        assert one.refused
    told = set().union(*(one.answered for one in clients)) | {id}
    cut = set().union(*(one.cut for one in clients))
    with place.store() as store:
        items = store.record.log(0, 100_000)
    held = [item.id for item in items if item.id.startswith("one-try-")]
    assert sorted(held) == sorted(told)
    assert not cut & set(held), "a request that was taken was not answered"


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    server = or_skip(new_server)
    assert isinstance(server, Server)
    yield server
    server.remove()


@pytest.mark.req("H-03", "H-06")
def test_every_process_outlives_the_database_and_goes_on_by_itself(
    own_server: Server, tmp_path: Path
) -> None:
    """1. All are ready: a post is in the views and under a checkpoint. 2. The database is gone: red, alive, a
    post gets 503. 3. It is back: green without a restart, and the post is taken. 4. All end with 0."""
    place = make_place(tmp_path / "place", fresh_database(own_server))
    token = "a-token-of-operators"
    more = {"HUB_METRICS_TOKEN": token}
    api = place.process(**more)
    beside = {
        name: place.process(name, HUB_OPERATIONS_LISTEN=f"127.0.0.1:{free_port()}", **more)
        for name in ("project", "tick")
    }
    every = [api, *beside.values()]
    try:
        api.start(ready=False)
        for name, one in beside.items():
            one.start([str(place.commands / "hub"), name], ready=False)
        for one in every:  # 1.
            until(lambda one=one: answers(f"{one.address}/readyz"), 40)  # type: ignore[misc]
        posting = load(place, api.address, "first", Bound(3, 30))
        posting.start()
        posting.finish()
        for one in every:
            assert answers(f"{one.address}/metrics", 401)
            found = httpx.get(
                f"{one.address}/metrics", headers={"Authorization": f"Bearer {token}"}, timeout=5
            )
            assert found.status_code == 200 and "hub_process_start_seconds" in found.text
        own_server.stop_immediately()  # 2.
        for one in every:
            until(lambda one=one: answers(f"{one.address}/readyz", 503), 20)  # type: ignore[misc]
            assert answers(f"{one.address}/healthz")
        _, body = signed(load_key(paths_of(place.keys, ELM, "events")[0]), "gone")
        lost = httpx.post(f"{api.address}/v1/events", content=body, headers=headers(place), timeout=30)
        assert lost.status_code == 503
        own_server.start()  # 3.
        for one in every:
            until(lambda one=one: answers(f"{one.address}/readyz"), 40)  # type: ignore[misc]
        again = httpx.post(f"{api.address}/v1/events", content=body, headers=headers(place), timeout=30)
        assert again.status_code in (200, 201), again.text
        assert sorted(place.own_posts(api.address, ELM))
        for one in every:  # 4.
            assert one.stop() == 0
    finally:
        for one in every:
            one.kill()


@pytest.mark.req("H-06")
def test_commands_work_beside_each_other_on_postgresql(place: Place) -> None:
    project = json.loads(run(place, "project", "--once", "--json"))
    assert project["position"] > 0 and project["parked"] == []
    assert json.loads(run(place, "rebuild", "--json")) == project
    assert json.loads(run(place, "tick", "--once", "--json"))["faults"] == 0
    for command in ("verify", "fsck"):
        assert json.loads(run(place, command, "--json"))["whole"] is True
    assert ELM in run(place, "organisation", "list")
    assert len(json.loads(run(place, "key", "list", ELM, "--json"))) == 2
    assert run(place, "token", ELM).count(".") == 2
    assert "HUB_KAFKA_BOOTSTRAP" in run(place, "relay", code=2)
    assert "HUB_KAFKA_BOOTSTRAP" in run(place, "project", "--group", code=2)
