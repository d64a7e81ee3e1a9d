"""What the hub counts and logs of itself: closed lists, one trace per request, nothing received."""

import asyncio
import json
import re
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hub import metrics
from hub.api import RequestLog
from hub.errors import HubError
from hub.trace import current_trace, trace_of, traced

CSC, SCHOOL, PARTNERS = "social-care.n-csc", "education.elm-school", "partnership.hub-ig"
WORKER = f"{CSC}/sw-n1"
CHILD = "0b9f4c7e-5a35-4a38-9f5e-0d2f6a1f6b11"
TOKEN = "metrics-token-for-tests"


def numbers():
    """Every sample by name and labels."""
    families = text_string_to_metric_families(metrics.metrics_text().decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def grown(before, name, **labels):
    key = (name, tuple(sorted(labels.items())))
    return numbers().get(key, 0.0) - before.get(key, 0.0)


@pytest.fixture
def scraped(make_door):
    from dataclasses import replace

    from hub.api import create_app

    door = make_door()
    door.services = replace(door.services, metrics_token=TOKEN)
    door.app = create_app(door.services)
    return door


@pytest.mark.req("R-034")
def test_requests_are_counted_by_template_and_class_and_nothing_received_is_a_label(door):
    before = numbers()
    door.read(f"/v1/children/{CHILD}/overview")
    door.read(f"/v1/children/{CHILD}/overview?as_at=CANARY")
    door.call("GET", "/CANARY/999")
    door.call("CANARY", "/v1/me")
    door.rooms.refusal = RuntimeError("CANARY")
    door.read(f"/v1/children/{CHILD}/overview")
    route = "/v1/children/{child}/overview"
    for status in ("2xx", "4xx", "5xx"):
        assert grown(before, "hub_requests_total", method="GET", route=route, status=status) == 1
    assert grown(before, "hub_requests_total", method="GET", route="none", status="4xx") == 1
    assert grown(before, "hub_requests_total", method="other", route="/v1/me", status="4xx") == 1
    assert grown(before, "hub_request_seconds_count", method="GET", route=route) == 3
    assert grown(before, "hub_faults_total", route=route) == 1
    text = metrics.metrics_text().decode()
    assert not any(one in text for one in ("CANARY", CHILD, CSC, WORKER, SCHOOL))


def test_posts_are_counted_by_what_became_of_them(door):
    before = numbers()
    headers = {"Content-Type": "application/jose"}
    door.call("POST", "/v1/events", SCHOOL, headers=headers, content=b"x")
    door.rooms.refusal = HubError("gate")
    door.call("POST", "/v1/events", SCHOOL, headers=headers, content=b"x")
    door.call("POST", "/v1/events", SCHOOL, headers={"Content-Type": "text/plain"}, content=b"x")
    door.rooms.refusal = None
    lines = {"Content-Type": "application/jose-lines"}
    door.call("POST", "/v1/events/batch", SCHOOL, headers=lines, content=b"a\nb\nc")
    for outcome, count in {"kept": 2, "repeated": 1, "gate": 2, "media-type": 1}.items():
        assert grown(before, "hub_posts_total", door="http", outcome=outcome) == count


def test_no_function_takes_a_label_from_outside_its_list():
    before = numbers()
    secret = "CANARY nhs:9990010014"
    metrics.request(method=secret, route=secret, status=200, seconds=0.1)
    metrics.fault(secret)
    metrics.posted(secret, secret)
    metrics.projection(secret, positions=3, seconds=1.0)
    metrics.relay_lag(secret, 1)
    metrics.notice(secret)
    metrics.ready(secret, True)
    metrics.rate_lease(secret)
    metrics.process_started(secret, 1.0)
    assert "CANARY" not in metrics.metrics_text().decode()
    assert grown(before, "hub_requests_total", method="other", route="other", status="2xx") == 1
    names = {name for name, _ in numbers()}
    assert all(name.startswith("hub_") for name in names) and len(names) > 25


def test_every_kind_of_number_is_there():
    metrics.process_started("api", 1_700_000_000.0)
    metrics.known_projections(["child-index"])
    metrics.projection("child-index", positions=7, seconds=0.5, parked=1)
    metrics.ledger_lag(1.5)
    metrics.relay_lag("in", 2)
    metrics.relay_lag("out", 3)
    metrics.writer_queue(4)
    before = numbers()
    metrics.committed(16, 0.004)
    metrics.notice("sent", 2)
    metrics.ticked(1, 0.02)
    now = {(name, *[value for _, value in labels]): found for (name, labels), found in numbers().items()}
    assert now["hub_process_start_seconds", "api"] == 1_700_000_000
    assert now["hub_projection_lag_positions", "child-index"] == 7
    assert now["hub_projection_lag_seconds", "child-index"] == 0.5
    assert now["hub_projection_parked", "child-index"] == 1
    assert (now["hub_relay_lag", "in"], now["hub_relay_lag", "out"]) == (2, 3)
    assert (now["hub_ledger_lag_seconds",], now["hub_writer_queue",]) == (1.5, 4)
    assert grown(before, "hub_writer_group_size_sum") == 16
    assert grown(before, "hub_writer_commit_seconds_count") == 1
    assert grown(before, "hub_notices_total", outcome="sent") == 2
    assert grown(before, "hub_deadlines_missed_total") == grown(before, "hub_tick_seconds_count") == 1
    assert any(name == "hub_build_info" for name, _ in numbers())


def test_the_record_counts_its_groups(door):
    before = numbers()
    door.directory.add_organisation("health.oak-surgery", "Oak")
    # The writer answers first and counts then.
    until = time.monotonic() + 10
    while grown(before, "hub_writer_commit_seconds_count") < 1 and time.monotonic() < until:
        time.sleep(0.005)
    assert grown(before, "hub_writer_group_size_sum") >= 1
    assert grown(before, "hub_writer_commit_seconds_count") >= 1


def test_the_numbers_are_for_the_holder_of_the_token_only(scraped, door):
    wrong = [
        "",
        "Bearer",
        f"Bearer {TOKEN}x",
        f"bearer {TOKEN}",
        TOKEN,
        "Bearer \u00e9",
        f"Bearer {'x' * 9000}",
    ]
    for shown in wrong:
        answer = scraped.call("GET", "/metrics", headers={"Authorization": shown.encode()})
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/token")
    assert scraped.call("GET", "/metrics", WORKER).status_code == 401
    answer = scraped.call("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200 and answer.headers["content-type"] == metrics.CONTENT_TYPE
    assert "hub_requests_total{" in answer.text
    unset = door.call("GET", "/metrics", headers={"Authorization": "Bearer None"})
    assert (unset.status_code, unset.json()["type"]) == (404, "/problems/not-found")


def test_guesses_at_the_token_are_limited(make_door):
    from dataclasses import replace

    from hub.api import create_app

    door = make_door(per_second=0.001, burst=3)
    door.app = create_app(replace(door.services, metrics_token=TOKEN))
    guesses = [door.call("GET", "/metrics", headers={"Authorization": f"Bearer {n}"}) for n in range(5)]
    assert [one.status_code for one in guesses] == [401, 401, 401, 429, 429]
    assert door.call("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


WORKER_PROGRAM = """
import sys
from hub import metrics
metrics.known_routes(["/v1/me"])
metrics.process_started("api", float(sys.argv[1]))
for _ in range(3):
    metrics.request(method="GET", route="/v1/me", status=200, seconds=0.01)
metrics.writer_queue(int(sys.argv[1]))
sys.stdout.write(metrics.metrics_text().decode())
"""


def test_the_numbers_of_all_workers_are_summed(tmp_path, monkeypatch):
    (tmp_path / "counter_9.db").write_bytes(b"left by an earlier start")
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    metrics.share_between_workers(tmp_path)
    assert list(tmp_path.iterdir()) == []
    said = [
        subprocess.run(
            [sys.executable, "-c", WORKER_PROGRAM, number], capture_output=True, text=True, check=True
        )
        for number in ("5", "2")
    ]
    last = said[-1].stdout
    assert 'hub_requests_total{method="GET",route="/v1/me",status="2xx"} 6.0' in last
    assert "hub_writer_queue 7.0" in last
    assert 'hub_process_start_seconds{process="api"} 2.0' in last
    pids = {int(one.stem.rsplit("_", 1)[1]) for one in tmp_path.glob("gauge_livesum_*.db")}
    assert len(pids) == 2
    for pid in pids:
        metrics.worker_ended(pid)
    left = metrics.metrics_text().decode()
    assert "hub_writer_queue" not in left, "what held of a running worker went with it"
    assert 'hub_requests_total{method="GET",route="/v1/me",status="2xx"} 6.0' in left


# --- traces and logs ------------------------------------------------------------------------------------

TRACE = re.compile(r"[0-9a-f]{32}")


@pytest.mark.req("H-10")
def test_every_answer_names_its_trace_and_its_log_line_has_it(door):
    asked = [
        door.read(f"/v1/children/{CHILD}/overview", headers={"Trace-Id": "CANARY", "traceparent": "CANARY"}),
        door.call("GET", "/nowhere"),
        door.call("HEAD", "/healthz"),
        door.call("GET", "/v1/me"),
    ]
    traces = [one.headers["trace-id"] for one in asked]
    assert all(TRACE.fullmatch(one) for one in traces) and len(set(traces)) == 4
    assert [line["trace"] for line in door.logged()] == traces
    assert "CANARY" not in "".join(door.lines)
    assert current_trace() == ""


def test_a_fault_and_its_request_share_a_trace_and_the_instance_is_another(door):
    door.rooms.refusal = RuntimeError("CANARY")
    answer = door.read(f"/v1/children/{CHILD}/overview")
    fault, request = door.logged()
    assert fault["trace"] == request["trace"] == answer.headers["trace-id"]
    assert answer.headers["trace-id"] not in answer.json()["instance"].replace("-", "")


def test_the_rooms_behind_the_door_have_the_trace_of_the_request(door, monkeypatch):
    seen = []
    note = type(door.rooms)._note
    monkeypatch.setattr(
        type(door.rooms), "_note", lambda self, *what: (seen.append(current_trace()), note(self, *what))
    )
    answers = [door.read(f"/v1/children/{CHILD}/overview")]
    for path, media in (("/v1/events", "application/jose"), ("/v1/events/batch", "application/jose-lines")):
        answers.append(door.call("POST", path, SCHOOL, headers={"Content-Type": media}, content=b"x"))
    assert seen == [one.headers["trace-id"] for one in answers]


def test_a_trace_holds_within_its_block_only():
    with traced(trace_of(bytes(range(16)))):
        assert current_trace() == "000102030405060708090a0b0c0d0e0f"
        with traced("inner"):
            assert current_trace() == "inner"
        assert current_trace() == "000102030405060708090a0b0c0d0e0f"
    assert current_trace() == ""


def test_lines_say_which_process_and_where_in_the_record():
    lines = []
    log = RequestLog(lambda: datetime(2026, 1, 1, tzinfo=UTC), lines.append, process="projector")
    log.part("part-failed", "projection", "HubError", position=41)
    with traced("ab" * 16):
        log.part("part-started", "projection")
    first, second = [json.loads(one) for one in lines]
    assert first == {
        "event": "part-failed", "level": "error", "at": "2026-01-01T00:00:00.000+00:00",
        "process": "projector", "part": "projection", "fault": "HubError", "position": 41,
    }  # fmt: skip
    assert second["trace"] == "ab" * 16 and "position" not in second


def test_lines_of_one_turn_of_the_event_loop_are_written_at_once_and_in_order(monkeypatch):
    written = []

    class Output:
        def write(self, text):
            written.append(text)

        def flush(self):
            pass

    monkeypatch.setattr(sys, "stdout", Output())
    log = RequestLog(lambda: datetime(2026, 1, 1, tzinfo=UTC))

    async def turn():
        for status in (201, 403, 409):
            log.request(method="POST", route="/v1/events", status=status, duration_ms=1.0)
        assert written == []
        beside = threading.Thread(target=log.part, args=("part-started", "worker"))
        beside.start()
        beside.join()
        assert len(written) == 1

    asyncio.run(turn())
    log.part("part-stopped", "worker")
    assert len(written) == 3
    assert all(one.endswith("}\n") for one in written)
    lines = [json.loads(line) for line in "".join(written).splitlines()]
    told = [line.get("status") or line["event"] for line in lines]
    assert told == ["part-started", 201, 403, 409, "part-stopped"]


def test_an_output_that_fails_takes_neither_the_answer_nor_later_lines_away(monkeypatch):
    written = []

    class Full:
        fails = True

        def write(self, text):
            if self.fails:
                raise OSError("no space left")
            written.append(text)

        def flush(self):
            pass

    output = Full()
    monkeypatch.setattr(sys, "stdout", output)
    log = RequestLog(lambda: datetime(2026, 1, 1, tzinfo=UTC))
    faults = []

    async def turn():
        asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
        log.request(method="POST", route="/v1/events", status=201, duration_ms=1.0)
        await asyncio.sleep(0.01)
        output.fails = False
        log.request(method="POST", route="/v1/events", status=403, duration_ms=1.0)

    asyncio.run(turn())
    assert faults == []
    assert [json.loads(one)["status"] for one in written] == [403]
