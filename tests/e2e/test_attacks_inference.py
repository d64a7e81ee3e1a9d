"""What a reader or an officer may put together from an answer: names, contacts, events, own posts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.hostile import C2001, ELM, N_CSC, OAK, POLICE, S_CSC
from tests.support.insider import Insider, event_of, insider, named

Json = dict[str, Any]
CANARY = "CANARY-INTEL"
PUPIL = "local:education.elm-school:t-2001"


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insider]:
    with insider(tmp_path_factory.mktemp("inference")) as found:
        directory = found.world.hub.store.directory
        for by in (ELM, OAK, N_CSC):
            directory.add_person(f"{by}/igo-9", ("ig-officer",))
        found.post(POLICE, "adult-involvement-suspected", "C-1001", category="adult", narrative=CANARY)
        yield found


# What the harmed child's school can post about the other child; each names the school in one way or another.
NAMING: list[tuple[str, Json]] = [
    ("behaviour-level-assessed", {"scale": "hackett-5", "level": "abusive", "about": named(event_of("A07"))}),
    ("immediate-safety-measure-recorded", {"measure": "separate-travel", "narrative": f"Told by {ELM}."}),
    ("initial-account-recorded", {"source_type": "first-hand", "received_by": f"{ELM}/dsl-1"}),
    ("place-declared", {"kind": "transport", "place": "bus-9", "organisation": ELM}),
    ("family-informed", {"topic": "incident", "outcome": "informed"}),
    ("meeting-held", {"kind": "professionals", "meeting": "P1", "attendance": [{"organisation": ELM}]}),
    ("referral-made", {"target": "csc", "to": S_CSC}),
]


@pytest.mark.req("D-10", "H-11", "D-53")
def test_a_withheld_source_is_named_nowhere_in_the_answer(inside: Insider) -> None:
    posted = {inside.post(ELM, type_, PUPIL, **data).type for type_, data in NAMING}
    got: set[str] = set()
    for reader in ("Oak", "YJS", "SGU-S"):
        answers = [inside.world.chronology(reader, "C-2001"), inside.world.overview(reader, "C-2001")]
        assert "elm-school" not in json.dumps(answers), reader
        got |= {one["type"] for one in answers[0] if one["organisation"] == "a school"}
        path = f"/v1/children/{inside.world.children['C-2001']}/chronology"
        assert inside.world.get(reader, path, agency=ELM).json()["entries"] == []
        assert inside.world.get(reader, path, q="elm-school").json()["entries"] == []
    assert got >= posted
    assert ELM in json.dumps(inside.world.chronology("SW-2001", "C-2001"))


@pytest.mark.req("D-10", "H-11")
def test_whom_to_ask_is_the_worker_where_the_poster_is_withheld(inside: Insider) -> None:
    inside.post(ELM, *NAMING[0][:1], PUPIL, **NAMING[0][1])
    asks = {one["group"]: one["ask"] for one in _last_level(inside, "Oak")["redactions"]}
    assert asks.keys() == {"police information", "source"}
    assert set(asks.values()) == {f"allocated social worker ({S_CSC}/sw-s1)"}


def _last_level(inside: Insider, reader: str) -> Json:
    levels = inside.world.chronology(reader, "C-2001")
    return [one for one in levels if one["level"] and one["organisation"] == "a school"][-1]


@pytest.mark.req("D-03", "D-10", "H-10")
def test_an_entry_points_only_at_events_that_its_reader_has(inside: Insider) -> None:
    inside.post(
        S_CSC, "behaviour-level-assessed", "C-2001", scale="hackett-5", level="problematic",
        about=named(event_of("A07")),
        based_on=[named(event_of(ref)) for ref in ("A03b", "A25", "A20", "A13")],
    )  # fmt: skip
    for reader, count in (("Oak", 1), ("YJS", 3), ("SW-2001", 3)):
        entries = inside.world.chronology(reader, "C-2001")
        shown = [one for one in entries if one["fields"].get("based_on")][-1]["fields"]["based_on"]
        assert len(shown) == count, reader
        assert set(shown) <= {one["entry_id"] for one in entries}


@pytest.mark.req("D-30", "D-01", "D-22")
@pytest.mark.parametrize("person", [f"{N_CSC}/sw-n1", f"{N_CSC}/igo-9", f"{S_CSC}/sgu-1", f"{ELM}/igo-9"])
def test_own_posts_of_an_organisation_do_not_go_round_what_a_person_may_see(
    inside: Insider, person: str
) -> None:
    """A14, held by N, is hidden from SW-1001, the addresses in A32 from the Safeguarding Unit."""
    answer = inside.world.get_as(person, "/v1/events", mine="", limit="200")
    assert answer.status_code == 200
    authors = {one["event"]["data"]["author"] for one in answer.json()["posts"] if one["event"]}
    assert authors <= {person}
    assert "oak-school" not in answer.text or person.startswith(S_CSC)
    assert C2001 not in answer.text or person.startswith(S_CSC)


@pytest.mark.req("D-30")
def test_authors_and_systems_keep_sight_of_what_they_posted(inside: Insider) -> None:
    person = inside.world.get_as(f"{ELM}/dsl-1", "/v1/events", mine="", limit="200").json()["posts"]
    system = inside.world.as_system(ELM, "/v1/events", mine="", limit="200")["posts"]
    assert [one["id"] for one in person] == [one["id"] for one in system]
    assert any(one["event"] and one["event"]["subject"] == PUPIL for one in person)


def _explained(inside: Insider, officer: str, row: Json) -> list[Json]:
    path = f"/v1/audit/accesses/{row['disclosure_id']}/explanation"
    answer = inside.world.get_as(officer, path)
    assert answer.status_code == 200
    found: list[Json] = answer.json()["items"]
    return found


def _accesses(inside: Insider, officer: str, child: str) -> list[Json]:
    rows = inside.world.get_as(officer, "/v1/audit/accesses", child=inside.world.children[child]).json()
    return [one for one in rows["accesses"] if one["what"] == "chronology" and one["items"]]


@pytest.mark.req("H-15", "D-13", "D-18", "D-35")
def test_an_agencys_officer_learns_nothing_that_was_hidden_from_its_staff(inside: Insider) -> None:
    for reader in ("Elm", "SW-1001", "ENQ"):
        inside.world.chronology(reader, "C-1001")
    officer = f"{ELM}/igo-9"
    rows = _accesses(inside, officer, "C-1001")
    assert {one["organisation"] for one in rows} == {ELM, N_CSC}
    told = [(row, item) for row in rows for item in _explained(inside, officer, row)]
    sources = {item["source"] for row, item in told if row["organisation"] != ELM}
    assert sources == {f"urn:safeguarding:org:{ELM}"}
    hidden = [item for _, item in told if item["decision"] == "H"]
    assert {item["source"] for item in hidden} <= {f"urn:safeguarding:org:{ELM}"}
    assert "adult-involvement-suspected" not in json.dumps(told)
    assert not {"D-35", "D-31"} & {code for row in rows for code in (*row["withheld"], *row["rules"])}


@pytest.mark.req("H-15", "D-10", "D-11")
def test_an_agencys_officer_learns_no_source_that_was_withheld_from_its_staff(inside: Insider) -> None:
    inside.world.chronology("Oak", "C-2001")
    inside.world.chronology("SW-1001", "C-1001")
    for officer, child in ((f"{OAK}/igo-9", "C-2001"), (f"{N_CSC}/igo-9", "C-1001")):
        own = [one for one in _accesses(inside, officer, child) if one["organisation"] in officer]
        items = [item for row in own for item in _explained(inside, officer, row)]
        lines = [item for item in items if item["decision"] == "line"]
        others = [item for item in lines if item.get("organisation") not in (OAK, N_CSC)]
        assert others and not any({"source", "id", "organisation", "type"} & one.keys() for one in others)
        redacted = [one for one in items if one["decision"] == "R"]
        assert redacted or officer.startswith(N_CSC)
        assert not any("organisation" in one for one in redacted if "source" not in one)
        assert "elm-school" not in json.dumps(items) or officer.startswith(N_CSC)


@pytest.mark.req("H-15", "D-13")
def test_the_partnerships_officer_sees_what_was_hidden(inside: Insider) -> None:
    inside.world.chronology("Elm", "C-1001")
    rows = [
        one
        for one in _accesses(inside, "partnership.hub-ig/igo-1", "C-1001")
        if one["reader"][:9] == "education"
    ]
    items = _explained(inside, "partnership.hub-ig/igo-1", rows[-1])
    assert "adult-involvement-suspected" in {one.get("type") for one in items if one["decision"] == "H"}
    assert CANARY not in json.dumps(items)


@pytest.mark.req("D-13", "H-16")
def test_more_roles_give_an_officer_no_content_and_a_worker_no_other_child(inside: Insider) -> None:
    directory = inside.world.hub.store.directory
    directory.grant_role("partnership.hub-ig/igo-1", "social-worker")
    directory.grant_role(f"{N_CSC}/sw-n1", "safeguarding-unit")
    directory.grant_role(f"{N_CSC}/sw-n1", "enquiry-social-worker")
    inside.world._read.clear()
    assert {json.dumps(one["fields"]) for one in inside.world.chronology("IGO", "C-1001")} == {"{}"}
    assert inside.status("SW-1001", "C-2001") == 404


@pytest.mark.req("H-16", "D-01")
def test_a_system_reads_no_child(inside: Insider) -> None:
    for by in (N_CSC, POLICE, ELM):
        assert inside.world.as_system(by, "/v1/me/children") == {"children": []}
