"""Days, working days, months and hours as the procedures count them, in Europe/London.

This room promises that a limit in hours is real elapsed time and that a limit in months is never
moved off a weekend or bank holiday.
"""

from __future__ import annotations

import calendar as _gregorian
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays

LONDON: Final = ZoneInfo("Europe/London")


@lru_cache(maxsize=8192)
def london_day(instant: datetime) -> date:
    """The calendar day in London on which an instant falls."""
    return instant.astimezone(LONDON).date()


def start_of_day(day: date) -> datetime:
    """The first instant of a London day.

    Units: aware UTC.
    """
    return datetime.combine(day, time.min, tzinfo=LONDON).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """The first instant after a London day; a day of a clock change has 23 or 25 hours.

    Units: aware UTC.
    """
    return start_of_day(day + timedelta(days=1))


def after_hours(instant: datetime, hours: int) -> datetime:
    """The instant that many real hours later; a clock change alters nothing (H-24).

    Units: aware UTC.
    """
    # Adding to a local time would count wall-clock hours, which differ on two days of the year.
    return instant.astimezone(UTC) + timedelta(hours=hours)


def after_months(day: date, months: int) -> date:
    """The same day number so many months later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = _gregorian.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


@lru_cache(maxsize=64)
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_bank_holiday(day: date) -> bool:
    """Whether a day is a bank holiday in England."""
    return day in _bank_holidays(day.year)


def is_working_day(day: date) -> bool:
    """Whether a day is Monday to Friday and no bank holiday in England."""
    return day.weekday() < 5 and not is_bank_holiday(day)


def after_working_days(day: date, count: int) -> date:
    """The n-th working day after a trigger day, which is day 0."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def birthday(date_of_birth: date, age: int) -> date:
    """The day on which an age is reached; a child born on 29 February reaches it on 1 March."""
    try:
        return date_of_birth.replace(year=date_of_birth.year + age)
    except ValueError:
        return date(date_of_birth.year + age, 3, 1)


def age_on(date_of_birth: date, day: date) -> int:
    """The age in completed years on a day."""
    years = day.year - date_of_birth.year
    return years if birthday(date_of_birth, years) <= day else years - 1


def day_words(day: date) -> str:
    """A day as people write it, e.g. 6 October 2025."""
    return f"{day.day} {_gregorian.month_name[day.month]} {day.year}"


def month_words(day: date) -> str:
    """The month of a day as people write it, e.g. February 2025."""
    return f"{_gregorian.month_name[day.month]} {day.year}"


def instant_words(instant: datetime) -> str:
    """A London time as people write it, to the minute."""
    local = instant.astimezone(LONDON)
    return f"{day_words(local.date())} {local:%H:%M}"
