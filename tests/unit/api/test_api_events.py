"""Posting: types, sizes, codings, batches, receipts; the limits hold before anything is judged."""

import json
import zlib
from datetime import timedelta

import pytest

CSC, SCHOOL = "social-care.n-csc", "education.elm-school"
WORKER = f"{CSC}/sw-n1"
ONE = {"Content-Type": "application/jose"}
LINES = {"Content-Type": "application/jose-lines"}


def slug(answer):
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["instance"].startswith("urn:uuid:")
    return document["type"].removeprefix("/problems/")


def chunks(size, count):
    async def sent():
        for _ in range(count):
            yield b"a" * size

    return sent()


@pytest.mark.req("H-01")
def test_a_post_is_handed_on_byte_for_byte_and_answered_with_its_receipt(door):
    answer = door.call("POST", "/v1/events", SCHOOL, headers=ONE, content=b"a.b.c")
    assert (answer.status_code, answer.json()) == (
        201,
        {"receipt": "r.r.r", "claims": {"leaf_index": 7}, "proof": None},
    )
    assert answer.headers["cache-control"] == "no-store"
    [(what, compact, who)] = door.rooms.asked
    assert (what, compact, who.organisation, who.person) == ("post", b"a.b.c", SCHOOL, None)


@pytest.mark.req("H-01")
def test_a_person_or_nobody_does_not_post_events(door):
    assert door.call("POST", "/v1/events", headers=ONE, content=b"a.b.c").status_code == 401
    answer = door.call("POST", "/v1/events", WORKER, headers=ONE, content=b"a.b.c")
    assert (answer.status_code, slug(answer)) == (403, "wrong-organisation")
    assert door.rooms.asked == []


@pytest.mark.parametrize("path", ["/v1/events", "/v1/events/batch"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "application/json"},
        {"Content-Type": "text/plain"},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "identity, gzip"},
        {"Content-Encoding": "br"},
    ],
)
def test_other_types_and_codings_are_refused(door, path, headers):
    good = ONE if path == "/v1/events" else LINES
    sent = ({} if "Content-Type" in headers or not headers else good) | headers
    bomb = zlib.compress(b"\0" * 1_000_000)
    answer = door.call("POST", path, SCHOOL, headers=sent, content=bomb)
    assert (answer.status_code, slug(answer)) == (415, "media-type")
    assert door.rooms.asked == []


@pytest.mark.parametrize(
    ("path", "headers", "limit"),
    [("/v1/events", ONE, 128 * 1024), ("/v1/events/batch", LINES, 8 * 1024 * 1024)],
)
def test_sizes_are_limited_with_and_without_a_declared_length(door, path, headers, limit):
    assert door.call("POST", path, SCHOOL, headers=headers, content=b"a" * limit).status_code < 300
    asked = len(door.rooms.asked)
    declared = door.call("POST", path, SCHOOL, headers=headers, content=b"a" * (limit + 1))
    assert (declared.status_code, slug(declared)) == (413, "too-large")
    chunked = door.call("POST", path, SCHOOL, headers=headers, content=chunks(limit // 4, 5))
    assert (chunked.status_code, slug(chunked)) == (413, "too-large")
    lied = door.call("POST", path, SCHOOL, headers=headers | {"Content-Length": "-5"}, content=chunks(1, 1))
    assert slug(lied) == "too-large"
    assert len(door.rooms.asked) == asked
    exact = door.call("POST", path, SCHOOL, headers=headers, content=chunks(limit // 4, 4))
    assert exact.status_code < 300


def test_an_endless_body_is_cut_off_and_not_read_to_its_end(door):
    read = 0

    async def endless():
        nonlocal read
        while True:
            read += 1
            yield b"a" * 65_536

    from starlette.requests import Request

    from hub.api.bodies import EVENT_BYTES, read_body
    from hub.errors import HubError

    async def receive(source=endless()):  # noqa: B008
        return {"type": "http.request", "body": await anext(source), "more_body": True}

    scope = {"type": "http", "headers": [(b"content-type", b"application/jose")], "method": "POST"}
    import asyncio

    with pytest.raises(HubError) as caught:
        asyncio.run(read_body(Request(scope, receive), media_type="application/jose", limit=EVENT_BYTES))
    assert caught.value.slug == "too-large"
    assert read == 3


@pytest.mark.req("H-26")
def test_a_batch_reports_each_event_by_itself(door):
    answer = door.call("POST", "/v1/events/batch", SCHOOL, headers=LINES, content=b"a.b.c\r\nd.e.f\ng.h.i")
    assert answer.status_code == 200
    first, second, third = answer.json()["results"]
    assert (first["status"], third["status"]) == (201, 200)
    assert first["receipt"] == "r.r.r"
    assert second["status"] == 403
    problem = second["problem"]
    assert (problem["type"], problem["rule"], problem["source"]) == ("/problems/gate", "R-067", "S5 s.8")


@pytest.mark.req("H-26")
@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_a_batch_has_a_thousand_lines_at_most(door, ending):
    good = door.call("POST", "/v1/events/batch", SCHOOL, headers=LINES, content=ending.join([b"a"] * 1000))
    assert good.status_code == 200
    again = door.call("POST", "/v1/events/batch", SCHOOL, headers=LINES, content=b"a")
    assert again.status_code == 429, "a batch costs as much as its events, one by one"
    door.clock.now += timedelta(seconds=1)
    answer = door.call("POST", "/v1/events/batch", SCHOOL, headers=LINES, content=ending.join([b"a"] * 1001))
    assert (answer.status_code, slug(answer)) == (413, "too-large")


def test_own_posts_and_receipts(door):
    page = door.call("GET", "/v1/events?mine&limit=7&cursor=abc", SCHOOL)
    assert page.json() == {"posts": [{"id": "one"}], "cursor": "next"}
    assert door.rooms.asked[-1][2:] == ("abc", 7)
    assert door.call("GET", "/v1/events", SCHOOL).status_code == 422
    assert door.call("GET", "/v1/events?mine&limit=201", SCHOOL).status_code == 422
    answer = door.call("GET", f"/v1/events/{SCHOOL}/0123456789abcdef/receipt", SCHOOL)
    assert answer.status_code == 200
    assert door.rooms.asked[-1][2:] == (SCHOOL, "0123456789abcdef")


def test_a_token_from_the_endpoint_opens_the_door(door):
    """The whole way of an agency's system: assertion, token, post."""
    from joserfc import jwt
    from joserfc.jwk import OKPKey

    key = OKPKey.generate_key("Ed25519")
    door.directory.register_key(SCHOOL, "client", json.dumps(key.as_dict(private=False)))
    now = int(door.clock.now.timestamp())
    claims = {
        "iss": SCHOOL, "sub": SCHOOL, "aud": "https://hub.test/oauth/token", "iat": now, "exp": now + 60,
        "jti": "only-once",
    }  # fmt: skip
    assertion = jwt.encode({"alg": "Ed25519", "kid": key.thumbprint()}, claims, key, algorithms=["Ed25519"])
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }
    answer = door.call("POST", "/oauth/token", data=form)
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert door.call("POST", "/v1/events", headers=ONE | bearer, content=b"a.b.c").status_code == 201
    again = door.call("POST", "/oauth/token", data=form)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
    big = door.call("POST", "/oauth/token", data=form | {"x": "y" * 20_000})
    assert slug(big) == "too-large"
    assert slug(door.call("POST", "/oauth/token", json=form)) == "media-type"
