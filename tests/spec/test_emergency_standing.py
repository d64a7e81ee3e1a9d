"""What emergency access makes of somebody, and what it opens, type by type (H-17, D-24, D-50)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from hub.catalogue import load_catalogue
from hub.disclosure.assemble import Disclosed
from hub.disclosure.decide import Decider
from hub.disclosure.emergency import ROLES
from hub.disclosure.engine import Engine
from hub.disclosure.facts import ItemFacts, ReaderFacts, field_labels
from hub.disclosure.rules import load_rules
from hub.disclosure.standing import standing
from hub.views import EmergencyUse, Grant, Review
from hub.views.emergency import uses
from tests.oracle.door import assembler
from tests.spec.basis_stories import GP, NOW, Basis, begun, has_harmed
from tests.spec.disclosed_stories import reader
from tests.spec.relationship_folds import S_CSC, at

DUTY = f"{S_CSC}/duty-1"
DECIDER = Decider(Engine(load_rules()))
CHANGES = {"event-corrected", "event-retracted"}
TYPES = {
    name: kind
    for name, kind in load_catalogue().types.items()
    if kind.kind != "hub" and name not in CHANGES and kind.about == "child"
}
OPENS = {
    "immediate-safety-measure-recorded": "V",
    "incident-recorded": (
        "role,status,categories,place_kind,person_harmed,technology_assisted,happened,coercion"
    ),
    "child-stream-opened": "date_of_birth,responsible_authority",
    "behaviour-level-assessed": "scale,level",
    "risk-management-plan-recorded": "responsible_organisation,next_review",
    "section-47-enquiry-initiated": "",
    "section-47-enquiry-concluded": "",
}


def use(used: str = "2025-09-10 09:00", hours: float = 24, by: str = DUTY) -> EmergencyUse:
    begins = at(used).astimezone(UTC)
    return EmergencyUse(
        "a" * 8, "c", by, by.partition("/")[0], "duty-worker", "child-missing", "r-1", begins,
        begins + timedelta(hours=hours),
    )  # fmt: skip


def opened(
    story: Basis, *used: EmergencyUse, person: str = DUTY, role: str = "duty-worker", now: str = NOW
) -> Disclosed:
    view = replace(story.view, grants=(*story.view.grants, *(one.grant for one in used)))
    return assembler().disclose(reader(person, role), view, lambda _: view, now=at(now), as_at=None)


@pytest.mark.req("H-17", "D-50", "D-02")
@pytest.mark.parametrize("type_", sorted(TYPES))
def test_h17_emergency_access_opens_core_facts_and_nothing_else(type_: str) -> None:
    """Of each type with every field filled, whoever wrote it."""
    labels = frozenset(one for each in field_labels(TYPES[type_]).values() for one in each)
    about = ItemFacts(type_, "", labels, labels, False, "none", frozenset({"has-harmed"}), False, False)
    found = DECIDER.decide(ReaderFacts(frozenset({"emergency"}), False), about)
    told = ",".join(found.keeps or ()) if found.outcome == "R" else found.outcome
    assert told == OPENS.get(type_, "H")


@pytest.mark.req("H-17")
@pytest.mark.parametrize(
    "role", sorted(ROLES | {"designated-safeguarding-lead", "foster-carer", "therapist"})
)
def test_h17_the_role_must_still_be_held_when_it_reads(role: str) -> None:
    view = replace(begun().view, grants=(use().grant,))
    found = standing(reader(DUTY, role), view, at(NOW)).classes
    assert found == ({"emergency"} if role in ROLES else set())


@pytest.mark.req("H-17", "D-20")
@pytest.mark.parametrize(
    ("time", "classes"),
    [
        ("2025-09-10 08:59", set()),
        ("2025-09-10 09:00", {"emergency"}),
        ("2025-09-11 08:59", {"emergency"}),
        ("2025-09-11 09:00", set()),
    ],
)
def test_h17_it_begins_when_it_is_used_and_ends_a_day_later(time: str, classes: set[str]) -> None:
    view = replace(begun().view, grants=(use().grant,))
    assert standing(reader(DUTY, "duty-worker"), view, at(time)).classes == classes


@pytest.mark.req("H-17", "H-24")
def test_h17_a_day_is_twenty_four_hours_also_when_the_clocks_change() -> None:
    view = replace(begun().view, grants=(use("2025-10-25 12:00").grant,))
    assert standing(reader(DUTY, "duty-worker"), view, at("2025-10-26 10:59")).classes
    assert not standing(reader(DUTY, "duty-worker"), view, at("2025-10-26 11:01")).classes


@pytest.mark.req("H-17")
@pytest.mark.parametrize(
    ("outcome", "reviewed", "ends"),
    [
        ("approved", "2025-09-10 12:00", "2025-09-11 09:00"),
        ("not-approved", "2025-09-10 12:00", "2025-09-10 12:00"),
        ("not-approved", "2025-09-20 12:00", "2025-09-11 09:00"),
    ],
)
def test_h17_a_review_never_makes_it_longer(outcome: str, reviewed: str, ends: str) -> None:
    review = Review(outcome, "r", "partnership.x/igo-1", at(reviewed))
    assert replace(use(), review=review).ends_at == at(ends)


@pytest.mark.req("H-17")
def test_h17_it_is_one_persons_and_nobody_covers_it() -> None:
    colleague = f"{S_CSC}/duty-2"
    story = begun()
    story.post("2025-09-10 10:00", S_CSC, "relationship-recorded", kind="cover", organisation=S_CSC,
               person=colleague, covers=DUTY, until="2025-12-01")  # fmt: skip
    view = replace(story.view, grants=(*story.view.grants, use().grant))
    assert standing(reader(colleague, "duty-worker"), view, at(NOW)).classes == set()


@pytest.mark.req("H-17", "D-30")
def test_h17_what_colleagues_posted_is_not_ones_own() -> None:
    """A duty worker of the authority that posts nearly everything would otherwise read all of it."""
    story = begun()
    story.post("2025-09-02 09:00", S_CSC, "support-arranged", kind="therapy", provider=GP)
    story.post("2025-09-02 10:00", S_CSC, "assessment-started", kind="single")
    assert {item.shown.type for item in opened(story, use()).items} == {"child-stream-opened"}


@pytest.mark.req("H-17", "D-41", "D-25")
def test_h17_it_opens_no_meeting_again() -> None:
    story = begun()
    story.post("2025-06-02 09:00", S_CSC, "meeting-convened", meeting="M1", kind="strategy")
    story.post("2025-06-02 09:10", S_CSC, "invitation-sent", meeting="M1", organisation=S_CSC, person=DUTY,
               decision="invited")  # fmt: skip
    story.post("2025-06-03 09:00", S_CSC, "meeting-held", meeting="M1", kind="strategy")
    assert "meeting-held" not in {item.shown.type for item in opened(story, use()).items}


@pytest.mark.req("H-17", "D-10")
def test_h17_who_looks_in_points_at_no_child_and_is_no_part_of_the_case() -> None:
    """A hospital that used it stays nobody to the child: its posts are named by its kind."""
    hospital = "health.s-hospital"
    story = begun()
    has_harmed(story, by=hospital)
    found = opened(story, use(by=f"{hospital}/dr-1"), person=f"{S_CSC}/sgu-1", role="safeguarding-unit")
    [incident] = [item.shown for item in found.items if item.shown.type == "incident-recorded"]
    assert incident.organisation == "a health service"
    assert found.standing.classes == {"safeguarding-unit"}


@pytest.mark.req("H-17", "D-11")
def test_h17_measures_of_a_plan_come_as_coded_lines_wherever_they_are_for() -> None:
    story = begun()
    story.post("2025-09-02 09:00", S_CSC, "risk-management-plan-recorded", responsible_organisation=S_CSC,
               measures=[{"for": "home", "code": "supervision"},
                         {"for": "school", "code": "no-contact"}])  # fmt: skip
    found = opened(story, use())
    assert [line.placed.shown.fields["for"] for line in found.lines] == ["home", "school"]


@pytest.mark.req("H-17")
def test_h17_a_use_reads_back_as_it_was_recorded() -> None:
    class Kept:
        def __init__(self, draft: object) -> None:
            self.type, self.body, self.stream = draft.type, draft.body, draft.stream

    one = use()
    review = Review("not-approved", "Not needed.", "partnership.x/igo-1", at("2025-09-10 12:00"))
    items = [Kept(one.draft()), Kept(one.review_draft(review))]
    assert uses(items) == [replace(one, review=review)]
    assert isinstance(one.grant, Grant) and one.draft().stream == "emergency/c"
    assert replace(one, child=None).draft().stream == "emergency/unknown"
