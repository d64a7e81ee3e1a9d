"""The contract of reading: members, times, pages, forms, purposes, refusals, and the officer's answers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import escape
from typing import Any

import httpx
import pytest

import schemas
from hub.errors import PROBLEMS
from tests.support.hostile import C2001, C2001_UPN, ELM, N_CSC, OAK, POLICE, S_CSC, Attack, attacked

ENTRY = {
    "entry_id", "occurred_at", "precision", "recorded_at", "received_at", "recorded_late", "age_at_event",
    "organisation", "author_role", "type", "title", "significance", "level", "fields", "redactions",
    "corrections", "disputed", "flags",
}  # fmt: skip
ANSWER = {"disclosure_id", "child", "as_at", "policy_version", "profile"}
DEADLINE = {
    "clock", "requirement", "source", "text", "state", "starts_at", "warn_at", "due_at", "due_on",
    "responsible", "responsible_person", "times", "evidence", "settings",
}  # fmt: skip
ACCESS = {
    "disclosure_id", "at", "reader", "organisation", "roles", "what", "purpose", "lawful_basis",
    "reference", "outcome", "items", "withheld", "rules", "policy_version", "trace",
}  # fmt: skip
CHRONOLOGY = "/v1/children/{C-2001}/chronology"
OVERVIEW = "/v1/children/{C-2001}/overview"
DEADLINES = "/v1/children/{C-2001}/deadlines"
MINUTE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00Z")
NOBODY = "00000000-0000-4000-8000-000000000000"
DSL = f"{OAK}/dsl-1"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    with attacked(tmp_path_factory.mktemp("reading")) as found:
        yield found


def read(hub: Attack, reader: str, path: str = CHRONOLOGY, **query: str) -> Any:
    answer = hub.read(reader, path, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def filtered(hub: Attack, query: str) -> list[Any]:
    """Oak's chronology under a query in which any name can stand."""
    child = hub.world.children["C-2001"]
    address = f"{hub.world.address}/v1/children/{child}/chronology?limit=200&{query}"
    token = {"Authorization": f"Bearer {hub.world.person_token(DSL)}", "Access-Purpose": "education-safety"}
    answer = hub._http.get(address, headers=token)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["entries"]
    return found


# --- chronology ------------------------------------------------------------------------------------


@pytest.mark.req("H-05", "H-10", "H-11")
@pytest.mark.parametrize("reader", ["Oak", "SW-2001", "YJS", "SGU-S", "POL"])
def test_an_entry_has_the_members_of_the_contract_and_times_to_the_minute(hub: Attack, reader: str) -> None:
    answer = read(hub, reader, limit="200")
    assert set(answer) == ANSWER | {"entries", "cursor"} and answer["cursor"] is None
    ids = [one["entry_id"] for one in answer["entries"]]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"e-[a-z2-7]{32}", one) for one in ids)
    for one in answer["entries"]:
        line = set(one) - ENTRY
        assert line <= {"line"} and ENTRY <= set(one)
        if line:
            # A coded line: day precision, and nothing of where it comes from.
            assert (one["precision"], one["organisation"], one["author_role"]) == ("day", None, None)
            assert one["recorded_at"] is one["received_at"] is None
        else:
            assert MINUTE.fullmatch(one["recorded_at"]) and MINUTE.fullmatch(one["received_at"])
        for redaction in one["redactions"]:
            assert set(redaction) == {"group", "rule", "ask"} and redaction["ask"]
            assert re.fullmatch(r"D-\d\d", redaction["rule"])


@pytest.mark.req("H-10", "H-05")
def test_pages_join_to_the_whole_and_a_cursor_tells_and_opens_nothing_else(hub: Attack) -> None:
    whole = read(hub, "Oak", limit="200")["entries"]
    pages: list[Any] = []
    cursors: list[str] = []
    query: dict[str, str] = {"limit": "7"}
    while True:
        page = read(hub, "Oak", **query)
        pages += page["entries"]
        if page["cursor"] is None:
            break
        cursors.append(page["cursor"])
        query["cursor"] = page["cursor"]
    assert pages == whole and len(cursors) == (len(whole) - 1) // 7
    assert {len(one) for one in cursors} == {60}
    for reader, more in (
        ("SW-2001", {}),
        ("Oak", {"type": "incident-recorded"}),
        ("Oak", {"as_at": "2025-11-20T12:00:00Z"}),
        ("Oak", {"q": "x"}),
    ):
        hub.refused(hub.read(reader, CHRONOLOGY, cursor=cursors[0], **more), 422, "schema")
    hub.refused(hub.read("ENQ", CHRONOLOGY.replace("2001", "1001"), cursor=cursors[0]), 422, "schema")


@pytest.mark.req("H-05", "H-07")
def test_filters_narrow_what_is_disclosed(hub: Attack) -> None:
    whole = filtered(hub, "")
    assert {one["organisation"] for one in filtered(hub, f"agency={OAK}")} == {OAK}
    assert {one["type"] for one in filtered(hub, "type=incident-recorded")} == {"incident-recorded"}
    key, routine = filtered(hub, "significance=key"), filtered(hub, "significance=routine")
    assert len(key) + len(routine) == len(whole) and key and routine
    # A span that overlaps the days asked for is in: February 2025 for any day of it.
    assert [one["occurred_at"] for one in filtered(hub, "from=2025-02-15&to=2025-02-15")] == ["2025-02"]
    assert filtered(hub, "to=2025-01-31") == filtered(hub, "from=2025-10-01&to=2025-09-01") == []
    assert filtered(hub, "as_at=2025-09-01T00:00:00Z") == []
    # What is withheld is found by no word: the basis of the police's level is not the school's.
    assert filtered(hub, "q=canary-a22") == []
    assert read(hub, "POL", q="canary-a22")["entries"] != []
    assert [one["occurred_at"] for one in filtered(hub, "q=LANGUAGE")] == ["2025-02"]


@pytest.mark.req("H-07", "H-16")
@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "x"},
        {"cursor": "x"},
        {"as_at": "2025-01-01"},
        {"as_at": "2025-01-01T00:00:00"},
        {"as_at": "20250912"},
        {"to": "yesterday"},
        {"from": "0"},
        {"q": "x" * 101},
    ],
)
def test_a_parameter_of_another_form_is_refused(hub: Attack, query: dict[str, str]) -> None:
    hub.refused(hub.read("Oak", CHRONOLOGY, **query), 422, "schema")


@pytest.mark.req("H-08")
def test_csv_opens_in_a_spreadsheet_as_text(hub: Attack) -> None:
    event = hub.event(
        OAK, "incident-recorded", C2001_UPN, {"role": "has-harmed", "status": "alleged", "narrative": "=1+1"}
    )
    hub.accepted(event, OAK)
    answer = hub.read("Oak", CHRONOLOGY, {"Accept": "text/csv"}, limit="200")
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf") and answer.content.endswith(b"\r\n")
    assert answer.headers["cache-control"] == "no-store" and answer.headers["disclosure-id"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    entries = read(hub, "Oak", limit="200")["entries"]
    assert [one["entry_id"] for one in rows] == [one["entry_id"] for one in entries]
    assert all(not cell.startswith(tuple("=+-@\t\r")) for row in rows for cell in row.values())
    assert any("D-56" in row["withheld"] for row in rows)
    first = hub.read("Oak", CHRONOLOGY, {"Accept": "text/csv"}, limit="3")
    rest = hub.read("Oak", CHRONOLOGY, limit="200", cursor=first.headers["next-cursor"]).json()["entries"]
    assert rest == entries[3:]
    hub.refused(hub.read("Oak", CHRONOLOGY, {"Accept": "application/pdf"}), 406, "media-type")


# --- overview and deadlines ------------------------------------------------------------------------------


@pytest.mark.req("H-19", "H-20")
@pytest.mark.parametrize("reader", ["Oak", "SW-2001", "ENQ"])
def test_a_line_has_rule_requirement_words_evidence_and_settings_and_no_score(
    hub: Attack, reader: str
) -> None:
    answer = read(hub, reader, OVERVIEW)
    told = {"lines", "deadlines", "open_items", "flags", "contacts", "side_by_side", "guidance"}
    assert set(answer) == ANSWER | told
    held = {one["entry_id"] for one in read(hub, reader, limit="200")["entries"]}
    # Who works on both children's records also gets lines that rest on entries of the other.
    if reader == "ENQ":
        other = hub.entries(reader, "C-1001")
        assert other
        held |= {one["entry_id"] for one in other}
    for line in answer["lines"]:
        assert {"rule", "requirement", "text", "evidence", "settings"} <= set(line)
        assert line["text"] and set(line["evidence"]) <= held
    assert not re.search(r"\b(score|risk rating|total)\b", str(answer["lines"]), re.IGNORECASE)
    dues = read(hub, reader, DEADLINES)
    assert set(dues) == ANSWER | {"deadlines"} and dues["deadlines"] == answer["deadlines"]
    assert all(set(one) == DEADLINE for one in dues["deadlines"])


# --- who, for what ------------------------------------------------------------------------------------------


@pytest.mark.req("H-16", "H-12")
def test_which_role_may_read_for_which_purpose_is_the_table(hub: Attack) -> None:
    may = {
        f"{S_CSC}/sw-s1": {"assessment", "direct-care", "strategy-meeting"},
        f"{N_CSC}/enq-1": {"s47-enquiry", "strategy-meeting"},
        f"{POLICE}/caiu-1": {"s47-enquiry", "strategy-meeting"},
        DSL: {"education-safety", "strategy-meeting"},
        "youth-justice.s-yos/yj-1": {"direct-care", "strategy-meeting"},
        "health.n-child-health/nurse-1": {"direct-care", "strategy-meeting"},
        f"{S_CSC}/sgu-1": {"oversight", "supervision"},
        f"{S_CSC}/tm-1": {"oversight", "supervision"},
        "partnership.hub-ig/igo-1": {"audit", "oversight", "subject-access"},
    }
    purposes = {one.code for one in schemas.codes("purposes").codes}
    for person, allowed in may.items():
        me = hub.world.get_as(person, "/v1/me").json()
        assert set(me) == {"organisation", "person", "roles", "purposes"}
        assert me["person"] == person and set(me["purposes"]) == allowed
        for purpose in sorted(purposes):
            # Of a child that does not exist: the purpose is judged before the child is looked for.
            answer = hub.world.get_as(
                person, f"/v1/children/{NOBODY}/chronology", {"Access-Purpose": purpose}
            )
            expected = (404, "not-found") if purpose in allowed else (403, "purpose")
            hub.refused(answer, *expected)


@pytest.mark.req("H-16", "H-12")
def test_a_read_says_its_purpose_and_may_say_its_reference(hub: Attack) -> None:
    child = hub.world.children["C-2001"]
    for path in (f"/v1/children/{child}/{one}" for one in ("chronology", "overview", "deadlines")):
        for headers in ({}, {"Access-Purpose": ""}, {"Access-Purpose": "curiosity"}):
            hub.refused(hub.world.get_as(DSL, path, headers), 400, "purpose")
    hub.refused(hub.world.get_as(DSL, "/v1/children", identifier=C2001), 400, "purpose")
    hub.refused(hub.read("Oak", CHRONOLOGY, {"Access-Reference": "<b>"}), 400, "purpose")
    answer = hub.read("Oak", CHRONOLOGY, {"Access-Reference": "CASE 12/3"})
    access = read(hub, "IGO", f"/v1/audit/accesses/{answer.json()['disclosure_id']}")
    assert (access["reference"], access["purpose"]) == ("CASE 12/3", "education-safety")
    assert access["lawful_basis"] == "education-act-2002-s175"
    # The basis is the organisation's own choice, recorded in the directory, never the request's.
    hub.world.hub.store.directory.record_agreement(OAK, "education-safety", "public-task", "ISA 7")
    answer = hub.read("Oak", CHRONOLOGY, {"Lawful-Basis": "consent"})
    access = read(hub, "IGO", f"/v1/audit/accesses/{answer.json()['disclosure_id']}")
    assert access["lawful_basis"] == "public-task"


@pytest.mark.req("H-16", "D-01", "D-18")
def test_no_such_child_and_no_relationship_are_one_answer_and_both_are_recorded(hub: Attack) -> None:
    before = len(read(hub, "IGO", "/v1/audit/accesses", organisation=ELM)["accesses"])
    answers: list[httpx.Response] = [
        hub.read("Elm", path)
        for child in (hub.world.children["C-2001"], NOBODY, "not-a-uuid")
        for path in (f"/v1/children/{child}/{one}" for one in ("chronology", "overview", "deadlines"))
    ]
    answers += [hub.read("Elm", "/v1/children", identifier=one) for one in (C2001, "nhs:9999999999", "zz")]
    bodies = []
    for answer in answers:
        document = hub.refused(answer, 404, "not-found")
        del document["instance"]
        bodies.append((document, sorted(answer.headers)))
    assert all(one == bodies[0] for one in bodies)
    rows = read(hub, "IGO", "/v1/audit/accesses", organisation=ELM)["accesses"][before:]
    assert [one["outcome"] for one in rows] == ["refused: not-found"] * len(answers)


@pytest.mark.req("H-16", "D-01")
def test_look_up_is_exact_and_my_children_are_those_of_now(hub: Attack) -> None:
    child = hub.world.children["C-2001"]
    for identifier in (C2001, C2001_UPN, "local:education.elm-school:t-2001", f"child:{child}"):
        answer = hub.read("ENQ", "/v1/children", identifier=identifier)
        assert (answer.status_code, answer.json()) == (200, {"child": child}), identifier
    hub.refused(hub.read("ENQ", "/v1/children"), 422, "schema")
    hub.refused(hub.read("ENQ", "/v1/children", name="child"), 422, "schema")
    (mine,) = read(hub, "YJS", "/v1/me/children")["children"]
    assert set(mine) == {"child", "relationships", "new_since_last_read", "next_deadline"}
    assert (mine["child"], mine["relationships"]) == (child, ["supervised"])
    entries = read(hub, "YJS", limit="200")["entries"]
    assert 0 < mine["new_since_last_read"] <= len(entries) and mine["next_deadline"] == "2026-01-06"
    (mine,) = read(hub, "YJS", "/v1/me/children")["children"]
    assert mine["new_since_last_read"] == 0


@pytest.mark.req("H-10", "H-16")
def test_answers_about_children_are_kept_by_no_cache_and_packed_by_nobody(hub: Attack) -> None:
    for path in (CHRONOLOGY, OVERVIEW, DEADLINES, "/v1/me/children", "/v1/me"):
        answer = hub.read("Oak", path, {"Accept-Encoding": "gzip, deflate, br"})
        assert answer.headers["cache-control"] == "no-store" and "etag" not in answer.headers
        assert "content-encoding" not in answer.headers
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not {"server", "x-powered-by"} & set(answer.headers)


@pytest.mark.req("H-16")
def test_an_agencys_system_reads_no_child(hub: Attack) -> None:
    headers = {"Authorization": f"Bearer {hub.world.system_token(OAK)}", "Access-Purpose": "education-safety"}
    child = hub.world.children["C-2001"]
    answer = hub._http.get(f"{hub.world.address}/v1/children/{child}/chronology", headers=headers)
    hub.refused(answer, 403, "purpose")


# --- the officer -----------------------------------------------------------------------------------


@pytest.mark.req("H-12", "H-13", "H-14", "H-15")
def test_the_officer_asks_by_any_identifier_and_gets_metadata_and_rules(hub: Attack) -> None:
    shown = read(hub, "Oak", limit="200")
    child = hub.world.children["C-2001"]
    for identifier in (C2001, C2001_UPN, "local:education.elm-school:t-2001", f"child:{child}", child):
        rows = read(hub, "IGO", "/v1/audit/accesses", child=identifier)["accesses"]
        (row,) = [one for one in rows if one["disclosure_id"] == shown["disclosure_id"]]
        assert set(row) == ACCESS
    assert row == read(hub, "IGO", f"/v1/audit/accesses/{shown['disclosure_id']}")
    assert (row["reader"], row["what"], row["outcome"]) == (DSL, "chronology", "disclosed")
    assert row["items"] == len(shown["entries"]) and row["withheld"]["D-57"] > 0
    explained = read(hub, "IGO", f"/v1/audit/accesses/{shown['disclosure_id']}/explanation")
    assert set(explained) == {"access", "reader", "bases", "installed", "items"}
    assert explained["access"] == row
    assert sum(1 for one in explained["items"] if one["decision"] != "H") == len(shown["entries"])
    for item in explained["items"]:
        assert item["reasons"] and all(one.endswith(".") for one in item["reasons"])
        assert not {"fields", "narrative", "data"} & set(item)
    assert "CANARY" not in str(explained)
    assert read(hub, "IGO", "/v1/audit/accesses", child="nhs:9999999999") == {"accesses": []}
    hub.refused(hub.read("IGO", "/v1/audit/accesses/nothing/explanation"), 404, "not-found")
    for path in ("", f"/{shown['disclosure_id']}", f"/{shown['disclosure_id']}/explanation"):
        hub.refused(hub.read("Oak", f"/v1/audit/accesses{path}"), 404, "not-found")


@pytest.mark.req("H-14")
def test_an_agencys_officer_sees_its_own_staff_and_its_own_posts_only(hub: Attack) -> None:
    hub.world.hub.store.directory.add_person(f"{S_CSC}/igo-9", ("ig-officer",))
    read(hub, "Elm", CHRONOLOGY.replace("2001", "1001"))
    oak = read(hub, "Oak")["disclosure_id"]
    rows = hub.world.get_as(f"{S_CSC}/igo-9", "/v1/audit/accesses").json()["accesses"]
    assert oak in [one["disclosure_id"] for one in rows], "Oak was given what S posted"
    assert ELM not in {one["organisation"] for one in rows}
    elm = read(hub, "IGO", "/v1/audit/accesses", organisation=ELM)["accesses"][-1]["disclosure_id"]
    hub.refused(hub.world.get_as(f"{S_CSC}/igo-9", f"/v1/audit/accesses/{elm}"), 404, "not-found")


@pytest.mark.req("H-15", "D-13")
def test_every_problem_that_a_reader_can_meet_is_in_the_closed_list(hub: Attack) -> None:
    assert set(PROBLEMS) == {
        "signature", "key-unknown", "key-revoked", "audience", "token", "wrong-organisation", "poster",
        "gate", "conflict", "media-type", "json", "schema", "clock", "too-large", "imagery", "not-found",
        "purpose", "views-behind", "store", "rate",
    }  # fmt: skip
    for slug, problem in PROBLEMS.items():
        page = hub._http.get(f"{hub.world.address}/problems/{slug}")
        assert page.status_code == 200 and escape(problem.title) in page.text
    instances = {hub.read("Elm", CHRONOLOGY).json()["instance"] for _ in range(3)}
    assert len(instances) == 3, "an instance is random"
