"""Who was told of a child, by the disclosure record: without what was read in an emergency (D-50)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from hub.directory.types import Principal
from hub.disclosure.release import Access, AccessRecord, Released
from hub.disclosure.risk import _told
from hub.disclosure.standing import Standing
from hub.disclosure.told import CHRONOLOGY, ToldIndex
from hub.envelope import EventKey
from hub.pathway.entries import Told
from hub.record import Record
from tests.spec.posts import S, post
from tests.support.simulated import SeededChance

CHILD = "00000000-0000-4000-8000-000000004001"
KEY = EventKey("urn:safeguarding:org:social-care.s-csc", "event-000000000001")
AT = datetime(2025, 9, 12, 12, 0, tzinfo=UTC)


class Clock:
    def wall(self) -> datetime:
        return AT

    def domain(self) -> datetime:
        return AT


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    chance = SeededChance()
    chance.restart(b"who was told")
    Record.migrate(tmp_path / "hub.db", master_key=b"m" * 32, chance=chance)
    found = Record.open(tmp_path / "hub.db", master_key=b"m" * 32, chance=chance)
    yield found
    found.close()


@pytest.mark.req("D-50", "H-10", "H-12", "R-180")
@pytest.mark.parametrize(
    ("bases", "told"), [({"health"}, True), ({"emergency"}, False), ({"emergency", "health"}, True)]
)
def test_d50_what_is_read_in_an_emergency_alone_tells_nobody_that_the_agency_was_told(
    record: Record, bases: set[str], told: bool
) -> None:
    chance = SeededChance()
    chance.restart(b"one reading")
    who = Principal("health.s-gp", "health", None, "health.s-gp/gp-1", frozenset({"general-practitioner"}))
    access = Access(who, CHILD, CHRONOLOGY, "direct-care", "basis", None, None, "policy-1")
    AccessRecord(record, Clock(), chance).released(access, bases, [Released(KEY, "V", ("D-56",))], ())
    index = ToldIndex(record)
    assert [(one.organisation, one.evidence) for one in index.sent(CHILD)] == [("health.s-gp", KEY)] * told
    assert index.last_read(CHILD, "health.s-gp/gp-1") == AT


@pytest.mark.req("R-180", "D-57")
@pytest.mark.parametrize(
    ("type", "told"),
    [("incident-recorded", True), ("relationship-recorded", False), ("relationship-ended", False)],
)
def test_p06_to_be_told_that_it_works_with_a_child_is_not_to_be_told_of_the_child(
    type: str, told: bool
) -> None:
    entry = post("e1", "2025-09-12 09:00", S, "c", type, {})
    worker = SimpleNamespace(standing=Standing(frozenset({"own-worker"}), (), frozenset()))
    reader = Principal(S, "social-care", None, f"{S}/sw-1", frozenset({"social-worker"}))
    sent = [Told("health.s-gp", entry.recorded_at, entry.key)]
    found = {one.organisation for one in _told(reader, worker, [entry], sent, entry.recorded_at)}
    assert found == {S} | ({"health.s-gp"} if told else set())
