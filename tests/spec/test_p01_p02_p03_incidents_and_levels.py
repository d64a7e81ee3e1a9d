"""P-01 to P-03 and P-07: incidents in time, how often, how serious, and whether agencies differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.pathway.entries import Told
from hub.pathway.patterns import overview
from tests.spec import scenario_a as a
from tests.spec.posts import OAK, POLICE, S, at, ids, material, post, profile_of


def lines(rule, stuff, now=a.END):
    return [one for one in overview(stuff, now=now, profile_of=profile_of) if one.rule == rule]


SIX_READERS = [a.own_worker(a.HAS_HARMED), a.enquiry(a.HAS_HARMED), a.oak()]


@pytest.mark.req("R-175", "P-01")
@pytest.mark.parametrize("stuff", SIX_READERS, ids=["own worker", "enquiry", "school"])
def test_p01_of_the_child_who_has_harmed(stuff):
    (line,) = lines("P-01", stuff)
    assert (line.values["count"], line.values["first"], line.values["last"]) == (3, "2025-02", "2025-09-10")
    assert [(one["organisation"], one["level"], one["scale"]) for one in line.values["levels"]] == [
        (OAK, "inappropriate", "hackett-5"),
        (OAK, "problematic", "hackett-5"),
        (OAK, "inappropriate", "hackett-5"),
        (POLICE, "abusive", "hackett-5"),
        (S, "problematic", "hackett-5"),
    ]
    assert "3 incidents between February 2025 and about 10 September 2025." in line.text
    assert "nothing is averaged" in line.text
    assert ids(line.evidence) == ["A19", "A20", "A07", "A19b", "A20b", "A21", "A22", "A26"]


@pytest.mark.req("R-175")
@pytest.mark.parametrize("stuff", [a.own_worker(a.HARMED), a.enquiry(a.HARMED), a.health()])
def test_p01_of_the_child_who_has_been_harmed(stuff):
    (line,) = lines("P-01", stuff)
    assert line.text == "1 incident, about 10 September 2025."
    assert (line.values["count"], line.values["levels"]) == (1, [])


def incident(id, happened, precision="day", role="has-harmed", status="alleged", recorded="2025-11-10 09:00"):
    data = {"role": role, "status": status} if role else {"status": status}
    return post(id, recorded, S, "c", "incident-recorded", data, happened=happened, precision=precision)


def level(id, about, given, organisation=OAK, scale="hackett-5", time="2025-11-11 09:00"):
    return post(
        id, time, organisation, "c", "behaviour-level-assessed", {"scale": scale, "level": given}, about=about
    )


def c(*entries):
    return material("c", entries, authority=S)


NOW = at("2025-11-20 12:00")


@pytest.mark.req("R-175")
@pytest.mark.parametrize("status", ["withdrawn", "not-established"])
def test_excluded_incidents_are_listed_as_excluded_and_counted_nowhere(status):
    gone = incident("x", "2025-11-01", status=status)
    stuff = c(incident("i", "2025-10-01"), gone, level("l", "x", "violent"))
    (line,) = lines("P-01", stuff)
    assert (line.values["count"], len(line.values["excluded"]), line.values["levels"]) == (1, 1, [])
    assert "withdrawn or not established: 1" in line.text
    assert lines("P-02", c(incident("i", "2025-10-01"), gone)) == []


@pytest.mark.req("R-176", "P-02")
@pytest.mark.parametrize("stuff", SIX_READERS, ids=["own worker", "enquiry", "school"])
def test_p02_at_the_end(stuff):
    (line,) = lines("P-02", stuff)
    assert (line.values["last"], line.values["previous"], line.values["certain"]) == (2, 1, True)
    assert (line.values["last_from"], line.values["previous_from"]) == ("2025-05-24", "2024-11-25")
    assert line.settings == {"window_days": 180, "minimum": 2}
    assert sorted(ids(line.evidence)) == ["A07", "A19", "A20"]


@pytest.mark.req("R-176")
def test_p02_counts_back_from_the_reading_instant():
    then = at("2025-09-16 11:05")
    (line,) = lines("P-02", a.own_worker(a.HAS_HARMED, then), then)
    assert (line.values["last"], line.values["previous"]) == (2, 1)
    before = at("2025-09-16 11:04")
    assert lines("P-02", a.own_worker(a.HAS_HARMED, before), before) == []


@pytest.mark.req("R-176")
def test_p02_is_not_about_the_child_who_has_been_harmed():
    assert lines("P-02", a.enquiry(a.HARMED)) == []
    harmed = [incident(f"i{n}", f"2025-10-0{n}", role="has-been-harmed") for n in (1, 2, 3)]
    assert lines("P-02", c(*harmed)) == []


@pytest.mark.req("R-176", "H-20")
def test_p02_counts_incidents_whose_role_is_withheld():
    (line,) = lines("P-02", c(incident("i", "2025-10-01", role=None), incident("j", "2025-10-02", role=None)))
    assert line.values["last"] == 2


@pytest.mark.req("R-176")
@pytest.mark.parametrize(
    ("days", "fires"),
    [
        (["2025-05-24", "2025-11-01"], True),
        (["2025-05-23", "2025-11-01"], False),
        (["2025-10-01", "2025-11-01", "2025-01-01", "2025-02-01"], False),
        (["2025-10-01", "2025-11-01", "2024-11-24", "2024-11-23"], True),
        (["2025-11-01"], False),
    ],
)
def test_p02_windows_to_the_day(days, fires):
    found = lines("P-02", c(*(incident(f"i{n}", day) for n, day in enumerate(days))), NOW)
    assert bool(found) is fires


@pytest.mark.req("R-176")
def test_p02_a_month_across_the_edge_may_fall_in_either_window():
    (line,) = lines("P-02", c(incident("i", "2025-11-01"), incident("e", "2025-05", "month")), NOW)
    assert (line.values["last"], line.values["previous"], line.values["either"]) == (1, 0, 1)
    assert line.values["certain"] is False
    assert "may fall in either window: May 2025" in line.text
    sure = c(*(incident(f"i{n}", f"2025-11-0{n}") for n in (1, 2)), incident("e", "2025-05", "month"))
    (line,) = lines("P-02", sure, NOW)
    assert (line.values["certain"], line.values["either"]) == (True, 1)
    assert "may fall in either window" in line.text


@pytest.mark.req("R-176")
@pytest.mark.parametrize(("inexact", "certain"), [("2024-11", False), ("2024-12", None), ("2024-10", True)])
def test_p02_a_month_across_the_outer_edge_may_be_in_the_window_before_or_outside(inexact, certain):
    exact = [incident("i", "2025-11-01"), incident("j", "2025-11-02"), incident("k", "2025-01-01")]
    found = lines("P-02", c(*exact, incident("e", inexact, "month")), NOW)
    assert [one.values["certain"] for one in found] == ([] if certain is None else [certain])


@pytest.mark.req("R-176")
def test_p02_a_year_or_an_open_date_can_be_in_either_window():
    exact = [incident("i", "2025-11-01"), incident("j", "2025-11-02"), incident("k", "2025-01-01")]
    for written, precision in (("2025", "year"), ("2025-06-01", "before"), ("2025-01-01", "after")):
        (line,) = lines("P-02", c(*exact, incident("e", written, precision)), NOW)
        assert (line.values["either"], line.values["certain"]) == (1, False)


@pytest.mark.req("R-176")
def test_p02_a_month_that_was_recorded_in_its_course_ends_then():
    month = incident("e", "2025-05", "month", recorded="2025-05-20 09:00")
    assert lines("P-02", c(month, incident("i", "2025-11-01")), NOW) == []


@pytest.mark.req("R-176", "P-03")
@pytest.mark.parametrize("stuff", SIX_READERS, ids=["own worker", "enquiry", "school"])
def test_p03_at_the_end(stuff):
    (line,) = lines("P-03", stuff)
    assert line.text == (
        "Latest level abusive (police.n-police, 17 September 2025) is above problematic "
        "(education.oak-school, incident of 18 June 2025). Same scale: hackett-5."
    )
    assert sorted(ids(line.evidence)) == ["A07", "A20", "A20b", "A22"]


@pytest.mark.req("R-176")
@pytest.mark.parametrize(
    ("then", "level", "earlier"),
    [
        ("2025-09-16 11:06", None, None),
        ("2025-09-16 11:07", "problematic", "inappropriate"),
        ("2025-09-16 11:59", "problematic", "inappropriate"),
        ("2025-09-16 12:00", None, None),
        ("2025-09-17 09:29", None, None),
        ("2025-09-17 09:30", "abusive", "problematic"),
    ],
)
def test_p03_history(then, level, earlier):
    found = lines("P-03", a.own_worker(a.HAS_HARMED, at(then)), at(then))
    assert [(one.values["level"], one.values["earlier_level"]) for one in found] == (
        [(level, earlier)] if level else []
    )


@pytest.mark.req("R-176", "R-021", "Q-09")
def test_p03_never_compares_scales():
    two = (incident("i", "2025-10-01"), incident("j", "2025-11-01"))
    mixed = c(*two, level("l", "i", "problematic", scale="darlington-4"), level("m", "j", "violent"))
    assert lines("P-03", mixed) == []
    same = c(
        *two,
        level("l", "i", "problematic", scale="darlington-4"),
        level("m", "j", "violent", scale="darlington-4"),
    )
    assert len(lines("P-03", same)) == 1


@pytest.mark.req("R-176")
def test_p03_an_agency_that_lowers_its_level_has_its_latest_one_counted():
    stuff = c(
        incident("i", "2025-10-01"),
        incident("j", "2025-11-01"),
        level("l", "i", "problematic"),
        level("m", "j", "abusive", time="2025-11-11 09:00"),
        level("n", "j", "problematic", time="2025-11-12 09:00"),
    )
    assert lines("P-03", stuff) == []


@pytest.mark.req("R-179", "P-07")
@pytest.mark.parametrize("stuff", SIX_READERS, ids=["own worker", "enquiry", "school"])
def test_p07_at_the_end(stuff):
    (line,) = lines("P-07", stuff)
    assert (line.values["span"], line.values["agencies"]) == (2, 3)
    assert [(one["organisation"], one["level"]) for one in line.values["levels"]] == [
        (OAK, "inappropriate"),
        (POLICE, "abusive"),
        (S, "problematic"),
    ]
    assert line.text.endswith(
        "They had seen different information: education.oak-school: February 2025, 18 June 2025. "
        "A difference is a reason to talk, not an error."
    )
    assert ids(line.evidence) == ["A07", "A19", "A20", "A21", "A22", "A26"]


@pytest.mark.req("R-179", "P-07")
def test_p07_information_is_what_each_agency_posted_was_told_of_or_names_and_nobody_knew_nothing():
    first, second = incident("i", "2025-10-01"), incident("j", "2025-10-02")
    views = (level("l", "i", "problematic"), level("m", "i", "abusive", POLICE))
    told = Told(POLICE, at("2025-11-11 08:00"), second.key)
    (line,) = lines("P-07", c(first, second, *views))
    assert "different information" not in line.text
    (line,) = lines("P-07", replace(c(first, second, *views), told=(told,)))
    assert line.values["information"] == [{"organisation": POLICE, "incidents": ["2025-10-02"]}]
    assert f"They had seen different information: {POLICE}: 2 October 2025." in line.text
    late = replace(told, at=at("2025-11-11 09:01"))
    assert "different" not in lines("P-07", replace(c(first, second, *views), told=(late,)))[0].text
    named = replace(views[0], data={**views[0].data, "based_on": [{"source": "urn:test", "id": "j"}]})
    both = replace(c(first, second, named, views[1]), told=(told,))
    assert lines("P-07", both)[0].values["information"] == []
    nameless = replace(views[1], organisation=None)
    seen = replace(c(first, second, views[0], nameless), told=(replace(told, organisation=OAK),))
    assert lines("P-07", seen)[0].values["information"] == []
    unseen = replace(c(first, *views), told=(told,))
    assert lines("P-07", unseen)[0].values["information"] == []


@pytest.mark.req("R-179")
def test_p07_is_not_on_the_harmed_child():
    assert lines("P-07", a.enquiry(a.HARMED)) == []


@pytest.mark.req("R-179", "R-021")
def test_p07_different_scales_are_not_comparable():
    stuff = c(
        incident("i", "2025-10-01"),
        level("l", "i", "problematic"),
        level("m", "i", "problematic", POLICE, "darlington-4"),
    )
    (line,) = lines("P-07", stuff)
    assert line.values["span"] == "not comparable"
    assert "not comparable" in line.text


@pytest.mark.req("R-179")
@pytest.mark.parametrize("who", [OAK, POLICE])
def test_p07_needs_two_agencies_that_differ(who):
    same = c(incident("i", "2025-10-01"), level("l", "i", "problematic"), level("m", "i", "problematic", who))
    assert lines("P-07", same) == []
    one_agency = c(
        incident("i", "2025-10-01"),
        level("l", "i", "problematic"),
        level("m", "i", "abusive", time="2025-11-12 09:00"),
    )
    assert lines("P-07", one_agency) == []
