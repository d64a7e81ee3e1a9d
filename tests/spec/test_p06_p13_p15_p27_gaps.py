"""P-06, P-13, P-15 and P-27: who knows, which place, which child and whose safety is not covered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.pathway.entries import Told
from hub.pathway.patterns import overview
from tests.spec import scenario_a as a
from tests.spec.posts import ELM, HEALTH, POLICE, N, S, at, ids, key, material, other, post, profile_of


def lines(rule, stuff, now=a.END):
    return [one for one in overview(stuff, now=now, profile_of=profile_of) if one.rule == rule]


@pytest.mark.req("R-180", "R-074", "P-06")
@pytest.mark.parametrize(
    ("stuff", "text"),
    [
        (a.enquiry(a.HARMED), "Knows: education, police, social care. Neither: health, youth justice."),
        (
            a.own_worker(a.HARMED, told=(Told(HEALTH, at("2025-11-20 11:00"), key("A05")),)),
            "Knows: education, police, social care. Told: health. Neither: youth justice.",
        ),
        (
            a.enquiry(a.HAS_HARMED),
            "Knows: education, police, social care. Told: youth justice. Neither: health.",
        ),
        (
            a.own_worker(a.HAS_HARMED),
            "Knows: education, police, social care. Told: youth justice. Neither: health.",
        ),
        (a.oak(), "Knows: education, police, social care. Told: youth justice."),
        (a.health(), "Knows: education, social care. Told: health."),
    ],
    ids=[
        "enquiry C-1001",
        "worker C-1001 once health has read",
        "enquiry C-2001",
        "worker C-2001",
        "school",
        "health",
    ],
)
def test_p06_scenario_a(stuff, text):
    assert [one.text for one in lines("P-06", stuff)] == [text]


@pytest.mark.req("H-20")
def test_p06_an_agency_whose_name_is_withheld_is_not_known_to_know():
    interview = post("A23", "2025-09-17 10:00", None, a.HARMED, "interview-held")
    own = post("A02", "2025-09-12 15:25", ELM, a.HARMED, "incident-recorded", {"role": "has-been-harmed"})
    stuff = material(a.HARMED, [own, interview], told=(Told(POLICE, at("2025-09-15 13:00"), None),))
    assert lines("P-06", stuff)[0].text == "Knows: education. Told: police."


@pytest.mark.req("R-180")
def test_p06_what_will_be_told_later_is_not_told_yet():
    later = replace(a.health(), told=(Told(HEALTH, at("2025-11-21 09:00"), None),))
    assert lines("P-06", later)[0].text == "Knows: education, social care."


@pytest.mark.req("R-141", "P-13")
@pytest.mark.parametrize("stuff", [a.own_worker(a.HAS_HARMED), a.enquiry(a.HAS_HARMED)])
def test_p13_scenario_a(stuff):
    (line,) = lines("P-13", stuff)
    assert line.text == "No plan covers: youth club."
    assert line.values["places"] == ["youth-club-1"]


@pytest.mark.req("H-20")
def test_p13_says_nothing_where_places_are_coded():
    assert lines("P-13", a.oak()) == []


@pytest.mark.req("H-20")
@pytest.mark.parametrize("unseen", ["place-declared", "plan-place-covered", "risk-management-plan-recorded"])
def test_p13_says_nothing_where_a_type_may_not_be_seen(unseen):
    assert lines("P-13", replace(a.own_worker(a.HAS_HARMED), complete=a.WHOLE - {unseen})) == []


@pytest.mark.req("R-141")
def test_p13_before_any_plan_no_place_is_covered():
    then = at("2025-09-22 09:30")
    (line,) = lines("P-13", a.own_worker(a.HAS_HARMED, then), then)
    assert sorted(line.values["places"]) == ["bus-1", "home-1", "oak-school", "youth-club-1"]
    assert line.values["plan"] is False


@pytest.mark.req("R-141")
def test_p13_the_harmed_child_without_places_has_none():
    assert lines("P-13", a.enquiry(a.HARMED)) == []


def place(token, kind, **data):
    return post(
        f"d-{token}", "2025-09-22 09:00", S, "c", "place-declared", {"kind": kind, "place": token, **data}
    )


def the_plan(**data):
    return post(
        "p", "2025-10-06 11:00", S, "c", "risk-management-plan-recorded", {"parts": {"needs": "n"}, **data}
    )


def cover(token, about="p", time="2025-10-06 11:05"):
    return post(
        f"v-{token}", time, S, "c", "plan-place-covered", {"kind": "home", "place": token}, about=about
    )


@pytest.mark.req("R-141")
def test_p13_a_cover_of_a_former_plan_is_no_cover():
    new = post("q", "2025-11-01 09:00", S, "c", "risk-management-plan-recorded", {"parts": {"needs": "n"}})
    stuff = material("c", [place("home-1", "home"), the_plan(), cover("home-1"), new])
    assert lines("P-13", stuff)[0].values["places"] == ["home-1"]
    assert lines("P-13", material("c", [place("home-1", "home"), the_plan(), cover("home-1")])) == []


@pytest.mark.req("R-141")
@pytest.mark.parametrize(("time", "covered"), [("2025-10-06 11:05", True), ("2025-10-06 10:55", False)])
def test_p13_a_cover_that_names_no_plan_is_of_the_plan_before_it(time, covered):
    stuff = material("c", [place("home-1", "home"), the_plan(), cover("home-1", about=None, time=time)])
    assert (lines("P-13", stuff) == []) is covered


@pytest.mark.req("R-141")
def test_p13_a_place_with_its_own_row_in_the_plan_is_covered():
    rows = {"places": [{"kind": "home", "place": "home-1", "line": "text"}]}
    assert lines("P-13", material("c", [place("home-1", "home"), the_plan(**rows)])) == []


@pytest.mark.req("R-141")
def test_p13_a_place_that_starts_later_is_not_current():
    stuff = material("c", [place("new-1", "home", **{"from": "2026-01-01"}), the_plan()])
    assert lines("P-13", stuff) == []


@pytest.mark.req("R-141")
def test_p13_a_looked_after_childs_placement_is_compulsory():
    opened = post("o", "2025-09-01 09:00", S, "c", "child-stream-opened", {"looked_after": True})
    (line,) = lines("P-13", material("c", [opened, the_plan()]))
    assert (line.text, ids(line.evidence)) == ("No plan covers: placement.", ["p", "o"])
    covered = the_plan(places=[{"kind": "placement", "place": "foster-1"}])
    assert lines("P-13", material("c", [opened, covered])) == []


@pytest.mark.req("R-063", "P-15")
@pytest.mark.parametrize(
    ("then", "count"),
    [
        ("2025-09-12 15:24", None),
        ("2025-09-12 16:00", 1),
        ("2025-09-15 10:04", 1),
        ("2025-09-15 10:05", None),
        ("2025-11-20 12:00", None),
    ],
)
def test_p15_on_the_harmed_child_for_enquiry_and_police(then, count):
    found = lines("P-15", a.enquiry(a.HARMED, at(then)), at(then))
    assert [one.values["count"] for one in found] == ([count] if count else [])


@pytest.mark.req("H-20")
def test_p15_is_not_said_to_a_reader_who_may_not_look_at_the_other_record():
    then = at("2025-09-12 16:00")
    assert lines("P-15", a.own_worker(a.HARMED, then), then) == []


@pytest.mark.req("R-063")
def test_p15_at_the_end_there_is_none_on_either_child():
    assert lines("P-15", a.enquiry(a.HARMED)) == lines("P-15", a.enquiry(a.HAS_HARMED)) == []


def mention(id, *others):
    return post(id, "2025-10-01 09:00", S, "c", "child-mentioned", others=others)


@pytest.mark.req("R-063")
def test_p15_counts_each_child_once_by_record_or_by_how_it_was_named():
    stuff = material(
        "c",
        [
            mention("m1", other(None, reference="aa"), other("d")),
            mention("m2", other(None, reference="aa"), other("d"), other(None, reference="bb")),
        ],
        linked={"d": ()},
    )
    (line,) = lines("P-15", stuff)
    assert line.values["count"] == 3
    assert ids(line.evidence) == ["m1", "m2"]
    assert line.text == "3 children are mentioned in this case and have no assessment of their own."


@pytest.mark.req("R-063", "P-15")
@pytest.mark.parametrize(
    ("outcome", "count"), [("action-needed", 1), ("reassess", 1), ("assessed", None), ("no-concern", None)]
)
def test_p15_a_child_in_contact_counts_where_something_is_left_to_do(outcome, count):
    considered = post(
        "k", "2025-10-01 09:00", S, "c", "contact-children-risk-assessed",
        {"circle": "placement", "children": [{"other": 1, "outcome": outcome}]}, others=[other(None)],
    )  # fmt: skip
    assert [one.values["count"] for one in lines("P-15", material("c", [considered]))] == (
        [count] if count else []
    )
    # Whoever was mentioned before has no assessment of their own by that.
    assert lines("P-15", material("c", [mention("m", other(None)), considered]))[0].values["count"] == 1


@pytest.mark.req("R-063")
@pytest.mark.parametrize("type", ["assessment-started", "referral-outcome-decided"])
def test_p15_an_assessment_or_an_outcome_of_their_own_is_enough(type):
    own = post("x", "2025-10-02 09:00", S, "d", type, {"kind": "single", "outcome": "none"})
    assert lines("P-15", material("c", [mention("m", other("d"))], linked={"d": (own,)})) == []
    waiting = replace(own, awaiting=("police",))
    assert len(lines("P-15", material("c", [mention("m", other("d"))], linked={"d": (waiting,)}))) == 1


@pytest.mark.req("H-20")
@pytest.mark.parametrize("unseen", ["assessment-started", "referral-outcome-decided"])
def test_p15_says_nothing_where_a_type_may_not_be_seen(unseen):
    stuff = material("c", [mention("m", other(None))], complete=a.WHOLE - {unseen})
    assert lines("P-15", stuff) == []


@pytest.mark.req("R-010", "P-27")
@pytest.mark.parametrize(
    ("then", "stated"), [("2025-09-12 15:25", False), ("2025-09-12 15:44", False), ("2025-09-12 15:45", True)]
)
def test_p27_until_somebody_says_so(then, stated):
    (line,) = lines("P-27", a.own_worker(a.HARMED, at(then)), at(then))
    assert line.values["safe_stated"] is stated
    if not stated:
        assert line.text == "Is this child safe now? Not yet recorded."
        assert ids(line.evidence) == ["A02"]


@pytest.mark.req("R-010")
def test_p27_says_who_and_when():
    (line,) = lines("P-27", a.own_worker(a.HARMED))
    assert line.text == (
        "Is this child safe now? Safety measure: separate travel, recorded by social-care.n-csc, "
        "12 September 2025 15:45."
    )
    assert ids(line.evidence) == ["A05", "A02"]


@pytest.mark.req("R-010")
def test_p27_is_no_question_about_the_child_who_has_harmed():
    assert lines("P-27", a.enquiry(a.HAS_HARMED)) == []


@pytest.mark.req("R-010", "H-20")
def test_p27_the_absence_needs_sight_of_every_statement_but_a_statement_does_not():
    then = at("2025-09-12 15:30")
    blind = a.WHOLE - {"immediate-safety-measure-recorded"}
    assert lines("P-27", replace(a.own_worker(a.HARMED, then), complete=blind), then) == []
    assert len(lines("P-27", replace(a.own_worker(a.HARMED), complete=blind))) == 1


@pytest.mark.req("R-010")
def test_p27_a_measure_that_has_ended_says_so():
    harm = post(
        "i",
        "2025-09-12 15:25",
        ELM,
        "c",
        "incident-recorded",
        {"role": "has-been-harmed", "status": "alleged"},
    )
    safe = post(
        "s",
        "2025-09-12 16:00",
        N,
        "c",
        "immediate-safety-measure-recorded",
        {"measure": "supervision", "until": "2025-10-01"},
    )
    (line,) = lines("P-27", material("c", [harm, safe]))
    assert line.text.endswith("It ended 1 October 2025.")


@pytest.mark.req("R-010")
def test_p27_asks_where_only_the_linked_record_says_that_the_child_was_harmed():
    linked = post(
        "x",
        "2025-09-12 15:25",
        S,
        "d",
        "incident-recorded",
        {"role": "has-harmed", "status": "alleged"},
        others=[other("c", "has-been-harmed")],
    )
    (line,) = lines("P-27", material("c", [], linked={"d": (linked,)}))
    assert line.values["safe_stated"] is False


@pytest.mark.req("P-01", "P-02", "P-03", "P-06", "P-07", "H-20")
def test_the_schools_overview_is_complete_with_these():
    assert [one.rule for one in overview(a.oak(), now=a.END, profile_of=profile_of)] == [
        "P-01",
        "P-02",
        "P-03",
        "P-06",
        "P-07",
    ]


@pytest.mark.req("R-010")
def test_the_harmed_childs_worker_reads_safety_first():
    rules = [one.rule for one in overview(a.own_worker(a.HARMED), now=a.END, profile_of=profile_of)]
    assert rules == ["P-27", "P-01", "P-06", "P-22"]
