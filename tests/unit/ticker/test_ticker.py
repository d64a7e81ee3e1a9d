"""The ticker: once per child, clock and due time, whatever else runs, and no more work than there is."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from hub.errors import HubError
from hub.record import Append, Appended, Record, Recorded
from hub.ticker import Ticker
from hub.views import Judged, Views
from tests.spec.test_deadline_missed import (
    ALONE,
    ASSESSED,
    BY_REF,
    MISSED,
    WHOLE,
    N,
    at,
    post,
    ticker_of,
    unarranged,
)
from tests.support.simulated import Simulated, one_more, opened, simulated

AFTER = at("2025-09-18T12:00:00+00:00")


class Watched:
    """A part that does its work, and lets a test see or disturb one method."""

    def __init__(self, part: object) -> None:
        self._part = part

    def __getattr__(self, name: str) -> object:
        return getattr(self._part, name)


class CountingViews(Watched):
    def __init__(self, views: Views) -> None:
        super().__init__(views)
        self.views = views
        self.folded: list[str] = []
        self.broken: str | None = None
        self.fault: Exception = ValueError()

    def judged(self, child: str) -> Judged:
        if child == self.broken:
            raise self.fault
        self.folded.append(child)
        return self.views.judged(child)


class DisturbedRecord(Watched):
    """A record in which something is done right before the next append."""

    def __init__(self, record: Record) -> None:
        super().__init__(record)
        self.record = record
        self.before: list[object] = []

    def append(self, append: Append) -> Future[Appended]:
        if self.before:
            step = self.before.pop()
            assert callable(step)
            step()
        return self.record.append(append)


def entries(hub: Simulated, child: str = "C-2001") -> list[str]:
    stream = f"child/{hub.children[child]}"
    return [one.id for one in hub.hub.store.record.stream(stream) if one.type == MISSED]


def made_of(hub: Simulated, *, record: Watched | None = None, views: Watched | None = None) -> Ticker:
    parts = hub.hub
    return Ticker(
        record=cast(Record, record or parts.store.record),
        views=cast(Views, views or parts.views),
        identity=parts.identity,
        directory=parts.store.directory,
    )


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Simulated]:
    """Nobody arranged a meeting; nothing has ticked yet."""
    with simulated(tmp_path / "hub") as found:
        unarranged(found)
        yield found


@pytest.mark.req("R-077", "H-03")
def test_a_ticker_started_again_records_nothing_twice(hub: Simulated) -> None:
    assert ticker_of(hub).tick(AFTER) == 3
    held = entries(hub)
    for days in range(3):
        assert ticker_of(hub).tick(AFTER + timedelta(days=days)) == 0
    assert entries(hub) == held and len(set(held)) == 2


@pytest.mark.req("R-077", "H-03")
def test_two_processes_that_tick_at_once_record_one_entry_each(tmp_path: Path) -> None:
    with simulated(tmp_path / "hub") as first:
        unarranged(first)
        with opened(tmp_path / "hub", b"the second process") as second:
            start = threading.Barrier(2)

            def tick(ticker: Ticker, now: datetime) -> int:
                start.wait()
                return ticker.tick(now)

            with ThreadPoolExecutor(2) as pool:
                # Not at the same microsecond: their entries would differ in nothing then.
                counts = list(
                    pool.map(
                        tick,
                        (ticker_of(first), ticker_of(second)),
                        (AFTER, AFTER + timedelta(microseconds=1)),
                    )
                )
            assert sum(counts) == 3
            assert (len(entries(first)), len(entries(first, "C-1001"))) == (2, 1)
            assert entries(second) == entries(first)


@pytest.mark.req("R-077")
def test_a_meeting_recorded_while_it_looked_is_seen_before_anything_is_recorded(hub: Simulated) -> None:
    record = DisturbedRecord(hub.hub.store.record)
    record.before.append(lambda: post(hub, BY_REF["A12-1"], BY_REF["A12-2"]))
    ticker = made_of(hub, record=record)
    assert ticker.tick(AFTER) == 0
    assert record.before == [] and entries(hub) == []


@pytest.mark.req("R-077")
def test_where_others_keep_moving_the_record_the_next_tick_does_it(hub: Simulated) -> None:
    record = DisturbedRecord(hub.hub.store.record)
    ticker = made_of(hub, record=record)
    for number in range(6):
        more = one_more(f"X-{number}", "A24", "family-informed", "2025-09-15T11:00:00+01:00",
                        topic="incident", outcome="informed")  # fmt: skip
        record.before.append(lambda more=more: post(hub, more))
    assert ticker.tick(AFTER) == 0
    assert ticker.next_due(AFTER) == AFTER
    assert ticker.tick(AFTER) == 3
    assert len(entries(hub)) == 2


@pytest.mark.req("R-077")
def test_a_tick_folds_what_moved_what_is_linked_to_it_and_what_is_due(hub: Simulated) -> None:
    far = one_more("X-far", "A00a", "child-stream-opened", "2025-09-15T10:30:00+01:00",
                   identifiers=["nhs:9990309302"], responsible_authority=N, schools=[])  # fmt: skip
    hub.post(replace(far.event, subject="nhs:9990309302"))
    elsewhere = hub.hub.identity.resolve("nhs:9990309302")
    views = CountingViews(hub.hub.views)
    ticker = made_of(hub, views=views)
    both = {hub.children["C-1001"], hub.children["C-2001"]}

    def folded(now: datetime) -> set[str]:
        views.folded.clear()
        ticker.tick(now)
        assert len(views.folded) == len(set(views.folded)), "none is folded twice"
        return set(views.folded)

    before = at(WHOLE) - timedelta(hours=2)
    assert folded(before) == {*both, elsewhere}
    assert folded(before) == set(), "nothing moved, nothing is due"
    post(hub, BY_REF["A17b"])
    assert folded(before) == both, "the child and the child linked to it"
    assert folded(at(WHOLE)) == both, "what is due, and nothing else"
    assert folded(at(ALONE) - timedelta(seconds=1)) == both, "the entries moved the children's streams"
    assert folded(at(ALONE) - timedelta(seconds=1)) == set()
    hub.hub.disclosure.children(hub.signed_in(f"{N}/enq-1"))
    assert folded(at(ALONE) - timedelta(seconds=1)) == set(), "a reading moves no child"
    hub.hub.store.directory.adopt_profile("social-care.s-csc", "llr-2024")
    assert folded(at(ALONE) - timedelta(seconds=1)) == {*both, elsewhere}, "other procedures, other clocks"


class ComparingRecord(Watched):
    """A record that counts how often versions of streams were asked for by the ticker itself."""

    def __init__(self, record: Record) -> None:
        super().__init__(record)
        self.record = record
        self.compared = 0
        self.unreadable = False

    def versions(self, streams: Iterable[str]) -> dict[str, int]:
        self.compared += 1
        return self.record.versions(streams)

    def log(self, after: int, limit: int) -> list[Recorded]:
        if self.unreadable:
            raise HubError("store")
        return self.record.log(after, limit)


@pytest.mark.req("R-077")
def test_a_tick_after_an_event_reads_what_was_appended_and_compares_streams_only_where_it_cannot(
    hub: Simulated,
) -> None:
    record, views = ComparingRecord(hub.hub.store.record), CountingViews(hub.hub.views)
    ticker, now = made_of(hub, record=record, views=views), at(WHOLE) - timedelta(hours=2)
    both = {hub.children["C-1001"], hub.children["C-2001"]}

    def ticked() -> tuple[int, set[str]]:
        record.compared = 0
        views.folded.clear()
        ticker.tick(now)
        return record.compared, set(views.folded)

    assert ticked() == (1, both)
    post(hub, BY_REF["A17b"])
    assert ticked() == (0, both)
    post(hub, BY_REF["A18b"])
    record.unreadable = True
    assert ticked() == (1, both), "what cannot be read is found by comparing"
    record.unreadable = False
    post(hub, BY_REF["A23"])
    assert ticked() == (1, both), "nobody knows which item was seen last"
    post(hub, BY_REF["A25"])
    assert ticked() == (0, both)
    far = one_more("X-far", "A00a", "child-stream-opened", "2025-09-18T10:30:00+01:00",
                   identifiers=["nhs:9990309302"], responsible_authority=N, schools=[])  # fmt: skip
    hub.post(replace(far.event, subject="nhs:9990309302"))
    assert ticked() == (1, {hub.hub.identity.resolve("nhs:9990309302")}), "the identity records grew"


@pytest.mark.req("R-077")
def test_one_child_that_cannot_be_folded_stops_no_other_childs_clock(hub: Simulated) -> None:
    views = CountingViews(hub.hub.views)
    views.broken = hub.children["C-1001"]
    ticker = made_of(hub, views=views)
    assert (ticker.tick(AFTER), ticker.faults) == (2, 1)
    assert ticker.next_due(AFTER) == AFTER
    views.fault = HubError("store", "The record is damaged.")
    assert (ticker.tick(AFTER), ticker.faults) == (0, 1)
    views.broken = None
    assert (ticker.tick(AFTER), ticker.faults) == (1, 0)
    assert ticker.next_due(AFTER) == at(ASSESSED)


@pytest.mark.req("R-077")
def test_a_tick_that_broke_off_is_made_up_for_by_the_next(hub: Simulated) -> None:
    views = CountingViews(hub.hub.views)
    ticker = made_of(hub, views=views)
    before = at(WHOLE) - timedelta(hours=2)
    ticker.tick(before)
    post(hub, BY_REF["A17b"])
    views.broken, views.fault = hub.children["C-2001"], HubError("views-behind")
    with pytest.raises(HubError) as behind:
        ticker.tick(before)
    assert behind.value.slug == "views-behind"
    assert ticker.next_due(before) == before
    views.broken = None
    views.folded.clear()
    ticker.tick(before)
    assert set(views.folded) >= {hub.children["C-1001"], hub.children["C-2001"]}
    assert ticker.tick(AFTER) == 3


@pytest.mark.req("H-05", "R-144")
def test_a_stream_that_is_joined_to_a_child_brings_its_entries_and_they_are_not_made_again(
    tmp_path: Path,
) -> None:
    subject = "local:social-care.n-csc:unknown-7"
    with simulated(tmp_path / "hub") as hub:
        unarranged(hub)
        plan = BY_REF["A32"].event
        held = {name: value for name, value in plan.data.items() if name not in ("author", "others")}
        held |= {"author": f"{N}/sw-n1", "responsible_organisation": N, "responsible_person": f"{N}/sw-n1",
                 "next_review": "2025-10-01"}  # fmt: skip
        recorded = at("2025-09-16T11:00:00+01:00")
        held |= {"occurred_at": recorded.isoformat(), "precision": "exact"}
        hub.post(replace(plan, organisation=N, subject=subject, record="X-plan", recorded_at=recorded,
                         data=held))  # fmt: skip
        provisional = hub.hub.identity.resolve(subject)
        assert provisional is not None
        late = at("2025-10-03T00:00:00+00:00")
        ticker = ticker_of(hub)
        ticker.tick(late)
        record = hub.hub.store.record
        alone = [one.id for one in record.stream(f"child/{provisional}") if one.type == MISSED]
        assert len(alone) == 1
        own = entries(hub, "C-1001")
        reviewer = hub.hub.store.directory.principal_for_person("partnership.hub-ig/idr-1")
        hub.hub.intake.resolve(reviewer, provisional, f"child:{hub.children['C-1001']}")
        assert hub.hub.identity.resolve(subject) == hub.children["C-1001"]
        assert ticker.tick(late) == 0
        assert ticker_of(hub).tick(late) == 0
        assert entries(hub, "C-1001") == own
