"""Coded lines about a child's home and about children who were mentioned: to whom each goes, and when."""

from __future__ import annotations

import pytest

from hub.disclosure.contacts import contact_for_linked
from hub.disclosure.decide import Decider
from hub.disclosure.engine import Engine
from hub.disclosure.facts import ItemFacts, ReaderFacts, concerns, homes_shared
from hub.disclosure.proving.world import STANDINGS
from hub.disclosure.rules import load_rules
from hub.pathway.entries import Entry
from tests.spec.relationship_folds import S_CSC, Story, at

DECIDER = Decider(Engine(load_rules()))
HARMED, HARMS = frozenset({"has-been-harmed"}), frozenset({"has-harmed"})
HOME, OTHER_HOME, SCHOOL = "other.s-home", "other.s-home-2", "education.s-birch"
CARRIED = {"link_in_force": True, "sides": HARMS}
MENTIONED, INCIDENT = "child-mentioned", "incident-recorded"
# code: type, detail, facts that it needs, who gets it
LINES = {
    "child-considered": (MENTIONED, "", {"concerns_own": True}, {"school", "health"}),
    "own-child-in-plan": (MENTIONED, "", {"concerns_own": True, "sides": HARMS}, {"carer"}),
    "another-child-considered": (MENTIONED, "", {**CARRIED, "shares_home": True}, {"own-worker"}),
    "safety-in-home": (
        INCIDENT, "has-harmed", {**CARRIED, "shares_home": True, "names_readers_child": True}, {"carer"},
    ),
    "care-needs": ("victimisation-considered", "established", {}, {"carer"}),
}  # fmt: skip


def told(code: str, who: str, type_: str, detail: str, facts: dict[str, object]) -> bool:
    known: dict[str, object] = {
        "filled": frozenset(), "carries": frozenset(), "own": False, "meeting": "none", "sides": HARMED,
        "joint": False, "source_reveals": False, **facts,
    }  # fmt: skip
    about = ItemFacts(type=type_, detail=detail, **known)
    return DECIDER.line(code, ReaderFacts(frozenset({who}), False), about) is not None


@pytest.mark.req("D-11", "D-14", "D-31", "D-42", "D-45", "R-063", "R-155")
@pytest.mark.parametrize("code", LINES)
def test_a_line_goes_to_whom_it_concerns_and_to_nobody_else(code: str) -> None:
    type_, detail, facts, readers = LINES[code]
    assert {who for who in STANDINGS if told(code, who, type_, detail, facts)} == readers


@pytest.mark.req("D-31", "D-42", "D-45", "D-05")
@pytest.mark.parametrize(("code", "left_out"), [(code, one) for code, row in LINES.items() for one in row[2]])
def test_a_line_is_not_sent_where_one_of_its_facts_is_missing(code: str, left_out: str) -> None:
    type_, detail, facts, readers = LINES[code]
    less = {name: value for name, value in facts.items() if name != left_out}
    assert not any(told(code, who, type_, detail, less) for who in readers)


@pytest.mark.req("D-05", "R-044")
@pytest.mark.parametrize("outcome", ["considered", "suspected", "discounted"])
def test_care_needs_are_told_where_the_childs_own_harm_is_established(outcome: str) -> None:
    assert not told("care-needs", "carer", "victimisation-considered", outcome, {})
    assert not told("safety-in-home", "carer", INCIDENT, "has-been-harmed", LINES["safety-in-home"][2])


# The facts ------------------------------------------------------------------------------------------------


def child(number: int, *homes: tuple[str, str]) -> Story:
    story = Story(f"00000000-0000-4000-8000-00000000300{number}")
    story.opened(schools=[SCHOOL])
    for day, home in homes:
        story.post(f"2025-09-{day} 09:00", S_CSC, "relationship-recorded", kind="placed", organisation=home)
    return story


def said(story: Story, type_: str, **data: object) -> Entry:
    key = story.post("2025-09-20 09:00", S_CSC, type_, **data).key
    return next(one for one in story.view.entries if one.key == key)


@pytest.mark.req("D-31", "D-45")
@pytest.mark.parametrize(
    ("there", "here", "shared"),
    [
        pytest.param([("02", HOME)], [("02", HOME)], True, id="D-31-both-placed"),
        pytest.param([("02", HOME), ("10", OTHER_HOME)], [("02", HOME)], True, id="D-45-moved-away-since"),
        pytest.param(
            [("02", HOME)], [("02", HOME), ("10", OTHER_HOME)], False, id="D-45-readers-child-moved"
        ),
        pytest.param([("02", HOME)], [("02", OTHER_HOME)], False, id="D-31-elsewhere"),
        pytest.param([("25", HOME)], [("02", HOME)], False, id="D-31-not-there-yet"),
        pytest.param([], [("02", HOME)], False, id="D-31-never-placed"),
    ],
)
def test_a_home_is_shared(there: list[tuple[str, str]], here: list[tuple[str, str]], shared: bool) -> None:
    harmed_by, harmed = child(1, *there), child(2, *here)
    entry = said(harmed_by, INCIDENT, role="has-harmed", status="alleged")
    assert homes_shared(harmed_by.view, harmed.view, at("2025-09-21 09:00"))(entry) is shared


@pytest.mark.req("D-31", "D-42", "D-14")
@pytest.mark.parametrize(
    ("known_to", "shared", "schools_own"),
    [([HOME], True, False), ([SCHOOL], False, True), ([OTHER_HOME], False, False), (None, False, False)],
)
def test_a_child_who_was_mentioned_lives_there_or_is_known(
    known_to: list[str] | None, shared: bool, schools_own: bool
) -> None:
    harmed_by, harmed = child(1, ("02", OTHER_HOME)), child(2, ("02", HOME))
    entry = said(harmed_by, MENTIONED, **({"known_to": known_to} if known_to else {}))
    assert homes_shared(harmed_by.view, harmed.view, at("2025-09-21 09:00"))(entry) is shared
    assert concerns(entry, SCHOOL) is schools_own
    assert not concerns(said(harmed_by, INCIDENT, role="has-harmed", known_to=[SCHOOL]), SCHOOL)


@pytest.mark.req("H-11", "D-45")
def test_a_carer_asks_the_worker_of_the_child_it_cares_for() -> None:
    stories = child(1), child(2)
    for number, story in enumerate(stories, 1):
        worker = f"{S_CSC}/sw-{number}"
        story.post("2025-09-03 09:00", S_CSC, "social-worker-allocated", kind="allocated", worker=worker)
    entry = said(stories[0], INCIDENT, role="has-harmed")
    ask = contact_for_linked(stories[1].view, stories[0].view, at("2025-09-21 09:00"))
    assert ask("supervising-worker", entry) == f"allocated social worker ({S_CSC}/sw-2)"
    assert ask("own-worker", entry) == f"allocated social worker ({S_CSC}/sw-1)"
