"""Meetings about one child as its entries tell them, whole or as one reader got them."""

from hub.pathway.meetings.actions import Action, actions_of, decisions_of, lead_worker
from hub.pathway.meetings.attendance import (
    Absent,
    Attendance,
    Representation,
    Seat,
    attendance_of,
    enquiry_workers,
    wrong_room,
)
from hub.pathway.meetings.attendance import Expected as ExpectedAttendance
from hub.pathway.meetings.checklists import ChecklistState, ItemState, checklists_of
from hub.pathway.meetings.invitees import Invitee, invitees_of
from hub.pathway.meetings.meeting import Meeting, meetings_of, named, profile_of_meeting

__all__ = [
    "Absent",
    "Action",
    "Attendance",
    "ChecklistState",
    "ExpectedAttendance",
    "Invitee",
    "ItemState",
    "Meeting",
    "Representation",
    "Seat",
    "actions_of",
    "attendance_of",
    "checklists_of",
    "decisions_of",
    "enquiry_workers",
    "invitees_of",
    "lead_worker",
    "meetings_of",
    "named",
    "profile_of_meeting",
    "wrong_room",
]
