"""K-03: a child under thirteen at an incident is referred, at once and until it is done."""

from __future__ import annotations

from datetime import date

import pytest

from hub.pathway.clocks import deadlines
from tests.spec import scenario_a as a
from tests.spec.posts import ELM, N, S, at, ids, material, other, post, profile_of


def k03(stuff, now=a.END):
    return [one for one in deadlines(stuff, now=now, profile_of=profile_of) if one.clock == "K-03"]


@pytest.mark.req("R-038", "K-03")
def test_scenario_a_has_none():
    for child in (a.HARMED, a.HAS_HARMED):
        assert k03(a.enquiry(child)) == []
        assert k03(a.own_worker(child)) == []


def incident(**more):
    return post(
        "i",
        "2025-09-12 15:25",
        ELM,
        "c",
        "incident-recorded",
        {"role": "has-been-harmed", "status": "alleged"},
        **{"happened": "2025-09-10", "precision": "day", **more},
    )


def referral(time, target="csc", child="c"):
    return post("r", time, ELM, child, "referral-made", {"target": target})


@pytest.mark.req("R-038")
@pytest.mark.parametrize("authority", [N, S])
@pytest.mark.parametrize(
    ("born", "given"),
    [(date(2012, 9, 11), 1), (date(2012, 9, 10), 0)],
    ids=["12 years 364 days", "13 years 0 days"],
)
def test_the_age_is_to_the_day_and_both_profiles_have_it(born, given, authority):
    assert len(k03(material("c", [incident()], date_of_birth=born, authority=authority))) == given


@pytest.mark.req("R-038")
def test_it_alerts_at_once_and_stays_until_the_referral():
    young = {"date_of_birth": date(2013, 1, 1), "authority": N}
    (clock,) = k03(material("c", [incident()], **young), at("2025-09-12 15:26"))
    assert (clock.state, clock.due_at, clock.warn_at) == ("warning", None, at("2025-09-12 15:25"))
    assert clock.responsible == ELM
    (clock,) = k03(material("c", [incident(), referral("2025-09-12 15:20", "police")], **young))
    assert clock.state == "warning"
    (clock,) = k03(material("c", [incident(), referral("2025-09-12 15:40")], **young))
    assert (clock.state, clock.times["met_at"]) == ("met", at("2025-09-12 15:40"))
    assert ids(clock.evidence) == ["i", "r"]


@pytest.mark.req("R-038")
def test_a_referral_of_long_before_is_not_about_this_incident():
    stuff = material("c", [referral("2025-03-01 09:00"), incident()], date_of_birth=date(2013, 1, 1))
    assert k03(stuff)[0].state == "warning"


@pytest.mark.req("R-038")
def test_a_month_that_may_be_before_the_birthday_counts_as_under_the_age():
    stuff = material(
        "c", [incident(happened="2025-09", precision="month")], date_of_birth=date(2012, 9, 5), authority=N
    )
    assert len(k03(stuff)) == 1


@pytest.mark.req("R-038")
def test_another_child_of_the_incident_under_the_age_counts_and_needs_its_own_referral():
    opened = post(
        "o",
        "2025-09-01 09:00",
        N,
        "d",
        "child-stream-opened",
        {"date_of_birth": "2014-01-01", "responsible_authority": N},
    )
    own = material(
        "c",
        [incident(others=[other("d")]), referral("2025-09-12 15:40")],
        linked={"d": (opened,)},
        date_of_birth=date(2010, 1, 1),
        authority=N,
    )
    assert [one.state for one in k03(own)] == ["warning"]
    done = material(
        "c",
        [incident(others=[other("d")])],
        linked={"d": (opened, referral("2025-09-12 16:00", child="d"))},
        date_of_birth=date(2010, 1, 1),
        authority=N,
    )
    assert [one.state for one in k03(done)] == ["met"]


@pytest.mark.req("H-20")
def test_it_is_not_given_where_referrals_may_not_be_seen():
    stuff = material(
        "c", [incident()], date_of_birth=date(2013, 1, 1), complete=frozenset({"incident-recorded"})
    )
    assert k03(stuff) == []


@pytest.mark.req("R-038")
def test_a_withdrawn_incident_starts_none():
    gone = post(
        "i",
        "2025-09-12 15:25",
        ELM,
        "c",
        "incident-recorded",
        {"role": "has-been-harmed", "status": "withdrawn"},
    )
    assert k03(material("c", [gone], date_of_birth=date(2013, 1, 1))) == []
