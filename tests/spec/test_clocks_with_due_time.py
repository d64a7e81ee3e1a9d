"""Clocks with a due time: before it, at it and after it, met, late, needless, posted late, to the second."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

import schemas
from hub.pathway.clocks import deadlines
from hub.pathway.clocks.clock import AFTER_TIME, CLOSED, POSTED_LATE, RECEIVED_LATE
from hub.pathway.profiles import PROFILES
from tests.spec.clock_rows import child, clocks, states
from tests.spec.due_tables import TABLES, cases, core_group, each, enquiry, icpc, outcome, referral
from tests.spec.expecting import has_harmed, p
from tests.spec.posts import N, S, all_of, at, profile_of

SECOND = timedelta(seconds=1)
AFTER = "2027-06-01 12:00"
LLR = PROFILES["llr-2024"]
TYPES = frozenset(name for name, _ in schemas.types())
STATE = {"met": "met", "late": "met-late", "ended": "stopped", "unmet": "missed"}


@pytest.mark.req("H-24")
@pytest.mark.parametrize("table", each(TABLES))
def test_start_warn_due_less_a_second_due_and_a_second_after(table):
    starts, warns, due = at(table.starts), at(table.warns), at(table.due)
    (clock,) = table.found(due)
    assert (clock.starts_at, clock.warn_at, clock.due_at, clock.due_on) == (starts, warns, due, table.due_on)
    points = {
        starts: "warning" if warns == starts else "running",
        warns - SECOND: None if warns == starts else "running",
        warns: "warning",
        due - SECOND: "warning",
        due: "missed",
        due + SECOND: "missed",
    }
    for instant, state in points.items():
        if state is not None:
            assert [one.state for one in table.found(instant)] == [state], instant
    assert clock.requirement == table.requirement
    assert clock.responsible == table.responsible
    assert dict(clock.settings) == table.settings
    assert set(clock.evidence) <= {one.key for one in table.posts}


@pytest.mark.parametrize(("table", "name", "posts"), cases(TABLES, "met", "late", "ended", "unmet"))
def test_what_meets_ends_or_leaves_it(table, name, posts):
    found = table.found(AFTER, *posts)[0]
    assert found.state == STATE[name]
    assert (AFTER_TIME in found.text) is (name == "late")
    assert set(found.evidence) <= {one.key for one in (*table.posts, *posts)}


@pytest.mark.parametrize(("table", "name", "posts"), cases(TABLES, "silent"))
def test_what_starts_none(table, name, posts):
    assert replace(table, posts=posts).found(AFTER) == []


@pytest.mark.req("H-25")
@pytest.mark.parametrize("table", each(TABLES))
def test_met_in_time_and_received_late_shows_both(table):
    """Compliance by the agency's own time, and beside it that the hub heard of it after the time was up."""
    due = at(table.due)
    posts = next(iter(table.met.values()))
    late = [replace(one, received_at=max(one.received_at, due + timedelta(days=3))) for one in posts]
    (before,), (after,) = table.found(AFTER, *posts)[:1], table.found(AFTER, *late)[:1]
    assert (before.state, after.state) == ("met", "met")
    assert (before.times["met_at"], RECEIVED_LATE in before.text) == (after.times["met_at"], False)
    assert RECEIVED_LATE in after.text
    assert after.times["met_as_received_at"] == due + timedelta(days=3)


@pytest.mark.req("H-25")
@pytest.mark.parametrize("table", each(TABLES))
def test_what_was_recorded_after_the_time_was_up_dates_the_alert_by_the_recording(table):
    """What started it happened long ago and was posted in a batch: it is missed, and says posted late."""
    recorded = at(table.due) + timedelta(days=5)
    first = next(one for one in table.posts if one.key in table.found(AFTER)[0].evidence)
    late = replace(first, recorded_at=recorded, received_at=recorded)
    posts = tuple(late if one is first else one for one in table.posts)
    (clock,) = replace(table, posts=posts).found(recorded)[:1]
    assert clock.due_at == at(table.due)
    assert (clock.state, clock.times["alert_at"]) == ("missed", recorded)
    assert POSTED_LATE in clock.text
    in_time = table.found(AFTER)[0]
    assert "alert_at" not in in_time.times and POSTED_LATE not in in_time.text


@pytest.mark.parametrize("table", each(TABLES))
def test_the_case_was_closed_before_or_after_the_time_was_up(table):
    """What a release or a move asks for is owed whoever closes the case."""
    due = at(table.due)
    for closed, state in ((due - timedelta(hours=1), "stopped"), (due + timedelta(hours=1), "missed")):
        closing = replace(
            p("closure-decided", "2025-09-01 09:00", closes="case"),
            occurred=replace(table.posts[-1].occurred, start=closed, end=closed, sort_at=closed),
            recorded_at=closed,
            received_at=closed,
        )
        (clock,) = table.found(AFTER, closing)[:1]
        outlives = table.clock in ("K-17", "KX-06")
        assert clock.state == ("missed" if outlives else state)
        assert (CLOSED in clock.text) is (state == "stopped" and not outlives)


@pytest.mark.req("H-20")
@pytest.mark.parametrize("table", each(TABLES))
def test_it_is_not_given_to_a_reader_who_may_not_see_what_would_stop_it(table):
    stuff = child(*table.posts, authority=table.authority, complete=frozenset())
    found = deadlines(stuff, now=at(AFTER), profile_of=profile_of)
    assert [one for one in found if one.clock == table.clock] == []


@pytest.mark.parametrize("table", each(TABLES))
def test_a_time_limit_outside_the_local_documents_is_marked_and_can_be_left_out(table):
    """A profile that includes no such rows has no such clock; the local ones go on."""
    bare = {name: replace(one, statutory=()) for name, one in PROFILES.items()}
    left = replace(table, profiles=lambda organisation: bare["llr-2024"]).found(AFTER)
    if table.clock.startswith("KX"):
        assert left == []
        assert table.found(AFTER)[0].source.startswith("D.3")
        assert str(table.found(AFTER)[0].settings["note"]).startswith("Not in the local documents.")
        for name in PROFILES:
            assert len(replace(table, profiles=all_of(name)).found(AFTER)) == 1
    else:
        assert len(left) == 1


@pytest.mark.req("KX-01", "H-24")
@pytest.mark.parametrize(
    ("referred", "due"),
    [
        ("2025-12-24 16:00", "2025-12-30 00:00"),
        ("2026-03-27 16:00", "2026-03-31 00:00"),
        ("2026-04-02 16:00", "2026-04-08 00:00"),
        ("2025-10-24 16:00", "2025-10-28 00:00"),
        ("2025-12-27 10:00", "2025-12-30 00:00"),
    ],
    ids=["Christmas", "March clock change", "Easter", "October clock change", "a Saturday"],
)
def test_kx_01_one_working_day(referred, due):
    stuff = child(referral(referred))
    (clock,) = clocks(stuff, referred, "KX-01")
    assert clock.due_at == at(due)
    assert states(stuff, due, "KX-01") == ["missed"]


@pytest.mark.req("KX-01", "R-062")
def test_kx_01_each_referral_after_an_outcome_has_its_own_time():
    stuff = child(
        referral("2025-09-12 15:40"), outcome("2025-09-15 09:30", "none"), referral("2025-11-17 10:00")
    )
    assert states(stuff, "2025-11-18 10:00", "KX-01") == ["met", "warning"]
    assert states(stuff, "2025-11-18 10:00", "KX-02") == ["stopped", "running"]


@pytest.mark.req("KX-03")
def test_kx_03_without_a_recorded_strategy_meeting_the_enquiry_starts_it():
    (clock,) = clocks(child(enquiry("2025-10-06 13:05")), "2025-10-07 10:00", "KX-03")
    assert clock.starts_at == at("2025-10-06 13:05")


@pytest.mark.req("KX-05")
def test_kx_05_then_within_six_months_of_the_last_review():
    stuff = child(
        icpc("2025-11-30 10:00"),
        icpc("2026-02-20 10:00", "plan-continues", "rcpc"),
        icpc("2026-09-01 10:00", "plan-ends", "rcpc"),
    )
    first, second = clocks(stuff, AFTER, "KX-05")
    assert (first.due_on.isoformat(), first.state) == ("2026-02-28", "met")
    assert (second.due_on.isoformat(), second.state) == ("2026-08-20", "met-late")
    assert [one.settings["months"] for one in (first, second)] == [3, 6]


@pytest.mark.req("KX-04")
def test_kx_04_a_core_group_before_the_conference_does_not_count():
    assert states(child(core_group("2025-12-01 10:00"), icpc("2025-12-22 10:00")), AFTER, "KX-04") == [
        "missed"
    ]


@pytest.mark.req("KX-06")
def test_kx_06_is_the_receiving_authoritys_and_under_its_procedure():
    moved = p("child-moved-area", "2025-12-18 10:00", S, step="notified", from_authority=S, to_authority=N)
    posts = (p("plan-started", "2025-10-01 10:00", kind="cp"), moved)
    (clock,) = clocks(child(*posts, complete=TYPES), AFTER, "KX-06", lambda one: LLR if one == N else None)
    assert clock.responsible == N
    assert clocks(child(*posts, complete=TYPES), AFTER, "KX-06", lambda one: LLR if one == S else None) == []


@pytest.mark.req("KX-01", "KX-06", "H-20")
def test_what_is_recorded_of_a_whole_record_names_nobody_out_of_a_field_that_may_be_withheld():
    """The hub's own entry goes to readers who may not read whom a referral went to or where a child moved."""
    elsewhere = p("referral-made", "2025-09-12 15:40", target="csc", to="social-care.far-csc")
    moved = p("child-moved-area", "2025-12-18 10:00", S, step="notified", from_authority=S, to_authority=N)
    plan = p("plan-started", "2025-10-01 10:00", kind="cp")
    stuff = child(elsewhere, plan, moved)
    named = {one.responsible for id in ("KX-01", "KX-02", "KX-06") for one in clocks(stuff, AFTER, id)}
    assert named == {S, None}
    (reader,) = clocks(child(elsewhere, complete=TYPES), AFTER, "KX-01")
    assert reader.responsible == "social-care.far-csc"


@pytest.mark.req("KX-07")
def test_kx_07_has_no_figure_and_no_clock():
    """No figure was found in the guidance: the row says so, and nobody is held to an invented one."""
    row = next(one for one in PROFILES["llr-2024"].statutory if one.id == "KX-07")
    assert (row.unit, row.settings) == (None, ())
    stuff = child(has_harmed(), referral("2025-09-12 15:40"), outcome("2025-09-15 09:30"))
    assert clocks(stuff, AFTER, "KX-07") == []


@pytest.mark.req("K-17", "R-085")
def test_k_17_a_child_who_moves_in_has_no_figure_and_is_never_missed():
    moved = p("child-moved-area", "2025-12-18 10:00", step="acknowledged", from_authority=N, to_authority=S)
    for now in ("2025-12-18 10:00", "2026-12-18 10:00"):
        (clock,) = clocks(child(has_harmed(), moved), now, "K-17")
        assert (clock.state, clock.due_at, clock.responsible) == ("warning", None, S)


@pytest.mark.req("K-17", "R-174")
def test_k_17_a_notice_after_the_day_of_the_release_does_not_undo_that_it_was_missed():
    first = p("custody-release-notified", "2025-10-03 10:00", release_date="2025-10-27", to_authority=S)
    again = p("custody-release-notified", "2025-10-28 10:00", release_date="2025-11-27", to_authority=S)
    stuff = child(has_harmed("2025-06-01 10:00"), first, again)
    assert states(stuff, "2025-11-01 10:00", "K-17") == ["missed", "running"]
