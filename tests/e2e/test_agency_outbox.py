"""The outbox against a real HTTP server that drops replies, refuses, and goes away; and against SIGKILL."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agencies.sdk import Accepted, AgencyError, HubClient, HubUnavailable, Outbox, Refused, generate_key
from agencies.sdk.keys import load_key, paths_of, write_pair
from agencies.sdk.retry import Patience
from agencies.sdk.sign import sign_event
from tests.unit.agencies.small_hub import HUB_ID, SmallHub, serving

ELM = "education.elm-school"
NOW = datetime(2025, 9, 12, 14, 45, tzinfo=UTC)
QUICK = Patience(attempts=3, first=0.001, longest=0.002)


@pytest.fixture
def hub() -> Iterator[SmallHub]:
    with serving() as small_hub:
        yield small_hub


@pytest.fixture
def keys(hub: SmallHub, tmp_path: Path) -> Path:
    for use, held in (("events", hub.keys), ("client", hub.client_keys)):
        pair = write_pair(tmp_path / "keys", ELM, use, generate_key("Ed25519"))
        public = load_key(pair.public, private=False)
        held[pair.kid if use == "events" else ELM] = public
    return tmp_path / "keys"


@pytest.fixture
def client(hub: SmallHub, keys: Path) -> Iterator[HubClient]:
    with HubClient(hub.url, ELM, load_key(paths_of(keys, ELM, "client")[0]), patience=QUICK) as one:
        yield one


@pytest.fixture
def sign(keys: Path) -> Callable[[bytes], str]:
    key = load_key(paths_of(keys, ELM, "events")[0])
    return lambda payload: sign_event(payload, key, audience=HUB_ID, now=NOW)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "outbox.db") as box:
        yield box


def event(number: int, child: str = "upn:Q999400119001", text: str = "") -> bytes:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": event_name(number),
            "source": f"urn:safeguarding:org:{ELM}",
            "type": "safeguarding.referral-made.v1",
            "subject": child,
            "time": "2025-09-12T15:40:00+01:00",
            "data": {"text": text},
        }
    ).encode()


def event_name(number: int) -> str:
    return f"EVENT-{number:016}"


def order_of(hub: SmallHub) -> list[str]:
    return [id_ for _, id_ in hub.order]


@pytest.mark.req("H-03")
@pytest.mark.parametrize("behaviour", ["drop-after", "drop-before", "truncate", "503", "429"])
def test_an_unknown_answer_is_followed_by_the_same_bytes_until_there_is_a_receipt(
    behaviour: str, hub: SmallHub, client: HubClient, sign: Callable[[bytes], str], outbox: Outbox
) -> None:
    hub.behaviours = [behaviour, behaviour]
    outbox.add(event(1))
    run = outbox.run(client, sign)
    assert (run.sent, run.refused, run.waiting, run.stopped) == (1, 0, 0, None)
    assert order_of(hub) == [event_name(1)]
    assert set(hub.received) == {event(1)}
    (item,) = outbox.items("sent")
    lost_replies = behaviour in ("drop-after", "truncate")
    assert item.status == (200 if lost_replies else 201)
    assert item.answer is not None and item.answer["receipt"] == next(iter(hub.held.values())).receipt


def test_the_hubs_wait_is_honoured_up_to_the_longest(hub: SmallHub, keys: Path) -> None:
    hub.behaviours = ["429", "503"]
    waited: list[float] = []
    patience = Patience(attempts=3, first=1.0, longest=30.0)
    key = load_key(paths_of(keys, ELM, "client")[0])
    signing = load_key(paths_of(keys, ELM, "events")[0])
    with HubClient(hub.url, ELM, key, patience=patience, sleep=waited.append) as one:
        answer = one.post(sign_event(event(1), signing, audience=HUB_ID, now=NOW))
    assert isinstance(answer, Accepted)
    assert waited[0] == 7.0
    assert 1.0 <= waited[1] <= 2.0


@pytest.mark.req("H-03")
def test_a_refused_event_is_set_aside_with_its_reason_and_never_tried_again(
    hub: SmallHub, client: HubClient, sign: Callable[[bytes], str], outbox: Outbox
) -> None:
    hub.refuse = {event_name(2): (422, "schema")}
    for number in (1, 2, 3):
        outbox.add(event(number))
    run = outbox.run(client, sign)
    assert (run.sent, run.refused, run.waiting) == (2, 1, 0)
    (item,) = outbox.items("refused")
    assert (item.id, item.status, item.slug) == (event_name(2), 422, "schema")
    assert hub.received.count(event(2)) == 1
    assert outbox.run(client, sign).sent == 0
    assert hub.received.count(event(2)) == 1
    hub.refuse = {}
    outbox.add(event(2))
    assert outbox.run(client, sign).sent == 1


@pytest.mark.req("H-03")
def test_other_content_under_a_used_id_is_refused_by_the_hub_and_by_the_outbox(
    hub: SmallHub, client: HubClient, sign: Callable[[bytes], str], outbox: Outbox
) -> None:
    assert isinstance(client.post(sign(event(1, text="first"))), Accepted)
    outbox.add(event(1, text="second"))
    assert outbox.run(client, sign).refused == 1
    assert outbox.items("refused")[0].slug == "conflict"
    assert next(iter(hub.held.values())).payload == event(1, text="first")
    with pytest.raises(AgencyError):
        outbox.add(event(1, text="third"))


def test_events_of_a_child_keep_their_order_when_one_gets_no_answer(
    hub: SmallHub, client: HubClient, sign: Callable[[bytes], str], outbox: Outbox
) -> None:
    other = "upn:C999400217001"
    for number, child in ((1, "upn:Q999400119001"), (2, "upn:Q999400119001"), (3, other), (4, other)):
        outbox.add(event(number, child))
    hub.behaviours = ["503", "503", "503"]
    run = outbox.run(client, sign)
    assert (run.sent, run.waiting) == (2, 2)
    assert order_of(hub) == [event_name(3), event_name(4)]
    assert outbox.run(client, sign).sent == 2
    assert order_of(hub) == [event_name(n) for n in (3, 4, 1, 2)]


def test_a_hub_that_is_away_stops_the_run_and_loses_nothing(
    keys: Path, sign: Callable[[bytes], str], outbox: Outbox
) -> None:
    for number in range(5):
        outbox.add(event(number, f"upn:Q99940011900{number}"))
    key = load_key(paths_of(keys, ELM, "client")[0])
    with HubClient("http://127.0.0.1:9", ELM, key, patience=Patience(attempts=2, first=0.001)) as away:
        run = outbox.run(away, sign)
    assert (run.sent, run.waiting, run.stopped) == (0, 5, "unavailable")


@pytest.mark.parametrize("fault", ["unknown event key", "unknown client", "no hub at this address"])
def test_a_fault_of_the_senders_set_up_stops_the_run_and_sets_nothing_aside(
    fault: str, hub: SmallHub, client: HubClient, sign: Callable[[bytes], str], outbox: Outbox
) -> None:
    events, clients = dict(hub.keys), dict(hub.client_keys)
    if fault == "unknown event key":
        hub.keys.clear()
    elif fault == "unknown client":
        hub.client_keys.clear()
    else:
        hub.behaviours = ["404-html"]
    outbox.add(event(1))
    outbox.add(event(2))
    run = outbox.run(client, sign)
    assert (run.sent, run.refused, run.waiting) == (0, 0, 2)
    expected = {"unknown event key": "key-unknown", "unknown client": "token"}
    assert run.stopped == expected.get(fault, "unknown")
    hub.keys, hub.client_keys = events, clients
    assert outbox.run(client, sign).sent == 2


def test_a_token_that_the_hub_forgot_is_renewed_once(
    hub: SmallHub, client: HubClient, sign: Callable[[bytes], str]
) -> None:
    assert isinstance(client.post(sign(event(1))), Accepted)
    hub.tokens.clear()
    assert isinstance(client.post(sign(event(2))), Accepted)
    assert len(hub.jtis) == 2


@pytest.mark.req("H-21")
def test_an_event_signed_again_by_a_rotated_key_is_the_same_content(
    hub: SmallHub, client: HubClient, sign: Callable[[bytes], str], outbox: Outbox
) -> None:
    hub.behaviours = ["drop-after"] * 3
    outbox.add(event(1))
    assert outbox.run(client, sign).waiting == 1
    rotated = generate_key("ES256")
    hub.keys = {rotated.thumbprint(): rotated}
    run = outbox.run(client, lambda body: sign_event(body, rotated, audience=HUB_ID, now=NOW))
    assert run.sent == 1
    assert outbox.items("sent")[0].status == 200
    assert order_of(hub) == [event_name(1)]


@pytest.mark.req("H-26")
def test_a_batch_answers_each_event_in_its_place(
    hub: SmallHub, client: HubClient, sign: Callable[[bytes], str]
) -> None:
    hub.refuse = {event_name(2): (422, "schema")}
    answers = client.post_batch([sign(event(number)) for number in (1, 2, 1, 3)])
    assert [one.status for one in answers] == [201, 422, 200, 201]
    assert isinstance(answers[1], Refused) and answers[1].slug == "schema"


def test_a_proof_that_was_pending_is_fetched_later(
    hub: SmallHub, client: HubClient, sign: Callable[[bytes], str], outbox: Outbox
) -> None:
    outbox.add(event(1))
    outbox.run(client, sign)
    assert outbox.fetch_proofs(client) == 0
    hub.prove = True
    assert outbox.fetch_proofs(client) == 1
    assert outbox.items()[0].proved
    assert outbox.fetch_proofs(client) == 0


def test_a_second_run_at_the_same_time_is_turned_away(
    hub: SmallHub, client: HubClient, sign: Callable[[bytes], str], outbox: Outbox, tmp_path: Path
) -> None:
    outbox.add(event(1))
    turned_away: list[str] = []

    def run_again(payload: bytes) -> str:
        with Outbox(tmp_path / "outbox.db") as second, pytest.raises(AgencyError) as told:
            second.run(client, sign)
        turned_away.append(told.value.message)
        return sign(payload)

    assert outbox.run(client, run_again).sent == 1
    assert len(turned_away) == 1


def test_no_answer_at_all_is_told_apart_from_a_refusal(hub: SmallHub, client: HubClient, keys: Path) -> None:
    signing = load_key(paths_of(keys, ELM, "events")[0])
    hub.behaviours = ["drop-before"] * 3
    with pytest.raises(HubUnavailable):
        client.post(sign_event(event(1), signing, audience=HUB_ID, now=NOW))


@pytest.mark.req("H-03")
@pytest.mark.parametrize("killed_at", [1, 3, 5])
def test_a_run_killed_between_sending_and_marking_sends_nothing_as_new(
    killed_at: int, hub: SmallHub, keys: Path, tmp_path: Path
) -> None:
    path = tmp_path / "outbox.db"
    with Outbox(path) as box:
        for number in range(1, 7):
            box.add(event(number, f"upn:Q99940011900{number % 2}"))
    running: list[subprocess.Popen[bytes]] = []

    def kill(id_: str) -> None:
        if id_ == event_name(killed_at):
            os.kill(running[0].pid, signal.SIGKILL)
            running[0].wait()

    hub.before_reply = kill
    command = [sys.executable, "-c", "from agencies.cli import main; main()", "outbox", "run", "--json"]
    command += ["--outbox", str(path), "--organisation", ELM, "--keys", str(keys)]
    command += ["--hub", hub.url, "--hub-id", HUB_ID]
    running.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
    running[0].communicate()
    assert running[0].returncode == -signal.SIGKILL
    with Outbox(path) as box:
        assert [item.seq for item in box.items("sent")] == list(range(1, killed_at))
    assert len(hub.order) == killed_at

    hub.before_reply = None
    again = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["sent"] == 7 - killed_at
    assert order_of(hub) == [event_name(number) for number in range(1, 7)]
    with Outbox(path) as box:
        items = box.items("sent")
    assert len(items) == 6
    assert [item.status for item in items] == [200 if n == killed_at else 201 for n in range(1, 7)]
