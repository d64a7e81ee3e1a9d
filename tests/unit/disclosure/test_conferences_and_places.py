"""Conferences as meetings (D-04), the care team (D-52), and whether conditions changed (D-31): by facts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from hub.catalogue import load_catalogue
from hub.disclosure.decide import Decision, Withheld
from hub.disclosure.keeping import ByLabel
from hub.disclosure.redact import Cut, Desk
from hub.disclosure.tokens import ReaderNames
from tests.oracle.door import given, views
from tests.oracle.model import Reader, World
from tests.support.posted_world import CSC, Posting
from tests.unit.disclosure.test_bases_decided import decided, outcome

POLICE, YOS = "police.s-police", "youth-justice.s-yos"
SCHOOL, CLINIC, HOME = "education.ash", "health.s-camhs", "other.home-f2"
HARMING, HARMED = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2))
NOW = datetime(2025, 11, 1, 12, 0, tzinfo=UTC)
SCHOOL_LEAD = Reader(f"{SCHOOL}/dsl-1", "designated-safeguarding-lead")
NURSE = Reader(f"{CLINIC}/n-1", "health-practitioner")
CARER = Reader(f"{HOME}/carer-1", "foster-carer")
OFFICER = Reader(f"{POLICE}/po-1", "police-officer")
DECISION = "meeting,outcome,attendance:own"
BEHAVIOUR = "behaviour_response,behaviour_services_considered,next_step"


class Case(Posting):
    """A child who has harmed with a linked child, and who is what to them."""

    def __init__(self) -> None:
        super().__init__()
        for child in (HARMING, HARMED):
            self.post(child, "child-stream-opened", identifiers=[], responsible_authority=CSC,
                      schools=[SCHOOL] if child == HARMING else [])  # fmt: skip
        for kind, who in (("treated", NURSE), ("placed", CARER)):
            self.post(HARMING, "relationship-recorded", kind=kind, organisation=who.organisation,
                      person=who.person, **{"from": "2025-09-01"})  # fmt: skip
        self.post(
            HARMING, "relationship-recorded", kind="enquiry", organisation=POLICE, person=OFFICER.person
        )
        self.post(
            HARMING,
            "incident-recorded",
            role="has-harmed",
            status="alleged",
            others=((HARMED, "has-been-harmed"),),
        )
        self.post(HARMED, "incident-recorded", role="has-been-harmed", status="alleged")
        self.post(HARMED, "social-worker-allocated", kind="allocated", worker=f"{CSC}/sw-2")
        self.post(HARMING, "incident-linked", others=((HARMED, "has-been-harmed"),))

    def _given(self, reader: Reader, child: str) -> Any:
        areas = {one: CSC for one in (CSC, POLICE, YOS, SCHOOL, CLINIC, HOME)}
        world = World(tuple(self.posted), areas, {one: date(2012, 1, 1) for one in (HARMING, HARMED)})
        return given(views(world, NOW), world, reader, child, NOW)

    def last(self, reader: Reader) -> Any:
        """What the reader has of what was posted last about the child who has harmed, or None."""
        return self._given(reader, HARMING).items.get(self.posted[-1].number)

    def codes(self) -> list[str]:
        """The lines that the worker of the linked child has."""
        return [one.code for one in self._given(Reader(f"{CSC}/sw-2", "social-worker"), HARMED).lines]

    def invited(self, reader: Reader, meeting: str) -> None:
        self.post(HARMING, "invitation-sent", meeting=meeting, organisation=reader.organisation,
                  person=reader.person, decision="invited")  # fmt: skip


@pytest.mark.req("D-04", "D-33", "D-41", "D-43")
@pytest.mark.parametrize(
    ("who", "cell", "rules"),
    [
        ("own-worker", "V", ()), ("enquiry", "V", ()), ("team-manager", "V", ()), ("iro", "V", ()),
        ("safeguarding-unit", "V", ()), ("police", "V", ()), ("consulted", "V", ()),
        ("school", f"R {DECISION}", ("D-04", "D-05", "D-06")),
        ("health", f"R {DECISION}", ("D-05", "D-06")),
        ("carer", f"R {DECISION}", ("D-04", "D-14")),
        ("youth-justice", f"R {DECISION},{BEHAVIOUR}", ("D-05", "D-06")),
        ("attendee", f"R {DECISION}", ("D-04",)), ("early-help", f"R {DECISION}", ("D-04",)),
        ("therapist", "H", ()),
    ],
)  # fmt: skip
def test_d04_of_a_conference_those_who_were_there_get_their_part_and_others_nothing(
    who: str, cell: str, rules: tuple[str, ...]
) -> None:
    there = decided(who, "conference-held", attended=True, meeting="entitled", filled=frozenset({"FAM"}))
    got = outcome(who, "conference-held", attended=True, meeting="entitled", filled=frozenset({"FAM"}))
    assert (got, tuple(sorted(there.rules))) == (cell, rules)
    elsewhere = outcome(who, "conference-held", attended=True, meeting="other", filled=frozenset({"FAM"}))
    always = {"own-worker", "enquiry", "team-manager", "iro", "safeguarding-unit"}
    assert elsewhere == ("V" if who in always else "H")


@pytest.mark.req("D-04", "H-10")
@pytest.mark.parametrize("reader", [SCHOOL_LEAD, NURSE, CARER, OFFICER], ids=lambda one: one.role)
def test_d04_who_was_at_another_meeting_learns_of_no_conference(reader: Reader) -> None:
    case = Case()
    case.invited(reader, "M-HSB")
    case.post(HARMING, "conference-held", kind="icpc", meeting="M-ICPC", outcome="plan")
    assert case.last(reader) is None
    case.invited(reader, "M-RCPC")
    case.post(HARMING, "conference-held", kind="rcpc", meeting="M-RCPC", outcome="plan")
    assert case.last(reader) is not None


@pytest.mark.req("D-52", "D-08")
def test_d52_the_agency_that_the_current_plan_makes_responsible_knows_the_addresses() -> None:
    case = Case()

    def placed(**data: str) -> None:
        case.post(HARMING, "child-circumstance-recorded", kind="placement", place="home-f2",
                  organisation=HOME, address="2 Invented Lane", **data)  # fmt: skip

    def plan(agency: str, by: str = CSC) -> None:
        case.post(HARMING, "risk-management-plan-recorded", by=by, responsible_organisation=agency)

    def addresses(*readers: Reader) -> list[bool]:
        found = [case.last(one) for one in readers]
        return [one is not None and one.fields.get("address") == "2 Invented Lane" for one in found]

    placed()
    assert addresses(NURSE, SCHOOL_LEAD, CARER) == [False, False, True]
    plan(CLINIC, by=CLINIC)
    placed()
    assert addresses(NURSE, SCHOOL_LEAD) == [False, False], (
        "only the authority's plan says who is responsible"
    )
    plan(CLINIC)
    placed()
    assert addresses(NURSE, SCHOOL_LEAD, CARER) == [True, False, True]
    plan(SCHOOL)
    placed()
    assert addresses(NURSE, SCHOOL_LEAD) == [False, True]
    case.post(HARMING, "closure-decided", closes="case")
    placed()
    assert addresses(NURSE, SCHOOL_LEAD) == [False, False]


@pytest.mark.req("D-52", "D-08")
@pytest.mark.parametrize(("home", "known"), [(HOME, True), ("other.home-f1", False)])
def test_d52_a_carer_knows_the_carers_own_home_and_no_other_place(home: str, known: bool) -> None:
    case = Case()
    case.post(HARMING, "place-declared", kind="placement", place="a-home", organisation=home,
              address="2 Invented Lane")  # fmt: skip
    found = case.last(CARER)
    assert (found is not None and found.fields.get("address") == "2 Invented Lane") is known


@pytest.mark.req("D-31", "R-068")
def test_d31_the_worker_of_the_harmed_child_learns_that_conditions_were_lifted() -> None:
    case = Case()

    def stage(name: str, **data: Any) -> int:
        case.post(HARMING, "court-stage-recorded", by=POLICE, stage=name, on="2025-10-01", **data)
        return case.codes().count("conditions-changed")

    assert stage("bail") == 0, "there were none"
    assert stage("bail", conditions=["no-contact"]) == 1
    assert stage("trial") == 1, "a trial says nothing of conditions"
    assert stage("remand") == 2, "lifted"
    assert stage("bail") == 2, "there are none any more"
    assert stage("bail", conditions=["no-contact"]) == 3


@pytest.mark.req("D-21", "D-05")
def test_d21_of_an_interview_about_its_own_harm_youth_justice_learns_nothing() -> None:
    crim = frozenset({"CRIM"})
    assert outcome("youth-justice", "interview-planned", detail="abe", filled=crim) == "H"
    assert outcome("youth-justice", "interview-planned", detail="pace", filled=crim) == "R method"


@pytest.mark.req("D-57", "D-43")
def test_d57_consulted_police_know_who_the_named_contact_is() -> None:
    assert outcome("consulted", "named-contact-appointed", filled=frozenset({"3P"})) == "V"


@pytest.mark.req("D-10", "H-11")
@pytest.mark.parametrize("ask", ["poster", "meeting-chair", "conference-chair"])
@pytest.mark.parametrize(("source", "asked"), [("kind", "own-worker"), ("shown", None)])
def test_d10_whom_to_ask_does_not_name_a_source_that_is_withheld(
    ask: str, source: Any, asked: str | None
) -> None:
    case = Case()
    case.post(HARMING, "meeting-held", by=SCHOOL, kind="professionals", meeting="M-P")
    areas = {one: CSC for one in (CSC, POLICE, YOS, SCHOOL, CLINIC, HOME)}
    world = World(tuple(case.posted), areas, {one: date(2012, 1, 1) for one in (HARMING, HARMED)})
    entry = views(world, NOW)[HARMING].entries[-1]
    desk = Desk(
        ReaderNames(lambda name, data: data[:16], "r", HARMING), SCHOOL, lambda _: False,
        lambda code, _: code, None,
    )  # fmt: skip
    kind = load_catalogue().types["meeting-held"]
    told = Decision("R", (), frozenset(), (), "", source, (Withheld("papers", "D-04", ask),))
    cut = Cut(entry, kind, told, ByLabel(kind, frozenset()), desk)
    assert [one.ask for one in cut.redactions] == [asked or ask]
