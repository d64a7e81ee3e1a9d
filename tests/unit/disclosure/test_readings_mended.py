"""Where the text of the sharing rules leaves one reading: youth justice, therapy, oversight, accounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from hub.directory.types import Principal
from hub.disclosure.permissions import is_own
from hub.disclosure.sides import said_alone, sides_of
from hub.disclosure.standing import standing
from tests.oracle import door
from tests.oracle.cases import LONDON
from tests.oracle.model import Posted, Reader, World
from tests.spec.basis_stories import POLICE, SCHOOL, YOS, begun, has_harmed, is_
from tests.spec.relationship_folds import N_CSC, S_CSC, at
from tests.unit.disclosure.test_bases_decided import TYPES, decided, outcome

HARMED, BOTH = frozenset({"has-been-harmed"}), frozenset({"has-been-harmed", "has-harmed"})
OF_EVERYBODY = {
    "immediate-safety-measure-recorded": "V", "named-contact-appointed": "V", "social-worker-allocated": "V",
}  # fmt: skip
POLICE_MATTERS = (
    "admission-flagged", "conviction-recorded", "court-information-supplied", "court-stage-recorded",
    "criminal-investigation-decided", "criminal-outcome-recorded", "custody-release-notified",
    "disposal-proposed", "mappa-decision-recorded", "mappa-notified",
)  # fmt: skip
MEETINGS = ("meeting-convened", "meeting-held")
WORK = ("specialist-opinion-requested", "specialist-opinion-received", "intervention-offered",
        "intervention-started", "support-arranged")  # fmt: skip


@pytest.mark.req("D-21", "R-011")
@pytest.mark.parametrize("sides", [HARMED, frozenset()], ids=["D-21-only-harmed", "D-21-nothing-known"])
@pytest.mark.parametrize("type_", sorted(TYPES))
def test_d21_youth_justice_reads_no_record_of_a_child_who_has_not_harmed(
    type_: str, sides: frozenset[str]
) -> None:
    meeting = "other" if type_ in MEETINGS else "none"
    got = outcome(
        "youth-justice", type_, attended=True, sides=sides, detail="allocated", filled=_filled(type_),
        meeting=meeting,
    )  # fmt: skip
    assert got == OF_EVERYBODY.get(type_, "H")
    if type_ in MEETINGS:
        assert outcome("youth-justice", type_, sides=sides, meeting="entitled") == "V"


def _filled(type_: str) -> frozenset[str]:
    """Without the reason for which somebody was appointed, which is opinion."""
    labels = {label for one in TYPES[type_].labels.values() for label in one} - {"3P"}
    return frozenset(labels - ({"OPIN"} if type_ == "named-contact-appointed" else set()))


@pytest.mark.req("D-21")
def test_d21_a_child_who_has_harmed_too_is_read_as_one_who_has_harmed() -> None:
    for sides in (BOTH, frozenset({"has-harmed"})):
        assert outcome("youth-justice", "conviction-recorded", sides=sides) == "V"
    assert outcome("youth-justice", "incident-recorded", sides=HARMED, own=True) == "V"


@pytest.mark.req("D-21", "G.00")
def test_d21_a_service_does_not_let_itself_in_by_an_incident_of_its_own() -> None:
    story = begun(date_of_birth="2010-01-01")
    story.post("2025-09-01 09:30", S_CSC, "relationship-recorded", kind="supervised", organisation=YOS)
    has_harmed(story, by=YOS)
    assert sides_of(story.view) == said_alone(story.view, YOS) == {"has-harmed"}
    assert is_(story, f"{YOS}/yj-1", "youth-justice-worker").said_alone == {"has-harmed"}
    has_harmed(story, by=SCHOOL, time="2025-09-02 10:00")
    assert is_(story, f"{YOS}/yj-1", "youth-justice-worker").said_alone == frozenset()


@pytest.mark.req("D-39", "D-06", "R-112", "R-105")
@pytest.mark.parametrize("kind", ["therapy", "counselling", "other:art-therapy", ""])
@pytest.mark.parametrize("type_", WORK)
def test_d39_existence_is_for_those_who_are_named_and_for_nobody_else(type_: str, kind: str) -> None:
    for who in ("police", "enquiry", "iro", "spoc"):
        assert outcome(who, type_, detail=kind) == "R", who
    for who in ("team-manager", "safeguarding-unit", "smg", "school", "health", "youth-justice", "early-help",
                "consulted", "mappa", "respondent", "attendee", "own-front-door"):  # fmt: skip
        assert outcome(who, type_, detail=kind) == "H", who
        assert outcome(who, type_, attended=True, detail=kind, filled=frozenset({"OPIN", "CRIM"})) == "H", who


@pytest.mark.req("D-34", "R-158")
@pytest.mark.parametrize("type_", POLICE_MATTERS)
def test_d34_oversight_gets_type_date_and_outcome_code_of_police_matters(type_: str) -> None:
    for who in ("iro", "safeguarding-unit"):
        found = decided(who, type_)
        assert (found.outcome, found.keeps, found.source) == ("R", ("decision", "outcome"), "withheld")


@pytest.mark.req("D-33", "D-32", "D-02")
def test_d33_attending_a_meeting_takes_no_opinion_from_youth_justice() -> None:
    """That family information is held is said where nothing else of the entry is readable."""
    for attended in (True, False):
        found = decided(
            "youth-justice", "assessment-completed", attended=attended, filled=frozenset({"OPIN", "FAM"})
        )
        assert (found.outcome, found.keeps, found.labels) == ("R", None, {"OPIN"})
    only_family = decided("youth-justice", "assessment-completed", attended=True, filled=frozenset({"FAM"}))
    assert (only_family.outcome, only_family.keeps) == ("R", ())


@pytest.mark.req("D-49", "D-19", "R-169")
def test_d49_what_youth_justice_assessed() -> None:
    cells = {"own-worker": "V", "enquiry": "V", "team-manager": "V", "youth-justice": "V",
             "safeguarding-unit": "V", "police": "R decision", "school": "R", "mappa": "R",
             "iro": "R decision,outcome"}  # fmt: skip
    for who in (*cells, "health", "carer", "therapist", "spoc", "early-help"):
        assert outcome(who, "justice-assessment-completed") == cells.get(who, "H"), who


@pytest.mark.req("D-38", "D-53", "R-058")
def test_d38_of_an_account_youth_justice_gets_nothing_and_oversight_all_but_the_words() -> None:
    account = "initial-account-recorded"
    cells = {"own-worker": "V", "enquiry": "V", "team-manager": "V", "police": "V", "health": "R", "iro": "R",
             "safeguarding-unit": "R", "smg": "R"}  # fmt: skip
    for who in (*cells, "youth-justice", "school", "carer", "therapist", "spoc", "early-help", "consulted"):
        assert outcome(who, account) == cells.get(who, "H"), who
    assert decided("safeguarding-unit", account).labels == {"CBH-ID", "SRC"}
    # Of a service that would point at another child, who of it heard the account is withheld too.
    assert decided("safeguarding-unit", account, source_reveals=True).labels == {"CBH-ID"}
    assert decided("police", account, source_reveals=True).outcome == "V"
    told = decided("safeguarding-unit", account, source_reveals=True, filled=frozenset({"SRC", "WORDS"}))
    assert (told.outcome, told.keeps, told.source) == ("R", (), "kind")


@pytest.mark.req("D-16", "R-113")
def test_d16_an_interview_that_should_not_have_been_goes_to_consulted_police_and_not_to_oversight() -> None:
    seen = {"police", "consulted", "team-manager", "enquiry"}
    for who in (*seen, "own-worker", "iro", "safeguarding-unit", "youth-justice", "school", "health"):
        assert outcome(who, "interview-held", detail="pace-under-ten") == ("V" if who in seen else "H"), who


@pytest.mark.req("D-33", "D-07", "D-52")
@pytest.mark.parametrize(("who", "label"), [("health", "HLTH"), ("youth-justice", "LOC")])
@pytest.mark.parametrize("attended", [True, False])
def test_d33_a_label_of_ones_own_is_read_beside_one_that_is_withheld(
    who: str, label: str, attended: bool
) -> None:
    filled = frozenset({"FAM", label})
    found = decided(who, "child-circumstance-recorded", attended, detail="lac", filled=filled)
    assert (found.outcome, found.keeps, label in found.labels) == ("R", None, True)
    only = outcome(who, "child-circumstance-recorded", attended, detail="lac", filled=frozenset({"FAM"}))
    assert only == ("R" if attended else "H")


@pytest.mark.req("D-05", "D-33", "R-044")
def test_d05_the_therapist_learns_what_was_found_of_harm_to_a_child_known_as_harmed() -> None:
    for detail, sides, cell in (
        ("discounted", HARMED, "R outcome,opportunities_given"),
        ("suspected", frozenset({"has-harmed"}), "H"),
        ("established", frozenset({"has-harmed"}), "R outcome,opportunities_given"),
    ):
        assert outcome("therapist", "victimisation-considered", detail=detail, sides=sides) == cell
    assert outcome("school", "victimisation-considered", detail="discounted", sides=HARMED) == "H"


@pytest.mark.req("D-13", "H-15")
def test_d13_an_officer_is_nothing_else_to_a_child() -> None:
    story = begun()
    person = "partnership.s-hub/ig-1"
    story.post(
        "2025-09-02 09:00", S_CSC, "invitation-sent", organisation="partnership.s-hub", person=person,
        meeting="M1", decision="invited",
    )  # fmt: skip
    reader = Principal("partnership.s-hub", "partnership", None, person, frozenset({"ig-officer"}))
    assert standing(reader, story.view, at("2025-09-03 09:00")).classes == {"officer"}


@pytest.mark.req("D-30", "D-12", "D-22")
@pytest.mark.parametrize(
    ("person", "role", "type_", "data", "own"),
    [
        (f"{S_CSC}/sw-1", "social-worker", "plan-reviewed", {}, True),
        (f"{S_CSC}/ir-1", "independent-reviewing-officer", "plan-reviewed", {}, False),
        (f"{S_CSC}/su-1", "safeguarding-unit", "plan-reviewed", {}, False),
        (f"{S_CSC}/sw-1", "social-worker", "referral-made", {"to": N_CSC}, False),
        (f"{S_CSC}/sw-1", "social-worker", "referral-made", {"to": S_CSC}, True),
        (f"{S_CSC}/sw-1", "social-worker", "referral-made", {"to": POLICE}, True),
    ],
)
def test_d30_whose_own_an_entry_is(
    person: str, role: str, type_: str, data: dict[str, object], own: bool
) -> None:
    story = begun()
    story.post("2025-09-02 09:00", S_CSC, "social-worker-allocated", kind="allocated", worker=f"{S_CSC}/sw-1")
    story.post("2025-09-02 09:30", S_CSC, "named-contact-appointed", role="iro", person=f"{S_CSC}/ir-1")
    key = story.post("2025-09-03 09:00", S_CSC, type_, **data).key
    entry = next(one for one in story.view.entries if one.key == key)
    reader = Principal(S_CSC, "social-care", S_CSC, person, frozenset({role}))
    stands = is_(story, person, role)
    assert stands.classes and is_own(entry, frozenset(), stands, reader, S_CSC) is own


CHILD = "00000000-0000-4000-8000-00000000000a"
START = datetime(2025, 9, 1, 9, 0, tzinfo=LONDON)


@pytest.mark.req("D-18", "D-35", "R-046", "G.00")
def test_d35_intelligence_that_stands_in_free_text_alone_is_intelligence() -> None:
    csc = "social-care.s-csc"
    when = {"occurred_at": "2025-09-02", "precision": "day"}
    opened = Posted(
        10, CHILD, "child-stream-opened", csc, f"{csc}/fd-1", START,
        {**when, "author": f"{csc}/fd-1", "identifiers": [], "responsible_authority": csc},
    )  # fmt: skip
    suspected = Posted(
        13, CHILD, "adult-involvement-suspected", "police.s-police", "police.s-police/p-1", START,
        {**when, "author": "police.s-police/p-1", "narrative": "A car was seen."},
    )  # fmt: skip
    police = Posted(
        16, CHILD, "relationship-recorded", csc, f"{csc}/fd-1", START,
        {**when, "author": f"{csc}/fd-1", "kind": "enquiry", "organisation": "police.s-police"},
    )  # fmt: skip
    referred = replace(
        opened, number=19, type="referral-made", organisation=SCHOOL, author=f"{SCHOOL}/d-1",
        data={**when, "author": f"{SCHOOL}/d-1", "target": "csc", "to": csc},
    )  # fmt: skip
    born = {CHILD: datetime(2010, 1, 1, tzinfo=LONDON).date()}
    world = World(
        (opened, suspected, police, referred), {csc: csc, "police.s-police": csc, SCHOOL: csc}, born
    )
    now = datetime(2025, 9, 3, 9, 0, tzinfo=LONDON)
    views = door.views(world, now)
    front = door.given(views, world, Reader(f"{csc}/fd-1", "front-door"), CHILD, now)
    assert "own-front-door" in front.classes and 19 in front.items and 13 not in front.items
    caiu = door.given(views, world, Reader("police.s-police/p-1", "police-officer"), CHILD, now)
    assert caiu.items[13].outcome == "V"
