"""Real Kafka brokers for tests: one node, or three, with TLS and SASL listeners; killed, paused and started.

A broker is had from `$TEST_KAFKA_BOOTSTRAP` (one that runs already), else from the programs in
`$KAFKA_HOME`, else from jars that Maven fetches once into the user's cache. Where none can be had, the
tests that need one are skipped with the reason; in CI they fail where Java is there and Maven answers.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.support.broker_topics import topics_of, wipe_topics
from tests.support.kafka_certificates import Certificates, make_certificates
from tests.support.kafka_given import GivenCluster, Holding, given, none_given
from tests.support.kafka_programs import VERSION, Unavailable, cached, locked, programs

USER, PASSWORD = "hub", "broker-password-1"
LIMITED: Final = ("relay", "elm", "oak")
"""Users with the same password who may do only what a test lets them do; all others may do everything."""
_READY_SECONDS: Final = 90.0
_CLUSTER_ID: Final = urlsafe_b64encode(b"hub-test-cluster").rstrip(b"=").decode()
_LOGGING: Final = """
rootLogger.level=WARN
rootLogger.appenderRef.o.ref=O
appender.o.type=Console
appender.o.name=O
appender.o.layout.type=PatternLayout
appender.o.layout.pattern=[%d] %p %m (%c)%n
"""
_JAVA: Final = (
    "-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xshare:auto",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """The addresses and the folder of one broker."""

    id: int
    plain: int
    secure: int
    mutual: int
    controller: int
    folder: Path


class Cluster:
    """Brokers that run here: `bootstrap` without, `secure` with SASL over TLS, `mutual` with certificates."""

    may_stop: Final = True

    def __init__(self, size: int) -> None:
        self.folder: Final = Path(tempfile.mkdtemp(prefix="kafka-"))
        self.certificates: Final[Certificates] = make_certificates(self.folder)
        ports = _free_ports(size * 4)
        self.nodes: Final = [
            Node(n + 1, *ports[n * 4 : n * 4 + 4], folder=self.folder / str(n + 1)) for n in range(size)
        ]
        self.bootstrap: Final = ",".join(f"127.0.0.1:{one.plain}" for one in self.nodes)
        self.secure: Final = ",".join(f"127.0.0.1:{one.secure}" for one in self.nodes)
        self.mutual: Final = ",".join(f"127.0.0.1:{one.mutual}" for one in self.nodes)
        self._running: Final[dict[int, subprocess.Popen[bytes]]] = {}
        libraries = programs()
        self._java: Final = _java(libraries, self.folder)
        formatted = _formatted(libraries)
        for node in self.nodes:
            node.folder.mkdir()
            shutil.copy(formatted, node.folder / "bootstrap.checkpoint")
            (node.folder / "meta.properties").write_text(_meta(node.id), encoding="utf-8")
            self._settings(node).write_text(self._properties(node), encoding="utf-8")
        for node in self.nodes:
            self._launch(node)
        for node in self.nodes:
            self._await(node)

    def start(self, node: int = 1) -> None:
        """Start a broker that was killed, on what it had."""
        found = self._node(node)
        self._launch(found)
        self._await(found)

    def kill(self, node: int = 1) -> None:
        """kill -9."""
        process = self._running.pop(node)
        process.kill()
        process.wait(10)

    def pause(self, node: int = 1) -> None:
        """Stop a broker where it stands: connections stay, nothing answers."""
        self._running[node].send_signal(signal.SIGSTOP)

    def resume(self, node: int = 1) -> None:
        """Let it go on."""
        self._running[node].send_signal(signal.SIGCONT)

    def wipe(self) -> None:
        """Delete every topic, so that the next test finds none."""
        wipe_topics(self.bootstrap, _not_kafkas)

    def topics(self) -> list[str]:
        """The names of all topics but Kafka's own."""
        return topics_of(self.bootstrap, _not_kafkas)

    def close(self) -> None:
        """End all of it, and remove what it wrote."""
        for process in self._running.values():
            process.kill()
        for process in self._running.values():
            process.wait(10)
        self._running.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self, node: int = 1) -> str:
        """What a broker said."""
        return (self.folder / f"{node}.log").read_text(encoding="utf-8", errors="replace")

    def _node(self, number: int) -> Node:
        return next(one for one in self.nodes if one.id == number)

    def _settings(self, node: Node) -> Path:
        return self.folder / f"{node.id}.properties"

    def _properties(self, node: Node) -> str:
        """A node that is broker and controller at once, with one listener for each way of signing in."""
        copies, least = (3, 2) if len(self.nodes) >= 3 else (1, 1)
        listeners = {
            "PLAINTEXT": node.plain, "SECURE": node.secure, "MUTUAL": node.mutual,
            "CONTROLLER": node.controller,
        }  # fmt: skip
        written = ",".join(f"{name}://127.0.0.1:{port}" for name, port in listeners.items())
        login = "org.apache.kafka.common.security"
        lines = {
            "process.roles": "broker,controller",
            "node.id": node.id,
            "controller.quorum.voters": ",".join(
                f"{one.id}@127.0.0.1:{one.controller}" for one in self.nodes
            ),
            "listeners": written,
            "advertised.listeners": written,
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "listener.security.protocol.map": (
                "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL,MUTUAL:SSL"
            ),
            "log.dirs": node.folder,
            "num.partitions": 1,
            "default.replication.factor": copies,
            "min.insync.replicas": least,
            "offsets.topic.replication.factor": copies,
            "offsets.topic.num.partitions": 2,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": least,
            "transaction.state.log.num.partitions": 2,
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": least,
            "unclean.leader.election.enable": "false",
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            "auto.create.topics.enable": "false",
            "broker.session.timeout.ms": 3000,
            "broker.heartbeat.interval.ms": 500,
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": self.certificates.broker,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.certificates.authority,
            "listener.name.mutual.ssl.client.auth": "required",
            "listener.name.secure.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
            "listener.name.secure.plain.sasl.jaas.config": " ".join(
                (
                    f"{login}.plain.PlainLoginModule required",
                    *(f'user_{one}="{PASSWORD}"' for one in (USER, *LIMITED)),
                )
            )
            + ";",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:ANONYMOUS;User:{USER};User:CN=client",
            "listener.name.secure.scram-sha-512.sasl.jaas.config": (
                f"{login}.scram.ScramLoginModule required;"
            ),
        }
        if copies == 1:
            # One copy only: acknowledged means written through, or kill -9 of the machine would lose it.
            lines["log.flush.interval.messages"] = 1
        return "".join(f"{name}={value}\n" for name, value in lines.items())

    def _launch(self, node: Node) -> None:
        with (self.folder / f"{node.id}.log").open("ab") as log:
            self._running[node.id] = subprocess.Popen(
                [*self._java, "kafka.Kafka", str(self._settings(node))], stdout=log, stderr=log
            )

    def _await(self, node: Node) -> None:
        end = time.monotonic() + _READY_SECONDS
        while not _answers(node.plain):
            assert self._running[node.id].poll() is None, self.log(node.id)[-2000:]
            assert time.monotonic() < end, self.log(node.id)[-2000:]
            time.sleep(0.05)


_started: Final[dict[int, Cluster]] = {}
AnyCluster = Cluster | GivenCluster


def kafka_broker() -> AnyCluster:
    """The given brokers, or one that was started once and is shared by the tests of this process.

    Shape: given ones are this file's until `let_go`. Where no broker can be had, it skips.
    """
    found = given()
    if found is None:
        return _cluster(1)
    _holding().begin()
    return found


def let_go() -> None:
    """Leave given brokers to the next file of tests."""
    _holding().end()


def kafka_cluster() -> Cluster:
    """Three brokers with three copies of everything, started once and shared; skips likewise.

    Shape: they are there to be killed, so given ones will not do.
    """
    none_given("are not ours to kill")
    return _cluster(3)


def or_skip(make: Callable[[], Cluster]) -> Cluster:
    """The cluster, or a skipped test with the reason; a failed one in CI, where a cluster can be had."""
    try:
        return make()
    except Unavailable as reason:
        if os.environ.get("CI") and not reason.excused:
            pytest.fail(f"no Kafka broker: {reason}")
        pytest.skip(f"no Kafka broker: {reason}")


def _cluster(size: int) -> Cluster:
    if size not in _started:
        _started[size] = or_skip(lambda: Cluster(size))
        atexit.register(_started[size].close)
    return _started[size]


@cache
def _holding() -> Holding:
    return Holding(cached() / "kafka-given.lock")


def _java(libraries: Path, folder: Path) -> list[str]:
    logging = folder / "log4j2.properties"
    logging.write_text(_LOGGING, encoding="utf-8")
    return [
        *_dies_with_us(), shutil.which("java") or "java", *_JAVA,
        f"-Dlog4j2.configurationFile={logging}", f"-Dkafka.logs.dir={folder}", "-cp", f"{libraries}/*",
    ]  # fmt: skip


def _formatted(libraries: Path) -> Path:
    """What the broker's own tool writes into a new folder, a user for SCRAM in it; made once and kept.

    It is the same for every node: who the node is stands beside it, in `meta.properties`.
    """
    folder_kept = cached() / f"formatted-{VERSION}"
    kept = folder_kept / "bootstrap.checkpoint"
    with locked():
        if not kept.exists():
            folder = Path(tempfile.mkdtemp(prefix="kafka-format-"))
            settings = folder / "server.properties"
            settings.write_text(
                "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:1\n"
                "controller.listener.names=CONTROLLER\nlisteners=CONTROLLER://127.0.0.1:1,"
                f"PLAINTEXT://127.0.0.1:2\nlog.dirs={folder}/log\n",
                encoding="utf-8",
            )
            scram = f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"
            done = subprocess.run(
                [*_java(libraries, folder), "kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID,
                 "-c", str(settings), "--add-scram", scram],
                capture_output=True, timeout=120,
            )  # fmt: skip
            if done.returncode != 0:
                raise Unavailable("the broker's tool could not format a folder")
            folder_kept.mkdir(exist_ok=True)
            shutil.copy(folder / "log" / "bootstrap.checkpoint", kept.with_suffix(".new"))
            kept.with_suffix(".new").rename(kept)
            shutil.rmtree(folder)
    return kept


def _meta(node: int) -> str:
    directory = urlsafe_b64encode(b"hub-test-folder%d" % node).rstrip(b"=").decode()
    return f"version=1\ncluster.id={_CLUSTER_ID}\nnode.id={node}\ndirectory.id={directory}\n"


def _dies_with_us() -> list[str]:
    """A prefix by which a broker ends with this process, however that ends."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()


def _answers(port: int) -> bool:
    """Whether a broker answers the request ApiVersions (version 0): the port alone is open much earlier."""
    asked = struct.pack(">hhih", 18, 0, 1, -1)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.settimeout(5)
            connection.sendall(struct.pack(">i", len(asked)) + asked)
            return len(connection.recv(4)) == 4
    except OSError:
        return False


def _not_kafkas(topic: str) -> bool:
    return not topic.startswith("__")
