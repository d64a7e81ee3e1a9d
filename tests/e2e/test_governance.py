"""Over HTTP: what organisations say of themselves, and the report of overrides."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from agencies.sdk.keys import generate_key, write_pair
from tests.support.hostile import C1001, C2001, ELM, LURE, N_CSC, OAK, S_CSC, Attack, Json, attacked
from tests.support.hub_process import ROOT
from tests.support.posted import checked_record

PARTNERS = "partnership.hub-ig"
OFFICER, OWN_OFFICER, OTHER_OFFICER = f"{PARTNERS}/igo-1", f"{S_CSC}/igo-9", f"{N_CSC}/igo-9"
MANAGER = f"{S_CSC}/tm-1"


@pytest.fixture(scope="module")
def attack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    with attacked(tmp_path_factory.mktemp("governance")) as found:
        directory = found.world.hub.store.directory
        for use in ("events", "client"):
            pair = write_pair(found.world.keys, PARTNERS, use, generate_key("Ed25519"))
            jwk = pair.public.read_text(encoding="utf-8")
            directory.register_key(PARTNERS, use, jwk)
        for person, role in (
            (OWN_OFFICER, "ig-officer"),
            (OTHER_OFFICER, "ig-officer"),
            (f"{ELM}/gov-1", "governance-lead"),
        ):
            directory.add_person(person, (role,))
        yield found


def about(attack: Attack, by: str, type_: str, organisation: str, **data: Any) -> Json:
    author = {PARTNERS: OFFICER, ELM: f"{ELM}/gov-1"}.get(by)
    return attack.event(
        by, type_, f"organisation:{organisation}", data | ({"author": author} if author else {})
    )


def profiles(attack: Attack) -> dict[str, str | None]:
    return {one.id: one.profile for one in attack.world.hub.store.directory.organisations()}


def asked(attack: Attack, person: str, path: str, **query: str) -> Any:
    answer = attack.world.get_as(person, path, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.req("R-197")
def test_a_partnership_says_which_procedure_rules_and_it_rules_from_the_receipt(attack: Attack) -> None:
    before = profiles(attack)
    event = about(attack, PARTNERS, "profile-adopted", OAK, adopts="darlington-2025", owner=f"{OAK}/dsl-1")
    claims = attack.accepted(event, PARTNERS)
    assert claims["subject"] == f"organisation:{OAK}"
    assert profiles(attack) == before | {OAK: "darlington-2025"}
    again = attack.post(event, PARTNERS)
    assert again.status_code == 200 and again.json()["claims"] == claims
    listed = attack.mine(PARTNERS)
    assert listed == [event["id"]]
    with attack.nothing_kept(PARTNERS, OAK):
        wrong = about(attack, PARTNERS, "profile-adopted", OAK, adopts=f"{LURE.lower()}-2030")
        attack.refused(attack.post(wrong, PARTNERS), 422, "schema")
        own = about(attack, OAK, "profile-adopted", OAK, adopts="llr-2024")
        attack.refused(attack.post(own, OAK), 403, "poster", "H-04")
        child = event | {"id": "posted-by-hand-of-child", "subject": C2001}
        attack.refused(attack.post(child, PARTNERS), 422, "schema")


@pytest.mark.req("H-26", "R-189")
def test_a_batch_takes_organisations_events_between_childrens_and_judges_each_alone(attack: Attack) -> None:
    scored = {"domain": "interventions", "statement": "in-1", "cycle": "2025-autumn"}
    events = [
        about(attack, ELM, "framework-audit-scored", ELM, **scored, score=0),
        attack.event(ELM),
        about(attack, ELM, "framework-audit-scored", ELM, **scored, score=5),
        about(attack, ELM, "framework-audit-scored", ELM, **scored, score=2.5),
        about(attack, ELM, "framework-audit-scored", OAK, **scored, score=1),
        about(attack, ELM, "framework-audit-action-agreed", ELM, domain="interventions", what="To train."),
        about(attack, ELM, "training-attested", ELM, person=f"{ELM}/dsl-1", topic="levels-of-behaviour"),
    ]
    body = "\n".join(attack.sign(one, ELM) for one in events)
    answer = attack.send(body, ELM, "/v1/events/batch")
    assert [one["status"] for one in answer.json()["results"]] == [201, 201, 422, 422, 403, 201, 201]


def test_nobody_who_reads_a_child_sees_anything_of_them(attack: Attack) -> None:
    readers = (("ENQ", "C-1001"), ("ENQ", "C-2001"), ("Elm", "C-1001"), ("Oak", "C-2001"))
    before = {one: attack.entries(*one) for one in readers}
    own = len(attack.mine(ELM))
    attack.accepted(about(attack, ELM, "training-attested", ELM, person=f"{ELM}/dsl-1"), ELM)
    attack.accepted(about(attack, PARTNERS, "profile-adopted", ELM, adopts="darlington-2025"), PARTNERS)
    assert {one: attack.entries(*one) for one in readers} == before
    assert len(attack.mine(ELM)) == own + 1
    hub = attack.world.hub
    streams = {
        one.stream for one in hub.store.record.log(0, 100_000) if one.stream.startswith("organisation/")
    }
    items = [one for stream in streams for one in hub.store.record.stream(stream)]
    checked = checked_record(attack)
    assert checked["whole"] and not checked["unverified"]
    assert items and all(hub.disclosure.notices(one) == () for one in items)


def overridden(attack: Attack) -> Json:
    data = {"kind": "allocated", "worker": f"{N_CSC}/sw-n1"}
    refused = attack.event(S_CSC, "social-worker-allocated", C2001, data)
    attack.refused(attack.post(refused, S_CSC), 403, "gate", "R-067")
    given = {"rule": "R-067", "manager": MANAGER, "reason": f"{LURE} reason"}
    event = refused | {"data": refused["data"] | {"override": given}}
    attack.accepted(event, S_CSC)
    return event


@pytest.mark.req("H-28", "H-15")
def test_every_override_is_listed_for_officers_and_its_reason_for_nobody(attack: Attack) -> None:
    event = overridden(attack)
    # An override that was sent along and was not needed is none.
    needless = {"kind": "allocated", "worker": f"{S_CSC}/sw-s1"}
    given = {"rule": "R-067", "manager": MANAGER, "reason": f"{LURE} reason"}
    attack.accepted(
        attack.event(S_CSC, "social-worker-allocated", C2001, needless | {"override": given}), S_CSC
    )
    (row,) = asked(attack, OFFICER, "/v1/audit/overrides")["overrides"]
    child = attack.world.children["C-2001"]
    entry_id = row.pop("entry_id")
    assert entry_id and row == {
        "rule": "R-067",
        "force": "SHOULD",
        "source": row["source"],
        "type": "social-worker-allocated",
        "event": {"source": event["source"], "id": event["id"]},
        "child": child,
        "organisation": S_CSC,
        "author": f"{S_CSC}/sw-s1",
        "manager": MANAGER,
        "received_at": row["received_at"],
        "stands": True,
    }
    assert row["source"].startswith("S") and row["received_at"].endswith(":00Z")
    by_child = asked(attack, OFFICER, "/v1/audit/overrides", child=C2001)["overrides"]
    assert [one["event"] for one in by_child] == [row["event"]]
    assert asked(attack, OFFICER, "/v1/audit/overrides", child=C1001)["overrides"] == []
    assert asked(attack, OFFICER, "/v1/audit/overrides", child="nhs:9990300100")["overrides"] == []


@pytest.mark.req("H-28", "H-15", "H-16")
def test_an_agencys_officer_gets_its_own_staffs_overrides_and_nobody_else_gets_any(attack: Attack) -> None:
    own = asked(attack, OWN_OFFICER, "/v1/audit/overrides")["overrides"]
    assert [one["organisation"] for one in own] == [S_CSC] and own[0]["child"] == attack.world.children[
        "C-2001"
    ]
    assert asked(attack, OTHER_OFFICER, "/v1/audit/overrides")["overrides"] == []
    for person in (MANAGER, f"{S_CSC}/sw-s1", f"{PARTNERS}/idr-1"):
        answer = attack.world.get_as(person, "/v1/audit/overrides")
        attack.refused(answer, 404, "not-found")


@pytest.mark.req("H-14", "H-15")
def test_asking_for_them_is_itself_an_access(attack: Attack) -> None:
    asked(attack, OWN_OFFICER, "/v1/audit/overrides", child=C2001)
    rows = asked(attack, OFFICER, "/v1/audit/accesses", child=C2001, organisation=S_CSC)["accesses"]
    assert [one["what"] for one in rows if one["reader"] == OWN_OFFICER] == ["audit-overrides"]


@pytest.mark.req("H-28", "H-02")
def test_an_override_stays_listed_after_its_decision_was_retracted(attack: Attack) -> None:
    (row,) = asked(attack, OFFICER, "/v1/audit/overrides")["overrides"]
    retraction = {"about": row["event"], "reason": "wrong-child"}
    attack.accepted(attack.event(S_CSC, "event-retracted", C2001, retraction), S_CSC)
    (after,) = asked(attack, OFFICER, "/v1/audit/overrides")["overrides"]
    assert after == row | {"stands": False}


@pytest.mark.req("H-28", "H-14")
def test_the_same_report_on_the_command_line_is_recorded_as_the_officers_access(attack: Attack) -> None:
    settings = attack.world.hub.store.settings
    given = {
        "HUB_MODE": "simulation",
        "HUB_ID": settings.id,
        "HUB_DATABASE_URL": settings.database_url.get_secret_value(),
    }

    def run(officer: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "hub.cli", "report", "overrides", "--officer", officer, "--json"]
        return subprocess.run(
            command, env=os.environ | given, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )

    def noted() -> int:
        rows = asked(attack, OFFICER, "/v1/audit/accesses", organisation=PARTNERS)["accesses"]
        return [(one["reader"], one["what"]) for one in rows].count((OFFICER, "audit-overrides"))

    before = noted()
    done = run(OFFICER)
    assert done.returncode == 0, done.stderr
    assert noted() == before + 1
    assert json.loads(done.stdout) == asked(attack, OFFICER, "/v1/audit/overrides")["overrides"]
    assert run(MANAGER).returncode == 2 and run(f"{PARTNERS}/nobody").returncode == 1
