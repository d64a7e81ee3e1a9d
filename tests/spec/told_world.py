"""Two linked children with everybody around them that roles B names, and who is told of one more event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from hub.directory import Directory
from hub.directory.state import DirectoryState
from hub.directory.types import Organisation, Person
from hub.disclosure.decide import Decider
from hub.disclosure.engine import Engine
from hub.disclosure.purposes import load_purposes
from hub.disclosure.rules import load_rules
from hub.disclosure.telling import Look
from hub.views import ChildView
from tests.oracle.door import assembler, views
from tests.oracle.model import Posted, World

LONDON = ZoneInfo("Europe/London")
HARMER, HARMED = "00000000-0000-4000-8000-00000000000b", "00000000-0000-4000-8000-00000000000a"
S, N, X = "social-care.s-csc", "social-care.n-csc", "social-care.x-csc"
POLICE, YOS, BIRCH, ELM = "police.s-police", "youth-justice.s-yos", "education.s-birch", "education.n-elm"
NURSE, GP, THERAPY, VISITOR = "health.s-nurses", "health.s-gp", "health.s-therapy", "health.s-visitors"
GUEST, MEMBER, HOME, EARLY = "health.s-guest", "health.s-member", "other.s-home", "social-care.s-early"
MAPPA, ADULTS, FAR_SCHOOL = "other.s-mappa", "social-care.s-adults", "education.s-far"
N_POLICE, SOLICITOR = "police.n-police", "other.s-solicitor"
PEOPLE = {
    f"{S}/sw-1": "social-worker",
    f"{S}/sw-2": "social-worker",
    f"{S}/enq-1": "enquiry-social-worker",
    f"{S}/tm-1": "team-manager",
    f"{S}/sgu-1": "safeguarding-unit",
    f"{S}/iro-1": "independent-reviewing-officer",
    f"{S}/fd-1": "front-door",
    f"{N}/sw-1": "social-worker",
    f"{X}/fd-1": "front-door",
    f"{X}/sw-1": "social-worker",
    f"{POLICE}/p-1": "police-officer",
    f"{N_POLICE}/p-1": "police-officer",
    f"{YOS}/p-1": "youth-justice-worker",
    f"{BIRCH}/p-1": "designated-safeguarding-lead",
    f"{ELM}/p-1": "designated-safeguarding-lead",
    f"{FAR_SCHOOL}/p-1": "designated-safeguarding-lead",
    f"{NURSE}/p-1": "health-practitioner",
    f"{GP}/p-1": "general-practitioner",
    f"{VISITOR}/p-1": "health-visitor",
    f"{THERAPY}/p-1": "therapist",
    f"{GUEST}/p-1": "health-practitioner",
    f"{MEMBER}/p-1": "health-practitioner",
    f"{HOME}/p-1": "foster-carer",
    f"{EARLY}/p-1": "early-help-worker",
    f"{MAPPA}/p-1": "mappa-coordinator",
    f"{ADULTS}/p-1": "adult-social-care-worker",
}
ORGANISATIONS = {one.partition("/")[0] for one in PEOPLE}


def area_of(organisation: str) -> str:
    """Organisations are named after their area."""
    return {"n": N, "x": X}.get(organisation.partition(".")[2][0], S)


@dataclass(frozen=True)
class Event:
    """One more event about the child who has harmed: who posts what."""

    by: str
    type: str
    data: Mapping[str, Any]
    names_other: bool = False


def is_(kind: str, organisation: str, **more: object) -> Event:
    """A relationship as the child's authority records it."""
    return Event(S, "relationship-recorded", {"kind": kind, "organisation": organisation, **more})


_LETS_IN = (
    Event(S, "child-stream-opened", {"responsible_authority": S, "schools": [BIRCH], "identifiers": []}),
    Event(S, "incident-recorded", {"role": "has-harmed", "status": "alleged"}, True),
    Event(S, "social-worker-allocated", {"kind": "allocated", "worker": f"{S}/sw-1"}),
    Event(S, "social-worker-allocated", {"kind": "enquiry", "worker": f"{S}/enq-1"}),
    Event(S, "named-contact-appointed", {"role": "iro", "person": f"{S}/iro-1"}),
    Event(S, "named-contact-appointed", {"role": "spoc", "person": f"{S}/sw-2"}),
    *(is_("treated", one) for one in (NURSE, GP, THERAPY)),
    is_("placed", HOME),
    is_("enquiry", POLICE, person=f"{POLICE}/p-1"),
    is_("supervised", YOS),
    is_("early-help", EARLY),
    is_("group-member", MEMBER),
    Event(S, "mappa-notified", {"coordinator": f"{MAPPA}/p-1"}),
    Event(S, "records-access-requested", {"holder": VISITOR, "scope": "background-check", "purpose": "p"}),
    Event(S, "invitation-sent", {"organisation": GUEST, "decision": "invited", "meeting": "M1"}),
    Event(S, "invitation-sent", {"organisation": MAPPA, "decision": "invited", "meeting": "M1"}),
    Event(S, "incident-linked", {"link": "LK-1"}, True),
)  # fmt: skip
_OF_THE_OTHER = (
    Event(N, "child-stream-opened", {"responsible_authority": N, "schools": [ELM], "identifiers": []}),
    Event(N, "incident-recorded", {"role": "has-been-harmed", "status": "alleged"}, True),
    Event(N, "social-worker-allocated", {"kind": "allocated", "worker": f"{N}/sw-1"}),
    Event(N, "incident-linked", {"link": "LK-1"}, True),
)
_BEGIN = datetime(2025, 9, 1, 9, 0, tzinfo=LONDON)
_ROLES = {HARMER: "has-been-harmed", HARMED: "has-harmed"}


def world(*more: Event, worker: bool = True) -> World:
    """The world with these further events; without a `worker` nobody is allocated to the child."""
    lets_in = [one for one in _LETS_IN if worker or one.type != "social-worker-allocated"]
    about = [(HARMED, one) for one in _OF_THE_OTHER] + [(HARMER, one) for one in (*lets_in, *more)]
    posted = []
    for number, (child, one) in enumerate(about):
        when = _BEGIN + timedelta(minutes=number)
        day = {"occurred_at": when.date().isoformat(), "precision": "day", "author": f"{one.by}/p-1"}
        other = HARMER if child == HARMED else HARMED
        others = ((other, _ROLES[child]),) if one.names_other else ()
        named = {"others": [{"ref": "{{other:1}}", "role": _ROLES[child]}]} if one.names_other else {}
        data = day | dict(one.data) | named
        posted.append(Posted(10 + 3 * number, child, one.type, one.by, f"{one.by}/p-1", when, data, others))
    born = {HARMER: date(2010, 1, 20), HARMED: date(2012, 3, 4)}
    return World(tuple(posted), {one: area_of(one) for one in ORGANISATIONS}, born)


@cache
def directory() -> Directory:
    """The people of the world, in the hub's own fold of a directory."""
    state = DirectoryState(
        organisations={
            one: Organisation(one, cast(Any, one.partition(".")[0]), one, area_of(one))
            for one in ORGANISATIONS
        },
        people={one: Person(one, one.partition("/")[0], frozenset({role})) for one, role in PEOPLE.items()},
    )
    made = Directory.__new__(Directory)
    made.refresh = lambda: state  # type: ignore[method-assign]  # no record stands behind it
    return made


@cache
def _decider() -> Decider:
    return Decider(Engine(load_rules()))


def look_at(found: Mapping[str, ChildView], now: datetime) -> Look:
    """A look at the world as the hub takes it when it sends."""
    return Look(
        found.__getitem__, directory=directory(), rules=load_rules(),
        purposes=load_purposes(lambda organisation, purpose: "public-task"), assembler=assembler(),
        decider=_decider(), now=now,
    )  # fmt: skip


Told = dict[str, set[str]]


def told(event: Event, *after: Event, worker: bool = True) -> Told:
    """Who is told of an event: by code, the organisation's short name with what its people are.

    Shape: what is told to whoever has the linked child stands behind `other/`; `after` is posted before the
    hub sends.
    """
    posted = world(event, *after, worker=worker)
    now = posted.posted[-1].received + timedelta(minutes=1)
    found = views(posted, now)
    own, look, codes = found[HARMER], look_at(found, now), Told()
    entry = sorted(own.entries, key=lambda one: one.position)[-1 - len(after)]
    for mark, view in (("", own), ("other/", found[HARMED])):
        for organisation in look.recipients(view, own, entry):
            for one in look.told(organisation, view, own, entry):
                name = organisation.partition(".")[2]
                codes.setdefault(f"{mark}{one.code}", set()).update(f"{name}:{word}" for word in one.to)
    return codes
