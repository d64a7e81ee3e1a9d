"""Readers who try their luck: purposes, cursors, query text, addresses, methods, other people's children."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from tests.support.hostile import C1001, C2001, ELM, EVERYBODY, LURE, N_CSC, S_CSC, Attack, Json, attacked

CHRONOLOGY, OVERVIEW = "/v1/children/{C-2001}/chronology", "/v1/children/{C-2001}/overview"
NOBODY = "7d9f4c7e-5a35-4a38-9f5e-0d2f6a1f6b11"


@pytest.fixture(scope="module")
def attack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    with attacked(tmp_path_factory.mktemp("reads")) as found:
        yield found


def reads_of(attack: Attack) -> list[str]:
    """How each recorded access ended, oldest first."""
    store = attack.world.hub.store
    bodies = [one.body or b"" for one in store.record.log(0, 10_000) if one.type == "record-accessed.v1"]
    return [re.findall(rb'"outcome":"([^"]*)"', body)[0].decode() for body in bodies]


@pytest.mark.req("H-16", "H-12")
@pytest.mark.parametrize(
    ("purpose", "status"),
    [
        ("", 400), ("curiosity", 400), (LURE, 400), ("Assessment", 400),
        ("assessment, oversight", 400), ("s47-enquiry", 403), ("audit", 403), ("education-safety", 403),
        ("identity-review", 403), ("subject-access", None),
    ],
)  # fmt: skip
def test_missing_and_forbidden_purpose(attack: Attack, purpose: str, status: int | None) -> None:
    for path in (
        CHRONOLOGY,
        OVERVIEW,
        "/v1/children/{C-2001}/deadlines",
        f"/v1/children/{NOBODY}/chronology",
    ):
        before = len(reads_of(attack))
        answer = attack.read("SW-2001", path, {"Access-Purpose": purpose})
        attack.refused(answer, status or answer.status_code, "purpose")
        assert answer.status_code in (400, 403)
        assert reads_of(attack)[before:] == ["refused: purpose"], "a refused read is recorded too"
    if status == 403:
        answer = attack.read("SW-2001", "/v1/children", {"Access-Purpose": purpose}, identifier=C2001)
        attack.refused(answer, 403, "purpose")


@pytest.mark.req("H-16")
def test_no_purpose_header_and_a_bad_reference(attack: Attack) -> None:
    world = attack.world
    path = CHRONOLOGY.replace("{C-2001}", world.children["C-2001"])
    attack.refused(world.get_as(f"{S_CSC}/sw-s1", path), 400, "purpose")
    for reference in (f"{LURE}<b>", "x" * 65, "../" + LURE, f"{LURE};--", "=1+1"):
        answer = attack.read("SW-2001", CHRONOLOGY, {"Access-Reference": reference})
        attack.refused(answer, 400, "purpose")
    assert attack.read("SW-2001", CHRONOLOGY, {"Access-Reference": "Case 12/3"}).status_code == 200


@pytest.mark.req("H-10")
def test_cursor_of_another_reader_or_of_other_filters(attack: Attack) -> None:
    first = attack.read("SW-2001", CHRONOLOGY, limit="3").json()
    cursor = first["cursor"]
    assert len(first["entries"]) == 3
    following = attack.read("SW-2001", CHRONOLOGY, limit="3", cursor=cursor)
    assert following.status_code == 200
    others: list[tuple[str, str, Json]] = [
        ("Oak", CHRONOLOGY, {}), ("ENQ", CHRONOLOGY, {}), ("SGU-S", CHRONOLOGY, {}),
        ("ENQ", "/v1/children/{C-1001}/chronology", {}),
        *(("SW-2001", CHRONOLOGY, more) for more in (
            {"q": "a"}, {"type": "incident-recorded"}, {"agency": ELM}, {"from": "2025-09-01"},
            {"to": "2025-10-01"}, {"significance": "high"}, {"as_at": "2025-10-01T00:00:00Z"},
        )),
    ]  # fmt: skip
    for reader, path, more in others:
        attack.refused(attack.read(reader, path, cursor=cursor, **more), 422, "schema")
    bent = cursor[:-4] + ("AAAA" if not cursor.endswith("AAAA") else "BBBB")
    for wrong in (
        bent,
        cursor[:-1],
        cursor + "A",
        cursor * 2,
        LURE,
        "é",
        "\u202e",
        "-1",
        "%00",
        "A" * 60,
        "=" * 60,
    ):
        attack.refused(attack.read("SW-2001", CHRONOLOGY, cursor=wrong), 422, "schema")


@pytest.mark.req("H-10")
def test_cursor_into_somebody_elses_posts(attack: Attack) -> None:
    page = attack.world.as_system(N_CSC, "/v1/events", mine="", limit="2")
    own = {one["event"]["id"] for one in page["posts"]}
    for wrong in (page["cursor"], LURE, "A" * 60, "é", "=" * 8):
        # Elm has posted no event of that id: whether anybody has, it is not told.
        attack.refused(attack.read("Elm", "/v1/events", mine="", cursor=wrong), 422, "schema")
    following = attack.world.as_system(N_CSC, "/v1/events", mine="", limit="2", cursor=page["cursor"])
    assert not own & {one["event"]["id"] for one in following["posts"] if one["event"]}


@pytest.mark.req("H-10")
@pytest.mark.parametrize("limit", ["0", "201", "-1", "1e2", "9" * 30, LURE, "", "１０", "0x10", "50;", "1.5"])
def test_limit_0_and_201(attack: Attack, limit: str) -> None:
    attack.refused(attack.read("SW-2001", CHRONOLOGY, limit=limit), 422, "schema")
    attack.refused(attack.read("Elm", "/v1/events", mine="", limit=limit), 422, "schema")


HOSTILE = [
    "' OR '1'='1", "'; DROP TABLE stored_events; --", '" UNION SELECT * FROM items --', "%' OR 1=1 --",
    "{{7*7}}", "${7*7}", "{% for x in ().__class__.__mro__ %}x{% endfor %}", "#{7*7}", "<script>x()</script>",
    "../../../../etc/passwd", "a\0b", "x\r\nSet-Cookie: a=b", "*", "_%", ".*", "\u202e", "$(id)", "`id`",
    "=cmd|' /C calc'!A0", "a" * 100, "[$ne]",
]  # fmt: skip


@pytest.mark.req("H-10", "H-16")
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_sql_and_template_text_in_every_query_parameter(attack: Attack, text: str) -> None:
    """Text is text: it finds nothing, it breaks nothing, and it does not come back."""
    lured = f"{LURE}{text}"[:100]
    for name in ("agency", "type", "significance", "q"):
        answer = attack.read("SW-2001", CHRONOLOGY, **{name: lured})
        assert answer.status_code == 200 and answer.json()["entries"] == []
        assert answer.json()["cursor"] is None
        assert LURE not in answer.text + str(answer.headers)
    for name in ("from", "to", "as_at", "cursor", "limit"):
        attack.refused(attack.read("SW-2001", CHRONOLOGY, **{name: lured}), 422, "schema")
    for path in (OVERVIEW, "/v1/children/{C-2001}/deadlines"):
        attack.refused(attack.read("SW-2001", path, as_at=lured), 422, "schema")
    attack.refused(attack.read("SW-2001", "/v1/children", identifier=lured), 404, "not-found")
    for name in ("person", "organisation", "rule", "child"):
        answer = attack.read("IGO", "/v1/audit/accesses", **{name: lured})
        assert answer.status_code == 404 or answer.json() == {"accesses": []}
        assert LURE not in answer.text
    for name in ("since", "until", "emergency"):
        attack.refused(attack.read("IGO", "/v1/audit/accesses", **{name: lured}), 422, "schema")
    for name in ("leaf_index", "tree_size"):
        numbers = {"leaf_index": "0", "tree_size": "1"} | {name: lured}
        attack.refused(attack.read("IGO", "/v1/ledger/proof/inclusion", **numbers), 422, "schema")
    whole = attack.read("SW-2001", CHRONOLOGY, limit="200").json()["entries"]
    assert len(whole) > 20, "and what stood before stands"


def answered(answer: httpx.Response) -> tuple[int, Json, list[tuple[str, str]]]:
    """An answer without what is random or dated in it."""
    body = {name: value for name, value in answer.json().items() if name != "instance"}
    # The trace is random, like the instance; that it is there, and its length, must not tell either.
    told = {**answer.headers, "trace-id": str(len(answer.headers["trace-id"]))}
    headers = sorted((name, value) for name, value in told.items() if name != "date")
    return answer.status_code, body, headers


@pytest.mark.req("H-16", "H-10")
@pytest.mark.parametrize("reader", ["Elm", "SW-1001", "HL-1001"])
def test_unknown_child_and_not_yours(attack: Attack, reader: str) -> None:
    """Nothing tells a child that is not the reader's from one that does not exist."""
    seen = []
    for child in (attack.world.children["C-2001"], NOBODY, NOBODY.upper(), LURE, "null", "%2e%2e", "0"):
        for what in ("chronology", "overview", "deadlines"):
            answer = attack.read(reader, f"/v1/children/{child}/{what}")
            attack.refused(answer, 404, "not-found")
            seen.append(answered(answer))
    for identifier in (
        C2001,
        "nhs:9990300100",
        "upn:Z999400119001",
        f"child:{NOBODY}",
        LURE,
        "nhs:",
        "*",
        "%",
    ):
        answer = attack.read(reader, "/v1/children", identifier=identifier)
        attack.refused(answer, 404, "not-found")
        seen.append(answered(answer))
    assert all(one == seen[0] for one in seen)
    assert reads_of(attack)[-8:] == ["refused: not-found"] * 8


@pytest.mark.req("H-16")
def test_a_post_about_an_unknown_child_is_answered_like_any_other(attack: Attack) -> None:
    answers = []
    for subject in (C2001, "nhs:9990300100"):
        posted = attack.post(attack.event(subject=subject))
        claims = posted.json()["claims"]
        assert posted.status_code == 201 and claims["subject"] == subject
        answers.append((sorted(posted.json()), sorted(claims), claims["warnings"], sorted(posted.headers)))
    assert answers[0] == answers[1]


@pytest.mark.req("H-16")
@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "TRACE", "PROPFIND", "CONNECT", "get", LURE])
def test_methods_not_allowed(attack: Attack, method: str) -> None:
    child = attack.world.children["C-1001"]
    with attack.nothing_kept(ELM, readers=EVERYBODY):
        for path in (
            "/v1/events",
            "/v1/events/batch",
            f"/v1/children/{child}/chronology",
            "/v1/ledger/checkpoint",
        ):
            answer = raw(attack, f"{method} {path} HTTP/1.1")
            assert answer.status_code in (400, 405), answer.text
            assert LURE not in answer.text
            if answer.status_code == 405:
                assert answer.json()["type"] == "/problems/not-found"
                assert set(answer.headers["allow"].split(", ")) in ({"POST"}, {"GET", "HEAD"})


def raw(attack: Attack, first: str, *more: str, reader: str = f"{ELM}/dsl-1") -> httpx.Response:
    """One request as these very bytes, without a library that would tidy it up."""
    host, _, port = attack.world.address.removeprefix("http://").partition(":")
    lines = [
        first, f"Host: {host}:{port}", f"Authorization: Bearer {attack.world.person_token(reader)}",
        "Access-Purpose: education-safety", "Connection: close", *more,
    ]  # fmt: skip
    received = b""
    with closing(socket.create_connection((host, int(port)), timeout=20)) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        while chunk := connection.recv(65_536):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    status, *fields = head.decode("latin-1").split("\r\n")
    headers: Any = dict(one.split(": ", 1) for one in fields)
    headers.pop("transfer-encoding", None)
    return httpx.Response(int(status.split()[1]), headers=headers, content=body)


@pytest.mark.req("H-16", "H-10")
def test_path_tricks(attack: Attack) -> None:
    mine, other = attack.world.children["C-1001"], attack.world.children["C-2001"]
    tricks = [
        f"/v1/children/{mine}/../{other}/chronology", f"/v1/children/{mine}/%2e%2e/{other}/chronology",
        f"/v1/children/{mine}%2f..%2f{other}/chronology", f"/v1/children/{mine}//chronology",
        f"//v1/children/{mine}/chronology", f"/v1/children/{mine}/chronology/", "/.env", "/hub.log",
        f"/v1/children/{mine};{other}/chronology", f"/v1/children/{mine}%00/chronology",
        f"/v1/children/{mine}%0a/chronology", f"/v1/children/{mine}/chronology.csv", "/metrics", "/docs",
        f"/v1/children/{other.upper()}/chronology", f"/v1/children/{{{other}}}/chronology", f"/{LURE}",
        f"/v1/children/urn:uuid:{other}/chronology", f"/v1/children/{mine},{other}/chronology",
        f"/v1/children/{mine}/chronology%3fcursor={LURE}", f"/v1/events/{N_CSC}/../{ELM}/receipt",
        "/v1/events/../../healthz%00", "/v1/children/*/chronology", "/..%2f..%2fhub.db", "/%ff%fe",
        "/static/../../hub.db", "/static/%2e%2e/%2e%2e/hub.db", "/assets/..%2f..%2fhub.db",
        f"/problems/../{LURE}", f"/problems/{LURE}", f"/v1/audit/accesses/{NOBODY}/explanation",
        "/v1/identity/queue", f"/V1/children/{mine}/chronology", f"/v1/children/{other}/chronology",
    ]  # fmt: skip
    with attack.nothing_kept(ELM, readers=EVERYBODY):
        for trick in tricks:
            answer = raw(attack, f"GET {trick} HTTP/1.1")
            attack.refused(answer, 404, "not-found")
            assert other not in answer.text
    # The child that is the reader's own is there under its one address; nothing beside it names another.
    beside = raw(attack, f"GET /v1/children/{mine}/chronology?child={other} HTTP/1.1")
    attack.refused(beside, 422, "schema")
    assert other not in beside.text
    twice = raw(attack, f"GET /v1/children/{mine}/chronology?limit=1&limit=2 HTTP/1.1")
    assert twice.status_code == 200 and len(twice.json()["entries"]) in (1, 2)


@pytest.mark.req("H-16")
def test_headers_that_claim_to_be_somebody(attack: Attack) -> None:
    other = attack.world.children["C-2001"]
    for claim in (
        "X-Forwarded-User: social-care.s-csc/sw-s1", "X-Original-URL: /v1/me", "X-HTTP-Method-Override: POST",
        "X-Rewrite-URL: /healthz", "Forwarded: for=127.0.0.1", "Cookie: session=social-care.s-csc/sw-s1",
        "Authorization: Bearer " + attack.world.system_token(S_CSC), f"Access-Purpose: {LURE}",
    ):  # fmt: skip
        answer = raw(attack, f"GET /v1/children/{other}/chronology HTTP/1.1", claim)
        assert answer.status_code in (400, 401, 403, 404), claim
        attack.refused(answer, answer.status_code, answer.json()["type"].removeprefix("/problems/"))


@pytest.mark.req("H-14", "H-15")
def test_other_peoples_rooms(attack: Attack) -> None:
    """Routes for a role are not there for anybody else, whatever else they may do."""
    for reader in ("Elm", "SW-2001", "POL", "SGU-S"):
        for path in (
            "/v1/audit/accesses",
            "/v1/identity/queue",
            "/v1/ledger/checkpoint",
            "/v1/ledger/tile/0/000",
        ):
            attack.refused(attack.read(reader, path), 404, "not-found")
    officer = attack.read("IGO", "/v1/audit/accesses", child=C1001)
    assert officer.status_code == 200 and "CANARY" not in officer.text and LURE not in officer.text
