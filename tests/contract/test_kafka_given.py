"""Which broker the tests use: a given one wins, then that of `$KAFKA_HOME`; and where none is had, why."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from tests.support import kafka_broker as brokers
from tests.support import kafka_programs
from tests.support.faults_kafka import wired_broker
from tests.support.kafka_broker import AnyCluster, Cluster, kafka_broker, kafka_cluster
from tests.support.kafka_given import VARIABLE, Holding
from tests.support.kafka_programs import Unavailable, programs

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
ROOT = Path(__file__).resolve().parents[2]
RELAY, FAULTS = "tests/contract/test_kafka_relay.py", "tests/contract/test_kafka_faults.py"
RUNS = f"{RELAY}::test_a_post_gets_the_receipt_that_it_would_get_over_http"
SKIPS = f"{FAULTS}::test_a_broker_that_stands_still_for_a_while_costs_nothing"


@pytest.fixture
def own() -> Iterator[Cluster]:
    found = kafka_broker()
    if not found.may_stop:
        pytest.skip("the broker to be handed over is one that the tests start")
    assert isinstance(found, Cluster)
    yield found
    brokers.let_go()


@pytest.fixture
def given(own: Cluster, monkeypatch: pytest.MonkeyPatch) -> AnyCluster:
    """The same broker, as one that somebody else runs; none may be started beside it."""
    monkeypatch.setenv(VARIABLE, own.bootstrap)
    monkeypatch.setattr(Cluster, "_launch", lambda *_: pytest.fail("a broker was started"))
    return kafka_broker()


@pytest.mark.req("H-26")
def test_a_given_broker_is_used_and_only_topics_of_the_hub_are_deleted(
    own: Cluster, given: AnyCluster
) -> None:
    assert given.bootstrap == own.bootstrap and not given.may_stop
    form = {"num_partitions": 1, "replication_factor": 1}
    with closing(KafkaAdminClient(bootstrap_servers=own.bootstrap)) as client:
        client.create_topics({"somebody-elses": form, "notices.some-school": form}, wait_for_metadata=True)
    given.wipe()
    assert given.topics() == [] and own.topics() == ["somebody-elses"]
    own.wipe()


@pytest.mark.req("H-26")
def test_tests_run_on_a_given_broker_and_those_that_stop_it_say_why_they_do_not(own: Cluster) -> None:
    """In a process of its own, as somebody runs them: what they did stands on that broker."""
    own.wipe()
    environment = os.environ | {VARIABLE: own.bootstrap}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", RUNS, SKIPS],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert "1 passed, 1 skipped" in done.stdout, done.stdout[-2_000:]
    assert f"the brokers of ${VARIABLE} are not ours to stop" in " ".join(done.stdout.split())
    assert "events.inbound" in own.topics()


NOT_THEIRS: dict[str, Callable[[AnyCluster], object]] = {
    "ours to kill": lambda broker: broker.kill(),
    "ours to start": lambda broker: broker.start(),
    "sign in over TLS": lambda broker: broker.secure,
    "certificates": lambda broker: broker.certificates,
    "keep their files": lambda broker: broker.nodes,
    "three": lambda broker: kafka_cluster(),
    "over a wire": lambda broker: wired_broker(1),
}


@pytest.mark.req("H-26")
@pytest.mark.parametrize("what", NOT_THEIRS)
def test_what_needs_a_broker_of_its_own_skips_where_one_is_given(given: AnyCluster, what: str) -> None:
    with pytest.raises(pytest.skip.Exception, match=VARIABLE):
        NOT_THEIRS[what](given)


@pytest.mark.req("H-26")
def test_a_given_broker_is_one_files_at_a_time(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    one = Holding(lock)
    one.begin()
    one.begin()
    assert not free(lock)
    Holding(lock).begin()  # as a process that it starts, which has its environment
    one.end()
    assert free(lock)


def free(lock: Path) -> bool:
    """Whether somebody else could hold it now."""
    with lock.open("w") as other:
        try:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@pytest.mark.req("H-26")
def test_the_programs_of_kafka_home_win_and_one_without_a_broker_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("java") is None:
        pytest.skip("there is no Java here")
    monkeypatch.setenv("KAFKA_HOME", str(tmp_path))
    with pytest.raises(Unavailable) as found:
        programs.__wrapped__()
    assert not found.value.excused
    (tmp_path / "libs").mkdir()
    (tmp_path / "libs" / "kafka_2.13-4.0.0.jar").touch()
    assert programs.__wrapped__() == tmp_path / "libs"


@pytest.mark.req("H-26")
@pytest.mark.parametrize("answers", [True, False])
def test_only_where_maven_answers_is_a_broker_that_cannot_be_had_a_fault(
    answers: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list of what to fetch that is none; and a repository behind a port where nobody listens."""
    if shutil.which("mvn") is None:
        pytest.skip("there is no Maven here")
    if answers:
        (tmp_path / "pom.xml").write_text("<project>", encoding="utf-8")
        monkeypatch.setattr(kafka_programs, "_POM", tmp_path / "pom.xml")
    nowhere = "-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=1"
    monkeypatch.setenv("MAVEN_OPTS", f"-Dmaven.repo.local={tmp_path} {nowhere}")

    def make() -> Cluster:
        kafka_programs._fetch(tmp_path / "jars")
        raise AssertionError("it was fetched")

    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception if answers else pytest.skip.Exception, match="Maven could not"):
        brokers.or_skip(make)
