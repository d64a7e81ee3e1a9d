"""The hub's decisions against the naive oracle: no over-disclosure and no missing safety line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from hub.disclosure.decide import Decider, Decision
from hub.disclosure.facts import ItemFacts, ReaderFacts
from tests.oracle.agreement import Tally, compare, run
from tests.oracle.known import KNOWN, Known, unknown
from tests.oracle.rules_justice import THERAPY

SHORT, LONG = 10_000, 100_000


def agreed(tally: Tally) -> None:
    """Fail with the table of what is not known."""
    new = unknown(tally.differences)
    assert not new, "\n" + Tally(differences=new).table()


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


@pytest.mark.parametrize("known", KNOWN, ids=[one.name for one in KNOWN])
def test_known_difference_is_still_there(known: Known) -> None:
    tally = Tally()
    compare(known.seen, tally)
    assert any(known.covers(one) for one in tally.differences), f"{known.name} is gone: take it off the list"


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
    return {(one.kind, one.type, one.reader.partition(" ")[0]) for one in unknown(tally.differences)}


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
