"""The hub against the oracle on papers for families, accounts for children, and reading under a review."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random  # noqa: TID251  seeded, so that every run asks the same

import pytest

from hub.directory.types import Principal
from hub.disclosure import capacity
from hub.disclosure.capacity import FOR_SUBJECT, Capacity, ForFamily, UnderReview
from hub.disclosure.facts import ItemFacts
from hub.disclosure.family_told import family_told
from hub.envelope import EventKey
from tests.oracle import cases, door, families
from tests.oracle.agreement import differs
from tests.oracle.families import RECIPIENTS, in_account, in_paper, measures_in_paper, under_review
from tests.oracle.model import World

WORLDS = 25
# Worlds in which a child is told of something that somebody of its family is not to know.
TOLD_APART = range(60, 85)
WORKER = Principal(cases.S, "social-care", cases.S, f"{cases.S}/sw-1", frozenset({"social-worker"}))
OFFICER = Principal("partnership.hub-ig", "partnership", None, "partnership.hub-ig/p-1",
                    frozenset({"ig-officer"}))  # fmt: skip


def papers(numbers: range) -> Iterator[tuple[str, str]]:
    """Each difference between a paper of the hub and the text, with where it is."""
    for number in numbers:
        world, rng = families.world(number), Random(number)
        now = cases.at(world, rng)
        views = door.views(world, now)
        for child in world.born:
            for recipient in rng.sample(RECIPIENTS, 3):
                given = door.given_as(views, WORKER, child, now, ForFamily(recipient))
                where = f"{number}:{child[-1]}:{recipient}"
                for event in world.known(now).current(child):
                    allowed = in_paper(world.known(now), event, recipient)
                    shown = given.items.get(event.number)
                    for kind, what in differs(allowed, shown, event, door.without_lines(given)):
                        yield f"{kind} {event.type} {what}", f"{where}:{event.number}"
                    if shown is not None and shown.source is not None:
                        yield "source", where
                    said = {str(one.fields["code"]) for one in given.lines if one.number == event.number}
                    may, must = measures_in_paper(world.known(now), event, recipient)
                    if not must <= said <= may:
                        yield f"measures {event.type}", f"{where}:{event.number}"
                codes = {one.code for one in given.lines} - {"safety-measure"}
                if codes or any(one.child != child for one in given.lines):
                    yield f"lines {sorted(codes)}", where


@pytest.mark.req("D-14", "R-054", "R-056", "R-060", "R-135", "H-10")
def test_papers_for_families_agree() -> None:
    found = list(papers(range(WORLDS)))
    assert found == []


@pytest.mark.req("D-14", "R-054")
def test_a_paper_that_says_what_was_withheld_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: and one that keeps silent about what was told is found too."""
    monkeypatch.setattr(capacity, "family_told", lambda entry, view, recipient: True)
    assert any(what.startswith("over incident-recorded") for what, _ in papers(range(5)))
    monkeypatch.setattr(capacity, "family_told", lambda entry, view, recipient: False)
    assert any(what.startswith("under incident-recorded") for what, _ in papers(range(5)))


def accounts(numbers: range) -> Iterator[tuple[str, bool, int]]:
    """Each event of which an account speaks, or keeps silent, where the text has it otherwise."""
    for number in numbers:
        world, rng = families.world(number), Random(number)
        now = cases.at(world, rng)
        views = door.views(world, now)
        for child in world.born:
            given = door.given_as(views, WORKER, child, now, FOR_SUBJECT)
            assert not given.items and {one.code for one in given.lines} <= {"account"}
            spoken = {one.number for one in given.lines if one.child == child}
            assert len(spoken) == len(given.lines)
            for event in world.known(now).current(child):
                if (event.number in spoken) not in in_account(world.known(now), event):
                    yield event.type, event.number in spoken, number


@pytest.mark.req("H-23", "R-054", "D-14")
def test_accounts_for_children_agree() -> None:
    assert list(accounts(TOLD_APART)) == []


@pytest.mark.req("H-23", "R-054")
def test_an_account_that_says_what_somebody_is_not_to_know_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: as for a paper, which is for one member, whoever else is not to know."""
    monkeypatch.setattr(capacity, "told_openly", lambda entry, view: family_told(entry, view, "child"))
    assert any(spoken for _, spoken, _ in accounts(TOLD_APART))
    monkeypatch.setattr(capacity, "told_openly", lambda entry, view: False)
    assert any(not spoken for _, spoken, _ in accounts(range(5)))


def reviews(numbers: range) -> Iterator[tuple[str, str]]:
    for number in numbers:
        world, rng = cases.world(number), Random(-number)
        now = cases.at(world, rng)
        views = door.views(world, now)
        for child in world.born:
            events = world.known(now).current(child)
            named = {one.number for one in rng.sample(events, len(events) // 2)}
            given = door.given_as(views, OFFICER, child, now, _review(world, named))
            for event in events:
                allowed = under_review(event, named=event.number in named)
                for kind, what in differs(allowed, given.items.get(event.number), event, given):
                    yield f"{kind} {event.type} {what}", f"{number}:{child[-1]}:{event.number}"


def _review(world: World, named: set[int]) -> Capacity:
    keys = {
        EventKey(f"urn:safeguarding:org:{one.organisation}", one.event)
        for one in world.posted
        if one.number in named
    }
    return UnderReview(keys)


@pytest.mark.req("H-15", "D-13", "D-05", "D-06", "D-07")
def test_reading_under_a_review_agrees() -> None:
    assert list(reviews(range(WORLDS))) == []


@pytest.mark.req("H-15")
def test_a_review_that_opens_what_it_does_not_name_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(self: UnderReview, found: ItemFacts, entry: object, view: object) -> ItemFacts:
        return replace(found, reviewed=True)

    monkeypatch.setattr(UnderReview, "facts", opened)
    assert any(what.startswith("over ") for what, _ in reviews(range(2)))
