"""What a paper for a child's family says (D-14, R-054, R-135): of what it was told, and nothing else."""

from __future__ import annotations

import pytest

from hub.directory.types import Principal
from hub.disclosure.assemble import Disclosed
from hub.disclosure.capacity import ForFamily
from hub.disclosure.family_papers import TEMPLATE
from hub.disclosure.family_told import RECIPIENTS
from hub.disclosure.rules import shipped_files
from tests.oracle.door import assembler
from tests.spec.basis_stories import POLICE, SCHOOL, Basis, begun, has_harmed
from tests.spec.relationship_folds import S_CSC, area_of, at

WORKER = Principal(S_CSC, "social-care", area_of(S_CSC), f"{S_CSC}/sw-1", frozenset({"social-worker"}))
NOW = "2025-10-20 12:00"


def paper(story: Basis, recipient: str = "mother") -> Disclosed:
    view = story.view
    return assembler().disclose(
        WORKER, view, lambda _: view, now=at(NOW), as_at=None, apart=True, capacity=ForFamily(recipient)
    )


def said(story: Basis, recipient: str = "mother") -> dict[str, object]:
    """The details of each kind of line, and the codes of measures."""
    found = paper(story, recipient)
    lines: dict[str, object] = {one.shown.type: dict(one.shown.fields) for one in found.items}
    measures = sorted(str(one.placed.shown.fields["code"]) for one in found.lines)
    return {**lines, "measures": measures} if measures else lines


def informs(
    story: Basis,
    time: str,
    outcome: str = "informed",
    by: str = S_CSC,
    topic: str = "incident",
    **data: object,
) -> None:
    story.post(time, by, "family-informed", topic=topic, outcome=outcome, **data)


def concern(told: bool = True) -> Basis:
    story = begun()
    has_harmed(story, by=SCHOOL)
    if told:
        informs(story, "2025-09-02 09:00")
    return story


@pytest.mark.req("D-14", "R-054")
def test_d14_before_the_family_was_told_the_paper_says_nothing() -> None:
    assert said(concern(told=False)) == {}
    found = said(concern())
    assert found == {"incident-recorded": {"status": "alleged"}, "family-informed": {"topic": "incident"}}


@pytest.mark.req("D-14", "R-135", "D-10")
def test_d14_it_names_nobody_who_posted_and_no_other_child() -> None:
    story = concern()
    story.post("2025-09-03 09:00", SCHOOL, "incident-recorded", role="has-harmed", status="alleged",
               categories=["other:CANARY"], narrative="CANARY {{other:1}}",
               others=[{"ref": "nhs:9990010014", "role": "has-been-harmed"}])  # fmt: skip
    informs(story, "2025-09-04 09:00")
    for item in paper(story).items:
        assert item.shown.organisation is None and item.shown.author_role is None
        assert "others" not in item.shown.fields and "CANARY" not in str(item.shown.fields)


@pytest.mark.req("D-14", "R-054")
@pytest.mark.parametrize(
    ("steps", "told"),
    [
        pytest.param([("withheld", S_CSC, {})], False, id="R-054-withheld-since"),
        pytest.param([("withheld", POLICE, {})], False, id="R-054-withheld-by-anybody"),
        pytest.param(
            [("withheld", POLICE, {}), ("informed", S_CSC, {})], False, id="R-054-another-lifts-none"
        ),
        pytest.param([("withheld", S_CSC, {}), ("informed", S_CSC, {})], True, id="R-054-told-after-all"),
        pytest.param([("withheld", S_CSC, {"who": ["father"]})], True, id="R-054-from-somebody-else"),
        pytest.param([("withheld", S_CSC, {"who": ["parent"]})], False, id="R-054-from-every-parent"),
    ],
)  # fmt: skip
def test_r054_what_is_withheld_for_a_risk_is_in_no_paper(
    steps: list[tuple[str, str, dict[str, object]]], told: bool
) -> None:
    story = concern()
    for day, (outcome, by, data) in enumerate(steps, 3):
        informs(story, f"2025-09-0{day} 09:00", outcome, by, **data)
    assert ("incident-recorded" in said(story)) is told


@pytest.mark.req("D-14", "R-054")
def test_r054_a_yes_counts_from_who_has_a_part_and_for_whom_it_names() -> None:
    story = concern(told=False)
    informs(story, "2025-09-02 09:00", by="health.canary-clinic")
    assert said(story) == {}
    informs(story, "2025-09-03 09:00", who=["mother", "child"])
    assert "incident-recorded" in said(story, "mother") and said(story, "father") == {}
    assert said(story, "parent") == {}, "a paper for whichever parent is for both"
    assert set(RECIPIENTS) >= {"mother", "father", "parent", "child"}


@pytest.mark.req("D-14", "R-054")
def test_r054_a_further_incident_is_not_told_by_accident() -> None:
    story = concern()
    story.post("2025-09-05 09:00", S_CSC, "incident-recorded", role="has-been-harmed", status="established")
    statuses = [one.shown.fields["status"] for one in paper(story).items
                if one.shown.type == "incident-recorded"]  # fmt: skip
    assert statuses == ["alleged"]
    informs(story, "2025-09-06 09:00")
    assert len([one for one in paper(story).items if one.shown.type == "incident-recorded"]) == 2


@pytest.mark.req("D-14", "R-135", "D-04")
@pytest.mark.parametrize(
    ("kind", "parents", "shown"),
    [("hsb", "invited", True), ("hsb", "not-invited", False), ("hsb", None, False), ("cpc", "invited", True),
     ("strategy", "invited", False), ("professionals", "invited", False)],
)  # fmt: skip
def test_r135_a_meeting_is_in_it_where_parents_come_and_are_invited(
    kind: str, parents: str | None, shown: bool
) -> None:
    story = concern()
    asked = {"parents": parents} if parents else {}
    story.post("2025-09-05 09:00", S_CSC, "meeting-convened", kind=kind, meeting="M1",
               when="2025-09-12T10:00:00+01:00", **asked)  # fmt: skip
    story.post("2025-09-12 12:00", S_CSC, "meeting-held", kind=kind, meeting="M1", next_review="2025-12-01",
               summary="CANARY", attendance=[{"organisation": S_CSC}])  # fmt: skip
    found = said(story)
    assert (found.get("meeting-convened") is not None) is shown
    assert (found.get("meeting-held") == {"kind": kind, "next_review": "2025-12-01"}) is shown


@pytest.mark.req("D-14", "R-060", "R-051")
def test_d14_plans_by_their_dates_measures_for_the_home_and_the_end_of_criminal_matters() -> None:
    story = concern()
    story.post("2025-09-05 09:00", S_CSC, "risk-management-plan-recorded", responsible_organisation=S_CSC,
               next_review="2025-12-01", parts={"needs": "CANARY", "protection": "CANARY"},
               measures=[{"for": "home", "code": "supervision"}, {"for": "school", "code": "separate-travel"},
                         {"for": "other:1", "code": "no-contact"}])  # fmt: skip
    story.post("2025-09-06 09:00", POLICE, "criminal-outcome-recorded", outcome="nfa-evidence", reasons="C")
    found = said(story)
    assert found["risk-management-plan-recorded"] == {"next_review": "2025-12-01"}
    assert found["measures"] == ["supervision"] and "criminal-outcome-recorded" not in found
    informs(story, "2025-09-07 09:00", topic="end-of-criminal-matters")
    assert said(story)["criminal-outcome-recorded"] == {}


@pytest.mark.req("D-14", "D-05", "D-06", "D-09")
@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("adult-involvement-suspected", {"category": "household-adult", "status": "suspected"}),
        ("initial-account-recorded", {"source_type": "first-hand"}),
        ("child-voice-recorded", {"words": "CANARY"}),
        ("support-arranged", {"kind": "therapy", "provider": "health.x"}),
        ("intervention-started", {"kind": "individual-work"}),
        ("criminal-outcome-recorded", {"outcome": "charge"}),
        ("health-needs-considered", {"considered": True}),
        ("behaviour-level-assessed", {"scale": "hackett-5", "level": "abusive"}),
        ("social-worker-allocated", {"kind": "enquiry", "worker": f"{S_CSC}/enq-1"}),
    ],
)
def test_d14_what_families_never_receive(type_: str, data: dict[str, object]) -> None:
    story = concern()
    story.post("2025-09-05 09:00", S_CSC, type_, **data)
    for day, topic in enumerate(("incident", "programme", "end-of-criminal-matters", "legal-advice"), 6):
        informs(story, f"2025-09-0{day} 09:00", topic=topic)
    assert set(said(story)) <= {"incident-recorded", "family-informed"}


@pytest.mark.req("D-14")
def test_d14_every_line_of_a_paper_has_a_sentence_of_the_template() -> None:
    text = shipped_files().files["family.cedar"]
    assert [one for one in TEMPLATE if one != "safety-measure" and f'"{one}"' not in text] == []
