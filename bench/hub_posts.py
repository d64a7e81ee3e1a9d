"""Posting to a hub that runs: signed events over HTTP, how soon they are visible, and Kafka beside it."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Final

import psycopg

from bench import kafka_posts
from bench.clients import Inserts
from bench.measure import Result, compare, missing, scratch, within
from bench.running_hub import RunningHub, running_hub
from bench.servers import database
from hub.record.projections import Projected, open_views
from hub.views import ChildIndex
from tests.support.postgres_server import NoServer

ROUNDS: Final = 5
FEWER_ROUNDS: Final = 3
SECONDS: Final = 0.8
CONNECTIONS: Final = 64
CHILDREN: Final = 500
POSTS: Final = 2500
FEW: Final = ((1, 400), (8, 1200), (32, 2000))
VISIBLE_ROUNDS: Final = 3
VISIBLE_POSTS: Final = 60
_IDLE_SECONDS: Final = 0.03
_WAIT_SECONDS: Final = 60.0
_SIGNED: Final = "signed posts over HTTP, 2 workers"
_SINGLES: Final = "against single inserts on 16 connections"
_HEAD: Final = b"SELECT position FROM hub_record.head"


def measure() -> list[Result]:
    """One hub for all of it; each round measures the limit and then the hub."""
    try:
        with scratch() as folder, running_hub(folder, "hub", HUB_WORKERS="2") as hub:
            with Inserts(database(), 32) as inserts, hub.serving():
                results = [_first_posts(hub, inserts)]
                known = _KnownChildren(hub)
                name = f"{_SIGNED}, {CONNECTIONS} connections"
                results.append(_posts(f"{name}, {_SINGLES}", 0.25, ROUNDS, hub, inserts, known))
                results += _few(hub, inserts, known)
                with hub.running("project"):
                    results.append(_visible(hub))
                    beside = f"{name}, `hub project` on the same cores, {_SINGLES}"
                    results.append(_posts(beside, None, FEWER_ROUNDS, hub, inserts, known))
            return [*results, *kafka_posts.measure(hub)]
    except NoServer as reason:
        return [missing(_SIGNED, str(reason))]


class _KnownChildren:
    """Posts about children that something has been posted about before."""

    def __init__(self, hub: RunningHub) -> None:
        few = sum(posts for _, posts in FEW) * FEWER_ROUNDS
        rounds = ROUNDS + 1 + FEWER_ROUNDS + 1
        bodies = hub.signed(CHILDREN, 1 + -(-(few + rounds * POSTS) // CHILDREN))
        hub.post(bodies[:CHILDREN], CONNECTIONS)
        self._bodies: Final = iter(bodies[CHILDREN:])

    def next(self, count: int) -> list[bytes]:
        """So many of them, each once."""
        taken = list(islice(self._bodies, count))
        assert len(taken) == count
        return taken


def _posts(
    name: str, goal: float | None, rounds: int, hub: RunningHub, inserts: Inserts, known: _KnownChildren
) -> Result:
    pairs = []
    for turn in range(rounds + 1):
        limit = inserts.singles(SECONDS, 16)
        value = hub.post(known.next(POSTS), CONNECTIONS).rate
        if turn:  # the first round warms up
            pairs.append((value, limit))
    return compare(name, "events/s", goal, pairs)


def _first_posts(hub: RunningHub, inserts: Inserts) -> Result:
    """Each opens a child's stream: with a key of its own, a claim of the reference, and the opening."""
    pairs = []
    for turn in range(FEWER_ROUNDS + 1):
        limit = inserts.singles(SECONDS, 16)
        value = hub.post(hub.signed(CHILDREN, 1), CONNECTIONS).rate
        if turn:
            pairs.append((value, limit))
    return compare(f"{_SIGNED}, each the first about its child, {_SINGLES}", "events/s", None, pairs)


def _few(hub: RunningHub, inserts: Inserts, known: _KnownChildren) -> Iterator[Result]:
    """With as many connections as the peers have clients."""
    for connections, posts in FEW:
        pairs = []
        for _ in range(FEWER_ROUNDS):
            limit = inserts.singles(SECONDS / 2, connections)
            pairs.append((hub.post(known.next(posts), connections).rate, limit))
        name = f"{_SIGNED}, {connections} connection{'s' * (connections > 1)}, against single inserts"
        yield compare(name, "events/s", None, pairs)


def _visible(hub: RunningHub) -> Result:
    """From sending a post to its being in the views, as a reader in another process sees them."""
    rounds: list[list[float]] = []
    with (
        closing(open_views(hub.url)) as views,
        psycopg.connect(hub.url, autocommit=True) as connection,
        closing(http.client.HTTPConnection("127.0.0.1", hub.port, timeout=10)) as client,
    ):
        projected = Projected(views, ChildIndex.name, ChildIndex.version)
        for turn in range(VISIBLE_ROUNDS + 1):
            times: list[float] = []
            for body in hub.signed(VISIBLE_POSTS // 10, 10):
                assert projected.wait_for(_head(connection), _WAIT_SECONDS), "nothing projects"
                time.sleep(_IDLE_SECONDS)
                sent = time.perf_counter()
                _post(client, hub.token, body)
                assert projected.wait_for(_head(connection), _WAIT_SECONDS), "it did not become visible"
                times.append((time.perf_counter() - sent) * 1000)
            if turn:
                rounds.append(times)
    return within("signed post over HTTP, from sending it to its being visible, idle, p95", 10.0, rounds)


def _head(connection: psycopg.Connection) -> int:
    row = connection.execute(_HEAD, prepare=True).fetchone()
    assert row is not None
    return int(row[0])


def _post(client: http.client.HTTPConnection, token: str, body: bytes) -> None:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/jose"}
    client.request("POST", "/v1/events", body, headers)
    answer = client.getresponse()
    answer.read()
    assert answer.status == 201
