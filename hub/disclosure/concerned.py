"""Of which events somebody may have to be told by an item: of its own, or of one that it changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hub.envelope import EventKey
from hub.identity.records import STREAM as IDENTITY
from hub.identity.records import ReferenceResolved, read
from hub.record import Record, Recorded
from hub.views import Views, is_missed
from hub.views.entry import about_of

_CORRECTION: Final = "event-corrected"
_CHILD: Final = "child/"


@dataclass(frozen=True, slots=True)
class Concerned:
    """One such event: its stream and name, and the event that brings it, which is itself or a correction."""

    stream: str
    key: EventKey
    by: EventKey


def concerned(item: Recorded, record: Record, views: Views) -> list[Concerned]:
    """The events of which somebody may have to be told since an item was recorded.

    Shape: an event of a child or a missed deadline is one itself. A correction is of the event that it
    corrects: others may have to be told than before. Where a provisional stream is joined to a child, the
    people around that child find everything on it for the first time.
    Raises: HubError("store").
    """
    if item.stream == IDENTITY:
        joined = read(item)
        if not isinstance(joined, ReferenceResolved):
            return []
        events = record.stream(f"{_CHILD}{joined.provisional}")
        return [one for event in events for one in concerned(event, record, views)]
    if not item.stream.startswith(_CHILD) or not (item.kind == "event" or is_missed(item)):
        return []
    key, post = EventKey(item.source, item.id), views.post(item)
    corrected = about_of(post.data) if post is not None and post.type == _CORRECTION else None
    return [Concerned(item.stream, corrected or key, key)]
