"""A school's safeguarding log, exported as CSV, into events."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from agencies.education import codes
from agencies.sdk.build import AgencyEvent, about
from agencies.sdk.json import JsonObject
from agencies.sdk.native import (
    Cells,
    Fields,
    Heading,
    Occurred,
    RecordKind,
    event_of,
    exactly,
    filled,
    kind_of,
    local_time,
    measures,
    native_fault,
    other_children,
    partner_event,
    read_csv,
)

_UPN: Final = re.compile(r"[A-Z][0-9]{11}[0-9A-Z]\Z")
_LOGGED: Final = "%d/%m/%Y %H:%M"
_COLUMNS: Final = ("Logged", "Logged By", "Pupil UPN", "Pupil Ref", "Entry Type", "Date Of Event", "How Sure")
_DAY_FORMS: Final = {"month": ("%m/%Y", 7), "year": ("%Y", 4)}


def convert(content: bytes, organisation: str) -> list[AgencyEvent]:
    """The events of a log export, in the order of its entries.

    Raises: AgencyError naming entry and column, never content.
    """
    return [_event(row, organisation) for row in read_csv(content, "Entry No", _COLUMNS)]


def _event(row: Cells, organisation: str) -> AgencyEvent:
    kind = kind_of(_KINDS, row.need("Entry Type"), row.record)
    heading = Heading(
        organisation,
        row.record,
        _subject(row, organisation),
        local_time(row.need("Logged"), _LOGGED, row.record, "Logged"),
        row.need("Logged By"),
    )
    return event_of(
        row,
        heading,
        kind,
        _occurred,
        retracts="Withdraws",
        amends="Amends",
        why="Why",
        reasons=codes.WITHDRAWN_BECAUSE,
    )


def _subject(row: Cells, organisation: str) -> str:
    number = row.text("Pupil UPN") or row.need("Pupil Ref")
    return _reference(number, organisation)


def _reference(number: str, organisation: str) -> str:
    return f"upn:{number}" if _UPN.match(number) else f"local:{organisation}:{number}"


def _occurred(row: Cells, heading: Heading) -> Occurred:
    """When it happened; an entry without a date of event speaks of the moment it was logged."""
    written = row.text("Date Of Event")
    if written is None:
        return exactly(heading.recorded_at)
    precision = codes.HOW_SURE.schema(row.need("How Sure"))
    if precision == "exact":
        return exactly(local_time(written, _LOGGED, row.record, "Date Of Event"))
    form, length = _DAY_FORMS.get(precision, ("%d/%m/%Y", 10))
    moment = local_time(written, form, row.record, "Date Of Event")
    return Occurred(moment.date().isoformat()[:length], precision)


def _person(row: Cells, column: str, organisation: str) -> str | None:
    local = row.text(column)
    return None if local is None else f"{organisation}/{local}"


def _linked(row: Cells, organisation: str, type_: str) -> JsonObject | None:
    own, partner = row.text("Linked Entry"), row.text("Linked Ref")
    if own is not None:
        return about(organisation, own, type_)
    return None if partner is None else partner_event(partner, row.record, "Linked Ref")


def _measures(row: Cells) -> Fields:
    listed = measures(row.many("Measures"), codes.MEASURES_FOR, codes.MEASURES, row.record, "Measures")
    return filled(measures=listed)


def _others(row: Cells, organisation: str) -> Fields:
    return filled(
        others=other_children(
            row.many("Other Pupils"), codes.ROLES, lambda number: _reference(number, organisation)
        )
    )


def _account(row: Cells, heading: Heading) -> Fields:
    return filled(
        source_type=codes.ACCOUNTS.schema(row.need("Account")),
        received_by=_person(row, "Received By", heading.organisation),
        recorded_by=f"{heading.organisation}/{heading.author}",
        words=row.text("Pupil's Words"),
        categories=codes.TAGS.all(row.many("Tags")),
    )


def _incident(row: Cells, heading: Heading) -> Fields:
    return filled(
        role=codes.ROLES.schema(row.need("Role")),
        status=codes.STATUSES.schema(row.need("Status")),
        categories=codes.TAGS.all(row.many("Tags")),
        place_kind=codes.WHERE.optional(row.text("Where")),
        person_harmed=codes.PERSONS_HARMED.optional(row.text("Person Harmed")),
        happened=codes.CERTAINTY.optional(row.text("Happened")),
        coercion=codes.CERTAINTY.optional(row.text("Pressure Used")),
        narrative=row.text("Notes"),
        **_others(row, heading.organisation),
    )


def _risk_assessment(row: Cells, heading: Heading) -> Fields:
    parts = []
    for part in row.many("Parts"):
        if part not in codes.PARTS:
            raise native_fault(row.record, "Parts")
        parts.append(codes.PARTS[part])
    return filled(
        parts=parts,
        part_1=row.text("Part 1"),
        part_2=row.text("Part 2"),
        part_3=row.text("Part 3"),
        **_measures(row),
    )


def _referral(row: Cells, heading: Heading) -> Fields:
    return filled(target=codes.SENT_TO.schema(row.need("Sent To")), to=row.text("Sent To Organisation"))


def _safety_step(row: Cells, heading: Heading) -> Fields:
    return filled(
        measure=codes.MEASURES.schema(row.need("Step")),
        by="school",
        **_measures(row),
    )


def _rating(row: Cells, heading: Heading) -> Fields:
    return filled(
        scale=codes.SCALES.schema(row.need("Scale")),
        level=codes.RATINGS.schema(row.need("Rating")),
        indicators=codes.SIGNS.all(row.many("Signs")),
        about=_linked(row, heading.organisation, "incident-recorded"),
    )


def _home_contact(row: Cells, heading: Heading) -> Fields:
    return filled(
        topic=codes.TOPICS.schema(row.need("Topic")),
        outcome=codes.OUTCOMES.schema(row.need("Outcome")),
        who=codes.TOLD.all(row.many("Told")),
        risk_reason=row.text("Notes"),
    )


_KINDS: Final[Mapping[str, RecordKind]] = {
    "Account": RecordKind("initial-account-recorded", _account),
    "Behaviour concern": RecordKind("incident-recorded", _incident),
    "Risk assessment": RecordKind("setting-risk-assessment-recorded", _risk_assessment),
    "Referral out": RecordKind("referral-made", _referral),
    "Safety step": RecordKind("immediate-safety-measure-recorded", _safety_step),
    "Behaviour rating": RecordKind("behaviour-level-assessed", _rating),
    "Home contact": RecordKind("family-informed", _home_contact),
}
