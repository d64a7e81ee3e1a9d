"""What a decision of the child's authority opens besides an allocation or a relationship (D-24, D-43)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hub.pathway.calendar import birthday
from hub.pathway.child import in_role
from hub.pathway.entries import Entry
from hub.pathway.fields import days_of, text
from hub.views.grants import OpenGrant, ServicesIn, end_where, give, kind_of, lapse
from hub.views.types import Folded, Grant

CONSULT_ONLY: Final = "consult only"
"""The paper to which the relationship of police is limited who are consulted and do not investigate."""
EARLY_HELP_ROLE: Final = "early-help-worker"
YOUTH_JUSTICE_ROLE: Final = "youth-justice-worker"

TO_EARLY_HELP: Final = frozenset({"early-help", "building-stronger-families"})
"""The targets of a transfer that are early help of the authority's own area."""
_CRIMINAL_RESPONSIBILITY: Final = 10
_GROUP: Final = "group-member"
_TO_ANOTHER_AUTHORITY: Final = "other-authority"


def transferred(open_: list[OpenGrant], entry: Entry, services_in: ServicesIn) -> None:
    """A transfer to early help lets its service read, and a transfer elsewhere ends that (D-24).

    Shape: the event names no organisation: the service is that of the authority's area. With a step down the
    group that worked with the child has done its work; with a move it works on until the new authority has
    taken over.
    """
    ended = {"early-help"} if text(entry, "target") == _TO_ANOTHER_AUTHORITY else {"early-help", _GROUP}
    end_where(open_, entry, lambda one: one.kind in ended)
    if text(entry, "target") in TO_EARLY_HELP and entry.organisation is not None:
        for service in services_in(entry.organisation, EARLY_HELP_ROLE):
            give(open_, entry, "early-help", service, None)


def planned(open_: list[OpenGrant], entry: Entry, services_in: ServicesIn) -> None:
    """An early help plan lets its coordinator read; where none is named, the area's service (D-24)."""
    if text(entry, "kind") != "early-help" or entry.organisation is None:
        return
    organisation, _, local = (text(entry, "coordinator") or "").partition("/")
    if local:
        give(open_, entry, "early-help", organisation, f"{organisation}/{local}")
        return
    for service in [organisation] if organisation else services_in(entry.organisation, EARLY_HELP_ROLE):
        give(open_, entry, "early-help", service, None)


def asked(open_: list[OpenGrant], entry: Entry) -> None:
    """Whoever is asked for records gets what it needs to answer (D-24, D-25).

    Trust: to ask a school about a child that is not its pupil is a fault (R-092), and must not open the
    child's record to the wrong school.
    """
    holder = text(entry, "holder")
    if holder is None or holder == entry.organisation:
        return
    enrolled = any(
        one.grant.kind == "enrolled"
        and one.grant.organisation == holder
        and one.grant.current(entry.received_at)
        for one in open_
    )
    if kind_of(holder) != "education" or enrolled:
        give(open_, entry, "respondent", holder, None)


def answered(open_: Iterable[OpenGrant], entry: Entry) -> None:
    """An answer ends what a request opened 28 days later, as attendance ends: the one it names, or all."""
    mine = [
        one
        for one in open_
        if one.grant.kind == "respondent" and one.grant.organisation == entry.organisation
    ]
    named = [one for one in mine if one.grant.basis == entry.about]
    for one in named or mine:
        one.end(lapse(entry.received_at))


def closed(open_: list[OpenGrant], entry: Entry, plans: Iterable[Entry]) -> None:
    """The end of a case ends supervision, early help and what was asked; that of a plan, its early help.

    Shape: with either ends the group whose plan it was: whoever works on is recorded anew (D-24).
    """
    closes = text(entry, "closes")
    if closes in ("case", "plan"):
        end_where(open_, entry, lambda one: one.kind == _GROUP)
    if closes == "case":
        end_where(open_, entry, lambda one: one.kind in _WITH_THE_CASE)
    if closes == "plan":
        begun = {one.key for one in plans if one.type == "plan-started"}
        end_where(open_, entry, lambda one: one.kind == "early-help" and one.basis in begun)


_WITH_THE_CASE: Final = frozenset({"supervised", "early-help", "respondent", "spoc", "mappa"})


def below_responsibility(folded: Folded, entry: Entry, grants: Iterable[Grant]) -> bool:
    """Whether, when an entry came, the child was known as one who has harmed, and under ten each time (D-43).

    1. Only what stood in the record before the entry counts: what it grants is settled when it is granted.
    2. Only incidents by the child's authority and by who has a relationship with the child count, so that
       nobody else can take the case from police.
    3. An incident that may have happened on the tenth birthday or after is one at that age.
    """
    related = {folded.granting_at(entry.position), *(one.organisation for one in grants)}
    known = [
        one
        for one in in_role(folded.entries, "has-harmed")
        if one.position < entry.position and one.organisation in related  # 1, 2
    ]
    if folded.date_of_birth is None or not known:
        return False
    tenth = birthday(folded.date_of_birth, _CRIMINAL_RESPONSIBILITY)
    return all(days_of(one)[1] < tenth for one in known)  # 3
