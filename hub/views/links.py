"""Which children are linked, and whether a link may be relied on now (D-31, D-51)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias

from hub.views.grants import holds
from hub.views.types import ChildView, Folded, LinkEntry

FindView: TypeAlias = Callable[[str], ChildView]


def links_of(folded: Folded, naming: Mapping[str, Folded]) -> tuple[LinkEntry, ...]:
    """The links of a child, made by its own entries and by entries of others that name it.

    Shape: `naming` are folds of children who may name this one; in the order of the record.
    """
    from_others = (link for child, other in naming.items() if child != folded.child for link in other.names)
    mine = [one for one in (*folded.names, *from_others) if folded.child in (one.child, one.other)]
    return tuple(sorted(set(mine), key=lambda one: (one.position, one.child, one.other)))


def other_child(link: LinkEntry, child: str) -> str:
    """The child at the other end of a link."""
    return link.other if link.child == child else link.child


def in_force(link: LinkEntry, here: ChildView, there: ChildView, now: datetime) -> bool:
    """Whether a link carries facts now (D-31).

    1. Its poster stands on both ends: by a relationship of its own, or as the responsible authority.
    2. The authorities have linked the children themselves, each on its own child's stream.
    3. Its poster stood on both ends once, and each authority has named the other child in an entry of
       its own: safety facts for the harmed child must not end with an investigation.
    Source: D-31
    """
    organisation = link.organisation
    if _stands_on(organisation, here, now) and _stands_on(organisation, there, now):  # 1
        return True
    if _linked_by_authority(here, there) and _linked_by_authority(there, here):  # 2
        return True
    stood = _stood_on(organisation, here, now) and _stood_on(organisation, there, now)
    return stood and _named_by_authority(here, there) and _named_by_authority(there, here)  # 3


def carrying(view: ChildView, known: ChildView, find: FindView, now: datetime) -> list[ChildView]:
    """The linked children from and to whom a sealed link carries facts now, by their ids (D-31).

    Shape: `known` is the child as it was known, which says of which links; `find` gives a child as it is now.
    A link carries only while its poster holds, or the authorities confirm, both ends.
    """
    links: dict[str, list[LinkEntry]] = {}
    for link in known.link_entries:
        if link.type == "incident-linked":
            links.setdefault(other_child(link, view.child), []).append(link)
    found: list[ChildView] = []
    for other in sorted(links.keys() - {view.child}):
        linked = find(other)
        if any(in_force(link, view, linked, now) for link in links[other]):
            found.append(linked)
    return found


def _stands_on(organisation: str, view: ChildView, now: datetime) -> bool:
    return organisation == view.authority or holds(view.grants, organisation, now)


def _stood_on(organisation: str, view: ChildView, now: datetime) -> bool:
    """Whether the poster has ever had a relationship of its own up to an instant."""
    return organisation in _authorities(view) or any(
        holds((grant,), organisation, grant.from_) for grant in view.grants if grant.from_ <= now
    )


def _linked_by_authority(view: ChildView, other: ChildView) -> bool:
    return view.authority is not None and any(
        one.child == view.child
        and one.other == other.child
        and one.organisation == view.authority_at(one.position)
        for one in view.link_entries
    )


def _named_by_authority(view: ChildView, other: ChildView) -> bool:
    return view.authority is not None and any(
        one.organisation == view.authority_at(one.position)
        and any(named.child == other.child for named in one.others)
        for one in view.entries
    )


def _authorities(view: ChildView) -> set[str | None]:
    """The responsible authority and those before it: a move takes no safety fact from another child."""
    return {view.authority, *(one.from_authority for one in view.handovers)}
