"""What notices of release and of public protection open: to services that work with a child who has harmed.

They are posted by youth justice and police, who let others in and never themselves (G.00).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from hub.pathway.child import in_role
from hub.pathway.entries import Entry
from hub.pathway.fields import of_type, text
from hub.views.bases import YOUTH_JUSTICE_ROLE, below_responsibility
from hub.views.grants import (
    AreaOf,
    OpenGrant,
    ServicesIn,
    by_position,
    end_at_handover,
    end_recorded,
    end_where,
    give,
    holds,
    kind_of,
)
from hub.views.types import Folded, Grant, Handover

_MAY_SAY: Final = frozenset({"police", "youth-justice"})

_STEPS: Final = frozenset(
    {"mappa-notified", "custody-release-notified", "relationship-ended", "closure-decided"}
)


def release_grants(
    folded: Folded, grants: Sequence[Grant], area_of: AreaOf, services_in: ServicesIn
) -> tuple[Grant, ...]:
    """The relationships of the public protection coordinator, and of youth justice where a child is released.

      1. Only for a child who has harmed or was convicted, and for none who was under ten.
      2. A notice to the coordinator counts from the child's authority, and from police and youth justice that
         have a relationship of their own; the next notice takes its place (D-24, D-47).
      3. A notice of release counts from a youth-justice service with a relationship of its own; it lets the
         services of the area that the child comes to supervise (G.00), the next notice those of another.
      4. They end as recorded, with the case, and where the child comes under a further authority.

    Shape: `grants` are all others of the child, by which a poster's own relationship is known.
    """
    open_: list[OpenGrant] = []
    moves = list(folded.handovers)
    harmed = in_role(folded.entries, "has-harmed") or of_type(folded.entries, "conviction-recorded")
    if not harmed:  # 1
        return ()
    for entry in by_position(folded.entries, _STEPS):
        while moves and moves[0].position < entry.position:
            _moved(open_, moves.pop(0), area_of)
        match entry.type:
            case "mappa-notified" if _may_let_in(entry, folded, grants):  # 2
                _notified(open_, entry)
            case "custody-release-notified" if _may_let_in(entry, folded, grants):  # 3
                _released(open_, entry, area_of, services_in)
            case "relationship-ended":  # 4
                end_recorded(open_, entry, folded.granting_at(entry.position))
            case "closure-decided" if folded.granted(entry) and text(entry, "closes") == "case":
                end_where(open_, entry, lambda one: True)
    for move in moves:
        _moved(open_, move, area_of)
    return tuple(one.grant for one in open_)


def _notified(open_: list[OpenGrant], entry: Entry) -> None:
    organisation, _, local = (text(entry, "coordinator") or "").partition("/")
    if kind_of(organisation) != "other" or organisation == entry.organisation:
        return
    end_where(open_, entry, lambda one: one.kind == "mappa")
    give(open_, entry, "mappa", organisation, f"{organisation}/{local}" if local else None)


def _released(open_: list[OpenGrant], entry: Entry, area_of: AreaOf, services_in: ServicesIn) -> None:
    to = text(entry, "to_authority")
    end_where(open_, entry, lambda one: one.kind == "supervised")
    if to is None or entry.organisation is None or area_of(entry.organisation) == to:
        return
    for service in services_in(to, YOUTH_JUSTICE_ROLE):
        if kind_of(service) == "youth-justice":
            give(open_, entry, "supervised", service, None)


def _moved(open_: Sequence[OpenGrant], handover: Handover, area_of: AreaOf) -> None:
    """A child that comes under a further authority is not the concern of where it was released to."""
    end_at_handover(open_, handover, area_of)
    for one in open_:
        if area_of(one.grant.organisation) != handover.to_authority:
            one.end(handover.at)


def _may_let_in(entry: Entry, folded: Folded, grants: Sequence[Grant]) -> bool:
    """Whether a notice, as it now reads, comes from who may let others in.

    Trust: it is judged at each instant at which its poster spoke: a service whose relationship has ended
    could otherwise name another by a correction.
    """
    if below_responsibility(folded, entry, grants):
        return False
    if folded.granted(entry):
        return True
    said: list[datetime] = [entry.received_at, *(one.received_at for one in entry.corrections)]
    return kind_of(entry.organisation or "") in _MAY_SAY and all(
        holds(grants, entry.organisation or "", at) for at in said
    )
