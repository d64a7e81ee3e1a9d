"""Every clock with a due time is raised once: over restarts, by two tickers at once, and never early."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hub.envelope import EventKey
from hub.pathway.entries import Entry
from hub.ticker import Ticker, falling_due
from hub.ticker.falling_due import WITHHELD
from hub.views import DEADLINE_MISSED, ChildView
from tests.spec.due_tables import TABLES, Due, cases, each
from tests.spec.expecting import CHILD
from tests.spec.posts import at, material, profile_of
from tests.spec.test_deadline_missed import ASSESSED, SCENARIO, post, ticker_of
from tests.support.simulated import Simulated, opened, simulated

RAISED = [one for one in TABLES if one.clock not in WITHHELD]
CONFERENCE = "2025-10-06T23:00:00+00:00"
SECOND = timedelta(seconds=1)


def view(table: Due, *posts: Entry) -> ChildView:
    ordered = material(CHILD, (*table.posts, *posts)).entries
    return ChildView(
        child=CHILD, provisional=False, streams=(CHILD,), entries=ordered, grants=(),
        authority=table.authority, area=table.authority, schools=(), date_of_birth=None, openings=(),
        linked=frozenset(), link_entries=(), head=len(ordered), known={},
    )  # fmt: skip


def missed(table: Due, now, *posts: Entry):
    found = falling_due(view(table, *posts), {}, now=now, profile_of=profile_of)
    return [one for one in found.missed if one.clock == table.clock], found.next_due


@pytest.mark.parametrize("table", each(RAISED))
def test_due_less_a_second_due_and_a_second_after(table):
    due = at(table.due)
    for now, count in ((due - SECOND, 0), (due, 1), (due + SECOND, 1), (due + timedelta(days=400), 1)):
        assert len(missed(table, now)[0]) == count, now
    early, next_due = missed(table, at(table.starts))
    assert early == [] and next_due is not None and next_due <= due
    assert missed(table, due - SECOND)[1] == due


@pytest.mark.parametrize("table", each(RAISED))
def test_what_the_record_holds_is_not_raised_again(table):
    due = at(table.due)
    ((found,), _) = missed(table, due)
    held = replace(table.posts[-1], key=EventKey(table.posts[-1].key.source, "hub"), type=DEADLINE_MISSED,
                   organisation="hub", data=found.data())  # fmt: skip
    for days in (0, 1, 400):
        assert missed(table, due + timedelta(days=days), held)[0] == []


@pytest.mark.req("H-06")
@pytest.mark.parametrize(("table", "name", "posts"), cases(RAISED, "met", "late", "ended", "unmet"))
def test_what_is_raised_does_not_depend_on_when_the_ticker_looked(table, name, posts):
    """Met late is missed as well; met or needless in time is not."""
    found, _ = missed(table, at(table.due) + timedelta(days=700), *posts)
    first = [one for one in found if one.due == at(table.due)]
    assert len(first) == (name in ("late", "unmet"))


@pytest.mark.req("R-085", "H-20")
def test_the_day_of_a_release_is_not_told_by_an_entry_of_the_hub():
    """The day is withheld from some who get every such entry; each reader's own deadlines tell the others."""
    (table,) = (one for one in TABLES if one.clock in WITHHELD)
    assert [one.state for one in table.found(at(table.due))] == ["missed"]
    assert missed(table, at(table.due)) == ([], None)


def raised(hub: Simulated) -> list[tuple[str, str]]:
    streams = [f"child/{hub.children[one]}" for one in ("C-1001", "C-2001")]
    items = [one for stream in streams for one in hub.hub.store.record.stream(stream)]
    return sorted((one.id, one.stream) for one in items if one.type == DEADLINE_MISSED)


@pytest.mark.req("KX-02", "KX-03", "R-077", "H-03")
def test_scenario_a_three_entries_over_three_restarts_and_two_tickers_at_once(tmp_path: Path) -> None:
    """A conference on 6 October, the assessments of both children on 14 November, and nothing twice."""
    with simulated(tmp_path / "hub") as first:
        post(first, *SCENARIO.posts)
        due, both = datetime.fromisoformat(CONFERENCE), datetime.fromisoformat(ASSESSED)
        assert ticker_of(first).tick(due - SECOND) == 0
        assert ticker_of(first).tick(due) == 1
        assert ticker_of(first).tick(both - SECOND) == 0
        with opened(tmp_path / "hub", b"the second process") as second:
            start = threading.Barrier(2)

            def tick(ticker: Ticker, late: int) -> int:
                start.wait()
                return ticker.tick(both + timedelta(microseconds=late))

            with ThreadPoolExecutor(2) as pool:
                counts = list(pool.map(tick, (ticker_of(first), ticker_of(second)), (0, 1)))
        assert sum(counts) == 2
        held = raised(first)
        assert len(held) == len(set(held)) == 3
        for days in range(3):
            assert ticker_of(first).tick(both + timedelta(days=days)) == 0
        assert raised(first) == held
