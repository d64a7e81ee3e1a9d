"""What is missing, over HTTP: for every reader of scenario A, in a reader's own list, and on record."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.scenario import READERS, World

Json = dict[str, Any]
CASES = [(name, child) for name, reader in READERS.items() for child in reader.children]


def missing(world: World, reader: str, child: str, as_at: str = "") -> dict[str, Json]:
    found = world.overview(reader, child, as_at)["open_items"]
    return {one["id"]: one for one in found}


@pytest.mark.req("H-20")
def test_every_open_item_rests_on_entries_that_the_reader_has(world: World) -> None:
    shown = 0
    for name, child in CASES:
        held = {one["entry_id"] for one in world.chronology(name, child)}
        for other in READERS[name].children:
            held |= {one["entry_id"] for one in world.chronology(name, other)}
        for one in world.overview(name, child)["open_items"]:
            shown += 1
            assert one["evidence"]
            assert set(one["evidence"]) <= held, (name, one)
    assert shown


@pytest.mark.req("R-054", "R-076", "R-089")
def test_the_harmed_childs_worker_learns_what_is_missing_and_of_whom(world: World) -> None:
    found = missing(world, "SW-1001", "C-1001")
    assert {"R-054", "R-076", "R-089"} <= found.keys()
    contact = found["R-076"]
    assert (contact["agency"], contact["role"]) == ("social-care.n-csc", "social-worker")
    assert contact["person"] == READERS["SW-1001"].person
    assert contact["text"] == "No single point of contact is named for the child."
    assert contact["since"] == "2025-09-15T12:00:00Z"
    assert "R-076" not in missing(world, "SW-1001", "C-1001", "2025-09-15T12:00:00+01:00")


@pytest.mark.req("R-048", "R-147")
def test_the_receiving_school_alone_is_asked_about_reassurance(world: World) -> None:
    asked = {name for name, child in CASES if "R-048" in missing(world, name, child)}
    assert asked == {"Elm"}
    assert missing(world, "Elm", "C-1001", "2025-09-12T17:00:00+01:00") == {}


@pytest.mark.req("R-026")
def test_only_the_procedure_that_asks_for_screening_misses_it(world: World) -> None:
    assert "R-026" in missing(world, "SW-2001", "C-2001")
    assert "R-026" not in missing(world, "SW-1001", "C-1001")


@pytest.mark.req("D-13", "H-15", "H-20")
def test_an_officer_and_readers_without_the_right_get_none(world: World) -> None:
    for child in ("C-1001", "C-2001"):
        assert missing(world, "IGO", child) == {}
    assert missing(world, "HL-1001", "C-1001") == {}
    for name in ("IGO", "HL-1001", "Oak"):
        assert world.get(name, "/v1/me/open-items").json() == {"open_items": []}


@pytest.mark.req("R-147", "H-14")
def test_my_open_items_are_my_organisations_and_are_on_record(world: World) -> None:
    name, child = "SW-2001", "C-2001"
    everything = world.overview(name, child)["open_items"]
    own = [one for one in everything if one["agency"] == "social-care.s-csc"]
    assert own
    assert len(own) < len(everything)
    before = accesses(world, child)
    listed = world.get(name, "/v1/me/open-items").json()["open_items"]
    assert [{**one, "child": world.children[child]} for one in own] == listed
    (access,) = [one for one in accesses(world, child) if one not in before]
    assert (access["what"], access["reader"], access["outcome"]) == (
        "my-open-items",
        READERS[name].person,
        "disclosed",
    )
    assert access["items"] == len({entry for one in own for entry in one["evidence"]})


def accesses(world: World, child: str) -> list[Json]:
    answer = world.get("IGO", "/v1/audit/accesses", child=world.children[child])
    return [one for one in answer.json()["accesses"] if one["what"] == "my-open-items"]


@pytest.mark.req("H-20", "H-10")
def test_a_system_has_no_children_and_no_list(world: World) -> None:
    assert world.as_system("social-care.s-csc", "/v1/me/open-items") == {"open_items": []}
