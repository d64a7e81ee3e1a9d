"""What the reports of a year count: steps of both sides, lags, outcomes, what is learned, who is trained."""

from __future__ import annotations

from datetime import date

import pytest

from hub.pathway.reports import (
    Adopter,
    ReportYear,
    adoption,
    closed,
    counted,
    lags,
    learning,
    outcomes,
    parity,
)
from tests.spec.posts import ELM, OAK, POLICE, N, S, post

YEAR = ReportYear(2025)
HARMED, HAS_HARMED = "has-been-harmed", "has-harmed"
PLACES = (("home", "Home"), ("school", "School"))


def told(number, type_, day, by=S, **data):
    return post(f"{number}/{type_}/{day}", f"{day} 10:00", by, f"C-{number}", type_, data)


def of(number, role, *steps, day="2025-05-01", by=OAK, born=None, **data):
    given = {"role": role, "status": "alleged", "place_kind": "home"} | data
    first = told(number, "incident-recorded", day, by, **given)
    rest = [told(number, *step[:2], **dict(step[2]) if len(step) > 2 else {}) for step in steps]
    return counted([first, *rest], born, YEAR)


def many(role, number, *steps, start=0, **data):
    return [of(f"{role}-{start + n}", role, *steps, **data) for n in range(number)]


def in_year(record):
    return closed(record, YEAR)


def table(report, name):
    (found,) = [one for one in report.tables if one.name == name]
    return {row.name: row.values for row in found.rows}


STARTED = ("assessment-started", "2025-05-11")


@pytest.mark.req("R-012", "R-178")
def test_each_step_of_the_children_harmed_stands_beside_that_of_the_others():
    children = [
        *many(HARMED, 6, STARTED),
        *many(HARMED, 7, start=10),
        *many(HAS_HARMED, 8, STARTED, ("meeting-held", "2025-06-01")),
        *many(HAS_HARMED, 5, ("meeting-held", "2025-06-01"), start=10),
        *many(None, 5),
    ]
    found = parity(children, YEAR)
    assert [one.name for one in found.tables[0].columns] == [
        "has_been_harmed_done", "has_been_harmed_due", "has_harmed_done", "has_harmed_due"
    ]  # fmt: skip
    rows = table(found, "steps")
    assert rows["assessment"] == (6, 13, 8, 13)
    # Nobody of one side and everybody of the other: small both times, and the numbers due are told.
    assert rows["meeting"] == (None, 13, None, 13)
    assert {"actions", "meeting", "support", "contact", "voice", "safety"} <= rows.keys()


@pytest.mark.req("R-012", "R-184")
def test_a_child_in_both_roles_is_on_neither_side():
    both = [
        counted([told(n, "incident-recorded", "2025-05-01", role=HARMED),
                 told(n, "incident-recorded", "2025-05-02", role=HAS_HARMED)], None, YEAR)
        for n in range(5)
    ]  # fmt: skip
    children = [*both, *many(HARMED, 5), *many(HAS_HARMED, 6)]
    assert table(learning(children, PLACES, YEAR), "sides") == {
        HARMED: (5,), HAS_HARMED: (6,), "both-or-not-recorded": (5,), "all": (16,)
    }  # fmt: skip
    assert {row[1:4:2] for row in table(parity(children, YEAR), "steps").values()} == {(5, 6)}


ACCOUNTS = {
    "next day": (["2025-05-02"], 1),
    "the first referral after it": (["2025-05-04", "2025-05-09"], 3),
    "not one before it": (["2025-04-20", "2025-05-11"], 10),
    "none": ([], None),
}


@pytest.mark.req("R-061", "R-194")
@pytest.mark.parametrize(("referred", "days"), ACCOUNTS.values(), ids=ACCOUNTS)
def test_how_long_an_agency_took_from_its_account_to_its_own_referral(referred, days):
    def child(number):
        account = told(number, "initial-account-recorded", "2025-05-01", ELM)
        others = told(number, "referral-made", "2025-05-01", POLICE)
        own = [told(number, "referral-made", day, ELM) for day in referred]
        return counted([account, others, *own], None, YEAR)

    rows = table(
        lags([child(n) for n in range(5)], ((ELM, "Elm"), (OAK, "Oak")), YEAR), "account-to-referral"
    )
    assert rows == {ELM: (5, days) if days is not None else (None, None), OAK: (None, None)}


@pytest.mark.req("R-061")
def test_how_long_an_authority_took_to_decide_on_a_referral():
    def child(number, days):
        made = told(number, "referral-made", "2025-05-01", ELM, to=S)
        elsewhere = told(number, "referral-outcome-decided", "2025-05-01", N)
        decided = told(number, "referral-outcome-decided", f"2025-05-0{1 + days}", S)
        return counted([made, elsewhere, decided], None, YEAR)

    children = [child(n, days) for n, days in enumerate((0, 1, 1, 2, 4, 5))]
    rows = table(lags(children, ((ELM, "Elm"), (N, "N"), (S, "S")), YEAR), "referral-to-feedback")
    assert rows == {S: (6, 1.5), N: (None, None)}


@pytest.mark.req("R-194")
def test_median_and_number_from_the_first_notice_to_an_assessment():
    days = (0, 3, 3, 7, 20)
    measured = [of(n, HARMED, ("assessment-started", f"2025-05-{1 + day:02}")) for n, day in enumerate(days)]
    children = [*measured, *many(HARMED, 5, start=50), *many(HAS_HARMED, 12), *many(None, 5)]
    rows = table(lags(children, (), YEAR), "first-notice-to-assessment")
    assert rows == {HARMED: (5, 3.0), HAS_HARMED: (None, None)}


CONCERN = ("behaviour-screened", "2025-05-02", {"colour": "amber"})
CONCERNS = {
    "screened amber, offered": ((CONCERN, ("intervention-offered", "2025-05-09")), 7.0),
    "screened red, begun": (
        (("behaviour-screened", "2025-05-02", {"colour": "red"}), ("intervention-started", "2025-05-04")), 2.0
    ),
    "a level of concern": (
        (("behaviour-level-assessed", "2025-05-03", {"scale": "hackett-5", "level": "violent"}),
         ("intervention-offered", "2025-05-04")), 1.0
    ),
    "screened green": (
        (("behaviour-screened", "2025-05-02", {"colour": "green"}), ("intervention-offered", "2025-05-09")),
        None,
    ),
    "for the parents": ((CONCERN, ("intervention-offered", "2025-05-09", {"for": "parents"})), None),
    "offered before": ((CONCERN, ("intervention-offered", "2025-05-01")), None),
}  # fmt: skip


@pytest.mark.req("R-123")
@pytest.mark.parametrize(("steps", "days"), CONCERNS.values(), ids=CONCERNS)
def test_median_and_number_from_the_first_concern_to_the_first_help(steps, days):
    children = [
        *many(HAS_HARMED, 6, *steps), *many(HAS_HARMED, 5, start=50), *many(HARMED, 5), *many(None, 5)
    ]  # fmt: skip
    rows = table(lags(children, (), YEAR), "first-concern-to-help")
    assert rows[HAS_HARMED] == ((6, days) if days is not None else (None, None))


@pytest.mark.req("R-123")
def test_what_part_of_the_first_notices_came_from_education():
    later = ("initial-account-recorded", "2025-05-02")
    children = [*many(HARMED, 6, by=ELM), *many(HAS_HARMED, 14, later, by=POLICE)]
    assert table(lags(children, (), YEAR), "first-notices") == {"education": (6, 30)}
    few = [*many(HARMED, 4, by=ELM), *many(HAS_HARMED, 16, by=POLICE)]
    assert table(lags(few, (), YEAR), "first-notices") == {"education": (None, None)}


GOALS = {
    "all met": ([{"progress": "met"}, {"progress": "met"}], None, "met"),
    "one met": ([{"progress": "met"}, {"progress": "not-met"}], None, "partly-met"),
    "in part": ([{"progress": "partly-met"}], None, "partly-met"),
    "none met": ([{"progress": "not-met"}, {"progress": "changed"}], None, "not-met"),
    "by the review": ([], "met", "met"),
    "the closure before the review": ([{"progress": "not-met"}], "met", "not-met"),
    "nothing said": ([], None, "not-recorded"),
}


@pytest.mark.req("R-195")
@pytest.mark.parametrize(("goals", "review", "row"), GOALS.values(), ids=GOALS)
def test_closures_of_the_year_by_whether_the_goals_were_met(goals, review, row):
    def record(number, goals=goals, review=review, day="2025-09-01"):
        found = [told(number, "closure-decided", day, closes="case", goals=goals)]
        return [*found, *([told(number, "plan-reviewed", "2025-08-01", goals=review)] if review else [])]

    others = [
        [told(f"o-{n}", "closure-decided", "2025-09-01", goals=[{"progress": one}] if one else [])]
        for n, one in enumerate(["met", "partly-met", "not-met", None] * 5)
    ]
    before = [record(f"before-{n}", day="2025-03-01") for n in range(5)]
    waiting = [post("w", "2025-09-01 10:00", S, "C-w", "closure-decided", {}, awaiting=("police",))]
    rows = table(outcomes(map(in_year, [*map(record, range(3)), *others, *before, waiting]), YEAR), "goals")
    expected = {name: (5,) for name in ("met", "partly-met", "not-met", "not-recorded")}
    assert rows == expected | {row: (8,), "all": (23,)}


@pytest.mark.req("R-195", "R-070")
def test_about_how_many_children_advice_was_asked():
    records = [
        *(
            [told(f"u-{n}", "oversight-advice-given", "2025-06-01", given_by="safeguarding-unit")]
            for n in range(6)
        ),
        *([told(f"i-{n}", "oversight-advice-given", "2025-06-01", given_by="iro")] for n in range(4)),
    ]
    assert table(outcomes(map(in_year, records), YEAR), "advice") == {
        "safeguarding-unit": (6,),
        "iro": (None,),
    }


@pytest.mark.req("R-184")
def test_what_is_learned_of_a_year():
    young, older = {"born": date(2017, 1, 1)}, {"born": date(2010, 1, 1)}
    children = [
        *many(HARMED, 5, **young), *many(HARMED, 6, start=10, born=date(2013, 6, 1), place_kind="school"),
        *many(HAS_HARMED, 7, **older, technology_assisted=True), *many(HAS_HARMED, 8, start=10),
        *many(None, 5),
    ]  # fmt: skip
    found = learning(children, PLACES, YEAR)
    assert table(found, "ages") == {
        "under-10": (5,), "10-to-12": (6,), "13-to-15": (7,), "16-or-over-or-not-known": (13,)
    }  # fmt: skip
    assert table(found, "contexts") == {"home": (25,), "school": (6,), "technology": (7,)}
    assert table(found, "agencies") == {"one": (None,), "two": (None,), "three-or-more": (None,)}


@pytest.mark.req("R-196", "R-197")
def test_organisations_with_their_procedure_and_the_part_of_their_people_who_are_trained():
    found = adoption(
        [
            Adopter(ELM, "Elm", None, None, 0, 0),
            Adopter(S, "S", "llr-2024", f"{S}/tm-1", 8, 3),
        ]
    )
    assert table(found, "procedures") == {
        ELM: ("no procedure adopted", "nobody named"),
        S: ("llr-2024", f"{S}/tm-1"),
    }
    assert table(found, "training") == {ELM: (0, 0, "no people"), S: (8, 3, 38)}
    assert found.year is None and found.fewest is None
