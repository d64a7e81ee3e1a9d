"""Which clocks and lines a role can have at all, by what the sharing rules always let it read (H-20)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hub.disclosure.facts import ReaderFacts
from hub.pathway.entries import Entry, Material
from hub.pathway.patterns import overview
from tests.oracle.door import assembler
from tests.spec.clock_rows import child, clocks
from tests.spec.clock_tables import OPENED, WORKER
from tests.spec.expecting import has_harmed, p
from tests.spec.posts import HEALTH, OAK, POLICE, YOS, N, S, at, profile_of

GUILTY = p("court-stage-recorded", "2025-09-12 10:00", YOS, stage="plea", plea="guilty")
RELEASE = (
    p("conviction-recorded", "2025-06-01 10:00", YOS, against_children="yes"),
    p("custody-release-notified", "2025-09-12 10:00", YOS, release_date="2025-10-02", to_authority=N),
)


def custody(by: str) -> tuple[Entry, ...]:
    until = {"kind": "custody", "from": "2025-07-01", "until": "2025-10-02"}
    started = p("assessment-started", "2025-06-01 10:00", YOS, kind="single")
    return started, p("child-circumstance-recorded", "2025-08-01 10:00", by, **until)


def seen(who: str, organisation: str, whole: Material) -> Material:
    """The material as this role always has it: of others' posts what the rules let it read, and its own."""
    sight = assembler().sight(ReaderFacts(frozenset({who}), True), frozenset({"has-harmed"}), False)

    def part(one: Entry) -> Entry:
        kept = sight.fields.get(one.type, frozenset())
        return replace(one, data={name: value for name, value in one.data.items() if name in kept})

    entries = [
        one if one.organisation == organisation else part(one)
        for one in whole.entries
        if one.organisation == organisation or one.type in sight.types
    ]
    return replace(whole, entries=tuple(entries), complete=sight.types, sight={whole.child: sight})


@pytest.mark.req("H-20", "K-06", "K-14", "K-15", "K-16", "R-071", "R-168", "R-172", "R-173")
@pytest.mark.parametrize(
    ("clock", "who", "organisation", "whole", "has"),
    [
        ("K-06", "iro", S, child(OPENED, WORKER, has_harmed("2025-09-10 09:30")), True),
        ("K-06", "own-worker", S, child(OPENED, WORKER, has_harmed("2025-09-10 09:30")), True),
        ("K-06", "youth-justice", YOS, child(OPENED, WORKER, has_harmed("2025-09-10 09:30")), False),
        ("K-14", "youth-justice", YOS, child(OPENED, has_harmed("2025-09-10 09:30"), GUILTY), True),
        ("K-14", "iro", S, child(OPENED, has_harmed("2025-09-10 09:30"), GUILTY), False),
        ("K-15", "youth-justice", YOS, child(OPENED, *RELEASE, authority=N), True),
        ("K-15", "own-worker", N, child(OPENED, *RELEASE, authority=N), True),
        ("K-15", "school", OAK, child(OPENED, *RELEASE, authority=N), False),
        ("K-16", "youth-justice", YOS, child(OPENED, *custody(YOS)), True),
        ("K-16", "youth-justice", YOS, child(OPENED, *custody(S)), False),
        ("K-16", "own-worker", S, child(OPENED, *custody(YOS)), True),
    ],
)
def test_which_role_a_clock_reaches(
    clock: str, who: str, organisation: str, whole: Material, has: bool
) -> None:
    assert clocks(whole, "2025-09-13 10:00", clock), "the whole record has it"
    assert bool(clocks(seen(who, organisation, whole), "2025-09-13 10:00", clock)) is has


@pytest.mark.req("P-28", "R-045", "D-12", "H-20")
@pytest.mark.parametrize(
    ("who", "organisation", "has"),
    [
        ("own-worker", S, True),
        ("safeguarding-unit", S, True),
        ("school", OAK, False),
        ("health", HEALTH, False),
    ],
)
def test_that_a_young_child_has_a_serious_level_reaches_its_oversight(
    who: str, organisation: str, has: bool
) -> None:
    whole = child(
        p("child-stream-opened", "2025-09-01 09:00", responsible_authority=S, date_of_birth="2017-01-01"),
        has_harmed("2025-09-10 09:30"),
        p("behaviour-level-assessed", "2025-09-12 10:00", POLICE, scale="hackett-5", level="abusive"),
        born=date(2017, 1, 1),
    )
    for stuff, expected in ((whole, True), (seen(who, organisation, whole), has)):
        found = overview(stuff, now=at("2025-09-13 10:00"), profile_of=profile_of)
        assert ("P-28" in [one.rule for one in found]) is expected
