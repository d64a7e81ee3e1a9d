"""Each process says what it cannot do, whoever the fault is in, and is ready again once it can."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hub.api import Probes, RequestLog
from hub.cli import processes, readiness
from hub.cli.checkpoints import Checkpoints
from hub.cli.compose import Hub, Store, compose, initialise, open_store, open_views_of
from hub.cli.notifying import Notifier
from hub.cli.relaying import Relaying
from hub.disclosure import Mail
from hub.errors import HubError
from hub.metrics import metrics_text
from hub.settings import Settings, load_settings


@pytest.mark.req("H-06", "H-14")
def test_without_a_projector_readiness_says_projection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "LONGEST_LAG", timedelta(milliseconds=100))
    settings = load_settings({}, None, database_url=f"sqlite:///{tmp_path / 'hub.db'}")
    initialise(settings)
    hub = compose(open_store(settings))
    checkpoints = Checkpoints(hub.store, hub.services.log)
    try:
        hub.store.directory.add_organisation("police.n-police", "N Police", None)
        hub.services.ready()
        time.sleep(0.7)  # a finding is used again for half a second
        assert set(hub.services.ready().failing) == {"projection", "ledger"}
        hub.projector.start()
        with closing(checkpoints):
            checkpoints.start()
            ends = time.monotonic() + 20
            while hub.services.ready().failing:
                assert time.monotonic() < ends
                time.sleep(0.1)
    finally:
        hub.close()


Parts = Sequence[processes.Part]
TOLD_OF = {"policy", "profiles", "signing"}


def run_instead(
    monkeypatch: pytest.MonkeyPatch, look: Callable[[Any, Parts, Probes], None]
) -> list[processes.Process]:
    """Have `look` look at each process, put together as ever, where it would run until told; which."""
    hubs: list[Hub] = []
    ran: list[processes.Process] = []

    def composed(store: Store, log: RequestLog) -> Hub:
        hubs.append(compose(store, log))
        return hubs[-1]

    def looked_at(
        process: processes.Process, store: Store, log: RequestLog, parts: Parts, ready: Probes
    ) -> None:
        ran.append(process)
        look(hubs[-1] if hubs else None, parts, ready)

    monkeypatch.setattr(processes, "compose", composed)
    monkeypatch.setattr(processes, "run_until_told", looked_at)
    return ran


@pytest.fixture(scope="module")
def recorded_once(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A record with something in it, that nothing was sent of."""
    folder = tmp_path_factory.mktemp("recorded")
    settings = load_settings(
        {"HUB_KAFKA_BOOTSTRAP": "127.0.0.1:1"}, None, database_url=f"sqlite:///{folder / 'hub.db'}"
    )
    initialise(settings)
    with closing(open_store(settings)) as store:
        store.directory.add_organisation("police.n-police", "N Police", None)
    return settings


@pytest.fixture
def recorded(recorded_once: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Its settings, which every process that is started here loads."""
    monkeypatch.setattr(processes, "load_settings", lambda: recorded_once)
    return recorded_once


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of readiness's own clock."""
    at = [1_000.0]
    monkeypatch.setattr("hub.cli.readiness.time.monotonic", lambda: at[0])
    return at


def failing(ready: Probes, now: list[float], later: float = 1.0) -> set[str]:
    """What it says so much later; what it found is used again for less than a second."""
    now[0] += later
    return set(ready().failing)


def mail_of(part: processes.Part) -> Mail:
    """What makes the notices of a process: that of its own part, not one that looks like it."""
    if isinstance(part, Notifier):
        return part._notifying._mail
    assert isinstance(part, Relaying)
    disclosure = part._relay._notices._making._noticing.__self__  # type: ignore[attr-defined]
    mail: Mail = disclosure.mail
    return mail


def faults_counted() -> float:
    found = re.search(r"^hub_policy_faults_total (\S+)$", metrics_text().decode(), re.MULTILINE)
    return float(found[1]) if found else 0.0


def signs_nothing(claims: object) -> str:
    raise HubError("store")


@dataclass(frozen=True, slots=True)
class Adopting:
    profile: str


@pytest.mark.req("H-14")
@pytest.mark.parametrize("process", ["ticker", "relay"])
def test_a_process_that_decides_who_is_told_is_red_where_a_rule_a_profile_or_the_key_fails_it(
    process: str, recorded: Settings, monkeypatch: pytest.MonkeyPatch, now: list[float]
) -> None:
    def look(hub: Hub, parts: Parts, ready: Probes) -> None:
        hub.projector.catch_up()
        assert not TOLD_OF & failing(ready, now)
        with monkeypatch.context() as broken:
            broken.setattr("hub.record.signer.HubSigner.sign_receipt", lambda self, claims: signs_nothing(0))
            broken.setattr(
                "hub.directory.Directory.organisations", lambda self: [Adopting("procedure-of-nowhere")]
            )
            assert TOLD_OF & failing(ready, now) == {"profiles", "signing"}
        before = faults_counted()
        verdicts = mail_of(parts[-1]).look()._decider._engine.ask(["no-such-action"], None, None)  # type: ignore[arg-type]
        assert [one.allowed for one in verdicts] == [False]
        assert TOLD_OF & failing(ready, now) == {"policy"}
        assert faults_counted() == before + 1
        # Nothing was sent of this record, and this relay was not started.
        assert ("relay" in failing(ready, now, 11)) == (process == "relay")

    ran = run_instead(monkeypatch, look)
    {"ticker": processes.tick, "relay": processes.relay}[process]()
    assert ran == [process]


@pytest.mark.req("H-14", "H-06")
def test_the_projector_is_red_where_the_key_or_its_own_parts_fail_it(
    recorded: Settings, monkeypatch: pytest.MonkeyPatch, now: list[float]
) -> None:
    def look(parts: Parts, ready: Probes) -> None:
        feeding, checkpoints = parts
        assert not failing(ready, now)
        for part, name in ((feeding, "projection"), (checkpoints, "ledger")):
            with monkeypatch.context() as broken:
                broken.setattr(part, "fault", "HubError")
                assert failing(ready, now) == {name}
        with monkeypatch.context() as broken:
            broken.setattr("hub.record.signer.HubSigner.sign_receipt", lambda self, claims: signs_nothing(0))
            assert failing(ready, now) == {"signing"}

    ran = run_instead(monkeypatch, lambda _, parts, ready: look(parts, ready))
    with closing(open_store(recorded)) as store, open_views_of(store) as views:
        processes._follow(store, views, group=False)
    assert ran == ["projector"]


@pytest.mark.req("H-14", "H-26")
def test_a_relay_is_red_where_nobody_sends_and_not_where_another_does(
    recorded_once: Settings, now: list[float]
) -> None:
    """It is not started, so it sends as little as one that does not lead."""
    with closing(open_store(recorded_once)) as store:
        record, told = store.record, SimpleNamespace(noticing=lambda: lambda item: ())
        hub: Any = SimpleNamespace(store=store, intake=None, disclosure=told)
        relaying = Relaying(hub, RequestLog(store.clock.wall, process="relay"))
        ready = readiness.probes(record, relay=relaying)

        def well(later: float) -> bool:
            return "relay" not in failing(ready, now, later)

        def sent(position: int) -> None:
            for name in ("answers", "notices", "recorded"):
                record.raise_mark(f"relay/{name}", position)

        head = record.head().position
        assert head > 1 and relaying.fault is None
        assert well(1) and well(9)
        assert not well(2), "something waits, and nobody sends"
        sent(1)
        assert well(1) and well(9), "another one has begun, far behind as it is"
        assert not well(2), "and has stopped"
        sent(head)
        assert well(1) and well(3_600), "nothing waits"
        store.directory.add_organisation("education.one-school", "One school", None)
        assert well(3_600), "this has waited for a moment only"
        record.raise_mark("relay/answers", record.head().position)
        assert not well(11), "one kind of what is sent stands still"


@pytest.mark.req("H-14")
def test_a_relay_is_red_where_what_it_reads_stands_still() -> None:
    unmoved = readiness.Unmoved()
    with pytest.MonkeyPatch.context() as patched:
        at = [0.0]
        patched.setattr("hub.cli.readiness.time.monotonic", lambda: at[0])
        stood = []
        for place, waiting in [(40, 5), (41, 9), (41, 9), (12, 3), (12, 0), (12, 0), (12, 1)]:
            stood.append(unmoved.seconds(place, waiting))
            at[0] += 20.0
        assert stood == [0.0, 0.0, 20.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.req("H-06", "H-14")
def test_no_fault_ends_the_thread_that_signs_and_no_text_of_it_is_logged(
    recorded: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is what could not be kept forgotten until it is tried again."""
    monkeypatch.setattr("hub.cli.checkpoints.CHECKPOINT_SECONDS", 0.01)
    lines: list[str] = []
    with closing(open_store(recorded)) as store:
        log = RequestLog(store.clock.wall, lines.append, process="projector")
        checkpoints = Checkpoints(store, log)
        with monkeypatch.context() as broken, closing(checkpoints):

            def fails(*_: object) -> None:
                raise RuntimeError("CANARY")

            broken.setattr("hub.record.kept_apart.Journal.keep_checkpoint", fails)
            checkpoints.start()
            until(lambda: checkpoints.fault == "RuntimeError")
            time.sleep(0.05)
            assert checkpoints.fault == "RuntimeError", "what could not be kept is not forgotten"
            broken.undo()
            until(lambda: checkpoints.fault is None)
            assert store.journal.checkpoint() is not None
    told = [json.loads(one) for one in lines]
    assert [(one["part"], one["fault"]) for one in told] == [("ledger", "RuntimeError")]
    assert "CANARY" not in "".join(lines)


def until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.005)
