"""What posters took back: hidden from everybody, and still something that was once disclosed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from hub.pathway.entries import Entry
from hub.views.changes import RETRACTION, changes_of
from hub.views.entry import Surroundings, about_of, entry_of
from hub.views.types import Folded


@dataclass(frozen=True, slots=True)
class Retracted:
    """An entry as it last read, and when it was first taken back.

    Units: `at` aware UTC, the receipt of the retraction.
    """

    entry: Entry
    at: datetime


def retracted_entries(folded: Folded, types: Collection[str], around: Surroundings) -> tuple[Retracted, ...]:
    """The entries of some types that stand no more because their own posters took them back.

    Trust: for what guards, and for officers' metadata; no reader gets any of it (H-02).
    """
    retracted, corrections = changes_of(folded.posts)
    since: dict[object, datetime] = {}
    for one in folded.posts:
        target = about_of(one.data) if one.type == RETRACTION else None
        if target is not None and target in retracted and target.source == one.key.source:
            since.setdefault(target, one.received_at)
    return tuple(
        Retracted(
            entry_of(post, folded.child, around, replaced_by=corrections.get(post.key, ())), since[post.key]
        )
        for post in folded.posts
        if post.type in types and post.key in retracted
    )
