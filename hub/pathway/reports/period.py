"""The years that reports are of: whole, finished, and as they were known at one fixed instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from hub.pathway.calendar import end_of_day, london_day
from hub.pathway.entries import Entry

FIRST_MONTH: Final = 4
SETTLES: Final = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class ReportYear:
    """One year from 1 April, named by the calendar year in which it begins.

    Shape: years are the only periods and do not overlap, so no two reports differ by a month, and a year is
    always told as it was known at one instant, so no two readings differ by a post (ADR 0025).
    """

    begins_in: int

    @property
    def first(self) -> date:
        """The first day."""
        return date(self.begins_in, FIRST_MONTH, 1)

    @property
    def last(self) -> date:
        """The last day."""
        return date(self.begins_in + 1, FIRST_MONTH, 1) - timedelta(days=1)

    @property
    def known_at(self) -> datetime:
        """As known at: the end of the last day and a time in which late posts settle.

        Units: aware UTC.
        """
        return end_of_day(self.last + SETTLES)

    def recorded_in(self, entry: Entry) -> bool:
        """Whether an entry was recorded in this year, whenever it happened."""
        return self.first <= london_day(entry.recorded_at) <= self.last


def latest_year(now: datetime) -> ReportYear:
    """The last year that can be reported at an instant."""
    found = ReportYear(london_day(now).year)
    while found.known_at > now:
        found = ReportYear(found.begins_in - 1)
    return found
