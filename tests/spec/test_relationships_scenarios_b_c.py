"""Who has which relationship in scenarios B and C, by the events of their set-up tables."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.spec.relationship_folds import S_CSC, Story, at

POLICE, YOS, EARLY_HELP = "police.s-police", "youth-justice.s-yos", "social-care.s-early-help"
CAIU = f"{POLICE}/caiu-2"
SCHOOL, ASH = "education.s-birch-school", "education.s-ash-primary"
HOME_1, HOME_2 = "other.s-home-f1", "other.s-home-f2"
CHILD_HEALTH, THERAPY = "health.s-child-health", "health.s-therapy"
VISITING, GP = "health.s-health-visiting", "health.s-gp"


def granted(story: Story, time: str, kind: str, person: str, **more: object) -> None:
    organisation, _, local = person.partition("/")
    given = {"organisation": organisation} | ({"person": person} if local else {}) | more
    story.post(time, S_CSC, "relationship-recorded", kind=kind, **given)


def invited(story: Story, time: str, meeting: str, *people: str) -> None:
    for one in people:
        organisation, _, local = one.partition("/")
        seat = {"meeting": meeting, "decision": "invited", "organisation": organisation}
        story.post(time, S_CSC, "invitation-sent", **(seat | ({"person": one} if local else {})))


def c3001() -> Story:
    """The events of B that grant, change or end something on the stream of the child C-3001."""
    story = Story()
    story.opened(schools=[SCHOOL], looked_after=True)
    granted(story, "2025-09-01 09:10", "placed", HOME_1)
    story.post(
        "2025-09-01 09:15", S_CSC, "social-worker-allocated", kind="allocated", worker=f"{S_CSC}/sw-s3"
    )
    story.post("2025-09-01 09:20", S_CSC, "named-contact-appointed", role="iro", person=f"{S_CSC}/iro-1")
    story.post("2025-10-03 09:00", S_CSC, "incident-recorded", role="has-harmed", status="alleged")
    story.post("2025-10-03 10:00", S_CSC, "oversight-notified", target="iro")
    granted(story, "2025-10-03 10:10", "enquiry", CAIU)
    story.post("2025-10-06 08:45", S_CSC, "referral-outcome-decided", outcome="strategy")
    story.post("2025-10-06 08:50", S_CSC, "social-worker-allocated", kind="enquiry", worker=f"{S_CSC}/enq-2")
    invited(story, "2025-10-06 09:15", "B-S1", CAIU, f"{CHILD_HEALTH}/nurse-2")
    story.post(
        "2025-10-06 09:16", S_CSC, "invitation-sent", meeting="B-S1", decision="not-invited",
        organisation=YOS, reason="considered",
    )  # fmt: skip
    story.post(
        "2025-10-06 13:05", S_CSC, "section-47-enquiry-initiated", threshold="significant-harm-suspected"
    )
    granted(story, "2025-10-08 09:00", "treated", f"{THERAPY}/th-1")
    granted(story, "2025-10-08 09:01", "treated", f"{CHILD_HEALTH}/nurse-2")
    granted(story, "2025-10-10 09:00", "placed", HOME_2)
    story.post("2025-10-17 09:30", S_CSC, "section-47-enquiry-concluded", continuing_risk=True)
    invited(
        story, "2025-10-17 10:05", "B-CPC", CAIU, f"{YOS}/yj-2", f"{SCHOOL}/dsl-1", f"{HOME_2}/carer-1",
        f"{S_CSC}/iro-1",
    )  # fmt: skip
    return story


UNIT = {"safeguarding-unit"}
READING_B = "2025-11-07 12:00"
B_READERS = [
    ("B00e", f"{S_CSC}/sw-s3", "social-worker", "2025-09-01 09:15", {"own-worker"}, {"own-worker"}),
    ("B00e-tm", f"{S_CSC}/tm-1", "team-manager", "2025-09-01 09:15", {"team-manager"}, {"team-manager"}),
    ("B00f", f"{S_CSC}/iro-1", "independent-reviewing-officer", "2025-09-01 09:20", {"iro"}, {"iro"}),
    ("B08b", f"{S_CSC}/enq-2", "enquiry-social-worker", "2025-10-06 08:50", {"enquiry"}, {"enquiry"}),
    ("B05b", CAIU, "police-officer", "2025-10-03 10:10", {"police"}, {"police"}),
    ("B00c", f"{HOME_1}/carer-1", "foster-carer", "2025-09-01 09:10", {"carer"}, set()),
    ("B16a", f"{HOME_2}/carer-1", "foster-carer", "2025-10-10 09:00", {"carer"}, {"carer"}),
    ("B00a", f"{SCHOOL}/dsl-1", "designated-safeguarding-lead", "2025-09-01 09:00", {"school"}, {"school"}),
    ("B18b", f"{YOS}/yj-2", "youth-justice-worker", "2025-10-17 10:05", {"youth-justice"}, {"youth-justice"}),
    ("B13b-th", f"{THERAPY}/th-1", "therapist", "2025-10-08 09:00", {"therapist"}, {"therapist"}),
    ("B13b-hl", f"{CHILD_HEALTH}/nurse-2", "health-practitioner", "2025-10-08 09:01", {"health"}, {"health"}),
    ("area", f"{S_CSC}/sgu-1", "safeguarding-unit", "2025-09-01 09:00", UNIT, UNIT),
]  # fmt: skip

BEFORE = {"area": {"safeguarding-unit"}, "B13b-hl": {"attendee"}}


@pytest.mark.req("G.00", "H-16")
@pytest.mark.parametrize(("ref", "person", "role", "since", "then", "at_reading"), B_READERS)
def test_scenario_b_readers(
    ref: str, person: str, role: str, since: str, then: set[str], at_reading: set[str]
) -> None:
    story = c3001()
    assert story.standing(person, role, since).classes == then, ref
    assert story.standing(person, role, READING_B).classes == at_reading, ref
    # The oversight of an area is by office, from the first day, and the nurse was invited before.
    before = f"{at(since) - timedelta(minutes=1):%Y-%m-%d %H:%M}"
    assert story.standing(person, role, before).classes == BEFORE.get(ref, set()), ref


@pytest.mark.req("D-28", "D-29")
def test_scenario_b_enquiry_and_police_end_28_days_after_the_enquiry() -> None:
    story = c3001()
    for person, role in ((CAIU, "police-officer"), (f"{S_CSC}/enq-2", "enquiry-social-worker")):
        assert story.standing(person, role, "2025-11-14 23:59").classes
        assert "police" not in story.standing(person, role, "2025-11-15 00:00").classes
        assert "enquiry" not in story.standing(person, role, "2025-11-15 00:00").classes


@pytest.mark.req("R-081", "D-27")
def test_scenario_b_youth_justice_that_was_considered_and_not_invited_has_nothing() -> None:
    assert c3001().standing(f"{YOS}/yj-2", "youth-justice-worker", "2025-10-17 10:04").classes == set()


def c4001() -> Story:
    """The events of C that grant something on the stream of the child C-4001, who is under ten."""
    story = Story()
    story.opened(schools=[ASH])
    story.post("2025-09-22 15:00", S_CSC, "incident-recorded", role="has-harmed", status="alleged")
    granted(story, "2025-09-23 09:00", "enquiry", CAIU, papers=["consult only"])
    story.post(
        "2025-09-23 10:30", S_CSC, "section-47-enquiry-initiated", threshold="significant-harm-suspected"
    )
    granted(story, "2025-09-23 10:40", "treated", f"{GP}/gp-1")
    granted(story, "2025-09-23 10:41", "treated", f"{VISITING}/hv-1")
    story.post(
        "2025-10-02 09:00", S_CSC, "social-worker-allocated", kind="allocated", worker=f"{S_CSC}/sw-s5"
    )
    invited(
        story, "2025-10-06 10:45", "C-HSB", f"{ASH}/dsl-1", f"{VISITING}/hv-1", f"{GP}/gp-1", CAIU,
        f"{EARLY_HELP}/eh-1",
    )  # fmt: skip
    story.post(
        "2025-10-06 10:46", S_CSC, "invitation-sent", meeting="C-HSB", decision="not-invited",
        organisation=YOS, reason="under ten",
    )  # fmt: skip
    return story


READING_C = "2025-10-15 12:00"


@pytest.mark.req("G.00", "H-16")
@pytest.mark.parametrize(
    ("ref", "person", "role", "classes"),
    [
        ("C13", f"{S_CSC}/sw-s5", "social-worker", {"own-worker"}),
        ("C13-tm", f"{S_CSC}/tm-1", "team-manager", {"team-manager"}),
        ("C00a", f"{ASH}/dsl-1", "designated-safeguarding-lead", {"school"}),
        ("C08c-hv", f"{VISITING}/hv-1", "health-visitor", {"health"}),
        ("C08c-gp", f"{GP}/gp-1", "general-practitioner", {"health"}),
        ("C17b-eh", f"{EARLY_HELP}/eh-1", "early-help-worker", {"attendee"}),
        ("C06c", CAIU, "police-officer", {"consulted"}),
        ("none", f"{YOS}/yj-2", "youth-justice-worker", set()),
        ("area", f"{S_CSC}/sgu-1", "safeguarding-unit", {"safeguarding-unit"}),
    ],
)
def test_scenario_c_readers(ref: str, person: str, role: str, classes: set[str]) -> None:
    story = c4001()
    assert story.standing(person, role, READING_C).classes == classes, ref
    opened = "2025-09-22 14:00"
    kept = classes & {"school", "safeguarding-unit"}
    assert story.standing(person, role, opened).classes == kept, ref


@pytest.mark.req("D-43", "H-09")
def test_scenario_c_police_who_are_consulted_only_do_not_become_the_investigating_police() -> None:
    story = c4001()
    for time in ("2025-09-23 09:00", "2025-10-06 10:45", READING_C):
        assert "police" not in story.standing(CAIU, "police-officer", time).classes
