"""D-48: that children at the address were considered, told to those around the child who has harmed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from hub.disclosure.decide import Decider
from hub.disclosure.engine import Engine
from hub.disclosure.facts import ItemFacts, ReaderFacts
from hub.disclosure.proving.world import STANDINGS
from hub.disclosure.rules import load_rules
from tests.oracle.door import given, views
from tests.oracle.model import Reader, World
from tests.support.posted_world import CSC, Posting

SCHOOL, OTHER_CSC = "education.ash", "social-care.n-csc"
HARMING, AT_HOME, ALSO = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
NOW = datetime(2025, 10, 1, 12, 0, tzinfo=UTC)
WORKER = Reader(f"{CSC}/sw-1", "social-worker")
DECIDER = Decider(Engine(load_rules()))
CODE = "children-considered"


class Homes(Posting):
    """A child who has harmed, and children of its home, each with a record of its own."""

    def __init__(self) -> None:
        super().__init__()
        for child in (HARMING, AT_HOME, ALSO):
            self.post(child, "child-stream-opened", identifiers=[], responsible_authority=CSC)
        self.post(HARMING, "social-worker-allocated", kind="allocated", worker=WORKER.person)
        self.post(HARMING, "incident-recorded", role="has-harmed", status="alleged")
        for child in (AT_HOME, ALSO):
            self.post(HARMING, "incident-linked", others=((child, "mentioned"),))

    def considered(self, child: str = AT_HOME, role: str = "has-harmed", **data: Any) -> None:
        known: dict[str, Any] = {"circle": "household", "considered": True}
        self.post(child, "contact-children-risk-assessed", ((HARMING, role),), **{**known, **data})

    def codes(self, reader: Reader = WORKER, child: str = HARMING) -> list[str]:
        areas = {CSC: CSC, SCHOOL: CSC, OTHER_CSC: OTHER_CSC}
        born = {one: date(2012, 1, 1) for one in (HARMING, AT_HOME, ALSO)}
        world = World(tuple(self.posted), areas, born)
        return [one.code for one in given(views(world, NOW), world, reader, child, NOW).lines]


@pytest.mark.req("D-48", "R-155")
def test_the_worker_of_the_child_who_has_harmed_gets_one_line_however_many_children_there_are() -> None:
    homes = Homes()
    assert CODE not in homes.codes()
    homes.considered()
    assert homes.codes().count(CODE) == 1
    homes.considered(circle="placement")
    homes.considered(ALSO)
    assert homes.codes().count(CODE) == 1


@pytest.mark.req("D-48", "D-31")
@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"considered": False, "reason": "none there"}, id="D-48-not-considered"),
        pytest.param({"considered": None}, id="D-48-not-said"),
        pytest.param({"circle": "school"}, id="D-48-not-at-the-address"),
        pytest.param({"role": "has-been-harmed"}, id="D-48-on-account-of-who-was-harmed"),
        pytest.param({"child": HARMING}, id="D-48-on-its-own-record"),
    ],
)
def test_what_says_something_else_gives_no_line(data: dict[str, Any]) -> None:
    homes = Homes()
    homes.considered(**data)
    assert CODE not in homes.codes()


@pytest.mark.req("D-48", "D-26")
def test_the_children_who_were_considered_get_no_line_of_each_other() -> None:
    homes = Homes()
    homes.post(AT_HOME, "social-worker-allocated", kind="allocated", worker=f"{CSC}/sw-2")
    homes.considered()
    homes.considered(ALSO)
    assert CODE not in homes.codes(Reader(f"{CSC}/sw-2", "social-worker"), AT_HOME)


@pytest.mark.req("D-48")
def test_it_goes_to_the_group_around_the_child_and_over_a_link_in_force_alone() -> None:
    def told(who: str, **facts: bool) -> bool:
        known = {"link_in_force": True, "names_readers_child": True, **facts}
        about = ItemFacts(
            "contact-children-risk-assessed", "", frozenset({"FAM"}), frozenset({"FAM"}), False, "none",
            frozenset(), False, False, **known,
        )  # fmt: skip
        return DECIDER.line(CODE, ReaderFacts(frozenset({who}), False), about) is not None

    around = {"own-worker", "enquiry", "team-manager", "police", "youth-justice", "iro", "group-member"}
    assert {who for who in STANDINGS if told(who)} == around
    assert not any(told(who, link_in_force=False) for who in around)
    assert not any(told(who, names_readers_child=False) for who in around)
