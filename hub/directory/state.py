"""The directory as it stands: a pure fold of its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from hub.directory.events import (
    AgreementRecorded,
    DirectoryEvent,
    KeyRegistered,
    KeyRevoked,
    KeyRotated,
    KeyUse,
    OrganisationAdded,
    PersonAdded,
    PersonDisabled,
    ProfileAdopted,
    RoleEnded,
    RoleGranted,
    SharingAgreed,
)
from hub.directory.names import organisation_of
from hub.directory.types import (
    Agreement,
    Organisation,
    OrganisationKey,
    Person,
    Principal,
    SharingAgreement,
)
from hub.errors import HubError


@dataclass(frozen=True, slots=True)
class DirectoryState:
    """Everybody and everything the directory knows, after `version` events.

    Shape: `system_roles` are the roles of an organisation's own systems (e.g. `witness`); `keys` are by
    thumbprint; `agreements` (on which basis people read) by organisation and purpose; `sharing` has the
    agreements on sharing of an organisation, one for each reference. Never changed in place.
    """

    version: int = 0
    organisations: Mapping[str, Organisation] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    system_roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    keys: Mapping[str, OrganisationKey] = field(default_factory=dict)
    agreements: Mapping[tuple[str, str], Agreement] = field(default_factory=dict)
    sharing: Mapping[str, tuple[SharingAgreement, ...]] = field(default_factory=dict)

    def key(self, kid: str, use: KeyUse) -> OrganisationKey | None:
        """The key with this thumbprint, if it is registered for this use; valid or not."""
        found = self.keys.get(kid)
        return found if found is not None and found.use == use else None

    def principal_for_person(self, person: str) -> Principal:
        """The person as a principal, with the roles held.

        Raises: HubError token, when the person is unknown or disabled.
        """
        found = self.people.get(person)
        if found is None or not found.active:
            raise HubError("token")
        organisation = self.organisations[found.organisation]
        return Principal(organisation.id, organisation.kind, organisation.area, found.id, found.roles)

    def principal_for_organisation(self, organisation: str) -> Principal:
        """An organisation's system as a principal, with the roles given to its systems.

        Raises: HubError token, when the organisation is unknown.
        """
        found = self.organisations.get(organisation)
        if found is None:
            raise HubError("token")
        roles = self.system_roles.get(organisation, frozenset())
        return Principal(found.id, found.kind, found.area, None, roles)


def fold(state: DirectoryState, events: Iterable[DirectoryEvent]) -> DirectoryState:
    """The state after these further events; the same events in any portions give the same state."""
    draft = _Draft(state)
    for event in events:
        draft.apply(event)
    return draft.state()


class _Draft:
    """Copies of the state's mappings, made once per portion so that a long directory folds in one pass."""

    def __init__(self, state: DirectoryState) -> None:
        self.version = state.version
        self.organisations = dict(state.organisations)
        self.people = dict(state.people)
        self.system_roles = dict(state.system_roles)
        self.keys = dict(state.keys)
        self.agreements = dict(state.agreements)
        self.sharing = dict(state.sharing)

    def state(self) -> DirectoryState:
        return DirectoryState(
            self.version,
            self.organisations,
            self.people,
            self.system_roles,
            self.keys,
            self.agreements,
            self.sharing,
        )

    def apply(self, event: DirectoryEvent) -> None:
        self.version += 1
        match event:
            case OrganisationAdded(organisation, kind, title, area):
                before = self.organisations.get(organisation)
                new = Organisation(organisation, kind, title, area)
                self.organisations[organisation] = replace(before, title=title, area=area) if before else new
            case ProfileAdopted(organisation, profile, owner=owner):
                self.organisations[organisation] = replace(
                    self.organisations[organisation], profile=profile, profile_owner=owner
                )
            case PersonAdded(person):
                self.people[person] = Person(person, organisation_of(person), frozenset())
            case PersonDisabled(person):
                self.people[person] = replace(self.people[person], active=False)
            case RoleGranted(holder, role):
                self._set_roles(holder, self._roles(holder) | {role})
            case RoleEnded(holder, role):
                self._set_roles(holder, self._roles(holder) - {role})
            case AgreementRecorded(organisation, purpose, lawful_basis, reference, since, until):
                self.agreements[organisation, purpose] = Agreement(
                    organisation, purpose, lawful_basis, reference, _day(since), _day(until)
                )
            case SharingAgreed(organisation, reference, since, until, lead):
                signed = SharingAgreement(
                    organisation, reference, date.fromisoformat(since), date.fromisoformat(until), lead
                )
                held = {one.reference: one for one in self.sharing.get(organisation, ())}
                self.sharing[organisation] = tuple((held | {reference: signed}).values())
            case KeyRegistered(organisation, use, kid, jwk, not_before, not_after):
                self.keys[kid] = OrganisationKey(kid, organisation, use, jwk, not_before, not_after)
            case KeyRotated(old_kid, kid, jwk, not_before, overlap_until):
                old = self.keys[old_kid]
                ends = overlap_until if old.not_after is None else min(old.not_after, overlap_until)
                self.keys[old_kid] = replace(old, not_after=ends)
                self.keys[kid] = OrganisationKey(kid, old.organisation, old.use, jwk, not_before)
            case KeyRevoked(kid, revoked_at, compromised_since):
                self.keys[kid] = replace(
                    self.keys[kid], revoked_at=revoked_at, compromised_since=compromised_since
                )

    def _roles(self, holder: str) -> frozenset[str]:
        if holder in self.people:
            return self.people[holder].roles
        return self.system_roles.get(holder, frozenset())

    def _set_roles(self, holder: str, roles: frozenset[str]) -> None:
        if holder in self.people:
            self.people[holder] = replace(self.people[holder], roles=roles)
        else:
            self.system_roles[holder] = roles


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written is not None else None
