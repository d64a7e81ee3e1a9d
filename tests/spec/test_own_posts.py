"""D-30 where a colleague posted it: therapy and clinical content (D-06, D-07), and who has a part only."""

from __future__ import annotations

from typing import TypeAlias

import pytest

from hub.disclosure.permissions import NO_THERAPY
from hub.disclosure.proving import guards
from tests.spec.basis_stories import Basis, begun
from tests.spec.disclosed_stories import shown
from tests.spec.relationship_folds import S_CSC

SW, ENQ, TM, FD, EH = (f"{S_CSC}/{one}" for one in ("sw-1", "enq-1", "tm-1", "fd-1", "eh-1"))
COLLEAGUE, ASSESSOR, HOME = f"{S_CSC}/sw-9", f"{S_CSC}/as-1", f"{S_CSC}/home-1"
CLINIC, YOS = "health.s-clinic", "youth-justice.s-yos"
ROLES = {
    SW: "social-worker", ENQ: "enquiry-social-worker", TM: "team-manager", FD: "front-door",
    EH: "early-help-worker", ASSESSOR: "specialist-assessor", HOME: "residential-worker",
    f"{CLINIC}/p-1": "health-practitioner", f"{CLINIC}/t-1": "therapist",
    f"{YOS}/y-1": "youth-justice-worker",
}  # fmt: skip
Posted: TypeAlias = tuple[str, dict[str, object]]
NOW = "2025-09-10 12:00"
THERAPY = ("intervention-offered", {"kind": "therapy", "provider": "A clinic"})
MENTORING = ("intervention-offered", {"kind": "mentoring", "provider": "A mentor"})
OPINION = ("specialist-opinion-received", {"summary": "An opinion."})
CLINICAL = ("health-needs-considered", {"considered": True, "clinical": "Seen."})
COMPETENCE = ("consent-competency-assessed", {"outcome": "not-competent"})
DETAIL = ("assessment-factor-recorded", {"kind": "concern", "code": "c", "health_detail": "Asthma."})
PLAIN = ("separate-meetings-decided", {"separate": True, "reason": "A reason."})
VOICE = ("child-voice-recorded", {"words": "My words.", "method": "conversation"})
PLACE = ("place-declared", {"kind": "home", "place": "PL-1", "address": "1 Any Street"})
DOOR = ("behaviour-screened", {"tool": "brook", "band": "amber"})


def known() -> Basis:
    """A child with a worker, an enquiry, a clinic that treats it, youth justice and a referral."""
    story = begun()
    recorded = "relationship-recorded"
    story.post("2025-09-01 09:30", S_CSC, "incident-recorded", role="has-harmed", status="alleged")
    for kind, worker in (("allocated", SW), ("enquiry", ENQ)):
        story.post("2025-09-01 10:00", S_CSC, "social-worker-allocated", kind=kind, worker=worker)
    story.post("2025-09-01 10:30", S_CSC, recorded, kind="treated", organisation=CLINIC)
    story.post("2025-09-01 10:30", S_CSC, recorded, kind="treated", organisation=S_CSC, person=ASSESSOR)
    story.post("2025-09-01 10:30", S_CSC, recorded, kind="placed", organisation=S_CSC, person=HOME)
    screening = {"target": "csc", "to": S_CSC, "reason_codes": []}
    story.post("2025-09-01 09:40", "education.s-birch", "referral-made", **screening)
    story.post("2025-09-01 10:30", S_CSC, recorded, kind="supervised", organisation=YOS)
    story.post("2025-09-01 10:30", S_CSC, recorded, kind="early-help", organisation=S_CSC, person=EH)
    return story


def gets(person: str, posted: Posted, author: str) -> str:
    """What a person gets of what somebody of its organisation posted: hidden, in part with members, whole."""
    story, (type_, data) = known(), posted
    story.post("2025-09-02 09:00", author.partition("/")[0], type_, author=author, **data)
    found = shown(story, person, ROLES[person], NOW).get(type_, [])
    if not found:
        return "H"
    fields = sorted(set(found[-1].fields) & set(data))
    return "V" if fields == sorted(data) else f"R {','.join(fields)}".strip()


@pytest.mark.req("D-30", "D-06", "D-39", "D-21", "R-112")
@pytest.mark.parametrize(
    ("person", "posted", "cell"),
    [
        pytest.param(SW, THERAPY, "V", id="D-06-own-worker"),
        pytest.param(TM, THERAPY, "H", id="D-33-team-manager"),
        pytest.param(ENQ, THERAPY, "R", id="D-39-enquiry"),
        pytest.param(FD, THERAPY, "H", id="B-front-door"),
        pytest.param(EH, THERAPY, "H", id="B-early-help"),
        pytest.param(ASSESSOR, THERAPY, "R", id="D-06-assessor"),
        pytest.param(HOME, THERAPY, "H", id="D-39-own-home"),
        pytest.param(f"{CLINIC}/t-1", THERAPY, "V", id="D-06-therapist"),
        pytest.param(f"{CLINIC}/p-1", THERAPY, "H", id="D-39-health"),
        pytest.param(f"{YOS}/y-1", THERAPY, "H", id="D-21-youth-justice"),
        pytest.param(f"{CLINIC}/t-1", OPINION, "V", id="D-06-opinion-therapist"),
        pytest.param(f"{CLINIC}/p-1", OPINION, "H", id="D-39-opinion-health"),
        pytest.param(TM, MENTORING, "V", id="D-32-no-therapy-team-manager"),
        pytest.param(f"{YOS}/y-1", MENTORING, "V", id="D-32-no-therapy-youth-justice"),
    ],
)
def test_therapy_that_a_colleague_posted(person: str, posted: Posted, cell: str) -> None:
    assert gets(person, posted, f"{person.partition('/')[0]}/sw-9") == cell
    assert gets(person, posted, person) == "V"


@pytest.mark.req("D-30", "D-07", "D-33", "R-090")
@pytest.mark.parametrize(
    ("person", "posted", "cell"),
    [
        pytest.param(SW, CLINICAL, "V", id="D-30-own-worker"),
        pytest.param(TM, CLINICAL, "R considered", id="D-07-team-manager"),
        pytest.param(ENQ, CLINICAL, "R considered", id="B-enquiry"),
        pytest.param(FD, CLINICAL, "R", id="G.00-front-door"),
        pytest.param(f"{CLINIC}/p-1", CLINICAL, "V", id="D-07-health"),
        pytest.param(f"{CLINIC}/t-1", CLINICAL, "R considered", id="D-07-therapist"),
        pytest.param(SW, COMPETENCE, "V", id="D-30-competence-own-worker"),
        pytest.param(TM, COMPETENCE, "R", id="D-07-competence-team-manager"),
        pytest.param(ENQ, COMPETENCE, "R", id="B-competence-enquiry"),
        pytest.param(TM, DETAIL, "R code,kind", id="D-33-factor-team-manager"),
        pytest.param(SW, DETAIL, "V", id="D-30-factor-own-worker"),
    ],
)
def test_clinical_content_that_a_colleague_posted(person: str, posted: Posted, cell: str) -> None:
    assert gets(person, posted, f"{person.partition('/')[0]}/sw-9") == cell
    assert gets(person, posted, person) == "V"


@pytest.mark.req("D-30", "G.00", "D-38", "D-08")
@pytest.mark.parametrize("person", [FD, EH, ASSESSOR, HOME], ids=lambda one: f"D-30-{ROLES[one]}")
@pytest.mark.parametrize("posted", [VOICE, PLACE, PLAIN], ids=lambda one: one[0])
def test_whoever_has_a_part_only_reads_of_its_own_authority_what_it_wrote(
    person: str, posted: Posted
) -> None:
    # What a child says a therapist hears from everybody (D-38).
    heard = person == ASSESSOR and posted == VOICE
    assert (gets(person, posted, COLLEAGUE) in ("H", "R")) is not heard
    assert gets(person, posted, person) == "V"
    assert gets(TM, posted, COLLEAGUE) == "V"


@pytest.mark.req("G.00", "D-30")
def test_a_front_door_reads_referral_and_screening_whoever_of_it_wrote_them() -> None:
    assert gets(FD, DOOR, COLLEAGUE) == "V"


@pytest.mark.req("D-06", "D-32", "D-39")
def test_what_is_no_therapy_is_the_same_list_here_in_the_rules_and_in_what_is_proved() -> None:
    """P-D39 holds the rules to the list of what is proved."""
    assert set(guards._NO_THERAPY) == NO_THERAPY
