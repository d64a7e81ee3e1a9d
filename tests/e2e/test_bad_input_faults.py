"""When the hub itself is in trouble: a store that takes nothing, views that lag, callers that never stop."""

from __future__ import annotations

import resource
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import hub.cli.demo
import hub.record.sqlite.store
from hub.cli.demo import demo_settings, verify
from hub.settings import Settings
from tests.support.hostile import (
    C1001,
    ELM,
    EVERYBODY,
    HEALTH,
    LURE,
    N_CSC,
    OAK,
    S_CSC,
    Attack,
    Json,
    attacked,
)
from tests.support.scenario import World, empty_world

CHRONOLOGY = "/v1/children/{C-1001}/chronology"
BURST = 20


@pytest.fixture(scope="module")
def attack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    with attacked(tmp_path_factory.mktemp("faults")) as found:
        yield found


# --- a store that takes nothing ------------------------------------------------------------------


@contextmanager
def read_only_store(attack: Attack) -> Iterator[None]:
    """The writer's connections, the one that is open and every new one, may only read."""
    opened: Callable[..., sqlite3.Connection] = hub.record.sqlite.store.connect

    def connect(path: str) -> sqlite3.Connection:
        connection = opened(path)
        connection.execute("PRAGMA query_only=ON")
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hub.record.sqlite.store.connect", connect)
        connection = attack.world.hub.store.record._writer._appender.connection
        assert connection is not None
        connection.execute("PRAGMA query_only=ON")
        yield


@contextmanager
def full_disk(_: Attack) -> Iterator[None]:
    """No file of this process takes another byte: not the record, not the views, not the log."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.req("H-01", "H-03", "H-14")
@pytest.mark.parametrize("trouble", [read_only_store, full_disk], ids=["read-only", "full"])
def test_store_that_takes_nothing(attack: Attack, trouble: Callable[[Attack], object]) -> None:
    acknowledged = attack.event()
    receipt = attack.post(acknowledged).json()["receipt"]
    during = [attack.event() for _ in range(4)]
    with attack.nothing_kept(ELM, readers=EVERYBODY):
        with trouble(attack):  # type: ignore[attr-defined]
            for one in during[:2]:
                answer = attack.post(one)
                attack.refused(answer, 503, "store")
                assert answer.headers["retry-after"]
            lines = "\n".join(attack.sign(one) for one in during)
            results = attack.send(lines, path="/v1/events/batch").json()["results"]
            assert [one["status"] for one in results] == [503] * 4
            for one in results:
                attack.checked(one["problem"], 503, "store")
            # Nothing leaves before the record that it left is durable; a refusal is recorded first, too.
            for reader in ("Elm", "ENQ", "Oak"):
                answer = attack.read(reader, CHRONOLOGY)
                attack.refused(answer, 503, "store")
                assert "CANARY" not in answer.text
            attack.refused(attack.read("Elm", "/v1/me/children"), 503, "store")
            # What needs no new record is there: what was acknowledged, with the same receipt.
            assert attack.post(acknowledged).json()["receipt"] == receipt
            assert attack.world.get("Elm", "/healthz").json() == {"status": "ok"}
    for one in during:
        attack.accepted(one)
    again = attack.post(acknowledged)
    assert (again.status_code, again.json()["receipt"]) == (200, receipt)
    assert attack.mine(ELM)[-4:] == [one["id"] for one in during]
    assert verify(attack.world.hub).whole


@pytest.mark.req("H-01", "H-03")
def test_a_store_that_is_locked_for_a_while(attack: Attack) -> None:
    event = attack.event()
    path = attack.world.hub.store.settings.database_path
    with attack.nothing_kept(ELM), pytest.MonkeyPatch.context() as patch:
        patch.setattr("hub.record.sqlite.connections._BUSY_SECONDS", 0.05)
        store = attack.world.hub.store.record
        assert store._writer._appender.connection is not None
        store._writer._appender.connection.execute("PRAGMA busy_timeout=50")
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            attack.refused(attack.post(event), 503, "store")
        finally:
            other.execute("ROLLBACK")
            other.close()
    attack.accepted(event)


# --- views that lag ------------------------------------------------------------------------------


@contextmanager
def held_up(attack: Attack) -> Iterator[None]:
    """The projector stands still while the record goes on."""
    attack.world.hub.projector.pause()
    try:
        yield
    finally:
        attack.world.hub.projector.resume()


def ended(attack: Attack, kind: str, organisation: str, subject: str, by: str = N_CSC) -> None:
    data = {"kind": kind, "organisation": organisation}
    attack.accepted(attack.event(by, "relationship-ended", subject, data), by)


def shut(attack: Attack, reader: str) -> None:
    """Every door of C-1001 is shut or says that it cannot answer yet; the old answer is behind none."""
    paths = [f"/v1/children/{{C-1001}}/{one}" for one in ("chronology", "overview", "deadlines")]
    for path, more in [*((one, {}) for one in paths), (paths[0], {"as_at": "2025-11-19T12:00:00Z"})]:
        answer = attack.read(reader, path, **more)
        slug = answer.json()["type"].removeprefix("/problems/")
        assert (answer.status_code, slug) in ((404, "not-found"), (503, "views-behind"))
        attack.refused(answer, answer.status_code, slug)


@pytest.mark.req("H-16", "D-20")
def test_projector_held_up_while_access_ends(attack: Attack) -> None:
    assert attack.entries("HL-1001", "C-1001")
    with held_up(attack):
        at = attack.world.hub.projector.position()
        ended(attack, "treated", HEALTH, C1001)
        shut(attack, "HL-1001")
        assert attack.world.hub.projector.position() == at, "the projector did stand still"
        listed = attack.read("HL-1001", "/v1/me/children")
        assert attack.world.children["C-1001"] not in listed.text
        # Others read on, and read what was posted since.
        event = attack.event(type_="incident-recorded", data={"role": "has-been-harmed", "status": "alleged"})
        attack.accepted(event)
        assert attack.mine(ELM)[-1] == event["id"]
    shut(attack, "HL-1001")
    attack.shut_out("HL-1001", "C-1001", C1001)


@pytest.mark.req("H-02", "H-16")
def test_projector_held_up_while_an_event_is_retracted(attack: Attack) -> None:
    event = attack.event(
        type_="incident-recorded", data={"role": "has-been-harmed", "status": "acknowledged"}
    )
    attack.accepted(event)
    before = attack.entries("Elm", "C-1001")
    assert before is not None
    about = {"source": event["source"], "id": event["id"]}
    with held_up(attack):
        attack.accepted(attack.event(type_="event-retracted", data={"about": about, "reason": "wrong-child"}))
        now = attack.entries("Elm", "C-1001")
        assert now is not None and len(now) == len(before) - 1
        assert attack.entries("Elm", "C-1001", as_at="2025-11-20T23:00:00Z") == now
    assert attack.entries("Elm", "C-1001") == now


@pytest.mark.req("H-16", "D-20")
def test_as_at_before_a_relationship_ended(attack: Attack) -> None:
    """A reader cannot go back to the time when it still was one."""
    assert attack.entries("Elm", "C-1001", as_at="2025-11-01T12:00:00Z")
    ended(attack, "enrolled", ELM, C1001)
    for as_at in (
        "2025-09-16T12:00:00Z",
        "2025-11-20T12:00:00Z",
        "2025-11-20T12:00:00+00:00",
        "2099-01-01T00:00:00Z",
    ):
        for what in ("chronology", "overview", "deadlines"):
            answer = attack.read("Elm", f"/v1/children/{{C-1001}}/{what}", as_at=as_at)
            attack.refused(answer, 404, "not-found")
    attack.shut_out("Elm", "C-1001", C1001)
    # What it posted itself, and its receipts, it keeps; and it may go on posting.
    assert attack.mine(ELM)
    attack.accepted(attack.event())
    attack.shut_out("Elm", "C-1001", C1001)


@pytest.mark.req("H-16")
def test_a_disabled_reader_is_out_at_once(attack: Attack) -> None:
    person = f"{S_CSC}/sgu-1"
    token = {"Authorization": f"Bearer {attack.world.person_token(person)}"}
    path = "/v1/children/{C-2001}/chronology"
    assert attack.read("SGU-S", path, token).status_code == 200
    with held_up(attack):
        attack.world.hub.store.directory.disable_person(person)
        attack.refused(attack.read("SGU-S", path, token), 401, "token")
    attack.refused(attack.read("SGU-S", path, token), 401, "token")


# --- callers that never stop ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    """A hub without any event, in which an organisation may make 20 requests at once and one a second."""

    def settings(directory: Path, port: int, profiles: Path | None = None) -> Settings:
        wide = demo_settings(directory, port, profiles)
        return wide.model_copy(update={"rate_per_second": 1.0, "rate_burst": BURST})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub.cli.demo, "demo_settings", settings)
        with empty_world(tmp_path_factory.mktemp("narrow")) as world, closing(Attack(world)) as found:
            yield found


def posted(world: World) -> list[str]:
    return [one.id for one in world.hub.store.record.log(0, 10_000) if one.kind == "event"]


@pytest.mark.req("H-03", "H-27")
def test_rate_limit(narrow: Attack) -> None:
    events: list[Json] = [narrow.event() for _ in range(BURST + 10)]
    began = time.monotonic()
    answers = [narrow.post(one) for one in events]
    allowed = [one.status_code for one in answers].count(201)
    assert BURST <= allowed <= BURST + 1 + (time.monotonic() - began)
    for answer in answers:
        if answer.status_code != 201:
            narrow.refused(answer, 429, "rate")
            assert int(answer.headers["retry-after"]) >= 1
    accepted = [one["id"] for one, answer in zip(events, answers, strict=True) if answer.status_code == 201]
    assert posted(narrow.world) == accepted, (
        "what was refused was not kept, and what was accepted was not lost"
    )
    # A batch and a read count too; another organisation has its own measure.
    refused = narrow.send(LURE, path="/v1/events/batch")
    narrow.refused(refused, 429, "rate")
    assert narrow.post(narrow.event(OAK), OAK).status_code == 201
    time.sleep(1.2)
    late = next(one for one in events if one["id"] not in accepted)
    assert narrow.post(late).status_code == 201


@pytest.mark.req("H-16")
def test_rate_limit_of_reads_tells_nothing_of_the_child(narrow: Attack) -> None:
    paths = [f"/v1/children/{child}/chronology" for child in ("7d9f4c7e-5a35-4a38-9f5e-0d2f6a1f6b11", LURE)]
    answers = [narrow.read("POL", paths[number % 2]) for number in range(BURST + 6)]
    assert {one.status_code for one in answers} == {404, 429}
    for answer in answers:
        narrow.refused(answer, answer.status_code, "rate" if answer.status_code == 429 else "not-found")
