"""A child health system's contact list, exported as CSV, into events."""

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
    event_of,
    exactly,
    filled,
    kind_of,
    local_time,
    other_children,
    read_csv,
)

_STAMP: Final = "%Y%m%d%H%M"
_COLUMNS: Final = ("entered", "clinician", "nhs", "hospital_no", "contact", "event_date", "date_quality")
_QUALITY: Final = Codes({"F": "day", "A": "about-day", "M": "month", "Y": "year"})
_FORMS: Final = {"month": ("%Y%m", 7), "year": ("%Y", 4)}
_ROLES: Final = Codes({"1": "has-harmed", "2": "has-been-harmed", "3": "mentioned"})
_SOURCES: Final = Codes(
    {"SELF": "first-hand", "TOLD": "second-hand", "OTHER": "third-party", "OBS": "behaviour-observed"}
)
_CATEGORIES: Final = Codes({"PP": "peer-on-peer", "TA": "technology-assisted", "NK": "not-yet-known"})
_STATUS: Final = Codes({"A": "alleged", "K": "acknowledged", "E": "established", "N": "not-established"})
_TARGETS: Final = Codes({"CSC": "csc", "HSB": "hsb-service", "EH": "early-help", "POL": "police"})
_TOPICS: Final = Codes({"INC": "incident", "PRG": "programme"})
_INFORMED: Final = Codes({"Y": "informed", "N": "withheld"})
_FAMILY: Final = Codes({"MTH": "mother", "FTH": "father", "PAR": "parent", "CAR": "carer"})
_VOIDED: Final = Codes({"WP": "wrong-child", "EE": "entered-in-error", "CF": "not-disclosable"})


def convert(content: bytes, organisation: str) -> list[AgencyEvent]:
    """The events of a contact list, in the order of its contacts.

    Raises: AgencyError naming contact and column, never content.
    """
    return [_event(row, organisation) for row in read_csv(content, "contact_id", _COLUMNS)]


def _event(row: Cells, organisation: str) -> AgencyEvent:
    kind = kind_of(_KINDS, row.need("contact"), row.record)
    heading = Heading(
        organisation,
        row.record,
        _reference(row.text("nhs") or row.need("hospital_no"), organisation),
        local_time(row.need("entered"), _STAMP, row.record, "entered"),
        row.need("clinician"),
    )
    return event_of(
        row, heading, kind, _occurred, retracts="voids", amends="amends", why="why", reasons=_VOIDED
    )


def _reference(number: str, organisation: str) -> str:
    return f"nhs:{number}" if number.isdigit() and len(number) == 10 else f"local:{organisation}:{number}"


def _occurred(row: Cells, heading: Heading) -> Occurred:
    """The date of the event; without one it is the contact itself, at the time it was entered."""
    written = row.text("event_date")
    if written is None:
        return exactly(heading.recorded_at)
    precision = _QUALITY.schema(row.need("date_quality"))
    form, length = _FORMS.get(precision, ("%Y%m%d", 10))
    moment = local_time(written, form, row.record, "event_date")
    return Occurred(moment.date().isoformat()[:length], precision)


def _account(row: Cells, heading: Heading) -> Fields:
    return filled(
        source_type=_SOURCES.schema(row.need("code")),
        recorded_by=f"{heading.organisation}/{heading.author}",
        words=row.text("text"),
        categories=_CATEGORIES.all(row.many("categories", "|")),
    )


def _incident(row: Cells, heading: Heading) -> Fields:
    return filled(
        role=_ROLES.schema(row.need("code")),
        status=_STATUS.schema(row.need("status")),
        categories=_CATEGORIES.all(row.many("categories", "|")),
        narrative=row.text("text"),
        others=other_children(
            row.many("others", "|"), _ROLES, lambda number: _reference(number, heading.organisation)
        ),
    )


def _referral(row: Cells, heading: Heading) -> Fields:
    return filled(target=_TARGETS.schema(row.need("code")), to=row.text("organisation"))


def _assessment(row: Cells, heading: Heading) -> Fields:
    return filled(kind="health", joint_with=list(row.many("organisation", "|")))


def _family(row: Cells, heading: Heading) -> Fields:
    return filled(
        topic=_TOPICS.schema(row.need("code")),
        outcome=_INFORMED.schema(row.need("status")),
        who=_FAMILY.all(row.many("others", "|")),
        risk_reason=row.text("text"),
    )


_KINDS: Final[Mapping[str, RecordKind]] = {
    "ACCOUNT": RecordKind("initial-account-recorded", _account),
    "CONCERN": RecordKind("incident-recorded", _incident),
    "REFERRAL": RecordKind("referral-made", _referral),
    "ASSESSMENT": RecordKind("assessment-started", _assessment),
    "FAMILY": RecordKind("family-informed", _family),
}
