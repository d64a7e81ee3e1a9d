"""Operating a hub: one trace from request to event to disclosure, true readiness, limits across processes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.api import Probes, RateLimit
from hub.cli.compose import development_issuer, initialise, open_store
from hub.cli.readiness import probes
from hub.cli.world import SystemChance, SystemClock
from hub.errors import HubError
from hub.record import Append, Draft, Record
from hub.settings import Settings, load_settings
from hub.trace import traced
from hub.views import read_post
from tests.support import simulated
from tests.support.hostile import C1001_UPN, ELM, N_CSC, POLICE, Attack, Json, attacked
from tests.support.hub_process import HubProcess, free_port, write_commands
from tests.support.postgres_server import Server, fresh_database, new_server, or_skip

OFFICER, OWN_OFFICER = "partnership.hub-ig/igo-1", f"{N_CSC}/igo-9"
MASTER_KEY = bytes(range(32))


@pytest.fixture(scope="module")
def attack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    with attacked(tmp_path_factory.mktemp("operations")) as found:
        found.world.hub.store.directory.add_person(OWN_OFFICER, ("ig-officer",))
        yield found


# --- one trace ---------------------------------------------------------------------------------------


def lines_of(attack: Attack, trace: str) -> list[Json]:
    """The hub's log lines of one trace; a line is written after its answer has left."""
    log = Path(attack.world.hub.store.settings.data_directory) / "hub.log"
    ends = time.monotonic() + 5
    while time.monotonic() < ends:
        found: list[Json] = [json.loads(line) for line in log.read_text().splitlines() if trace in line]
        if found:
            return found
        time.sleep(0.01)
    return []


def asked(attack: Attack, person: str, path: str) -> Json:
    answer = attack.world.get_as(person, path)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


@pytest.mark.req("H-12", "H-14")
def test_a_trace_leads_from_request_to_event_to_disclosure_and_back(attack: Attack) -> None:
    event = attack.event()
    posted = attack.post(event)
    came_in = posted.headers["trace-id"]
    [line] = lines_of(attack, came_in)
    assert (line["route"], line["method"], line["status"]) == ("/v1/events", "POST", 201)
    item = attack.world.hub.store.record.find(event["source"], event["id"])
    assert item is not None and item.body is not None
    assert read_post(item.body).trace == came_in
    assert came_in.encode() not in item.leaf_data, "it is sealed with the post, not told to witnesses"

    child = attack.world.children["C-1001"]
    read = attack.world.get("ENQ", f"/v1/children/{child}/chronology", limit="200")
    went_out = read.headers["trace-id"]
    assert went_out != came_in and came_in not in read.text
    [line] = lines_of(attack, went_out)
    assert line["route"] == "/v1/children/{child}/chronology"

    disclosure = read.json()["disclosure_id"]
    [row] = [
        one
        for one in asked(attack, OFFICER, f"/v1/audit/accesses?child={child}")["accesses"]
        if one["trace"] == went_out
    ]
    assert (row["disclosure_id"], row["what"]) == (disclosure, "chronology")
    why = asked(attack, OFFICER, f"/v1/audit/accesses/{disclosure}/explanation")
    assert why["access"]["trace"] == went_out
    [item_row] = [one for one in why["items"] if one.get("id") == event["id"]]
    assert item_row["trace"] == came_in


@pytest.mark.req("H-14")
def test_every_kind_of_access_has_its_trace_refusals_too(attack: Attack) -> None:
    child = attack.world.children["C-1001"]
    world = attack.world
    answers = {
        "overview": world.get("ENQ", f"/v1/children/{child}/overview"),
        "deadlines": world.get("ENQ", f"/v1/children/{child}/deadlines"),
        "my-children": world.get("ENQ", "/v1/me/children"),
        "look-up": world.get("ENQ", "/v1/children", identifier=C1001_UPN),
        "chronology": world.get("YJS", f"/v1/children/{child}/chronology"),
        "audit-accesses": world.get_as(OFFICER, f"/v1/audit/accesses?child={child}"),
        "post": attack.post(attack.event(data={"words": 1})),
    }
    assert answers["chronology"].status_code == 404 and answers["post"].status_code == 422
    rows = asked(attack, OFFICER, "/v1/audit/accesses")["accesses"]
    by_trace = {row["trace"]: row["what"] for row in rows}
    assert {what: by_trace.get(one.headers["trace-id"]) for what, one in answers.items()} == {
        what: what for what in answers
    }


@pytest.mark.req("H-10", "H-15", "D-13")
def test_an_agencys_officer_gets_no_trace_of_an_event_that_may_not_be_named(attack: Attack) -> None:
    """The events of one batch share a trace: it would join what the rules keep apart."""
    child = attack.world.children["C-2001"]
    disclosure = attack.world.get("SW-2001", f"/v1/children/{child}/chronology", limit="200").json()[
        "disclosure_id"
    ]
    mine = asked(attack, OFFICER, f"/v1/audit/accesses/{disclosure}/explanation")["items"]
    assert all(one["trace"] for one in mine if one["source"].endswith(POLICE))
    attack.world.hub.store.directory.add_person("social-care.s-csc/igo-9", ("ig-officer",))
    theirs = asked(attack, "social-care.s-csc/igo-9", f"/v1/audit/accesses/{disclosure}/explanation")["items"]
    assert [one for one in theirs if "trace" in one and "id" not in one] == []
    unnamed = [one for one in theirs if "id" not in one]
    assert unnamed and any("trace" in one for one in theirs)


@pytest.mark.req("H-10", "H-14", "D-13")
def test_a_notice_is_recorded_under_the_trace_of_the_post_and_its_receivers_officer_has_none(
    attack: Attack,
) -> None:
    data = {"role": "has-been-harmed", "status": "alleged"}
    event = attack.event(type_="incident-recorded", data=data)
    came_in = attack.post(event).headers["trace-id"]
    hub = attack.world.hub
    item = hub.store.record.find(event["source"], event["id"])
    assert item is not None
    with traced(came_in):
        told = {one.organisation: one for one in hub.disclosure.notices(item)}
    assert N_CSC in told and came_in not in json.dumps(told[N_CSC].body)
    path = f"/v1/audit/accesses?child={attack.world.children['C-1001']}&organisation={N_CSC}"
    for officer, trace in ((OFFICER, came_in), (OWN_OFFICER, None)):
        notices = [
            one
            for one in asked(attack, officer, path)["accesses"]
            if one["disclosure_id"] == told[N_CSC].id and one["what"] == "notice"
        ]
        assert [one["trace"] for one in notices] == [trace], officer


@pytest.mark.req("H-26")
def test_a_batch_shares_one_trace_and_costs_what_it_holds(attack: Attack) -> None:
    events = [attack.event() for _ in range(3)]
    answer = attack.send("\n".join(attack.sign(one) for one in events), path="/v1/events/batch")
    assert [one["status"] for one in answer.json()["results"]] == [201] * 3
    record = attack.world.hub.store.record
    bodies = [record.find(one["source"], one["id"]) for one in events]
    assert {read_post(one.body).trace for one in bodies if one is not None and one.body is not None} == {
        answer.headers["trace-id"]
    }


def test_the_page_of_an_officer_shows_the_traces(attack: Attack) -> None:
    from hub.web.rendering import Renderer

    child = attack.world.children["C-1001"]
    read = attack.world.get("ENQ", f"/v1/children/{child}/chronology", limit="200")
    hub = attack.world.hub
    officer = hub.store.directory.principal_for_person(OFFICER)
    answer = hub.oversight.explanation(officer, read.json()["disclosure_id"])
    page = bytes(
        Renderer(hub.pages).page("explanation.html", answer=answer, reader=officer, form_token="").body
    )
    assert read.headers["trace-id"].encode() in page
    assert b"Trace of its post" in page


# --- several processes on one database, which goes away and comes back -------------------------------


@pytest.fixture(scope="module")
def database() -> Iterator[tuple[Server, str]]:
    """A server of this module alone, since it is stopped, with a migrated database."""
    with ExitStack() as stack:
        server = or_skip(new_server)
        assert isinstance(server, Server)
        stack.callback(server.remove)
        url = fresh_database(server)
        Record.migrate(url, master_key=MASTER_KEY, chance=SystemChance())
        yield server, url


def opened(url: str) -> Record:
    return Record.open(url, master_key=MASTER_KEY, chance=SystemChance())


def granted(limit: RateLimit, times: int) -> int:
    """How many of so many requests of now pass."""
    passed = 0
    for _ in range(times):
        try:
            limit.take(ELM, SystemClock().wall())
            passed += 1
        except HubError as refusal:
            assert refusal.slug == "rate"
    return passed


@pytest.mark.req("H-25")
def test_two_processes_share_a_limit_through_the_database(database: tuple[Server, str]) -> None:
    _, url = database
    records = [opened(url), opened(url)]
    try:
        limits = [RateLimit(1.0, 60, one, processes=2) for one in records]
        began = time.monotonic()
        passed = sum(granted(limit, 20) for _ in range(4) for limit in limits)
        assert 60 <= passed <= 60 + 6 + (time.monotonic() - began) + 1
        alone = RateLimit(1.0, 60)
        assert granted(alone, 80) == 60, "without the database each would have had as much"
    finally:
        for one in records:
            one.close()


def until(probe: Probes, failing: tuple[str, ...], seconds: float) -> float:
    """How long it takes until readiness says so; it is asked as a health check asks."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if probe().failing == failing:
            return time.monotonic() - began
        time.sleep(0.05)
    raise AssertionError(f"still {probe().failing}")


@pytest.mark.req("H-14")
def test_readiness_follows_the_database_down_and_up_and_limits_hold_meanwhile(
    database: tuple[Server, str],
) -> None:
    server, url = database
    record = opened(url)
    try:
        probe = probes(record)
        assert probe().failing == ()
        limit = RateLimit(0.001, 40, record, processes=4)
        server.stop_immediately()
        try:
            assert until(probe, ("store", "ledger"), 6) < 5
            slowest = 0.0
            for _ in range(3):
                began = time.monotonic()
                assert "store" in probe().failing
                slowest = max(slowest, time.monotonic() - began)
            assert slowest < 3, "an answer comes in time, whatever the database does"
            assert granted(limit, 30) == 10, "each process its share, and never more"
        finally:
            server.start()
        until(probe, (), 15)
        assert granted(limit, 60) <= 40
        draft = Draft("child/x", "event", "urn:x", "after-it-came-back-0001", "t.v1", b"x", b"x")
        assert record.append(Append((draft,))).result(10).items[0].position == 1
    finally:
        record.close()


METRICS_TOKEN = "scraper-of-two-workers"
BURST = 40


@pytest.mark.req("H-14", "H-25")
def test_two_workers_count_limit_and_report_as_one(database: tuple[Server, str], tmp_path: Path) -> None:
    server, _ = database
    settings = {
        "HUB_DATABASE_URL": fresh_database(server),
        "HUB_WORKERS": "2",
        "HUB_RATE_PER_SECOND": "0.01",
        "HUB_RATE_BURST": str(BURST),
        "HUB_METRICS_TOKEN": METRICS_TOKEN,
        "HUB_MASTER_KEY": simulated.MASTER_KEY,
        "HUB_SIGNING_KEY": simulated.SIGNING_KEY,
        "HUB_KEPT_APART": str(tmp_path / "kept-apart"),
    }
    token = _token_of_elm(load_settings(settings, None))
    (tmp_path / "bin").mkdir()
    commands, listen = write_commands(tmp_path / "bin"), free_port()
    hub = HubProcess(commands, tmp_path, free_port(), settings)
    watched = {"HUB_OPERATIONS_LISTEN": f"127.0.0.1:{listen}"}
    projector = HubProcess(commands, tmp_path, listen, settings | watched)
    try:
        projector.start([str(commands / "hub"), "project"], ready=False)
        hub.start()
        asked = 3 * BURST
        # Each over a connection of its own, so that both workers are reached.
        statuses = [_get(hub, "/v1/me", token).status_code for _ in range(asked)]
        assert set(statuses) == {200, 429}
        assert BURST <= statuses.count(200) <= BURST + BURST // 10 + 1, "two buckets would give twice as much"
        counted = [_requests_in(_get(hub, "/metrics", METRICS_TOKEN).text) for _ in range(4)]
        assert counted == [asked] * 4, "whichever worker answers"

        began = time.monotonic()
        server.stop_immediately()
        try:
            _until(hub, 503, 10, times=10)
            assert time.monotonic() - began < 10
            assert _get(hub, "/healthz").json() == {"status": "ok"}
            assert "store" in _get(hub, "/readyz").json()["failing"]
            assert 'hub_ready{part="store"} 0.0' in _get(hub, "/metrics", METRICS_TOKEN).text
        finally:
            server.start()
        for one in (projector, hub):
            _until(one, 200, 20)
        told = _get(projector, "/metrics", METRICS_TOKEN).text
        assert 'hub_process_start_seconds{process="projector"}' in told
        assert 'hub_projection_lag_positions{projection="child-index"} 0.0' in told
        assert "hub_ledger_lag_seconds 0.0" in told
        assert _get(projector, "/metrics").status_code == 401
    finally:
        for one in (hub, projector):
            one.stop()


def _token_of_elm(settings: Settings) -> str:
    """A token of the one organisation of a new hub with these settings."""
    initialise(settings)
    store = open_store(settings)
    try:
        store.directory.add_organisation(ELM, "Elm")
        issuer = development_issuer(store)
        assert issuer is not None
        return issuer.system_token(ELM)
    finally:
        store.close()


# A connection for each request.
_CLIENT = httpx.Client(timeout=10, limits=httpx.Limits(max_keepalive_connections=0))


def _get(hub: HubProcess, path: str, token: str = "") -> httpx.Response:
    return _CLIENT.get(hub.address + path, headers={"Authorization": f"Bearer {token}"} if token else {})


def _requests_in(text: str) -> int:
    counted = (line for line in text.splitlines() if line.startswith("hub_requests_total"))
    return int(sum(float(line.rsplit(" ", 1)[1]) for line in counted if 'route="/v1/me"' in line))


def _until(hub: HubProcess, status: int, seconds: float, times: int = 1) -> None:
    """Wait for so many answers in a row with this status: each worker keeps what it found for a moment."""
    ends = time.monotonic() + seconds
    seen = 0
    while seen < times:
        seen = seen + 1 if _get(hub, "/readyz").status_code == status else 0
        assert time.monotonic() < ends, _get(hub, "/readyz").text
        time.sleep(0.1)


@pytest.mark.req("H-14")
def test_liveness_depends_on_nothing_and_readiness_on_every_part(
    attack: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(path: str) -> httpx.Response:
        return httpx.get(attack.world.address + path, timeout=10)

    assert answer("/readyz").json() == {"status": "ready", "failing": []}
    broken: list[tuple[Any, str, Any, str]] = [
        (type(attack.world.hub.store.record), "head", _raising(HubError("store")), "store"),
        (type(attack.world.hub.store.signer), "sign_receipt", _raising(ValueError("locked")), "signing"),
        (type(attack.world.hub.store.record.ledger), "checkpoint", _raising(HubError("store")), "ledger"),
        (type(attack.world.hub.disclosure), "faults", 1, "policy"),
    ]
    for target, name, instead, part in broken:
        with monkeypatch.context() as patch:
            patch.setattr(target, name, instead)
            time.sleep(0.3)  # that all was well a moment ago is good for a quarter of a second
            ready = answer("/readyz")
            assert ready.status_code == 503 and part in ready.json()["failing"], part
            assert answer("/healthz").json() == {"status": "ok"}
        assert answer("/readyz").json() == {"status": "ready", "failing": []}, part


def _raising(fault: Exception) -> Any:
    def instead(*_: Any, **__: Any) -> Any:
        raise fault

    return instead
