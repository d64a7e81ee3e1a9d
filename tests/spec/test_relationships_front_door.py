"""When the front door of the child's authority reads: until an outcome, and again from a new concern on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hub.views import CONCERNS
from tests.spec.relationship_folds import N_CSC, S_CSC, Story
from tests.spec.test_notices import BY_REF, lines, notices
from tests.support.simulated import one_more, simulated

SCHOOL = "education.s-birch"
WORKER = f"{S_CSC}/sw-1"
CONCERN = ("incident-recorded", {"role": "has-been-harmed", "status": "alleged"})


def reads(*steps: str, by: str = SCHOOL, concern: str = CONCERN[0]) -> list[bool]:
    """Whether the front door reads after each step."""
    story = Story()
    story.opened()
    found = []
    for number, step in enumerate(steps):
        time = f"2025-10-{number + 1:02d} 09:00"
        match step:
            case "outcome":
                story.post(time, S_CSC, "referral-outcome-decided", outcome="none", reasons="r")
            case "others-outcome":
                story.post(time, N_CSC, "referral-outcome-decided", outcome="none", reasons="r")
            case "allocated" | "enquiry":
                story.post(time, S_CSC, "social-worker-allocated", kind=step, worker=WORKER)
            case "left":
                end = {"kind": "allocated", "organisation": S_CSC, "person": WORKER}
                story.post(time, S_CSC, "relationship-ended", **end)
            case "closed":
                end = {"kind": "front-door", "organisation": S_CSC}
                story.post(time, S_CSC, "relationship-ended", **end)
            case "concern":
                story.post(time, by, concern, **CONCERN[1])
            case "other":
                story.post(time, by, "attendance-risk-considered")
        found.append(("front-door", S_CSC) in story.current(f"2025-10-{number + 1:02d} 10:00"))
    return found


@pytest.mark.req("R-049", "G.00")
@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (("outcome",), [False]),
        (("outcome", "concern"), [False, True]),
        (("outcome", "concern", "outcome"), [False, True, False]),
        (("outcome", "concern", "outcome", "concern"), [False, True, False, True]),
        (("outcome", "concern", "others-outcome"), [False, True, True]),
        (("outcome", "other"), [False, False]),
        (("outcome", "allocated", "concern"), [False, False, False]),
        (("outcome", "enquiry", "concern"), [False, False, False]),
        (("outcome", "allocated", "left", "concern"), [False, False, False, True]),
        (("closed", "concern"), [False, True]),
        (("concern", "outcome"), [True, False]),
    ],
    ids=lambda one: "-".join(one) if isinstance(one[0], str) else "",
)
def test_a_concern_opens_the_front_door_again_while_nobody_works_with_the_child(
    steps: tuple[str, ...], expected: list[bool]
) -> None:
    assert reads(*steps) == expected


@pytest.mark.req("R-049")
@pytest.mark.parametrize("concern", sorted(CONCERNS))
def test_every_type_of_concern_does(concern: str) -> None:
    assert reads("outcome", "concern", concern=concern) == [False, True]


@pytest.mark.req("R-049", "G.00", "R-157")
def test_after_a_move_it_is_the_new_authoritys_front_door_that_a_concern_opens() -> None:
    story = Story()
    story.opened()
    story.moves("2025-09-02 09:00", S_CSC, "notified", S_CSC, N_CSC)
    story.moves("2025-09-03 09:00", N_CSC, "acknowledged", S_CSC, N_CSC)
    story.post("2025-09-04 09:00", N_CSC, "referral-outcome-decided", outcome="none", reasons="r")
    assert not {one for one in story.current("2025-09-04 10:00") if one[0] == "front-door"}
    story.post("2025-09-05 09:00", SCHOOL, CONCERN[0], **CONCERN[1])
    assert {one for one in story.current("2025-09-05 10:00") if one[0] == "front-door"} == {
        ("front-door", N_CSC)
    }


@pytest.mark.req("R-157", "G.00")
def test_a_referral_elsewhere_before_the_opening_does_not_keep_the_own_front_door_out() -> None:
    story = Story()
    story.post("2025-08-31 09:00", SCHOOL, "referral-made", target="csc", to=N_CSC)
    story.opened()
    doors = {("front-door", S_CSC), ("front-door", N_CSC)}
    assert doors <= story.current("2025-09-02 09:00")


@pytest.mark.req("R-049", "H-10")
def test_the_front_door_is_told_at_once_of_a_concern_after_the_outcome(tmp_path: Path) -> None:
    """Through the notices themselves: told of the first, and of the one after the outcome."""
    with simulated(tmp_path / "hub") as hub:
        first = BY_REF["A03b"]
        hub.post(first.event, "A03b")
        authority = notices(hub, first)[0].organisation
        later = "2025-09-20T12:05:00+00:00"
        outcome = one_more("X-outcome", "A10", "referral-outcome-decided", later, outcome="none", reasons="r")
        again = one_more("X-again", "A03b", "incident-recorded", "2025-09-21T12:05:00+00:00",
                         role="has-been-harmed", status="alleged")  # fmt: skip
        for one in (outcome, again):
            moved = replace(one, event=replace(one.event, subject=first.event.subject))
            hub.post(moved.event)
        (told,) = notices(hub, moved)
        assert (told.organisation, [line["code"] for line in lines(told)]) == (authority, ["concern"])
