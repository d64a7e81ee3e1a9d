"""Small numbers in reports: what is withheld, and that no subtraction by whoever knows how gives one away."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.pathway.reports import (
    FEWEST,
    ReportYear,
    closed,
    counted,
    lags,
    latest_year,
    learning,
    outcomes,
    parity,
    parts,
)
from tests.spec.posts import ELM, OAK, POLICE, N, S, at, post

YEAR = ReportYear(2025)
PLACES = (("home", "Home"), ("school", "School"), ("online", "Online"))
EVERYBODY = tuple((one, one) for one in (ELM, OAK, POLICE, N, S))


@pytest.mark.req("R-184")
@pytest.mark.parametrize(
    ("counts", "total", "shown"),
    [
        ((5, 5), 10, (5, 5)),
        ((4, 20), 24, (None, None)),
        ((0, 20), 20, (None, None)),
        ((3, 1), None, (None, None)),
        ((2, 3), 5, (None, None)),
        ((9, 8, 4), 21, (None, None, None)),
        ((9, 8, 5), 22, (9, 8, 5)),
    ],
)
def test_what_is_told_of_parts(counts, total, shown):
    found = parts({str(place): count for place, count in enumerate(counts)})
    assert (found.total, tuple(found.of.values())) == (total, shown)


@pytest.mark.req("R-184")
@pytest.mark.parametrize(("count", "highest"), [(2, 30), (3, 12), (4, 9)])
def test_nothing_small_can_be_worked_out_by_somebody_who_knows_the_procedure(count, highest):
    """Every table that could be meant is tried: a withheld part can have any small value in one of them."""
    meant = defaultdict(list)
    for counts in product(range(highest), repeat=count):
        found = parts({str(place): one for place, one in enumerate(counts)})
        if found.total is not None and found.total < highest:
            meant[found.total, tuple(found.of.values())].append(counts)
    assert meant
    for (_, shown), tables in meant.items():
        for place, told in enumerate(shown):
            possible = {one[place] for one in tables}
            assert (told is not None and possible == {told} and told >= FEWEST) or (
                told is None and possible >= set(range(FEWEST))
            )


def child(
    number, *, roles=("has-harmed",), place="home", born="2013-05-05", by=OAK, when="2025-05-01", extra=()
):
    def one(name, type_, day, by=by, **data):
        return post(f"{number}/{name}", f"{day} 10:00", by, f"C-{number}", type_, data)

    entries = [
        one(f"i{n}", "incident-recorded", when, role=role, status="alleged", place_kind=place)
        for n, role in enumerate(roles)
    ]
    entries += [one(f"x{n}", *given[:2], **dict(given[2])) for n, given in enumerate(extra)]
    return entries, date.fromisoformat(born) if born else None


STEPS = st.lists(
    st.sampled_from(
        [
            ("assessment-started", "2025-05-09", {}),
            ("meeting-held", "2025-06-01", {}),
            ("support-arranged", "2025-06-02", {}),
            ("behaviour-screened", "2025-05-02", {"colour": "red"}),
            ("intervention-started", "2025-07-02", {"for": "child"}),
            ("initial-account-recorded", "2025-05-01", {}),
            ("referral-made", "2025-05-03", {"to": S}),
            (
                "closure-decided",
                "2025-09-01",
                {"closes": "case", "goals": [{"goal": "g", "progress": "met"}]},
            ),
            ("oversight-advice-given", "2025-06-01", {"given_by": "iro"}),
        ]
    ),
    max_size=4,
)
SOMEBODY = st.builds(
    dict,
    roles=st.sampled_from([("has-harmed",), ("has-been-harmed",), ("has-harmed", "has-been-harmed")]),
    place=st.sampled_from(["home", "school", "online"]),
    born=st.sampled_from(["2016-01-01", "2013-05-05", "2010-01-01", None]),
    by=st.sampled_from([OAK, ELM, POLICE]),
    extra=STEPS,
)


def every_report(people):
    records = [child(number, **one) for number, one in enumerate(people)]
    found = [one for entries, born in records if (one := counted(entries, born, YEAR))]
    return (
        parity(found, YEAR),
        lags(found, EVERYBODY, YEAR),
        learning(found, PLACES, YEAR),
        outcomes([closed(entries, YEAR) for entries, _ in records], YEAR),
    )


def numbers(report):
    """Every number of children that a report tells, by table, row and column."""
    return {
        (report.name, table.name, row.name, column.name): value
        for table in report.tables
        for row in table.rows
        for column, value in zip(table.columns, row.values, strict=True)
        if column.name not in ("median_days", "percent")
    }


@pytest.mark.req("R-184", "R-012", "R-061", "R-123", "R-195")
@settings(max_examples=15, deadline=None)
@given(st.lists(SOMEBODY, max_size=30))
def test_no_report_tells_a_number_of_children_below_the_fewest(people):
    for report in every_report(people):
        assert all(value is None or value >= FEWEST for value in numbers(report).values())
        for table in report.tables:
            for row in table.rows:
                told = dict(zip([one.name for one in table.columns], row.values, strict=True))
                if told.get("children", 0) is None:
                    assert set(told.values()) == {None}, "a median of a number that is withheld"


@pytest.mark.req("R-184")
@settings(max_examples=15, deadline=None)
@given(st.lists(SOMEBODY, min_size=5, max_size=30))
def test_what_two_reports_say_of_the_same_children_is_one_number(people):
    """Two numbers of one measure that differ by a few children would be those few, by subtraction."""
    found = {}
    for report in every_report(people):
        found |= numbers(report)
    for side in ("has-been-harmed", "has-harmed"):
        column = side.replace("-", "_")
        total = found["learning", "sides", side, "children"]
        dues = {value for name, value in found.items() if name[0] == "parity" and name[3] == f"{column}_due"}
        assert dues == {total}
        assessed = found["parity", "steps", "assessment", f"{column}_done"]
        assert found["lags", "first-notice-to-assessment", side, "children"] == assessed


@pytest.mark.req("R-184", "R-186")
@settings(max_examples=10, deadline=None)
@given(st.lists(SOMEBODY, max_size=12))
def test_a_report_names_no_child_and_keeps_no_order_of_children(people):
    assert every_report(people) == every_report(people[::-1])
    assert "C-" not in repr(every_report(people))


@pytest.mark.req("R-184")
def test_years_do_not_overlap_and_are_told_when_they_are_over():
    assert (YEAR.first, YEAR.last) == (date(2025, 4, 1), date(2026, 3, 31))
    assert ReportYear(2026).first > YEAR.last
    just = YEAR.known_at
    assert just == at("2026-04-29 00:00")
    assert latest_year(just) == YEAR
    assert latest_year(at("2026-04-28 23:59")) == ReportYear(2024)
    assert latest_year(at("2026-01-10 12:00")) == ReportYear(2024)


@pytest.mark.req("R-184")
@pytest.mark.parametrize(
    ("when", "status", "is_one"),
    [("2025-04-01", "alleged", True), ("2026-03-31", "alleged", True), ("2025-03-31", "alleged", False),
     ("2026-04-01", "alleged", False), ("2025-05-01", "withdrawn", False)],
)  # fmt: skip
def test_which_children_a_year_counts(when, status, is_one):
    entry = post("i", f"{when} 10:00", OAK, "C-1", "incident-recorded", {"status": status})
    assert (counted([entry], None, YEAR) is not None) is is_one
