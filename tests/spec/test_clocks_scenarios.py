"""What the clocks say in the three scenarios, as their columns of expectations give it."""

from __future__ import annotations

import pytest

from hub.pathway.clocks import deadlines
from hub.pathway.expected import open_items
from tests.spec.clock_rows import clocks, played
from tests.spec.posts import at, profile_of

END = {"a": "2025-11-20 12:00", "b": "2025-11-07 12:00", "c": "2025-10-15 12:00"}


def row(clock: str, scenario: str, child: str, state: str, due: str | None, met: str | None, note: str):
    return pytest.param(
        clock, scenario, child, state, due, met, id=f"{clock} {note}", marks=pytest.mark.req(clock)
    )


@pytest.mark.parametrize(
    ("clock", "scenario", "child", "state", "due", "met"),
    [
        row("K-02", "a", "C-1001", "met", None, "2025-09-12 15:40", "A01 account, A04 referral"),
        row("KX-01", "a", "C-1001", "met", "2025-09-15", "2025-09-15 09:30", "A10 within a working day"),
        row("KX-01", "a", "C-2001", "met", "2025-09-15", "2025-09-15 10:05", "A11 within a working day"),
        row("KX-02", "a", "C-1001", "missed", "2025-11-14", None, "missed at the end of A"),
        row("KX-02", "a", "C-2001", "missed", "2025-11-14", None, "missed at the end of A, other child"),
        row("KX-03", "a", "C-1001", "missed", "2025-10-06", None, "missed at the end of A"),
        row("KX-03", "a", "C-2001", "stopped", "2025-10-06", None, "A30 decided to hold none"),
        row("K-05", "a", "C-2001", "met", None, "2025-09-19 15:10", "A26b stops it"),
        row("K-07", "a", "C-2001", "met", None, "2025-09-29 12:00", "A29 due, A30 decided"),
        row("K-08", "a", "C-2001", "met", None, "2025-10-06 10:00", "A31 the meeting"),
        row("K-20", "a", "C-2001", "running", None, None, "A33 the investigation ended"),
        row("K-04", "b", "C-3001", "met", None, "2025-10-06 13:00", "B11 the meeting"),
        row("KX-01", "b", "C-3001", "met", "2025-10-06", "2025-10-06 08:45", "B08a on the day"),
        row("KX-03", "b", "C-3001", "met", "2025-10-27", "2025-10-27 10:00", "B19 on day 15 of 15 from B11"),
        row("KX-04", "b", "C-3001", "met", "2025-11-10", "2025-11-05 10:00", "B22 within ten working days"),
        row("KX-05", "b", "C-3001", "running", "2026-01-27", None, "three months from B19"),
        row("K-06", "b", "C-3001", "met", None, "2025-10-28 09:05", "B20b for the new plan"),
        row("K-07", "b", "C-3001", "met", None, "2025-10-17 10:00", "B17b, B18"),
        row("KX-01", "c", "C-4001", "met", "2025-09-23", "2025-09-23 09:45", "C07b"),
        row("K-05", "c", "C-4001", "met", None, "2025-09-24 09:20", "C10b the unit was told"),
        row("K-08", "c", "C-4001", "met", None, "2025-10-13 10:00", "C16, C18 the meeting"),
    ],
)
def test_at_the_end(clock, scenario, child, state, due, met):
    now = END[scenario]
    (found,) = clocks(played(scenario, child, now), now, clock)
    assert found.state == state
    if due is not None:
        assert found.due_on.isoformat() == due
    if met is not None:
        assert found.times["met_at"] == at(met)


@pytest.mark.req("K-06", "R-071")
@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2025-10-03 10:29", "warning"),
        ("2025-10-03 10:31", "met"),
        ("2025-10-10 09:05", "warning"),
        ("2025-10-10 09:11", "met"),
    ],
    ids=["B02", "B06 told", "B16 moved", "B17 told again"],
)
def test_scenario_b_the_reviewing_officer_is_told_of_each_change(now, state):
    (found,) = clocks(played("b", "C-3001", now), now, "K-06")
    assert found.state == state


@pytest.mark.req("K-09", "R-139")
def test_scenario_a_an_assessment_that_was_never_completed_expects_no_meeting():
    assert clocks(played("a", "C-2001", END["a"]), END["a"], "K-09") == []


CHILDREN = {"a": ("C-1001", "C-2001"), "b": ("C-3001", "C-3002"), "c": ("C-4001", "C-4002")}
PAIRS = {
    "K-04": "R-078", "K-05": "R-070", "K-06": "R-071", "K-07": "R-124", "K-08": "R-132", "K-09": "R-139",
    "K-15": "R-172", "K-16": "R-173", "K-18": "R-153", "K-20": "R-149", "KX-01": "R-062",
}  # fmt: skip


@pytest.mark.parametrize("scenario", END)
@pytest.mark.parametrize(
    "clock", [pytest.param(one, marks=pytest.mark.req(one, PAIRS[one])) for one in PAIRS]
)
def test_a_clock_and_the_open_item_of_the_same_step_agree_and_say_it_in_different_words(clock, scenario):
    """The open item says what is missing, the clock since when; where one is open the other is stated.

    The item of a strategy meeting follows the child's own procedure, the clock the convenor's: in
    scenario A the convenor counts hours, and K-01 says it.
    """
    stated = {clock, "K-01"} if clock == "K-04" else {clock}
    for child in CHILDREN[scenario]:
        posted = [one.recorded_at for one in played(scenario, child, END[scenario]).entries]
        for then in {one.date(): one for one in sorted(posted)}.values():
            stuff = played(scenario, child, then.strftime("%Y-%m-%d %H:%M"))
            found = deadlines(stuff, now=then, profile_of=profile_of)
            items = open_items(stuff, now=then, profile_of=profile_of)
            missing = [one for one in items if one.rule == PAIRS[clock]]
            if missing:
                assert {one.clock for one in found} & stated, then
            words = {one.text for one in missing} | {one.why for one in missing}
            assert not words & {one.text for one in found}
