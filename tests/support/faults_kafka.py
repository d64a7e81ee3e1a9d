"""Brokers that clients reach through wires only, and who leads what in a cluster."""

from __future__ import annotations

from dataclasses import dataclass

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from tests.support.faults_wire import FaultyWire
from tests.support.hub_process import free_port
from tests.support.kafka_broker import Cluster, Node, kafka_broker, kafka_cluster, or_skip
from tests.support.kafka_given import none_given

__all__ = ["Cluster", "WiredCluster", "kafka_broker", "kafka_cluster", "launch", "standing", "wired_broker"]


class WiredCluster(Cluster):
    """Brokers with one more listener each, which tells clients the address of a wire instead of its own.

    Shape: `wired` is the bootstrap address through the wires; `bootstrap` stays the way around them.
    """

    def __init__(self, size: int, seed: int) -> None:
        self._ports = [free_port() for _ in range(size)]
        self.wires = [FaultyWire(port, seed + number) for number, port in enumerate(self._ports)]
        super().__init__(size)
        self.wired = ",".join(f"127.0.0.1:{one.port}" for one in self.wires)

    @property
    def cuts(self) -> int:
        """How many answers the wires have swallowed."""
        return sum(one.cuts for one in self.wires)

    def close(self) -> None:
        for one in self.wires:
            one.close()
        super().close()

    def _properties(self, node: Node) -> str:
        """The broker's settings and the listener of the wire; of two lines with one name the last counts."""
        written = super()._properties(node)
        lines = dict(line.split("=", 1) for line in written.splitlines())
        wire = self.wires[node.id - 1].port
        return written + (
            f"listeners={lines['listeners']},WIRE://127.0.0.1:{self._ports[node.id - 1]}\n"
            f"advertised.listeners={lines['advertised.listeners']},WIRE://127.0.0.1:{wire}\n"
            f"listener.security.protocol.map={lines['listener.security.protocol.map']},WIRE:PLAINTEXT\n"
        )


def wired_broker(seed: int) -> WiredCluster:
    """One broker behind a wire, of the caller's own; skips where none can be had."""
    none_given("cannot be led over a wire")
    found = or_skip(lambda: WiredCluster(1, seed))
    assert isinstance(found, WiredCluster)
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """Who leads each partition of a topic now, and whether every copy is up with its leader."""

    leaders: tuple[int, ...]
    whole: bool


def standing(cluster: Cluster, topic: str) -> Standing | None:
    """How a topic stands; None where nobody says, or a partition has no leader."""
    try:
        client = KafkaAdminClient(bootstrap_servers=cluster.bootstrap, request_timeout_ms=5_000)
    except KafkaError:
        return None
    try:
        [described] = client.describe_topics([topic])
    except KafkaError:
        return None
    finally:
        client.close()
    partitions = sorted(described["partitions"], key=lambda one: int(one["partition_index"]))
    leaders = tuple(int(one["leader_id"]) for one in partitions)
    whole = all(len(one["isr_nodes"]) == len(one["replica_nodes"]) for one in partitions)
    return Standing(leaders, whole) if leaders and min(leaders) > 0 else None


def launch(cluster: Cluster, node: int) -> None:
    """Start a broker that was killed, and do not wait for it.

    Why: a broker ends with the thread that started it, so that none outlives its tests; a thread of its own
    for waiting would take the broker with it.
    """
    cluster._launch(cluster._node(node))
