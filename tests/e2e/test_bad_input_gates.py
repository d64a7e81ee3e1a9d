"""Decisions that a gate refuses, overrides that are none, and agreements that nobody else has given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from agencies.sdk.keys import generate_key, write_pair
from hub.pathway.profiles import PROFILES, Agreement
from tests.support.hostile import (
    C1001,
    C2001,
    EVERYBODY,
    HEALTH,
    LURE,
    N_CSC,
    OAK,
    POLICE,
    S_CSC,
    Attack,
    Json,
    attacked,
)

MANAGER = f"{S_CSC}/tm-1"
WRONG_ROOM: Json = {"meeting": "M1", "organisation": OAK, "decision": "invited"}


@pytest.fixture(scope="module")
def attack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    with attacked(tmp_path_factory.mktemp("gates")) as found:
        directory = found.world.hub.store.directory
        pair = write_pair(found.world.keys, HEALTH, "events", generate_key("Ed25519"))
        directory.register_key(HEALTH, "events", pair.public.read_text(encoding="utf-8"))
        directory.add_person(f"{N_CSC}/tm-1", ("team-manager",))
        directory.add_person(f"{S_CSC}/tm-2", ("team-manager",))
        directory.disable_person(f"{S_CSC}/tm-2")
        yield found


def allocated(attack: Attack, **more: object) -> Json:
    data = {"kind": "allocated", "worker": f"{N_CSC}/sw-n1"} | more
    return attack.event(S_CSC, "social-worker-allocated", C2001, data)


def override(**changes: str) -> Json:
    return {"override": {"rule": "R-067", "manager": MANAGER, "reason": f"{LURE} reason"} | changes}


@pytest.mark.req("H-28", "R-067")
@pytest.mark.parametrize(
    "wrong",
    [
        {},
        override(rule="R-082"),
        override(rule="R-999"),
        override(manager=f"{S_CSC}/sw-s1"),
        override(manager=f"{N_CSC}/tm-1"),
        override(manager=f"{S_CSC}/tm-2"),
        override(manager=f"{S_CSC}/{LURE}"),
        override() | {"author": MANAGER},
    ],
    ids=[
        "none", "another-rule", "no-rule", "no-manager", "another-organisations-manager", "disabled-manager",
        "unknown-manager", "the-author-itself",
    ],
)  # fmt: skip
def test_decision_refused_by_a_gate(attack: Attack, wrong: Json) -> None:
    with attack.nothing_kept(S_CSC, readers=EVERYBODY):
        found = attack.refused(
            attack.post(allocated(attack, **wrong), S_CSC), 403, "gate", "R-067", "S5 s.8; S3 s.4"
        )
        plain = attack.refused(attack.post(allocated(attack), S_CSC), 403, "gate")
    assert found["detail"] == plain["detail"], "a refusal's text is constant per rule"
    assert "override" in found["detail"], "and says what to do"
    attack.shut_out("SW-1001", "C-2001", C2001)


@pytest.mark.req("H-28", "R-124", "R-082", "R-142")
@pytest.mark.parametrize(
    ("by", "type_", "subject", "data", "rule"),
    [
        (S_CSC, "conference-decided", C2001, {"decision": "not-held", "manager": MANAGER}, "R-124"),
        (S_CSC, "conference-decided", C2001, {"decision": "not-held", "rationale": LURE}, None),
        (N_CSC, "invitation-sent", C1001, WRONG_ROOM, "R-082"),
        (S_CSC, "risk-management-plan-recorded", C2001,
         {"responsible_organisation": S_CSC, "parts": {"needs": LURE}},
         "R-142"),
    ],
    ids=["no-rationale", "no-manager", "wrong-room", "part-missing"],
)  # fmt: skip
def test_a_must_takes_no_override(
    attack: Attack, by: str, type_: str, subject: str, data: Json, rule: str | None
) -> None:
    given = override(rule=rule or "R-124", manager=MANAGER if by == S_CSC else f"{N_CSC}/tm-1")
    if rule is None:
        # This profile asks for no manager (S5 s.11): the rationale is enough.
        attack.accepted(attack.event(by, type_, subject, data), by)
        return
    with attack.nothing_kept(by, readers=EVERYBODY):
        for more in ({}, given):
            answer = attack.post(attack.event(by, type_, subject, data | more), by)
            assert attack.refused(answer, 403, "gate", rule)["source"]


@pytest.mark.req("H-28", "H-16")
def test_a_gates_refusal_tells_nothing_about_the_child(attack: Attack) -> None:
    seen = []
    for subject in (C1001, "nhs:9990300100", f"local:{N_CSC}:nobody-1"):
        answer = attack.post(attack.event(N_CSC, "invitation-sent", subject, WRONG_ROOM), N_CSC)
        found = attack.refused(answer, 403, "gate", "R-082")
        seen.append({name: value for name, value in found.items() if name != "instance"})
    assert seen[0] == seen[1] == seen[2]
    attack.refused(attack.read("SW-1001", "/v1/children", identifier="nhs:9990300100"), 404, "not-found")


@pytest.mark.req("H-28", "R-067")
def test_the_same_decision_with_a_right_override(attack: Attack) -> None:
    refused = allocated(attack)
    attack.refused(attack.post(refused, S_CSC), 403, "gate", "R-067")
    # The id of the refused post was not reserved.
    overridden = refused | {"data": refused["data"] | override()}
    attack.accepted(overridden, S_CSC)
    assert attack.entries("SW-1001", "C-2001"), "the child's own authority has let this worker in"
    back = allocated(attack, worker=f"{S_CSC}/sw-s1")
    attack.accepted(back, S_CSC)
    attack.shut_out("SW-1001", "C-2001", C2001)


@pytest.fixture
def two_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    """The profile of S CSC asks that health agrees before it is recorded that health treats a child."""
    row = Agreement(
        type="relationship-recorded",
        kinds=frozenset({"social-care", "health"}),
        when={"kind": ("treated",)},
        requirement="R-064",
        source="S5 s.13",
    )
    profile = PROFILES["llr-2024"]
    monkeypatch.setitem(PROFILES, "llr-2024", replace(profile, agreements=(*profile.agreements, row)))  # type: ignore[arg-type]


@pytest.mark.req("R-064")
def test_agreement_by_a_second_organisation(attack: Attack, two_sign: None) -> None:
    treats = {"kind": "treated", "organisation": HEALTH, "person": f"{HEALTH}/nurse-1"}

    def recorded(by: str, agrees_with: Json | None = None, **members: str) -> Json:
        more = {} if agrees_with is None else {"agrees_with": agrees_with}
        event = attack.event(by, "relationship-recorded", C2001, treats | more, **members)
        attack.accepted(event, by)
        return event

    attack.shut_out("HL-1001", "C-2001", C2001)
    first = recorded(S_CSC)
    named = {"source": first["source"], "id": first["id"]}
    attack.shut_out("HL-1001", "C-2001", C2001)
    # It agrees with itself.
    recorded(S_CSC, named)
    attack.shut_out("HL-1001", "C-2001", C2001)
    # It agrees with what nobody posted, with itself before it is there, and with another type.
    recorded(S_CSC, {"source": f"urn:safeguarding:org:{HEALTH}", "id": "nobody-posted-this-000"})
    attack.shut_out("HL-1001", "C-2001", C2001)
    own = "agrees-with-itself-000"
    recorded(S_CSC, {"source": first["source"], "id": own}, id=own)
    attack.shut_out("HL-1001", "C-2001", C2001)
    other = attack.event(HEALTH, "initial-account-recorded", C2001)
    attack.accepted(other, HEALTH)
    recorded(S_CSC, {"source": other["source"], "id": other["id"]})
    attack.shut_out("HL-1001", "C-2001", C2001)
    # Another organisation of the same kind agrees; one that may not post the decision tries to.
    recorded(N_CSC, named)
    police = attack.event(POLICE, "relationship-recorded", C2001, treats | {"agrees_with": named})
    with attack.nothing_kept(POLICE):
        attack.refused(attack.post(police, POLICE), 403, "poster", "H-04")
    attack.shut_out("HL-1001", "C-2001", C2001)
    # Now the second organisation agrees.
    recorded(HEALTH, named)
    assert attack.entries("HL-1001", "C-2001") is not None
