"""What each further basis reaches, by facts alone: every event type for every one of them."""

from __future__ import annotations

import pytest

from hub.catalogue import load_catalogue
from hub.disclosure.decide import Decider, Decision
from hub.disclosure.engine import Engine
from hub.disclosure.facts import ItemFacts, ReaderFacts, field_labels
from hub.disclosure.rules import load_rules

CHANGES = {"event-corrected", "event-retracted"}
TYPES = {
    name: kind for name, kind in load_catalogue().types.items() if kind.kind != "hub" and name not in CHANGES
}
DECIDER = Decider(Engine(load_rules()))
HARMED = frozenset({"has-been-harmed"})


def decided(who: str, type_: str, attended: bool = False, **facts: object) -> Decision:
    labels = field_labels(TYPES[type_])
    carries = frozenset(label for one in labels.values() for label in one)
    known: dict[str, object] = {
        "detail": "", "filled": carries, "own": False, "meeting": "none",
        "sides": frozenset({"has-harmed"}), "joint": False, "source_reveals": False,
    }  # fmt: skip
    known.update(facts)
    about = ItemFacts(type=type_, carries=carries, **known)
    return DECIDER.decide(ReaderFacts(frozenset({who}), attended), about)


def outcome(who: str, type_: str, attended: bool = False, **facts: object) -> str:
    """V, R or H; of what remains its members."""
    found = decided(who, type_, attended, **facts)
    return (
        f"R {','.join(found.keeps)}".strip()
        if found.keeps is not None and found.outcome == "R"
        else found.outcome
    )


# Everything that a basis opens; every other type is hidden, whatever is filled in it.
OPENS: dict[str, dict[str, str]] = {
    "consulted": {
        "victimisation-considered": "V", "adult-involvement-suspected": "V",
        "exploitation-link-considered": "V", "incident-recorded": "R",
        "immediate-safety-measure-recorded": "V",
    },
    "early-help": {
        "case-transfer-decided": "R target", "incident-recorded": "R status",
        "immediate-safety-measure-recorded": "V", "health-needs-considered": "R",
    },
    "respondent": {"incident-recorded": "R status"},
    "group-member": {},
    "mappa": {
        "conviction-recorded": "V", "custody-release-notified": "V", "risk-management-plan-recorded": "V",
        "engagement-changed": "V", "mappa-notified": "V", "mappa-decision-recorded": "V",
        "court-stage-recorded": "R", "assessment-started": "R", "assessment-completed": "R",
        "justice-assessment-completed": "R", "specialist-assessment-decided": "R",
    },
}  # fmt: skip


@pytest.mark.req("D-57", "D-47")
def test_d57_the_coordinator_of_public_protection_knows_who_worker_and_contact_are() -> None:
    assert outcome("mappa", "social-worker-allocated", detail="allocated") == "V"
    assert outcome("mappa", "named-contact-appointed", filled=frozenset()) == "V"
    assert outcome("mappa", "social-worker-allocated", detail="enquiry") == "H"


@pytest.mark.req("D-24", "D-25", "D-43", "D-47", "D-02")
@pytest.mark.parametrize("type_", sorted(TYPES))
@pytest.mark.parametrize("who", sorted(OPENS))
def test_a_basis_opens_what_its_rule_says_and_nothing_else(who: str, type_: str) -> None:
    assert outcome(who, type_) == OPENS[who].get(type_, "H")


OF_THE_GROUP = {
    "meeting-convened": "V", "meeting-held": "V", "plan-started": "V", "plan-reviewed": "V",
    "risk-management-plan-recorded":
        "R responsible_organisation,responsible_person,parts,next_review,places:own",
}  # fmt: skip


@pytest.mark.req("D-24", "D-08", "R-130", "R-141")
@pytest.mark.parametrize("type_", sorted(TYPES))
def test_d24_a_member_sees_the_meetings_and_the_plan_of_the_group_and_nothing_else(type_: str) -> None:
    meeting = "entitled" if type_ in ("meeting-convened", "meeting-held") else "none"
    assert outcome("group-member", type_, of_group=True, meeting=meeting) == OF_THE_GROUP.get(type_, "H")
    # A strategy meeting to which the same reader was invited is another meeting (D-04).
    if meeting == "entitled":
        assert outcome("group-member", type_, meeting="other") == "H"
    for who in ("health", "therapist", "carer", "attendee", "early-help", "respondent"):
        assert outcome(who, type_, of_group=True) == outcome(who, type_)


@pytest.mark.req("D-24", "D-08")
def test_d24_a_school_that_is_a_member_has_its_own_line_of_the_plan_and_the_parts() -> None:
    both = ReaderFacts(frozenset({"school", "group-member"}), False)
    labels = field_labels(TYPES["risk-management-plan-recorded"])
    carries = frozenset(label for one in labels.values() for label in one)
    about = ItemFacts(
        "risk-management-plan-recorded", "", carries, carries, False, "none", frozenset({"has-harmed"}),
        False, False, of_group=True,
    )  # fmt: skip
    found = DECIDER.decide(both, about)
    assert found.keeps is not None
    assert {"parts", "places:own", "responsible_organisation"} <= set(found.keeps)
    assert not {"places", "education", "accommodation"} & set(found.keeps)


@pytest.mark.req("D-24", "D-11")
@pytest.mark.parametrize("of_group", [True, False])
def test_d24_a_measure_of_the_groups_plan_is_told_to_its_members(of_group: bool) -> None:
    about = ItemFacts(
        "risk-management-plan-recorded", "", frozenset({"OPIN"}), frozenset({"OPIN"}), False, "none",
        frozenset({"has-harmed"}), False, False, of_group=of_group,
    )  # fmt: skip
    told = DECIDER.line("safety-measure", ReaderFacts(frozenset({"group-member"}), False), about)
    assert (told is not None) is of_group


@pytest.mark.req("D-43", "R-113")
@pytest.mark.parametrize("type_", ["risk-management-plan-recorded", "plan-reviewed"])
def test_d43_consulted_police_see_the_plan_of_a_meeting_they_attended(type_: str) -> None:
    assert outcome("consulted", type_, attended=True) == "V"
    assert outcome("consulted", type_) != "V"


@pytest.mark.req("D-43", "D-16")
def test_d43_an_incident_is_a_concern_and_its_date() -> None:
    found = decided("consulted", "incident-recorded")
    assert (found.keeps, found.title, found.rules, found.source) == (
        (),
        "Concern recorded",
        ("D-16",),
        "withheld",
    )
    assert outcome("consulted", "incident-recorded", own=True) == "V"


@pytest.mark.req("D-43", "D-04", "D-47", "D-25")
@pytest.mark.parametrize(
    ("who", "cell"),
    [("consulted", "V"), ("police", "V"), ("youth-justice", "V"), ("school", "V"), ("mappa", "V"),
     ("health", "R"), ("therapist", "R"), ("carer", "R"), ("attendee", "R"), ("early-help", "R"),
     ("respondent", "R"), ("spoc", "R")],
)  # fmt: skip
def test_d04_the_record_of_a_meeting_attended(who: str, cell: str) -> None:
    got = outcome(who, "meeting-held", attended=True, meeting="entitled")
    assert got == (cell if cell == "V" else "R kind,meeting,purpose,next_review,attendance:own")
    assert outcome(who, "meeting-held", attended=True, meeting="other") == "H"
    assert outcome(who, "meeting-convened", attended=True, meeting="entitled") == "V"


@pytest.mark.req("D-24", "R-146")
def test_d24_early_help_sees_its_own_kind_of_plan_only() -> None:
    assert outcome("early-help", "plan-started", detail="early-help") == "R kind,coordinator,parts"
    assert outcome("early-help", "plan-started", detail="cp") == "H"


@pytest.mark.req("D-44", "R-115")
def test_d44_a_row_of_ones_own_and_no_other() -> None:
    assert outcome("respondent", "meeting-checklist-completed", own_row=True) == "R items:asked"
    assert outcome("respondent", "meeting-checklist-completed") == "H"
    for who in ("school", "health", "early-help", "consulted"):
        assert outcome(who, "meeting-checklist-completed", own_row=True) == "H"


@pytest.mark.req("D-24", "R-076", "D-38", "D-39", "D-57")
@pytest.mark.parametrize(
    ("type_", "detail", "sides", "cell"),
    [
        ("incident-recorded", "has-been-harmed", HARMED, "R status"),
        ("incident-recorded", "has-harmed", HARMED, "R status"),
        ("child-voice-recorded", "", HARMED, "V"),
        ("initial-account-recorded", "", HARMED, "H"),
        ("support-arranged", "therapy", HARMED, "R"),
        ("behaviour-level-assessed", "", frozenset({"has-harmed"}), "H"),
        ("plan-reviewed", "", HARMED, "H"),
        ("education-arrangement-recorded", "", HARMED, "H"),
        ("social-worker-allocated", "allocated", HARMED, "V"),
        ("adult-involvement-suspected", "", HARMED, "H"),
        ("child-mentioned", "", HARMED, "H"),
        ("incident-linked", "", HARMED, "H"),
        ("interview-held", "abe", HARMED, "H"),
        ("criminal-investigation-decided", "investigate", HARMED, "H"),
        ("oversight-notified", "", HARMED, "H"),
    ],
)
def test_d24_a_single_point_of_contact(type_: str, detail: str, sides: frozenset[str], cell: str) -> None:
    assert outcome("spoc", type_, detail=detail, sides=sides) == cell


@pytest.mark.req("D-07", "R-090")
def test_d07_considered_is_all_that_is_told_outside_health() -> None:
    told = {"own-worker", "enquiry", "team-manager", "police", "youth-justice", "iro", "safeguarding-unit",
            "school", "therapist", "carer"}  # fmt: skip
    # Early help learns that there is something to ask for, not that needs were considered.
    assert decided("early-help", "health-needs-considered").keeps == ()
    for who in (*told, "smg", "mappa", "consulted", "respondent", "attendee", "spoc"):
        found = decided(who, "health-needs-considered", detail="")
        expected = ("R", ("considered",), "withheld") if who in told else ("H", (), "withheld")
        assert (found.outcome, found.keeps, found.source) == expected, who
    assert outcome("health", "health-needs-considered") == "V"


@pytest.mark.req("D-39", "D-06", "R-112")
@pytest.mark.parametrize("kind", ["pre-trial-therapy", "therapy", "counselling"])
def test_d39_that_there_is_therapy(kind: str) -> None:
    cells = {"own-worker": "V", "therapist": "R", "police": "R", "enquiry": "R", "iro": "R", "spoc": "R",
             "carer": "R start"}  # fmt: skip
    for who in (*cells, "team-manager", "smg", "safeguarding-unit", "school", "health", "youth-justice"):
        assert outcome(who, "support-arranged", detail=kind) == cells.get(who, "H"), who
        # Whether or not the fields are filled, a redaction says the same (D-32).
    assert decided("police", "support-arranged", detail=kind).source == "withheld"


@pytest.mark.req("D-38", "D-09", "R-058")
def test_d38_a_wish_against_a_reader_removes_even_that_wishes_were_recorded() -> None:
    for who in ("police", "health", "safeguarding-unit"):
        assert outcome(who, "child-voice-recorded") == "R"
        assert outcome(who, "child-voice-recorded", wish_against=True) == "H"
    assert outcome("own-worker", "child-voice-recorded", wish_against=True) == "V"
    for who in ("school", "youth-justice", "carer"):
        assert outcome(who, "child-voice-recorded") == "H"


@pytest.mark.req("D-05", "D-38", "R-044")
def test_d38_how_the_child_was_harmed_itself() -> None:
    cells = {"youth-justice": "R outcome", "health": "R", "therapist": "R outcome,opportunities_given"}
    for who in (*cells, "school", "carer", "early-help", "respondent", "attendee"):
        told = outcome(who, "victimisation-considered", attended=True, detail="established")
        assert told == cells.get(who, "H"), who
        assert outcome(who, "victimisation-considered", attended=True, detail="suspected") == "H", who


@pytest.mark.req("D-52", "D-08")
def test_d52_a_placement_and_its_change() -> None:
    seen = {"own-worker", "enquiry", "team-manager", "police", "youth-justice", "iro"}
    without_health = frozenset({"FAM", "LOC"})
    for who in (*seen, "school", "health", "therapist", "carer"):
        told = outcome(who, "child-circumstance-recorded", detail="placement", filled=without_health)
        assert told == ("V" if who in seen else "R"), who
    assert outcome("police", "child-circumstance-recorded", detail="placement") == "R", (
        "health stays with health"
    )
    assert outcome("school", "child-circumstance-recorded", detail="custody") == "H"
