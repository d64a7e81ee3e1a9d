"""Who is told what is missing: by the readers' classes, their organisation, and what they always read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from hub.catalogue import load_catalogue
from hub.directory.types import Principal
from hub.disclosure import risk
from hub.disclosure.assemble import Assembler
from hub.disclosure.decide import Decider
from hub.disclosure.engine import Engine
from hub.disclosure.facts import ReaderFacts
from hub.disclosure.rules import load_rules
from hub.envelope import EventKey
from hub.pathway.entries import Material
from hub.pathway.expected import OpenItem
from tests.spec.posts import post

RULES = load_rules()
ASSEMBLER = Assembler(RULES, Decider(Engine(RULES)), load_catalogue(), lambda name, data: b"")
NOW = datetime(2025, 11, 20, 12, 0, 45, tzinfo=UTC)
KEY = EventKey("urn:test", "one")
SIDES = frozenset({"has-harmed"})


def item(agency: str | None, told: Any) -> OpenItem:
    return OpenItem("R-1", "R-1", "S1", "text", "why", agency, None, None, NOW, (KEY,), told)


def shown(
    monkeypatch: pytest.MonkeyPatch, classes: set[str], organisation: str, *items: OpenItem
) -> list[str]:
    monkeypatch.setattr(risk, "open_items", lambda material, *, now, profile_of: items)
    reader = Principal(
        organisation, organisation.partition(".")[0], organisation, f"{organisation}/one", frozenset({"any"})
    )
    disclosed: Any = SimpleNamespace(standing=SimpleNamespace(classes=frozenset(classes)))
    found = risk.shown_open_items(
        reader, disclosed, Material("C", ()), {KEY: "e-1"}, now=NOW, profile_of=lambda one: None
    )
    for one in found:
        assert (one.evidence, one.since) == (("e-1",), NOW.replace(second=0))
    return [one.agency or "nobody" for one in found]


CSC, ELM, POLICE, YOS = "social-care.s-csc", "education.elm-school", "police.n-police", "youth-justice.s-yos"


@pytest.mark.req("H-20", "R-048", "R-147")
@pytest.mark.parametrize(
    ("classes", "organisation", "told", "seen"),
    [
        ({"own-worker"}, CSC, "everyone", [CSC, ELM, "nobody"]),
        ({"youth-justice"}, YOS, "everyone", [CSC, ELM, "nobody"]),
        ({"school"}, ELM, "everyone", [ELM]),
        ({"health"}, "health.one", "everyone", []),
        ({"front-door"}, CSC, "everyone", [CSC]),
        ({"attendee"}, ELM, "everyone", []),
        ({"officer"}, CSC, "everyone", []),
        ({"officer", "own-worker"}, CSC, "everyone", []),
        (set(), CSC, "everyone", []),
        ({"school"}, ELM, "owner", [ELM]),
        ({"own-worker"}, CSC, "owner", [CSC]),
        ({"safeguarding-unit"}, CSC, "owner", []),
        ({"police"}, POLICE, "police-and-social-care", [CSC, ELM, "nobody"]),
        ({"own-worker"}, CSC, "police-and-social-care", [CSC, ELM, "nobody"]),
        ({"youth-justice"}, YOS, "police-and-social-care", []),
        ({"school"}, ELM, "police-and-social-care", []),
    ],
)
def test_who_is_told_of_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, classes: set[str], organisation: str, told: str, seen: list[str]
) -> None:
    items = [item(agency, told) for agency in (CSC, ELM, None)]
    assert shown(monkeypatch, classes, organisation, *items) == seen


@pytest.mark.req("H-20", "D-03")
@pytest.mark.parametrize(
    ("reader", "looks"),
    [("police", True), ("enquiry", True), ("own-worker", False), ("safeguarding-unit", False)],
)
def test_linked_children_are_looked_at_for_readers_who_resolve_others(
    monkeypatch: pytest.MonkeyPatch, reader: str, looks: bool
) -> None:
    seen: list[Material] = []
    monkeypatch.setattr(risk, "open_items", lambda stuff, *, now, profile_of: seen.append(stuff) or ())
    told(reader, Material("C", (), linked={"C-2": ()}))
    assert bool(seen[0].linked) is looks


@pytest.mark.req("H-20", "D-03")
@pytest.mark.parametrize(
    ("reader", "looks"),
    [
        ("police", True), ("enquiry", True), ("own-worker", False), ("safeguarding-unit", False),
        ("team-manager", False),
    ],
)  # fmt: skip
def test_no_clock_joins_two_records_for_a_reader_who_resolves_no_others(
    monkeypatch: pytest.MonkeyPatch, reader: str, looks: bool
) -> None:
    """A strategy meeting's time begins with the first notice on either record, where both may be joined."""
    seen: list[Material] = []
    monkeypatch.setattr(risk, "pathway_deadlines", lambda stuff, *, now, profile_of: seen.append(stuff) or ())
    disclosed: Any = SimpleNamespace(standing=SimpleNamespace(classes=frozenset({reader})))
    stuff = Material("C", (), linked={"C-2": ()})
    risk.shown_deadlines(disclosed, stuff, {}, now=NOW, profile_of=lambda one: None)
    assert bool(seen[0].linked) is looks


@pytest.mark.req("H-20", "D-33")
@pytest.mark.parametrize(("reader", "named"), [("police", True), ("youth-justice", True), ("smg", False)])
def test_the_childs_authority_is_named_where_it_shows_to_the_reader(
    monkeypatch: pytest.MonkeyPatch, reader: str, named: bool
) -> None:
    monkeypatch.setattr(risk, "open_items", lambda stuff, *, now, profile_of: (item(CSC, "everyone"),))
    stuff = Material("C", (), authority=CSC, sight={"C": sight(reader)})
    stuff = replace(stuff, complete=stuff.sight["C"].types)
    assert [one.agency for one in told(reader, stuff)] == [CSC if named else None]
    posted = post("one", "2025-09-12 16:00", CSC, "C", "nothing-known")
    assert [one.agency for one in told(reader, replace(stuff, entries=(posted,)))] == [CSC]


def told(reader: str, stuff: Material) -> Any:
    who = Principal(POLICE, "police", POLICE, f"{POLICE}/one", frozenset({"any"}))
    disclosed: Any = SimpleNamespace(standing=SimpleNamespace(classes=frozenset({reader})))
    return risk.shown_open_items(who, disclosed, stuff, {}, now=NOW, profile_of=lambda one: None)


def sight(*classes: str) -> Any:
    return ASSEMBLER.sight(ReaderFacts(frozenset(classes), attended=False), SIDES)


@pytest.mark.req("H-20", "D-38")
def test_a_voice_that_is_not_always_shown_is_in_its_workers_sight_only() -> None:
    voice = {"child-voice-recorded": ("reassurance_given",)}
    assert sight("own-worker").reads(voice)
    for reader in ("police", "safeguarding-unit", "health", "school"):
        assert not sight(reader).reads({"child-voice-recorded": ()})


@pytest.mark.req("H-20", "D-04")
def test_a_reader_who_is_not_entitled_to_every_meeting_does_not_read_meetings() -> None:
    kind = {"meeting-held": ("kind",)}
    assert sight("own-worker").reads(kind)
    assert not sight("school").reads(kind)


@pytest.mark.req("H-20", "D-04")
@pytest.mark.parametrize("reader", ["police", "youth-justice", "school", "health", "group-member", "carer"])
def test_a_meeting_may_be_one_to_which_a_reader_was_not_invited_so_none_is_said_to_be_missing(
    reader: str,
) -> None:
    for attended in (True, False):
        found = ASSEMBLER.sight(ReaderFacts(frozenset({reader}), attended), SIDES)
        assert not {"meeting-held", "meeting-convened", "conference-held"} & found.types
        assert not found.reads({"meeting-held": ()})
    for entitled in ("own-worker", "enquiry", "team-manager", "iro", "safeguarding-unit"):
        assert {"meeting-held", "meeting-convened", "conference-held"} <= sight(entitled).types


@pytest.mark.req("H-20", "D-09", "D-38")
def test_what_a_child_says_may_be_kept_from_whoever_hears_it_by_a_wish() -> None:
    voice = "child-voice-recorded"
    assert {one for one in ("own-worker", "iro", "spoc") if voice in sight(one).types} == {"own-worker"}


@pytest.mark.req("H-20", "D-21")
def test_an_interview_may_be_one_of_a_witness_of_which_youth_justice_learns_nothing() -> None:
    assert "interview-held" in sight("own-worker").types
    assert "interview-held" not in sight("youth-justice").types


@pytest.mark.req("H-20", "D-49")
def test_of_a_decision_to_assess_police_read_the_yes_or_no_only() -> None:
    police = sight("police")
    assert police.reads({"specialist-assessment-decided": ("decision",)})
    assert not police.reads({"specialist-assessment-decided": ("consent_owner",)})
    assert not police.reads({"specialist-assessment-decided": ("decision", "others")})


@pytest.mark.req("H-20", "D-06", "D-35")
def test_what_is_hidden_is_in_nobodys_sight() -> None:
    for reader in ("school", "health", "youth-justice", "own-worker"):
        assert not sight(reader).reads({"adult-involvement-suspected": ()})
    assert not sight("police").reads({"support-arranged": ("kind",)})
    assert not sight().reads({"incident-recorded": ()})


@pytest.mark.req("H-20")
def test_sight_says_nothing_of_types_that_the_hub_writes_itself() -> None:
    assert not {"deadline-missed", "record-accessed"} & sight("own-worker").types
