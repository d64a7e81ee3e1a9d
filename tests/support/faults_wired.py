"""A hub whose every connection goes over a wire that can be made to fail, and cutting one of them off."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import httpx
from joserfc.jwk import OKPKey

from agencies.sdk.build import AgencyEvent, cloud_event
from agencies.sdk.client import Accepted, HubClient
from agencies.sdk.keys import load_key, paths_of
from agencies.sdk.sign import sign_event
from tests.support.checker import Findings, History
from tests.support.faults_evidence import judge, repeated, settle
from tests.support.faults_hub import ELM, HUB_ID, OAK, POLICE, ManyProcesses, make_hub, status, until
from tests.support.faults_kafka import WiredCluster, wired_broker
from tests.support.faults_load import KafkaAgency, NotedLoad
from tests.support.faults_wire import FaultyWire
from tests.support.load import Bound, Load, Poster
from tests.support.postgres_server import Server, fresh_database

How = Literal["stands still", "refuses"]
POSTERS = (
    Poster("elm", ELM, f"{ELM}/dsl-1", (f"local:{ELM}:a", f"local:{ELM}:b"), (f"local:{ELM}:other",)),
    Poster("police", POLICE, f"{POLICE}/caiu-1", (f"local:{POLICE}:a", f"local:{ELM}:x")),
)
OVER_KAFKA = Poster("oak", OAK, f"{OAK}/dsl-1", (f"local:{OAK}:a", f"local:{OAK}:b"))
SECONDS_BACK = 10.0
"""So soon after a cut is healed everything is ready again, and posts are taken."""
MORE_MEMORY = 256 * 1024 * 1024
"""So much more may all processes together hold at the end of a cut than before it: clients of Kafka that are
made anew take some 150 MiB once, and no more however long the cut lasts."""
_RED_SECONDS = 30.0
_PASSING_SECONDS = 0.5
"""What had gone over the wire just before it was cut may be answered so long after."""


@dataclass
class Wired:
    """The hub, its wires, and everything that was ever tried on it."""

    hub: ManyProcesses
    database: FaultyWire
    broker: WiredCluster
    http: FaultyWire
    hub_key: OKPKey
    history: History = field(default_factory=History)
    over_kafka: list[KafkaAgency] = field(default_factory=list)
    loads: list[NotedLoad] = field(default_factory=list)
    _numbers: int = 0

    def load(self, bound: Bound, seed: int, *, pause: float = 0.0) -> list[Load]:
        """Two agencies over HTTP and one over Kafka that post; started."""
        self._numbers += 1
        name = f"w{self._numbers}"
        posts = [
            NotedLoad(
                self.hub.address, one.named(f"{one.name}-{name}"), self.hub.keys, bound, seed + number,
                self.history, pause,
            )
            for number, one in enumerate(POSTERS)
        ]  # fmt: skip
        poster = OVER_KAFKA.named(f"{OVER_KAFKA.name}-{name}")
        handing = KafkaAgency(
            poster, self.hub.keys, self.hub_key, self.broker.wired, bound, seed, self.history,
            self.hub.folder / f"{poster.name}.db", pause=0.1 + pause,
        )  # fmt: skip
        self.loads += posts
        self.over_kafka.append(handing)
        for one in (*posts, handing):
            one.start()
        return [*posts, handing]

    def post(self, event: AgencyEvent) -> None:
        """One post of its own, for certain."""
        key, client_key = (
            load_key(paths_of(self.hub.keys, event.organisation, use)[0]) for use in ("events", "client")
        )
        now = datetime.now(UTC)  # noqa: TID251  an agency reads its own clock
        http = httpx.Client(timeout=20)
        with HubClient(self.hub.address, event.organisation, client_key, http=http) as client:
            answer = client.post(sign_event(cloud_event(event), key, audience=HUB_ID, now=now))
        assert isinstance(answer, Accepted), answer

    def judged(self) -> Findings:
        """Ask again what was unknown, wait for the views, read everything."""
        again = repeated(self.loads)
        self.loads.clear()
        print(f"{again} unknown outcomes asked again; views settled in {settle(self.hub):.1f} s")
        return judge(self.hub, self.history.attempts, self.over_kafka, self.broker.bootstrap)


@contextmanager
def wired(folder: Path, server: Server, seed: int) -> Iterator[Wired]:
    """An API, a projection worker and a relay, with wires to the database, the broker and the agencies."""
    url = fresh_database(server)
    broker = wired_broker(seed)
    with FaultyWire(server.port, seed + 10) as database:
        try:
            hub = make_hub(
                folder, url, url.replace(f":{server.port}/", f":{database.port}/"),
                HUB_KAFKA_BOOTSTRAP=broker.wired, HUB_KAFKA_PARTITIONS="3",
            )  # fmt: skip
            api = hub.add("api")
            hub.add("project", "project", "--group")
            hub.add("relay", "relay")
            with FaultyWire(int(api.address.rpartition(":")[2]), seed + 20) as http:
                api.environment["HUB_PUBLIC_URL"] = f"http://127.0.0.1:{http.port}"
                with hub.store() as store:
                    hub_key = OKPKey.import_key(dict(store.signer.public_jwk))
                try:
                    hub.begin()
                    yield Wired(hub, database, broker, http, hub_key)
                finally:
                    hub.stop()
        finally:
            broker.close()


@dataclass(frozen=True, slots=True)
class CutOff:
    """What was seen of a cut: when it was, who turned red, and how soon all was well again.

    Units: `began` and `healed` in seconds of the monotonic clock, `red` in seconds after the cut, `ready`
    and `taken` in seconds after the heal, `memory` in bytes more than before.
    """

    began: float
    healed: float
    red: Mapping[str, float]
    ready: float
    taken: float
    memory: int

    def __str__(self) -> str:
        red = ", ".join(f"{name} after {seconds:.1f} s" for name, seconds in self.red.items())
        return (
            f"cut for {self.healed - self.began:.1f} s: red {red}; ready {self.ready:.1f} s and "
            f"posts taken {self.taken:.1f} s after the heal; {self.memory / 2**20:+.0f} MiB"
        )


def cut_off(
    on: Wired,
    wires: Sequence[FaultyWire],
    how: How,
    seconds: float,
    expected: Collection[str],
    meanwhile: Callable[[], None] = lambda: None,
) -> CutOff:
    """Cut these wires for a while, watch, heal, and wait until everything works.

    1. All is well before; what is held in memory then.
    2. Cut; ask everybody for its readiness, at least until those who are expected to turn red have.
    3. Heal; until everybody is ready, and until something that was begun since is taken.
    """
    until(on.hub.ready, 120, "a hub that is ready")  # 1.
    before = on.hub.memory()
    began = time.monotonic()
    for wire in wires:  # 2.
        wire.stand_still() if how == "stands still" else wire.refuse()
    acting = threading.Thread(target=meanwhile, daemon=True)
    acting.start()
    red: dict[str, float] = {}
    while time.monotonic() - began < (seconds if red.keys() >= set(expected) else max(seconds, _RED_SECONDS)):
        for name, process in on.hub.processes.items():
            if name not in red and status(f"{process.address}/readyz") == 503:
                red[name] = time.monotonic() - began
        time.sleep(0.1)
    memory = on.hub.memory() - before
    for wire in wires:  # 3.
        wire.mend()
    healed = time.monotonic()

    def taken() -> bool:
        return any(
            one.outcome == "ok" and one.began > healed and one.client.startswith("post-")
            for one in on.history.attempts
        )

    until(taken, 120, "a post that is taken")
    back = time.monotonic() - healed
    until(on.hub.ready, 120, "a hub that is ready")
    ready = time.monotonic() - healed
    acting.join(60)
    assert not acting.is_alive()
    found = CutOff(began, healed, red, ready, back, memory)
    print(found)
    return found


def ended(loads: list[Load]) -> list[Load]:
    """Let all of them begin nothing new, and bring what they began to its end."""
    for one in loads:
        one.end()
    for one in loads:
        one.finish()
    return loads


def answered_within(on: Wired, cut: CutOff) -> int:
    """How many posts over HTTP were answered as kept while it was cut off."""
    found = on.history.within(cut.began + _PASSING_SECONDS, cut.healed)
    return sum(one.outcome == "ok" and one.client.startswith("post-") for one in found)
