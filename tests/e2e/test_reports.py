"""Reports over HTTP: who may have which, what of a year is told and when, that each reading is recorded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from hub.cli.commands import app as commands
from tests.support.hostile import ELM, N_CSC, OAK, S_CSC, Attack, Json
from tests.support.scenario import empty_world

Printed = Callable[..., tuple[int, str]]
HUB, LOCAL = "partnership.hub-ig", "partnership.s-partners"
OFFICER, LEAD = f"{HUB}/igo-1", f"{LOCAL}/lead-1"
GOVERNS, COMMISSIONS, AGENCY_OFFICER = f"{S_CSC}/gov-1", f"{S_CSC}/com-1", f"{N_CSC}/igo-9"
WORKER = f"{S_CSC}/sw-s1"
OF_CHILDREN, OF_ORGANISATIONS = {"parity", "lags", "outcomes", "learning"}, {"adoption", "self-assessment"}
SETTLED = "2026-05-01T12:00:00+01:00"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    """Sixteen children told of in one year: five and six of S, five of N; and one year after."""
    with empty_world(tmp_path_factory.mktemp("reports")) as world, closing(Attack(world)) as found:
        directory = world.hub.store.directory
        directory.add_organisation(LOCAL, "S Safeguarding Partnership", S_CSC)
        directory.adopt_profile(LOCAL, "llr-2024")
        directory.agree_sharing(LOCAL, "S-1", date(2099, 12, 31), LEAD)
        for person, role in (
            (LEAD, "audit-lead"),
            (GOVERNS, "governance-lead"),
            (COMMISSIONS, "commissioner"),
            (AGENCY_OFFICER, "ig-officer"),
            (f"{ELM}/gov-1", "governance-lead"),
        ):
            directory.add_person(person, (role,))
        for by, role, number in (
            (S_CSC, "has-harmed", 5),
            (S_CSC, "has-been-harmed", 6),
            (N_CSC, "has-harmed", 5),
        ):
            posts = [one for n in range(number) for one in child(found, by, role, n)]
            send(found, by, posts)
        world.advance(SETTLED)
        yield found


def child(hub: Attack, by: str, role: str, number: int) -> list[Json]:
    subject = f"local:{by}:{role}-{number}"
    opened = {
        "identifiers": [subject],
        "responsible_authority": by,
        "schools": [],
        "looked_after": False,
        "date_of_birth": "2013-05-05",
    }
    told = {"role": role, "status": "alleged", "place_kind": "home"}
    return [
        hub.event(by, "child-stream-opened", subject, opened),
        hub.event(by, "incident-recorded", subject, told),
        hub.event(by, "assessment-started", subject, {"kind": "single"}),
    ]


def send(hub: Attack, by: str, events: list[Json]) -> None:
    body = "\n".join(hub.sign(one, by) for one in events)
    answer = hub.send(body, by, "/v1/events/batch")
    refused = [one["problem"]["detail"] for one in answer.json()["results"] if one["status"] != 201]
    assert not refused


def asked(hub: Attack, person: str, path: str, **query: str) -> httpx.Response:
    return hub.world.get_as(person, f"/v1/reports{path}", **query)


def report(hub: Attack, person: str, name: str, **query: str) -> Any:
    answer = asked(hub, person, f"/{name}", **query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


def rows(found: Json, table: str) -> dict[str, list[Any]]:
    (one,) = [one for one in found["tables"] if one["name"] == table]
    return {row["name"]: row["values"] for row in one["rows"]}


@pytest.mark.req("R-184", "R-186")
@pytest.mark.parametrize(
    ("person", "names"),
    [
        (OFFICER, OF_CHILDREN | OF_ORGANISATIONS),
        (LEAD, OF_CHILDREN | OF_ORGANISATIONS),
        (GOVERNS, OF_ORGANISATIONS),
        (COMMISSIONS, OF_ORGANISATIONS),
        (AGENCY_OFFICER, OF_ORGANISATIONS),
        (f"{S_CSC}/tm-1", None),
        (WORKER, None),
        (f"{HUB}/idr-1", None),
    ],
    ids=["officer", "lead", "governs", "commissions", "agency officer", "manager", "worker", "reviewer"],
)
def test_who_may_have_which_reports(hub: Attack, person: str, names: set[str] | None) -> None:
    """Numbers of children are a partnership's; a commissioner has the governance area alone."""
    listed = asked(hub, person, "")
    if names is None:
        hub.refused(listed, 404, "not-found")
    else:
        assert {one["report"] for one in listed.json()["reports"]} == names
    for name in OF_CHILDREN | OF_ORGANISATIONS:
        answer = asked(hub, person, f"/{name}")
        if names is not None and name in names:
            assert answer.status_code == 200, answer.text
        else:
            hub.refused(answer, 404, "not-found")


@pytest.mark.req("R-012", "R-184")
def test_a_report_counts_the_children_of_the_readers_area_and_withholds_small_numbers(hub: Attack) -> None:
    every, local = (report(hub, one, "learning") for one in (OFFICER, LEAD))
    assert rows(every, "sides")["all"] == [16] and rows(local, "sides")["all"] == [11]
    # Nobody in both roles: a part below five, so that no part is told.
    assert rows(local, "sides")["has-harmed"] == [None]
    assert every["year"] == {
        "begins_in": 2025, "first": "2025-04-01", "last": "2026-03-31", "known_at": "2026-04-28T23:00:00Z"
    }  # fmt: skip
    assert every["fewest"] == 5
    steps = rows(report(hub, OFFICER, "parity"), "steps")
    assert steps["assessment"] == [None] * 4


@pytest.mark.req("R-186", "R-185")
def test_no_report_names_a_child(hub: Attack) -> None:
    children = list(hub.world.hub.identity.children())
    assert len(children) == 16
    for name in OF_CHILDREN | OF_ORGANISATIONS:
        text = asked(hub, OFFICER, f"/{name}").text
        assert not [one for one in children if one in text] and "local:" not in text


@pytest.mark.req("R-184")
@pytest.mark.parametrize("year", ["2026", "2031", "8999"])
def test_a_year_that_is_not_over_is_refused(hub: Attack, year: str) -> None:
    """Two readings of a year that runs would differ by whoever was told of in between."""
    hub.refused(asked(hub, OFFICER, "/learning", year=year), 422, "schema")
    before = report(hub, OFFICER, "learning", year="2024")
    assert before["year"]["begins_in"] == 2024 and rows(before, "sides")["all"] == [None]


@pytest.mark.req("R-184")
def test_what_is_posted_when_a_year_has_settled_changes_no_report_of_it(hub: Attack) -> None:
    before = report(hub, OFFICER, "learning")
    late = hub.event(S_CSC, "incident-recorded", f"local:{S_CSC}:has-harmed-1", {
        "role": "has-been-harmed", "status": "alleged", "place_kind": "school", "occurred_at": "2025-06-01",
    })  # fmt: skip
    hub.accepted(late, S_CSC)
    assert report(hub, OFFICER, "learning") == before


@pytest.mark.req("R-184")
def test_a_report_as_a_spreadsheet_has_the_same_values(hub: Attack) -> None:
    token = hub.world.person_token(OFFICER)
    answer = httpx.get(
        f"{hub.world.address}/v1/reports/learning",
        headers={"Authorization": f"Bearer {token}", "Accept": "text/csv"},
    )
    assert answer.headers["content-type"].startswith("text/csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "table,row,title,column,value"
    assert "sides,all,All children,children,16" in lines
    assert "sides,has-harmed,Children who have harmed,children,withheld" in lines


@pytest.mark.req("H-14")
def test_reading_a_report_is_an_access_of_no_child(hub: Attack) -> None:
    report(hub, LEAD, "parity")
    accesses = hub.world.get_as(OFFICER, "/v1/audit/accesses", organisation=LOCAL).json()["accesses"]
    assert (LEAD, "report-parity") in [(one["reader"], one["what"]) for one in accesses]
    (child, *_) = hub.world.hub.identity.children()
    of_child = hub.world.get_as(OFFICER, "/v1/audit/accesses", child=f"child:{child}").json()["accesses"]
    assert not [one for one in of_child if one["what"].startswith("report-")]


@pytest.mark.req("R-187", "R-189", "R-190", "R-191", "R-192")
def test_agencies_score_for_themselves_and_jointly_and_the_joint_result_stands_apart(hub: Attack) -> None:
    def scored(by: str, **data: Any) -> Json:
        members = {"author": f"{by}/gov-1", "cycle": "2025", "domain": "interventions", "statement": "in-1"}
        return hub.event(by, "framework-audit-scored", f"organisation:{by}", members | data)

    send(hub, ELM, [scored(ELM, score=0), scored(ELM, statement="in-2")])
    joint = {"joint": True, "evidence": "Seen together."}
    send(hub, S_CSC, [scored(S_CSC, score=4), scored(S_CSC, score=3, **joint)])
    action = {"author": f"{S_CSC}/gov-1", "cycle": "2025", "domain": "interventions", "what": "To train."}
    send(hub, S_CSC, [hub.event(S_CSC, "framework-audit-action-agreed", f"organisation:{S_CSC}", action)])
    assert report(hub, COMMISSIONS, "self-assessment")["organisations"] == [S_CSC]
    found = report(hub, OFFICER, "self-assessment")
    (cycle,) = found["cycles"]
    assert cycle["complete"] is False and len(cycle["missing"]) == 4
    (domain,) = [one for one in cycle["domains"] if one["domain"] == "interventions"]
    first, second = domain["statements"]
    assert (first["scores"], first["joint"], first["reasons"], first["spread"]) == (
        {ELM: 0, S_CSC: 4}, 3, "Seen together.", 4
    )  # fmt: skip
    assert second["scores"] == {ELM: None, S_CSC: None}
    assert domain["weakest"] and domain["prompt"] is None and domain["actions"][0]["what"] == "To train."
    (outline,) = found["star"]
    assert [one["mean"] for one in outline["axes"]] == [None, None, None, 3.0, None]
    (clock,) = found["deadlines"]
    assert (clock["clock"], clock["due_on"]) == ("K-22", "2026-11-20")


@pytest.mark.req("R-196", "R-197")
def test_training_and_procedures_by_organisation(hub: Attack) -> None:
    trained = {"person": f"{OAK}/dsl-1", "topic": "levels-of-behaviour", "attested_on": "2025-11-01"}
    send(hub, OAK, [hub.event(OAK, "training-attested", f"organisation:{OAK}", trained)])
    found = report(hub, OFFICER, "adoption")
    training, procedures = rows(found, "training"), rows(found, "procedures")
    assert training[OAK][1] == 1 and training[ELM][1] == 0
    assert training[OAK][2] == round(100 / training[OAK][0])
    assert procedures[S_CSC][0] == "llr-2024" and procedures[OAK][0] == "no procedure adopted"
    assert found["year"] is None


# --- on the command line ---------------------------------------------------------------------------


@pytest.fixture
def printed(hub: Attack, monkeypatch: pytest.MonkeyPatch) -> Printed:
    """What `hub report ...` prints over the same record, and with which code it ends."""
    settings = hub.world.hub.store.settings
    monkeypatch.setenv("HUB_MODE", "simulation")
    monkeypatch.setenv("HUB_ID", settings.id)
    monkeypatch.setenv("HUB_DATABASE_URL", settings.database_url.get_secret_value())

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(commands, ["report", *arguments])
        return done.exit_code, done.output

    return run


def noted(hub: Attack, person: str, what: str) -> int:
    rows = hub.world.get_as(OFFICER, "/v1/audit/accesses", organisation=person.split("/")[0]).json()
    return [(one["reader"], one["what"]) for one in rows["accesses"]].count((person, what))


@pytest.mark.req("R-184", "R-186", "H-14")
@pytest.mark.parametrize("name", sorted(OF_CHILDREN | OF_ORGANISATIONS))
def test_a_report_on_the_command_line_is_that_of_http_and_recorded_alike(
    hub: Attack, printed: Printed, name: str
) -> None:
    over_http, before = report(hub, LEAD, name), noted(hub, LEAD, f"report-{name}")
    code, said = printed(name, "--reader", LEAD, "--form", "json")
    assert code == 0 and json.loads(said) == over_http
    assert noted(hub, LEAD, f"report-{name}") == before + 1
    code, said = printed(name, "--reader", WORKER)
    assert code == 2 and "hub report list" in said and noted(hub, WORKER, f"report-{name}") == 0


@pytest.mark.req("R-184")
def test_the_command_line_prints_tables_and_spreadsheets_with_small_numbers_withheld(
    hub: Attack, printed: Printed
) -> None:
    code, said = printed("learning", "--reader", OFFICER)
    assert code == 0 and "1 April 2025" in said.replace("01 April", "1 April")
    rows = [line.split() for line in said.splitlines()]
    assert ["All", "children", "16"] in rows and ["Children", "who", "have", "harmed", "withheld"] in rows
    code, said = printed("learning", "--reader", OFFICER, "--form", "csv")
    sheet = httpx.get(
        f"{hub.world.address}/v1/reports/learning",
        headers={"Authorization": f"Bearer {hub.world.person_token(OFFICER)}", "Accept": "text/csv"},
    ).content.decode()
    assert code == 0 and said.replace("\r\n", "\n") == sheet.replace("\r\n", "\n")
    code, said = printed("self-assessment", "--reader", COMMISSIONS)
    assert code == 0 and "Interventions" in said and "K-22" in said


@pytest.mark.req("R-184", "R-186")
def test_the_command_line_says_what_can_be_asked(hub: Attack, printed: Printed) -> None:
    code, said = printed("list", "--reader", COMMISSIONS, "--json")
    assert code == 0 and {one["report"] for one in json.loads(said)} == OF_ORGANISATIONS
    code, said = printed("list", "--reader", WORKER)
    assert code == 0 and "none of the reports" in said
    for arguments, told in (
        (("parity", "--reader", OFFICER, "--year", "2026"), "four weeks after"),
        (("adoption", "--reader", OFFICER, "--year", "2024"), "leave --year out"),
        (("parity", "--reader", f"{HUB}/nobody"), "hub person list"),
        (("no-such-report", "--reader", OFFICER), "No such command"),
    ):
        code, said = printed(*arguments)
        assert code in (1, 2) and told in " ".join(said.split()), arguments
