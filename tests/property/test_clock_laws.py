"""Laws of the clocks: any order and lateness of the same events, any reader, any instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import schemas
from hub.pathway.clocks import deadlines
from tests.spec.clock_rows import clocks, played
from tests.spec.due_tables import TABLES
from tests.spec.posts import at, material, profile_of

QUICK = settings(max_examples=25, deadline=None)
TYPES = frozenset(name for name, _ in schemas.types())
END = "2026-03-01 12:00"
FOLDS = {
    (name, child): played(name, child, END)
    for name, child in (("a", "C-2001"), ("b", "C-3001"), ("b", "C-3002"), ("c", "C-4001"))
}
CHILDREN = st.sampled_from(sorted(FOLDS))
DAYS = st.integers(0, 170)


def told(stuff, now):
    return deadlines(stuff, now=now, profile_of=profile_of)


@pytest.mark.req("H-25", "H-06", "H-24")
@QUICK
@given(of=CHILDREN, days=DAYS, order=st.randoms(use_true_random=False), late=st.data())
def test_any_order_and_lateness_of_the_same_events_gives_the_same_clocks(of, days, order, late):
    def mixed(entries):
        places = list(range(len(entries)))
        order.shuffle(places)
        count = len(entries)
        delays = late.draw(st.lists(st.integers(0, 60), min_size=count, max_size=count))
        return [
            replace(one, position=place, received_at=one.received_at + timedelta(days=delay))
            for one, place, delay in zip(entries, places, delays, strict=True)
        ]

    def of_the_agencies(one):
        """Without what says only when the hub received it."""
        times = {name: instant for name, instant in one.times.items() if not name.endswith("_as_received_at")}
        return replace(one, times=times, text="")

    whole = FOLDS[of]
    linked = {child: tuple(mixed(entries)) for child, entries in whole.linked.items()}
    again = material(whole.child, mixed(whole.entries), linked=linked, authority=whole.authority)
    now = at("2025-09-15 12:00") + timedelta(days=days)
    assert [of_the_agencies(one) for one in told(again, now)] == [
        of_the_agencies(one) for one in told(whole, now)
    ]


@pytest.mark.req("H-20")
@QUICK
@given(of=CHILDREN, days=DAYS, data=st.data())
def test_a_clock_rests_on_entries_the_reader_has_and_on_types_the_reader_may_see(of, days, data):
    """Whichever entries and types are taken from a reader, nothing of them is in any clock that is left."""
    whole = FOLDS[of]
    hidden = data.draw(st.sets(st.sampled_from(sorted({one.type for one in whole.entries})), max_size=6))
    seen = tuple(one for one in whole.entries if one.type not in hidden)
    stuff = material(whole.child, seen, authority=whole.authority, complete=TYPES - hidden)
    had = {one.key for one in seen}
    now = at("2025-09-15 12:00") + timedelta(days=days)
    for one in told(stuff, now):
        assert set(one.evidence) <= had
        assert one.subject is None
    shown = {one.clock for one in told(stuff, now) if one.state in ("running", "warning", "missed")}
    for clock, types in STOPPED_BY.items():
        if hidden & types:
            assert clock not in shown


STOPPED_BY = {
    "K-05": {"oversight-notified"},
    "K-06": {"oversight-notified"},
    "K-07": {"conference-decided", "conference-held"},
    "K-20": {"intervention-offered", "intervention-started"},
    "KX-02": {"assessment-completed", "referral-outcome-decided"},
    "KX-03": {"meeting-held", "conference-held", "conference-decided"},
    "KX-04": {"meeting-held", "conference-held"},
}


@pytest.mark.req("H-25", "H-24")
@QUICK
@given(table=st.sampled_from(TABLES), hours=st.integers(-2000, 2000))
def test_what_was_missed_stays_missed_and_nothing_is_missed_before(table, hours):
    due = at(table.due)
    now = due + timedelta(hours=hours)
    if now < at(table.starts):
        return
    (found,) = clocks(table_of(table), now, table.clock)
    assert (found.state == "missed") is (hours >= 0)


def table_of(table):
    return material("C-1", table.posts, authority=table.authority)
