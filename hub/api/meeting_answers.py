"""Answers about meetings as JSON, written out so that they stay."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hub.api import meeting_shapes as shapes
from hub.api.answers import disclosed_json, entry_json, flag_json, instant, open_item_json
from hub.api.overview_shapes import side_by_side_json
from hub.disclosure.meetings import TakenSnapshot
from hub.disclosure.packs import MeetingList, MeetingPack, Resting, ShownMeeting, ShownSnapshot
from hub.pathway.meetings import Action, Attendance, ChecklistState, Invitee, ItemState, Seat


def meetings_json(found: MeetingList) -> shapes.MeetingsAnswer:
    """The meetings about a child."""
    return {**disclosed_json(found), "meetings": [_meeting(one) for one in found.meetings]}


def pack_json(pack: MeetingPack) -> shapes.MeetingPackAnswer:
    """The papers of one meeting."""
    body = pack.body
    return {
        **disclosed_json(pack),
        "meeting": _meeting(pack.meeting),
        "procedure": body.procedure,
        "lead_worker": body.lead_worker,
        "attendance": _attendance(body.attendance) if body.attendance is not None else None,
        "invitees": [_invitee(one) for one in body.invitees] if body.invitees is not None else None,
        "wrong_room": body.wrong_room,
        "checklists": [_checklist(one) for one in body.checklists],
        "actions": [_action(one) for one in body.actions],
        "decisions": [
            {
                "entry_id": one.entry_id,
                "type": one.type,
                "title": one.title,
                "organisation": one.organisation,
            }
            for one in body.decisions
        ],
        "flags": [{**flag_json(one.flag), "evidence": one.evidence} for one in pack.notes],
        "open_items": [open_item_json(one) for one in pack.open_items],
        "side_by_side": side_by_side_json(pack.side_by_side),
        "chronology": {
            "as_at": instant(pack.chronology_as_at),
            "snapshot": _snapshot(pack.snapshot) if pack.snapshot is not None else None,
            "entries": [entry_json(one) for one in pack.entries],
        },
    }


def taken_json(taken: TakenSnapshot) -> shapes.TakenSnapshot:
    """A snapshot, for the reader who took it."""
    return {
        "disclosure_id": taken.disclosure_id,
        "snapshot": taken.snapshot,
        "child": taken.child,
        "meeting": taken.meeting,
        "as_at": _whole(taken.as_at),
        "hash": taken.hash,
    }


def _whole(at: datetime) -> str:
    """An instant in UTC with all that is known of it: it names the moment that a hash stands for."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _meeting(meeting: ShownMeeting) -> shapes.Meeting:
    return {
        "meeting": meeting.meeting,
        "organisation": meeting.organisation,
        "kind": meeting.kind,
        "chair_authority": meeting.chair_authority,
        "chair_reason": meeting.chair_reason,
        "arranged_for": meeting.arranged_for,
        "held_at": meeting.held_at,
        "precision": meeting.precision,
        "purpose": meeting.purpose,
        "summary": meeting.summary,
        "immediate_protection_confirmed": meeting.immediate_protection_confirmed,
        "contingency": meeting.contingency,
        "next_review": _day(meeting.next_review),
        "interval_days": meeting.interval_days,
        "entries": meeting.entries,
    }


def _attendance(attendance: Attendance) -> shapes.Attendance:
    representation = attendance.representation
    return {
        "present": [_seat(one) for one in attendance.present],
        "absent": [
            {
                "organisation": one.organisation,
                "person": one.person,
                "updater": one.updater,
                "updated": one.updated,
                "updated_on": _day(one.updated_on),
            }
            for one in attendance.absent
        ],
        "representation": {
            "authority": representation.authority,
            "by": [_seat(one) for one in representation.by],
            "represented": representation.represented,
        },
        "expected": [{"who": one.who, "present": one.present} for one in attendance.expected],
    }


def _seat(seat: Seat) -> shapes.Seat:
    return {"organisation": seat.organisation, "person": seat.person, "represents": seat.represents}


def _invitee(one: Invitee) -> shapes.Invitee:
    return {
        "invitee": one.invitee,
        "organisation": one.organisation,
        "person": one.person,
        "force": one.force,
        "reason": one.reason,
        "requirement": one.requirement,
        "source": one.source,
        "decision": one.decision,
        "decision_reason": one.decision_reason,
        "represents": one.represents,
        "attended": one.attended,
    }


def _checklist(resting: Resting[ChecklistState]) -> shapes.Checklist:
    state = resting.what
    return {
        "id": state.id,
        "title": state.title,
        "source": state.source,
        "complete": state.complete,
        "unowned": state.unowned,
        "items": [_item(one) for one in state.items],
        "evidence": resting.evidence,
    }


def _item(item: ItemState) -> shapes.ChecklistItem:
    return {
        "code": item.code,
        "text": item.text,
        "source": item.source,
        "answer": item.answer,
        "words": item.words,
        "reason": item.reason,
        "owner": item.owner,
        "due": _day(item.due),
        "unowned": item.unowned,
    }


def _action(resting: Resting[Action]) -> shapes.Action:
    action = resting.what
    return {
        "action": action.action,
        "organisation": action.organisation,
        "person": action.person,
        "what": action.what,
        "contribution": action.contribution,
        "due": _day(action.due),
        "done": action.done,
        "done_on": _day(action.done_on),
        "outcome": action.outcome,
        "overdue": action.overdue,
        "evidence": resting.evidence,
    }


def _snapshot(snapshot: ShownSnapshot) -> shapes.ChronologySnapshot:
    return {
        "of_the_hub": snapshot.of_the_hub,
        "as_at": _whole(snapshot.as_at) if snapshot.as_at is not None else None,
        "hash": snapshot.hash,
        "replays": snapshot.replays,
    }
