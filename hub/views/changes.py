"""Which posts stand, and with which data: an event is corrected and retracted by its own poster only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from hub.envelope import EventKey, JsonObject
from hub.views.entry import UPCASTS, about_of, replacement_of, upcast
from hub.views.types import Post

CORRECTION: Final = "event-corrected"
RETRACTION: Final = "event-retracted"


def changes_of(posts: Iterable[Post]) -> tuple[frozenset[EventKey], Mapping[EventKey, Sequence[Post]]]:
    """Which events are retracted, and the standing corrections of each event, oldest first.

    Shape: `posts` in the order of the record. A change by another than the poster has no say.
    """
    about = [(one, target) for one in posts if (target := _same_poster(one)) is not None]
    retracted = frozenset(target for one, target in about if one.type == RETRACTION)
    corrections: dict[EventKey, list[Post]] = {}
    for one, target in about:
        if one.type == CORRECTION and one.key not in retracted:
            corrections.setdefault(target, []).append(one)
    return retracted, corrections


def standing(posts: Sequence[Post]) -> list[tuple[Post, JsonObject]]:
    """The posts that stand, each with its data as its corrections left it."""
    retracted, corrections = changes_of(posts)
    return [
        (post, _latest(post, corrections.get(post.key, ())))
        for post in posts
        if post.type not in (CORRECTION, RETRACTION) and post.key not in retracted
    ]


def _latest(post: Post, corrections: Sequence[Post]) -> JsonObject:
    if not corrections:
        return post.data
    return upcast(post.type, post.version, replacement_of(corrections[-1]), UPCASTS)


def _same_poster(post: Post) -> EventKey | None:
    """The target of a correction or retraction, if its own poster posted it; others have no say."""
    about = about_of(post.data) if post.type in (CORRECTION, RETRACTION) else None
    return about if about is not None and about.source == post.key.source else None
