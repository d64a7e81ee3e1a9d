"""The hub's answers as JSON: names and forms of the contract, written out so that they stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import orjson
from fastapi import Response

from hub.api import reader_shapes as shapes
from hub.api.overview_shapes import OverviewAnswer, side_by_side_json
from hub.disclosure.answers import (
    AccessRow,
    Answer,
    Chronology,
    Explanation,
    FlagRow,
    MyChild,
    MyOpenItem,
    Overview,
    ShownDeadline,
    ShownEntry,
    ShownFlag,
    ShownLine,
    ShownOpenItem,
)


def json_bytes(value: object) -> bytes:
    """The value as UTF-8 JSON; read-only mappings and tuples included.

    Raises: TypeError for what is not JSON.
    """
    return orjson.dumps(value, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"not JSON: {type(value).__name__}")


class JsonAnswer(Response):
    """A JSON answer that no cache keeps."""

    media_type = "application/json"

    def __init__(self, value: Mapping[str, object], status: int = 200) -> None:
        super().__init__(json_bytes(value), status, {"Cache-Control": "no-store"})


def instant(value: datetime | None) -> str | None:
    """An instant in UTC, to the second."""
    return None if value is None else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def minute(value: datetime | None) -> str | None:
    """An instant in UTC, cut to the minute: the second of a post could tell two readers apart."""
    return None if value is None else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:00Z")


def disclosed_json(answer: Answer) -> shapes.DisclosedAnswer:
    """What every answer about a child has."""
    return {
        "disclosure_id": answer.disclosure_id,
        "child": answer.child,
        "as_at": instant(answer.as_at),
        "policy_version": answer.policy_version,
        "profile": answer.profile,
    }


def chronology_json(chronology: Chronology) -> shapes.ChronologyAnswer:
    """One page of a chronology."""
    return {
        **disclosed_json(chronology),
        "entries": [entry_json(entry) for entry in chronology.entries],
        "cursor": chronology.cursor,
    }


def entry_json(entry: ShownEntry) -> shapes.Entry:
    """One entry; a coded line says which, and has neither source nor times of recording."""
    document: shapes.Entry = {
        "entry_id": entry.entry_id,
        "occurred_at": entry.occurred_at,
        "precision": entry.precision,
        "recorded_at": minute(entry.recorded_at),
        "received_at": minute(entry.received_at),
        "recorded_late": entry.recorded_late,
        "age_at_event": entry.age_at_event,
        "organisation": entry.organisation,
        "author_role": entry.author_role,
        "type": entry.type,
        "title": entry.title,
        "significance": entry.significance,
        "level": entry.level,
        "fields": entry.fields,
        "redactions": [{"group": one.group, "rule": one.rule, "ask": one.ask} for one in entry.redactions],
        "corrections": [
            {
                "corrected_at": minute(one.corrected_at),
                "organisation": one.organisation,
                "reason": one.reason,
            }
            for one in entry.corrections
        ],
        "disputed": entry.disputed,
        "flags": [flag_json(one) for one in entry.flags],
    }
    if entry.line is not None:
        document["line"] = entry.line
    return document


def overview_json(overview: Overview) -> OverviewAnswer:
    """The overview of a child: lines, clocks and what is missing, each with what it rests on."""
    return {
        **disclosed_json(overview),
        "lines": [line_json(line) for line in overview.lines],
        "deadlines": [deadline_json(one) for one in overview.deadlines],
        "open_items": [open_item_json(one) for one in overview.open_items],
        "flags": [{**flag_json(one.flag), "evidence": one.evidence} for one in overview.notes],
        "contacts": [
            {
                "title": one.title,
                "telephone": one.telephone,
                "hours": one.hours,
                "source": one.source,
                "note": one.note,
                "now": one.now,
            }
            for one in overview.contacts
        ],
        "side_by_side": side_by_side_json(overview.side_by_side),
        "guidance": {
            "references": [
                {
                    "title": one.title,
                    "publisher": one.publisher,
                    "address": one.address,
                    "checked": one.checked.isoformat(),
                    "source": one.source,
                }
                for one in overview.guidance.references
            ],
            "speak_first": overview.guidance.speak_first,
        },
    }


def flag_json(flag: ShownFlag) -> shapes.EntryFlag:
    """What is noted beside an entry."""
    return {"code": flag.code, "rule": flag.rule, "source": flag.source, "text": flag.text}


def flagged_json(row: FlagRow) -> shapes.FlaggedEntry:
    """One note of an officer's answer."""
    return {
        **flag_json(row.flag),
        "child": row.child,
        "entry_id": row.entry_id,
        "type": row.type,
        "organisation": row.organisation,
        "occurred_at": row.occurred_at,
        "precision": row.precision,
        "received_at": minute(row.received_at),
        "retracted_at": minute(row.retracted_at),
    }


def open_item_json(item: ShownOpenItem) -> shapes.OpenItem:
    """One thing that is missing and why it is expected."""
    return {
        "id": item.id,
        "requirement": item.requirement,
        "source": item.source,
        "text": item.text,
        "why": item.why,
        "agency": item.agency,
        "role": item.role,
        "person": item.person,
        "since": minute(item.since),
        "evidence": item.evidence,
        "settings": item.settings,
        "values": item.values,
    }


def own_open_item_json(one: MyOpenItem) -> shapes.OwnOpenItem:
    """One thing that the reader's own organisation is expected to do, and for which child."""
    return {"child": one.child, **open_item_json(one.item)}


def deadlines_json(overview: Overview) -> shapes.DeadlinesAnswer:
    """The clocks of a child alone."""
    return {**disclosed_json(overview), "deadlines": [deadline_json(one) for one in overview.deadlines]}


def line_json(line: ShownLine) -> shapes.OverviewLine:
    """One line of an overview."""
    return {
        "rule": line.rule,
        "requirement": line.requirement,
        "text": line.text,
        "evidence": line.evidence,
        "settings": line.settings,
        "values": line.values,
    }


def deadline_json(deadline: ShownDeadline) -> shapes.Deadline:
    """One clock; a reader who gets the date only gets null for the rest."""
    return {
        "clock": deadline.clock,
        "requirement": deadline.requirement,
        "source": deadline.source,
        "text": deadline.text,
        "state": deadline.state,
        "starts_at": instant(deadline.starts_at),
        "warn_at": instant(deadline.warn_at),
        "due_at": instant(deadline.due_at),
        "due_on": deadline.due_on.isoformat() if deadline.due_on else None,
        "responsible": deadline.responsible,
        "responsible_person": deadline.responsible_person,
        "times": {name: instant(at) for name, at in deadline.times.items()},
        "evidence": deadline.evidence,
        "settings": deadline.settings,
    }


def my_child_json(child: MyChild) -> shapes.OwnChild:
    """One child of the reader's own list."""
    return {
        "child": child.child,
        "relationships": child.relationships,
        "new_since_last_read": child.new_since_last_read,
        "next_deadline": child.next_deadline.isoformat() if child.next_deadline else None,
    }


def access_json(row: AccessRow) -> shapes.AccessRow:
    """One access: metadata and rules, never narrative (H-15)."""
    return {
        "disclosure_id": row.disclosure_id,
        "at": instant(row.at),
        "reader": row.reader,
        "organisation": row.organisation,
        "roles": row.roles,
        "what": row.what,
        "purpose": row.purpose,
        "lawful_basis": row.lawful_basis,
        "reference": row.reference,
        "outcome": row.outcome,
        "items": row.items,
        "withheld": row.withheld,
        "rules": row.rules,
        "policy_version": row.policy_version,
        "trace": row.trace or None,
    }


def explanation_json(explanation: Explanation) -> Mapping[str, object]:
    """Why a past answer looked as it did."""
    return {
        "access": access_json(explanation.access),
        "bases": explanation.bases,
        "installed": explanation.installed,
        "reader": explanation.reader,
        "items": explanation.items,
    }
