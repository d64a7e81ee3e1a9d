"""The oracle's answer: one reader, one child, one event, one instant."""

from __future__ import annotations

from datetime import datetime

from tests.oracle.asked import Asked, hidden, part, perhaps
from tests.oracle.bases import authority, linked, standings
from tests.oracle.model import Expected, Happening, Reader, Standing, World, widest
from tests.oracle.rules import answer
from tests.oracle.table import COLUMNS, fields

BESIDE = ("early-help", "spoc")
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
        asked = Asked(event, reader, standing, column)
        if column in COLUMNS or column in BESIDE:
            answers.append(answer(asked))
        elif column == "attendee":
            answers.append(_invited_only(asked))
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
    return widest(answers)  # 3


def _own_post(world: World, reader: Reader, event: Happening, standing: Standing) -> Expected | None:
    """D-30: what an organisation posted it keeps sight of, as posted."""
    if event.organisation != reader.organisation:
        return None
    elsewhere = event["to"] not in (authority(world, event.child), event.organisation)
    if event.type == "referral-made" and elsewhere and str(event["to"]).startswith("social-care."):
        return None
    colleague = event.author != reader.person
    if colleague and standing.columns == {"attendee"}:
        return None
    # B08, B16: oversight of the authority that posted keeps the limits of its own column.
    if colleague and standing.columns <= {"iro", "safeguarding-unit"}:
        return None
    # D-35 says "everybody else nothing", and roles B deny it to a front door by name.
    if colleague and event.type in ("adult-involvement-suspected", "exploitation-link-considered"):
        return None
    # "Keeps sight" is also met by the list of its own posts, so that nothing has to be an entry.
    return Expected(frozenset("VRH"), frozenset(fields(event.type)), because=("D-30",))


def _invited_only(asked: Asked) -> Expected:
    """D-25: the papers of that meeting, filtered to the reader's remit, and nothing else."""
    event = asked.event
    if (
        event.type == "meeting-convened"
        and (event.organisation, str(event["meeting"])) in asked.standing.meetings
    ):
        return Expected(frozenset("VRH"), frozenset(fields(event.type)), because=("D-57",))
    if event.type in ("meeting-held", "conference-held", "meeting-checklist-completed"):
        if (event.organisation, str(event["meeting"])) in asked.standing.meetings:
            return perhaps("D-25", may=fields(event.type))
    if event.type == "action-assigned" and event["organisation"] == asked.reader.organisation:
        return perhaps("D-25", may=fields(event.type))
    return hidden("D-25")


def _front_door(asked: Asked) -> Expected:
    """G.00: referral and screening, and an index of prior contacts: that there was one, when, by whom."""
    if asked.event.type in ("referral-made", "behaviour-screened"):
        return Expected(frozenset("VRH"), frozenset(fields(asked.event.type)), because=("G.00",))
    if asked.event.type == "named-contact-appointed" or (
        asked.event.type == "social-worker-allocated" and asked.kind == "allocated"
    ):
        return Expected(frozenset("VRH"), frozenset(fields(asked.event.type)), because=("D-57",))
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
        return perhaps("D-25", may=fields(event.type))
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
    for one in world.current(event.child):
        came = one["attendance"] if one.type in ("meeting-held", "conference-held") else []
        named = {one["organisation"], *(one["schools"] or []), one["holder"]}
        named |= {who["organisation"] for who in came or []}
        if event.organisation in named and one.organisation in letting_in:
            return False
    return True


def source_shown(world: World, standing: Standing, event: Happening, reader: Reader) -> bool:
    """Whether a source that would point at a child is named to this reader (D-10, D-53)."""
    if "safeguarding-unit" in standing.columns and world.areas.get(event.organisation) == reader.organisation:
        return True  # It points at no child of another authority.
    # The officer's metadata name the agency (D-54); so does the index of prior contacts (record 0008).
    keeps = {"own-worker", "enquiry", "team-manager", "police", "officer", "front-door"}
    return bool(standing.columns & keeps) or event.organisation == reader.organisation
