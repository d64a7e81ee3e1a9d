"""G.00, R-082: an invitation lets a school into a meeting about its own pupil, while it is one."""

from __future__ import annotations

import pytest

from tests.spec.basis_stories import SCHOOL, begun
from tests.spec.disclosed_stories import shown
from tests.spec.relationship_folds import S_CSC, Story

LEAD, DSL = f"{SCHOOL}/dsl-1", "designated-safeguarding-lead"
INVITED, ENDED, HELD, AGAIN = "2025-09-02 09:00", "2025-09-04 09:00", "2025-09-06 09:00", "2025-09-08 09:00"
BEFORE, NOW, LATE = "2025-09-03 09:00", "2025-09-10 12:00", "2025-10-20 12:00"


def told(invited: str = INVITED, *, ended: str | None = None, came: bool = False, held: str = HELD) -> Story:
    """A pupil's school is invited to a meeting, which is held."""
    story, steps = begun(), []
    steps.append(
        (invited, S_CSC, "invitation-sent", {"meeting": "M1", "organisation": SCHOOL, "decision": "invited"})
    )
    steps.append(
        (
            held,
            S_CSC,
            "meeting-held",
            {"meeting": "M1", "kind": "strategy", "attendance": [{"organisation": SCHOOL}] if came else []},
        )
    )
    if ended is not None:
        steps.append((ended, S_CSC, "relationship-ended", {"kind": "enrolled", "organisation": SCHOOL}))
    for time, by, type_, data in sorted(steps, key=lambda one: one[0]):
        story.post(time, by, type_, **data)
    return story  # fmt: skip


def reads(story: Story, time: str) -> bool:
    """Whether the school's safeguarding lead finds the meeting, or that it was convened."""
    return bool({"meeting-held", "meeting-convened"} & shown(story, LEAD, DSL, time).keys())


@pytest.mark.req("R-082", "D-04", "D-25", "G.00")
@pytest.mark.parametrize(
    ("story", "reading"),
    [
        pytest.param(told(), True, id="R-082-invited-and-a-pupil"),
        pytest.param(told(ended=ENDED), False, id="R-082-left-before-it-was-held"),
        pytest.param(told(invited=ENDED, ended=BEFORE), False, id="R-082-invited-after-it-had-left"),
        pytest.param(told(ended=AGAIN), False, id="R-082-left-later-and-was-not-there"),
        pytest.param(told(ended=AGAIN, came=True), True, id="D-25-left-later-and-was-there"),
        pytest.param(told(ended=ENDED, came=True), False, id="R-082-came-when-it-had-left"),
    ],
)
def test_a_school_reads_the_meetings_of_its_pupil_only(story: Story, reading: bool) -> None:
    assert reads(story, NOW) is reading
    stands = story.standing(LEAD, DSL, NOW)
    assert ("M1" in {meeting for _, meeting in stands.meetings}) is reading


@pytest.mark.req("R-082", "D-41", "D-20")
def test_a_school_that_was_there_keeps_the_papers_for_28_days_when_the_pupil_has_left() -> None:
    story = told(ended=AGAIN, came=True)
    assert story.standing(LEAD, DSL, NOW).classes == {"attendee"}
    assert story.standing(LEAD, DSL, LATE).classes == set()


@pytest.mark.req("R-082", "D-04")
def test_a_pupil_who_comes_back_brings_no_paper_of_a_meeting_that_was_held_meanwhile() -> None:
    story = told(ended=ENDED)
    story.post(AGAIN, S_CSC, "relationship-recorded", kind="enrolled", organisation=SCHOOL)
    stands = story.standing(LEAD, DSL, NOW)
    assert (stands.classes, stands.meetings) == ({"school"}, set())
    assert not reads(story, NOW)


@pytest.mark.req("R-082", "D-04")
def test_a_school_that_was_invited_before_the_pupil_came_reads_from_that_day_on() -> None:
    story, new = begun(), "education.s-elm"
    invited = {"meeting": "M1", "organisation": new, "decision": "invited"}
    story.post(INVITED, S_CSC, "invitation-sent", **invited)
    assert story.standing(f"{new}/dsl-1", DSL, BEFORE).meetings == set()
    story.post(ENDED, S_CSC, "relationship-recorded", kind="enrolled", organisation=new)
    assert story.standing(f"{new}/dsl-1", DSL, NOW).meetings == {(S_CSC, "M1")}
    # And the school that it left reads no more of the same meeting.
    story.post(ENDED, S_CSC, "invitation-sent", **{**invited, "organisation": SCHOOL})
    assert story.standing(LEAD, DSL, NOW).meetings == set()


@pytest.mark.req("R-082", "D-04")
def test_an_enrolment_that_is_recorded_again_is_one_enrolment() -> None:
    story = told(held=AGAIN)
    story.post(ENDED, S_CSC, "relationship-recorded", kind="enrolled", organisation=SCHOOL)
    assert story.standing(LEAD, DSL, NOW).meetings == {(S_CSC, "M1")}
