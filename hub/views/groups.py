"""Who sits in the strategic group of a set of linked children (G.00, D-17, D-51)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from hub.pathway.entries import Entry, said
from hub.pathway.fields import parts, text
from hub.views.grants import (
    AreaOf,
    OpenGrant,
    by_position,
    end_at_handover,
    end_recorded,
    end_where,
    give,
    holds,
)
from hub.views.types import Folded, Grant

APPOINTED: Final = "strategic-management-group-appointed"


def members(entry: Entry) -> Iterator[tuple[str, str]]:
    """The members that an appointment names, each an organisation and one of its people."""
    for member in parts(entry, "members"):
        organisation, person = text(member, "organisation"), text(member, "person")
        if organisation is not None and person is not None:
            yield organisation, person


def set_grants(
    folded: Folded, linked: Mapping[str, Folded], own: Iterable[Grant], area_of: AreaOf
) -> tuple[Grant, ...]:
    """The seats that a group appointed on a linked child's record has towards this child.

    1. The appointment names a link, and that link joins the two children on this child's own record, said
       by who may: its authority, or an organisation with a relationship of its own.
    2. The authority that appointed it was responsible for both children then: another authority appoints
       for its own child (D-51).
    3. The next appointment for that link takes its place; a seat ends as recorded, and where this child or
       the linked one comes under another authority.
    """
    found: list[Grant] = []
    own = tuple(own)
    for other in linked.values():
        open_: list[OpenGrant] = []
        steps = [(entry, other) for entry in by_position(other.entries, (APPOINTED,))]
        steps += [(entry, folded) for entry in by_position(folded.entries, ("relationship-ended",))]
        for entry, where in sorted(steps, key=lambda step: step[0].position):
            if where is folded:
                end_recorded(open_, entry, folded.granting_at(entry.position))
            elif other.granted(entry) and entry.organisation == folded.granting_at(entry.position):  # 2
                if _joined(folded, other.child, text(entry, "link"), own):  # 1
                    end_where(open_, entry, lambda one: True)  # 3
                    for organisation, person in members(entry):
                        give(open_, entry, "smg", organisation, person)
        for one in open_:
            for move in (*folded.handovers, *other.handovers):
                if move.at >= one.grant.from_:
                    end_at_handover([one], move, area_of)
        found += [one.grant for one in open_]
    return tuple(found)


def _joined(folded: Folded, other: str, link: str | None, own: Iterable[Grant]) -> bool:
    return link is not None and any(
        text(entry, "link") == link
        and any(one.child == other for one in entry.others)
        and entry.organisation is not None
        and (
            entry.organisation == folded.granting_at(entry.position)
            or holds(own, entry.organisation, entry.received_at)
        )
        for entry in said(folded.entries, "incident-linked")
    )
