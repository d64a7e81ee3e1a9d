"""The forms of a case: what each kind of form of the JSON export becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias, cast

from agencies.sdk.build import AgencyEvent, about
from agencies.sdk.errors import AgencyError
from agencies.sdk.json import JsonObject, JsonValue, list_of, object_of, text_of
from agencies.sdk.native import (
    Fields,
    Heading,
    Occurred,
    day,
    exactly,
    filled,
    local_time,
    measures,
    native_fault,
    other_children,
    partner_event,
    read_json_records,
)
from agencies.social_care import codes
from agencies.social_care.references import STAMP, person, reference

_KNOWN: Final = {
    "day": ("%Y-%m-%d", 10, "day"),
    "about": ("%Y-%m-%d", 10, "about-day"),
    "month": ("%Y-%m", 7, "month"),
}


def convert_forms(content: bytes, organisation: str) -> list[AgencyEvent]:
    """The events of a forms export, in the order of its forms.

    Raises: AgencyError naming form and question, never content.
    """
    return [_event(form, organisation) for form in read_json_records(content, "forms")]


def _event(form: JsonObject, organisation: str) -> AgencyEvent:
    number = text_of(form, "form_ref")
    if not number:
        raise AgencyError("A form has no form_ref.", "Export again with form_ref.")
    found = _FORMS.get(text_of(form, "form"))
    if found is None:
        raise AgencyError(
            f"Record {number} is of a kind that becomes no event.",
            "Leave it out of the export, or have its kind added to the mapping.",
        )
    type_, read = found
    heading = Heading(
        organisation,
        number,
        reference(_need(form, "child", number), organisation),
        local_time(_need(form, "completed", number), STAMP, number, "completed"),
        _need(form, "completed_by", number),
    )
    occurred = _occurred(form, heading)
    fields = read(object_of(form, "answers") or {}, heading)
    replaces = text_of(form, "replaces")
    if replaces:
        return heading.correction(type_, occurred, fields, replaces, _need(form, "reason", number))
    return heading.event(type_, occurred, fields)


def _occurred(form: JsonObject, heading: Heading) -> Occurred:
    """`happened` with how it is known; a form without it speaks of the moment it was completed."""
    written = text_of(form, "happened")
    if not written:
        return exactly(heading.recorded_at)
    known = _KNOWN.get(text_of(form, "happened_known"))
    if known is None:
        raise native_fault(heading.record, "happened_known")
    form_, length, precision = known
    return Occurred(day(written, form_, heading.record, "happened")[:length], precision)


def _need(value: JsonObject, member: str, record: str) -> str:
    found = text_of(value, member)
    if not found:
        raise native_fault(record, member)
    return found


def _said(answers: JsonObject, question: str) -> str | None:
    return text_of(answers, question) or None


def _flag(answers: JsonObject, question: str) -> bool | None:
    return {"Yes": True, "No": False}.get(text_of(answers, question))


def _texts(answers: JsonObject, question: str) -> list[str]:
    return [one for one in list_of(answers, question) if isinstance(one, str)]


def _parts(answers: JsonObject, question: str) -> list[JsonObject]:
    return [cast(JsonObject, one) for one in list_of(answers, question) if isinstance(one, dict)]


def _others(answers: JsonObject, heading: Heading) -> list[JsonValue]:
    return other_children(
        _texts(answers, "other_children"), codes.ROLES, lambda number: reference(number, heading.organisation)
    )


def _opening(answers: JsonObject, heading: Heading) -> Fields:
    return filled(
        identifiers=[reference(number, heading.organisation) for number in _texts(answers, "numbers")],
        date_of_birth=_said(answers, "date_of_birth"),
        responsible_authority=_need(answers, "responsible_authority", heading.record),
        schools=list(_texts(answers, "schools")),
        looked_after=_flag(answers, "looked_after"),
    )


def _incident(answers: JsonObject, heading: Heading) -> Fields:
    return filled(
        role=codes.ROLES.schema(_need(answers, "role", heading.record)),
        status=codes.STATUSES.schema(_need(answers, "status", heading.record)),
        categories=codes.CATEGORIES.all(_texts(answers, "categories")),
        place_kind=codes.PLACES.optional(_said(answers, "place")),
        person_harmed=_said(answers, "person_harmed"),
        happened=_said(answers, "did_it_happen"),
        coercion=_said(answers, "coercion"),
        narrative=_said(answers, "analysis"),
        others=_others(answers, heading),
    )


def _level(answers: JsonObject, heading: Heading) -> Fields:
    own, partner = _said(answers, "incident_form"), _said(answers, "partner_ref")
    incident = about(heading.organisation, own, "incident-recorded") if own is not None else None
    if partner is not None:
        incident = partner_event(partner, heading.record, "partner_ref")
    return filled(
        scale=codes.SCALES.schema(_need(answers, "scale", heading.record)),
        level=_need(answers, "level", heading.record).lower(),
        indicators=codes.INDICATORS.all(_texts(answers, "indicators")),
        about=incident,
    )


def _attendance(answers: JsonObject, question: str) -> list[JsonValue]:
    listed: list[JsonValue] = []
    for one in _parts(answers, question):
        agency = text_of(one, "agency")
        listed.append(
            filled(
                organisation=agency,
                person=person(_said(one, "worker"), agency),
                represents=_flag(one, "for_child"),
            )
        )
    return listed


def _meeting(answers: JsonObject, heading: Heading) -> Fields:
    return filled(
        kind=codes.MEETINGS.schema(_need(answers, "meeting_type", heading.record)),
        meeting=_need(answers, "meeting", heading.record),
        purpose=codes.PURPOSES.optional(_said(answers, "purpose")),
        attendance=_attendance(answers, "present"),
        absent=_attendance(answers, "apologies"),
        chronology_snapshot=_said(answers, "chronology"),
        next_review=_said(answers, "next_review"),
        immediate_protection_confirmed=_flag(answers, "protection_confirmed"),
        summary=_said(answers, "summary"),
    )


def _plan(answers: JsonObject, heading: Heading) -> Fields:
    listed: list[JsonValue] = []
    for one in _parts(answers, "places"):
        listed.append(
            filled(
                kind=codes.PLACES.schema(_need(one, "type", heading.record)),
                place=_said(one, "place"),
                organisation=_said(one, "agency"),
                line=_said(one, "arrangement"),
            )
        )
    return filled(
        responsible_organisation=_need(answers, "responsible_agency", heading.record),
        responsible_person=person(_said(answers, "responsible_worker"), heading.organisation),
        parts=filled(
            accountability=_said(answers, "taking_responsibility"),
            needs=_said(answers, "own_needs"),
            protection=_said(answers, "keeping_others_safe"),
            future_risk=_said(answers, "looking_ahead"),
        ),
        next_review=_said(answers, "next_review"),
        places=listed,
        measures=measures(
            _texts(answers, "measures"), codes.MEASURES_FOR, codes.MEASURES, heading.record, "measures"
        ),
        others=_others(answers, heading),
    )


_Read: TypeAlias = Callable[[JsonObject, Heading], Fields]
_FORMS: Final[Mapping[str, tuple[str, _Read]]] = {
    "Case opening": ("child-stream-opened", _opening),
    "Concern": ("incident-recorded", _incident),
    "Level of behaviour": ("behaviour-level-assessed", _level),
    "Meeting record": ("meeting-held", _meeting),
    "Risk management plan": ("risk-management-plan-recorded", _plan),
}
