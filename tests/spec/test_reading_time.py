"""When a relationship reads (D-23), what is left to carers (D-14, D-45), by the rules as they are."""

from __future__ import annotations

import pytest

from tests.spec.basis_stories import GP, LATE, NOW, SCHOOL, SOON, Basis, begun, has_harmed
from tests.spec.disclosed_stories import disclosed, lines, shown
from tests.spec.relationship_folds import S_CSC

WORKER, DSL, DOCTOR = f"{S_CSC}/sw-1", f"{SCHOOL}/dsl-1", f"{GP}/gp-1"
HOME, CARER = "other.s-home-1", "other.s-home-1/fc-1"
READERS = [
    pytest.param("social-worker-allocated", {"kind": "allocated", "worker": WORKER}, WORKER, "social-worker",
                 id="D-23-own-worker"),
    pytest.param("relationship-recorded", {"kind": "treated", "organisation": GP}, DOCTOR,
                 "general-practitioner", id="D-23-health"),
    pytest.param("relationship-recorded", {"kind": "placed", "organisation": HOME}, CARER, "foster-carer",
                 id="D-23-carer"),
]  # fmt: skip


def known_before() -> Basis:
    """A child with an incident and a safety measure before anybody but its school has a relationship."""
    story = begun(date_of_birth="2012-01-01")
    has_harmed(story)
    story.post("2025-09-02 09:00", S_CSC, "immediate-safety-measure-recorded", measure="supervision")
    return story


@pytest.mark.req("D-23")
@pytest.mark.parametrize(("type_", "data", "person", "role"), READERS)
def test_d23_a_current_relationship_opens_earlier_entries_as_well_as_later_ones(
    type_: str, data: dict[str, object], person: str, role: str
) -> None:
    story = known_before()
    assert shown(story, person, role, NOW) == {}
    story.post("2025-09-05 09:00", S_CSC, type_, **data)
    has_harmed(story, "2025-09-06", time="2025-09-06 10:00")
    found = shown(story, person, role, NOW)
    received = {one.received_at for one in found["incident-recorded"]}
    assert len(received) == 2, "the one before the relationship and the one after it"
    assert "immediate-safety-measure-recorded" in found


@pytest.mark.req("D-23", "H-07")
@pytest.mark.parametrize(("type_", "data", "person", "role"), READERS)
def test_d23_the_answer_is_that_of_the_reading_time(
    type_: str, data: dict[str, object], person: str, role: str
) -> None:
    """An instant before the relationship is read by who has one now, and by nobody whose has ended."""
    story = known_before()
    story.post("2025-09-05 09:00", S_CSC, type_, **data)
    assert shown(story, person, role, NOW, as_at="2025-09-03 12:00")
    kind = str(data["kind"])
    organisation = person.partition("/")[0]
    story.post(
        "2025-09-12 09:00", S_CSC, "relationship-ended", kind=kind, organisation=organisation, person=None
    )
    assert not shown(story, person, role, SOON)
    assert not shown(story, person, role, SOON, as_at="2025-09-08 12:00"), "D-20: whatever as_at says"


@pytest.mark.req("D-23", "D-25")
def test_d23_attendance_alone_opens_no_earlier_entries() -> None:
    story = known_before()
    story.post("2025-09-05 09:00", S_CSC, "meeting-convened", meeting="M1", kind="strategy",
               held_on="2025-09-08")  # fmt: skip
    story.post("2025-09-05 09:10", S_CSC, "invitation-sent", meeting="M1", organisation=GP, person=DOCTOR,
               decision="invited")  # fmt: skip
    assert set(shown(story, DOCTOR, "general-practitioner", NOW)) == {"meeting-convened"}


def placed_twice() -> Basis:
    """A child that moves from the first home to another one."""
    story = known_before()
    story.post("2025-09-03 09:00", S_CSC, "relationship-recorded", kind="placed", organisation=HOME)
    story.post("2025-09-04 09:00", HOME, "child-voice-recorded", words="CANARY-OWN-POST")
    story.post(
        "2025-10-01 09:00", S_CSC, "relationship-recorded", kind="placed", organisation="other.s-home-2"
    )
    story.post("2025-10-02 09:00", S_CSC, "immediate-safety-measure-recorded", measure="supervision")
    return story


@pytest.mark.req("D-45", "D-20")
def test_d45_carers_read_for_the_current_placement_only() -> None:
    story = placed_twice()
    assert shown(story, CARER, "foster-carer", SOON)
    assert shown(story, CARER, "foster-carer", LATE) == {}
    assert lines(story, CARER, "foster-carer", LATE) == []
    assert shown(story, CARER, "foster-carer", LATE, as_at="2025-09-10 12:00") == {}
    now = shown(story, "other.s-home-2/fc-2", "foster-carer", LATE)
    assert len(now["immediate-safety-measure-recorded"]) == 2


@pytest.mark.req("D-45")
def test_d45_of_a_child_that_is_still_placed_there_safety_goes_on() -> None:
    """Another child of the first home: what keeps it safe is told to that home after the first one left."""
    still = known_before()
    still.post("2025-09-03 09:00", S_CSC, "relationship-recorded", kind="placed", organisation=HOME)
    still.post("2025-10-02 09:00", S_CSC, "risk-management-plan-recorded", parts={},
               responsible_organisation=S_CSC, measures=[{"for": "home", "code": "supervision"}])  # fmt: skip
    assert lines(still, CARER, "foster-carer", LATE) == ["safety-measure"]


THIRD_PARTY = {
    "assessment-started": {"kind": "single", "narrative": "CANARY-FAMILY"},
    "behaviour-level-assessed": {"scale": "hackett-5", "level": "problematic", "narrative": "CANARY-OPINION"},
    "child-mentioned": {"reason": "CANARY-OTHER-CHILD"},
    "child-voice-recorded": {"words": "CANARY-WORDS"},
    "contact-children-risk-assessed": {
        "circle": "household",
        "considered": True,
        "reason": "CANARY-CHILDREN",
    },
    "criminal-investigation-decided": {"decision": "investigate", "reason": "CANARY-POLICE"},
    "incident-recorded": {"role": "has-harmed", "status": "alleged", "narrative": "CANARY-INCIDENT"},
    "initial-account-recorded": {"categories": ["CANARY-ACCOUNT"], "narrative": "CANARY-SOURCE"},
    "records-access-requested": {"holder": GP, "scope": "medical", "purpose": "CANARY-LEGAL"},
    "risk-management-plan-recorded": {"narrative": "CANARY-PLAN", "responsible_person": "CANARY-PERSON"},
    "sharing-declined": {"recipient": "x", "what": "CANARY-DECLINED"},
    "support-arranged": {"kind": "therapy", "provider": "health.canary-therapy"},
}


@pytest.mark.req("D-14")
def test_d14_what_a_carer_gets_holds_nothing_of_third_parties() -> None:
    """Of every kind of entry the carer gets the family-safe part, or nothing."""
    story = known_before()
    story.post("2025-09-03 09:00", S_CSC, "relationship-recorded", kind="placed", organisation=HOME)
    for type_, data in THIRD_PARTY.items():
        story.post("2025-09-03 10:00", S_CSC, type_, **data)
    given = disclosed(story, CARER, "foster-carer", NOW)
    assert {item.shown.type for item in given.items} >= {
        "incident-recorded",
        "immediate-safety-measure-recorded",
    }
    assert "canary" not in str([item.shown for item in given.items]).lower()
    assert "canary" not in str([line.placed for line in given.lines]).lower()
    [item] = [
        one for one in given.items if one.shown.received_at and one.shown.fields.get("status") == "alleged"
    ][:1]
    assert item.shown.organisation is None, "who reported is withheld"


@pytest.mark.req("D-08", "H-02", "H-07", "H-10")
@pytest.mark.parametrize(("kind", "stays"), [("custody", False), ("placement", True)])
def test_what_was_put_right_so_that_it_is_hidden_is_hidden_at_every_instant(kind: str, stays: bool) -> None:
    """The school was shown that a placement changed; what was meant is nothing that a school is shown."""
    story = begun(date_of_birth="2012-01-01")
    has_harmed(story)
    moved = {"occurred_at": "2025-09-03", "precision": "day", "from": "2025-09-03"}
    post = story.post("2025-09-03 09:00", S_CSC, "child-circumstance-recorded", kind="placement", **moved)
    school, then, type_ = (DSL, "designated-safeguarding-lead", NOW), "2025-09-04 12:00", post.type
    assert type_ in shown(story, *school, as_at=then)
    about = {"source": post.key.source, "id": post.key.id}
    replacement = {**moved, "occurred_at": "2025-09-02", "kind": kind}
    story.post("2025-09-05 09:00", S_CSC, "event-corrected", about=about, replacement=replacement, reason="r")
    for as_at, on in ((None, "2025-09-02"), (then, "2025-09-03")):
        found = shown(story, *school, as_at=as_at).get(type_, [])
        assert [one.occurred_at for one in found] == [on] * stays


@pytest.mark.req("G.00", "D-45", "H-16")
def test_a_carer_stays_the_carer_until_the_next_placement_begins() -> None:
    """A move that is recorded ahead of its day takes nothing from who cares for the child meanwhile."""
    story = known_before()
    other = "other.s-home-2"
    placed = {"kind": "placed", "organisation": HOME}
    story.post("2025-09-05 09:00", S_CSC, "relationship-recorded", **placed)
    moving = {"kind": "placed", "organisation": other, "from": "2025-09-20"}
    story.post("2025-09-06 09:00", S_CSC, "relationship-recorded", **moving)
    for time, here in (("2025-09-19 12:00", True), ("2025-09-20 00:30", False)):
        assert bool(shown(story, CARER, "foster-carer", time)) is here
        assert bool(shown(story, f"{other}/fc-1", "foster-carer", time)) is not here
    story.post("2025-09-07 09:00", S_CSC, "relationship-recorded", **placed)
    assert shown(story, CARER, "foster-carer", "2025-09-20 12:00")
    assert not shown(story, f"{other}/fc-1", "foster-carer", "2025-09-20 12:00")
