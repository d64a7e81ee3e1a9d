"""The oracle's answer: one reader, one child, one event, one instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tests.oracle.asked import POINTERS, Asked, by_labels, hidden, part, perhaps, whole
from tests.oracle.authorities import authority, linked
from tests.oracle.bases import standings
from tests.oracle.consent import by_grant, granted, may_have
from tests.oracle.model import Expected, Happening, Reader, Standing, World, widest
from tests.oracle.rules import RULES, answer
from tests.oracle.rules_justice import KINDS_OF_THERAPY
from tests.oracle.rules_meetings import invited_to_conference
from tests.oracle.table import COLUMNS, counted, fields, filled

BESIDE = ("early-help", "spoc")
# Who works the case for the child's own authority.
OF_THE_CASE = frozenset({"own-worker", "enquiry", "team-manager", "smg"})
INTEL = ("adult-involvement-suspected", "exploitation-link-considered")
# Of these rules say who gets them, whoever posted them.
FOR_NAMED_READERS = frozenset(
    {
        "relationship-recorded", "relationship-ended", "invitation-sent", "social-worker-allocated",
        "oversight-notified", "oversight-advice-given", "meeting-convened", "meeting-held", "conference-held",
        "sharing-declined", "interview-planned", "incident-linked",
    }
)  # fmt: skip
SERVICES = ("education", "health", "youth-justice", "other", "partnership")


def expected(world: World, reader: Reader, event: Happening, now: datetime) -> Expected:
    """What the text allows, over all readings of what the reader is to the child."""
    found: Expected | None = None
    for standing in standings(world, event.child, reader, now):
        one = _expected(world, reader, event, standing, now)
        found = one if found is None else found | one
    assert found is not None
    return found


def _expected(world: World, reader: Reader, event: Happening, standing: Standing, now: datetime) -> Expected:
    """One reading.

    1. No basis, no stream (D-01, D-20).
    2. What its own organisation posted (D-30), but a referral to another authority (D-22).
    3. As much as each thing gives that the reader is to the child.
    """
    answers: list[Expected] = []
    for column in sorted(standing.columns):
        account = event.type == "initial-account-recorded"
        asked = Asked(
            event, reader, standing, column, account and _may_point(world.known(now), event),
            _wishes(world.known(now), event.child), responsible(world.known(now), event.child, reader),
            may_have(world.known(now), reader, event),
        )  # fmt: skip
        if column in COLUMNS or column in BESIDE:
            answers.append(answer(asked))
            if granted(world.known(now), asked):
                answers.append(by_grant(asked))
        elif column == "attendee":
            answers.append(_invited_only(asked))
        elif column == "group-member":
            answers.append(_member(asked, world))
        elif column == "respondent":
            answers.append(_asked_for_records(asked))
        elif column == "front-door":
            answers.append(_front_door(asked))
        elif column == "officer":
            answers.append(part("D-13", "D-54"))
    if not answers:  # 1
        return hidden("D-01", "D-20")
    own = _own_post(world, reader, event, standing)  # 2
    if own is not None:
        answers.append(own)
    found = widest(answers)  # 3
    several = standing.columns & set(COLUMNS)
    if len(several) > 1 and event.type not in RULES:
        # D-33 counts labels for a reader: what two columns permit may add up to the whole of an entry.
        one = replace(asked, column=min(several))
        found |= widest([*answers, by_labels(one, several)])
    return found


def _wishes(world: World, child: str) -> frozenset[str]:
    """D-09, D-38: wishes stand until the child's authority says that it tells, to protect, and why."""
    against: set[str] = set()
    for one in world.current(child):
        if one.type == "child-voice-recorded":
            against |= set(one["not_to_share_with"] or [])
            if one.organisation == authority(world, child):
                against -= {told["organisation"] for told in one["share_to_protect"] or []}
    return frozenset(against)


def responsible(world: World, child: str, reader: Reader) -> bool:
    """D-52: whether the authority's plan that was recorded last makes the reader's agency responsible."""
    plans = [
        one
        for one in world.current(child)
        if one.type == "risk-management-plan-recorded" and one.organisation == authority(world, child)
    ]
    named = plans[-1]["responsible_organisation"] if plans else None
    return bool(named == reader.organisation != authority(world, child))


def _own_post(world: World, reader: Reader, event: Happening, standing: Standing) -> Expected | None:
    """D-30: what an organisation posted it keeps sight of, as posted: what is owed, and what is not.

    1. Of a referral to another authority it has the receipt and the decision (D-22).
    2. What a reader wrote itself is open to it, whatever else it is.
    3. What a colleague wrote is not to those who have a part only: oversight (B08, B16), who attended, a
       front door (G.00: referral, screening, index), and whoever is of the child's authority itself but does
       not work the case. Nor is intelligence (D-35), nor therapy and clinical content to whom it is not for.
    4. Owed whole, but for entries that are for named readers alone, whoever posted (D-04, D-40, D-57).
    """
    if event.organisation != reader.organisation:
        return None
    csc, columns = authority(world, event.child), standing.columns
    elsewhere = event["to"] not in (csc, event.organisation) or (
        reader.sector == "social-care"
        and event["to"] not in (event.organisation, world.areas.get(event.organisation))
    )
    if event.type == "referral-made" and elsewhere and str(event["to"]).startswith("social-care."):  # 1
        return None
    anything = Expected(frozenset("VRH"), frozenset(fields(event.type)), because=("D-30",))
    if event.author != reader.person:  # 3
        part_only = reader.organisation == csc and not columns & OF_THE_CASE
        if part_only or columns <= {"iro", "safeguarding-unit", "attendee", "front-door"}:
            return None
        if event.type in INTEL:
            return None
        if _for_others(event, columns):
            return None
    # A seat beside it lifts none of the limits of oversight.
    if columns & {"iro", "safeguarding-unit"} or event.type in INTEL:  # 2, 3
        return anything
    # Whether a request for records or an invitation is one that counts, the text leaves open here and there.
    if columns <= {"respondent", "front-door", "attendee"} or event.type in FOR_NAMED_READERS:
        return anything
    if event.author != reader.person and _for_others(event, columns, surely=False):
        return anything
    must = filled(event.type, dict(event.data)) & frozenset(counted(event.type)) - POINTERS
    return Expected(frozenset("V"), frozenset(fields(event.type)), must, ("D-30",))  # 4


def _for_others(event: Happening, columns: frozenset[str], surely: bool = True) -> bool:
    """Whether it holds content of therapy (D-06, D-39) or clinical content (D-07) not for a colleague.

    Shape: `surely` leaves out what can be read both ways: work that is no therapy by its kind, a clinical
    opinion of the therapist's own service, and what is clinical in the own worker's organisation's posts.
    """
    members = fields(event.type)
    labels = frozenset[str]().union(*(members[one] for one in filled(event.type, dict(event.data))))
    therapy = "THER" in labels
    if therapy and not columns & {"own-worker", "therapist"}:
        kind = event["kind"]
        named = event.type.startswith("specialist-") or kind is None or kind in KINDS_OF_THERAPY
        return named or not surely
    if not labels & {"HLTH", "SEXH"} or "health" in columns:
        return False
    doubtful = "own-worker" in columns or (therapy and "therapist" in columns)
    return not (surely and doubtful)


def _invited_only(asked: Asked) -> Expected:
    """D-25: the papers of that meeting, filtered to the reader's remit, and nothing else."""
    event = asked.event
    if (
        event.type == "meeting-convened"
        and (event.organisation, str(event["meeting"])) in asked.standing.meetings
    ):
        return Expected(frozenset("VRH"), frozenset(fields(event.type)), because=("D-57",))
    if event.type == "conference-held":
        return invited_to_conference(asked)
    if event.type in ("meeting-held", "meeting-checklist-completed"):
        if (event.organisation, str(event["meeting"])) in asked.standing.meetings:
            return perhaps("D-25", may=fields(event.type))
    if event.type == "action-assigned" and _to_do(asked):
        return perhaps("D-25", may=fields(event.type))
    return hidden("D-25")


def _member(asked: Asked, world: World) -> Expected:
    """D-24: the meetings and the plan of the current group; D-57: who the worker and the contact are.

    1. Whose meetings are the group's is told by their kind; a strategy meeting, a conference and the group of
       a linked set have their own people (D-04, D-17). A record of one's own attendance stays (D-41).
    2. Of a plan addresses and places stay with the care team (D-08).
    3. Which group was current then can be read both ways once a case was closed or passed on, and who else
       than the authority may speak for the group.
    """
    event, csc = asked.event, authority(world, asked.event.child)
    ended = any(
        one.number > event.number and one.type in ("closure-decided", "case-transfer-decided")
        for one in world.current(event.child)
    )
    doubt = ended or event.organisation != csc
    match event.type:
        case "meeting-held" | "meeting-convened" if asked.kind in ("hsb", "hsb-planning", "core-group"):  # 1
            return whole(asked, "D-24") | hidden("D-24") if doubt else whole(asked, "D-24")
        case "meeting-held" | "meeting-convened":
            there = (event.organisation, str(event["meeting"])) in asked.standing.meetings
            return part("D-41", may=fields(event.type)) | whole(asked, "D-41") if there else hidden("D-04")
        case "conference-held":
            return invited_to_conference(asked)
        case "risk-management-plan-recorded":  # 2
            closed = {"education", "accommodation", "measures", "narrative", "others"}
            must = {"responsible_organisation", "parts", "next_review"} & set(event.data)
            found = part("D-24", "D-08", may=set(fields(event.type)) - closed, must=must)
        case "plan-reviewed":
            found = whole(asked, "D-24")
        case "plan-started" if asked.kind != "early-help":
            found = whole(asked, "D-24")
        case "named-contact-appointed":
            return whole(asked, "D-57")
        case "social-worker-allocated" if asked.kind == "allocated":
            return whole(asked, "D-57")
        case "action-assigned" if _to_do(asked):
            # what it was itself given to do; where it is of the authority, what names that person.
            return perhaps("R-147", may={"action", "organisation", "person", "what", "contribution", "due"})
        case _:
            return hidden("D-24")
    return found | hidden("D-24") if doubt else found  # 3


def _to_do(asked: Asked) -> bool:
    """Whether an action is the reader's organisation's, or names this very person."""
    named = asked.event["person"] == asked.reader.person
    return named or bool(asked.event["organisation"] == asked.reader.organisation)


def _front_door(asked: Asked) -> Expected:
    """G.00: referral and screening, and an index of prior contacts: that there was one, when, by whom."""
    if asked.event.type == "conference-held":
        return invited_to_conference(asked)
    if asked.event.type in ("referral-made", "behaviour-screened"):
        return Expected(frozenset("VRH"), frozenset(fields(asked.event.type)), because=("G.00",))
    if asked.event.type == "named-contact-appointed" or (
        asked.event.type == "social-worker-allocated" and asked.kind == "allocated"
    ):
        return Expected(frozenset("VRH"), frozenset(fields(asked.event.type)), because=("D-57",))
    if asked.event.type == "criminal-outcome-recorded" and asked.event["outcome"] == "nfa-with-concerns":
        return perhaps("G.00", "R-161", may={"outcome"})  # B, must be told.
    return perhaps("G.00")


def _asked_for_records(asked: Asked) -> Expected:
    """D-25, D-44: its own row, its own answer, and the incident in part."""
    event = asked.event
    if event.type == "incident-recorded":
        # D-25 and D-44 speak of agencies that are checked; which functions answer a check is not listed.
        return perhaps("D-25", may={"status"})
    if event.type == "meeting-checklist-completed":
        return perhaps("D-44", may={"items", "checklist", "meeting"})
    if event.type == "records-access-requested" and event["holder"] == asked.reader.organisation:
        therapy = event["scope"] == "therapy-notes"  # D-39
        return perhaps("D-25", may=() if therapy else {"holder", "scope", "purpose"})
    if event.type == "action-assigned" and _to_do(asked):
        return perhaps("R-147", may={"action", "organisation", "person", "what", "contribution", "due"})
    return hidden("D-25")


def reveals(world: World, event: Happening) -> bool:
    """D-10: a service without any relationship, past or present, to the stream's child."""
    if event.organisation.partition(".")[0] not in SERVICES:
        return False
    if event.organisation.startswith("youth-justice.") and any(
        one.type in ("court-stage-recorded", "custody-release-notified") for one in world.current(event.child)
    ):
        return False  # A court stage or a release may have made it the child's service (G.00, D-27).
    letting_in = {authority(world, one) for one in (event.child, *linked(world, event.child))}
    # "Past or present": whoever was once appointed was something to the child, also where that was corrected.
    said = [one for one in world.posted if one.child == event.child and one.organisation in letting_in]
    texts = [one.data.get("replacement", one.data) for one in said]
    if any(str(one.get("person")).startswith(f"{event.organisation}/") for one in texts if "role" in one):
        return False
    # Whom an early help plan or a notice to public protection names as coordinator works with the child.
    noticed = [one.data for one in world.posted if one.child == event.child and one.type == "mappa-notified"]
    if any(str(one.get("coordinator")).partition("/")[0] == event.organisation for one in texts + noticed):
        return False
    for one in world.current(event.child):
        came = one["attendance"] if one.type in ("meeting-held", "conference-held") else []
        named = {one["organisation"], *(one["schools"] or []), one["holder"]}
        named |= {who["organisation"] for who in came or []}
        if event.organisation in named and one.organisation in letting_in:
            return False
    return True


def _may_point(world: World, event: Happening) -> bool:
    """Whether a service posted it that the child's authority names neither as a school nor by a relationship.

    What else makes it the child's, attendance, an invitation or a stage at court, may have been retracted.
    """
    csc = authority(world, event.child)
    named = {
        who
        for one in world.current(event.child)
        if one.organisation == csc and one.type in ("child-stream-opened", "relationship-recorded")
        for who in (one["organisation"], *(one["schools"] or []))
    }
    return event.organisation.partition(".")[0] in SERVICES and event.organisation not in named


def source_shown(world: World, standing: Standing, event: Happening, reader: Reader) -> bool:
    """Whether a source that would point at a child is named to this reader (D-10, D-53)."""
    if "safeguarding-unit" in standing.columns and world.areas.get(event.organisation) == reader.organisation:
        return True  # It points at no child of another authority.
    # The officer's metadata name the agency (D-54); so does the index of prior contacts (record 0008).
    keeps = {"own-worker", "enquiry", "team-manager", "police", "officer", "front-door"}
    return bool(standing.columns & keeps) or event.organisation == reader.organisation
