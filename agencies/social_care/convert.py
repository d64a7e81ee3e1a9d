"""A social care case system's export into events: steps as CSV, forms as JSON."""

from __future__ import annotations

from agencies.sdk.build import AgencyEvent
from agencies.sdk.native import (
    Cells,
    Heading,
    Occurred,
    day,
    exactly,
    kind_of,
    local_time,
    read_csv,
)
from agencies.social_care import codes
from agencies.social_care.forms import convert_forms
from agencies.social_care.references import STAMP, reference
from agencies.social_care.steps import STEPS

_COLUMNS = ("recorded", "worker", "nhs_no", "case_ref", "step", "step_date")


def convert(content: bytes, organisation: str) -> list[AgencyEvent]:
    """The events of an export, in the order of its records; the form of the file is seen from its start.

    Raises: AgencyError naming record and column, never content.
    """
    if content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return convert_forms(content, organisation)
    return [_event(row, organisation) for row in read_csv(content, "step_ref", _COLUMNS)]


def _event(row: Cells, organisation: str) -> AgencyEvent:
    kind = kind_of(STEPS, row.need("step"), row.record)
    heading = Heading(
        organisation,
        row.record,
        reference(row.text("nhs_no") or row.need("case_ref"), organisation),
        local_time(row.need("recorded"), STAMP, row.record, "recorded"),
        row.need("worker"),
    )
    cancels, replaces = row.text("cancels"), row.text("replaces")
    if cancels is not None:
        return heading.retraction(kind.type, cancels, codes.CANCELLED_BECAUSE.schema(row.need("reason")))
    occurred, fields = _occurred(row, heading), kind.fields(row, heading)
    if replaces is not None:
        return heading.correction(kind.type, occurred, fields, replaces, row.need("reason"))
    return heading.event(kind.type, occurred, fields)


def _occurred(row: Cells, heading: Heading) -> Occurred:
    """The day of the step; a step without one was taken when it was recorded."""
    written = row.text("step_date")
    if written is None:
        return exactly(heading.recorded_at)
    return Occurred(day(written, "%Y-%m-%d", row.record, "step_date"), "day")
