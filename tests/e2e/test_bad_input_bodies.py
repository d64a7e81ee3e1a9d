"""Bodies too large, packed, endless or of the wrong type; and batches in which something is wrong."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing

import httpx
import pytest

from tests.support.hostile import C1001_UPN, ELM, JOSE, LINES, LURE, N_CSC, Attack, Json, attacked, written

KIB, MIB = 1024, 1024 * 1024


@pytest.fixture(scope="module")
def attack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    with attacked(tmp_path_factory.mktemp("bodies")) as found:
        yield found


def test_event_of_129_kib(attack: Attack) -> None:
    event = attack.event()
    padded = event | {"data": event["data"] | {"narrative": f"{LURE} " * 14_000}}
    body = attack.sign(padded)
    assert len(body) > 129 * KIB
    with attack.nothing_kept():
        attack.refused(attack.send(body), 413, "too-large")
        attack.refused(attack.send(attack.sign(event) + " " * 128 * KIB), 413, "too-large")
        # A line of a batch is an event like any other.
        answer = attack.send(body, path="/v1/events/batch")
        assert answer.status_code == 200 and LURE not in answer.text
        attack.checked(answer.json()["results"][0]["problem"], 413, "too-large")
    attack.accepted(event)


@pytest.mark.req("H-26")
def test_batch_of_9_mib(attack: Attack) -> None:
    event = attack.event()
    line = attack.sign(event)
    body = "\n".join([line, *([LURE * 100] * (9 * MIB // (100 * len(LURE))))])
    assert len(body) >= 9 * MIB - KIB
    with attack.nothing_kept():
        answer = attack.send(body, path="/v1/events/batch")
        attack.refused(answer, 413, "too-large")
    attack.accepted(event)


@pytest.mark.req("H-26")
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_batch_of_1001_lines(attack: Attack, end: str) -> None:
    event = attack.event()
    line = attack.sign(event)
    with attack.nothing_kept():
        for lines in ([line, *["x"] * 1_000], [line, *[""] * 1_001], [*[""] * 1_000, line]):
            answer = attack.send(end.join(lines), path="/v1/events/batch")
            attack.refused(answer, 413, "too-large")
    full = attack.send(end.join([line, *["x"] * 999]) + end, path="/v1/events/batch").json()["results"]
    assert [one["status"] for one in full] == [201, *[401] * 999]


@pytest.mark.req("H-26")
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, identity", LURE])
def test_gzip_bomb(attack: Attack, coding: str) -> None:
    bomb = gzip.compress(bytes(60 * MIB), 9)
    assert len(bomb) < 128 * KIB
    event = attack.event()
    with attack.nothing_kept():
        for path in ("/v1/events", "/v1/events/batch"):
            attack.refused(attack.send(bomb, path=path, Content_Encoding=coding), 415, "media-type")
        packed = gzip.compress(attack.sign(event).encode())
        attack.refused(attack.send(packed, Content_Encoding=coding), 415, "media-type")
    attack.accepted(event)


def head_of(attack: Attack, *more: str, path: str = "/v1/events", kind: str = JOSE) -> bytes:
    lines = (
        f"POST {path} HTTP/1.1",
        f"Host: {attack.world.address.removeprefix('http://')}",
        f"Authorization: Bearer {attack.world.system_token(ELM)}",
        f"Content-Type: {kind}",
        *more,
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def connected(attack: Attack) -> socket.socket:
    host, _, port = attack.world.address.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=20)


def answer_of(connection: socket.socket) -> httpx.Response:
    """The answer on a raw connection, up to its declared length."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65_536) or pytest.fail("the hub closed without an answer")
    head, _, body = received.partition(b"\r\n\r\n")
    first, *fields = head.decode("ascii").split("\r\n")
    headers = dict(one.split(": ", 1) for one in fields)
    while len(body) < int(headers["content-length"]):
        body += connection.recv(65_536) or pytest.fail("the hub closed within its answer")
    return httpx.Response(int(first.split()[1]), headers=headers, content=body)


@pytest.mark.req("H-22", "H-26")
@pytest.mark.parametrize(
    ("path", "kind", "limit"),
    [("/v1/events", JOSE, 128 * KIB), ("/v1/events/batch", LINES, 8 * MIB)],
    ids=["event", "batch"],
)
def test_chunked_body_without_end(attack: Attack, path: str, kind: str, limit: int) -> None:
    chunk = (LURE * 8_192).encode()
    framed = f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n"
    with attack.nothing_kept(), closing(connected(attack)) as connection:
        connection.sendall(head_of(attack, "Transfer-Encoding: chunked", path=path, kind=kind))
        for _ in range(limit // len(chunk) + 2):
            connection.sendall(framed)
        # No last chunk was sent: the hub answers all the same, and waits for no more.
        attack.refused(answer_of(connection), 413, "too-large")
    attack.accepted(attack.event())


def test_bodies_that_never_arrive_hold_nobody_up(attack: Attack) -> None:
    with attack.nothing_kept(), ExitStack() as stack:
        for number in range(150):
            connection = stack.enter_context(closing(connected(attack)))
            framing = "Transfer-Encoding: chunked" if number % 2 else "Content-Length: 1000"
            connection.sendall(head_of(attack, framing) + (b"5\r\n" + LURE[:5].encode()))
        event = attack.event()
        broken = attack.post(event | {"type": "safeguarding.none.v1"})
        attack.refused(broken, 422, "schema")
    attack.accepted(event)


def test_a_body_cut_off_keeps_nothing(attack: Attack) -> None:
    event = attack.event()
    body = attack.sign(event).encode()
    with attack.nothing_kept():
        for framing in (f"Content-Length: {len(body)}", "Transfer-Encoding: chunked"):
            with closing(connected(attack)) as connection:
                sized = b"" if "Length" in framing else f"{len(body):x}\r\n".encode()
                connection.sendall(head_of(attack, framing) + sized + body[:-1])
    attack.accepted(event)


def test_lengths_that_contradict_each_other(attack: Attack) -> None:
    # Request smuggling: two readers of one stream of bytes would find two different requests in it.
    event = attack.event()
    body = attack.sign(event).encode()
    inner = f"GET /v1/events?mine={LURE} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with attack.nothing_kept():
        for framing in (
            ["Content-Length: 5", f"Content-Length: {len(body)}"],
            ["Content-Length: -1"],
            [f"Content-Length: {LURE}"],
            ["Content-Length: 4", "Transfer-Encoding: chunked"],
        ):
            with closing(connected(attack)) as connection:
                connection.sendall(head_of(attack, *framing) + b"0\r\n\r\n" + inner)
                connection.shutdown(socket.SHUT_WR)
                found = b""
                while received := connection.recv(65_536):
                    found += received
            assert LURE.encode() not in found
            assert b" 200 " not in found and b" 201 " not in found
    attack.accepted(event)


@pytest.mark.req("H-22")
@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/json", "application/jose+json", LINES, "multipart/form-data; boundary=x",
     "", LURE, "application/cloudevents+json", "application/jose, application/jose"],
)  # fmt: skip
def test_wrong_media_type(attack: Attack, kind: str) -> None:
    event = attack.event()
    with attack.nothing_kept():
        attack.refused(attack.send(attack.sign(event), Content_Type=kind), 415, "media-type")
        attack.refused(attack.send(written(event), Content_Type=kind), 415, "media-type")
        batch = JOSE if kind == LINES else kind
        answer = attack.send(attack.sign(event), path="/v1/events/batch", Content_Type=batch)
        attack.refused(answer, 415, "media-type")
    assert attack.send(attack.sign(event), Content_Type="Application/JOSE; charset=utf-8").status_code == 201


def results_of(attack: Attack, *lines: str, by: str = ELM) -> list[Json]:
    answer = attack.send("\n".join(lines), by, path="/v1/events/batch")
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["results"]
    return found


@pytest.mark.req("H-26")
def test_batch_of_five_with_one_invalid(attack: Attack) -> None:
    incident = {"role": "has-been-harmed", "status": "alleged"}
    first = attack.event(type_="incident-recorded", data=incident)
    about = {"source": first["source"], "id": first["id"]}
    changed = first["data"] | {"status": "acknowledged"}
    # Each of these stands on an earlier line: without it a correction has no target and is refused.
    corrected = attack.event(
        type_="event-corrected", data={"about": about, "reason": "status", "replacement": changed}
    )
    broken = attack.event(data={"source_type": LURE})
    retracted = attack.event(type_="event-retracted", data={"about": about, "reason": "entered-in-error"})
    last = attack.event()
    before, standing = attack.mine(ELM), attack.entries("Elm", "C-1001")
    results = results_of(attack, *(attack.sign(one) for one in (first, corrected, broken, retracted, last)))
    assert [one["status"] for one in results] == [201, 201, 422, 201, 201]
    attack.checked(results[2]["problem"], 422, "schema")
    assert set(results[2]) == {"status", "problem"}
    kept = [first, corrected, retracted, last]
    answered = [one["claims"]["event"]["id"] for one in results if one["status"] == 201]
    assert answered == [one["id"] for one in kept]
    assert [one["claims"]["leaf_index"] for one in results if one["status"] == 201] == sorted(
        one["claims"]["leaf_index"] for one in results if one["status"] == 201
    )
    assert attack.mine(ELM) == before + answered
    # The incident is corrected and retracted at once; what remains to read is the last event.
    now = attack.entries("Elm", "C-1001")
    assert standing is not None and now is not None
    assert {one["entry_id"] for one in standing} < {one["entry_id"] for one in now}
    assert len(now) == len(standing) + 1
    attack.accepted(broken | {"data": last["data"]})


@pytest.mark.req("H-26", "H-03")
def test_batch_with_repeats_conflicts_and_noise_between(attack: Attack) -> None:
    one, two = attack.event(), attack.event()
    other = one | {"data": one["data"] | {"words": f"{LURE} differs"}}
    foreign = attack.event(N_CSC, subject=C1001_UPN)
    lines = [
        attack.sign(one), attack.sign(one, iat=1), attack.sign(other), "", LURE, attack.sign(foreign, N_CSC),
        attack.sign(two) + "\r", attack.sign(two),
    ]  # fmt: skip
    before = attack.mine(ELM)
    results = results_of(attack, *lines)
    assert [found["status"] for found in results] == [201, 200, 409, 401, 401, 403, 201, 200]
    assert results[0]["receipt"] == results[1]["receipt"] and results[6]["receipt"] == results[7]["receipt"]
    for found, slug in zip(
        results[2:6], ["conflict", "signature", "signature", "wrong-organisation"], strict=True
    ):
        attack.checked(found["problem"], found["status"], slug)
    assert LURE not in json.dumps(results)
    assert attack.mine(ELM) == [*before, one["id"], two["id"]]


@pytest.mark.req("H-26", "H-28")
def test_a_decision_in_a_batch_is_judged_on_what_stands_before_it(attack: Attack) -> None:
    # A school that is not this child's is invited; the enrolment on the line before makes the difference.
    other = "education.oak-school"
    invited = {"meeting": "M9", "organisation": other, "decision": "invited"}
    early, late = (attack.event(N_CSC, "invitation-sent", data=invited) for _ in range(2))
    enrolled = attack.event(N_CSC, "relationship-recorded", data={"kind": "enrolled", "organisation": other})
    results = results_of(attack, *(attack.sign(one, N_CSC) for one in (early, enrolled, late)), by=N_CSC)
    assert [one["status"] for one in results] == [403, 201, 201]
    attack.checked(results[0]["problem"], 403, "gate")
    assert results[0]["problem"]["rule"] == "R-082"


@pytest.mark.req("H-26")
def test_an_empty_batch(attack: Attack) -> None:
    with attack.nothing_kept():
        for body in ("", "\n", "\r\n"):
            assert results_of(attack, body) == []
        # A line with nothing on it is a line all the same, so that results and lines stay in step.
        results = results_of(attack, "\n\n")
        assert [one["status"] for one in results] == [401, 401]
        attack.checked(results[0]["problem"], 401, "signature")
    attack.accepted(attack.event())
