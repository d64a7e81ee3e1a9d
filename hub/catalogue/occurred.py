"""When something happened: from the written form and its precision to a span of time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, TypeAlias, assert_never, get_args
from zoneinfo import ZoneInfo

from hub.errors import HubError

Precision: TypeAlias = Literal["exact", "about-day", "day", "month", "year", "before", "after", "unknown"]

PRECISIONS: Final[tuple[Precision, ...]] = get_args(Precision)
LONDON: Final = ZoneInfo("Europe/London")
LATE_AFTER: Final = timedelta(days=7)
_INSTANT: Final = timedelta(microseconds=1)

_YEAR: Final = re.compile(r"(?:19|20|21)[0-9]{2}")
_MONTH: Final = re.compile(r"((?:19|20|21)[0-9]{2})-(0[1-9]|1[0-2])")
_DAY: Final = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_DATE_TIME: Final = re.compile(
    r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


@dataclass(frozen=True, slots=True)
class Occurred:
    """When something happened: a span in aware UTC, and how well it is known.

    Shape: `written` is the text of `occurred_at`; an entry sorts at `start`; `end` is exclusive.
    `before` and `after` stand at the named day and are open on that side (`start` or `end` is None
    only on the open side; sort then uses `sort_at`). `unknown` is open on both sides and sorts when
    it was recorded. An exact instant is a span of one microsecond.
    """

    written: str
    precision: Precision
    start: datetime | None
    end: datetime | None
    sort_at: datetime


def occurred(written: str, precision: str, *, recorded_at: datetime) -> Occurred:
    """The span that a written time and its precision name, in London days.

    Raises: HubError("schema") where the precision is unknown or does not fit the written form.
    """
    for known in PRECISIONS:
        if known == precision:
            start, end = _span(written, known)
            return Occurred(written, known, start, end, _sort_at(known, start, end, recorded_at))
    raise HubError("schema", "The member precision is not one of the closed list.")


def recorded_late(when: Occurred, recorded_at: datetime, *, after: timedelta = LATE_AFTER) -> bool:
    """Whether something was recorded more than `after` beyond the end of its span.

    Shape: a span without an end is never late.
    Source: H-25
    """
    return when.end is not None and recorded_at - when.end > after


def london_day(day: date) -> tuple[datetime, datetime]:
    """The first instant of a London day and of the next, in UTC; 23 to 25 hours apart."""
    return _midnight(day), _midnight(day + timedelta(days=1))


def _span(written: str, precision: Precision) -> tuple[datetime | None, datetime | None]:
    match precision:
        case "exact":
            instant = _instant(written)
            return instant, instant + _INSTANT
        case "day" | "about-day":
            return london_day(_day(written))
        case "month":
            return _month(written)
        case "year":
            return _year(written)
        case "before":
            return None, london_day(_day(written))[1]
        case "after":
            return london_day(_day(written))[0], None
        case "unknown":
            return None, None
        case _:
            assert_never(precision)


def _sort_at(
    precision: Precision, start: datetime | None, end: datetime | None, recorded_at: datetime
) -> datetime:
    if start is not None:
        return start
    if end is not None:
        # `before`: the first instant of the named day, of which `end` is the last.
        return _midnight((end - _INSTANT).astimezone(LONDON).date())
    return recorded_at.astimezone(UTC)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def _instant(written: str) -> datetime:
    if not _DATE_TIME.fullmatch(written):
        raise _misfit()
    try:
        return datetime.fromisoformat(written).astimezone(UTC)
    except ValueError:
        raise _misfit() from None


def _day(written: str) -> date:
    if not _DAY.fullmatch(written):
        raise _misfit()
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise _misfit() from None


def _month(written: str) -> tuple[datetime, datetime]:
    match = _MONTH.fullmatch(written)
    if match is None:
        raise _misfit()
    first = date(int(match[1]), int(match[2]), 1)
    return _midnight(first), _midnight((first + timedelta(days=31)).replace(day=1))


def _year(written: str) -> tuple[datetime, datetime]:
    if not _YEAR.fullmatch(written):
        raise _misfit()
    year = int(written)
    return _midnight(date(year, 1, 1)), _midnight(date(year + 1, 1, 1))


def _misfit() -> HubError:
    return HubError("schema", "The member occurred_at does not have the form that its precision asks for.")
