"""D-24: members of the group that works with a child get its meetings and plan, while it is that group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from hub.views import of_working_group
from tests.spec.basis_stories import CAIU, LATE, POLICE, SCHOOL, YOS, Basis, Step, begun, is_, transfer
from tests.spec.relationship_folds import N_CSC, S_CSC

CLINIC, NURSE = "health.s-clinic", "health.s-clinic/nurse-1"
HOME, CARER = "other.s-home", "other.s-home/carer-1"
BEGAN, THEN, AFTER = "2025-09-02 09:00", "2025-09-04 09:00", "2025-09-05 09:00"


def joined(story: Basis, by: str = S_CSC, time: str = BEGAN, **more: object) -> object:
    """The clinic's nurse becomes a member."""
    said = {"kind": "group-member", "organisation": CLINIC, "person": NURSE, **more}
    return story.post(time, by, "relationship-recorded", **said)


@pytest.mark.req("D-24", "G.00", "H-16")
@pytest.mark.parametrize(
    ("said", "person", "role", "classes"),
    [
        pytest.param({}, NURSE, "health-practitioner", {"group-member"}, id="D-24-named"),
        pytest.param({"person": None}, NURSE, "health-visitor", {"group-member"}, id="D-24-the-service"),
        pytest.param({}, f"{CLINIC}/nurse-2", "health-practitioner", set(), id="D-24-a-colleague"),
        pytest.param({}, NURSE, "ig-officer", set(), id="D-24-no-worker"),
        pytest.param({"organisation": HOME, "person": CARER}, CARER, "foster-carer", set(),
                     id="D-45-carers-have-papers-of-their-own"),
        pytest.param({"organisation": S_CSC, "person": None}, f"{S_CSC}/sw-7", "social-worker", set(),
                     id="H-16-nobody-of-social-care-unnamed"),
        pytest.param({"organisation": S_CSC, "person": f"{S_CSC}/sw-7"}, f"{S_CSC}/sw-7", "social-worker",
                     {"group-member"}, id="D-24-a-named-social-worker"),
        pytest.param({"organisation": POLICE, "person": CAIU}, CAIU, "police-officer", {"police"},
                     id="D-28-police"),
        pytest.param({"papers": ["H1"]}, NURSE, "health-practitioner", {"attendee"}, id="G.00-papers-only"),
        pytest.param({"from": "2025-09-12"}, NURSE, "health-practitioner", set(), id="G.00-not-yet"),
        pytest.param({"until": "2025-09-09"}, NURSE, "health-practitioner", set(), id="D-20-until"),
        pytest.param({"by": CLINIC}, NURSE, "health-practitioner", set(), id="G.00-by-itself"),
        pytest.param({"by": N_CSC}, NURSE, "health-practitioner", set(), id="G.00-by-another-authority"),
    ],
)  # fmt: skip
def test_the_childs_authority_names_the_members(
    said: dict[str, object], person: str, role: str, classes: set[str]
) -> None:
    story = begun()
    joined(story, **said)
    assert is_(story, person, role).classes == classes
    assert is_(story, person, role, "2025-09-02 08:59").classes == set()


def _ends(**data: object) -> Step:
    return lambda story: story.post(AFTER, S_CSC, "closure-decided", **data)


def _leaves(by: str, **more: object) -> Step:
    said = {"kind": "group-member", "organisation": CLINIC, **more}
    return lambda story: story.post(AFTER, by, "relationship-ended", **said)


def _moves(*steps: tuple[str, str]) -> Step:
    def step(story: Basis) -> None:
        for number, (by, name) in enumerate(steps):
            story.moves(f"2025-09-05 09:0{number}", by, name, S_CSC, N_CSC)

    return step


NOTIFIED, TAKEN = (S_CSC, "notified"), (N_CSC, "acknowledged")


@pytest.mark.req("D-24", "D-20", "G.00", "R-151", "R-157")
@pytest.mark.parametrize(
    ("step", "stays"),
    [
        pytest.param(_leaves(S_CSC), False, id="D-20-the-authority-says-so"),
        pytest.param(_leaves(CLINIC), False, id="D-20-the-member-says-so"),
        pytest.param(_leaves(S_CSC, person=NURSE), False, id="D-20-the-person-leaves"),
        pytest.param(_leaves(S_CSC, person=f"{CLINIC}/nurse-2"), True, id="D-20-somebody-else-leaves"),
        pytest.param(_leaves(SCHOOL), True, id="G.00-another-says-so"),
        pytest.param(_leaves(S_CSC, kind="treated"), True, id="G.00-another-relationship"),
        pytest.param(_ends(closes="case"), False, id="D-24-the-case-ends"),
        pytest.param(_ends(closes="plan"), False, id="D-24-the-plan-ends"),
        pytest.param(_ends(closes="specialist-service"), True, id="D-24-a-service-ends"),
        pytest.param(lambda s: s.post(AFTER, N_CSC, "closure-decided", closes="case"), True,
                     id="G.00-another-authority-closes"),
        pytest.param(lambda s: transfer(s, "early-help", time=AFTER), False, id="R-146-a-step-down"),
        pytest.param(lambda s: transfer(s, "universal-services", time=AFTER), False, id="R-146-to-all"),
        pytest.param(lambda s: transfer(s, "other-authority", time=AFTER), True, id="R-157-not-yet-moved"),
        pytest.param(lambda s: transfer(s, by=N_CSC, time=AFTER), True, id="G.00-another-transfers"),
        pytest.param(_moves(NOTIFIED), True, id="R-157-told"),
        pytest.param(_moves(NOTIFIED, TAKEN), False, id="R-157-moved"),
        pytest.param(_moves(TAKEN), True, id="R-157-claimed"),
        pytest.param(lambda s: s.post(AFTER, S_CSC, "meeting-held", kind="hsb", meeting="H1"), True,
                     id="D-24-a-meeting-ends-nothing"),
        pytest.param(lambda s: s.post(AFTER, S_CSC, "plan-reviewed", outcomes="o"), True,
                     id="D-24-a-review-ends-nothing"),
        pytest.param(lambda s: s.post(AFTER, S_CSC, "section-47-enquiry-concluded"), True,
                     id="D-24-an-enquiry-ends-nothing"),
    ],
)  # fmt: skip
def test_membership_ends_with_the_group_or_where_the_child_or_the_member_leaves_it(
    step: Step, stays: bool
) -> None:
    story = begun()
    joined(story)
    step(story)
    assert is_(story, NURSE, "health-practitioner", THEN).classes == {"group-member"}
    assert bool(is_(story, NURSE, "health-practitioner", LATE).classes) is stays


@pytest.mark.req("D-28", "D-24", "D-20")
@pytest.mark.parametrize(
    ("step", "stays"),
    [(_ends(closes="case"), False), (_ends(closes="plan"), False), (_moves(NOTIFIED, TAKEN), False),
     (_leaves(S_CSC, organisation=POLICE), False), (_leaves(S_CSC), True)],
)  # fmt: skip
def test_police_who_are_members_read_as_police_until_the_group_ends(step: Step, stays: bool) -> None:
    story = begun()
    joined(story, organisation=POLICE, person=CAIU)
    step(story)
    assert is_(story, CAIU, "police-officer", THEN).classes == {"police"}
    assert bool(is_(story, CAIU, "police-officer", LATE).classes) is stays


@pytest.mark.req("D-24", "D-20")
def test_a_member_who_is_recorded_again_is_one_again() -> None:
    story = begun()
    joined(story)
    _ends(closes="plan")(story)
    assert is_(story, NURSE, "health-practitioner").classes == set()
    joined(story, time="2025-09-06 09:00")
    assert is_(story, NURSE, "health-practitioner").classes == {"group-member"}


@pytest.mark.req("D-41", "D-25")
def test_a_member_keeps_a_meeting_that_was_attended_before() -> None:
    story = begun()
    here = [{"organisation": CLINIC, "person": NURSE}]
    story.post(BEGAN, S_CSC, "meeting-held", kind="strategy", meeting="M1", attendance=here)
    assert is_(story, NURSE, "health-practitioner", LATE).meetings == set()
    joined(story, time=AFTER)
    found = is_(story, NURSE, "health-practitioner", LATE)
    assert (found.classes, found.meetings) == ({"group-member"}, {(S_CSC, "M1")})


@pytest.mark.req("D-24", "R-082", "D-04")
@pytest.mark.parametrize("role", ["designated-safeguarding-lead", "educational-psychologist"])
def test_a_school_is_a_member_for_its_own_pupil_only(role: str) -> None:
    story = begun()
    for school, lead in ((SCHOOL, f"{SCHOOL}/dsl-1"), ("education.x-college", "education.x-college/dsl-1")):
        joined(story, organisation=school, person=lead)
        found = is_(story, lead, role).classes
        assert ("group-member" in found) is (school == SCHOOL)
    story.post(AFTER, S_CSC, "relationship-ended", kind="enrolled", organisation=SCHOOL)
    assert is_(story, f"{SCHOOL}/dsl-1", role).classes == set()


# What is the group's --------------------------------------------------------------------------------------


def _says(type_: str, by: str = S_CSC, **data: object) -> Callable[[Basis], object]:
    return lambda story: story.post(BEGAN, by, type_, **data)


@pytest.mark.req("D-24", "D-17", "R-130")
@pytest.mark.parametrize(
    ("post", "theirs"),
    [
        *((_says("meeting-held", kind=kind, meeting="X"), theirs) for kind, theirs in [
            ("hsb", True), ("hsb-planning", True), ("core-group", True), ("strategy", False),
            ("followup-strategy", False), ("smg", False), ("cpc", False), ("professionals", False)]),
        (_says("meeting-convened", kind="core-group", meeting="X"), True),
        (_says("meeting-convened", kind="strategy", meeting="X"), False),
        (_says("meeting-held", by=SCHOOL, kind="hsb", meeting="X"), False),
        (_says("meeting-held", by=N_CSC, kind="hsb", meeting="X"), False),
        (_says("risk-management-plan-recorded", responsible_organisation=S_CSC), True),
        (_says("risk-management-plan-recorded", by=YOS, responsible_organisation=YOS), True),
        (_says("plan-reviewed", outcomes="o"), True),
        (_says("plan-started", kind="cp"), True),
        (_says("plan-started", kind="cin"), True),
        (_says("plan-started", kind="early-help"), False),
        (_says("plan-place-covered", kind="home", place="p"), False),
        (_says("incident-recorded", role="has-harmed", status="alleged"), False),
        (_says("conference-held", kind="icpc", meeting="X"), False),
        (_says("action-assigned", action="a", meeting="X"), False),
    ],
)  # fmt: skip
def test_meetings_and_plan_are_the_groups_and_nothing_else_is(
    post: Callable[[Basis], object], theirs: bool
) -> None:
    story = begun()
    key = post(story).key
    (entry,) = (one for one in story.view.entries if one.key == key)
    assert of_working_group(entry, story.view) is theirs
    assert not of_working_group(replace(entry, awaiting=("social-care",)), story.view)


@pytest.mark.req("D-24", "R-157", "D-23")
@pytest.mark.parametrize(
    ("between", "current"),
    [
        pytest.param(_ends(closes="plan"), True, id="D-23-earlier-entries-of-the-same-case"),
        pytest.param(_ends(closes="case"), False, id="D-24-an-earlier-case"),
        pytest.param(lambda s: s.post(AFTER, N_CSC, "closure-decided", closes="case"), True,
                     id="G.00-another-authority"),
        pytest.param(_moves(NOTIFIED), True, id="R-157-told"),
        pytest.param(_moves(NOTIFIED, TAKEN), False, id="R-157-another-authoritys-group"),
    ],
)  # fmt: skip
def test_what_was_a_former_groups_is_not_this_ones(between: Step, current: bool) -> None:
    story = begun()
    held = story.post(BEGAN, S_CSC, "meeting-held", kind="hsb", meeting="H1")
    plan = story.post(THEN, S_CSC, "risk-management-plan-recorded", responsible_organisation=S_CSC)
    between(story)
    found = {one.key: one for one in story.view.entries}
    assert {of_working_group(found[one.key], story.view) for one in (held, plan)} == {current}
    by = story.view.authority or ""
    later = story.post("2025-09-08 09:00", by, "meeting-held", kind="hsb", meeting="H2")
    view = story.view
    assert of_working_group(next(one for one in view.entries if one.key == later.key), view)
