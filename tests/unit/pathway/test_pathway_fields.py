"""From which instant and which day an entry counts, however exactly it is known."""

from __future__ import annotations

from datetime import date

import pytest

from hub.pathway.calendar import london_day
from hub.pathway.fields import day_of, days_of, instant_of, occurred_iso, occurred_words, started_at
from tests.spec.posts import N, at, post


def entry(happened, precision):
    return post("i", "2025-09-12 15:40", N, "c", "referral-made", happened=happened, precision=precision)


@pytest.mark.req("H-25", "R-077")
@pytest.mark.parametrize(
    ("happened", "precision", "instant", "day"),
    [
        ("2025-09-12T14:00:00+01:00", "exact", "2025-09-12 14:00", "2025-09-12"),
        ("2025-09-12T18:00:00+01:00", "exact", "2025-09-12 15:40", "2025-09-12"),
        ("2025-09-12", "day", "2025-09-12 15:40", "2025-09-12"),
        ("2025-09-10", "day", "2025-09-11 00:00", "2025-09-10"),
        ("2025-09-10", "about-day", "2025-09-11 00:00", "2025-09-10"),
        ("2025-08", "month", "2025-09-01 00:00", "2025-09-12"),
        ("2025-09-10", "before", "2025-09-11 00:00", "2025-09-12"),
        ("2025-09-10", "after", "2025-09-12 15:40", "2025-09-12"),
        ("unknown", "unknown", "2025-09-12 15:40", "2025-09-12"),
    ],
)
def test_a_vague_time_counts_from_its_end_and_none_from_after_it_was_recorded(
    happened, precision, instant, day
):
    one = entry(happened, precision)
    assert instant_of(one) == at(instant)
    assert day_of(one) == date.fromisoformat(day)
    assert london_day(started_at(one)) == date.fromisoformat(day)


@pytest.mark.req("R-176")
@pytest.mark.parametrize(
    ("happened", "precision", "first", "last"),
    [
        ("2025-02", "month", "2025-02-01", "2025-02-28"),
        ("2025-09", "month", "2025-09-01", "2025-09-12"),
        ("2025", "year", "2025-01-01", "2025-09-12"),
        ("2025-09-10", "about-day", "2025-09-10", "2025-09-10"),
        ("2025-09-10", "before", "0001-01-01", "2025-09-10"),
        ("2025-09-10", "after", "2025-09-10", "2025-09-12"),
        ("unknown", "unknown", "0001-01-01", "2025-09-12"),
    ],
)
def test_the_days_on_which_it_can_have_happened(happened, precision, first, last):
    assert days_of(entry(happened, precision)) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.req("R-175")
@pytest.mark.parametrize(
    ("happened", "precision", "words", "iso"),
    [
        ("2025-09-12T14:00:00+01:00", "exact", "12 September 2025", "2025-09-12"),
        ("2025-09-10", "about-day", "about 10 September 2025", "2025-09-10"),
        ("2025-02", "month", "February 2025", "2025-02"),
        ("2025", "year", "2025", "2025"),
        ("2025-09-10", "before", "before 10 September 2025", "2025-09-10"),
        ("2025-09-10", "after", "after 10 September 2025", "2025-09-10"),
        ("unknown", "unknown", "a date not known", "unknown"),
    ],
)
def test_a_time_is_said_as_exactly_as_it_is_known(happened, precision, words, iso):
    one = entry(happened, precision)
    assert (occurred_words(one), occurred_iso(one)) == (words, iso)
