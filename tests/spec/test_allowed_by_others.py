"""Granted requests for records (R-112, R-120), consent (D-19, D-49), decisions not to share (H-13)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hub.disclosure.answers import ShownEntry
from tests.spec.basis_stories import (
    CAIU,
    EARLY_HELP,
    GP,
    HELPER,
    NOW,
    POLICE,
    SCHOOL,
    SOON,
    YOS,
    Basis,
    begun,
    has_harmed,
    transfer,
)
from tests.spec.disclosed_stories import shown
from tests.spec.relationship_folds import N_CSC, S_CSC

CLINIC, THERAPY = "health.s-child-health", "health.s-therapy"
WORKER, MANAGER, YJ, DSL = f"{S_CSC}/sw-1", f"{S_CSC}/tm-1", f"{YOS}/yj-1", f"{SCHOOL}/dsl-1"
TOOL = "aim2"
Step = Callable[[Basis, object], None]


def pointing(post: object) -> dict[str, str]:
    key = post.key
    return {"source": key.source, "id": key.id}


def one(story: Basis, type_: str, person: str, role: str, time: str = NOW) -> ShownEntry | None:
    found = shown(story, person, role, time).get(type_)
    return found[0] if found else None


# Early help and the child's early health record (R-120) ------------------------------------------------


def helped() -> Basis:
    """A child with whom early help works, and of whom a clinic recorded health needs."""
    story = begun(date_of_birth="2014-01-01")
    has_harmed(story)
    transfer(story)
    story.post("2025-09-02 09:30", S_CSC, "relationship-recorded", kind="treated", organisation=CLINIC)
    story.post("2025-09-02 10:00", CLINIC, "health-needs-considered", considered=True, referral_made=True,
               clinical="CANARY-CLINICAL")  # fmt: skip
    return story


def asks(story: Basis, by: str = EARLY_HELP, time: str = "2025-09-03 09:00", **data: object) -> object:
    known: dict[str, object] = {"holder": CLINIC, "scope": "developmental", "purpose": "Early help plan"}
    return story.post(time, by, "records-access-requested", **{**known, **data})


def answers(
    story: Basis, request: object, decision: str = "granted", by: str = CLINIC, time: str = "2025-09-04 09:00"
) -> object:
    about = pointing(request)
    return story.post(time, by, "records-access-decided", decision=decision, about=about)


def health(story: Basis, time: str = NOW) -> ShownEntry | None:
    return one(story, "health-needs-considered", HELPER, "early-help-worker", time)


def redacted(entry: ShownEntry | None) -> bool:
    """That there is something, by which rule and whom to ask, and nothing of it (H-11)."""
    return (
        entry is not None
        and entry.fields == {}
        and entry.organisation is None
        and [(each.rule, each.ask) for each in entry.redactions]
        == [("D-07", "the health lead for the child")]
    )


@pytest.mark.req("R-120", "H-11")
def test_r120_without_a_granted_request_health_is_redacted_and_after_it_visible() -> None:
    story = helped()
    assert redacted(health(story))
    request = asks(story)
    assert redacted(health(story)), "asked and not answered"
    answers(story, request)
    found = health(story)
    assert found is not None and found.fields == {"considered": True, "referral_made": True}
    assert found.organisation == CLINIC, "whose record it is"
    assert "CANARY-CLINICAL" not in str(found), "of sexual health nothing, whatever was granted"


@pytest.mark.req("R-120", "R-112")
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"purpose": None}, id="R-120-no-purpose"),
        pytest.param({"scope": "background-check"}, id="R-120-another-scope"),
        pytest.param({"scope": "therapy-notes"}, id="R-120-a-scope-of-police"),
        pytest.param({"by": S_CSC}, id="R-120-asked-by-another-organisation"),
        pytest.param({"holder": GP}, id="R-120-asked-of-another-holder"),
        pytest.param({"decision": "partly"}, id="R-120-granted-in-part"),
        pytest.param({"decision": "refused"}, id="R-120-refused"),
        pytest.param({"answered_by": GP}, id="R-120-answered-by-another"),
    ],
)
def test_r120_nothing_else_opens_it(change: dict[str, str | None]) -> None:
    story = helped()
    asked = {name: value for name, value in change.items() if name in ("purpose", "scope", "by", "holder")}
    request = asks(story, **asked)
    answers(story, request, change.get("decision") or "granted", change.get("answered_by") or CLINIC)
    assert redacted(health(story))


@pytest.mark.req("R-120")
@pytest.mark.parametrize("what", ["refused later", "answer taken back", "request taken back", "work ended"])
def test_r120_what_is_taken_back_is_closed_with_the_next_read(what: str) -> None:
    story = helped()
    request = asks(story)
    answer = answers(story, request)
    match what:
        case "refused later":
            answers(story, request, "refused", time="2025-09-05 09:00")
        case "answer taken back":
            story.retracts("2025-09-05 09:00", answer)
        case "request taken back":
            story.retracts("2025-09-05 09:00", request)
        case _:
            story.post("2025-09-05 09:00", S_CSC, "relationship-ended", kind="early-help",
                       organisation=EARLY_HELP)  # fmt: skip
    found = health(story)
    assert found is None if what == "work ended" else redacted(found)


# Police and therapy (R-112, D-06) ----------------------------------------------------------------------


def investigated(**more: object) -> Basis:
    story = begun(date_of_birth="2010-01-01")
    has_harmed(story)
    story.post("2025-09-02 09:00", S_CSC, "relationship-recorded", kind="enquiry", organisation=POLICE,
               person=CAIU, **more)  # fmt: skip
    for by, provider in ((THERAPY, "health.canary-therapy"), (CLINIC, "health.canary-clinic")):
        story.post("2025-09-02 10:00", by, "support-arranged", kind="pre-trial-therapy", provider=provider)
    return story


def therapies(story: Basis, person: str = CAIU, role: str = "police-officer") -> list[object]:
    found = shown(story, person, role, NOW).get("support-arranged", [])
    return [entry.fields.get("provider") for entry in found]


@pytest.mark.req("R-112", "D-06")
def test_r112_police_read_what_the_holder_granted_and_nobody_elses() -> None:
    story = investigated()
    assert therapies(story) == [None, None]
    request = asks(story, POLICE, holder=THERAPY, scope="therapy-notes")
    assert therapies(story) == [None, None]
    answers(story, request, by=THERAPY)
    assert therapies(story) == ["health.canary-therapy", None]


@pytest.mark.req("R-112", "D-43", "D-21")
def test_r112_a_grant_is_no_other_readers() -> None:
    story = investigated(papers=["consult only"])
    story.post("2025-09-02 11:00", S_CSC, "relationship-recorded", kind="supervised", organisation=YOS)
    answers(story, asks(story, POLICE, holder=THERAPY, scope="therapy-notes"), by=THERAPY)
    answers(story, asks(story, YOS, holder=THERAPY, scope="therapy-notes"), by=THERAPY)
    assert "health.canary-therapy" not in therapies(story), "consulted police investigate nothing"
    assert therapies(story, YJ, "youth-justice-worker") == []


# Consent to an assessment (D-19, D-49) -----------------------------------------------------------------


def decided_on() -> Basis:
    story = begun(date_of_birth="2010-01-01")
    has_harmed(story)
    story.post("2025-09-02 09:00", S_CSC, "relationship-recorded", kind="enquiry", organisation=POLICE,
               person=CAIU)  # fmt: skip
    story.post("2025-09-02 10:00", S_CSC, "specialist-assessment-decided", decision="yes", tool=TOOL,
               reason="CANARY-REASON")  # fmt: skip
    return story


def consent(
    story: Basis, time: str, whom: str, outcome: str = "given", by: str = S_CSC, **data: object
) -> None:
    known: dict[str, object] = {"tool": TOOL, "share_with": [POLICE, SCHOOL]}
    story.post(time, by, "assessment-consent-recorded", from_whom=whom, outcome=outcome, **{**known, **data})


def reason(story: Basis, person: str = CAIU, role: str = "police-officer") -> object:
    found = one(story, "specialist-assessment-decided", person, role, SOON)
    assert found is not None
    return found.fields.get("reason")


GIVEN = ("2025-09-03 09:00", "child")


@pytest.mark.req("D-49", "D-19", "R-095")
def test_d49_a_decision_to_assess_is_read_once_consent_names_the_reader_and_no_longer_than_it() -> None:
    story = decided_on()
    assert reason(story) is None and reason(story, DSL, "designated-safeguarding-lead") is None
    consent(story, *GIVEN)
    assert reason(story) == "CANARY-REASON"
    assert reason(story, DSL, "designated-safeguarding-lead") == "CANARY-REASON"
    consent(story, "2025-09-04 09:00", "child", "withdrawn")
    assert reason(story) is None, "withdrawn: nothing is read from then on"
    story.post("2025-09-05 09:00", S_CSC, "social-worker-allocated", kind="allocated", worker=WORKER)
    assert reason(story, WORKER, "social-worker") == "CANARY-REASON", "the case's own workers go on"


@pytest.mark.req("D-19", "R-095")
@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([(*GIVEN, "refused", {})], id="D-19-refused"),
        pytest.param([(*GIVEN, "given", {"share_with": ["court"]})], id="D-19-given-for-others"),
        pytest.param([(*GIVEN, "given", {"tool": "brook"})], id="D-19-given-for-another-tool"),
        pytest.param([(*GIVEN, "given", {"tool": None})], id="D-19-for-which-is-not-said"),
        pytest.param([(*GIVEN, "given", {"by": "youth-justice.x-yos"})], id="D-19-recorded-by-no-part"),
        pytest.param(
            [(*GIVEN, "given", {}), ("2025-09-03 10:00", "parent", "refused", {})], id="D-19-one-refuses"
        ),
        pytest.param(
            [(*GIVEN, "given", {}), ("2025-09-03 10:00", "parent", "given", {"share_with": []})],
            id="D-19-one-names-nobody",
        ),
        pytest.param(
            [(*GIVEN, "given", {}), ("2025-09-03 10:00", "child", "withdrawn", {"by": N_CSC, "tool": None})],
            id="D-19-a-no-counts-from-anybody",
        ),
    ],
)
def test_d19_nothing_leaves_outside_consent(steps: list[tuple[str, str, str, dict[str, object]]]) -> None:
    story = decided_on()
    for time, whom, outcome, more in steps:
        consent(story, time, whom, outcome, **more)
    assert reason(story) is None


@pytest.mark.req("D-19")
def test_d19_consent_may_name_a_kind_of_organisation() -> None:
    story = decided_on()
    consent(story, *GIVEN, share_with=["police"])
    assert reason(story) == "CANARY-REASON"
    assert reason(story, DSL, "designated-safeguarding-lead") is None


@pytest.mark.req("D-49", "D-19", "R-169", "R-095")
def test_d49_what_youth_justice_assessed_is_read_once_consent_names_the_reader_and_no_longer_than_it() -> (
    None
):
    story = decided_on()
    assessed, completed = "justice-assessment-completed", "2025-09-03"
    story.post("2025-09-03 08:00", YOS, assessed, tool="assetplus", completed_on=completed)

    def day(person: str = CAIU, role: str = "police-officer") -> object:
        found = one(story, assessed, person, role, SOON)
        assert found is not None, "type and date stand without consent"
        return found.fields.get("completed_on")

    consent(story, *GIVEN)
    assert day() is None, "consent to another tool"
    consent(story, "2025-09-04 09:00", "child", tool="assetplus")
    assert day() == completed and day(DSL, "designated-safeguarding-lead") == completed
    assert reason(story) == "CANARY-REASON", "each tool by its own consent"
    consent(story, "2025-09-05 09:00", "parent", "refused", tool="assetplus")
    assert day() is None and day(DSL, "designated-safeguarding-lead") is None


# Decisions not to share (H-13, D-33) -------------------------------------------------------------------


def declined(recipient: str = "a club", by: str = THERAPY) -> Basis:
    story = begun(date_of_birth="2010-01-01")
    has_harmed(story)
    for kind, organisation, person in (
        ("enquiry", POLICE, CAIU), ("supervised", YOS, None), ("treated", GP, f"{GP}/gp-1"),
        ("treated", THERAPY, f"{THERAPY}/th-1"), ("carer", "other.s-home", "other.s-home/fc-1"),
    ):  # fmt: skip
        story.post("2025-09-02 09:00", S_CSC, "relationship-recorded", kind=kind, organisation=organisation,
                   **({"person": person} if person else {}))  # fmt: skip
    story.post("2025-09-02 09:10", S_CSC, "social-worker-allocated", kind="allocated", worker=WORKER)
    story.post("2025-09-02 10:00", by, "sharing-declined", recipient=recipient, what="CANARY-WHAT",
               basis="judgement", reason="CANARY-WHY", approver=f"{by}/m-1",
               review_date="2025-10-01")  # fmt: skip
    return story


@pytest.mark.req("H-13", "D-33")
@pytest.mark.parametrize(
    ("person", "role", "cell"),
    [
        (MANAGER, "team-manager", "V"),
        (WORKER, "social-worker", "R"),
        (CAIU, "police-officer", "R"),
        (YJ, "youth-justice-worker", "R"),
        (f"{S_CSC}/sgu-1", "safeguarding-unit", "R"),
        (f"{THERAPY}/th-1", "therapist", "V"),
        (DSL, "designated-safeguarding-lead", "H"),
        (f"{GP}/gp-1", "general-practitioner", "H"),
        ("other.s-home/fc-1", "foster-carer", "H"),
    ],
)
def test_h13_who_knows_that_something_is_held_and_not_shared(person: str, role: str, cell: str) -> None:
    found = one(declined(), "sharing-declined", person, role)
    if cell == "H":
        assert found is None
        return
    assert found is not None
    assert ("CANARY-WHAT" in str(found)) is (cell == "V")
    if cell == "R":
        assert (found.organisation, found.fields, found.title) == (
            None,
            {},
            "Information held and not shared",
        )
        assert [each.ask for each in found.redactions] == [f"allocated social worker ({WORKER})"]


@pytest.mark.req("H-13")
@pytest.mark.parametrize("recipient", [S_CSC, "social-care", "team-manager", MANAGER, "Social-Care"])
def test_h13_from_whom_it_is_kept_learns_that_there_is_something(recipient: str) -> None:
    found = one(declined(recipient), "sharing-declined", MANAGER, "team-manager")
    assert found is not None and "CANARY" not in str(found)
    own = one(declined(recipient, S_CSC), "sharing-declined", MANAGER, "team-manager")
    assert own is not None and "CANARY-WHAT" in str(own), "whoever decided it keeps sight of it"


# The child's wishes (D-09, D-38) -----------------------------------------------------------------------


def heard() -> Basis:
    """A child in treatment that said something at one place, and something at another."""
    story = begun(date_of_birth="2010-01-01")
    story.post("2025-09-02 09:00", S_CSC, "relationship-recorded", kind="treated", organisation=GP)
    story.post("2025-09-02 09:10", S_CSC, "social-worker-allocated", kind="allocated", worker=WORKER)
    story.post("2025-09-03 09:00", SCHOOL, "child-voice-recorded", words="CANARY-FIRST")
    return story


def says(story: Basis, time: str, by: str = SCHOOL, **data: object) -> object:
    return story.post(time, by, "child-voice-recorded", words="CANARY-LATER", **data)


def hears(story: Basis, person: str = f"{GP}/gp-1", role: str = "general-practitioner") -> int:
    found = shown(story, person, role, NOW).get("child-voice-recorded", [])
    assert role == "social-worker" or "CANARY" not in str(found)
    return len(found)


@pytest.mark.req("D-09", "D-38", "R-058")
def test_d38_a_wish_stands_for_everything_that_the_child_says() -> None:
    story = heard()
    assert hears(story) == 1, "that wishes were recorded"
    wish = says(story, "2025-09-04 09:00", not_to_share_with=[GP])
    says(story, "2025-09-05 09:00")
    assert hears(story) == 0
    assert hears(story, WORKER, "social-worker") == 3, "whoever acts for the child reads on"
    story.retracts("2025-09-06 09:00", wish)
    assert hears(story) == 2


@pytest.mark.req("D-09", "R-058")
@pytest.mark.parametrize(
    ("by", "organisation", "left"),
    [
        pytest.param(S_CSC, GP, 3, id="D-09-told-to-protect"),
        pytest.param(S_CSC, YOS, 0, id="D-09-of-somebody-else"),
        pytest.param(SCHOOL, GP, 0, id="D-09-not-the-authoritys-word"),
        pytest.param(N_CSC, GP, 0, id="D-09-another-authority"),
    ],
)
def test_d09_a_wish_is_set_aside_by_the_childs_authority_alone(by: str, organisation: str, left: int) -> None:
    story = heard()
    says(story, "2025-09-04 09:00", not_to_share_with=[GP])
    told = [{"organisation": organisation, "reason": "The child must be seen today."}]
    says(story, "2025-09-05 09:00", by, share_to_protect=told)
    assert hears(story) == left


@pytest.mark.req("D-09", "D-11")
def test_d09_a_wish_takes_no_safety_away() -> None:
    story = heard()
    says(story, "2025-09-04 09:00", not_to_share_with=[GP])
    story.post("2025-09-05 09:00", S_CSC, "immediate-safety-measure-recorded", measure="no-contact")
    assert one(story, "immediate-safety-measure-recorded", f"{GP}/gp-1", "general-practitioner") is not None
