"""Over HTTP: a team manager is told of the decisions of its own organisation that a rule refused."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from hub.errors import HubError
from hub.pathway.gates import GATES
from tests.support.hostile import C1001, C2001, ELM, LURE, N_CSC, OAK, S_CSC, TIME, Attack, Json, attacked

PATH = "/v1/blocked-decisions"
MANAGER, OTHER_MANAGER = f"{S_CSC}/tm-1", f"{N_CSC}/tm-1"
OFFICER = "partnership.hub-ig/igo-1"
MEMBERS = {
    "at", "type", "title", "rule", "force", "source", "reason", "can_be_overridden", "trace",
}  # fmt: skip


@pytest.fixture(scope="module")
def attack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    with attacked(tmp_path_factory.mktemp("blocked")) as found:
        found.world.hub.store.directory.add_person(OTHER_MANAGER, ("team-manager",))
        yield found


def blocked(attack: Attack, person: str = MANAGER) -> list[Json]:
    answer = attack.world.get_as(person, PATH)
    assert answer.status_code == 200, answer.text
    assert LURE.lower() not in answer.text.lower()
    found: list[Json] = answer.json()["blocked_decisions"]
    return found


def given_to(worker: str, **more: object) -> Json:
    return {"kind": "allocated", "worker": worker, **more}


def refused(attack: Attack, type_: str, data: Json, by: str = S_CSC, subject: str = C2001) -> httpx.Response:
    """A decision that a rule refuses, with the lure in whatever may hold it."""
    answer = attack.post(attack.event(by, type_, subject, data, time=TIME), by)
    attack.refused(answer, 403, "gate")
    return answer


@pytest.mark.req("D-55", "H-28")
def test_the_own_organisations_manager_gets_when_what_why_and_the_trace_to_ask_by(attack: Attack) -> None:
    before = blocked(attack)
    first = refused(attack, "social-worker-allocated", given_to(f"{N_CSC}/sw-n1"))
    nothing = {"meeting": f"{LURE}-1", "organisation": ELM, "decision": "invited", "reason": LURE}
    second = refused(attack, "invitation-sent", nothing)
    rows = blocked(attack)
    assert rows[: len(before)] == before, "the newest are last"
    allocation, invitation = rows[len(before) :]
    assert set(allocation) == MEMBERS
    problem = first.json()
    assert allocation == {
        "at": allocation["at"],
        "type": "social-worker-allocated",
        "title": attack.world.hub.catalogue.types["social-worker-allocated"].title,
        "rule": "R-067",
        "force": "SHOULD",
        "source": problem["source"],
        "reason": problem["detail"],
        "can_be_overridden": True,
        "trace": first.headers["trace-id"],
    }
    assert allocation["at"].endswith(":00Z")
    assert (invitation["type"], invitation["rule"]) == ("invitation-sent", "R-082")
    assert (invitation["force"], invitation["can_be_overridden"]) == ("MUST", False)
    assert (invitation["reason"], invitation["trace"]) == (
        second.json()["detail"], second.headers["trace-id"],
    )  # fmt: skip


@pytest.mark.req("D-55", "H-16")
def test_another_authoritys_manager_a_worker_and_a_school_do_not(attack: Attack) -> None:
    refused(attack, "social-worker-allocated", given_to(f"{N_CSC}/sw-n1"))
    trace = blocked(attack)[-1]["trace"]
    assert trace not in json.dumps(blocked(attack, OTHER_MANAGER))
    for person in (f"{S_CSC}/sw-s1", f"{S_CSC}/fd-1", f"{OAK}/dsl-1", f"{ELM}/dsl-1", OFFICER):
        attack.refused(attack.world.get_as(person, PATH), 404, "not-found")
    system = {"Authorization": f"Bearer {attack.world.system_token(S_CSC)}"}
    attack.refused(httpx.get(attack.world.address + PATH, headers=system, timeout=30), 404, "not-found")
    assert httpx.get(attack.world.address + PATH, timeout=30).status_code == 401


@pytest.mark.req("D-55")
def test_what_no_rule_refused_is_not_listed(attack: Attack) -> None:
    """A wrong signature, a wrong form, a poster who may not, an id used twice; and what was taken."""
    before = blocked(attack)
    event = attack.event(S_CSC, "social-worker-allocated", C2001, given_to(f"{S_CSC}/sw-s1"))
    broken = attack.sign(event, S_CSC)
    attack.refused(attack.send(broken[:-8] + "AAAAAAAA", S_CSC), 401, "signature")
    unknown = event | {"data": event["data"] | {f"{LURE.lower()}_member": LURE}}
    attack.refused(attack.post(unknown, S_CSC), 422, "schema")
    nobodys = event | {"id": "posted-by-hand-no-such-type", "type": f"safeguarding.{LURE.lower()}.v1"}
    assert attack.post(nobodys, S_CSC).status_code == 422
    own = attack.event(ELM, "social-worker-allocated", C1001, given_to(f"{N_CSC}/sw-n1"))
    attack.refused(attack.post(own, ELM), 403, "poster")
    attack.accepted(event, S_CSC)
    other = event | {"data": event["data"] | {"worker": f"{S_CSC}/enq-1"}}
    attack.refused(attack.post(other, S_CSC), 409, "conflict")
    assert blocked(attack) == before


@pytest.mark.req("D-55", "H-28")
def test_a_decision_that_nobody_answers_for_is_blocked_and_no_manager_can_override_it(attack: Attack) -> None:
    data = given_to(f"{S_CSC}/sw-s1", author=f"{S_CSC}/{LURE.lower()}")
    answer = attack.post(attack.event(S_CSC, "social-worker-allocated", C2001, data), S_CSC)
    attack.refused(answer, 403, "gate", "H-28")
    row = blocked(attack)[-1]
    assert (row["rule"], row["force"], row["can_be_overridden"]) == ("H-28", None, False)
    assert row["reason"] == answer.json()["detail"]


@pytest.mark.req("D-55", "H-26")
def test_of_a_batch_each_refused_decision_is_listed_with_the_batchs_trace(attack: Attack) -> None:
    before = len(blocked(attack))
    lines = [
        attack.sign(attack.event(S_CSC, "social-worker-allocated", C2001, given_to(f"{N_CSC}/sw-n1")), S_CSC)
        for _ in range(2)
    ]
    answer = attack.send("\n".join([*lines, "x"]), S_CSC, "/v1/events/batch")
    assert [one["status"] for one in answer.json()["results"]] == [403, 403, 401]
    traces = [one["trace"] for one in blocked(attack)[before:]]
    assert traces == [answer.headers["trace-id"]] * 2


@pytest.mark.req("D-55")
def test_no_refusal_keeps_anything_that_was_sent(attack: Attack) -> None:
    """Of a decision the type and the rule's own sentence, of any other post neither."""
    needless = {"rule": "R-067", "manager": f"{S_CSC}/sw-s1", "reason": f"{LURE} reason"}
    refused(attack, "social-worker-allocated", given_to(f"{N_CSC}/sw-n1", override=needless))
    attack.refused(attack.post(attack.event(ELM, data={LURE.lower(): LURE}), ELM), 422, "schema")
    blocked(attack)
    bodies = [(one.body or b"").decode() for one in attack.world.hub.store.record.stream("refusals")]
    members = [set(json.loads(one)) for one in bodies[-2:]]
    always = {"slug", "rule", "organisation", "at", "trace"}
    assert members == [always | {"type", "detail"}, always]
    (rule,) = {one.refusal for one in GATES if one.refusal.rule == "R-067"}
    assert json.loads(bodies[-2])["detail"] == f"{rule.text} {rule.fix}"
    for body in bodies:
        for sent in (LURE.lower(), C2001, "sw-n1", "posted-by-hand"):
            assert sent not in body.lower()


@pytest.mark.req("H-14", "D-55")
def test_the_reading_is_an_access_with_its_purpose_and_basis(attack: Attack) -> None:
    answer = attack.world.get_as(MANAGER, PATH)
    rows = attack.world.get_as(OFFICER, f"/v1/audit/accesses?person={MANAGER}").json()["accesses"]
    (row,) = [one for one in rows if one["trace"] == answer.headers["trace-id"]]
    assert (row["what"], row["organisation"], row["purpose"]) == ("blocked-decisions", S_CSC, "oversight")
    assert row["lawful_basis"] and row["lawful_basis"] != "not-stated" and row["outcome"] == "disclosed"


@pytest.mark.req("H-14")
def test_nothing_is_answered_where_the_access_cannot_be_recorded(
    attack: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = attack.world.hub.store.record
    read: list[str] = []
    stream, append = record.stream, record.append

    def fails(*_: object, **__: object) -> object:
        raise HubError("store")

    def watched(name: str, after: int = 0) -> object:
        read.append(name)
        return stream(name, after)

    monkeypatch.setattr(record, "append", fails)
    monkeypatch.setattr(record, "stream", watched)
    answer = attack.world.get_as(MANAGER, PATH)
    attack.refused(answer, 503, "store")
    assert "refusals" not in read
    monkeypatch.setattr(record, "append", append)
    assert attack.world.get_as(MANAGER, PATH).status_code == 200 and "refusals" in read
