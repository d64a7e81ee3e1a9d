"""`kill -9` of every part of a running hub at seeded moments, while agencies post."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random  # noqa: TID251  seeded

from joserfc.jwk import OKPKey

from tests.support.checker import Attempt, Findings, History
from tests.support.faults_evidence import judge, repeated, settle
from tests.support.faults_hub import (
    ELM,
    N_CSC,
    OAK,
    POLICE,
    ManyProcesses,
    end,
    make_hub,
    until,
)
from tests.support.faults_kafka import Cluster, kafka_cluster, launch, standing
from tests.support.faults_load import KafkaAgency, NotedLoad
from tests.support.faults_notices import AT_SCHOOL, PAUSE, NotedPlans, judge_notices
from tests.support.load import Bound, Poster
from tests.support.postgres_server import Server, fresh_database
from tests.support.relayed import INBOUND

SHARED = tuple(f"local:{ELM}:p-{number}" for number in range(4))
POSTERS = (
    Poster("elm-1", ELM, f"{ELM}/dsl-1", SHARED, (f"local:{ELM}:other",)),
    Poster("elm-2", ELM, f"{ELM}/dsl-1", SHARED),
    Poster("police", POLICE, f"{POLICE}/caiu-1", (f"local:{POLICE}:x", f"local:{POLICE}:y")),
)
OVER_KAFKA = (
    Poster("oak", OAK, f"{OAK}/dsl-1", (f"local:{OAK}:a", f"local:{OAK}:b", f"local:{OAK}:c")),
    Poster("csc", N_CSC, f"{N_CSC}/sw-n1", (f"local:{N_CSC}:a", f"local:{N_CSC}:b")),
)
KINDS = ("worker", "api", "project", "relay", "postgres", "kafka")
SHARES = {"worker": 5, "api": 2, "project": 5, "relay": 5, "postgres": 9, "kafka": 4}
"""Of thirty points; a longer run has them in the same shares."""
WHILE_STARTING = 0.2
"""The share of points at which a part is killed before it has come up again."""


@dataclass
class Victims:
    """A hub with everything that it stands on, and who posts into it."""

    hub: ManyProcesses
    server: Server
    cluster: Cluster
    loads: list[NotedLoad] = field(default_factory=list)
    over_kafka: list[KafkaAgency] = field(default_factory=list)
    history: History = field(default_factory=History)
    plans: NotedPlans | None = None

    @property
    def acknowledged(self) -> int:
        return self.history.acknowledged

    def post(self, name: str, bound: Bound, seed: int, hub_key: OKPKey) -> None:
        """Have everybody post until told to end."""
        self.loads = [
            NotedLoad(
                self.hub.address, one.named(f"{one.name}-{name}"), self.hub.keys, bound, seed + number,
                self.history, pause=0.1,
            )
            for number, one in enumerate(POSTERS)
        ]  # fmt: skip
        self.plans = NotedPlans(
            self.hub.address, AT_SCHOOL.named(f"{AT_SCHOOL.name}-{name}"), self.hub.keys, bound, seed,
            self.history, pause=PAUSE,
        )  # fmt: skip
        self.loads.append(self.plans)
        self.over_kafka = [
            KafkaAgency(
                one.named(f"{one.name}-{name}"), self.hub.keys, hub_key, self.cluster.bootstrap, bound,
                seed + number, self.history, self.hub.folder / f"{one.name}-{name}.db", pause=0.1,
            )
            for number, one in enumerate(OVER_KAFKA)
        ]  # fmt: skip
        for load in (*self.loads, *self.over_kafka):
            load.start()

    def finish(self) -> None:
        """Begin nothing new, and bring everything to its end."""
        for load in (*self.loads, *self.over_kafka):
            load.end()
        for load in (*self.loads, *self.over_kafka):
            load.finish()


@contextmanager
def running(folder: Path, server: Server) -> Iterator[Victims]:
    """Two API workers, a projector and a relay on this server and on three brokers."""
    cluster = kafka_cluster()
    cluster.wipe()
    hub = make_hub(
        folder, fresh_database(server), HUB_KAFKA_BOOTSTRAP=cluster.bootstrap, HUB_KAFKA_PARTITIONS="3",
        HUB_KAFKA_REPLICATION="3",
    )  # fmt: skip
    hub.add("api", HUB_WORKERS="2")
    hub.add("project", "project")
    hub.add("relay", "relay")
    try:
        hub.begin()
        yield Victims(hub, server, cluster)
    finally:
        hub.stop()


def plan(seed: int, points: int) -> list[str]:
    """What is killed when: each part its share, in an order that follows from the seed."""
    of = sum(SHARES.values())
    kinds = [kind for kind in KINDS for _ in range(-(-SHARES[kind] * points // of))]
    Random(seed).shuffle(kinds)
    return kinds[:points]


class Killer:
    """Carries out a plan; a broker comes back beside what goes on, one at a time.

    Shape: `done` counts what was killed, `restarts` what ended by itself and was started again.
    """

    def __init__(self, victims: Victims, seed: int, tell: Callable[[str], None] = lambda _: None) -> None:
        self.done: Counter[str] = Counter()
        self.restarts = 0
        self._on = victims
        self._chance = Random(seed)
        self._tell = tell
        self._gone: tuple[int, float] | None = None
        self._how: dict[str, Callable[[], None]] = {
            "worker": self._worker, "postgres": self._postgres, "kafka": self._leader,
            **{name: lambda name=name: self._process(name) for name in ("api", "project", "relay")},  # type: ignore[misc]
        }  # fmt: skip

    def carry_out(self, kinds: Sequence[str]) -> None:
        """Kill one after the other, each after some more was acknowledged; then wait until all is well."""
        with self._on.hub.kept() as restarts:
            self._carry_out(kinds)
        self.restarts = len(restarts)

    def _carry_out(self, kinds: Sequence[str]) -> None:
        for number, kind in enumerate(kinds, 1):
            self._work_goes_on()
            self._how[kind]()
            self.done[kind] += 1
            self._tell(f"{number} of {len(kinds)}: {kind}; {self._on.acknowledged} acknowledged")
        self._bring_back(now=True)
        until(self._on.hub.ready, 120, "a hub that is ready")

    def _work_goes_on(self) -> None:
        goal, ends = self._on.acknowledged + self._chance.randrange(1, 12), time.monotonic() + 3
        while self._on.acknowledged < goal and time.monotonic() < ends:
            time.sleep(0.01)
        self._bring_back()
        time.sleep(self._chance.uniform(0, 0.05))

    def _comes_up(self, name: str) -> None:
        if self._chance.random() >= WHILE_STARTING:
            until(lambda: self._on.hub.ready(name), 60, f"{name} that is ready")

    def _process(self, name: str) -> None:
        self._comes_up(name)
        self._on.hub.restart(name)

    def _worker(self) -> None:
        until(lambda: len(self._on.hub.workers()) == 2, 60, "two workers")
        end(self._chance.choice(self._on.hub.workers()))

    def _postgres(self) -> None:
        self._on.server.stop_immediately()
        self._on.server.start()

    def _leader(self) -> None:
        """The broker that leads a partition of posts; all copies are up with it before another goes."""
        self._bring_back(now=True)
        ends = time.monotonic() + 90
        while (found := standing(self._on.cluster, INBOUND)) is None or not found.whole:
            assert time.monotonic() < ends, "the topic of posts has not all its copies"
            time.sleep(0.2)
        node = self._chance.choice(found.leaders)
        self._on.cluster.kill(node)
        self._gone = node, time.monotonic() + self._chance.uniform(0.2, 2.0)

    def _bring_back(self, now: bool = False) -> None:
        if self._gone is not None and (now or time.monotonic() > self._gone[1]):
            launch(self._on.cluster, self._gone[0])
            self._gone = None


def survive(
    victims: Victims, points: int, seed: int, tell: Callable[[str], None] = lambda _: None
) -> Findings:
    """Kill at so many seeded points under load, and judge everything at the end.

    1. Everybody posts; the plan is carried out.
    2. Everybody brings to its end what was begun; whatever was unknown is sent once more.
    3. The views come to the end of the record; then everything is read and judged, notices too.
    """
    hub, began = victims.hub, time.monotonic()
    with hub.store() as store:
        hub_key = OKPKey.import_key(dict(store.signer.public_jwk))
    victims.post(f"s{seed}", Bound(1_000_000, 100_000), seed, hub_key)  # 1.
    killer = Killer(victims, seed, tell)
    try:
        killer.carry_out(plan(seed, points))
    finally:
        victims.finish()  # 2.
    again = repeated(victims.loads)
    settled = settle(hub)  # 3.
    print(
        f"seed {seed}: {points} kills {dict(killer.done)} in {time.monotonic() - began:.0f} s; "
        f"{killer.restarts} ended by themselves, without a store to start on; "
        f"{again} unknown outcomes asked again; views settled in {settled:.1f} s"
    )
    assert victims.plans is not None
    judge_notices(hub, [victims.plans], victims.over_kafka)
    return judge(hub, attempts_of(victims), victims.over_kafka, victims.cluster.bootstrap)


def attempts_of(victims: Victims) -> list[Attempt]:
    """The history of all."""
    return victims.history.attempts
