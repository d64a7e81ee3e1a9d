"""Reading the plain exports of agencies' systems: cells, codes, local times.

A fault names the record number and the column, never what stands in it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias, cast
from zoneinfo import ZoneInfo

from agencies.sdk.build import AgencyEvent, about, source_urn
from agencies.sdk.errors import AgencyError
from agencies.sdk.json import JsonObject, JsonValue

LONDON: Final = ZoneInfo("Europe/London")
Fields: TypeAlias = dict[str, JsonValue]


def native_fault(record: str, column: str) -> AgencyError:
    """The fault of one cell, without its content."""
    return AgencyError(
        f"Record {record}: {column} is missing or not in the form this export uses.",
        "Correct the record in its own system and export again; see the README beside the samples.",
    )


@dataclass(frozen=True, slots=True)
class Cells:
    """One native record as named cells; an empty cell is no cell."""

    record: str
    cells: Mapping[str, str]

    def text(self, column: str) -> str | None:
        """The cell without surrounding space; None where it is empty."""
        return self.cells.get(column, "").strip() or None

    def need(self, column: str) -> str:
        """The cell, which may not be empty.

        Raises: AgencyError.
        """
        found = self.text(column)
        if found is None:
            raise native_fault(self.record, column)
        return found

    def many(self, column: str, separator: str = ";") -> list[str]:
        """The parts of a cell that holds a list."""
        return [part.strip() for part in (self.text(column) or "").split(separator) if part.strip()]


def read_csv(content: bytes, number_column: str, columns: Iterable[str]) -> list[Cells]:
    """The records of a CSV export in the order of the file.

    Raises: AgencyError where it is not UTF-8 or lacks a column.
    """
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        missing = [column for column in (number_column, *columns) if column not in (reader.fieldnames or ())]
        if missing:
            raise AgencyError(f"The file has no column {missing[0]!r}.", "Export with all columns.")
        rows = [{name: cell or "" for name, cell in row.items() if name is not None} for row in reader]
    except (UnicodeDecodeError, csv.Error) as fault:
        raise AgencyError("The file is not a CSV file in UTF-8.", "Export again as CSV, UTF-8.") from fault
    found = []
    for place, row in enumerate(rows, start=2):
        number = row[number_column].strip()
        if not number:
            raise AgencyError(f"Line {place} has no record number.", f"Fill the column {number_column!r}.")
        found.append(Cells(number, row))
    return found


def read_json_records(content: bytes, member: str) -> list[JsonObject]:
    """The records of a JSON export: the list under `member`.

    Raises: AgencyError where there is no such list.
    """
    fix = "Export again; see the README beside the samples for the form."
    try:
        records = json.loads(content)[member]
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise AgencyError(f"The file has no list {member!r}.", fix) from fault
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise AgencyError(f"{member!r} is not a list of records.", fix)
    return cast(list[JsonObject], records)


@dataclass(frozen=True, slots=True)
class Codes:
    """A table from an agency's codes to those of the schemas; a code it does not know passes as it is.

    The hub keeps an unknown code and flags it; guessing a known one here would change what was said.
    """

    table: Mapping[str, str]

    def schema(self, native: str) -> str:
        """The code of the schema, or the native one unchanged."""
        return self.table.get(native, native)

    def optional(self, native: str | None) -> str | None:
        """The same for a cell that may be empty."""
        return None if native is None else self.schema(native)

    def all(self, natives: Iterable[str]) -> list[JsonValue]:
        """The same for a list."""
        return [self.schema(native) for native in natives]


def filled(**members: JsonValue) -> Fields:
    """The members that say something: None and empty lists and objects are left out."""
    return {
        name.rstrip("_"): value
        for name, value in members.items()
        if value is not None and value != [] and value != {}
    }


def local_time(text: str, form: str, record: str, column: str) -> datetime:
    """A local time of day as written in England, aware.

    Shape: `form` as for strptime. In the repeated hour of October the first one is taken.
    Raises: AgencyError.
    """
    try:
        return datetime.strptime(text, form).replace(tzinfo=LONDON)
    except ValueError as fault:
        raise native_fault(record, column) from fault


def day(text: str, form: str, record: str, column: str) -> str:
    """A calendar day as ISO 8601.

    Raises: AgencyError.
    """
    return local_time(text, form, record, column).date().isoformat()


@dataclass(frozen=True, slots=True)
class Occurred:
    """When something happened, in the form and precision of the schemas."""

    at: str
    precision: str


def exactly(instant: datetime) -> Occurred:
    """At one instant."""
    return Occurred(instant.isoformat(), "exact")


@dataclass(frozen=True, slots=True)
class Heading:
    """What every native record has: who wrote it, about which child, when.

    Shape: `author` is the writer's local id in the organisation.
    """

    organisation: str
    record: str
    subject: str
    recorded_at: datetime
    author: str

    def event(self, type_: str, occurred: Occurred, fields: Fields) -> AgencyEvent:
        """The event of this record."""
        return AgencyEvent(
            self.organisation,
            self.record,
            type_,
            self.subject,
            self.recorded_at,
            self._data(occurred, fields),
        )

    def correction(
        self, type_: str, occurred: Occurred, fields: Fields, amends: str, reason: str
    ) -> AgencyEvent:
        """The event by which this record replaces an earlier one of the same organisation.

        Shape: `type_`, `occurred` and `fields` are those of the whole replacement.
        """
        return self.event(
            "event-corrected",
            exactly(self.recorded_at),
            {
                "about": about(self.organisation, amends, type_),
                "replacement": self._data(occurred, fields),
                "reason": reason,
            },
        )

    def retraction(self, type_: str, withdraws: str, reason: str) -> AgencyEvent:
        """The event by which this record takes an earlier one of the same organisation back."""
        return self.event(
            "event-retracted",
            exactly(self.recorded_at),
            {"about": about(self.organisation, withdraws, type_), "reason": reason},
        )

    def _data(self, occurred: Occurred, fields: Fields) -> JsonObject:
        return {
            "occurred_at": occurred.at,
            "precision": occurred.precision,
            "author": f"{self.organisation}/{self.author}",
            **fields,
        }


Build: TypeAlias = Callable[[Cells, Heading], Fields]


@dataclass(frozen=True, slots=True)
class RecordKind:
    """What a kind of native record becomes: the event type, and how its fields are read."""

    type: str
    fields: Build


def event_of(
    row: Cells,
    heading: Heading,
    kind: RecordKind,
    occurred: Callable[[Cells, Heading], Occurred],
    *,
    retracts: str,
    amends: str,
    why: str,
    reasons: Codes,
) -> AgencyEvent:
    """What a row of an export does: take an earlier record back, replace it, or tell something new.

    Shape: `retracts`, `amends` and `why` are the export's own columns.
    Raises: AgencyError naming record and column.
    """
    retracted, amended = row.text(retracts), row.text(amends)
    if retracted is not None:
        return heading.retraction(kind.type, retracted, reasons.schema(row.need(why)))
    when, fields = occurred(row, heading), kind.fields(row, heading)
    if amended is not None:
        return heading.correction(kind.type, when, fields, amended, row.need(why))
    return heading.event(kind.type, when, fields)


def partner_event(reference: str, record: str, column: str) -> JsonObject:
    """The name of another organisation's event, written `<organisation>:<event id>` in native records.

    Raises: AgencyError.
    """
    organisation, colon, id_ = reference.rpartition(":")
    if not colon or not organisation:
        raise native_fault(record, column)
    return {"source": source_urn(organisation), "id": id_}


def other_children(parts: Iterable[str], roles: Codes, reference: Callable[[str], str]) -> list[JsonValue]:
    """Other children named in a record, written `<number>` or `<number>=<role>`."""
    named: list[JsonValue] = []
    for part in parts:
        number, equals, role = part.partition("=")
        child: Fields = {"ref": reference(number.strip())}
        if equals:
            child["role"] = roles.schema(role.strip())
        named.append(child)
    return named


def measures(parts: Iterable[str], places: Codes, codes: Codes, record: str, column: str) -> list[JsonValue]:
    """Safety measures written `<for>=<code>`.

    Raises: AgencyError.
    """
    listed: list[JsonValue] = []
    for part in parts:
        for_, equals, code = part.partition("=")
        if not equals:
            raise native_fault(record, column)
        listed.append({"for": places.schema(for_.strip()), "code": codes.schema(code.strip())})
    return listed


def kind_of(kinds: Mapping[str, RecordKind], code: str, record: str) -> RecordKind:
    """The kind of a native record.

    Raises: AgencyError for a kind without an event type: an event of a guessed type would be false.
    """
    found = kinds.get(code)
    if found is None:
        raise AgencyError(
            f"Record {record} is of a kind that becomes no event.",
            "Leave it out of the export, or have its kind added to the mapping.",
        )
    return found
