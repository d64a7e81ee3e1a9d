"""The hub's decisions against the naive oracle: no over-disclosure and no missing safety line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random  # noqa: TID251  seeded, so that every run asks the same

import pytest

from hub.disclosure.decide import Decider, Decision
from hub.disclosure.facts import ItemFacts, ReaderFacts
from tests.oracle import cases, midway
from tests.oracle.agreement import Tally, compare, compare_at, run
from tests.oracle.rules_justice import THERAPY

SHORT, TURNS, LONG = 10_000, 2_000, 100_000


def agreed(tally: Tally) -> None:
    """Fail with the table of the differences."""
    assert not tally.differences, "\n" + tally.table()


@pytest.mark.req("H-08", "H-16", "H-20")
def test_short_run_agrees() -> None:
    tally = run(SHORT)
    agreed(tally)
    # A run in which nobody sees anything would agree as well.
    assert tally.cases >= SHORT and tally.shown > SHORT / 10 and tally.lines


@pytest.mark.slow
@pytest.mark.req("H-08", "H-16", "H-20")
def test_long_run_agrees() -> None:
    tally = run(LONG, first=100_000)
    agreed(tally)
    assert tally.cases >= LONG


@pytest.mark.req("H-08", "H-16", "D-19", "D-20", "D-38", "H-13")
def test_the_turns_of_a_case_agree_with_senders_clocks_a_day_off() -> None:
    """Before and after a relationship, a consent or a wish changes, or something is put right."""
    tally = midway.run(TURNS)
    agreed(tally)
    assert tally.cases >= TURNS and tally.shown > TURNS / 10


@pytest.mark.slow
@pytest.mark.req("H-08", "H-16", "D-19", "D-20", "D-38", "H-13")
def test_the_turns_of_many_cases_agree() -> None:
    agreed(midway.run(LONG, first=200_000))


@pytest.mark.req("H-16", "D-20")
def test_an_answer_from_the_state_before_a_turn_is_found() -> None:
    """The negative control: a hub that reads views of before the turn shows what is nobody's any more."""
    tally = Tally()
    for number in range(8):
        world, rng = cases.world(number), Random(number)
        for now in list(midway.instants(world, rng))[1::2]:
            before = now - midway.MOMENT
            compare_at(world, now, rng, tally, number, folded_at=before)
    assert any(one.kind == "over" for one in tally.differences)
    assert any(one.kind == "under" for one in tally.differences)


Answer = Callable[[Decision, ReaderFacts, ItemFacts], Decision]


def wrong_rule(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
    """The hub with one deliberately wrong rule."""
    right = Decider.decide

    def decide(self: Decider, reader: ReaderFacts, item: ItemFacts) -> Decision:
        return answer(right(self, reader, item), reader, item)

    monkeypatch.setattr(Decider, "decide", decide)


def whole(found: Decision) -> Decision:
    return replace(found, outcome="V", labels=frozenset(), keeps=None, source="shown", withheld=())


def found_in(*worlds: int) -> set[tuple[str, str, str]]:
    tally = Tally()
    for one in worlds:
        compare(one, tally)
    return {(one.kind, one.type, one.reader.partition(" ")[0]) for one in tally.differences}


@pytest.mark.req("H-08")
def test_therapy_to_police_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def therapy_to_police(found: Decision, reader: ReaderFacts, item: ItemFacts) -> Decision:
        return whole(found) if "police" in reader.classes and "THER" in item.filled else found

    assert found_in(*range(30)) == set()
    wrong_rule(monkeypatch, therapy_to_police)
    found = found_in(*range(30))
    assert any(kind == "over" and type_ in THERAPY and "police" in reader for kind, type_, reader in found)


@pytest.mark.req("H-08")
def test_intelligence_to_the_own_worker_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def intelligence(found: Decision, reader: ReaderFacts, item: ItemFacts) -> Decision:
        return whole(found) if "INTEL" in item.filled else found

    wrong_rule(monkeypatch, intelligence)
    assert any(kind == "over" and type_ in INTELLIGENCE for kind, type_, _ in found_in(*range(3)))


@pytest.mark.req("H-08")
def test_a_source_that_points_at_a_child_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def named(found: Decision, reader: ReaderFacts, item: ItemFacts) -> Decision:
        return replace(found, source="shown") if found.outcome != "H" else found

    wrong_rule(monkeypatch, named)
    assert any(kind == "source" for kind, _, _ in found_in(*range(3)))


@pytest.mark.req("H-08")
def test_a_safety_line_that_is_not_sent_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Decider, "line", lambda self, code, reader, item: None)
    assert any(kind == "line missing" for kind, _, _ in found_in(*range(9)))


INTELLIGENCE = frozenset({"adult-involvement-suspected", "exploitation-link-considered"})
