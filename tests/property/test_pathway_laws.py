"""Laws of the procedures: what holds for any order, lateness, redaction, age, scale and hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.catalogue.occurred import occurred
from hub.catalogue.scales import SHIPPED
from hub.pathway.calendar import age_on, birthday
from hub.pathway.clocks import deadlines
from hub.pathway.patterns import RULES, overview
from tests.spec import scenario_a as a
from tests.spec.posts import OAK, POLICE, N, S, at, material, post, profile_of

QUICK = settings(max_examples=40, deadline=None)
CHILDREN = st.sampled_from([a.HARMED, a.HAS_HARMED])
WHEN = st.datetimes(min_value=datetime(2025, 9, 12, 15), max_value=datetime(2025, 11, 20, 12)).map(
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC)
)
ABSENCES = ("P-13", "P-15")


def lines(stuff, now=a.END):
    return overview(stuff, now=now, profile_of=profile_of)


def clocks(stuff, now=a.END):
    return deadlines(stuff, now=now, profile_of=profile_of)


@pytest.mark.req("H-25", "H-06", "P-01")
@QUICK
@given(child=CHILDREN, order=st.randoms(use_true_random=False), late=st.data())
def test_any_order_and_lateness_of_the_same_events_gives_the_same_lines(child, order, late):
    def mixed(entries):
        places = list(range(len(entries)))
        order.shuffle(places)
        days = late.draw(st.lists(st.integers(0, 60), min_size=len(entries), max_size=len(entries)))
        return [
            replace(one, position=place, received_at=one.received_at + timedelta(days=day))
            for one, place, day in zip(entries, places, days, strict=True)
        ]

    whole = a.enquiry(child)
    again = replace(
        material(child, mixed(whole.entries), linked={c: tuple(mixed(es)) for c, es in whole.linked.items()}),
        complete=whole.complete,
        says_neither=True,
        told=whole.told,
        authority=whole.authority,
        date_of_birth=whole.date_of_birth,
    )
    assert lines(again) == lines(whole)

    def told_by_the_agencies(deadline):
        own = {name: time for name, time in deadline.times.items() if not name.endswith("_as_received_at")}
        return replace(deadline, times=own, text="")

    assert [told_by_the_agencies(one) for one in clocks(again)] == [
        told_by_the_agencies(one) for one in clocks(whole)
    ]


@pytest.mark.req("H-20")
@QUICK
@given(child=CHILDREN, now=WHEN, data=st.data())
def test_nothing_absent_is_said_to_a_reader_who_may_not_see_everything(child, now, data):
    known = a.posted(child, now)
    kept = data.draw(st.lists(st.sampled_from(known), unique_by=lambda one: one.key)) if known else []
    stuff = material(child, kept, complete=frozenset(), date_of_birth=date(2014, 1, 1), authority=N)
    said = lines(stuff, now)
    assert not [one.rule for one in said if one.rule in ABSENCES]
    assert not [one for one in said if one.rule == "P-27" and not one.values["safe_stated"]]
    assert not [one for one in said if "neither" in one.values]
    assert [one for one in clocks(stuff, now) if one.state is not None] == []


@pytest.mark.req("H-20")
@QUICK
@given(child=CHILDREN, now=WHEN, data=st.data())
def test_removing_one_entry_never_adds_an_absence_unless_the_type_may_be_seen(child, now, data):
    whole = a.enquiry(child, now)
    one = data.draw(st.sampled_from(whole.entries)) if whole.entries else None
    if one is None:
        return
    blind = replace(whole, complete=a.WHOLE - {one.type}, says_neither=False)
    less = replace(blind, entries=tuple(e for e in blind.entries if e.key != one.key))
    before, after = lines(blind, now), lines(less, now)
    for rule in ABSENCES:
        said = {place for line in before if line.rule == rule for place in line.values.get("places", [])}
        more = {place for line in after if line.rule == rule for place in line.values.get("places", [])}
        assert more <= said
        counts = [line.values["count"] for line in after if line.rule == rule and "count" in line.values]
        assert counts <= [
            line.values["count"] for line in before if line.rule == rule and "count" in line.values
        ]
    unstated = [line for line in after if line.rule == "P-27" and not line.values["safe_stated"]]
    assert len(unstated) <= len(
        [line for line in before if line.rule == "P-27" and not line.values["safe_stated"]]
    )


@pytest.mark.req("H-20")
@QUICK
@given(child=CHILDREN, data=st.data())
def test_any_field_can_be_withheld_and_every_line_rests_on_entries_the_reader_has(child, data):
    entries = []
    for one in a.posted(child):
        names = data.draw(st.sets(st.sampled_from(sorted(one.data)))) if one.data else set()
        hidden = data.draw(st.booleans())
        entries.append(replace(a.without(one, *names), organisation=None if hidden else one.organisation))
    stuff = material(child, entries, complete=a.WHOLE, authority=a.AUTHORITY[child])
    had = {one.key for one in entries}
    for line in (*lines(stuff), *clocks(stuff)):
        assert set(line.evidence) <= had


@pytest.mark.req("H-20")
@pytest.mark.parametrize("child", [a.HARMED, a.HAS_HARMED])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_reads_nothing_that_it_does_not_declare(rule, child):
    def declared(entries):
        return tuple(
            replace(
                one,
                data={
                    name: value for name, value in one.data.items() if name in rule.inputs.get(one.type, ())
                },
                others=one.others if "others" in rule.inputs.get(one.type, ()) else (),
            )
            for one in entries
            if one.type in rule.inputs or "*" in rule.inputs
        )

    then = at("2025-09-15 10:00")
    for now in (then, a.END):
        whole = a.enquiry(child, now)
        bare = replace(
            whole, entries=declared(whole.entries), linked={c: declared(es) for c, es in whole.linked.items()}
        )
        assert rule.compute(bare, now, profile_of) == rule.compute(whole, now, profile_of)


@pytest.mark.req("R-038", "R-113")
@QUICK
@given(
    born=st.dates(min_value=date(2000, 1, 1), max_value=date(2020, 12, 31)),
    limit=st.sampled_from([10, 13, 18]),
)
def test_an_age_changes_on_the_birthday_and_on_no_other_day(born, limit):
    reached = birthday(born, limit)
    assert age_on(born, reached) == limit
    assert age_on(born, reached - timedelta(days=1)) == limit - 1


@pytest.mark.req("R-038")
@QUICK
@given(born=st.dates(min_value=date(2008, 1, 1), max_value=date(2016, 12, 31)))
def test_thirteen_years_and_no_days_need_no_referral_on_age_alone(born):
    def k03(day):
        incident = post(
            "i",
            "2032-01-01 09:00",
            OAK,
            "c",
            "incident-recorded",
            {"role": "has-been-harmed", "status": "alleged"},
            happened=day.isoformat(),
            precision="day",
        )
        found = clocks(material("c", [incident], date_of_birth=born, authority=S))
        return [one for one in found if one.clock == "K-03"]

    reached = birthday(born, 13)
    assert len(k03(reached - timedelta(days=1))) == 1
    assert k03(reached) == []


SCALES = {one.id: one.codes for one in SHIPPED.values()}
LEVELS = [(scale, level) for scale in SCALES for level in SCALES[scale]]


@pytest.mark.req("R-021", "R-176", "Q-09")
@QUICK
@given(
    given_levels=st.lists(
        st.tuples(st.sampled_from(LEVELS), st.integers(0, 3), st.sampled_from([OAK, POLICE, S])), max_size=8
    )
)
def test_two_scales_are_never_compared(given_levels):
    happened = [f"2025-0{n}-01" for n in range(1, 5)]
    incidents = [
        post(
            f"i{n}",
            "2025-09-01 09:00",
            S,
            "c",
            "incident-recorded",
            {"role": "has-harmed", "status": "alleged"},
            happened=day,
            precision="day",
        )
        for n, day in enumerate(happened)
    ]
    levels = [
        post(
            f"l{n}",
            f"2025-10-01 09:{n:02}",
            who,
            "c",
            "behaviour-level-assessed",
            {"scale": scale, "level": level},
            about=f"i{about}",
        )
        for n, ((scale, level), about, who) in enumerate(given_levels)
    ]
    whole = lines(material("c", [*incidents, *levels], authority=S))
    for line in whole:
        if line.rule == "P-03":
            order = SCALES[line.values["scale"]]
            assert order.index(line.values["level"]) > order.index(line.values["earlier_level"])
        if line.rule == "P-07" and len({one["scale"] for one in line.values["levels"]}) > 1:
            assert line.values["span"] == "not comparable"
    by_scale = [
        line
        for scale in sorted(SCALES)
        for line in lines(
            material("c", [*incidents, *(one for one in levels if one.data["scale"] == scale)], authority=S)
        )
        if line.rule == "P-03"
    ]
    assert [line for line in whole if line.rule == "P-03"] == by_scale


@pytest.mark.req("R-077", "H-24")
@QUICK
@given(
    change=st.sampled_from([datetime(2025, 10, 26, 1), datetime(2026, 3, 29, 1)]),
    hours=st.integers(0, 72),
    minutes=st.integers(0, 59),
)
def test_seventy_two_hours_are_real_across_both_clock_changes(change, hours, minutes):
    notice = change.replace(tzinfo=UTC) - timedelta(hours=hours, minutes=minutes)
    referral = replace(
        post("r", "2025-09-12 15:40", OAK, "c", "referral-made", {"target": "csc"}),
        occurred=occurred(notice.isoformat(), "exact", recorded_at=notice),
        recorded_at=notice,
        received_at=notice,
    )
    stuff = material("c", [referral], authority=N)

    def k01(now):
        (found,) = [one for one in clocks(stuff, now) if one.clock == "K-01"]
        return found

    clock = k01(notice)
    assert clock.due_at - notice == timedelta(hours=72)
    assert clock.warn_at - notice == timedelta(hours=48)
    assert k01(notice + timedelta(hours=72)).state == "missed"
    assert k01(notice + timedelta(hours=72) - timedelta(microseconds=1)).state == "warning"
