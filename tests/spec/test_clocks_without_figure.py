"""Clocks for which no document gives a figure: lists and alerts that show the time since, never missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hub.pathway.clocks import CLOCKS, deadlines
from hub.pathway.profiles import PROFILES, SETTINGS
from tests.spec.clock_rows import child
from tests.spec.clock_tables import WITHOUT_FIGURE, rows, whole
from tests.spec.posts import at, profile_of


@pytest.mark.parametrize(("table", "point"), rows(WITHOUT_FIGURE))
def test_where_it_stands(table, point):
    assert [one.state for one in table.found(point)] == ([point.state] if point.state else [])


@pytest.mark.parametrize("table", whole(WITHOUT_FIGURE))
def test_it_says_since_when_who_acts_on_what_and_has_no_due_time(table):
    point = next(one for one in table.points.values() if one.state and not one.more)
    (clock,) = table.found(point)
    assert clock.requirement == table.requirement
    assert clock.starts_at == at(table.starts)
    assert (clock.responsible, clock.responsible_person) == (table.responsible, table.person)
    assert (clock.due_at, clock.due_on) == (None, table.due_on)
    assert dict(clock.settings) == table.settings
    assert clock.source and clock.evidence
    assert set(clock.evidence) <= {one.key for one in table.posts}


@pytest.mark.parametrize("table", whole(WITHOUT_FIGURE))
def test_its_words_are_constant_for_each_state(table):
    """Nothing of a post is in them: who, when and since when stand beside."""
    said: dict[str, set[str]] = {}
    for point in table.points.values():
        for one in table.found(point):
            said.setdefault(one.state, set()).add(one.text)
            later = point.__class__("2027-01-01 00:00", one.state, point.more)
            said[one.state] |= {same.text for same in table.found(later) if same.state == one.state}
    assert all(len(words) == 1 for words in said.values()), said
    assert not any(character.isdigit() for words in said.values() for text in words for character in text)


@pytest.mark.req("H-20")
@pytest.mark.parametrize("table", whole(WITHOUT_FIGURE))
def test_it_is_not_given_to_a_reader_who_may_not_see_what_would_stop_it(table):
    stuff = child(*table.posts, authority=table.authority, complete=frozenset())
    found = deadlines(stuff, now=at("2026-12-01 09:00"), profile_of=profile_of)
    assert [one for one in found if one.clock == table.clock] == []


@pytest.mark.req("H-25")
@pytest.mark.parametrize("table", whole(WITHOUT_FIGURE))
def test_what_was_received_late_changes_no_state(table):
    """An agency's own times count; when the hub received it stands beside."""
    for point in table.points.values():
        late = replace(
            table,
            posts=tuple(replace(one, received_at=one.received_at + timedelta(days=9)) for one in table.posts),
        )
        assert [one.state for one in late.found(point)] == [one.state for one in table.found(point)]


@pytest.mark.req("K-04", "K-05", "K-06", "K-15", "K-16", "K-18", "K-19", "K-20", "K-21", "K-23", "K-24")
def test_a_clock_runs_only_under_the_profiles_that_ask_for_it():
    ran: dict[str, set[str]] = {}
    for table in WITHOUT_FIGURE:
        for name in PROFILES:
            stuff = child(*table.posts, authority=table.authority)
            now = at("2026-12-01 09:00")
            found = deadlines(stuff, now=now, profile_of=lambda organisation, name=name: PROFILES[name])
            if any(one.clock == table.clock for one in found):
                ran.setdefault(table.clock, set()).add(name)
    d, llr = {"darlington-2025"}, {"llr-2024"}
    both = d | llr
    assert ran == {
        "K-02": both, "K-04": llr, "K-05": llr, "K-06": llr, "K-07": both, "K-08": both, "K-09": both,
        "K-15": d,
        "K-16": llr, "K-18": d, "K-19": d, "K-20": llr, "K-21": llr, "K-23": d, "K-24": d,
    }  # fmt: skip


@pytest.mark.req("K-02", "K-08", "K-19", "K-20", "K-24")
def test_every_number_that_no_document_gives_is_a_setting_with_a_note():
    used = {name for table in WITHOUT_FIGURE for name in table.settings} - {
        "from_level",
        "absent_organisation",
    }
    assert used == {
        "front_door_working_days", "behaviour_meeting_working_days", "single_agency_days",
        "further_work_working_days", "absent_agency_working_days",
    }  # fmt: skip
    assert all((SETTINGS[name].note or "").startswith("Setting") for name in used)


def test_the_clocks_stand_in_the_order_of_their_ids():
    ids = [clock.__doc__.split(":")[0] for clock in CLOCKS if clock.__doc__.startswith("K")]
    assert ids == sorted(ids) and len(ids) == len(set(ids))
