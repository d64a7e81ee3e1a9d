"""What was looked at and found to be developmentally expected starts nothing (R-004)."""

from __future__ import annotations

import pytest

from hub.pathway import deadlines, overview
from hub.pathway.expected import open_items
from tests.spec.expecting import p
from tests.spec.posts import S, at, material, profile_of

OPENED = p("child-stream-opened", "2025-09-01 09:00", responsible_authority=S, schools=[])
NOW = "2025-11-20 12:00"


def started(level: str, colour: str) -> tuple[int, int, set[str]]:
    """How many clocks run, how many steps are open, and which findings there are."""
    entries = [
        OPENED,
        p("behaviour-screened", "2025-09-12 10:00", tool="brook", band="5-9", colour=colour),
        p("behaviour-level-assessed", "2025-09-12 11:00", scale="hackett-5", level=level, indicators=["x"]),
    ]
    stuff = material("C-1", entries, authority=S)
    lines = {one.rule for one in overview(stuff, now=at(NOW), profile_of=profile_of)}
    items = {one.rule for one in open_items(stuff, now=at(NOW), profile_of=profile_of)}
    return len(deadlines(stuff, now=at(NOW), profile_of=profile_of)), len(items), lines


@pytest.mark.req("R-004")
def test_a_normal_level_and_a_green_screening_start_no_clock_no_step_and_no_finding() -> None:
    clocks, steps, lines = started("normal", "green")
    assert clocks == 0 and lines <= {"P-01", "P-06"}
    more_clocks, more_steps, _ = started("abusive", "red")
    assert more_clocks >= clocks and more_steps > steps
