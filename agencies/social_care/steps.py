"""The steps of a case: what each kind of row of the CSV export becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agencies.sdk.build import about
from agencies.sdk.json import JsonObject, JsonValue
from agencies.sdk.native import (
    Cells,
    Fields,
    Heading,
    RecordKind,
    day,
    filled,
    local_time,
    native_fault,
    other_children,
    partner_event,
)
from agencies.social_care import codes
from agencies.social_care.references import STAMP, person, reference


def _date(row: Cells, column: str) -> str | None:
    written = row.text(column)
    return None if written is None else day(written, "%Y-%m-%d", row.record, column)


def _others(row: Cells, heading: Heading) -> list[JsonValue]:
    return other_children(
        row.many("other_children"), codes.ROLES, lambda number: reference(number, heading.organisation)
    )


def _about(row: Cells, heading: Heading, type_: str) -> JsonObject | None:
    own, partner = row.text("relates_to"), row.text("partner_ref")
    if own is not None:
        return about(heading.organisation, own, type_)
    return None if partner is None else partner_event(partner, row.record, "partner_ref")


def _yes(row: Cells, column: str) -> bool:
    written = row.need(column)
    if written not in ("Yes", "No"):
        raise native_fault(row.record, column)
    return written == "Yes"


def _worker(row: Cells, heading: Heading) -> str:
    found = person(row.need("agency_worker"), heading.organisation)
    assert found is not None
    return found


def _safety(row: Cells, heading: Heading) -> Fields:
    return filled(
        measure=codes.MEASURES.schema(row.need("outcome")),
        called_999={"999 called": True, "999 not called": False}.get(row.text("detail") or ""),
        by="csc",
        until=_date(row, "due"),
    )


def _referral(row: Cells, heading: Heading) -> Fields:
    return filled(target=codes.TARGETS.schema(row.need("outcome")), to=row.text("agency"))


def _separate(row: Cells, heading: Heading) -> Fields:
    return filled(separate=_yes(row, "outcome"), reason=row.text("note"), others=_others(row, heading))


def _referral_outcome(row: Cells, heading: Heading) -> Fields:
    return filled(outcome=codes.REFERRAL_OUTCOMES.schema(row.need("outcome")), reasons=row.text("note"))


def _allocation(row: Cells, heading: Heading) -> Fields:
    return filled(
        kind=codes.ALLOCATIONS.schema(row.need("outcome")),
        worker=_worker(row, heading),
        until=_date(row, "due"),
    )


def _involvement(row: Cells, heading: Heading) -> Fields:
    return filled(
        kind=codes.INVOLVEMENTS.schema(row.need("outcome")),
        organisation=row.need("agency"),
        person=person(row.text("agency_worker"), row.need("agency")),
        until=_date(row, "due"),
    )


def _involvement_ended(row: Cells, heading: Heading) -> Fields:
    return filled(
        kind=codes.INVOLVEMENTS.schema(row.need("outcome")),
        organisation=row.need("agency"),
        person=person(row.text("agency_worker"), row.need("agency")),
        at=_date(row, "due"),
        reason=row.text("note"),
    )


def _meeting_called(row: Cells, heading: Heading) -> Fields:
    return filled(
        kind=codes.MEETINGS.schema(row.need("outcome")),
        meeting=row.need("meeting"),
        chair_authority=row.text("agency"),
        when=local_time(row.need("meeting_time"), STAMP, row.record, "meeting_time").isoformat(),
        chair_reason=row.text("note"),
    )


def _invitation(row: Cells, heading: Heading) -> Fields:
    return filled(
        meeting=row.need("meeting"),
        organisation=row.need("agency"),
        person=person(row.text("agency_worker"), row.need("agency")),
        decision=codes.INVITATIONS.schema(row.need("outcome")),
        represents=True if row.text("detail") == "for the child" else None,
        reason=row.text("note"),
    )


def _enquiry_started(row: Cells, heading: Heading) -> Fields:
    return filled(threshold=codes.THRESHOLDS.schema(row.need("outcome")))


def _enquiry_concluded(row: Cells, heading: Heading) -> Fields:
    outcome = codes.ENQUIRY_OUTCOMES.schema(row.need("outcome"))
    if outcome not in ("continuing", "not-continuing"):
        raise native_fault(row.record, "outcome")
    return filled(continuing_risk=outcome == "continuing", reasons=row.text("note"))


def _assessment(row: Cells, heading: Heading) -> Fields:
    return filled(kind=codes.ASSESSMENTS.schema(row.need("outcome")), joint_with=list(row.many("agency")))


def _family(row: Cells, heading: Heading) -> Fields:
    return filled(
        topic=codes.TOPICS.schema(row.need("detail")),
        outcome=codes.INFORMED.schema(row.need("outcome")),
        who=codes.FAMILY.all(row.many("told")),
        risk_reason=row.text("note"),
        reviewer=person(row.text("manager"), heading.organisation),
        review_date=_date(row, "due"),
    )


def _oversight(row: Cells, heading: Heading) -> Fields:
    return filled(target=codes.OVERSIGHT.schema(row.need("outcome")), level=row.text("detail"))


def _specialist(row: Cells, heading: Heading) -> Fields:
    return filled(
        decision=codes.YES_NO.schema(row.need("outcome")),
        tool=codes.TOOLS.optional(row.text("detail")),
        assessor=row.text("assessor"),
        due=_date(row, "due"),
        consent_owner=person(row.text("agency_worker"), heading.organisation),
        paperwork_owner=person(row.text("manager"), heading.organisation),
        reason=row.text("note"),
    )


def _place(row: Cells, heading: Heading) -> Fields:
    return filled(
        kind=codes.PLACES.schema(row.need("outcome")),
        place=row.need("place"),
        organisation=row.text("agency"),
        address=row.text("note"),
        from_=_date(row, "due"),
    )


def _conference(row: Cells, heading: Heading) -> Fields:
    return filled(
        decision=codes.CONFERENCES.schema(row.need("outcome")),
        rationale=row.text("note"),
        manager=person(row.text("manager"), heading.organisation),
    )


def _place_covered(row: Cells, heading: Heading) -> Fields:
    return filled(
        kind=codes.PLACES.schema(row.need("outcome")),
        place=row.need("place"),
        measures=codes.MEASURES.all(row.many("detail")),
        about=_about(row, heading, "risk-management-plan-recorded"),
    )


def _plan_reviewed(row: Cells, heading: Heading) -> Fields:
    return filled(
        outcomes=row.text("note"),
        goals=codes.GOALS.optional(row.text("outcome")),
        next_review=_date(row, "due"),
        about=_about(row, heading, "risk-management-plan-recorded"),
    )


def _mentioned(row: Cells, heading: Heading) -> Fields:
    return filled(
        reason=row.text("note"),
        others=_others(row, heading),
        about=_about(row, heading, "meeting-held"),
    )


def _interview(row: Cells, heading: Heading) -> Fields:
    return filled(kind=codes.INTERVIEWS.schema(row.need("outcome")))


def _account(row: Cells, heading: Heading) -> Fields:
    return filled(
        source_type=codes.ACCOUNTS.schema(row.need("outcome")),
        recorded_by=f"{heading.organisation}/{heading.author}",
        words=row.text("note"),
    )


def _adult_concern(row: Cells, heading: Heading) -> Fields:
    category = codes.ADULT_CONCERNS.schema(row.need("outcome"))
    return filled(category=category, narrative=row.text("note"))


STEPS: Final[Mapping[str, RecordKind]] = {
    "Account taken": RecordKind("initial-account-recorded", _account),
    "Safety arrangement": RecordKind("immediate-safety-measure-recorded", _safety),
    "Referral out": RecordKind("referral-made", _referral),
    "Separate meetings": RecordKind("separate-meetings-decided", _separate),
    "Referral decision": RecordKind("referral-outcome-decided", _referral_outcome),
    "Allocation": RecordKind("social-worker-allocated", _allocation),
    "Involvement": RecordKind("relationship-recorded", _involvement),
    "Involvement ended": RecordKind("relationship-ended", _involvement_ended),
    "Meeting called": RecordKind("meeting-convened", _meeting_called),
    "Invitation": RecordKind("invitation-sent", _invitation),
    "S47 started": RecordKind("section-47-enquiry-initiated", _enquiry_started),
    "S47 concluded": RecordKind("section-47-enquiry-concluded", _enquiry_concluded),
    "Assessment started": RecordKind("assessment-started", _assessment),
    "Interview": RecordKind("interview-held", _interview),
    "Family contact": RecordKind("family-informed", _family),
    "Oversight": RecordKind("oversight-notified", _oversight),
    "Specialist assessment": RecordKind("specialist-assessment-decided", _specialist),
    "Place": RecordKind("place-declared", _place),
    "Conference decision": RecordKind("conference-decided", _conference),
    "Plan covers place": RecordKind("plan-place-covered", _place_covered),
    "Plan review": RecordKind("plan-reviewed", _plan_reviewed),
    "Child mentioned": RecordKind("child-mentioned", _mentioned),
    "Adult concern": RecordKind("adult-involvement-suspected", _adult_concern),
}
