"""The group of agencies that works with a child now: which meetings, and which plan, are its own (D-24)."""

from __future__ import annotations

from typing import Final

from hub.pathway.entries import Entry, said
from hub.pathway.fields import text
from hub.views.types import ChildView

_MEETINGS: Final = frozenset({"meeting-convened", "meeting-held"})
# Strategy meetings, conferences and the group of a linked set have their own people; a meeting of
# professionals is that of whoever calls it.
_OF_THE_GROUP: Final = frozenset({"hsb", "hsb-planning", "core-group"})
_PLAN: Final = frozenset({"risk-management-plan-recorded", "plan-reviewed", "plan-started"})
_EARLY_HELP: Final = "early-help"


def of_working_group(entry: Entry, view: ChildView) -> bool:
    """Whether an entry is a meeting of the group that works with a child now, or its plan.

    1. What has yet to take effect is nobody's meeting and no plan; an early help plan is that of early help.
    2. With the end of the case, and where the child comes under another authority, a group ends: what stood
       in the record by then was a former group's.
    3. The group meets where the child's own authority says so (G.00).

    Source: D-24; G.00; R-130
    """
    if entry.type not in _MEETINGS and entry.type not in _PLAN:
        return False
    kind = text(entry, "kind")
    if entry.awaiting or entry.position <= _ended_at(view):  # 1, 2
        return False
    if entry.type in _MEETINGS:
        return kind in _OF_THE_GROUP and entry.organisation == view.authority  # 3
    return entry.type in _PLAN and kind != _EARLY_HELP


def _ended_at(view: ChildView) -> int:
    """The position of the record at which the last group before this one ended; before all where none did."""
    closed = [
        one.position
        for one in said(view.entries, "closure-decided")
        if text(one, "closes") == "case"
        and not one.awaiting
        and one.organisation == view.authority_at(one.position)
    ]
    return max((*closed, *(one.position for one in view.handovers)), default=-1)
