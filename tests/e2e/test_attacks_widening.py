"""Agencies that post in order to see more: nothing that they post may widen their own view."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.hostile import C2001, ELM, N_CSC, OAK, POLICE, S_CSC
from tests.support.insider import X_CSC, Insider, event_of, insider, named

PARTS = {"accountability": "a", "needs": "b", "protection": "c", "future_risk": "d"}
UNKNOWN = "nhs:9990300208"


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Insider]:
    with insider(tmp_path_factory.mktemp("widening")) as found:
        yield found


# What an authority without any part in the case can post about another's child, and is taken.
STRANGER: list[tuple[str, dict[str, Any]]] = [
    ("child-stream-opened", {"identifiers": [C2001], "responsible_authority": X_CSC, "schools": [ELM]}),
    ("relationship-recorded", {"kind": "enrolled", "organisation": ELM}),
    ("relationship-recorded", {"kind": "enquiry", "organisation": POLICE, "person": f"{POLICE}/caiu-1"}),
    ("relationship-ended", {"kind": "enrolled", "organisation": OAK}),
    ("relationship-ended", {"kind": "allocated", "organisation": S_CSC}),
    ("social-worker-allocated", {"kind": "enquiry", "worker": f"{N_CSC}/sw-n1"}),
    ("meeting-convened", {"kind": "strategy", "meeting": "M2"}),
    (
        "meeting-held",
        {
            "kind": "hsb",
            "meeting": "H1",
            "attendance": [
                {"organisation": X_CSC, "person": f"{X_CSC}/sw-x"},
                {"organisation": ELM, "person": f"{ELM}/dsl-1"},
            ],
        },
    ),
    ("invitation-sent", {"meeting": "M2", "organisation": N_CSC, "person": f"{N_CSC}/sw-n1",
                         "decision": "invited"}),
    ("incident-linked", {"link": "LK-X", "others": [{"ref": UNKNOWN}]}),
    ("incident-recorded", {"role": "has-harmed", "status": "alleged", "others": [{"ref": UNKNOWN}]}),
    ("place-declared", {"kind": "school", "place": "x-1", "organisation": X_CSC}),
    ("behaviour-level-assessed", {"scale": "hackett-5", "level": "normal"}),
    ("section-47-enquiry-initiated", {"threshold": "significant-harm-likely",
                                      "investigation": named(event_of("A08"))}),
]  # fmt: skip


@pytest.mark.req("H-16", "D-01", "D-30", "G.00")
def test_an_authority_without_a_part_in_the_case_lets_nobody_in(inside: Insider) -> None:
    for type_, data in STRANGER:
        inside.post(X_CSC, type_, "C-2001", **data)
    for person, purpose in ((f"{X_CSC}/sw-x", "assessment"), (f"{X_CSC}/fd-x", "referral-screening")):
        assert inside.read_by(person, "C-2001", purpose) == 404
        assert inside.world.get_as(person, "/v1/me/children").json() == {"children": []}
    assert inside.status("Elm", "C-2001") == 404
    assert inside.status("SW-1001", "C-2001") == 404
    assert inside.status("Oak", "C-2001") == inside.status("SW-2001", "C-2001") == 200


@pytest.mark.req("R-140", "R-143", "H-27")
def test_a_strangers_plan_review_and_meeting_change_no_clock(inside: Insider) -> None:
    def clocks(reader: str, child: str) -> list[tuple[str, str, str | None]]:
        found = inside.world.overview(reader, child)["deadlines"]
        return [(one["clock"], one["due_on"], one["state"]) for one in found]

    before = {who: clocks(who, "C-2001") for who in ("Oak", "SW-2001", "POL", "YJS")}
    lines = inside.lines("SW-1001", "C-1001"), inside.lines("Oak", "C-2001")
    assert ("K-10", "2026-01-06", None) in before["Oak"]
    inside.post(
        X_CSC, "risk-management-plan-recorded", "C-2001", responsible_organisation=X_CSC,
        responsible_person=f"{X_CSC}/sw-x", parts=PARTS, education="e", accommodation="f",
        next_review="2026-11-20", measures=[{"for": "school", "code": "staff-informed"}],
    )  # fmt: skip
    inside.post(X_CSC, "plan-reviewed", "C-2001", about=named(event_of("A32")), next_review="2026-11-20")
    inside.post(ELM, "meeting-held", "C-2001", kind="hsb", meeting="Z", next_review="2026-11-20")
    assert {who: clocks(who, "C-2001") for who in before} == before
    # What it says is no instruction to anybody either, while it is nobody's plan.
    assert (inside.lines("SW-1001", "C-1001"), inside.lines("Oak", "C-2001")) == lines
    shown = inside.last("SW-2001", "C-2001", "risk-management-plan-recorded")
    assert shown["organisation"] == X_CSC


@pytest.mark.req("D-31", "D-30", "H-16")
def test_to_turn_the_other_child_round_carries_nothing_back(inside: Insider) -> None:
    before = inside.lines("SW-2001", "C-2001")
    inside.post(
        N_CSC, "risk-management-plan-recorded", "C-1001", responsible_organisation=N_CSC,
        responsible_person=f"{N_CSC}/sw-n1", parts=PARTS, education="e", accommodation="f",
    )  # fmt: skip
    for child, role in (("C-1001", "has-harmed"), ("C-2001", "has-been-harmed")):
        other = [{"ref": C2001 if child == "C-1001" else "nhs:9990100101"}]
        inside.post(S_CSC, "incident-recorded", child, role=role, status="alleged", others=other)
        assert inside.lines("SW-2001", "C-2001") == before, child


@pytest.mark.req("R-082", "H-16")
def test_an_invitation_does_not_tell_at_which_school_a_child_is(inside: Insider) -> None:
    def answer(by: str, child: str, school: str) -> tuple[int, str, str]:
        seat = {"meeting": "Z1", "organisation": school, "decision": "invited"}
        found = inside.try_(by, "invitation-sent", child, **seat)
        return found.status_code, found.json()["rule"], found.json()["detail"]

    for by in (ELM, POLICE, X_CSC):
        told = {
            answer(by, child, school)
            for child in ("C-2001", "C-1001", UNKNOWN, "nhs:9990400105")
            for school in (OAK, "education.other-school")
        }
        assert [one[:2] for one in told] == [(403, "R-082")], by


@pytest.mark.req("D-03", "H-10")
def test_to_name_a_child_does_not_tell_whether_the_hub_knows_it(inside: Insider) -> None:
    """Police resolve other children (D-03): those they work with, and no others."""
    probe = "nhs:9990600104"
    inside.post(POLICE, "child-mentioned", "C-1001", others=[{"ref": probe}, {"ref": C2001}])

    def shown() -> list[dict[str, Any]]:
        return list(inside.last("POL", "C-1001", "child-mentioned")["fields"]["others"])

    before = shown()
    assert ["child" in one for one in before] == [False, True]
    inside.post(OAK, "incident-recorded", probe, role="has-harmed", status="alleged")
    assert shown() == before


@pytest.mark.req("D-22", "D-30")
def test_a_referral_gives_its_front_door_the_referral_and_no_more(inside: Insider) -> None:
    inside.post(ELM, "referral-made", "C-2001", target="csc", to=X_CSC)
    path = f"/v1/children/{inside.world.children['C-2001']}"
    purpose = {"Access-Purpose": "referral-screening"}
    read = inside.world.get_as(f"{X_CSC}/fd-x", f"{path}/chronology", purpose, limit="200").json()
    others = {one["type"] for one in read["entries"] if one["organisation"] != X_CSC}
    assert others == {"referral-made", "social-worker-allocated"}
    assert inside.read_by(f"{X_CSC}/sw-x", "C-2001", "assessment") == 404
    inside.post(X_CSC, "referral-outcome-decided", "C-2001", outcome="none", reasons="Not for us.")
    assert inside.read_by(f"{X_CSC}/fd-x", "C-2001", "referral-screening") == 404


@pytest.mark.req("D-28", "D-29", "D-20", "H-16")
@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("criminal-investigation-decided", {"decision": "investigate"}),
        ("criminal-outcome-recorded", {"outcome": "charge"}),
        ("criminal-outcome-recorded", {"outcome": "nfa-evidence"}),
        ("referral-made", {"target": "police", "to": POLICE}),
    ],
)
def test_police_whose_basis_has_ended_do_not_bring_it_back(
    inside: Insider, type_: str, data: dict[str, str]
) -> None:
    inside.world.advance("2026-03-01T12:00:00+00:00")
    assert inside.status("POL", "C-2001") == inside.status("POL", "C-1001") == 404
    inside.post(POLICE, type_, "C-2001", "2026-03-01T12:00:00+00:00", **data)
    assert inside.status("POL", "C-2001") == inside.status("POL", "C-1001") == 404


@pytest.mark.req("D-28", "G.00")
def test_the_childs_authority_does_bring_it_back(inside: Insider) -> None:
    inside.world.advance("2026-03-01T12:00:00+00:00")
    again = {"kind": "enquiry", "organisation": POLICE, "person": f"{POLICE}/caiu-1"}
    inside.post(S_CSC, "relationship-recorded", "C-2001", "2026-03-01T12:05:00+00:00", **again)
    assert (inside.status("POL", "C-2001"), inside.status("POL", "C-1001")) == (200, 404)
