"""Days, months, hours and ages as the procedures count them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from hub.pathway import calendar

LONDON = ZoneInfo("Europe/London")


@pytest.mark.req("H-24", "R-143")
@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2025-10-06", 3, "2026-01-06"),
        ("2025-10-06", 6, "2026-04-06"),
        ("2025-11-30", 3, "2026-02-28"),
        ("2023-11-30", 3, "2024-02-29"),
        ("2025-08-31", 6, "2026-02-28"),
        ("2025-12-31", 1, "2026-01-31"),
        ("2025-10-31", 12, "2026-10-31"),
    ],
)
def test_calendar_months(day, months, expected):
    assert calendar.after_months(date.fromisoformat(day), months) == date.fromisoformat(expected)


@pytest.mark.req("H-24")
@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2025-09-12", 1, "2025-09-15"),
        ("2025-12-24", 1, "2025-12-29"),
        ("2026-04-02", 1, "2026-04-07"),
        ("2025-08-22", 1, "2025-08-26"),
        ("2025-09-12", 45, "2025-11-14"),
        ("2025-09-15", 15, "2025-10-06"),
    ],
    ids=["weekend", "Christmas", "Easter", "August", "45 days", "15 days"],
)
def test_working_days_are_those_of_england(day, count, expected):
    assert calendar.after_working_days(date.fromisoformat(day), count) == date.fromisoformat(expected)


@pytest.mark.req("H-24")
@pytest.mark.parametrize("day", ["2025-01-02", "2025-03-17", "2025-12-01"])
def test_bank_holidays_of_scotland_and_ireland_are_working_days(day):
    assert calendar.is_working_day(date.fromisoformat(day))


@pytest.mark.req("H-24")
@pytest.mark.parametrize(("day", "hours"), [("2025-10-26", 25), ("2026-03-29", 23), ("2025-10-06", 24)])
def test_a_day_is_as_long_as_it_is(day, hours):
    one = date.fromisoformat(day)
    length = calendar.end_of_day(one) - calendar.start_of_day(one)
    assert length.total_seconds() == hours * 3600


@pytest.mark.req("H-24")
def test_a_london_day_is_not_a_utc_day():
    assert calendar.london_day(datetime(2025, 9, 12, 23, 30, tzinfo=ZoneInfo("UTC"))) == date(2025, 9, 13)


@pytest.mark.req("R-038", "R-113")
@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("2012-09-11", "2025-09-10", 12),
        ("2012-09-10", "2025-09-10", 13),
        ("2015-09-23", "2025-09-22", 9),
        ("2015-09-22", "2025-09-22", 10),
        ("2012-02-29", "2025-02-28", 12),
        ("2012-02-29", "2025-03-01", 13),
        ("2012-02-29", "2024-02-29", 12),
    ],
)
def test_ages_are_to_the_day(born, day, age):
    assert calendar.age_on(date.fromisoformat(born), date.fromisoformat(day)) == age


def test_times_are_said_in_london():
    assert (
        calendar.instant_words(datetime(2025, 9, 12, 14, 40, tzinfo=ZoneInfo("UTC")))
        == "12 September 2025 15:40"
    )
    assert (
        calendar.instant_words(datetime(2025, 11, 20, 12, 0, tzinfo=ZoneInfo("UTC")))
        == "20 November 2025 12:00"
    )
