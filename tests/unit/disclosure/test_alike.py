"""Entries that are decided together are those that the rules cannot tell apart; no reader gets another's."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest

import schemas
from hub.catalogue import load_catalogue
from hub.catalogue.occurred import occurred
from hub.directory.types import Principal
from hub.disclosure.alike import ALONE, alike, each
from hub.disclosure.assemble import Assembler
from hub.disclosure.decide import Decider
from hub.disclosure.engine import Engine
from hub.disclosure.rules import load_rules
from hub.disclosure.sides import sides_of
from hub.disclosure.standing import standing
from hub.envelope import EventKey
from hub.pathway.entries import Correction, Entries, Entry, Other
from hub.views import ChildView
from tests.spec.posts import post
from tests.spec.relationship_folds import S_CSC, Story, at

CATALOGUE = load_catalogue()
NOW = at("2025-09-21 09:00")
HELP, SCHOOL, POLICE = "social-care.s-early-help", "education.s-birch", "police.s-police"
TYPES = sorted(name for name, kind in CATALOGUE.types.items() if kind.kind != "hub")
NEVER = ({"occurred_at", "precision"}, datetime(2025, 9, 3, tzinfo=UTC))


def reader(organisation: str, person: str, *roles: str) -> Principal:
    kind = organisation.partition(".")[0]
    return Principal(organisation, kind, S_CSC, f"{organisation}/{person}", frozenset(roles))


READERS = (
    reader(S_CSC, "sw-1", "social-worker"),
    reader(S_CSC, "sw-2", "social-worker"),
    reader(HELP, "eh-1", "early-help-worker"),
    reader(SCHOOL, "dsl-1", "designated-safeguarding-lead"),
    reader(POLICE, "po-1", "police-officer"),
)


def digest(purpose: str, text: bytes) -> bytes:
    return hmac.digest(b"key", purpose.encode() + b"\n" + text, hashlib.sha256)


@cache
def assembler() -> Assembler:
    return Assembler(load_rules(), Decider(Engine(load_rules())), CATALOGUE, digest)


@cache
def view() -> ChildView:
    """A child of whom each of these readers is something, with what others allowed and held back.

    Shape: it was nine at its first incident and ten at the second; a case of it was closed and begun anew.
    """
    story = Story("00000000-0000-4000-8000-000000003009")
    story.opened(schools=[SCHOOL], date_of_birth="2015-09-04")
    story.post("2025-09-02 08:00", S_CSC, "closure-decided", closes="case")
    for kind, organisation, person in (
        ("enrolled", SCHOOL, None), ("early-help", HELP, None), ("group-member", HELP, f"{HELP}/eh-1"),
        ("group-member", POLICE, f"{POLICE}/po-1"), ("enquiry", POLICE, f"{POLICE}/po-1"),
        ("spoc", S_CSC, f"{S_CSC}/sw-2"),
    ):  # fmt: skip
        told = {"kind": kind, "organisation": organisation} | ({"person": person} if person else {})
        story.post("2025-09-02 09:00", S_CSC, "relationship-recorded", **told)
    story.post("2025-09-02 10:00", S_CSC, "social-worker-allocated", kind="allocated", worker=f"{S_CSC}/sw-1")
    story.post("2025-09-02 10:00", S_CSC, "social-worker-allocated", kind="spoc", worker=f"{S_CSC}/sw-2")
    story.post("2025-09-03 09:00", S_CSC, "incident-recorded", role="has-harmed", status="alleged")
    story.post(
        "2025-09-06 09:00", S_CSC, "incident-recorded", role="has-harmed", status="alleged",
        occurred_at="2025-09-06", precision="day",
    )  # fmt: skip
    for holder in (SCHOOL, HELP):
        told = {"holder": holder, "purpose": "x", "scope": "developmental"}
        story.post(
            "2025-09-06 10:00", HELP if holder == SCHOOL else S_CSC, "records-access-requested", **told
        )
        story.post("2025-09-06 10:00", S_CSC, "records-access-requested", **told)
    story.post(
        "2025-09-06 11:00", S_CSC, "assessment-consent-recorded", tool=HELP, outcome="given",
        share_with=["education", HELP], from_whom="child",
    )  # fmt: skip
    story.post("2025-09-06 12:00", S_CSC, "child-voice-recorded", not_to_share_with=[SCHOOL])
    return story.view


@cache
def facts(who: Principal, entry_of: str) -> tuple[object, ...]:
    stands, sides = standing(who, view(), NOW), sides_of(view())
    return tuple(assembler().facts_of(one, view(), sides, stands, who, False) for one in entries_of(entry_of))


@cache
def entries_of(type_: str) -> tuple[Entry, ...]:
    """An entry of the type, and others that each have another value of one of their members."""
    kind = CATALOGUE.types[type_]
    data = dict(schemas.examples(type_, kind.version)[0].event["data"])
    first = replace(post("plain", "2025-09-05 09:00", S_CSC, view().child, type_), data=data)
    others = (first, *with_members(first, set(kind.labels)), *with_another_frame(first))
    return tuple(replace(one, key=EventKey(first.key.source, f"e{n}")) for n, one in enumerate(others))


def with_members(first: Entry, paths: set[str]) -> Iterator[Entry]:
    names = {path.split(".", 1)[0].removesuffix("[]") for path in paths} | first.data.keys()
    named = [value for one in READERS[1:] for value in (one.organisation, one.person, one.organisation_kind)]
    for name in sorted(names - NEVER[0]):
        for value in (
            *named,
            "another-text",
            [HELP, "education"],
            ["else"],
            [{"item": "school"}],
            True,
            False,
        ):
            yield replace(first, data={**first.data, name: value})


def with_another_frame(first: Entry) -> Iterator[Entry]:
    another = NEVER[1]
    yield replace(first, occurred=occurred("2014-01-01", "day", recorded_at=another), recorded_at=another)
    yield replace(first, received_at=another, position=1, recorded_late=True)
    yield from (replace(first, about=one.key) for one in view().entries)
    yield replace(first, others=(Other(1, "has-harmed", "ab", "another-child"),))
    yield replace(first, corrections=(Correction(another, S_CSC, "a", "because"),), flags=("R-020",))
    yield replace(first, awaiting=("police",), provisional=True, author_role="social-worker")
    for one in READERS:
        yield replace(first, organisation=one.organisation, author=one.person)


@pytest.mark.req("D-32")
@pytest.mark.parametrize("type_", TYPES)
def test_nothing_that_decides_differs_between_entries_that_are_decided_together(type_: str) -> None:
    entries = entries_of(type_)
    groups = alike(entries)
    for who in READERS:
        found = facts(who, type_)
        of_first = [found[groups.places.index(place)] for place in range(len(groups.first))]
        assert [of_first[place] for place in groups.places] == list(found)


@pytest.mark.req("D-32")
def test_most_entries_are_decided_together_and_those_that_may_not_be_are_alone() -> None:
    same = [
        replace(post(f"e{n}", "2025-09-05 09:00", S_CSC, "c", "referral-made"), position=n) for n in range(9)
    ]
    assert len(alike(same).first) == 1 and set(alike(same).places) == {0}
    assert len(each(same).first) == 9
    for type_ in ALONE:
        apart = [post(f"e{n}", "2025-09-05 09:00", S_CSC, "c", type_) for n in range(3)]
        assert alike(apart).places == (0, 1, 2)


def disclosed(who: Principal, child: ChildView, now: datetime = NOW) -> object:
    found = assembler().disclose(who, child, lambda _: child, now=now, as_at=None)
    return [
        [one.shown for one in found.items], [one.entry for one in found.items], found.lines, found.kept,
        found.standing, dict(found.facts),
    ]  # fmt: skip


@pytest.mark.req("D-02", "D-03", "D-32", "H-10")
def test_what_is_kept_of_one_reading_changes_no_other() -> None:
    """Every reader, twice and in turn, gets of one kept child what it gets of a child that nobody read."""
    kept = replace(view(), entries=Entries(view().entries))
    people = (*READERS, replace(READERS[0], roles=frozenset()), replace(READERS[1], person=f"{HELP}/eh-2"))
    for who in (*people, *reversed(people)):
        anew = replace(view(), entries=Entries(view().entries))
        assert disclosed(who, kept) == disclosed(who, anew)


@pytest.mark.req("D-20", "D-02")
def test_what_is_kept_of_a_reading_ends_with_the_relationship_and_the_state_of_the_child() -> None:
    kept = replace(view(), entries=Entries(view().entries))
    school = READERS[3]
    assert disclosed(school, kept)[0]
    ended = replace(kept, grants=tuple(one for one in kept.grants if one.organisation != SCHOOL))
    assert disclosed(school, ended)[0] == []
    assert disclosed(school, kept)[0]
    other = replace(kept, schools=(), authority="social-care.n-csc")
    anew = replace(other, entries=Entries(view().entries))
    assert disclosed(school, other) == disclosed(school, anew)
