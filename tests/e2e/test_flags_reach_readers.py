"""What is noted beside an entry reaches those whom it concerns, over HTTP, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from agencies.scenarios.run import load_scenario
from tests.support.hostile import ELM, N_CSC, OAK, S_CSC
from tests.support.insider import Insider, insider
from tests.support.scenario import READERS, World
from tests.support.scenario_steps import played

Json = dict[str, Any]
C = load_scenario("scenario-c")
OFFICER = "partnership.hub-ig/igo-1"
MANAGERS = {"C-1001": f"{N_CSC}/tm-1", "C-2001": f"{S_CSC}/tm-1"}
TEXT = "A school attended the meeting about a child who is not its pupil."


def codes(entries: list[Json], type_: str) -> list[list[str]]:
    return [[flag["code"] for flag in one["flags"]] for one in entries if one["type"] == type_]


# --- R-113, D-16: an interview under caution of a child under ten -------------------------------------


def with_interview(born: str) -> list[Any]:
    """Scenario C with the child born on a day, and an interview under caution that the police held."""
    opening, *rest = C.posts
    (asked,) = (one for one in rest if one.ref == "C07")
    data = {name: asked.event.data[name] for name in ("author", "occurred_at", "precision")}
    held = {"kind": "pace", "cautioned": True, "recorded": True, "adult_present": "parent"}
    event = replace(asked.event, record="held", type="interview-held", data={**data, **held})
    interview = replace(asked, ref="held", event=event, refused="")
    opened = replace(
        opening, event=replace(opening.event, data={**opening.event.data, "date_of_birth": born})
    )
    without = [one for one in rest if one.ref != "C07"]
    at = next(i for i, one in enumerate(without) if one.event.recorded_at > event.recorded_at)
    return [opened, *without[:at], interview, *without[at:]]


@pytest.fixture(scope="module", params=["2015-09-23", "2015-09-22"], ids=["9y364d", "10y0d"])
def interviewed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[World, bool]]:
    with played(tmp_path_factory.mktemp("d16"), "scenario-c", with_interview(request.param)) as world:
        yield world, request.param == "2015-09-23"


def read_as(world: World, person: str, child: str, purpose: str, what: str = "chronology") -> Json:
    path = f"/v1/children/{world.children[child]}/{what}"
    answer = world.get_as(
        person, path, {"Access-Purpose": purpose}, **({"limit": "200"} if what == "chronology" else {})
    )
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


@pytest.mark.req("R-113", "D-16", "H-27")
def test_a_breach_reaches_police_and_team_manager(interviewed: tuple[World, bool]) -> None:
    world, under_ten = interviewed
    entries = world.chronology("POL", "C-4001")
    assert [("R-113" in one) for one in codes(entries, "interview-held")] == [under_ten]
    manager = read_as(world, f"{S_CSC}/tm-1", "C-4001", "oversight")["entries"]
    assert [("R-113" in one) for one in codes(manager, "interview-held")] == [under_ten]
    noted = read_as(world, f"{S_CSC}/tm-1", "C-4001", "oversight", "overview")["flags"]
    (held,) = (one["entry_id"] for one in manager if one["type"] == "interview-held")
    found = {one["code"]: one for one in noted}
    assert ("R-113" in found) is under_ten
    if under_ten:
        assert found["R-113"] == {
            "code": "R-113",
            "rule": "R-113",
            "source": "S5 s.17",
            "text": "BREACH: the child was under ten at the incident.",
            "evidence": [held],
        }


@pytest.mark.req("D-16", "R-113")
def test_an_interview_under_ten_goes_to_nobody_else(interviewed: tuple[World, bool]) -> None:
    world, under_ten = interviewed
    got = {
        name: codes(world.chronology(name, child), "interview-held")
        for name, reader in world.readers.items()
        for child in reader.children
        if child == "C-4001"
    }
    shown = {name for name, one in got.items() if one}
    assert shown == {"POL", "TM", "IGO"} if under_ten else shown > {"POL", "TM", "IGO"}
    assert "SW5" in got and ("SW5" in shown) is not under_ten
    assert {name for name, one in got.items() if any("R-113" in codes_ for codes_ in one)} == (
        {"POL", "TM"} if under_ten else set()
    )


# --- a school in the meeting about another school's pupil ---------------------------------------


@pytest.fixture(scope="module")
def wrong_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insider]:
    """Scenario A, and a meeting about C-1001 that was attended by the school of C-2001."""
    with insider(tmp_path_factory.mktemp("wrong-room")) as found:
        directory = found.world.hub.store.directory
        for by in (ELM, OAK, N_CSC, S_CSC):
            directory.add_person(f"{by}/igo-9", ("ig-officer",))
        for by in (N_CSC, S_CSC):
            if directory.person(f"{by}/tm-1") is None:
                directory.add_person(f"{by}/tm-1", ("team-manager",))
        found.post(
            N_CSC,
            "meeting-held",
            "C-1001",
            meeting="M7",
            kind="professionals",
            narrative="CANARY-ROOM",
            attendance=[{"organisation": one, "represents": False} for one in (N_CSC, ELM, OAK)],
        )
        yield found


def held(entries: list[Json]) -> list[Json]:
    return [one for one in entries if one["type"] == "meeting-held" and one["fields"].get("meeting") == "M7"]


@pytest.mark.req("R-082", "H-15")
def test_an_officer_is_told_of_a_school_in_the_wrong_room(wrong_room: Insider) -> None:
    world = wrong_room.world
    child = world.children["C-1001"]
    answer = world.get_as(OFFICER, "/v1/audit/flags")
    assert answer.status_code == 200
    assert b"CANARY" not in answer.content
    (row,) = answer.json()["flags"]
    assert {
        name: row[name] for name in ("code", "rule", "source", "text", "child", "type", "organisation")
    } == {
        "code": "R-082",
        "rule": "R-082",
        "source": "S5 s.9",
        "text": TEXT,
        "child": child,
        "type": "meeting-held",
        "organisation": N_CSC,
    }
    assert (row["occurred_at"], row["precision"]) == ("2025-11-20", "day")
    seen = {one["entry_id"]: one for one in world.chronology("IGO", "C-1001")}
    assert seen[row["entry_id"]]["type"] == "meeting-held"
    assert [one["code"] for one in seen[row["entry_id"]]["flags"]] == ["R-082"]
    by_child = world.get_as(OFFICER, "/v1/audit/flags", child=f"child:{child}").json()["flags"]
    assert by_child == [row]
    other = world.get_as(OFFICER, "/v1/audit/flags", child=world.children["C-2001"]).json()["flags"]
    assert other == world.get_as(OFFICER, "/v1/audit/flags", child="nhs:9990300208").json()["flags"] == []


@pytest.mark.req("R-082", "H-14")
def test_the_officers_question_is_itself_recorded(wrong_room: Insider) -> None:
    world = wrong_room.world
    world.get_as(OFFICER, "/v1/audit/flags", child=world.children["C-1001"])
    rows = world.get_as(OFFICER, "/v1/audit/accesses", child=world.children["C-1001"]).json()["accesses"]
    asked = [one for one in rows if one["what"] == "audit-flags"]
    assert asked and {one["reader"] for one in asked} == {OFFICER}
    assert {one["purpose"] for one in asked} == {"audit"}


@pytest.mark.req("R-082", "D-13", "H-15")
def test_an_agencys_officer_gets_what_its_own_agency_posted_of_its_own_child(wrong_room: Insider) -> None:
    world = wrong_room.world
    got = {
        by: [one["code"] for one in world.get_as(f"{by}/igo-9", "/v1/audit/flags").json()["flags"]]
        for by in (ELM, OAK, N_CSC, S_CSC)
    }
    assert got == {ELM: [], OAK: [], N_CSC: ["R-082"], S_CSC: []}
    for person in (f"{N_CSC}/sw-n1", f"{N_CSC}/tm-1", READERS["Oak"].person):
        assert world.get_as(person, "/v1/audit/flags").status_code == 404


@pytest.mark.req("R-082", "H-27")
def test_the_team_manager_is_told_in_the_overview(wrong_room: Insider) -> None:
    world = wrong_room.world
    manager = MANAGERS["C-1001"]
    (entry,) = held(read_as(world, manager, "C-1001", "oversight")["entries"])
    assert [one["code"] for one in entry["flags"]] == ["R-082"]
    noted = read_as(world, manager, "C-1001", "oversight", "overview")["flags"]
    (found,) = (one for one in noted if one["code"] == "R-082")
    assert (found["text"], found["evidence"]) == (TEXT, [entry["entry_id"]])


@pytest.mark.req("R-082", "H-20")
def test_who_cannot_know_the_enrolment_is_told_nothing(wrong_room: Insider) -> None:
    world = wrong_room.world
    for name in ("Elm", "ENQ", "POL"):
        for entry in held(world.chronology(name, "C-1001")):
            assert "R-082" not in [one["code"] for one in entry["flags"]], name
    worker = held(world.chronology("SW-1001", "C-1001"))
    assert [[one["code"] for one in entry["flags"]] for entry in worker] == [["R-082"]]
    assert TEXT not in str([world.overview(name, "C-1001") for name in ("Elm", "ENQ", "POL")])


@pytest.mark.req("R-082", "H-25")
def test_a_pupil_of_that_school_on_that_day_is_no_wrong_room(wrong_room: Insider) -> None:
    """Recorded later, and no longer there: it counts what was so on the day of the meeting."""
    wrong_room.post(
        N_CSC,
        "relationship-recorded",
        "C-1001",
        at="2025-11-20T12:40:00+00:00",
        kind="enrolled",
        organisation=OAK,
        **{"from": "2025-11-19", "until": "2025-11-21"},
    )
    world = wrong_room.world
    found = world.get_as(OFFICER, "/v1/audit/flags").json()["flags"]
    # Now Elm is the school that was there without being the child's.
    assert [one["code"] for one in found] == ["R-082"]
    wrong_room.post(
        N_CSC,
        "meeting-held",
        "C-1001",
        at="2025-11-20T12:45:00+00:00",
        meeting="M8",
        kind="professionals",
        attendance=[{"organisation": one, "represents": False} for one in (N_CSC, OAK)],
    )
    assert world.get_as(OFFICER, "/v1/audit/flags").json()["flags"] == found


# --- every entry ---------------------------------------------------------------------------------------


@pytest.mark.req("H-27", "H-20")
def test_the_notes_of_an_overview_are_those_beside_the_entries(world: World) -> None:
    shown = 0
    for name, reader in READERS.items():
        if name == "IGO":
            continue
        for child in reader.children:
            beside: dict[str, list[str]] = {}
            for entry in world.chronology(name, child):
                for flag in entry["flags"]:
                    beside.setdefault(flag["code"], []).append(entry["entry_id"])
                    assert set(flag) == {"code", "rule", "source", "text"}
            noted = {one["code"]: sorted(one["evidence"]) for one in world.overview(name, child)["flags"]}
            assert noted == {code: sorted(ids) for code, ids in beside.items()}, name
            shown += len(noted)
    assert shown
    assert codes(world.chronology("POL", "C-2001"), "assessment-started") == [["R-106"]]
    assert "R-106" not in str(world.overview("YJS", "C-2001")["flags"])


@pytest.mark.req("R-049")
def test_the_contacts_of_the_childs_procedure_stand_in_every_overview(world: World) -> None:
    for name, child in (("SW-1001", "C-1001"), ("Elm", "C-1001"), ("HL-1001", "C-1001")):
        contacts = world.overview(name, child)["contacts"]
        assert [one["title"] for one in contacts] == [
            "Children's Initial Advice Team (CIAT)",
            "Emergency out-of-hours service",
        ]
        # A Thursday at noon.
        assert [one["now"] for one in contacts] == [True, False]
        assert contacts[0]["hours"] == (
            "Monday to Thursday 08:30 to 17:00; Friday 08:30 to 16:30; not on bank holidays in England"
        )
        assert contacts[1]["hours"] == "At all other times"
