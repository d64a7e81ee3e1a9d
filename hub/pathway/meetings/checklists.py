"""How far the checklists of a meeting are answered, and what in them has no owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from hub.envelope import EventKey, JsonObject
from hub.pathway.calendar import age_on
from hub.pathway.child import date_of_birth
from hub.pathway.entries import Entry, Material
from hub.pathway.fields import day, given_of, parts, text
from hub.pathway.meetings.meeting import Meeting, refers
from hub.pathway.profiles import Profile
from hub.pathway.profiles.rows import Checklist, ChecklistItem

COMPLETED: Final = "meeting-checklist-completed"
# An item with one of these is settled; any other goes on with its owner.
_SETTLED: Final = frozenset({"answered", "done", "not-applicable"})
TEN: Final = 10


@dataclass(frozen=True, slots=True)
class ItemState:
    """One item of a checklist and what was answered, None where nothing was.

    Shape: `unowned` says that it is not settled and nobody is named who finds out or does it.
    Source: R-086, R-087, R-088, R-134
    """

    code: str
    text: str
    source: str
    answer: str | None
    words: str | None
    reason: str | None
    owner: str | None
    due: date | None
    unowned: bool


@dataclass(frozen=True, slots=True)
class ChecklistState:
    """One checklist of the convening authority's procedure at one meeting.

    Shape: `complete` means that every item is settled or has an owner; `unowned` names the items without.
    """

    id: str
    title: str
    source: str
    items: tuple[ItemState, ...]
    complete: bool
    unowned: tuple[str, ...]
    evidence: tuple[EventKey, ...]


def under_ten(material: Material, on: date) -> bool | None:
    """Whether the child is under ten on a day; None where the date of birth is not known."""
    born = date_of_birth(material, material.child)
    return age_on(born, on) < TEN if born is not None else None


def checklists_of(
    meeting: Meeting, material: Material, profile: Profile | None, now: datetime
) -> tuple[ChecklistState, ...]:
    """The checklists that this meeting has by its convenor's procedure, each item with its answer.

    Shape: empty for a reader who may not see answers, or from whom those of this meeting are withheld: an
    item that shows no answer states that there is none (H-20).
    """
    kind, young = meeting.kind, under_ten(material, meeting.on(now))
    answered = [one for one in given_of(material.entries, COMPLETED) if refers(one, meeting)]
    withheld = any("items" not in one.data or "checklist" not in one.data for one in answered)
    if profile is None or kind is None or withheld or not material.sees(COMPLETED):
        return ()
    return tuple(
        _state(one, [entry for entry in answered if text(entry, "checklist") == one.id])
        for one in profile.checklists.values()
        if kind in one.meetings and one.under_ten in (None, young is True)
    )


def _state(checklist: Checklist, answered: list[Entry]) -> ChecklistState:
    latest: dict[str, JsonObject] = {}
    for one in answered:
        for row in parts(one, "items"):
            if (code := text(row, "item")) is not None:
                latest[code] = row
    items = tuple(_item(one, latest) for one in checklist.items)
    return ChecklistState(
        id=checklist.id,
        title=checklist.title,
        source=checklist.source,
        items=items,
        complete=all(one.answer is not None and not one.unowned for one in items),
        unowned=tuple(one.code for one in items if one.unowned),
        evidence=tuple(one.key for one in answered),
    )


def _item(item: ChecklistItem, latest: Mapping[str, JsonObject]) -> ItemState:
    row = latest.get(item.code, {})
    answer, owner, reason = text(row, "answer"), text(row, "owner"), text(row, "reason")
    settled = answer in _SETTLED and (answer != "not-applicable" or reason is not None)
    return ItemState(
        code=item.code,
        text=item.text,
        source=item.source,
        answer=answer,
        words=text(row, "text"),
        reason=reason,
        owner=owner,
        due=day(row, "due"),
        unowned=not settled and owner is None,
    )
