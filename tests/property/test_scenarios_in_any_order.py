"""Fifty other orders and delays of each scenario, through the whole hub: all end in the same overviews.

What an order may be is said in tests/support/deliveries.py. The pure form, over folds whose every order is
allowed, is in tests/e2e/test_lines_of_scenarios.py.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random  # noqa: TID251  seeded
from tempfile import TemporaryDirectory

import pytest

from tests.doors.hubs import READ_AT
from tests.support.deliveries import Told, in_order, overtaken, shuffled, told_after


@cache
def as_said(scenario: str) -> Told:
    """What readers are told where every post came as soon as it was said."""
    with TemporaryDirectory() as folder:
        return told_after(Path(folder), scenario, in_order(scenario))


def in_another_order(folder: Path, scenario: str, seed: int) -> None:
    arrivals = shuffled(scenario, Random(f"{scenario} {seed}"))
    assert overtaken(arrivals) > 10
    told = told_after(folder, scenario, arrivals)
    assert told.keys() == as_said(scenario).keys() and len(told) > 10
    for whose, said in as_said(scenario).items():
        assert told[whose] == said, (seed, whose)


@pytest.mark.req("H-06", "H-25")
@pytest.mark.parametrize("scenario", sorted(READ_AT))
def test_another_order_and_delays_end_in_the_same_overviews(tmp_path: Path, scenario: str) -> None:
    assert sum(len(one["lines"]) for one in as_said(scenario).values()) > 10
    in_another_order(tmp_path, scenario, 0)


@pytest.mark.slow
@pytest.mark.req("H-06", "H-25")
@pytest.mark.parametrize("seed", range(1, 51))
@pytest.mark.parametrize("scenario", sorted(READ_AT))
def test_so_do_fifty(tmp_path: Path, scenario: str, seed: int) -> None:
    in_another_order(tmp_path, scenario, seed)
