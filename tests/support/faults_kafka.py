"""Brokers that clients reach through wires only, and who leads what in a cluster."""

from __future__ import annotations

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from tests.support.faults_wire import FaultyWire
from tests.support.hub_process import free_port
from tests.support.kafka_broker import Cluster, Node, Unavailable, kafka_broker, kafka_cluster

__all__ = ["Cluster", "WiredCluster", "kafka_broker", "kafka_cluster", "leader_of", "wired_broker"]


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
    try:
        return WiredCluster(1, seed)
    except Unavailable:
        kafka_broker()  # skips with the reason, or fails in CI
        raise


def leader_of(cluster: Cluster, topic: str, partition: int) -> int | None:
    """The node that leads a partition now; None where nobody says."""
    try:
        client = KafkaAdminClient(bootstrap_servers=cluster.bootstrap, request_timeout_ms=3_000)
    except KafkaError:
        return None
    try:
        for described in client.describe_topics([topic]):
            for one in described["partitions"]:
                if one["partition_index"] == partition and one["leader_id"] > 0:
                    return int(one["leader_id"])
    except KafkaError:
        pass
    finally:
        client.close()
    return None
