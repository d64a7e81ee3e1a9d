"""The contract of posting: answers, receipts, batches, facts, decisions, and children nobody knows yet."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agencies.sdk.keys import generate_key, public_jwk
from hub.record.checkpoint import verify_checkpoint
from hub.record.leaf import leaf_data, leaf_hash
from hub.record.merkle import verify_inclusion
from tests.support.hostile import (
    C1001,
    C1001_UPN,
    C2001,
    ELM,
    N_CSC,
    OAK,
    POLICE,
    S_CSC,
    Attack,
    Json,
    attacked,
    written,
)
from tests.support.posted import checked_record, correction, incident, named, told

CLAIMS = {"event", "subject", "received_at", "leaf_index", "leaf_data", "salt", "warnings", "policy_version"}
SCREENING = {"Access-Purpose": "referral-screening"}
WORKER = f"{N_CSC}/sw-n1"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    with attacked(tmp_path_factory.mktemp("posting")) as found:
        yield found


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


# --- receipts --------------------------------------------------------------------------------------


@pytest.mark.req("H-01", "H-03")
def test_a_receipt_has_exactly_its_members_signed_by_the_hub_and_proved_when_covered(hub: Attack) -> None:
    event = hub.event()
    answer = hub.post(event)
    body = answer.json()
    assert answer.status_code == 201 and set(body) == {"receipt", "claims", "proof"}
    claims = body["claims"]
    assert set(claims) == CLAIMS
    assert claims["event"] == named(event) and claims["subject"] == C1001_UPN
    assert claims["warnings"] and all(set(one) == {"rule", "text", "source"} for one in claims["warnings"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", claims["received_at"])
    header, payload, signature = body["receipt"].split(".")
    store = hub.world.hub.store
    store.keys.signing.public_key().verify(decoded(signature), f"{header}.{payload}".encode())
    assert json.loads(decoded(payload)) == claims
    leaf = leaf_data("event", event["source"], event["id"], decoded(claims["salt"]), written(event))
    assert claims["leaf_data"].encode() == leaf

    store.record.ledger.integrate(store.clock.wall())
    later = hub.world.as_system(ELM, f"/v1/events/{ELM}/{event['id']}/receipt")
    assert (later["receipt"], later["claims"]) == (body["receipt"], claims)
    assert set(later["proof"]) == {"checkpoint", "inclusion"}
    checkpoint = verify_checkpoint(later["proof"]["checkpoint"], store.signer.note_key)
    path = [base64.b64decode(one) for one in later["proof"]["inclusion"]]
    assert verify_inclusion(leaf_hash(leaf), claims["leaf_index"], checkpoint.size, path, checkpoint.root)


@pytest.mark.req("H-03", "D-18")
def test_the_answer_is_the_same_whether_or_not_the_child_is_known(hub: Attack) -> None:
    known, unknown = (
        hub.post(hub.event(subject=subject)) for subject in (C1001_UPN, "local:education.elm-school:new-1")
    )
    assert (known.status_code, unknown.status_code) == (201, 201)
    same = known.json()["claims"], unknown.json()["claims"]
    for claims in same:
        for name in ("event", "subject", "leaf_index", "leaf_data", "salt"):
            del claims[name]
    assert same[0] == same[1]
    assert known.json()["proof"] is unknown.json()["proof"] is None
    assert set(known.headers) == set(unknown.headers)


@pytest.mark.req("H-21")
def test_a_new_key_signs_at_once_an_old_one_through_the_overlap_a_revoked_one_never(hub: Attack) -> None:
    directory, old, new = hub.world.hub.store.directory, hub.key(POLICE), generate_key("ES256")
    event = hub.event(POLICE, "incident-recorded", C2001, {"role": "has-harmed", "status": "alleged"})
    first = hub.send(hub.sign(event, POLICE), POLICE)
    soon = hub.world.hub.store.clock.wall() + timedelta(hours=1)
    directory.rotate_key(old.thumbprint(), public_jwk(new).decode(), soon)
    again = hub.send(hub.sign(event, POLICE, new), POLICE)
    assert (first.status_code, again.status_code) == (201, 200), "signed again is the same content"
    assert again.json()["receipt"] == first.json()["receipt"]
    other = hub.event(POLICE, "incident-recorded", C2001, {"role": "has-harmed", "status": "alleged"})
    assert hub.send(hub.sign(other, POLICE), POLICE).status_code == 201
    directory.revoke_key(old.thumbprint(), compromised_since=datetime(2025, 11, 20, 12, 15, tzinfo=UTC))
    hub.refused(hub.send(hub.sign(other, POLICE), POLICE), 401, "key-revoked")
    receipt = hub.world.as_system(POLICE, f"/v1/events/{POLICE}/{event['id']}/receipt")
    assert receipt["receipt"] == first.json()["receipt"], "what it signed before stays"
    # Everything it signed still verifies; what came since it was stolen is named for review.
    checked = checked_record(hub)
    assert (checked["whole"], checked["unverified"]) == (True, [])
    assert checked["since_compromise"] == [named(event), named(other)]


# --- batches and own posts ---------------------------------------------------------------------------


@pytest.mark.req("H-26", "H-03")
def test_a_batch_answers_line_by_line_and_each_line_sees_the_earlier_ones(hub: Attack) -> None:
    event = incident(hub)
    good = hub.sign(event, OAK)
    about = hub.sign(hub.event(OAK, "criminal-outcome-recorded", C2001, {"outcome": "charge"}), OAK)
    changed = hub.sign(correction(hub, event, OAK, status="acknowledged"), OAK)
    answer = hub.send("\r\n".join([good, about, changed, good]) + "\r\n", OAK, "/v1/events/batch")
    assert answer.status_code == 200 and set(answer.json()) == {"results"}
    results = answer.json()["results"]
    assert [one["status"] for one in results] == [201, 403, 201, 200]
    assert set(results[0]) == {"status", "receipt", "claims", "proof"}
    assert set(results[1]) == {"status", "problem"}
    hub.checked(results[1]["problem"], 403, "poster")
    assert results[1]["problem"]["rule"] == "H-04"
    assert results[3]["receipt"] == results[0]["receipt"]


@pytest.mark.req("D-30", "D-22")
def test_own_posts_come_as_posted_page_by_page_and_a_routed_referral_as_its_decision(hub: Attack) -> None:
    first = hub.world.as_system(ELM, "/v1/events", mine="", limit="2")
    second = hub.world.as_system(ELM, "/v1/events", mine="", limit="2", cursor=first["cursor"])
    assert set(first) == {"posts", "cursor"} and len(first["posts"]) == 2
    ids = [one["id"] for page in (first, second) for one in page["posts"]]
    assert len(set(ids)) == 4
    for one in first["posts"]:
        assert set(one["claims"]) == CLAIMS
        assert one["event"]["id"] == one["id"] == one["claims"]["event"]["id"]
    posts = hub.world.as_system(N_CSC, "/v1/events", mine="", limit="200")["posts"]
    (routed,) = [one for one in posts if one["type"] == "referral-made"]
    assert routed["event"] is None and routed["decision"] == {"decided_at": "2025-09-15T09:05:00Z"}
    hub.refused(hub.read("Oak", "/v1/events"), 422, "schema")


# --- facts and decisions -------------------------------------------------------------------------------


@pytest.mark.req("H-27")
def test_an_incident_with_every_optional_field_missing_is_kept_with_its_open_items(hub: Attack) -> None:
    warnings = hub.accepted(incident(hub), OAK)["warnings"]
    assert {"R-016", "R-041", "R-002"} <= {one["rule"] for one in warnings}
    assert all(one["text"] and one["source"] for one in warnings)


@pytest.mark.req("H-27", "Q-05")
def test_a_code_outside_its_list_is_kept_as_other_and_a_profile_is_for_information(hub: Attack) -> None:
    event = incident(hub, categories=["zany-kind"], profile="darlington-2025")
    assert {"H-27", "Q-05"} <= {one["rule"] for one in hub.accepted(event, OAK)["warnings"]}
    (found,) = told(hub, "Oak", "zany-kind")
    assert found["fields"]["categories"] == ["other:zany-kind"]


@pytest.mark.req("H-25", "H-05")
@pytest.mark.parametrize(
    ("occurred_at", "precision", "late"),
    [
        ("2025-11-13", "day", False),
        ("2025-11-12", "day", True),
        ("2025-11", "month", False),
        ("2025-10", "month", True),
        ("2025-11-01", "unknown", False),
    ],
)
def test_late_is_more_than_seven_days_from_the_end_of_the_span(
    hub: Attack, occurred_at: str, precision: str, late: bool
) -> None:
    word = f"synthetic {occurred_at} {precision}"
    hub.accepted(incident(hub, occurred_at=occurred_at, precision=precision, narrative=word), OAK)
    (found,) = told(hub, "Oak", word)
    assert found["recorded_late"] is late
    # Filtered at its span, an unknown time at its recording.
    first = "2025-11-20" if precision == "unknown" else occurred_at[:7] + "-01"
    last = "2025-11-19" if precision == "unknown" else "2025-09-30"
    assert told(hub, "Oak", word, **{"from": first}) == [found]
    assert told(hub, "Oak", word, to=last) == []


@pytest.mark.req("H-28", "R-067")
def test_a_refused_decision_names_rule_source_and_fix_and_a_manager_may_override_it(hub: Attack) -> None:
    def allocated(**data: Any) -> Json:
        return hub.event(
            S_CSC, "social-worker-allocated", C2001, {"kind": "allocated", "worker": WORKER} | data
        )

    def override(manager: str) -> Json:
        return {"rule": "R-067", "manager": manager, "reason": "Nobody else is free this week."}

    refused = hub.refused(hub.post(allocated(), S_CSC), 403, "gate", "R-067")
    assert "S5" in refused["source"] and "another social worker" in refused["detail"]
    for manager in (f"{S_CSC}/sw-s1", f"{S_CSC}/sgu-1", f"{POLICE}/caiu-1"):
        hub.refused(hub.post(allocated(override=override(manager)), S_CSC), 403, "gate", "R-067")
    assert hub.post(allocated(override=override(f"{S_CSC}/tm-1")), S_CSC).status_code == 201
    back = hub.event(
        S_CSC, "social-worker-allocated", C2001, {"kind": "allocated", "worker": f"{S_CSC}/sw-s1"}
    )
    hub.accepted(back, S_CSC)


@pytest.mark.req("H-28", "R-079", "R-082", "R-124")
def test_refusals_that_rest_on_a_must_name_theirs(hub: Attack) -> None:
    invitation = {"meeting": "M1", "organisation": OAK, "person": f"{OAK}/dsl-1", "decision": "invited"}
    cases = [
        (N_CSC, "separate-meetings-decided", C1001, {"separate": False}, "R-079"),
        (N_CSC, "invitation-sent", C1001, invitation, "R-082"),
        (S_CSC, "conference-decided", C2001, {"decision": "not-held"}, "R-124"),
    ]
    for by, type_, subject, data, rule in cases:
        document = hub.refused(hub.post(hub.event(by, type_, subject, data), by), 403, "gate", rule)
        assert document["source"].startswith("S")


# --- children nobody knows yet ------------------------------------------------------------------------------


@pytest.mark.req("R-061", "D-24")
def test_a_provisional_stream_is_seen_by_the_posters_front_door_and_identity_reviewers_only(
    hub: Attack,
) -> None:
    reference = "local:education.oak-school:unknown-7"
    referral = hub.event(OAK, "referral-made", reference, {"target": "csc", "to": S_CSC})
    hub.accepted(referral, OAK)
    world = hub.world
    front = world.get_as(f"{S_CSC}/fd-1", "/v1/children", SCREENING, identifier=reference)
    assert front.status_code == 200
    child = front.json()["child"]
    mine = world.get_as(f"{S_CSC}/fd-1", "/v1/me/children").json()["children"]
    assert [one["relationships"] for one in mine if one["child"] == child] == [["front-door"]]
    page = world.get_as(f"{S_CSC}/fd-1", f"/v1/children/{child}/chronology", SCREENING).json()
    assert [one["type"] for one in page["entries"]] == ["referral-made"]
    queue = world.get_as("partnership.hub-ig/idr-1", "/v1/identity/queue").json()["queue"]
    (waiting,) = [one for one in queue if one["provisional"] == child]
    assert set(waiting) == {"kind", "provisional", "area", "since", "reference"}
    assert (waiting["kind"], waiting["area"], waiting["reference"]) == ("provisional", S_CSC, reference)
    for person, purpose in (
        (f"{N_CSC}/fd-1", "referral-screening"),
        (f"{OAK}/dsl-1", "education-safety"),
        (f"{S_CSC}/sw-s1", "assessment"),
    ):
        headers = {"Access-Purpose": purpose}
        hub.refused(world.get_as(person, "/v1/children", headers, identifier=reference), 404, "not-found")
        hub.refused(world.get_as(person, f"/v1/children/{child}/chronology", headers), 404, "not-found")
        hub.refused(world.get_as(person, "/v1/identity/queue"), 404, "not-found")


# --- proofs that lag ------------------------------------------------------------------------------


@pytest.mark.req("H-14", "H-27")
def test_while_checkpoints_lag_a_fact_is_taken_without_proof_and_readiness_is_red(
    hub: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = hub.world.hub.store.record.ledger
    wall = hub.world.hub.store.clock.wall
    ledger.integrate(wall())
    monkeypatch.setattr("hub.cli.readiness.LONGEST_LAG", timedelta(milliseconds=200))
    with monkeypatch.context() as paused:
        paused.setattr(type(ledger), "integrate", lambda self, now: None)
        event = hub.event()
        answer = hub.post(event)
        assert answer.status_code == 201 and answer.json()["proof"] is None
        hub.world.hub.services.ready()
        time.sleep(0.4)
        ready = hub._http.get(f"{hub.world.address}/readyz")
        assert ready.status_code == 503
        assert ready.json() == {"status": "not ready", "failing": ["ledger"]}
        assert hub.post(hub.event()).status_code == 201
    ledger.integrate(wall())
    assert hub._http.get(f"{hub.world.address}/readyz").json() == {"status": "ready", "failing": []}
    assert hub.world.as_system(ELM, f"/v1/events/{ELM}/{event['id']}/receipt")["proof"] is not None
