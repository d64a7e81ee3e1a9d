"""Snapshots of a chronology: the same events give the same hash, whatever comes after (R-133)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from agencies.scenarios import PreparedPost, variant
from tests.support.scenario import READERS, World, played_world
from tests.support.simulated import one_more

Json = dict[str, Any]
(CORRECTION,) = variant("scenario-a", "corrected")
(RETRACTION,) = variant("scenario-a", "retracted")
MAY_CONVENE = {"SW-2001": "assessment", "ENQ": "s47-enquiry", "TM": "oversight"}
MANAGER = "social-care.s-csc/tm-1"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Scenario A at its end, for the tests of this file."""
    with played_world(tmp_path_factory.mktemp("snapshots")) as found:
        yield found


def take(
    world: World, reader: str, child: str = "C-2001", body: object = None, **headers: str
) -> httpx.Response:
    """Ask for a snapshot as a reader of the scenario, or as the team manager."""
    person = MANAGER if reader == "TM" else READERS[reader].person
    purpose = "oversight" if reader == "TM" else READERS[reader].purpose
    return httpx.post(
        f"{world.address}/v1/children/{world.children.get(child, child)}/snapshots",
        json={"meeting": "H3"} if body is None else body,
        headers={
            "Authorization": f"Bearer {world.person_token(person)}",
            "Access-Purpose": purpose,
            **headers,
        },
        timeout=60,
    )


def taken(world: World, reader: str, child: str = "C-2001") -> Json:
    answer = take(world, reader, child)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


def pack(world: World, reader: str, meeting: str) -> Json:
    path = f"/v1/children/{world.children['C-2001']}/meetings/{meeting}/pack"
    answer = world.get(reader, path)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def hold(world: World, meeting: str, snapshot: str, at: str) -> None:
    """S CSC holds a meeting about C-2001 with this chronology, attended as the last one was."""
    last = one_more("A34", "A34", "meeting-held", at, kind="hsb", meeting=meeting)
    attendance = [
        {"organisation": one.partition("/")[0], "person": one}
        for one in ("social-care.s-csc/sw-s1", "education.oak-school/dsl-1", "police.n-police/caiu-1")
    ]
    data = {**last.event.data, "attendance": attendance, "chronology_snapshot": snapshot}
    post(world, replace(last, event=replace(last.event, record=f"X-{meeting}", data=data)))


def post(world: World, one: PreparedPost) -> None:
    answer = world.post(one.event)
    assert answer.status_code == 201, answer.text


# --- who may take one ----------------------------------------------------------------------------------


@pytest.mark.req("R-133", "D-41", "H-16")
@pytest.mark.parametrize("reader", [*READERS, "TM"])
def test_whoever_may_convene_a_meeting_about_the_child_takes_a_snapshot(world: World, reader: str) -> None:
    answer = take(world, reader)
    if reader not in MAY_CONVENE:
        assert answer.status_code == 404
        return
    found = answer.json()
    assert answer.status_code == 201 and answer.headers["cache-control"] == "no-store"
    assert (found["child"], found["meeting"]) == (world.children["C-2001"], "H3")
    assert len(found["hash"]) == 64


@pytest.mark.req("R-133", "H-10")
def test_two_readers_get_other_hashes_and_one_reader_the_same_again(world: World) -> None:
    first, second = taken(world, "SW-2001"), taken(world, "ENQ")
    assert first["hash"] != second["hash"] and first["snapshot"] != second["snapshot"]
    again = taken(world, "SW-2001")
    assert again["hash"] == first["hash"] and again["snapshot"] != first["snapshot"]


@pytest.mark.req("H-12", "H-14", "R-133")
def test_taking_one_is_recorded_as_an_access(world: World) -> None:
    found = taken(world, "SW-2001")
    access = world.get("IGO", f"/v1/audit/accesses/{found['disclosure_id']}")
    row = access.json()
    assert (row["what"], row["outcome"], row["items"]) == ("chronology-snapshot", "disclosed", 0)
    assert (row["reader"], row["purpose"]) == (READERS["SW-2001"].person, "assessment")
    refused = take(world, "Oak")
    rows = world.get("IGO", "/v1/audit/accesses", child=world.children["C-2001"]).json()["accesses"]
    last = [one for one in rows if one["reader"] == READERS["Oak"].person][-1]
    assert refused.status_code == 404
    assert (last["what"], last["outcome"]) == ("chronology-snapshot", "refused: not-found")


@pytest.mark.req("H-10", "H-16", "H-22")
@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ({"meeting": "no name"}, {}, 422),
        ({"meeting": "M" * 65}, {}, 422),
        ({"meeting": "H3\n"}, {}, 422),
        ({}, {}, 422),
        ({"meeting": "H3", "as_at": "2025-01-01T00:00:00Z"}, {}, 422),
        ({"meeting": "H3"}, {"Access-Purpose": "curiosity"}, 400),
        ({"meeting": "H3"}, {"Access-Purpose": "audit"}, 403),
        ({"meeting": "H3"}, {"Content-Type": "text/plain"}, 415),
    ],
)
def test_what_is_not_asked_rightly_is_refused(
    world: World, body: Json, headers: dict[str, str], status: int
) -> None:
    assert take(world, "SW-2001", body=body, **headers).status_code == status


@pytest.mark.req("H-10")
def test_no_such_child_and_not_the_readers_are_one_refusal(world: World) -> None:
    answers = [
        take(world, "SW-2001", child)
        for child in ("C-1001", "00000000-0000-4000-8000-000000000000", "not-an-id")
    ]
    told = [{k: v for k, v in one.json().items() if k != "instance"} for one in answers]
    assert {one.status_code for one in answers} == {404} and told[0] == told[1] == told[2]


# --- what a meeting's papers say of it -----------------------------------------------------------------


@pytest.mark.req("R-133", "H-10")
def test_the_papers_say_whether_the_chronology_is_the_hub_s_and_tell_the_hash_to_its_taker_alone(
    tmp_path: Path,
) -> None:
    """After later posts, a correction, a retraction and a rebuild the same events give the same hash.

    1. The worker fixes the chronology, and the meeting is held with it.
    2. The papers of the taker have the hash; those of others say that it is the hub's.
    3. More is posted: something that happened long before, a correction, a retraction, a new allocation.
    4. The views are rebuilt.
    5. The hash replays; a chronology of now has another.
    """
    with played_world(tmp_path / "hub") as world:
        first = taken(world, "SW-2001")  # 1
        hold(world, "H3", first["snapshot"], "2025-11-20T13:00:00+00:00")
        mine = {"of_the_hub": True, "as_at": first["as_at"], "hash": first["hash"], "replays": True}
        theirs = {**mine, "hash": None, "replays": None}

        def checked() -> None:
            found = pack(world, "SW-2001", "H3")["chronology"]
            assert found["snapshot"] == mine and found["as_at"] == first["as_at"]
            for reader in ("Oak", "POL", "ENQ", "SGU-S"):
                answer = pack(world, reader, "H3")
                assert answer["chronology"]["snapshot"] == theirs
                assert first["hash"] not in str(answer)
            for reader in READERS:
                for child in world.children:
                    assert first["hash"] not in str(world.chronology(reader, child))

        checked()  # 2
        late = one_more(
            "X-late", "A19", "incident-recorded", "2025-11-20T13:05:00+00:00",
            role="has-harmed", status="alleged", narrative="Remembered now.",
        )  # fmt: skip
        earlier = replace(
            late.event, data={**late.event.data, "occurred_at": "2024-05", "precision": "month"}
        )
        moved = one_more(
            "X-worker", "A16", "social-worker-allocated", "2025-11-20T13:10:00+00:00",
            kind="allocated", worker="social-care.s-csc/sw-s2",
        )  # fmt: skip
        for one in (replace(late, event=earlier), CORRECTION, moved):  # 3
            post(world, one)
        back = one_more(
            "X-back", "A16", "social-worker-allocated", "2025-11-20T13:15:00+00:00",
            kind="allocated", worker="social-care.s-csc/sw-s1",
        )  # fmt: skip
        post(world, back)
        checked()
        post(world, RETRACTION)
        checked()
        world.hub.projector.rebuild()  # 4
        checked()  # 5
        assert taken(world, "SW-2001")["hash"] != first["hash"]
        audit = world.get("IGO", "/v1/audit/accesses", child=world.children["C-2001"]).text
        assert first["hash"] not in audit


@pytest.mark.req("R-133", "H-10", "H-27")
def test_any_other_words_still_count_as_a_chronology_and_another_child_s_snapshot_is_none_of_this(
    world: World,
) -> None:
    strange = taken(world, "ENQ", "C-1001")["snapshot"]
    for meeting, written, at in (
        ("H4", "Chronology of 20 November", "2025-11-20T14:00:00+00:00"),
        ("H5", strange, "2025-11-20T14:10:00+00:00"),
        ("H6", "00000000-0000-4000-8000-000000000000", "2025-11-20T14:20:00+00:00"),
    ):
        hold(world, meeting, written, at)
        for reader in ("ENQ", "SW-2001"):
            found = pack(world, reader, meeting)["chronology"]
            assert found["snapshot"] == {"of_the_hub": False, "as_at": None, "hash": None, "replays": None}
            assert found["as_at"] == at.replace("+00:00", "Z")
