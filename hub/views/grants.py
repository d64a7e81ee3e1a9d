"""A grant while the walk through a child's entries may still end it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias, get_args

from hub.catalogue.occurred import LONDON, london_day
from hub.pathway.entries import Entry, said
from hub.pathway.fields import day, text
from hub.views.types import Grant, GrantKind, Handover

AreaOf: TypeAlias = Callable[[str], str | None]
ServicesIn: TypeAlias = Callable[[str, str], Iterable[str]]
"""The organisations of an authority's area that have somebody with a role."""

AFTERWARDS: Final = timedelta(days=28)
"""How long a relationship outlasts the meeting, an answer, or the enquiry and investigation (a setting)."""

# Oversight, a seat, a question asked: they do not make an organisation's word count towards others.
_IN_PASSING: Final = frozenset(
    {"invited", "attendee", "front-door", "iro", "chair", "smg", "spoc", "mappa", "respondent", "emergency"}
)
_BASES: Final = frozenset(get_args(GrantKind)) - _IN_PASSING
_BY_AREA: Final = frozenset({"social-care", "youth-justice"})
# Parts that the responsible authority gives out and the next one gives out anew (D-24).
_OF_THE_AUTHORITY: Final = frozenset(
    {"iro", "chair", "smg", "group-member", "early-help", "spoc", "mappa", "respondent"}
)


@dataclass(slots=True)
class OpenGrant:
    """One grant of the walk; an end may only come nearer."""

    grant: Grant

    def end(self, at: datetime) -> None:
        """End the grant at an instant, or leave it where it ends earlier."""
        at = max(at, self.grant.from_)
        until = self.grant.until
        if until is None or at < until:
            self.grant = replace(self.grant, until=at)


def give(
    open_: list[OpenGrant],
    entry: Entry,
    kind: GrantKind,
    organisation: str,
    person: str | None,
    meeting: str | None = None,
    *,
    papers: tuple[str, ...] = (),
    covers: str | None = None,
) -> None:
    """Add what an entry grants, from its receipt or the later day that it names."""
    if person is not None and not person.startswith(f"{organisation}/"):
        return
    until = day(entry, "until")
    ends = day_end(until) if until else None
    grant = Grant(kind, organisation, person, _begins(entry), ends, entry.key, meeting, papers, covers)
    open_.append(OpenGrant(grant))


def end_where(open_: list[OpenGrant], entry: Entry, which: Callable[[Grant], bool]) -> None:
    """End the grants that a later entry supersedes: when the hub has it, or when what it grants begins."""
    at = _begins(entry)
    for one in open_:
        if which(one.grant):
            one.end(at)


def _begins(entry: Entry) -> datetime:
    from_ = day(entry, "from")
    return max(entry.received_at, london_day(from_)[0]) if from_ else entry.received_at


def end_recorded(open_: Sequence[OpenGrant], entry: Entry, granting: str | None) -> None:
    """Apply a recorded end: it counts from the child's authority, or from the organisation it concerns.

    Shape: it takes effect on the next read, or at the end of a later day that it names (D-20).
    """
    organisation, person = text(entry, "organisation"), text(entry, "person")
    if entry.organisation not in (granting, organisation):
        return
    named = day(entry, "at")
    later = named is not None and named > entry.received_at.astimezone(LONDON).date()
    at = day_end(named) if named is not None and later else entry.received_at
    for one in open_:
        grant = one.grant
        same = grant.kind == text(entry, "kind") and grant.organisation == organisation
        if same and person in (None, grant.person):
            one.end(at)


def end_at_handover(open_: Iterable[OpenGrant], handover: Handover, area_of: AreaOf) -> None:
    """End what the former authority's own people hold, and its area's services by their office (D-24, D-27).

    Shape: with them ends what that authority appointed, asked for or transferred. Schools, health, carers
    and police stay until the new authority says otherwise, so that nobody
    who keeps the child safe is cut off by a move.
    """
    former = handover.from_authority
    for one in open_:
        organisation = one.grant.organisation
        office = kind_of(organisation) in _BY_AREA and area_of(organisation) == former
        if organisation == former or office or one.grant.kind in _OF_THE_AUTHORITY:
            one.end(handover.at)


def lapse(at: datetime) -> datetime:
    """The end of the London day 28 days after an instant."""
    return day_end((at + AFTERWARDS).astimezone(LONDON).date())


def holds(grants: Iterable[Grant], organisation: str, at: datetime) -> bool:
    """Whether an organisation has a relationship of its own with a child, beyond a meeting or a referral."""
    return any(
        one.organisation == organisation and one.kind in _BASES and not one.papers and one.current(at)
        for one in grants
    )


def day_end(named: date) -> datetime:
    """The end of a London day, exclusive."""
    return london_day(named)[1]


def by_position(entries: Iterable[Entry], types: Iterable[str]) -> list[Entry]:
    """Those of these types in the order of the record; a decision that awaits agreement has no effect yet."""
    return [one for one in said(entries, *types) if not one.awaiting]


def kind_of(organisation: str) -> str:
    """The kind that an organisation's id begins with."""
    return organisation.partition(".")[0]
