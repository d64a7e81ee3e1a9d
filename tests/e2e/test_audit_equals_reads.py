"""What readers write into their own logs is what the audit holds: none missing, and none more."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from hub.cli.demo import HUB_ID
from hub.cli.demo_world import OFFICER
from tests.support.hub_process import HubProcess, write_commands
from tests.support.load import Answers, Asked, Bound, Poster, PostingLoad, Question, ReadingLoad, ask
from tests.support.played_data import Caller, Json, PlayedData, play_data
from tests.support.scenario import READERS

HARMED, HAS_HARMED = "nhs:9990100101", "nhs:9990200106"
READERS_AT_ONCE = 4
NOBODY = "00000000-0000-4000-8000-000000000000"
Row = tuple[str, str, str | None, str | None, str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> PlayedData:
    return play_data(tmp_path_factory.mktemp("played"))


@pytest.fixture(scope="module")
def process(data: PlayedData, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    found = data.process(write_commands(tmp_path_factory.mktemp("bin")))
    try:
        found.start()
        yield found
    finally:
        found.kill()


def every_question(data: PlayedData) -> list[Question]:
    """Permitted and refused reads of every reader, of both children and of nobody.

    Shape: the answer to each is the same however often it is asked.
    """
    found: list[Question] = []
    for reader in READERS.values():
        if reader.name == "IGO":
            continue
        who, purpose = reader.person, reader.purpose
        for name, child in data.children.items():
            path = f"/v1/children/{child}"
            for what in ("chronology", "overview", "deadlines"):
                found.append(
                    Question(
                        who, what, f"{path}/{what}", (), purpose, f"case {reader.name}/{what}", child=child
                    )
                )
            found += [
                Question(who, "meetings", f"{path}/meetings", (), purpose, "case", child=child),
                Question(who, "meeting-pack", f"{path}/meetings/M1/pack", (), purpose, "case", child=child),
                Question(who, "meeting-pack", f"{path}/meetings/M2/pack", (), purpose, child=child),
                Question(who, "meeting-pack", f"{path}/meetings/M9/pack", (), child=child),
                Question(who, "chronology", f"{path}/chronology", (("limit", "3"),), purpose, child=child),
                Question(
                    who, "chronology", f"{path}/chronology", (("as_at", "2025-09-16T00:00:00Z"),),
                    purpose, child=child, accept="text/csv",
                ),
                Question(
                    who, "chronology", f"{path}/chronology", (("cursor", "A" * 60),), purpose, child=child
                ),
                Question(who, "overview", f"{path}/overview", child=child),
                Question(who, "chronology", f"{path}/chronology", (), "audit", "a-1", child=child),
                Question(who, "deadlines", f"{path}/deadlines", (), purpose, "; drop table", child=child),
            ]  # fmt: skip
            identifier = (("identifier", HARMED if name == "C-1001" else HAS_HARMED),)
            found.append(Question(who, "look-up", "/v1/children", identifier, purpose, child=child))
        found += [
            Question(who, "chronology", f"/v1/children/{NOBODY}/chronology", (), purpose, "nobody"),
            Question(who, "overview", "/v1/children/not-an-id/overview", (), purpose),
            Question(who, "look-up", "/v1/children", (("identifier", "nhs:9990000042"),), purpose),
            Question(who, "look-up", "/v1/children", (("identifier", HARMED),)),
        ]
    return found


def row_of(asked: Asked) -> Row:
    """The row that a read must have left: what was refused for its purpose names no reference."""
    one = asked.question
    if asked.slug == "purpose":
        return (one.person, one.what, one.purpose, None, "refused: purpose")
    outcome = "disclosed" if asked.status == 200 else f"refused: {asked.slug}"
    return (one.person, one.what, one.purpose, None if one.what == "look-up" else one.reference, outcome)


def row_in_audit(row: Json) -> Row:
    return (row["reader"], row["what"], row["purpose"], row["reference"], row["outcome"])


def possible_rows(asked: Asked) -> set[Row]:
    """What a read whose answer never arrived may have left: its refusal, or its disclosure, or nothing."""
    answers = ((200, None), (404, "not-found"), (403, "purpose"), (422, "schema"))
    return {row_of(Asked(asked.question, status, slug)) for status, slug in answers}


def new_rows(officer: Caller, before: set[str], child: str | None = None) -> list[Json]:
    """The accesses that the officer is shown now and was not shown before, without the officer's own."""
    rows = officer.get("/v1/audit/accesses", **({"child": child} if child else {}))["accesses"]
    assert len({one["disclosure_id"] for one in rows}) == len(rows)
    return [one for one in rows if one["disclosure_id"] not in before]


def assert_equal(rows: Sequence[Json], log: Sequence[Asked], in_flight: int) -> None:
    """Every answered read is in the audit once, and what else is there is a read that got no answer.

    1. A read with a disclosure id is the row of that id, and no other.
    2. The other answered reads are so many rows each.
    3. What remains are reads whose answer was lost in flight, each at most once.
    """
    answered = [one for one in log if one.status not in (None, 503)]
    by_id = {row["disclosure_id"]: row for row in rows}
    for one in answered:  # 1
        if one.disclosure_id is not None:
            assert row_in_audit(by_id.pop(one.disclosure_id)) == row_of(one)
    kept = Counter(row_in_audit(row) for row in by_id.values())
    due = Counter(row_of(one) for one in answered if one.disclosure_id is None)  # 2
    assert not due - kept, "an answer left without its record"
    lost = [possible_rows(one) for one in log if one.status in (None, 503)]
    assert (kept - due).total() <= in_flight  # 3
    for row in (kept - due).elements():
        match = next((one for one in lost if row in one), None)
        assert match is not None, f"the audit holds a read that nobody made: {row}"
        lost.remove(match)


@pytest.mark.req("H-12", "H-13", "H-14", "H-15")
def test_the_readers_logs_and_the_audit_are_one_even_across_a_kill(
    data: PlayedData, process: HubProcess
) -> None:
    """1. What is there already. 2. Readers ask, an agency posts, the hub is killed once. 3. Compare."""
    officer = Caller(process.address, data.tokens[OFFICER])
    before = {one["disclosure_id"] for one in officer.get("/v1/audit/accesses")["accesses"]}  # 1
    questions = every_question(data)
    elm = Poster("elm", "education.elm-school", "education.elm-school/dsl-1", (HARMED,))
    token_of = data.tokens.__getitem__
    load = Answers(  # 2
        [PostingLoad(process.address, elm, data.keys, HUB_ID, Bound(30, 30))],
        [ReadingLoad(str(n), process.address, questions, token_of, Bound(150, 30), seed=n) for n in range(4)],
    )
    load.start()
    while len(load.log) < 200:
        assert any(one.is_alive() for one in load.reads)
        time.sleep(0.002)
    process.kill()
    process.start()
    for post in load.posts:
        post.finish()
    for read in load.reads:
        read.finish()
    with officer:  # 3
        rows = new_rows(officer, before)
        own = [one for one in rows if one["reader"] == OFFICER]
        assert [one["what"] for one in own] == ["audit-accesses"]
        assert_equal([one for one in rows if one["reader"] != OFFICER], load.log, READERS_AT_ONCE)
        for identifier, child in ((HARMED, data.children["C-1001"]), (HAS_HARMED, data.children["C-2001"])):
            rows = [
                one
                for one in new_rows(officer, before, identifier)
                if one["reader"] != OFFICER and not one["what"].endswith("-of-linked-child")
            ]
            of_child = [one for one in load.log if one.question.child == child]
            assert_equal(rows, of_child, READERS_AT_ONCE)
    statuses = Counter(one.status for one in load.log)
    assert statuses[200] > 50 and statuses[404] > 20 and statuses[400] > 20 and statuses[403] > 5, statuses


@contextmanager
def no_access_can_be_recorded(database: Path) -> Iterator[None]:
    """The store refuses every row of an access, whoever appends it, and takes everything else."""
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        connection.execute(
            "CREATE TRIGGER no_access BEFORE INSERT ON stored_events WHEN NEW.originator_id LIKE 'access/%'"
            " BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )
        connection.commit()
        try:
            yield
        finally:
            connection.execute("DROP TRIGGER no_access")
            connection.commit()


@pytest.mark.req("H-14")
def test_nothing_leaves_when_the_access_cannot_be_recorded(data: PlayedData, process: HubProcess) -> None:
    """Every answer about a child, refusals too, waits for its record; without one it is 503, and empty."""
    questions = [one for one in every_question(data) if one.person == READERS["ENQ"].person]
    questions.append(Question(READERS["ENQ"].person, "my-children", "/v1/me/children"))
    questions.append(Question(READERS["ENQ"].person, "my-open-items", "/v1/me/open-items"))
    for path in ("/v1/audit/accesses", f"/v1/audit/accesses?child={HARMED}"):
        questions.append(Question(OFFICER, "audit-accesses", path))
    with closing(httpx.Client(timeout=20)) as http, Caller(process.address, data.tokens[OFFICER]) as officer:
        before = {one["disclosure_id"] for one in officer.get("/v1/audit/accesses")["accesses"]}
        a_read = next(iter(before))
        for more in ("", "/explanation"):
            questions.append(Question(OFFICER, "audit", f"/v1/audit/accesses/{a_read}{more}"))
        with no_access_can_be_recorded(data.database):
            for question in questions:
                answer = http.get(
                    process.address + question.path,
                    params=list(question.query) or None,
                    headers={
                        "Authorization": f"Bearer {data.tokens[question.person]}",
                        "Accept": question.accept,
                        **({"Access-Purpose": question.purpose} if question.purpose else {}),
                        **({"Access-Reference": question.reference} if question.reference else {}),
                    },
                )
                assert answer.status_code == 503, (question, answer.status_code)
                assert set(answer.json()) <= {"type", "title", "status", "detail", "instance"}
                assert "CANARY" not in answer.text and "Disclosure-Id" not in answer.headers
        rows = new_rows(officer, before)
        assert {one["what"] for one in rows} == {"audit-accesses"} and len(rows) == 1
        again = ask(http, process.address, questions[0], data.tokens.__getitem__)
        assert (again.status, again.disclosure_id is not None) == (200, True)
