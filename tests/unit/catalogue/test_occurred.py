from datetime import UTC, date, datetime, timedelta

import pytest

from hub.catalogue import london_day, occurred, recorded_late
from hub.errors import HubError

RECORDED = datetime(2025, 9, 12, 14, 25, tzinfo=UTC)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


SPANS = [
    ("2025-09-10", "about-day", at(2025, 9, 9, 23), at(2025, 9, 10, 23), at(2025, 9, 9, 23)),
    ("2025-09-10", "day", at(2025, 9, 9, 23), at(2025, 9, 10, 23), at(2025, 9, 9, 23)),
    ("2025-01-10", "day", at(2025, 1, 10), at(2025, 1, 11), at(2025, 1, 10)),
    ("2025-02", "month", at(2025, 2, 1), at(2025, 3, 1), at(2025, 2, 1)),
    ("2025-12", "month", at(2025, 12, 1), at(2026, 1, 1), at(2025, 12, 1)),
    ("2025-03", "month", at(2025, 3, 1), at(2025, 3, 31, 23), at(2025, 3, 1)),
    ("2024", "year", at(2024, 1, 1), at(2025, 1, 1), at(2024, 1, 1)),
    ("2025-06-18", "before", None, at(2025, 6, 18, 23), at(2025, 6, 17, 23)),
    ("2025-06-18", "after", at(2025, 6, 17, 23), None, at(2025, 6, 17, 23)),
    ("unknown", "unknown", None, None, RECORDED),
    ("2025", "unknown", None, None, RECORDED),
]


@pytest.mark.req("H-05", "H-24")
@pytest.mark.parametrize(("written", "precision", "start", "end", "sort_at"), SPANS)
def test_span(
    written: str, precision: str, start: datetime | None, end: datetime | None, sort_at: datetime
) -> None:
    when = occurred(written, precision, recorded_at=RECORDED)
    assert (when.written, when.precision) == (written, precision)
    assert (when.start, when.end, when.sort_at) == (start, end, sort_at)


@pytest.mark.req("H-24")
@pytest.mark.parametrize(
    "written", ["2025-09-10T13:05:00+01:00", "2025-09-10T12:05:00Z", "2025-09-10T12:05:00.000+00:00"]
)
def test_an_exact_time_is_an_instant(written: str) -> None:
    when = occurred(written, "exact", recorded_at=RECORDED)
    assert when.start == when.sort_at == at(2025, 9, 10, 12, 5)
    assert when.end == at(2025, 9, 10, 12, 5) + timedelta(microseconds=1)


@pytest.mark.req("H-24")
def test_a_london_day_has_23_to_25_hours() -> None:
    def hours(day: date) -> float:
        first, following = london_day(day)
        return (following - first) / timedelta(hours=1)

    assert [hours(date(2025, 3, 30)), hours(date(2025, 6, 1)), hours(date(2025, 10, 26))] == [23, 24, 25]


MISFITS = [
    ("2025-09-10", "exact"),
    ("2025-09-10", "month"),
    ("2025-09-10", "year"),
    ("2025-09", "day"),
    ("2025-09", "about-day"),
    ("2025-09", "before"),
    ("2025", "after"),
    ("2025", "month"),
    ("2025-09", "year"),
    ("unknown", "day"),
    ("2025-09-10T13:05:00+01:00", "day"),
    ("2025-09-10T13:05:00", "exact"),
    ("2025-09-10T25:05:00Z", "exact"),
    ("2025-09-10T13:05Z", "exact"),
    ("2025-02-30", "day"),
    ("2025-13", "month"),
    ("2025-02-29T10:00:00Z", "exact"),
    ("0001-01-01", "day"),
    ("9999", "year"),
    ("2025-09-10", "roughly"),
    ("2025-09-10\n", "day"),
]


@pytest.mark.req("H-05")
@pytest.mark.parametrize(("written", "precision"), MISFITS)
def test_a_precision_that_does_not_fit_the_written_form_is_refused(written: str, precision: str) -> None:
    with pytest.raises(HubError) as refused:
        occurred(written, precision, recorded_at=RECORDED)
    assert refused.value.slug == "schema"
    assert written not in refused.value.detail


@pytest.mark.req("H-25")
def test_recorded_late_is_more_than_seven_days_after_the_end_of_the_span() -> None:
    def late(written: str, precision: str, recorded_at: datetime, days: int = 7) -> bool:
        when = occurred(written, precision, recorded_at=recorded_at)
        return recorded_late(when, recorded_at, after=timedelta(days=days))

    end = at(2025, 9, 10, 23)
    assert not late("2025-09-10", "about-day", end + timedelta(days=7))
    assert late("2025-09-10", "about-day", end + timedelta(days=7, seconds=1))
    assert not late("2025-09-10", "about-day", end + timedelta(days=8), days=30)
    assert late("2025-02", "month", at(2025, 9, 16, 10))
    assert not late("2025-09", "month", at(2025, 9, 16, 10))
    assert late("2025-06-18", "before", at(2025, 9, 16, 10))
    assert not late("2019-06-18", "after", at(2025, 9, 16, 10))
    assert not late("unknown", "unknown", at(2025, 9, 16, 10))
