"""An occurrence system's JSON extract into events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from agencies.police import codes
from agencies.sdk.build import AgencyEvent, about
from agencies.sdk.errors import AgencyError
from agencies.sdk.json import JsonObject, list_of, object_of, text_of
from agencies.sdk.native import (
    Fields,
    Heading,
    Occurred,
    exactly,
    filled,
    local_time,
    native_fault,
    other_children,
    partner_event,
    read_json_records,
)

_STAMP: Final = "%d%b%Y %H%M"
_FORMS: Final = {"month": ("%b%Y", 7), "year": ("%Y", 4)}


def convert(content: bytes, organisation: str) -> list[AgencyEvent]:
    """The events of an extract, in the order of its records.

    Raises: AgencyError naming occurrence and member, never content.
    """
    return [_event(record, organisation) for record in read_json_records(content, "records")]


def _event(record: JsonObject, organisation: str) -> AgencyEvent:
    number = text_of(record, "occ_no")
    if not number:
        raise AgencyError("A record has no occurrence number.", "Extract again with occ_no.")
    found = _KINDS.get(text_of(record, "rec_type"))
    if found is None:
        raise AgencyError(
            f"Record {number} is of a type that becomes no event.",
            "Leave it out of the extract, or have its type added to the mapping.",
        )
    type_, read = found
    heading = Heading(
        organisation,
        number,
        _subject(record, number, organisation),
        local_time(_need(record, "entered", number), _STAMP, number, "entered"),
        _need(record, "officer", number),
    )
    withdraws, amends = text_of(record, "withdraws"), text_of(record, "amends")
    if withdraws:
        return heading.retraction(
            type_, withdraws, codes.WITHDRAWN_BECAUSE.schema(_need(record, "why", number))
        )
    occurred = _occurred(record, heading)
    fields = read(object_of(record, "detail") or {}, heading)
    if amends:
        return heading.correction(type_, occurred, fields, amends, _need(record, "why", number))
    return heading.event(type_, occurred, fields)


def _need(record: JsonObject, member: str, number: str) -> str:
    found = text_of(record, member)
    if not found:
        raise native_fault(number, member)
    return found


def _subject(record: JsonObject, number: str, organisation: str) -> str:
    person = object_of(record, "person") or {}
    return _reference(text_of(person, "nhs_no") or _need(person, "nominal", number), organisation)


def _reference(number: str, organisation: str) -> str:
    """NHS numbers are written in three groups; anything else is a nominal of the force's own."""
    digits = number.replace(" ", "")
    return f"nhs:{digits}" if digits.isdigit() and len(digits) == 10 else f"local:{organisation}:{number}"


def _occurred(record: JsonObject, heading: Heading) -> Occurred:
    """When it happened; without a time of its own the record speaks of the moment it was entered."""
    written = text_of(record, "on")
    if not written:
        return exactly(heading.recorded_at)
    precision = codes.ACCURACY.schema(_need(record, "acc", heading.record))
    if precision == "exact":
        return exactly(local_time(written, _STAMP, heading.record, "on"))
    form, length = _FORMS.get(precision, ("%d%b%Y", 10))
    moment = local_time(written, form, heading.record, "on")
    return Occurred(moment.date().isoformat()[:length], precision)


def _texts(detail: JsonObject, member: str) -> list[str]:
    return [one for one in list_of(detail, member) if isinstance(one, str)]


def _said(detail: JsonObject, member: str) -> str | None:
    return text_of(detail, member) or None


def _flag(detail: JsonObject, member: str) -> bool | None:
    """Y or N; anything else says nothing."""
    return {"Y": True, "N": False}.get(text_of(detail, member))


def _others(detail: JsonObject, heading: Heading) -> Fields:
    return filled(
        others=other_children(
            _texts(detail, "others"), codes.ROLES, lambda number: _reference(number, heading.organisation)
        )
    )


def _linked(detail: JsonObject, heading: Heading, type_: str) -> JsonObject | None:
    own, partner = _said(detail, "occ"), _said(detail, "partner_ref")
    if own is not None:
        return about(heading.organisation, own, type_)
    return None if partner is None else partner_event(partner, heading.record, "partner_ref")


def _investigation(detail: JsonObject, heading: Heading) -> Fields:
    decision = codes.INVESTIGATION.schema(_need(detail, "dec", heading.record))
    return filled(decision=decision, rationale=_said(detail, "rationale"))


def _link(detail: JsonObject, heading: Heading) -> Fields:
    return filled(link=_need(detail, "link", heading.record), **_others(detail, heading))


def _level(detail: JsonObject, heading: Heading) -> Fields:
    return filled(
        scale=codes.SCALES.schema(_need(detail, "scale", heading.record)),
        level=codes.LEVELS.schema(_need(detail, "level", heading.record)),
        indicators=codes.INDICATORS.all(_texts(detail, "ind")),
        consent=codes.YES_NO.optional(_said(detail, "consent")),
        power=codes.YES_NO.optional(_said(detail, "power")),
        exploitation=codes.YES_NO.optional(_said(detail, "exploit")),
        basis=_said(detail, "basis"),
        about=_linked(detail, heading, "incident-recorded"),
    )


def _interview(detail: JsonObject, heading: Heading) -> Fields:
    return filled(
        kind=codes.INTERVIEWS.schema(_need(detail, "kind", heading.record)),
        adult_present=codes.ADULTS.optional(_said(detail, "adult")),
        cautioned=_flag(detail, "caution"),
        recorded=_flag(detail, "taped"),
        outcome=codes.INTERVIEW_OUTCOMES.optional(_said(detail, "result")),
    )


def _outcome(detail: JsonObject, heading: Heading) -> Fields:
    outcome = codes.CRIMINAL_OUTCOMES.schema(_need(detail, "outcome", heading.record))
    return filled(outcome=outcome, reasons=_said(detail, "reasons"))


def _intelligence(detail: JsonObject, heading: Heading) -> Fields:
    return filled(
        category=codes.INTELLIGENCE.schema(_need(detail, "cat", heading.record)),
        status=codes.INTELLIGENCE_STATUS.optional(_said(detail, "grade")),
        narrative=_said(detail, "text"),
    )


def _incident(detail: JsonObject, heading: Heading) -> Fields:
    return filled(
        role=codes.ROLES.schema(_need(detail, "role", heading.record)),
        status=codes.STATUSES.schema(_need(detail, "status", heading.record)),
        categories=codes.CATEGORIES.all(_texts(detail, "cat")),
        place_kind=codes.PLACES.optional(_said(detail, "place")),
        technology_assisted=_flag(detail, "tech"),
        **_others(detail, heading),
    )


def _account(detail: JsonObject, heading: Heading) -> Fields:
    return filled(
        source_type=codes.ACCOUNTS.schema(_need(detail, "source", heading.record)),
        recorded_by=f"{heading.organisation}/{heading.author}",
        words=_said(detail, "words"),
        categories=codes.CATEGORIES.all(_texts(detail, "cat")),
    )


def _referral(detail: JsonObject, heading: Heading) -> Fields:
    target = codes.TARGETS.schema(_need(detail, "target", heading.record))
    return filled(target=target, to=_said(detail, "to"))


_Read: TypeAlias = Callable[[JsonObject, Heading], Fields]
_KINDS: Final[Mapping[str, tuple[str, _Read]]] = {
    "ACC": ("initial-account-recorded", _account),
    "OCC": ("incident-recorded", _incident),
    "REF": ("referral-made", _referral),
    "INVD": ("criminal-investigation-decided", _investigation),
    "LNK": ("incident-linked", _link),
    "LVL": ("behaviour-level-assessed", _level),
    "INTV": ("interview-held", _interview),
    "OUTC": ("criminal-outcome-recorded", _outcome),
    "INTL": ("adult-involvement-suspected", _intelligence),
}
