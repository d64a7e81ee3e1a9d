"""Single posts come in groups: who sends is asked before what is wrong, and each gets an own answer."""

import asyncio
import threading
from types import SimpleNamespace

import httpx
import pytest

from hub.api import posting
from hub.errors import HubError
from hub.intake import Begun

CSC, SCHOOL = "social-care.n-csc", "education.elm-school"
WORKER = f"{CSC}/sw-n1"
JOSE = {"Content-Type": "application/jose"}
WRONG = {"Content-Type": "text/plain"}
LARGE = b"a" * (128 * 1024 + 1)


def slug(answer):
    return answer.json()["type"].removeprefix("/problems/")


def posted_at_once(door, bodies):
    """The answers to these bodies, sent by one event loop without waiting for each other."""

    async def run():
        transport = httpx.ASGITransport(app=door.app, raise_app_exceptions=True)
        sent = JOSE | {"Authorization": f"Bearer {door.token(SCHOOL)}"}
        async with httpx.AsyncClient(transport=transport, base_url="https://hub.test") as client:
            return await asyncio.gather(
                *(client.post("/v1/events", headers=sent, content=one) for one in bodies)
            )

    return asyncio.run(run())


def echoing(rooms, groups):
    """An intake that answers each post with its own bytes, in a receipt."""

    def begin(posts, standing):
        groups.append(len(posts))
        return [
            Begun(
                lambda one=one: SimpleNamespace(
                    status=201, receipt=one.compact.decode(), claims={}, proof=None
                )
            )
            for one in posts
        ]

    rooms.begin = begin


@pytest.mark.req("H-16", "H-22")
@pytest.mark.parametrize(
    ("who", "headers", "body", "expected"),
    [
        (None, WRONG, b"a.b.c", (401, "token")),
        (None, JOSE, LARGE, (401, "token")),
        (WORKER, WRONG, b"a.b.c", (403, "wrong-organisation")),
        (WORKER, JOSE, LARGE, (403, "wrong-organisation")),
        (SCHOOL, WRONG, LARGE, (415, "media-type")),
        (SCHOOL, JOSE, LARGE, (413, "too-large")),
    ],
)
def test_who_sends_is_asked_before_what_is_wrong_with_the_body(door, who, headers, body, expected):
    answer = door.call("POST", "/v1/events", who, headers=headers, content=body)
    assert (answer.status_code, slug(answer)) == expected
    assert door.rooms.asked == []


@pytest.mark.req("H-26")
def test_a_post_counts_before_its_body_is_looked_at(make_door):
    door = make_door(per_second=0.001, burst=2)
    answers = [door.call("POST", "/v1/events", SCHOOL, headers=WRONG, content=b"x") for _ in range(3)]
    assert [slug(one) for one in answers] == ["media-type", "media-type", "rate"]


@pytest.mark.req("H-01")
def test_a_disabled_person_is_out_with_the_next_post(door):
    assert door.call("POST", "/v1/events", WORKER, headers=JOSE, content=b"a.b.c").status_code == 403
    door.directory.disable_person(WORKER)
    assert door.call("POST", "/v1/events", WORKER, headers=JOSE, content=b"a.b.c").status_code == 401


@pytest.mark.req("H-26")
def test_everybody_gets_their_own_answer_from_few_groups(door):
    groups: list[int] = []
    echoing(door.rooms, groups)
    answers = posted_at_once(door, [f"body-{one}".encode() for one in range(200)])
    assert [one.json()["receipt"] for one in answers] == [f"body-{one}" for one in range(200)]
    assert sum(groups) == 200 and len(groups) < 200 and max(groups) <= posting.MOST_TOGETHER


@pytest.mark.req("H-26")
def test_a_fault_of_a_group_is_told_to_each_and_to_nobody_after(door):
    def begin(posts, standing):
        raise HubError("store")

    real, door.rooms.begin = door.rooms.begin, begin
    assert {slug(one) for one in posted_at_once(door, [b"a.b.c"] * 5)} == {"store"}
    door.rooms.begin = real
    assert door.call("POST", "/v1/events", SCHOOL, headers=JOSE, content=b"a.b.c").status_code == 201


@pytest.mark.req("H-26")
def test_no_more_wait_than_the_queue_holds(door, monkeypatch):
    monkeypatch.setattr(posting, "MOST_WAITING", 3)
    goes_on, groups = threading.Event(), []
    echoing(door.rooms, groups)
    begin = door.rooms.begin

    def held(posts, standing):
        assert goes_on.wait(10)
        return begin(posts, standing)

    door.rooms.begin = held
    timer = threading.Timer(0.5, goes_on.set)
    timer.start()
    answers = posted_at_once(door, [b"a.b.c"] * 30)
    timer.join()
    refused = [one for one in answers if one.status_code == 429]
    assert refused and {slug(one) for one in refused} == {"rate"}
    assert {one.status_code for one in answers} == {201, 429}


@pytest.mark.req("H-14")
def test_a_fault_of_the_hubs_own_is_logged_by_its_name_only(door):
    door.rooms.refusal = ZeroDivisionError("a.b.c")
    answer = door.call("POST", "/v1/events", SCHOOL, headers=JOSE, content=b"a.b.c")
    assert answer.status_code == 500 and "a.b.c" not in answer.text
    assert [one["fault"] for one in door.logged() if one["event"] == "fault"] == ["ZeroDivisionError"]
    assert {one["route"] for one in door.logged()} == {"/v1/events"}
