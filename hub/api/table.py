"""A chronology as CSV: opens in a spreadsheet as text, and runs nothing there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Final

from hub.api.answers import json_bytes, minute
from hub.disclosure.answers import Chronology, ShownCorrection, ShownEntry
from hub.envelope import JsonObject, JsonValue

MEDIA_TYPE: Final = "text/csv; charset=utf-8"
COLUMNS: Final = (
    "entry_id", "occurred_at", "precision", "recorded_at", "received_at", "recorded_late",
    "age_at_event", "organisation", "author_role", "type", "title", "significance", "level",
    "fields", "withheld", "corrections", "disputed", "flags",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_BYTE_ORDER_MARK: Final = "\ufeff"


def chronology_csv(chronology: Chronology) -> bytes:
    """One page of a chronology as a spreadsheet reads it."""
    return spreadsheet(COLUMNS, (_row(entry) for entry in chronology.entries))


def spreadsheet(columns: Iterable[str], rows: Iterable[Iterable[JsonValue]]) -> bytes:
    """Rows as UTF-8 with a byte order mark, lines ending in CRLF (RFC 4180).

    Trust: a text that a spreadsheet would run as a formula is given as text, with `'` before it.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([cell(value) for value in row])
    return (_BYTE_ORDER_MARK + written.getvalue()).encode()


def _row(entry: ShownEntry) -> tuple[JsonValue, ...]:
    return (
        entry.entry_id,
        entry.occurred_at,
        entry.precision,
        minute(entry.recorded_at),
        minute(entry.received_at),
        entry.recorded_late,
        entry.age_at_event,
        entry.organisation,
        entry.author_role,
        entry.type,
        entry.title,
        entry.significance,
        entry.level,
        _fields(entry.fields),
        "; ".join(f"{one.group} withheld - {one.ask} [{one.rule}]" for one in entry.redactions),
        "; ".join(_correction(one) for one in entry.corrections),
        entry.disputed,
        "; ".join(f"{one.text} [{one.code}]" for one in entry.flags),
    )


def _correction(one: ShownCorrection) -> str:
    """When, by whom and why, as far as this reader gets it (H-02)."""
    by = f" by {one.organisation}" if one.organisation else ""
    return f"{minute(one.corrected_at)}{by}" + (f": {one.reason}" if one.reason else "")


def _fields(fields: JsonObject) -> str:
    return "\n".join(
        f"{name}: {value if isinstance(value, str) else json_bytes(value).decode()}"
        for name, value in fields.items()
    )


def cell(value: JsonValue) -> str:
    """The text of a cell; CSV injection is stopped at the first character, whatever the column."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return "'" + text if text.startswith(_FORMULA) else text
