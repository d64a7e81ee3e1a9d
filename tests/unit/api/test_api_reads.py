"""Reads: what is asked of the rooms, and what leaves as JSON and CSV."""

import csv
import io
from datetime import UTC, date, datetime

import pytest

from hub.disclosure.answers import Filters
from hub.errors import HubError

CSC = "social-care.n-csc"
WORKER = f"{CSC}/sw-n1"
CHILD = "0b9f4c7e-5a35-4a38-9f5e-0d2f6a1f6b11"
CHRONOLOGY = f"/v1/children/{CHILD}/chronology"


@pytest.mark.req("H-05", "H-11", "H-19")
def test_a_chronology_leaves_in_the_form_of_the_contract(door):
    answer = door.read(CHRONOLOGY)
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert list(body) == ["disclosure_id", "child", "as_at", "policy_version", "profile", "entries", "cursor"]
    [one] = body["entries"]
    assert list(one) == [
        "entry_id", "occurred_at", "precision", "recorded_at", "received_at", "recorded_late",
        "age_at_event", "organisation", "author_role", "type", "title", "significance", "level", "fields",
        "redactions", "corrections", "disputed", "flags",
    ]  # fmt: skip
    assert one["received_at"] == "2025-09-12T14:25:00Z", "cut to the minute"
    assert one["redactions"] == [{"group": "health", "rule": "D-07", "ask": "ask the health lead"}]


@pytest.mark.req("H-10")
@pytest.mark.parametrize("path", ["chronology", "overview", "deadlines"])
def test_answers_about_a_child_are_kept_by_nobody_and_carry_no_mark(door, path):
    answer = door.read(f"/v1/children/{CHILD}/{path}", headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["cache-control"] == "no-store"
    assert not {"etag", "last-modified", "content-encoding", "server"} & set(answer.headers)


@pytest.mark.req("H-16")
def test_the_whole_question_is_handed_on(door):
    query = (
        "?from=2025-09-01&to=2025-09-30&agency=police.n-police&type=interview-held&significance=key&q=bus"
        "&as_at=2025-10-01T10:00:00%2B01:00&cursor=abc&limit=200"
    )
    assert door.read(CHRONOLOGY + query, headers={"Access-Reference": "SM/12"}).status_code == 200
    what, who, asked = door.rooms.asked[0]
    assert (what, who.person, asked.child, asked.purpose, asked.reference) == (
        "chronology", WORKER, CHILD, "assessment", "SM/12",
    )  # fmt: skip
    assert asked.as_at == datetime(2025, 10, 1, 9, tzinfo=UTC)
    assert (asked.cursor, asked.limit) == ("abc", 200)
    assert asked.filters == Filters(
        date(2025, 9, 1), date(2025, 9, 30), "police.n-police", "interview-held", "key", "bus"
    )


@pytest.mark.req("H-16")
def test_a_read_without_purpose_is_refused_behind_the_door_so_that_it_is_recorded(door):
    assert door.call("GET", CHRONOLOGY, WORKER).status_code == 200
    assert door.rooms.asked[0][2].purpose is None


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "from=yesterday", "as_at=2025-10-01T10:00:00", "q=" + "x" * 101],
)
def test_a_wrong_parameter_is_refused_without_echo(door, query):
    answer = door.read(f"{CHRONOLOGY}?{query}")
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/schema"
    assert query.split("=")[1] not in answer.text.replace(answer.json()["instance"], "")
    assert door.rooms.asked == []


@pytest.mark.req("H-10", "H-16")
def test_no_such_child_and_no_relationship_are_one_answer(door):
    door.rooms.refusal = HubError("not-found")
    known, unknown = door.read(CHRONOLOGY), door.read("/v1/children/not-even-an-id/chronology")
    assert known.status_code == unknown.status_code == 404
    first, second = known.json(), unknown.json()
    assert first.pop("instance") != second.pop("instance")
    assert first == second
    traces = [one.headers.pop("trace-id") for one in (known, unknown)]
    assert dict(known.headers) == dict(unknown.headers)
    assert traces[0] != traces[1] and {len(one) for one in traces} == {32}
    assert len(door.rooms.asked) == 2, "both are asked for, so that both are recorded"


def rows(answer):
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@pytest.mark.req("H-08")
def test_csv_opens_in_a_spreadsheet_and_runs_nothing_there(door):
    from dataclasses import replace

    dangers = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("https://evil.test")']
    plain = door.rooms.entries[0]
    door.rooms.entries = tuple(
        replace(plain, title=danger, fields={danger: danger}, organisation=danger) for danger in dangers
    )
    answer = door.read(CHRONOLOGY, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["disclosure-id"] == "d-1" and answer.headers["next-cursor"] == "c-1"
    assert answer.content.count(b"\r\n") >= len(dangers) + 1
    found = rows(answer)
    assert [row["title"] for row in found] == ["'" + danger for danger in dangers]
    for row in found:
        assert not any(value.startswith(("=", "+", "-", "@", "\t", "\r")) for value in row.values())
    assert found[0]["withheld"] == "health withheld - ask the health lead [D-07]"
    assert found[0]["recorded_late"] == "no" and found[0]["level"] == ""


def test_csv_keeps_quotes_lines_and_letters(door):
    from dataclasses import replace

    text = 'says "no",\nthen goes; żółć'
    door.rooms.entries = (replace(door.rooms.entries[0], fields={"words": text, "parts": [1, 3]}),)
    [row] = rows(door.read(CHRONOLOGY, headers={"Accept": "text/csv"}))
    assert row["fields"] == f"words: {text}\nparts: [1,3]"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", "application/json"),
        ("text/csv, application/json;q=0.9", "text/csv; charset=utf-8"),
        ("text/csv;q=0.5, application/json", "application/json"),
        ("text/*", "text/csv; charset=utf-8"),
        ("text/csv;q=0, */*;q=0.1", "application/json"),
        ("application/pdf", None),
        ("text/csv;q=x", None),
        ("", None),
    ],
)
def test_the_form_is_chosen_by_accept(door, accept, form):
    answer = door.read(CHRONOLOGY, headers={"Accept": accept})
    if form is None:
        assert (answer.status_code, answer.json()["type"]) == (406, "/problems/media-type")
        assert door.rooms.asked == []
    else:
        assert answer.headers["content-type"] == form


@pytest.mark.req("H-19")
def test_overview_and_deadlines(door):
    body = door.read(f"/v1/children/{CHILD}/overview").json()
    [line] = body["lines"]
    assert line == {
        "rule": "P-01", "requirement": "R-077", "text": "1 incident", "evidence": ["e-1"],
        "settings": {"days": 180}, "values": {"incidents": 1},
    }  # fmt: skip
    only = door.read(f"/v1/children/{CHILD}/deadlines").json()
    assert "lines" not in only
    [clock] = only["deadlines"]
    assert (clock["clock"], clock["due_on"], clock["times"]) == (
        "K-10", "2026-01-06", {"held_at": "2026-03-02T09:00:30Z"},
    )  # fmt: skip


def test_me_my_children_and_look_up(door):
    me = door.call("GET", "/v1/me", WORKER).json()
    assert me == {
        "organisation": CSC,
        "person": WORKER,
        "roles": ["social-worker"],
        "purposes": ["assessment"],
    }
    assert door.call("GET", "/v1/me/children", WORKER).json()["children"] == [
        {
            "child": CHILD,
            "relationships": ["allocated"],
            "new_since_last_read": 2,
            "next_deadline": "2026-04-01",
        }
    ]
    expected = {
        "id": "R-089",
        "requirement": "R-089",
        "source": "S3 s.4",
        "text": "No arrangement for education.",
        "why": "A strategy meeting was held.",
        "agency": CSC,
        "role": "social-worker",
        "person": WORKER,
        "since": "2026-03-02T09:00:00Z",
        "evidence": ["e-1"],
        "settings": {"days": 2},
        "values": {"place": "school"},
    }
    mine = door.call("GET", "/v1/me/open-items", WORKER).json()
    assert mine == {"open_items": [{"child": CHILD, **expected}]}
    assert door.read(f"/v1/children/{CHILD}/overview").json()["open_items"] == [expected]
    assert "open_items" not in door.read(f"/v1/children/{CHILD}/deadlines").json()
    found = door.read("/v1/children?identifier=nhs:9990010014")
    assert found.json() == {"child": CHILD}
    assert door.rooms.asked[-1][2:] == ("nhs:9990010014", "assessment")
    assert door.read("/v1/children").status_code == 422, "no browsing"


@pytest.mark.req("H-07", "H-16")
@pytest.mark.parametrize(
    "query", ["agncy=police", "agncy=", "agncy", "limit=5&agncy=", "Limit=5", "purpose=audit"]
)
def test_an_unknown_query_parameter_is_refused_and_nothing_is_read(door, query):
    """A filter that is misspelt is no filter: the answer would be to another question than was asked."""
    answer = door.read(f"{CHRONOLOGY}?{query}")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/schema")
    assert "query parameter" in answer.json()["detail"] and "event" not in answer.json()["title"]
    assert "agncy" not in answer.text and door.rooms.asked == []


@pytest.mark.req("H-26")
def test_no_post_is_kept_out_by_one(door):
    lines = {"Content-Type": "application/jose-lines"}
    answer = door.call("POST", "/v1/events/batch?agncy=", "education.elm-school", headers=lines, content=b"")
    assert (answer.status_code, answer.json()) == (200, {"results": []})


@pytest.mark.req("H-16")
def test_who_is_not_signed_in_is_told_that_first(door):
    assert door.call("GET", f"{CHRONOLOGY}?agncy=", "").status_code == 401


@pytest.mark.req("H-16")
@pytest.mark.parametrize("query", ["limit=0", "from=yesterday"])
def test_a_query_parameter_of_another_form_is_told_apart_from_an_event(door, query):
    answer = door.read(f"{CHRONOLOGY}?{query}").json()
    assert answer["detail"].startswith("A query parameter") and "event" not in answer["title"]
