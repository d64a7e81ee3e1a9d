"""The pure fold of one child's own streams: what stands now, and what once stood."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from hub.envelope import EventKey
from hub.pathway.agreements import ANOTHER
from hub.pathway.entries import Entries, Entry
from hub.views.changes import CORRECTION, RETRACTION, changes_of
from hub.views.entry import Surroundings, about_of, entry_of
from hub.views.responsibility import authority_at, course_of
from hub.views.types import Awaited, Folded, LinkEntry, Post, order

LINKING: Final = frozenset({"incident-linked", "incident-recorded"})


def fold(child: str, streams: tuple[str, ...], posts: Iterable[Post], around: Surroundings) -> Folded:
    """Fold all posts about one child, whatever order they come in.

    1. Put the posts in the order of the record.
    2. Take out what was retracted, corrections too; apply the remaining corrections to their targets.
    3. Follow who was responsible: the first opening on the child's own stream, where that stream was new
       or was begun in the authority's own area, and the moves that the receiving authority acknowledged.
       Claims by others are flagged (G.00).
    4. Say which organisations have yet to agree to a decision.
    5. Put the entries in chronology order, and collect the links that they make.
    """
    # 1
    posts = tuple(sorted(posts, key=lambda one: one.position))
    own = f"child/{child}"
    area = next((one.area for one in posts if one.stream == own), None)
    # 2
    current = tuple(entry_of_current(posts, child, around))
    # 3
    course = course_of(posts, own, area)
    openings = [one for one in sorted(current, key=_position) if one.key in course.openings]
    # 4
    waiting = _awaiting(
        current, lambda one: authority_at(course.handovers, course.authority, one.position), around
    )
    provisional = not openings and not course.handovers
    # 5
    entries = Entries(
        sorted(
            (_noted(one, waiting[one.key], course.flags.get(one.key, ()), provisional) for one in current),
            key=order,
        )
    )
    return Folded(
        child=child,
        provisional=provisional,
        streams=streams,
        posts=posts,
        entries=entries,
        openings=tuple(one.key for one in openings),
        authority=course.authority,
        area=area,
        schools=_schools(openings),
        date_of_birth=_date_of_birth(openings),
        names=tuple(_links(child, entries)),
        handovers=course.handovers,
    )


def _noted(entry: Entry, awaiting: tuple[str, ...], flags: tuple[str, ...], provisional: bool) -> Entry:
    """The entry with what follows from all of them; most are left as they are, which takes no time."""
    if not awaiting and not flags and not provisional:
        return entry
    return replace(entry, awaiting=awaiting, flags=(*entry.flags, *flags), provisional=provisional)


def entry_of_current(posts: tuple[Post, ...], child: str, around: Surroundings) -> Iterable[Entry]:
    """The current entry of each post that was not retracted; corrections live on in their targets."""
    retracted, corrections = changes_of(posts)
    for post in posts:
        if post.type not in (CORRECTION, RETRACTION) and post.key not in retracted:
            yield entry_of(post, child, around, replaced_by=corrections.get(post.key, ()))


def earlier_texts(folded: Folded, around: Surroundings) -> Mapping[EventKey, tuple[Entry, ...]]:
    """The texts that corrected entries had before, oldest first, for what was known at an instant."""
    _, corrections = changes_of(folded.posts)
    by_key = {post.key: post for post in folded.posts}
    earlier = {}
    for entry in folded.entries:
        if entry.corrections:
            post, changes = by_key[entry.key], corrections[entry.key]
            earlier[entry.key] = tuple(
                replace(
                    entry_of(post, folded.child, around, replaced_by=changes[:count]),
                    awaiting=entry.awaiting,
                    flags=entry.flags,
                    provisional=entry.provisional,
                )
                for count in range(len(changes))
            )
    return earlier


def awaited(folded: Folded, around: Surroundings) -> Mapping[EventKey, tuple[Awaited, ...]]:
    """Who had yet to agree to each decision until an agreement came, the first agreement first (H-07)."""
    agreements = sorted(
        (one for one in folded.entries if about_of(one.data, "agrees_with")), key=lambda one: one.received_at
    )
    found: dict[EventKey, list[Awaited]] = {}
    for one in agreements:
        before = tuple(entry for entry in folded.entries if entry.received_at < one.received_at)
        waiting = _awaiting(before, lambda entry: folded.authority_at(entry.position), around)
        for key, names in waiting.items():
            if names:
                found.setdefault(key, []).append(Awaited(one.received_at, names))
    return {key: tuple(states) for key, states in found.items()}


def _awaiting(
    entries: tuple[Entry, ...], authority_for: Callable[[Entry], str | None], around: Surroundings
) -> dict[EventKey, tuple[str, ...]]:
    """Per decision who has not yet agreed by an event of its own: kinds of organisation, or another (R-064).

    1. An agreement is another organisation's decision of the same type about the same child; one that names
       anything else is a decision of its own, or naming something would be a way round.
    2. A decision and its agreements take effect together, once every kind that is needed, and as many
       organisations as are needed, have signed one (R-151).
    """
    by_key = {entry.key: entry for entry in entries}
    heads: dict[EventKey, EventKey] = {}
    agreed: dict[EventKey, set[str]] = {}
    # 1
    for entry in entries:
        target = by_key.get(about_of(entry.data, "agrees_with") or entry.key, entry)
        if target.type == entry.type and target.organisation != entry.organisation:
            heads[entry.key] = target.key
            agreed.setdefault(target.key, set()).add(entry.organisation or "")
    # 2
    waiting: dict[EventKey, tuple[str, ...]] = {}
    for entry in entries:
        head = by_key[heads.get(entry.key, entry.key)]
        own = {head.organisation or ""} if head.key not in heads else set[str]()
        signers = (own | agreed.get(head.key, set())) - {""}
        # What was decided before a move was decided under the former authority's procedure.
        authority = authority_for(entry)
        kinds = around.agreements(entry.type, entry.data, authority) - {_kind(one) for one in signers}
        fewer = len(signers) < around.signatures(entry.type, authority)
        waiting[entry.key] = (*sorted(kinds), *((ANOTHER,) if fewer else ()))
    return waiting


def _links(child: str, entries: tuple[Entry, ...]) -> Iterable[LinkEntry]:
    for entry in entries:
        if entry.type not in LINKING or entry.organisation is None:
            continue
        for other in sorted({one.child for one in entry.others if one.child not in (None, child)} - {None}):
            yield LinkEntry(
                entry.key,
                entry.type,
                entry.organisation,
                entry.position,
                entry.received_at,
                child,
                other or "",
            )


def _schools(openings: list[Entry]) -> tuple[str, ...]:
    for entry in reversed(openings):
        schools = entry.data.get("schools")
        if isinstance(schools, list):
            return tuple(one for one in schools if isinstance(one, str))
    return ()


def _date_of_birth(openings: list[Entry]) -> date | None:
    for entry in reversed(openings):
        written = entry.data.get("date_of_birth")
        if isinstance(written, str):
            return date.fromisoformat(written)
    return None


def _kind(organisation: str) -> str:
    return organisation.partition(".")[0]


def _position(entry: Entry) -> int:
    return entry.position
