"""Negative controls: of parts that do lose, double or forget, the same checker has to say so."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
from kafka import KafkaAdminClient, KafkaProducer
from kafka.errors import KafkaError

from agencies.sdk import kafka as of_agencies
from agencies.sdk.client import HubUnavailable
from hub.record import Append, Record
from hub.relay import connection
from tests.contract.record_contract import MASTER_KEY, SeededChance, draft
from tests.support.checker import Attempt, Findings, Held, History, Outcome, check
from tests.support.faults_evidence import held_in, standing_twice
from tests.support.faults_hub import children, command_of, end, until
from tests.support.faults_kafka import WiredCluster, wired_broker
from tests.support.hub_process import free_port
from tests.support.postgres_server import Server, fresh_database, new_server, or_skip
from tests.support.relayed import read_all

# Clients of brokers that went away leave sockets to the collector.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
SEED, SHARE = 15, 0.15
NOIDA = "noida-db==0.2.3"
"""A broker that keeps its records in memory and writes them down now and then."""
SILENT = (b"Retrying (", b"No module named pip")
"""What is said where no index can be reached, or nobody is there to ask one."""
WRITERS = (b"postgres: walwriter", b"postgres: background writer", b"postgres: checkpointer")


@pytest.fixture(scope="module")
def broker() -> Iterator[WiredCluster]:
    found = wired_broker(SEED)
    yield found
    found.close()


def make_topic(bootstrap: str, name: str) -> None:
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap)) as client:
        client.create_topics({name: {"num_partitions": 1, "replication_factor": 1}}, wait_for_metadata=True)


def forget(bootstrap: str, name: str) -> None:
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap)) as client:
        client.delete_topics([name])
    until(lambda: name not in topics_of(bootstrap), 20, "the end of a topic")


def topics_of(bootstrap: str) -> set[str]:
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap)) as client:
        return set(client.list_topics())


def hand_over(bootstrap: str, topic: str, history: History, begin: int, count: int) -> None:
    """Hand over so many records one after the other, each until the broker took it for certain."""
    quick = {"retry_backoff_ms": 20, "reconnect_backoff_ms": 20}
    producer = KafkaProducer(bootstrap_servers=bootstrap, **quick, acks="all", enable_idempotence=True)
    try:
        hand_over_by(
            lambda value: producer.send(topic, value=value.encode()).get(20), topic, history, count, begin
        )
    finally:
        producer.close(timeout=5)


def hand_over_by(
    send: Callable[[str], object], topic: str, history: History, count: int, begin: int = 0
) -> None:
    """The same by any sender."""
    for number in range(begin, begin + count):
        outcome: Outcome = "unknown"
        while outcome != "ok":
            with suppress(KafkaError, HubUnavailable):
                send(f"record-{number}")
                outcome = "ok"
            history.note(Attempt("producer", number, f"record-{number}", topic, outcome))


@contextmanager
def of_the_hub(bootstrap: str) -> Iterator[Callable[[str], object]]:
    found = connection.Sender(connection.KafkaSettings(bootstrap), "control")
    try:
        yield lambda value: found.send([connection.Message("of-the-hub", "key", value.encode())])
    finally:
        found.close()


@contextmanager
def of_an_agency(bootstrap: str) -> Iterator[Callable[[str], object]]:
    with of_agencies.KafkaSender(of_agencies.KafkaAccess(bootstrap, {})) as found:
        yield lambda value: found.send(value, "key")


@dataclass(frozen=True, slots=True)
class Real:
    """One of the two that send: where it makes its producer, where to it sends, and how it is opened."""

    module: ModuleType
    topic: str
    opened: Callable[[str], AbstractContextManager[Callable[[str], object]]]


SENDERS = {
    "hub": Real(connection, "of-the-hub", of_the_hub),
    "agency": Real(of_agencies, of_agencies.INBOUND, of_an_agency),
}


def judged(bootstrap: str, topic: str, history: History) -> Findings:
    held = [
        Held(one.value.decode(), one.offset, {"offsets": one.offset}) for one in read_all(bootstrap, topic)
    ]
    found = check(history.attempts, held)
    print(f"{topic}: {found}")
    return found


@pytest.mark.req("H-03")
@pytest.mark.parametrize("idempotent", [True, False])
@pytest.mark.parametrize("sender", SENDERS)
def test_under_cut_answers_each_sender_is_found_to_double_without_idempotence(
    broker: WiredCluster, sender: str, idempotent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub's sender and the agencies' as they are, and with that one setting changed."""
    history, before, asked = History(), broker.cuts, list[bool]()

    def producer(**options: object) -> KafkaProducer:
        asked.append(options.pop("enable_idempotence") is True)
        return KafkaProducer(**options, enable_idempotence=idempotent)

    monkeypatch.setattr(SENDERS[sender].module, "KafkaProducer", producer)
    topic = SENDERS[sender].topic
    make_topic(broker.bootstrap, topic)
    [wire] = broker.wires
    wire.cut_answers(SHARE)
    try:
        with SENDERS[sender].opened(broker.wired) as send:
            hand_over_by(send, topic, history, 80)
    finally:
        wire.mend()
    print(f"seed {SEED}: {broker.cuts - before} answers cut")
    found, twice = judged(broker.bootstrap, topic, history), standing_twice(broker.bootstrap)
    forget(broker.bootstrap, topic)
    assert asked == [True] and broker.cuts - before > 5
    assert found.sound if idempotent else set(found.faults) == {"doubled"}
    assert twice.keys() == (set() if idempotent else {topic})


@pytest.mark.req("H-03")
def test_a_broker_that_forgets_when_it_is_killed_is_found_to_lose(broker: WiredCluster) -> None:
    """A real broker is killed; what stands on its disk is taken away, as from one that has none."""
    topic, history = "forgotten", History()
    make_topic(broker.bootstrap, topic)
    hand_over(broker.bootstrap, topic, history, 0, 60)
    broker.kill()
    for one in broker.nodes[0].folder.iterdir():
        if one.name not in ("bootstrap.checkpoint", "meta.properties"):
            shutil.rmtree(one) if one.is_dir() else one.unlink()
    broker.start()
    make_topic(broker.bootstrap, topic)
    hand_over(broker.bootstrap, topic, history, 60, 20)
    found = judged(broker.bootstrap, topic, history)
    assert set(found.faults) == {"lost"} and len(found.lost) == 60


@contextmanager
def memory_broker(folder: Path) -> Iterator[tuple[list[str], str]]:
    """The command and the address of a broker that keeps its records in memory.

    Where it cannot be had it skips; in CI it fails, where pip answers.
    """
    target = folder / "noida"
    options = ("--quiet", "--no-deps", "--target", str(target))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pip", "install", *options, NOIDA], capture_output=True, timeout=120
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"{NOIDA} could not be had in time")
    program = target / "noida_db" / "noida-db"
    if done.returncode != 0 or not program.is_file():
        if os.environ.get("CI") and not any(words in done.stderr for words in SILENT):
            pytest.fail(f"pip answers, but {NOIDA} could not be had")
        pytest.skip(f"{NOIDA} could not be had")
    program.chmod(0o700)
    port = free_port()
    yield [
        str(program), "start", "--only", "kafka", "--host", "127.0.0.1", "--kafka-port", str(port),
        "--data-dir", str(folder / "data"),
    ], f"127.0.0.1:{port}"  # fmt: skip


@pytest.mark.req("H-03")
def test_a_broker_that_keeps_records_in_memory_is_found_to_lose(tmp_path: Path) -> None:
    history, topic = History(), "memory"
    with memory_broker(tmp_path) as (command, address):
        with running(command, address):
            make_topic(address, topic)
            hand_over(address, topic, history, 0, 200)
        with running(command, address):
            found = judged(address, topic, history)
    assert found.lost, found


@contextmanager
def running(command: Sequence[str], address: str) -> Iterator[None]:
    """A broker that is killed at the end of the block."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: answers(address), 20, "the broker")
        yield
    finally:
        process.kill()
        process.wait(10)


def answers(address: str) -> bool:
    try:
        KafkaAdminClient(bootstrap_servers=address, bootstrap_timeout_ms=1_000).close()
    except KafkaError:
        return False
    return True


@pytest.fixture
def server() -> Iterator[Server]:
    found = or_skip(new_server)
    assert isinstance(found, Server)
    yield found
    found.remove()


@pytest.mark.req("H-03")
@pytest.mark.parametrize("durable", [True, False])
def test_commits_that_do_not_wait_for_the_disk_are_found_to_be_lost(
    server: Server, durable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1. What writes to the disk behind the sessions' back stands still, so that only a session's own commit
    brings its record there. 2. Everything is killed, and what was in memory only is gone."""
    from hub.record.postgres import appender

    url, history = fresh_database(server), History()
    Record.migrate(url, master_key=MASTER_KEY, chance=SeededChance(0))
    monkeypatch.setattr(appender, "connect", partial(appender.connect, durable=durable))
    record = Record.open(url, master_key=MASTER_KEY, chance=SeededChance(1))
    with closing(record):
        post(record, history, 0, 20)
        time.sleep(0.5)  # the writer comes by every 0.2 s
        postmaster = int((server._data / "postmaster.pid").read_text().split()[0])
        writers = [one for one in children(postmaster) if command_of(one).startswith(WRITERS)]
        assert len(writers) == len(WRITERS)
        for one in writers:  # 1.
            os.kill(one, signal.SIGSTOP)
        post(record, history, 20, 20)
        below = children(postmaster)
        os.kill(postmaster, signal.SIGSTOP)
        for one in (*below, postmaster):  # 2.
            end(one)
    until(lambda: not any(command_of(one) for one in (*below, postmaster)), 20, "the end of all of it")
    # What was killed may stand in the list of processes until somebody asks; the server would wait for it.
    for lock in (server._data / "postmaster.pid", server._folder / f".s.PGSQL.{server.port}.lock"):
        lock.unlink()
    server.start()
    with closing(Record.open(url, master_key=MASTER_KEY, chance=SeededChance(2))) as again:
        held = held_in(again.log(0, 1_000))
    found = check(history.attempts, held)
    print(f"durable {durable}: {found}")
    assert found.sound if durable else set(found.faults) == {"lost"}
    assert len(found.lost) == (0 if durable else 20)


def post(record: Record, history: History, begin: int, count: int) -> None:
    for number in range(begin, begin + count):
        record.append(Append((draft(f"a{number}"),))).result(30)
        history.note(Attempt("client", number, f"a{number}", "child/1", "ok"))
