"""K-01: a strategy meeting is arranged within 72 real hours of the first notice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hub.pathway.clocks import deadlines
from tests.spec import scenario_a as a
from tests.spec.posts import POLICE, N, S, all_of, at, ids, material, post, profile_of


def k01(stuff, now=a.END, profiles=profile_of):
    return [one for one in deadlines(stuff, now=now, profile_of=profiles) if one.clock == "K-01"]


@pytest.mark.req("R-077", "K-01")
@pytest.mark.parametrize(
    ("stuff", "starts", "held", "evidence"),
    [
        (a.enquiry(a.HARMED), "15:40", "14:30", ["A04", "A12-2", "A14"]),
        (a.enquiry(a.HAS_HARMED), "15:40", "14:30", ["A04", "A12-2", "A14"]),
        (a.own_worker(a.HARMED), "15:40", "13:00", ["A04", "A12", "A13"]),
        (a.own_worker(a.HAS_HARMED), "16:20", "14:30", ["A06", "A12-2", "A14"]),
    ],
    ids=["enquiry on C-1001", "enquiry on C-2001", "own worker C-1001", "own worker C-2001"],
)
def test_scenario_a_values(stuff, starts, held, evidence):
    (clock,) = k01(stuff)
    assert clock.starts_at == at(f"2025-09-12 {starts}")
    assert clock.warn_at == at(f"2025-09-14 {starts}")
    assert clock.due_at == at(f"2025-09-15 {starts}")
    assert clock.times["arranged_at"] == at("2025-09-15 10:10")
    assert clock.times["held_at"] == at(f"2025-09-15 {held}")
    assert clock.state == "met"
    assert clock.responsible == N
    assert clock.source == "S3 s.4"
    assert ids(clock.evidence) == evidence


@pytest.mark.req("R-077")
def test_the_meeting_was_held_an_hour_and_ten_minutes_inside():
    (clock,) = k01(a.enquiry(a.HAS_HARMED))
    assert clock.due_at - clock.times["held_at"] == timedelta(hours=1, minutes=10)


@pytest.mark.req("H-20")
def test_a_reader_who_may_not_see_every_notice_is_not_given_it():
    assert k01(replace(a.own_worker(a.HARMED), complete=a.WHOLE - {"referral-made"})) == []


@pytest.mark.req("H-20", "D-04")
@pytest.mark.parametrize("unseen", ["meeting-convened", "meeting-held"])
def test_whoever_may_lack_a_meeting_is_told_that_one_was_in_time_and_never_that_there_was_none(unseen):
    whole, part = a.own_worker(a.HARMED), a.WHOLE - {unseen}
    (clock,) = k01(replace(whole, complete=part))
    assert (clock.state, *ids(clock.evidence)) == ("met", "A04", "A12", "A13")
    for lacking, when in (("A13", a.END), ("A12", at("2025-09-15 12:00"))):
        entries = tuple(one for one in whole.entries if not one.key.id.startswith(lacking))
        for now in (when, at("2025-09-13 09:00"), at("2025-09-15 15:00"), at("2025-09-16 09:00")):
            left = tuple(one for one in entries if one.received_at <= now)
            found = k01(replace(whole, entries=left, complete=part), now)
            assert [one.state for one in found] == ["met"] * (
                lacking == "A12" and now > at("2025-09-15 13:00")
            )
            assert k01(replace(whole, entries=left), now)


@pytest.mark.req("H-20")
def test_school_and_health_are_not_given_it():
    assert k01(a.oak()) == []
    assert k01(a.health()) == []


FRIDAY = "2025-09-12 15:10"


def case(*more, authority=N):
    referral = post("r", FRIDAY, "education.elm-school", "c", "referral-made", {"target": "csc"})
    incident = post(
        "i",
        "2025-09-12 15:00",
        "education.elm-school",
        "c",
        "incident-recorded",
        {"role": "has-harmed", "status": "alleged"},
    )
    return material("c", [incident, referral, *more], authority=authority, date_of_birth=date(2011, 1, 1))


def convened(time, kind="strategy"):
    return post("m", time, N, "c", "meeting-convened", {"kind": kind, "chair_authority": N})


def held(time, kind="strategy", **more):
    return post("h", time, N, "c", "meeting-held", {"kind": kind}, **more)


@pytest.mark.req("R-077", "H-25")
@pytest.mark.parametrize(
    ("now", "arranged", "state"),
    [
        ("2025-09-14 15:09", None, "running"),
        ("2025-09-14 15:10", None, "warning"),
        ("2025-09-15 15:09", None, "warning"),
        ("2025-09-15 15:10", None, "missed"),
        ("2025-09-16 09:00", "2025-09-15 15:10", "met"),
        ("2025-09-16 09:00", "2025-09-15 15:11", "met-late"),
    ],
)
def test_states(now, arranged, state):
    stuff = case(convened(arranged)) if arranged else case()
    (clock,) = k01(stuff, at(now))
    assert clock.state == state
    assert clock.due_at == at("2025-09-15 15:10")


@pytest.mark.req("R-077")
def test_a_meeting_held_implies_that_it_was_arranged_and_says_so():
    (clock,) = k01(case(held("2025-09-15 11:00")))
    assert clock.times["arranged_at"] == clock.times["held_at"] == at("2025-09-15 11:00")
    assert clock.state == "met"
    assert "also counts as arranged" in clock.text


@pytest.mark.req("R-077")
def test_arranged_and_held_are_shown_apart():
    (clock,) = k01(case(convened("2025-09-15 10:00"), held("2025-09-17 10:00")))
    assert clock.state == "met"
    assert clock.times["held_at"] == at("2025-09-17 10:00")
    assert "Not held yet." in k01(case(convened("2025-09-15 10:00")))[0].text


@pytest.mark.req("H-25")
def test_backdating_shows_beside_the_agencys_own_time():
    late = post(
        "m",
        "2025-09-15 10:00",
        N,
        "c",
        "meeting-convened",
        {"kind": "strategy", "chair_authority": N},
        received="2025-09-18 09:00",
    )
    (clock,) = k01(case(late))
    assert clock.state == "met"
    assert clock.times["arranged_as_received_at"] == at("2025-09-18 09:00")
    assert "received this after the time was up" in clock.text


@pytest.mark.req("R-077")
@pytest.mark.parametrize("kind", ["hsb", "professionals", "core-group", "followup-strategy"])
def test_other_kinds_of_meeting_do_not_stop_it(kind):
    (clock,) = k01(case(convened("2025-09-15 10:00", kind), held("2025-09-15 11:00", kind)))
    assert clock.state == "missed"


@pytest.mark.req("R-077", "R-078")
def test_under_a_profile_without_an_hour_clock_there_is_none():
    assert k01(case(authority=S)) == []
    assert k01(case(), profiles=all_of("llr-2024")) == []


@pytest.mark.req("R-077")
def test_the_profile_is_the_convenors():
    by_s = post(
        "m", "2025-09-15 10:00", S, "c", "meeting-convened", {"kind": "strategy", "chair_authority": S}
    )
    assert k01(case(by_s)) == []
    assert len(k01(case(convened("2025-09-15 10:00"), authority=S))) == 1


@pytest.mark.req("R-077")
@pytest.mark.parametrize("target", ["early-help", "hsb-service", "adult-social-care", "other"])
def test_a_referral_to_others_is_no_notice(target):
    referral = post("r", FRIDAY, "education.elm-school", "c", "referral-made", {"target": target})
    assert k01(material("c", [referral], authority=N)) == []


@pytest.mark.req("R-077")
def test_police_who_record_it_themselves_have_notice_from_then_on():
    own = post(
        "i",
        "2025-09-12 18:00",
        POLICE,
        "c",
        "incident-recorded",
        {"role": "has-harmed", "status": "alleged"},
        happened="2025-09-01",
        precision="day",
    )
    (clock,) = k01(material("c", [own], authority=N))
    assert clock.starts_at == at("2025-09-12 18:00")


@pytest.mark.req("R-077")
@pytest.mark.parametrize(("born", "given"), [(date(2007, 9, 13), 1), (date(2007, 9, 12), 0)])
def test_it_is_about_children_under_eighteen(born, given):
    assert len(k01(replace(case(), date_of_birth=born))) == given


@pytest.mark.req("R-077", "Q-14")
def test_behaviour_that_every_agency_found_normal_has_no_clock():
    normal = post(
        "l",
        "2025-09-13 09:00",
        POLICE,
        "c",
        "behaviour-level-assessed",
        {"scale": "hackett-5", "level": "normal"},
        about="i",
    )
    assert k01(case(normal)) == []
    other_view = post(
        "l2",
        "2025-09-13 10:00",
        N,
        "c",
        "behaviour-level-assessed",
        {"scale": "darlington-4", "level": "problematic"},
        about="i",
    )
    assert len(k01(case(normal, other_view))) == 1


@pytest.mark.req("R-077")
def test_a_new_incident_and_notice_after_the_meeting_start_a_new_clock():
    again = (
        post(
            "i2",
            "2026-02-02 09:00",
            "education.elm-school",
            "c",
            "incident-recorded",
            {"role": "has-harmed", "status": "alleged"},
        ),
        post("r2", "2026-02-02 10:00", "education.elm-school", "c", "referral-made", {"target": "police"}),
    )
    first, second = k01(
        case(convened("2025-09-15 10:00"), held("2025-09-15 11:00"), *again), at("2026-02-03 10:00")
    )
    assert first.state == "met"
    assert (second.starts_at, second.state) == (at("2026-02-02 10:00"), "running")


@pytest.mark.req("R-077")
def test_a_later_notice_without_a_later_incident_starts_none():
    again = post("r2", "2025-11-17 10:00", POLICE, "c", "referral-made", {"target": "csc"})
    assert len(k01(case(convened("2025-09-15 10:00"), held("2025-09-15 11:00"), again))) == 1


@pytest.mark.req("H-24")
@pytest.mark.parametrize(
    ("notice", "due"),
    [("2025-10-24 15:00", "2025-10-27 14:00"), ("2026-03-27 15:00", "2026-03-30 16:00")],
    ids=["October", "March"],
)
def test_seventy_two_hours_are_real_hours_across_a_clock_change(notice, due):
    referral = post("r", notice, "education.elm-school", "c", "referral-made", {"target": "csc"})
    (clock,) = k01(material("c", [referral], authority=N), at(notice))
    assert clock.due_at == at(due)
