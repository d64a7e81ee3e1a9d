"""A whole hub on PostgreSQL in this process, with its relay on a real broker and seeded randomness.

Two such hubs that were posted the same through Kafka put the same messages into the topics, but for what
is random by design: where a post stands in the ledger, and the names of messages.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID

from agencies.scenarios.over_kafka import KafkaPosts
from agencies.scenarios.run import PreparedPost
from agencies.sdk.build import AgencyEvent, cloud_event, event_id
from agencies.sdk.client import Answer
from agencies.sdk.kafka import KafkaAccess
from agencies.sdk.keys import public_jwk
from agencies.sdk.sign import sign_event
from hub.api import RequestLog
from hub.cli.compose import compose, initialise, open_store
from hub.cli.demo import HUB_ID
from hub.cli.demo_world import READING_TIME, SLACK, fill_directory, posters
from hub.cli.relaying import Relaying
from hub.cli.world import SystemClock
from hub.settings import load_settings
from tests.support.kafka_broker import AnyCluster
from tests.support.relayed import Told, await_that, read_all
from tests.support.simulated import MASTER_KEY, SIGNING_KEY, SeededChance, Simulated, agency_key

PARTITIONS: Final = 2


class ChanceByThread(SeededChance):
    """Seeded randomness that follows from the post and from which part of the hub asks.

    Shape: parts work side by side, so each kind of thread draws numbers of its own; one post is answered
    before the next begins, so that a kind of thread draws them in one order.
    """

    def __init__(self) -> None:
        super().__init__()
        self._drawn: dict[str, int] = {}

    def restart(self, name: bytes) -> None:
        """From here on every number follows from this name."""
        with self._lock:
            self._name, self._drawn = name, {}

    def bytes(self, n: int) -> bytes:
        """The next `n` bytes for this kind of thread."""
        with self._lock:
            kind = threading.current_thread().name.rstrip("0123456789-_")
            count = self._drawn[kind] = self._drawn.get(kind, 0) + 1
            seed = b"%b\n%b\n%d" % (self._name, kind.encode(), count)
        return hashlib.shake_256(seed).digest(n)

    def uuid(self) -> str:
        """The next UUID."""
        return str(UUID(bytes=self.bytes(16), version=4))


class Relayed(Simulated):
    """A hub in simulation that is posted to through Kafka."""

    relaying: Relaying
    posts: KafkaPosts
    bootstrap: str

    def send(self, organisation: str, payload: bytes, event: str, subject: str) -> Answer:
        """Sign a payload, put it into the topic of posts, and wait for all that follows from it."""
        self.chance.restart(payload)
        answer = self.posts.post(organisation, signed_once(organisation, payload), event, subject)
        self._settled()
        return answer

    def sent(self, event: AgencyEvent) -> Answer:
        """One event of an agency's own making."""
        named = event_id(event.organisation, event.record, event.type)
        return self.send(event.organisation, cloud_event(event), named, event.subject)

    def play_over_kafka(self, posts: Sequence[PreparedPost]) -> dict[str, Answer]:
        """Post in order, the reviewer deciding where the scenario says so; then move to the reading time."""
        answers = {}
        for one in posts:
            answers[one.ref] = self.sent(one.event)
            self.resolve_after(one.ref)
        self.advance(READING_TIME)
        return answers

    def _settled(self) -> None:
        """Wait until all of what is recorded has been sent: who is told depends on what stands by then."""
        await_that(lambda: self.relaying.lag()[1] == 0 and self.relaying.fault is None, 60)

    def topic(self, name: str) -> list[Told]:
        """Everything in one topic."""
        return read_all(self.bootstrap, name)


@cache
def signed_once(organisation: str, payload: bytes) -> str:
    """The same bytes for every hub: a refusal names what it refuses by their digest."""
    return sign_event(payload, agency_key(organisation), audience=HUB_ID, now=SystemClock().wall())


@contextmanager
def relayed_hub(folder: Path, url: str, cluster: AnyCluster, log: list[str]) -> Iterator[Relayed]:
    """A hub on an empty database with its directory and the agencies' keys, on topics of its own."""
    cluster.wipe()
    settings = load_settings(
        {}, None,
        mode="simulation", id=HUB_ID, database_url=url, kept_apart=folder / "kept-apart",
        master_key=MASTER_KEY, signing_key=SIGNING_KEY, simulation_start="2025-09-01T00:00:00+01:00",
        kafka_bootstrap=cluster.bootstrap, kafka_partitions=PARTITIONS,
    )  # fmt: skip
    initialise(settings)
    chance = ChanceByThread()
    chance.restart(b"beginning")
    hub = compose(open_store(settings, chance))
    store = hub.store
    relaying = Relaying(hub, RequestLog(store.clock.wall, log.append, process="relay"))
    try:
        fill_directory(store.directory)
        for organisation in posters():
            jwk = public_jwk(agency_key(organisation)).decode()
            store.directory.register_key(organisation, "events", jwk, not_before=store.clock.wall() - SLACK)
        hub.projector.start()
        relaying.start()
        await_that(lambda: relaying._relay.partitions == PARTITIONS, 60)
        found = Relayed(hub, chance)
        found.relaying, found.bootstrap = relaying, cluster.bootstrap
        secrets = {one: hashlib.sha256(one.encode()).digest() for one in posters()}
        with KafkaPosts(KafkaAccess(cluster.bootstrap, {}), secrets) as found.posts:
            yield found
    finally:
        relaying.close()
        hub.close()
