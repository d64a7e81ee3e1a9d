"""Posts by those who may not: wrong posters, false authors, grants to oneself, other people's corrections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agencies.sdk.keys import generate_key, write_pair
from tests.support.hostile import (
    C1001,
    C1001_UPN,
    C2001,
    ELM,
    EVERYBODY,
    HEALTH,
    LURE,
    N_CSC,
    OAK,
    POLICE,
    S_CSC,
    YOUTH,
    Attack,
    Json,
    attacked,
)

INCIDENT: Json = {"role": "has-been-harmed", "status": "alleged", "narrative": f"{LURE} told"}


@pytest.fixture(scope="module")
def attack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    with attacked(tmp_path_factory.mktemp("posters")) as found:
        directory = found.world.hub.store.directory
        for organisation in (HEALTH, YOUTH):
            pair = write_pair(found.world.keys, organisation, "events", generate_key("Ed25519"))
            directory.register_key(organisation, "events", pair.public.read_text(encoding="utf-8"))
        yield found


@pytest.mark.req("H-04")
@pytest.mark.parametrize(
    ("by", "type_", "data"),
    [
        (ELM, "criminal-outcome-recorded", {"outcome": "nfa-evidence"}),
        pytest.param(
            N_CSC,
            "criminal-investigation-decided",
            {"decision": "investigate"},
            marks=pytest.mark.req("R-158"),
        ),
        (N_CSC, "criminal-outcome-recorded", {"outcome": "charge"}),
        (ELM, "section-47-enquiry-initiated", {"threshold": "significant-harm-likely"}),
        (POLICE, "conference-decided", {"decision": "not-held", "rationale": LURE}),
        (POLICE, "setting-risk-assessment-recorded", {"parts": [1], "part_1": LURE}),
        (ELM, "interview-held", {"kind": "abe"}),
        (OAK, "adult-involvement-suspected", {"category": LURE}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_poster(attack: Attack, by: str, type_: str, data: Json) -> None:
    with attack.nothing_kept(by):
        answer = attack.post(attack.event(by, type_, C1001, data), by)
        attack.refused(answer, 403, "poster", "H-04")
    attack.accepted(attack.event(by, "initial-account-recorded", C1001), by)


@pytest.mark.req("H-27", "H-28")
@pytest.mark.parametrize("author", [f"{POLICE}/nobody", f"{N_CSC}/fd-1", f"{ELM}/dsl-1", f"{POLICE}/{LURE}"])
def test_false_author(attack: Attack, author: str) -> None:
    # A decision that nobody of the poster's answers for is refused ...
    decision = attack.event(POLICE, "criminal-investigation-decided", C2001, {"decision": "not-investigate"})
    false = decision | {"data": decision["data"] | {"author": author}}
    with attack.nothing_kept(POLICE):
        attack.refused(attack.post(false, POLICE), 403, "gate", "H-28", "contract 2")
    # ... and a fact is kept, with a warning that says so and does not name the author.
    fact = attack.event(POLICE, "incident-recorded", C1001, INCIDENT | {"author": author})
    claims = attack.accepted(fact, POLICE)
    assert "H-28" in {one["rule"] for one in claims["warnings"]}
    assert author not in str(claims["warnings"])
    honest = attack.accepted(attack.event(POLICE, "incident-recorded", C1001, INCIDENT), POLICE)
    assert "H-28" not in {one["rule"] for one in honest["warnings"]}
    attack.accepted(decision, POLICE)


@pytest.mark.req("H-28")
def test_a_disabled_author_decides_nothing(attack: Attack) -> None:
    directory = attack.world.hub.store.directory
    directory.add_person(f"{S_CSC}/leaver-1", ("team-manager",))
    data = {"separate": True, "author": f"{S_CSC}/leaver-1"}
    attack.accepted(attack.event(S_CSC, "separate-meetings-decided", C2001, data), S_CSC)
    directory.disable_person(f"{S_CSC}/leaver-1")
    with attack.nothing_kept(S_CSC):
        again = attack.event(S_CSC, "separate-meetings-decided", C2001, data)
        attack.refused(attack.post(again, S_CSC), 403, "gate", "H-28")


MEETS: Json = {
    "kind": "strategy",
    "meeting": "M2",
    "attendance": [{"organisation": ELM, "person": f"{ELM}/dsl-1"}],
}
OPENS: Json = {"identifiers": [C2001], "responsible_authority": N_CSC, "schools": [ELM]}
GRANTS: list[tuple[str, Json, int | str]] = [
    ("relationship-recorded", {"kind": "enrolled", "organisation": ELM}, "poster"),
    ("relationship-recorded", {"kind": "cover", "organisation": ELM, "person": f"{ELM}/dsl-1"}, "poster"),
    ("relationship-recorded", {"kind": "treated", "organisation": ELM}, "poster"),
    ("child-stream-opened", OPENS, "poster"),
    ("social-worker-allocated", {"kind": "enquiry", "worker": f"{ELM}/dsl-1"}, "poster"),
    ("invitation-sent", {"meeting": "M2", "organisation": ELM, "decision": "invited"}, "poster"),
    ("invitation-sent", {"meeting": LURE, "organisation": ELM, "decision": "invited"}, "poster"),
    ("meeting-convened", {"kind": "professionals", "meeting": "P1"}, 201),
    ("meeting-convened", {"kind": "strategy", "meeting": "P2"}, "poster"),
    ("meeting-held", MEETS | {"kind": "professionals", "meeting": "P1"}, 201),
    ("meeting-held", MEETS, 201),
    ("meeting-held", MEETS | {"meeting": "P3"}, 201),
    ("referral-made", {"target": "csc", "to": ELM}, 201),
    ("incident-recorded", INCIDENT | {"others": [{"ref": C1001_UPN}]}, 201),
    ("child-mentioned", {"others": [{"ref": C1001_UPN}]}, 201),
    ("place-declared", {"kind": "school", "place": "elm", "organisation": ELM}, 201),
]


@pytest.mark.req("H-16")
@pytest.mark.parametrize(
    ("type_", "data", "answer"), GRANTS, ids=lambda one: one if isinstance(one, str) else ""
)
def test_self_granted_relationship(attack: Attack, type_: str, data: Json, answer: int | str) -> None:
    """A school posts what would let it in, about a child that is not its own: it stays outside."""
    event = attack.event(ELM, type_, C2001, data)
    if answer == 201:
        attack.accepted(event)
    else:
        with attack.nothing_kept(readers=EVERYBODY):
            attack.refused(attack.post(event), 403, str(answer))
    attack.shut_out("Elm", "C-2001", C2001)


@pytest.mark.req("H-16")
@pytest.mark.parametrize(
    ("type_", "data", "answer"),
    [
        (
            "relationship-recorded",
            {"kind": "enquiry", "organisation": N_CSC, "person": f"{N_CSC}/sw-n1"},
            "poster",
        ),
        ("relationship-recorded", {"kind": "enrolled", "organisation": ELM}, 201),
        ("social-worker-allocated", {"kind": "allocated", "worker": f"{N_CSC}/sw-n1"}, "poster"),
        ("social-worker-allocated", {"kind": "enquiry", "worker": f"{N_CSC}/sw-n1"}, "poster"),
        (
            "child-stream-opened",
            {"identifiers": [C2001], "responsible_authority": N_CSC, "schools": [ELM]},
            201,
        ),
        (
            "child-stream-opened",
            {"identifiers": [], "responsible_authority": N_CSC, "schools": [ELM]},
            "schema",
        ),
        ("referral-made", {"target": "csc", "to": N_CSC}, 201),
        ("invitation-sent", {"meeting": "M2", "organisation": ELM, "decision": "invited"}, "gate"),
        ("meeting-held", MEETS, 201),
        ("meeting-held", MEETS | {"meeting": "P4"}, 201),
        ("relationship-ended", {"kind": "allocated", "organisation": S_CSC, "person": f"{S_CSC}/sw-s1"}, 201),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_another_authority_grants_nothing(attack: Attack, type_: str, data: Json, answer: int | str) -> None:
    event = attack.event(N_CSC, type_, C2001, data)
    if answer == 201:
        attack.accepted(event, N_CSC)
    else:
        with attack.nothing_kept(N_CSC, readers=EVERYBODY):
            attack.refused(attack.post(event, N_CSC), 422 if answer == "schema" else 403, str(answer))
    attack.shut_out("Elm", "C-2001", C2001)
    attack.shut_out("SW-1001", "C-2001", C2001)
    assert attack.entries("SW-2001", "C-2001"), "and it takes nothing from those who have the child"
    assert attack.entries("Oak", "C-2001")


@pytest.mark.req("H-16")
@pytest.mark.parametrize(
    ("by", "reader", "data"),
    [
        (HEALTH, "HL-1001", {"kind": "treated", "organisation": HEALTH, "person": f"{HEALTH}/nurse-1"}),
        (YOUTH, None, {"kind": "supervised", "organisation": YOUTH, "person": f"{YOUTH}/yj-1"}),
    ],
    ids=["health", "youth-justice"],
)
def test_a_service_that_says_whom_it_treats(attack: Attack, by: str, reader: str | None, data: Json) -> None:
    event = attack.event(by, "relationship-recorded", C2001, data)
    if reader is None:
        with attack.nothing_kept(by):
            attack.refused(attack.post(event, by), 403, "poster")
    else:
        attack.accepted(event, by)
        attack.shut_out(reader, "C-2001", C2001)


@pytest.mark.req("H-16", "D-20")
@pytest.mark.parametrize("by", [ELM, POLICE, HEALTH])
def test_ending_somebody_elses_relationship(attack: Attack, by: str) -> None:
    data = {"kind": "enrolled", "organisation": OAK}
    with attack.nothing_kept(by, readers=EVERYBODY):
        answer = attack.post(attack.event(by, "relationship-ended", C2001, data), by)
        attack.refused(answer, 403, "poster", "H-16")
    assert attack.entries("Oak", "C-2001")


@pytest.mark.req("H-16")
def test_posting_about_a_child_gives_the_own_posts_and_nothing_else(attack: Attack) -> None:
    reference = f"local:{ELM}:lure-1"
    claims = attack.accepted(attack.event(subject=reference))
    assert claims["subject"] == reference, "the receipt names the child as the poster did"
    for reader in ("Elm", "Oak", "POL"):
        attack.refused(attack.read(reader, "/v1/children", identifier=reference), 404, "not-found")
    event = claims["event"]
    receipt = f"/v1/events/{ELM}/{event['id']}/receipt"
    assert attack.read("Elm", receipt).status_code == 200
    for reader in ("Oak", "POL", "SW-1001", "IGO"):
        attack.refused(attack.read(reader, receipt), 404, "not-found")
        assert event["id"] not in attack.world.get(reader, "/v1/events", mine="", limit="200").text


def about(event: Json) -> Json:
    return {"source": event["source"], "id": event["id"]}


@pytest.mark.req("H-02")
@pytest.mark.parametrize("by", [OAK, POLICE, N_CSC, S_CSC])
def test_correction_or_retraction_by_somebody_else(attack: Attack, by: str) -> None:
    mine = attack.event(type_="incident-recorded", data=INCIDENT)
    attack.accepted(mine)
    replacement = mine["data"] | {"narrative": f"{LURE} rewritten", "author": f"{by}/x-1"}
    unknown = about(mine) | {"id": "nobody-posted-this-000"}
    own = attack.event(by, "incident-recorded", C1001, INCIDENT)
    attack.accepted(own, by)
    answers = []
    with attack.nothing_kept(ELM, by, readers=EVERYBODY):
        for target in (about(mine), unknown, {"source": own["source"], "id": mine["id"]}):
            for type_, data in (
                ("event-corrected", {"about": target, "reason": "wording", "replacement": replacement}),
                ("event-retracted", {"about": target, "reason": "entered-in-error"}),
            ):
                answer = attack.post(attack.event(by, type_, C1001_UPN, data), by)
                answers.append(attack.refused(answer, 403, "poster", "H-02"))
        # Its own event, but posted about another child than the event is about.
        moved = attack.event(by, "event-retracted", C2001, {"about": about(own), "reason": "wrong-child"})
        answers.append(attack.refused(attack.post(moved, by), 403, "poster", "H-02"))
    assert len({one["detail"] for one in answers}) == 1, "whether the event exists is not told"
    own_end = attack.event(by, "event-retracted", C1001, {"about": about(own), "reason": "entered-in-error"})
    attack.accepted(own_end, by)


@pytest.mark.req("H-02", "H-04", "H-28")
@pytest.mark.parametrize(
    ("change", "slug", "rule"),
    [
        ({"worker": f"{N_CSC}/sw-n1"}, "gate", "R-067"),
        ({"kind": LURE}, "schema", None),
        ({"author": LURE}, "schema", None),
        ({LURE: LURE}, "schema", None),
    ],
    ids=["past-the-gate", "not-in-the-list", "no-author", "unknown-member"],
)
def test_a_correction_is_no_way_round(attack: Attack, change: Json, slug: str, rule: str | None) -> None:
    data: dict[str, Any] = {"kind": "allocated", "worker": f"{S_CSC}/sw-s1"}
    allocated = attack.event(S_CSC, "social-worker-allocated", C2001, data)
    attack.accepted(allocated, S_CSC)
    replacement = allocated["data"] | change
    corrected = attack.event(
        S_CSC, "event-corrected", C2001,
        {"about": about(allocated), "reason": "wording", "replacement": replacement},
    )  # fmt: skip
    with attack.nothing_kept(S_CSC, readers=EVERYBODY):
        attack.refused(attack.post(corrected, S_CSC), 422 if slug == "schema" else 403, slug, rule)


UNRELATED = "nhs:9990300100"


@pytest.mark.req("H-16")
def test_a_link_of_ones_own_making_opens_no_door(attack: Attack) -> None:
    """N names another authority's child beside its own, convenes about it, and says that it was there."""
    opening = {"identifiers": [UNRELATED], "responsible_authority": S_CSC}
    attack.accepted(attack.event(S_CSC, "child-stream-opened", UNRELATED, opening), S_CSC)
    told = attack.event(S_CSC, "incident-recorded", UNRELATED, INCIDENT)
    attack.accepted(told, S_CSC)
    own = {"organisation": N_CSC, "person": f"{N_CSC}/sw-n1"}
    steps: list[tuple[str, str, str, Json]] = [
        (N_CSC, "incident-recorded", C1001, INCIDENT | {"others": [{"ref": UNRELATED}]}),
        (POLICE, "incident-linked", C1001, {"link": "LK-X", "others": [{"ref": UNRELATED}]}),
        (POLICE, "incident-linked", UNRELATED, {"link": "LK-X", "others": [{"ref": C1001}]}),
        (N_CSC, "meeting-convened", UNRELATED, {"kind": "strategy", "meeting": "X1"}),
        (N_CSC, "invitation-sent", UNRELATED, {"meeting": "X1", "decision": "invited"} | own),
        (N_CSC, "invitation-sent", UNRELATED,
         {"meeting": "X1", "decision": "invited", "organisation": POLICE, "person": f"{POLICE}/caiu-1"}),
        (N_CSC, "meeting-held", UNRELATED,
         {"kind": "strategy", "meeting": "X1", "attendance": [own, {"organisation": POLICE}]}),
        (POLICE, "meeting-held", UNRELATED,
         {"kind": "strategy", "meeting": "X1", "attendance": [{"organisation": POLICE}]}),
        (POLICE, "criminal-investigation-decided", UNRELATED, {"decision": "investigate"}),
    ]  # fmt: skip
    for by, type_, subject, data in steps:
        answer = attack.post(attack.event(by, type_, subject, data), by)
        assert answer.status_code in (201, 403), answer.text[:400]
        for reader in ("SW-1001", "ENQ", "POL", "Elm", "HL-1001"):
            attack.refused(attack.read(reader, "/v1/children", identifier=UNRELATED), 404, "not-found")
