"""A youth justice service's case diary, exported as CSV, into events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agencies.sdk.build import AgencyEvent
from agencies.sdk.native import (
    Cells,
    Codes,
    Fields,
    Heading,
    Occurred,
    RecordKind,
    day,
    event_of,
    exactly,
    filled,
    kind_of,
    local_time,
    partner_event,
    read_csv,
)

_STAMP: Final = "%d-%b-%Y %H:%M"
_DAY: Final = "%d-%b-%Y"
_COLUMNS: Final = ("Entered", "Officer", "NHS", "Case", "Entry", "On")
_SCALES: Final = Codes({"Hackett": "hackett-5"})
_INDICATORS: Final = Codes(
    {
        "CONCERNING": "hackett-problematic-concerning",
        "POWER": "hackett-abusive-power-misused",
        "COERCION": "hackett-abusive-coercion-or-force",
    }
)
_YES_NO: Final = Codes({"Y": "yes", "N": "no"})
_TOOLS: Final = Codes({"AIM2": "aim2", "AIM3": "aim3", "ASSET+": "assetplus"})
_TOPICS: Final = Codes(
    {"Programme": "programme", "Advice": "legal-advice", "Ended": "end-of-criminal-matters"}
)
_INFORMED: Final = Codes({"Done": "informed", "Held back": "withheld"})
_FAMILY: Final = Codes({"Mother": "mother", "Father": "father", "Parent": "parent", "Carer": "carer"})
_PLACES: Final = Codes(
    {"Home": "home", "School": "school", "Travel": "transport", "Club": "club", "Training": "training"}
)
_MEASURES: Final = Codes(
    {"Supervised": "supervision", "Travels apart": "separate-travel", "No contact": "no-contact"}
)
_DELETED: Final = Codes({"Wrong case": "wrong-child", "Error": "entered-in-error"})


def convert(content: bytes, organisation: str) -> list[AgencyEvent]:
    """The events of a case diary, in the order of its entries.

    Raises: AgencyError naming entry and column, never content.
    """
    return [_event(row, organisation) for row in read_csv(content, "Diary No", _COLUMNS)]


def _event(row: Cells, organisation: str) -> AgencyEvent:
    kind = kind_of(_KINDS, row.need("Entry"), row.record)
    number = row.text("NHS")
    subject = (
        f"local:{organisation}:{row.need('Case')}" if number is None else f"nhs:{number.replace('-', '')}"
    )
    heading = Heading(
        organisation,
        row.record,
        subject,
        local_time(row.need("Entered"), _STAMP, row.record, "Entered"),
        row.need("Officer"),
    )
    return event_of(
        row, heading, kind, _occurred, retracts="Deletes", amends="Amends", why="Why", reasons=_DELETED
    )


def _occurred(row: Cells, heading: Heading) -> Occurred:
    """The day of the contact; without one it was when the diary was written."""
    written = row.text("On")
    if written is None:
        return exactly(heading.recorded_at)
    return Occurred(day(written, _DAY, row.record, "On"), "day")


def _level(row: Cells, heading: Heading) -> Fields:
    partner = row.text("Partner Ref")
    return filled(
        scale=_SCALES.schema(row.need("Code")),
        level=row.need("Result").lower(),
        indicators=_INDICATORS.all(row.many("Signs", "/")),
        about=None if partner is None else partner_event(partner, row.record, "Partner Ref"),
    )


def _specialist(row: Cells, heading: Heading) -> Fields:
    due = row.text("Due")
    return filled(
        decision=_YES_NO.schema(row.need("Result")),
        tool=_TOOLS.schema(row.need("Code")),
        due=None if due is None else day(due, _DAY, row.record, "Due"),
        reason=row.text("Text"),
    )


def _family(row: Cells, heading: Heading) -> Fields:
    return filled(
        topic=_TOPICS.schema(row.need("Code")),
        outcome=_INFORMED.schema(row.need("Result")),
        who=_FAMILY.all(row.many("Signs", "/")),
        risk_reason=row.text("Text"),
    )


def _covered(row: Cells, heading: Heading) -> Fields:
    partner = row.text("Partner Ref")
    return filled(
        kind=_PLACES.schema(row.need("Code")),
        place=row.need("Result"),
        measures=_MEASURES.all(row.many("Signs", "/")),
        about=None if partner is None else partner_event(partner, row.record, "Partner Ref"),
    )


_KINDS: Final[Mapping[str, RecordKind]] = {
    "Level": RecordKind("behaviour-level-assessed", _level),
    "Specialist assessment": RecordKind("specialist-assessment-decided", _specialist),
    "Family": RecordKind("family-informed", _family),
    "Place covered": RecordKind("plan-place-covered", _covered),
}
