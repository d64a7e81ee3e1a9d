"""What invitations to meetings, and attendance, grant (G.00, D-25, D-27)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
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
    kind_of,
    lapse,
)
from hub.views.types import Folded, Grant, LinkEntry


def meeting_grants(
    folded: Folded,
    linked: Mapping[str, Folded],
    own: tuple[Grant, ...],
    bases: Mapping[str, tuple[Grant, ...]],
    area_of: AreaOf,
) -> tuple[Grant, ...]:
    """What invitations and attendance grant (step 3)."""
    open_: list[OpenGrant] = []
    has_harmed = any(text(one, "role") == "has-harmed" for one in said(folded.entries, "incident-recorded"))
    # By who convened it, because two convenors may use one name; and by the name alone.
    held: dict[tuple[str | None, str], datetime] = {}
    convenors = {entry.key: entry.organisation for entry in said(folded.entries, "invitation-sent", *_HELD)}
    moves = list(folded.handovers)
    for entry in by_position(folded.entries, _STEPS):
        while moves and moves[0].position < entry.position:
            end_at_handover(open_, moves.pop(0), area_of)
        if entry.type == "relationship-ended":
            end_recorded(open_, entry, folded.granting_at(entry.position))
            continue
        if entry.type == "closure-decided" and text(entry, "closes") == "case" and folded.granted(entry):
            end_where(open_, entry, lambda one: one.kind == "supervised")
            continue
        meeting = text(entry, "meeting")
        if meeting is None or not _may_convene(entry, folded, linked, own, bases):
            continue
        if entry.type == "invitation-sent":
            organisation, person = text(entry, "organisation"), text(entry, "person")
            if organisation is None:
                continue
            if text(entry, "decision") != "invited":
                end_where(open_, entry, _same_seat(meeting, organisation, person))
                continue
            give(open_, entry, "invited", organisation, person, meeting)
            home = folded.granting_at(entry.position)
            if (
                kind_of(organisation) == "youth-justice"
                and has_harmed
                and home
                and area_of(organisation) == home
            ):
                give(open_, entry, "supervised", organisation, person)
        if entry.type in _HELD:
            held[entry.organisation, meeting] = held[None, meeting] = entry.received_at
            for organisation, person in _attendance(entry):
                # A school in the wrong room was there, and still gets no papers of it.
                if kind_of(organisation) != "education" or _enrolled(own, organisation, entry.received_at):
                    give(open_, entry, "attendee", organisation, person, meeting)
    for move in moves:
        end_at_handover(open_, move, area_of)
    found: list[Grant] = []
    for one in open_:
        meeting = one.grant.meeting or ""
        at = held.get((convenors[one.grant.basis], meeting), held.get((None, meeting)))
        if at is not None:
            one.end(lapse(at))
        found += _of_a_pupil(one.grant, own, at)
    return tuple(found)


_HELD: Final = frozenset({"meeting-held", "conference-held"})
_STEPS: Final = _HELD | {"invitation-sent", "relationship-ended", "closure-decided"}


def _of_a_pupil(grant: Grant, own: Iterable[Grant], held: datetime | None) -> tuple[Grant, ...]:
    """An invitation of a school, as far as the child is its pupil; of anybody else as it is (R-082).

    Trust: a school that the child has left before the meeting would otherwise read of another school's pupil,
    also after the pupil came back. That it was there is a grant of its own.

    1. It opens the papers while the child is enrolled, where it was when the meeting was held.
    2. Else it opens nothing, and that the school was invited stays known.
    """
    if grant.kind != "invited" or kind_of(grant.organisation) != "education":
        return (grant,)
    found: list[Grant] = []
    if held is None or _enrolled(own, grant.organisation, held):  # 1
        for one in own:
            if one.kind == "enrolled" and one.organisation == grant.organisation:
                from_ = max(grant.from_, one.from_)
                ends = [each for each in (grant.until, one.until) if each is not None]
                if not ends or from_ < min(ends):
                    found.append(replace(grant, from_=from_, until=min(ends, default=None)))
    return tuple(found) or (replace(grant, until=grant.from_, meeting=None),)  # 2


def _enrolled(own: Iterable[Grant], organisation: str, at: datetime) -> bool:
    return any(one.kind == "enrolled" and one.organisation == organisation and one.current(at) for one in own)


def _may_convene(
    entry: Entry,
    folded: Folded,
    linked: Mapping[str, Folded],
    own: tuple[Grant, ...],
    bases: Mapping[str, tuple[Grant, ...]],
) -> bool:
    """Whether an invitation or a record of attendance comes from who may let others in."""
    if entry.organisation is None:
        return False
    if folded.granted(entry):
        return True
    return any(
        one.authority_at(entry.position) == entry.organisation
        and one.granted(entry)
        and linked_at(folded, one, own, bases[other], entry.received_at, entry.position)
        for other, one in linked.items()
    )


def linked_at(
    here: Folded,
    there: Folded,
    grants_here: Sequence[Grant],
    grants_there: Sequence[Grant],
    at: datetime,
    before: int | None = None,
) -> bool:
    """Whether a link between two children may be relied on at an instant.

    Shape: this child's own authority named the other child, or a link is in force; `before` leaves out
    what stands later in the record.
    """
    links = [
        one
        for one in (*here.names, *there.names)
        if {one.child, one.other} == {here.child, there.child} and (before is None or one.position < before)
    ]
    if any(one.child == here.child and one.organisation == here.authority_at(one.position) for one in links):
        return True
    return any(
        _has_basis(one, here.authority_at(one.position), grants_here, at)
        and _has_basis(one, there.authority_at(one.position), grants_there, at)
        for one in links
    )


def _has_basis(link: LinkEntry, authority: str | None, grants: Sequence[Grant], at: datetime) -> bool:
    return link.organisation == authority or holds(grants, link.organisation, at)


def _same_seat(meeting: str, organisation: str, person: str | None) -> Callable[[Grant], bool]:
    return lambda one: (
        one.kind == "invited"
        and one.meeting == meeting
        and one.organisation == organisation
        and person in (None, one.person)
    )


def _attendance(entry: Entry) -> Iterable[tuple[str, str | None]]:
    for one in parts(entry, "attendance"):
        organisation = text(one, "organisation")
        if organisation is not None:
            yield organisation, text(one, "person")
