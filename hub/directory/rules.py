"""What a change of the directory must satisfy: each rule makes the event, or refuses, on a state."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from typing import Final, TypeAlias

from hub.directory.events import (
    AgreementRecorded,
    DirectoryEvent,
    OrganisationAdded,
    PersonAdded,
    ProfileAdopted,
    RoleGranted,
    SharingAgreed,
)
from hub.directory.names import PROFILE, PURPOSE, known_role, organisation_kind, organisation_of
from hub.directory.sharing import refuse_new_people
from hub.directory.state import DirectoryState
from hub.errors import HubError

Rule: TypeAlias = Callable[[DirectoryState], DirectoryEvent | None]
"""The event that a state allows; None where there is nothing to do. Raises HubError where it refuses."""

_LONGEST_TEXT: Final = 200


def organisation_added(organisation: str, title: str, area: str | None) -> Rule:
    """An organisation takes part, in the area of an authority that takes part; an authority is its own."""
    kind = organisation_kind(organisation)
    named = plain_text(title)
    place = organisation if kind == "social-care" and area is None else area

    def rule(state: DirectoryState) -> DirectoryEvent:
        if place is not None and organisation_kind(place) != "social-care":
            raise HubError("schema", "An area is the id of a social-care organisation.")
        if place not in (None, organisation):
            known_organisation(state, place, "Add the area's social-care organisation first.")
        return OrganisationAdded(organisation, kind, named, place)

    return rule


def person_added(person: str, today: date) -> Rule:
    """A person becomes known, where the organisation may take people on."""
    organisation = organisation_of(person)

    def rule(state: DirectoryState) -> DirectoryEvent:
        known_organisation(state, organisation, "Add the person's organisation first.")
        if person in state.people:
            raise HubError("conflict", "There is already a person with this id.")
        refuse_new_people(state, organisation, today)
        return PersonAdded(person)

    return rule


def role_granted(holder: str, role: str, today: date) -> Rule:
    """A person gets a role, where the organisation may take people on; or its systems do, in any case."""
    known_role(role)

    def rule(state: DirectoryState) -> DirectoryEvent:
        person = state.people.get(known_holder(state, holder))
        if person is not None:
            refuse_new_people(state, person.organisation, today)
        return RoleGranted(holder, role)

    return rule


def basis_recorded(
    organisation: str, purpose: str, lawful_basis: str, reference: str, since: date | None, until: date | None
) -> Rule:
    """The basis on which an organisation's people read for a purpose, for as long as it relies on it."""
    if len(purpose) > _LONGEST_TEXT or not PURPOSE.fullmatch(purpose):
        raise HubError("schema", "A purpose is one of the access purposes, in kebab case.")
    basis, papers = plain_text(lawful_basis), plain_text(reference)
    if since is not None and until is not None:
        _in_order(since, until)

    def rule(state: DirectoryState) -> DirectoryEvent:
        known_organisation(state, organisation)
        return AgreementRecorded(organisation, purpose, basis, papers, _written(since), _written(until))

    return rule


def sharing_agreed(
    organisation: str, reference: str, since: date | None, until: date, lead: str, today: date
) -> Rule:
    """An organisation has signed an agreement on sharing, in which one of its own people is named.

    Shape: without a first day it is from today, or from when the agreement of this reference began before.
    """
    papers = plain_text(reference)
    if organisation_of(lead) != organisation:
        raise HubError("schema", "The named lead is a person of the organisation: ID/PERSON.")

    def rule(state: DirectoryState) -> DirectoryEvent:
        known_organisation(state, organisation)
        held = (one.since for one in state.sharing.get(organisation, ()) if one.reference == papers)
        first = since or next(held, today)
        _in_order(first, until)
        return SharingAgreed(organisation, papers, first.isoformat(), until.isoformat(), lead)

    return rule


def profile_adopted(adoption: ProfileAdopted, profiles: Collection[str]) -> Rule:
    """An organisation adopts one of the profiles that this hub has loaded."""
    if len(adoption.profile) > _LONGEST_TEXT or not PROFILE.fullmatch(adoption.profile):
        raise HubError("schema", "A profile is named in kebab case, with its year.")
    # A name that no procedure has would switch every clock of the organisation off, silently.
    if adoption.profile not in profiles:
        raise HubError("schema", f"There is no such profile here; there are: {', '.join(sorted(profiles))}.")

    def rule(state: DirectoryState) -> DirectoryEvent:
        known_organisation(state, adoption.organisation)
        return adoption

    return rule


def known_organisation(
    state: DirectoryState, organisation: str | None, otherwise: str = "Add the organisation first."
) -> None:
    """Refuse what is about an organisation that does not take part."""
    if organisation not in state.organisations:
        raise HubError("not-found", otherwise)


def known_holder(state: DirectoryState, holder: str) -> str:
    """The person or organisation that a role is about, when the directory knows it."""
    if holder not in state.people and holder not in state.organisations:
        raise HubError("not-found", "There is no person and no organisation with this id.")
    return holder


def plain_text(text: str) -> str:
    """A text of an operator, without spaces around it."""
    named = text.strip()
    if not named or len(named) > _LONGEST_TEXT or not named.isprintable():
        raise HubError("schema", "A text here has 1 to 200 printable characters.")
    return named


def _in_order(since: date, until: date) -> None:
    if until < since:
        raise HubError("schema", "The agreement ends before it begins.")


def _written(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
