"""Papers of M1 and M2 over HTTP, for every reader of G.A: separate documents, and nothing hidden in them."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.e2e.test_matrix_a import MATRIX, ORDER
from tests.support.scenario import READERS, World

Json = dict[str, Any]
# meeting -> (child, the row of the matrix that says who gets its record)
MEETINGS = {"M1": ("C-1001", "A13"), "M2": ("C-2001", "A14")}
ENTITLED = {
    meeting: {reader for reader, cell in zip(ORDER, MATRIX[item].split(), strict=True) if cell == "V"}
    for meeting, (_, item) in MEETINGS.items()
}
CONVENORS = {"M1": {"SW-1001", "ENQ"}, "M2": {"ENQ"}}
ID = re.compile(r"\be-[a-z2-7]{32}|(?:other|child)-[a-z2-7]{20}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CANARY = re.compile(r"CANARY-[A-Z0-9-]+")
NOBODY = "00000000-0000-4000-8000-000000000000"


def ask(world: World, reader: str, meeting: str, child: str | None = None, **headers: str) -> httpx.Response:
    place = world.children[child or MEETINGS[meeting][0]]
    return world.get(reader, f"/v1/children/{place}/meetings/{meeting}/pack", headers)


def pack(world: World, reader: str, meeting: str) -> Json:
    answer = ask(world, reader, meeting)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def problem(answer: httpx.Response) -> tuple[int, Json]:
    body = {name: value for name, value in answer.json().items() if name != "instance"}
    return answer.status_code, body


@pytest.mark.req("D-04", "D-41", "R-082", "R-117", "H-08")
@pytest.mark.parametrize("meeting", MEETINGS)
@pytest.mark.parametrize("reader", ORDER)
def test_whoever_has_the_record_of_a_meeting_has_its_papers_and_nobody_else(
    world: World, reader: str, meeting: str
) -> None:
    """Not entitled and no such meeting are one answer, whatever relationship the reader has."""
    answer = ask(world, reader, meeting)
    listed = world.get(reader, f"/v1/children/{world.children[MEETINGS[meeting][0]]}/meetings")
    if reader in ENTITLED[meeting]:
        assert answer.status_code == 200
        assert answer.json()["meeting"] in listed.json()["meetings"]
    else:
        assert problem(answer) == problem(ask(world, reader, "M9", MEETINGS[meeting][0]))
        assert answer.status_code == 404 and answer.headers["cache-control"] == "no-store"
        assert meeting not in listed.text


@pytest.mark.req("R-082", "R-083", "D-04")
@pytest.mark.parametrize(("school", "own", "other"), [("Elm", "M1", "M2"), ("Oak", "M2", "M1")])
def test_a_school_has_the_papers_of_its_own_pupil_s_meeting_only(
    world: World, school: str, own: str, other: str
) -> None:
    text = ask(world, school, own).text
    child = MEETINGS[other][0]
    assert world.children[child] not in text and world.children[MEETINGS[own][0]] in text
    strange = {"Elm": "education.oak-school", "Oak": "education.elm-school"}[school]
    assert strange not in text
    for asked in (own, other):
        assert ask(world, school, asked, child).status_code == 404


@pytest.mark.req("D-03", "D-04", "H-10", "R-117")
@pytest.mark.parametrize("reader", ["ENQ", "POL"])
def test_two_packs_share_no_token_no_id_and_no_text(world: World, reader: str) -> None:
    first, second = (ask(world, reader, meeting).text for meeting in ("M1", "M2"))
    ids = [set(ID.findall(one)) for one in (first, second)]
    words = [set(CANARY.findall(one)) for one in (first, second)]
    assert len(ids[0]) > 10 and len(ids[1]) > 10 and words[0] and words[1]
    assert ids[0] & ids[1] == set() and words[0] & words[1] == set()
    assert all(any(one.startswith("other-") for one in found) for found in ids), "others are there, as tokens"
    for text, own in ((first, "C-1001"), (second, "C-2001")):
        assert [name for name, child in world.children.items() if child in text] == [own]


def without_ids_of_others(entries: list[Json]) -> list[Json]:
    for entry in entries:
        for one in entry["fields"].get("others", ()):
            one.pop("child", None)
    return entries


@pytest.mark.req("H-07", "H-08", "R-133")
@pytest.mark.parametrize("meeting", MEETINGS)
def test_the_chronology_of_the_papers_is_the_reader_s_own_as_at_the_meeting(
    world: World, meeting: str
) -> None:
    child, _ = MEETINGS[meeting]
    for reader in sorted(ENTITLED[meeting]):
        found = pack(world, reader, meeting)["chronology"]
        held = {"M1": "2025-09-15T12:00:00Z", "M2": "2025-09-15T13:30:00Z"}[meeting]
        assert found["as_at"] == held and found["snapshot"] is None
        known = [dict(one) for one in world.chronology(reader, child, held)]
        assert found["entries"] == without_ids_of_others(known)
        assert 0 < len(found["entries"]) < len(world.chronology(reader, child))


@pytest.mark.req("R-080", "R-082", "R-084", "D-41")
@pytest.mark.parametrize("meeting", MEETINGS)
def test_the_convenor_alone_sees_whom_to_invite(world: World, meeting: str) -> None:
    for reader in sorted(ENTITLED[meeting]):
        found = pack(world, reader, meeting)
        told = found["invitees"] is not None and found["wrong_room"] == []
        assert told is (reader in CONVENORS[meeting]), reader
        assert (found["invitees"] is None) is (found["wrong_room"] is None)


@pytest.mark.req("R-080", "R-082", "R-084")
def test_the_convenor_s_lists_of_scenario_a(world: World) -> None:
    def listed(meeting: str) -> dict[str, tuple[Any, ...]]:
        rows = pack(world, "ENQ", meeting)["invitees"]
        said = ("force", "requirement", "decision", "attended")
        return {one["organisation"]: tuple(one[name] for name in said) for one in rows}

    came = ("invited", "R-082", "invited", True)
    both = {"police.n-police": came, "social-care.n-csc": came}
    assert listed("M1") == {**both, "education.elm-school": came}
    assert listed("M2") == {
        **both,
        "education.oak-school": came,
        "youth-justice.s-yos": ("always", "R-080", "invited", True),
        "social-care.s-csc": ("always", "R-084", "invited", True),
    }


@pytest.mark.req("R-082", "R-084", "R-117")
def test_what_the_papers_say_of_the_meetings(world: World) -> None:
    first, second = pack(world, "SW-1001", "M1"), pack(world, "ENQ", "M2")
    assert first["procedure"] == second["procedure"] == "darlington-2025"
    assert (first["profile"], second["profile"]) == ("darlington-2025", "llr-2024"), "the child's own"
    for found, authority in ((first, "social-care.n-csc"), (second, "social-care.s-csc")):
        attendance = found["attendance"]
        assert attendance["representation"]["authority"] == authority
        assert attendance["representation"]["represented"] is True
        assert attendance["expected"] == [
            {"who": "police", "present": True},
            {"who": "enquiry-worker", "present": True},
        ]
        assert {one["id"] for one in found["checklists"]} == {"CL-D-OBJ", "CL-D-S47"}
    assert second["meeting"]["summary"].startswith("CANARY-A14-SUMMARY")
    [own] = second["attendance"]["representation"]["by"]
    assert (own["person"], own["represents"]) == ("social-care.s-csc/tm-1", True)


@pytest.mark.req("H-20", "R-086")
@pytest.mark.parametrize(("reader", "meeting"), [("Elm", "M1"), ("Oak", "M2")])
def test_a_school_is_not_told_what_has_no_answer_or_is_missing(
    world: World, reader: str, meeting: str
) -> None:
    found = pack(world, reader, meeting)
    assert found["checklists"] == []
    own = {"Elm": "education.elm-school", "Oak": "education.oak-school"}[reader]
    assert {one["agency"] for one in found["open_items"]} <= {own}
    assert found["attendance"]["expected"][1] == {"who": "enquiry-worker", "present": None}


@pytest.mark.req("H-08", "D-04")
@pytest.mark.parametrize("meeting", MEETINGS)
def test_open_items_in_the_papers_rest_on_this_child_s_entries(world: World, meeting: str) -> None:
    child, _ = MEETINGS[meeting]
    for reader in sorted(ENTITLED[meeting]):
        own = {one["entry_id"] for one in world.chronology(reader, child)}
        for one in pack(world, reader, meeting)["open_items"]:
            assert one["evidence"] and own.issuperset(one["evidence"]), (reader, one["id"])


@pytest.mark.req("R-117")
@pytest.mark.parametrize(("organisation", "status"), [("social-care.n-csc", 200), ("social-care.s-csc", 404)])
def test_a_meeting_may_be_asked_for_by_its_convenor_too(world: World, organisation: str, status: int) -> None:
    path = f"/v1/children/{world.children['C-2001']}/meetings/M2/pack"
    assert world.get("ENQ", path, organisation=organisation).status_code == status


# --- every read is recorded ----------------------------------------------------------------------------


def rows(world: World, child: str) -> list[Json]:
    answer = world.get("IGO", "/v1/audit/accesses", child=world.children[child])
    assert answer.status_code == 200
    found: list[Json] = answer.json()["accesses"]
    return found


@pytest.mark.req("H-12", "H-14", "H-15")
def test_the_audit_has_one_row_for_each_read_and_none_more(world: World) -> None:
    before = {one["disclosure_id"] for child in world.children for one in rows(world, child)}
    told: list[tuple[str, str, str | None, str, str]] = []
    ids = set()
    for reader in ORDER:
        who = READERS[reader]
        for meeting in MEETINGS:
            answer = ask(world, reader, meeting, **{"Access-Reference": f"case {meeting}"})
            outcome = "disclosed" if answer.status_code == 200 else "refused: not-found"
            told.append((who.person, "meeting-pack", who.purpose, f"case {meeting}", outcome))
            ids |= {answer.json()["disclosure_id"]} if answer.status_code == 200 else set()
        listed = world.get(reader, f"/v1/children/{world.children['C-2001']}/meetings")
        outcome = "disclosed" if listed.status_code == 200 else "refused: not-found"
        told.append((who.person, "meetings", who.purpose, None, outcome))
    path = f"/v1/children/{world.children['C-1001']}/meetings/M1/pack"
    elm = READERS["Elm"].person
    assert world.get_as(elm, path).status_code == 400
    assert world.get_as(elm, path, {"Access-Purpose": "audit"}).status_code == 403
    told += [(elm, "meeting-pack", purpose, None, "refused: purpose") for purpose in (None, "audit")]
    new = [
        one
        for child in world.children
        for one in rows(world, child)
        if one["disclosure_id"] not in before
        and one["what"] not in ("audit-accesses",)
        and not one["what"].endswith("-of-linked-child")
    ]
    got = [(one["reader"], one["what"], one["purpose"], one["reference"], one["outcome"]) for one in new]
    assert sorted(got, key=str) == sorted(told, key=str)
    assert ids <= {one["disclosure_id"] for one in new}
    for one in new:
        got_something = one["outcome"] == "disclosed" and one["reader"] != READERS["IGO"].person
        assert (one["items"] > 0) is got_something or one["what"] == "meetings", one


@pytest.mark.req("H-12", "H-14", "H-15", "D-41")
def test_every_item_that_left_is_in_the_record_of_the_read_with_its_rule(world: World) -> None:
    for reader, meeting in (("ENQ", "M2"), ("Oak", "M2"), ("SW-1001", "M1")):
        found = pack(world, reader, meeting)
        explained = world.explanation(found["disclosure_id"])
        left = [one for one in explained["items"] if one["decision"] != "H"]
        assert explained["access"]["items"] == len(left)
        entries = [one for one in found["chronology"]["entries"] if "line" not in one]
        assert len([one for one in left if one["decision"] in ("V", "R")]) >= len(entries)
        assert all(one["policies"] for one in left)
        convening = [one for one in left if "D-41-CONVENOR" in one["policies"]]
        # The child's own worker has these entries anyway (D-57).
        assert bool(convening) is (reader == "ENQ")
        assert {one["type"] for one in convening} <= {
            "invitation-sent",
            "child-stream-opened",
            "relationship-recorded",
            "social-worker-allocated",
        }


@pytest.mark.req("H-10")
def test_a_child_that_is_not_there_answers_like_one_that_is_not_the_reader_s(world: World) -> None:
    answers = [
        world.get("Elm", f"/v1/children/{child}/meetings/M2/pack")
        for child in (NOBODY, "not-an-id", world.children["C-2001"])
    ]
    assert len({str(problem(one)) for one in answers}) == 1
