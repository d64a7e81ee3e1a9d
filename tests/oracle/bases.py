"""Who has which relationship at an instant: G.00, D-20, D-24 to D-29 and D-43, by plain search."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product

from tests.oracle.authorities import authority, beside_by_name, convened_before_link, linked
from tests.oracle.in_force import AFTER, EDGE, current, ended, holds, replaced
from tests.oracle.model import Happening, Reader, Standing, World
from tests.oracle.papers import meetings
from tests.oracle.sides import WITHOUT_EFFECT, day_of, sides_and_ages

# B: "GP, health visitor, school nurse, other health", "CAMHS", "sexual health": each has its own patient.
HEALTH_ROLES = (
    "health-practitioner", "health-visitor", "general-practitioner", "camhs-practitioner", "school-nurse",
    "sexual-health-practitioner",
)  # fmt: skip
# B: "Therapist / specialist HSB service (...; AIM assessors)", in one row.
THERAPIST_ROLES = ("therapist", "specialist-assessor")
SEATED = ("police-officer", "safeguarding-unit", "team-manager")
PSYCHOLOGISTS = ("educational-psychologist",)
JUSTICE = ("police.", "youth-justice.")
# B: "Foster carers / residential / boarding staff", in one row.
CARER_ROLES = ("foster-carer", "residential-worker")
# "Members of a group's workers" (D-24); a carer has papers of its own (D-45), and adult social care gets the
# adult's referral only (B).
GROUP_ROLES = (
    *HEALTH_ROLES, *THERAPIST_ROLES, "designated-safeguarding-lead", "educational-psychologist",
    "youth-justice-worker", "early-help-worker", "social-worker",
)  # fmt: skip
NAMED_ROLES = {
    ("iro", "independent-reviewing-officer"): "iro",
    ("conference-chair", "conference-chair"): "iro",
    ("spoc", "social-worker"): "spoc",
    ("spoc", "early-help-worker"): "spoc",
}


def standings(world: World, child: str, reader: Reader, now: datetime) -> list[Standing]:
    """What a reader is to a child, by every reading of an edge that the text allows.

    1. Only what is known at the instant counts; at the edge of a day both days are readings.
    2. The age of a child who crossed ten between its events and now may be taken either way.
    """
    known = world.known(now)
    return known.once(("standings", child, reader, now), lambda: _standings(known, child, reader, now))


def _standings(known: World, child: str, reader: Reader, now: datetime) -> list[Standing]:
    found: list[Standing] = []
    for instant in (now, now - EDGE, now + EDGE):
        found += _at(known, child, reader, instant)
    return list(dict.fromkeys(found))


def _at(world: World, child: str, reader: Reader, now: datetime) -> Iterator[Standing]:
    csc = authority(world, child)
    events = world.current(child)
    columns: set[str] = set()
    maybe: set[str] = set()
    consult: set[bool] = set()
    for column, granted, sure in _granted(world, child, events, csc, reader, now):
        (columns if sure else maybe).add(column)
        if column == "police":
            consult.add(bool(granted["papers"]))
    if reader.role == "team-manager" and _current_worker(events, csc, now, reader.organisation):
        columns.add("team-manager")
    if reader.role == "safeguarding-unit" and csc == reader.organisation:
        columns.add("safeguarding-unit")
    if any(one.type == "records-access-requested" and one["holder"] == reader.organisation for one in events):
        columns |= (
            {"respondent"}
            if reader.organisation != csc and reader.sector not in ("police", "youth-justice")
            else set()
        )
    if reader.role == "front-door":
        columns.add("front-door")
    if reader.role == "ig-officer" and reader.sector == "partnership":
        columns.add("officer")
    if reader.sector == "education" and ("school" not in columns or reader.role in PSYCHOLOGISTS):
        # R-082, roles B: a school sees its own pupil's meetings; whether it is one now is left open where the
        # enrolment names another of its people.
        member, pupil = {"group-member"} & (columns | maybe), _ever_enrolled(events, reader)
        columns, maybe = columns - member, (maybe | member) if pupil else maybe - member
    joint = any(
        one.type == "assessment-started" and reader.organisation in (one["joint_with"] or ())
        for one in events
    )
    # Whether who stands in for a colleague has the papers of the colleague's meetings can be read both ways.
    people = [Reader(one, reader.role) for one in _persons(events, csc, reader, now)]
    for sides, young in sides_and_ages(events, csc, reader.organisation, world.born[child], now):
        school = (True, False) if reader.sector == "education" else (False,)
        late = (
            (False, True) if convened_before_link(world, child) or beside_by_name(world, child) else (False,)
        )
        # Four other bases are named that keep papers (D-41), as examples or as the list: a front door's too?
        door = (False, True) if "front-door" in columns else (False,)
        for held, who, then, first, kept in product(
            (columns, columns | maybe), (people[:1], people), school, late, door
        ):
            basis = kept or bool(held - {"respondent", "front-door"})
            papers = frozenset(
                one for each in who for one in meetings(world, child, each, now, basis, then, first)
            )
            alone = not held - {"respondent", "front-door"} and papers and reader.sector != "police"
            whole = frozenset(held | {"attendee"} if alone else held)
            yield Standing(whole, papers, sides, young, joint, consult == {True})


def _ever_enrolled(events: list[Happening], reader: Reader) -> bool:
    return any(
        reader.organisation in (one["schools"] or [])
        or (one["kind"] == "enrolled" and one["organisation"] == reader.organisation)
        for one in events
    )


def _granted(
    world: World, child: str, events: list[Happening], csc: str | None, reader: Reader, now: datetime
) -> Iterator[tuple[str, Happening, bool]]:
    """Each column that an event gives this reader now, directly or in the place of a colleague (cover).

    Shape: the last member is false where the text can be read both ways.
    """
    for person in _persons(events, csc, reader, now):
        stand_in = Reader(person, reader.role)
        for event in events:
            said = {"court-stage-recorded": True, "mappa-notified": event.organisation.startswith(JUSTICE)}
            if event.organisation != csc and not said.get(event.type, False):
                continue
            column = _column(event, stand_in, world, csc)
            if column is None:
                continue
            if not holds(events, event, csc, stand_in, now):
                # Of a child who may not come under it the next notice may be refused, and replace nothing.
                alone = [one for one in events if one is event or one.type != event.type]
                doubted = column == "mappa" and _open_to_reading(events, event, column, world, csc, reader)
                if doubted and holds(alone, event, csc, stand_in, now):
                    yield column, event, False
                continue
            over = (
                _enquiry_over(world, child, event, now, column == "police")
                if event["kind"] == "enquiry"
                else False
            )
            if over is not True:
                yield (
                    column,
                    event,
                    over is False and not _open_to_reading(events, event, column, world, csc, reader),
                )


def _open_to_reading(
    events: list[Happening], event: Happening, column: str, world: World, csc: str | None, reader: Reader
) -> bool:
    """Where the text does not say whether a relationship stands.

    1. Youth justice of another area than the authority's (D-27)
    2. A closure, which ends what D-27 names and perhaps what else was arranged for the plan.
    3. A further placement in the same home.
    4. A further enrolment that is to begin later.
    5. The whole service stands, and an end names one of its people.
    6. A group is "current" (D-24): the end of its case, its plan or its authority's part may end it.
    7. An invitation of an organisation that names a person of another one.
    8. MAPPA for a child who was, or may have been, under ten, which is refused (D-16), or is not known to
       have harmed; with a closure; and by police or youth justice, who have to be something to the child.
    """
    later = [one for one in events if one.number > event.number]
    if event.type == "invitation-sent" and event["person"]:
        if not event["person"].startswith(f"{event['organisation']}/"):
            return True
    if not event["person"] and any(
        one.type == "relationship-ended" and one["person"] == reader.person and one["kind"] == event["kind"]
        for one in later
    ):
        return True
    if column == "youth-justice":
        harmed = any(one.type == "incident-recorded" and one["role"] == "has-harmed" for one in events)
        elsewhere = world.areas.get(reader.organisation) != csc
        if elsewhere or event.type == "court-stage-recorded" or not harmed:
            return True
    if column == "mappa":
        harms = [one for one in events if one.type == "incident-recorded" and one["role"] == "has-harmed"]
        eleventh = world.born[event.child] + timedelta(days=11 * 365)
        sure = any(one.organisation == csc and one["status"] not in WITHOUT_EFFECT for one in harms)
        others = [one for one in (event, *later) if one.type == event.type and one.organisation != csc]
        if others or not sure or any(day_of(one) < eleventh for one in harms):
            return True
    if column in ("youth-justice", "spoc", "early-help", "iro", "mappa") or event["kind"] == "group-member":
        return any(one.type in ("closure-decided", "case-transfer-decided") for one in later)
    if column == "school":
        return any(one.type == "relationship-recorded" and one["kind"] == "enrolled" for one in later)
    return column == "carer" and any(
        one.type == "relationship-recorded"
        and one["kind"] == "placed"
        and one["organisation"] == event["organisation"]
        for one in later
    )


def _persons(events: list[Happening], csc: str | None, reader: Reader, now: datetime) -> Iterator[str]:
    yield reader.person
    for one in events:
        if one.type == "relationship-recorded" and one["kind"] == "cover" and one["person"] == reader.person:
            over = ended(events, one, "cover", reader.organisation, reader.person, csc)
            if one.organisation == csc and one["until"] and one["covers"] and current(one, now, over):
                yield one["covers"]


def _column(event: Happening, reader: Reader, world: World, csc: str | None) -> str | None:
    """What an event would make a reader, were it in force."""
    mine = event["organisation"] == reader.organisation and event["person"] in (None, reader.person)
    role = reader.role
    match event.type:
        case "social-worker-allocated" if event["worker"] == reader.person:
            if event["kind"] == "allocated":
                return "own-worker" if role == "social-worker" else None
            return "enquiry" if role == "enquiry-social-worker" else None
        case "named-contact-appointed" if event["person"] == reader.person:
            return NAMED_ROLES.get((event["role"], role))
        case "strategic-management-group-appointed" if role in SEATED:
            # D-17, D-51: by name; of social care the child's own authority only.
            named = any(one.get("person") == reader.person for one in event["members"] or [])
            return "smg" if named and (reader.sector != "social-care" or reader.organisation == csc) else None
        case "mappa-notified" if role == "mappa-coordinator":
            # D-24: the coordinator who was notified, a person or a service.
            return "mappa" if event["coordinator"] in (reader.person, reader.organisation) else None
        case "child-stream-opened" if reader.organisation in (event["schools"] or []):
            return "school" if role == "designated-safeguarding-lead" else None
        case "invitation-sent" if (
            event["decision"] == "invited" and event["organisation"] == reader.organisation
        ):
            ours = world.areas.get(reader.organisation) == csc
            return "youth-justice" if role == "youth-justice-worker" and ours else None
        case "court-stage-recorded" if role == "youth-justice-worker":
            prosecuted = any(
                one.type == "criminal-outcome-recorded" and str(one["outcome"]).startswith("prosecution")
                for one in world.current(event.child)
            )
            ours = world.areas.get(reader.organisation) == csc
            return (
                "youth-justice" if ours and (event.organisation.startswith("police.") or prosecuted) else None
            )
        case "relationship-recorded":
            service = event["kind"] == "supervised" and event["organisation"] == reader.organisation
            return _recorded(event, reader, world, csc) if mine or service else None
    return None


def _recorded(event: Happening, reader: Reader, world: World, csc: str | None) -> str | None:
    match event["kind"]:
        case "enquiry" | "group-member" if reader.role == "police-officer":
            return "police"
        case "group-member" if reader.role in GROUP_ROLES:
            return "group-member"
        case "enquiry" if reader.role == "enquiry-social-worker" and event["person"]:
            return "enquiry"
        case "enrolled" if reader.role == "designated-safeguarding-lead":
            return "school"
        case "treated" if reader.role in HEALTH_ROLES:
            return "health"
        case "treated" if reader.role in THERAPIST_ROLES:
            return "therapist"
        case "treated" if reader.role == "educational-psychologist" and event["person"]:
            # B: "own pupil on referral", "as school"; who is referred to is said by name (record 0008).
            return "school"
        case "placed" if reader.role in CARER_ROLES:
            return "carer"
        case "early-help" if reader.role == "early-help-worker":
            return "early-help"
        case "supervised" if reader.role == "youth-justice-worker":
            # D-27 names the service of the child's authority; that it records another is left open.
            return "youth-justice"
    return None


def _enquiry_over(world: World, child: str, granted: Happening, now: datetime, police: bool) -> bool | None:
    """Whether 28 days have passed since the linked children's enquiries and the investigation (D-28, D-29).

    Shape: None where the text can be read both ways: nothing was begun that could conclude, the grant
    came after what concluded, or police recorded an outcome of which it is not said that it ends anything.
    Of `police` also where their investigation has ended and an enquiry goes on: in scenario A the end is
    counted from the investigation (D-28: "to Fri 2025-12-12").
    """
    events = [event for one in (child, *linked(world, child)) for event in world.current(one)]
    readings = {_over_by(events, ended, now) for ended in (("nfa",), ("",))}
    if police and readings == {False}:
        without = [one for one in events if one.type != "section-47-enquiry-initiated"]
        return None if any(_over_by(without, ended, now) for ended in (("nfa",), ("",))) else False
    began = any(one.type == "section-47-enquiry-initiated" for one in events)
    last = max((one.received for one in events if one.type == "section-47-enquiry-concluded"), default=None)
    if readings == {False}:
        return False
    if readings == {True} and began and last is not None and granted.received < last:
        return True
    return None


def _over_by(events: list[Happening], outcomes: tuple[str, ...], now: datetime) -> bool:
    running: dict[tuple[str, str], datetime | None] = {}
    for event in events:
        match event.type:
            case "section-47-enquiry-initiated":
                running[event.child, "enquiry"] = None
            case "section-47-enquiry-concluded":
                running[event.child, "enquiry"] = event.received
            case "criminal-investigation-decided":
                running[event.child, "police"] = (
                    None if event["decision"] == "investigate" else event.received
                )
            case "criminal-outcome-recorded" if str(event["outcome"]).startswith(outcomes):
                running[event.child, "police"] = event.received
    ends = [one for one in running.values() if one is not None]
    return len(ends) == len(running) > 0 and now >= max(ends) + AFTER


def _current_worker(events: list[Happening], csc: str | None, now: datetime, organisation: str) -> bool:
    allocated = [
        one for one in events
        if one.type == "social-worker-allocated" and one["kind"] == "allocated" and one.organisation == csc
    ]  # fmt: skip
    return any(
        one["worker"].partition("/")[0] == organisation
        and current(one, now, ended(events, one, "allocated", organisation, one["worker"], csc))
        and not replaced(events, one, csc, now)
        for one in allocated
    )
