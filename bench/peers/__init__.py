"""Other event stores at the same work: append one event of 1 KB, answered when it is durable.

What each of them does besides, and what not, stands in bench/README.md: without it the numbers mislead.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final

from bench.clients import Inserts, closed_loop
from bench.measure import Result, compare, missing, scratch
from bench.peers import message_db, own_record, package, uma
from bench.peers.peer import Missing, Peer
from bench.servers import database
from tests.support.postgres_server import NoServer

CLIENTS: Final = (1, 8, 32)
ROUNDS: Final = 3
SECONDS: Final = 0.6
_ALL: Final = (own_record, package, message_db, uma)


def measure() -> list[Result]:
    """In each round the limit, then each of them, with the same number of clients."""
    results: list[Result] = []
    with ExitStack() as opened, scratch() as folder:
        try:
            inserts = opened.enter_context(Inserts(database(), max(CLIENTS)))
        except NoServer as reason:
            return [missing("peers", str(reason))]
        peers: dict[str, Peer] = {}
        for module in _ALL:
            try:
                peers[module.NAME] = opened.enter_context(module.opened(folder, max(CLIENTS)))
            except Missing as reason:
                results.append(missing(f"{module.NAME}: one event at a time", str(reason)))
        for clients in CLIENTS:
            results += _measured(inserts, peers, clients)
    return results


def _measured(inserts: Inserts, peers: dict[str, Peer], clients: int) -> list[Result]:
    pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in peers}
    failed: dict[str, str] = {}
    for turn in range(ROUNDS + 1):
        limit = inserts.singles(SECONDS, clients)
        for name, peer in peers.items():
            try:
                value = closed_loop([peer.client(number) for number in range(clients)], SECONDS)
            except Exception as fault:
                if name == own_record.NAME:
                    raise
                failed[name] = type(fault).__name__
                continue
            if turn:  # the first round warms up
                pairs[name].append((value, limit))
    title = f"one event at a time, {clients} client{'s' * (clients > 1)}, against single inserts"
    return [
        missing(f"{name}: {title}", f"it failed ({failed[name]})")
        if name in failed
        else compare(f"{name}: {title}", "events/s", None, rounds)
        for name, rounds in pairs.items()
    ]
