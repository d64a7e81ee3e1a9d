"""The directory: look-ups in what stands now, and commands that append to stream `directory`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from threading import Lock
from typing import Final, Literal

from hub.directory import rules
from hub.directory.events import (
    DirectoryEvent,
    KeyRegistered,
    KeyRevoked,
    KeyRotated,
    KeyUse,
    PersonDisabled,
    ProfileAdopted,
    RoleEnded,
    decode,
    encode,
    name_of,
)
from hub.directory.keys import public_key
from hub.directory.names import known_role
from hub.directory.renewing import acts_of, is_in_force, is_known, read_act
from hub.directory.sharing import Standing, standing
from hub.directory.state import DirectoryState, fold
from hub.directory.types import Organisation, OrganisationKey, Person, Principal
from hub.errors import HubError
from hub.pathway.calendar import london_day
from hub.pathway.profiles import PROFILES
from hub.record import Append, Draft, HeadMoved, Record
from hub.record.kept_apart import Act
from hub.record.ports import Clock

STREAM: Final = "directory"
SOURCE: Final = "urn:safeguarding:hub"
_ATTEMPTS: Final = 8


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the directory that is appended together with the event that brought it.

    Shape: it stands only on this version of the stream; `acts` are for the journal kept apart.
    """

    draft: Draft
    version: int
    acts: tuple[Act, ...]


class Directory:
    """Who there is, what they may be, and with which keys, as the record has it now.

    Every look-up reads the stream's tail first, so that what another process committed binds at the
    next look-up. Safe to share between threads.
    """

    def __init__(self, record: Record, clock: Clock, profiles: Collection[str] = tuple(PROFILES)) -> None:
        self._record = record
        self._profiles = profiles
        self._clock = clock
        self._state = DirectoryState()
        self._lock = Lock()
        self._begun = self._seen = 0

    # --- what stands now -----------------------------------------------------------------------

    def refresh(self) -> DirectoryState:
        """Fold what was appended since the last look, and return everything as it stands now.

        Shape: one look serves everybody who had asked when it began.
        """
        asked = self._begun
        with self._lock:
            # A look that began after this was asked is as new as one of its own.
            if self._seen > asked:
                return self._state
            self._begun += 1
            # Asking for the version alone is cheap, and most often that is all there is to know.
            if self._record.versions([STREAM])[STREAM] > self._state.version:
                events = []
                for item in self._record.stream(STREAM, after=self._state.version):
                    if item.body is None:
                        raise HubError("store", "The directory cannot be opened with this master key.")
                    events.append(decode(item.type, item.body))
                self._state = fold(self._state, events)
            self._seen = self._begun
            return self._state

    def organisations(self) -> tuple[Organisation, ...]:
        """All organisations, by id."""
        return tuple(one for _, one in sorted(self.refresh().organisations.items()))

    def organisation(self, organisation: str) -> Organisation | None:
        """The organisation with this id."""
        return self.refresh().organisations.get(organisation)

    def area_of(self, organisation: str) -> str | None:
        """The social-care authority whose area the organisation belongs to."""
        found = self.organisation(organisation)
        return found.area if found else None

    def people(self, organisation: str | None = None) -> tuple[Person, ...]:
        """All people, or those of one organisation, by id; disabled people too."""
        everybody = sorted(self.refresh().people.items())
        return tuple(one for _, one in everybody if organisation in (None, one.organisation))

    def person(self, person: str) -> Person | None:
        """The person with this id, disabled or not."""
        return self.refresh().people.get(person)

    def roles(self, person: str) -> frozenset[str]:
        """The roles that a person holds now; none for a disabled or unknown person."""
        found = self.person(person)
        return found.roles if found is not None and found.active else frozenset()

    def people_with_role(self, organisation: str, role: str) -> tuple[Person, ...]:
        """The active people of an organisation who hold a role now."""
        return tuple(one for one in self.people(organisation) if one.active and role in one.roles)

    def team_managers(self, organisation: str) -> tuple[Person, ...]:
        """The active team managers of an organisation."""
        return self.people_with_role(organisation, "team-manager")

    def is_team_manager(self, person: str, organisation: str) -> bool:
        """Whether a person is an active team manager of this very organisation now."""
        return any(one.id == person for one in self.team_managers(organisation))

    def key(self, kid: str, use: KeyUse) -> OrganisationKey | None:
        """The key with this thumbprint, if it is registered for this use; valid or not."""
        return self.refresh().key(kid, use)

    def keys(self, organisation: str, use: KeyUse | None = None) -> tuple[OrganisationKey, ...]:
        """All keys that an organisation ever had, for one use or for both, oldest first."""
        found = (one for one in self.refresh().keys.values() if one.organisation == organisation)
        return tuple(
            sorted(
                (one for one in found if use in (None, one.use)), key=lambda one: (one.not_before, one.kid)
            )
        )

    def keys_at(self, organisation: str, use: KeyUse, instant: datetime) -> tuple[OrganisationKey, ...]:
        """The keys of an organisation that are accepted at an instant."""
        return tuple(one for one in self.keys(organisation, use) if one.valid_at(instant))

    def lawful_basis(self, organisation: str, purpose: str) -> str | None:
        """The lawful basis that an organisation picked for a purpose and relies on today, if any."""
        found = self.refresh().agreements.get((organisation, purpose))
        return found.lawful_basis if found is not None and found.covers(self.today()) else None

    def today(self) -> date:
        """The London day by which agreements are judged: the world's, also in a simulation."""
        return london_day(self._clock.wall())

    def standing(self, organisation: str) -> Standing:
        """What an organisation has agreed to and follows today, and what it lacks to take people on.

        Raises: HubError not-found.
        """
        state = self.refresh()
        rules.known_organisation(state, organisation)
        return standing(state, organisation, self.today())

    # --- who is asking -------------------------------------------------------------------------

    def principal_for_person(self, person: str) -> Principal:
        """The person as a principal, with the roles held now.

        Raises: HubError token, when the person is unknown or disabled.
        """
        return self.refresh().principal_for_person(person)

    def principal_for_organisation(self, organisation: str) -> Principal:
        """An organisation's system as a principal, with the roles given to its systems.

        Raises: HubError token, when the organisation is unknown.
        """
        return self.refresh().principal_for_organisation(organisation)

    # --- commands ------------------------------------------------------------------------------

    def add_organisation(self, organisation: str, title: str, area: str | None = None) -> None:
        """Let an organisation take part, or set its title and area anew.

        Raises: HubError schema or not-found. A social-care authority is its own area.
        """
        self._append(rules.organisation_added(organisation, title, area))

    def add_person(self, person: str, roles: tuple[str, ...] = ()) -> None:
        """Make a person of an organisation known, with the roles given.

        Raises: HubError schema, not-found (organisation), conflict (id already in use), or gate where the
            organisation has no agreement, no procedure or no lead.
        """
        wanted = tuple(known_role(role) for role in roles)
        self._append(rules.person_added(person, self.today()))
        for role in wanted:
            self.grant_role(person, role)

    def grant_role(self, holder: str, role: str) -> None:
        """Give a role to a person, or to an organisation's systems (a witness).

        Raises: HubError schema, not-found, or gate as `add_person`.
        """
        self._append(rules.role_granted(holder, role, self.today()))

    def end_role(self, holder: str, role: str) -> None:
        """Take a role away; it binds from the next look-up.

        Raises: HubError schema or not-found.
        """
        known_role(role)
        self._append(lambda state: RoleEnded(rules.known_holder(state, holder), role))

    def disable_person(self, person: str) -> None:
        """Refuse everything to a person from the next look-up.

        Raises: HubError not-found.
        """

        def rule(state: DirectoryState) -> DirectoryEvent:
            if person not in state.people:
                raise HubError("not-found", "There is no person with this id.")
            return PersonDisabled(person)

        self._append(rule)

    def register_key(
        self,
        organisation: str,
        use: Literal["events", "client"],
        jwk: str,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
    ) -> OrganisationKey:
        """Accept a public key of an organisation, for events or for client assertions, never for both.

        Raises: HubError schema, not-found or conflict.
        """
        key = public_key(jwk)
        begins = not_before or self._clock.wall()
        if not_after is not None and not_after <= begins:
            raise HubError("schema", "The key's validity ends before it begins.")

        def rule(state: DirectoryState) -> DirectoryEvent:
            rules.known_organisation(state, organisation)
            _unused(state, key.kid)
            return KeyRegistered(organisation, use, key.kid, key.jwk, begins, not_after)

        return self._append(rule).keys[key.kid]

    def rotate_key(self, old_kid: str, jwk: str, overlap_until: datetime) -> OrganisationKey:
        """Replace a key: the new one is accepted at once, the old one until the overlap ends (H-21).

        Raises: HubError schema, not-found, conflict, or key-revoked (a revoked key is not rotated).
        """
        key = public_key(jwk)
        now = self._clock.wall()

        def rule(state: DirectoryState) -> DirectoryEvent:
            old = _key(state, old_kid)
            if old.revoked_at is not None:
                raise HubError("key-revoked", "This key is revoked; register the new one instead.")
            _unused(state, key.kid)
            return KeyRotated(old_kid, key.kid, key.jwk, now, max(overlap_until, now))

        return self._append(rule).keys[key.kid]

    def revoke_key(self, kid: str, compromised_since: datetime | None = None) -> OrganisationKey:
        """Refuse a key from now on; name since when its signatures need a review, if they do.

        Raises: HubError not-found.
        """
        now = self._clock.wall()

        def rule(state: DirectoryState) -> DirectoryEvent:
            revoked = _key(state, kid).revoked_at
            return KeyRevoked(kid, min(revoked, now) if revoked else now, compromised_since)

        return self._append(rule).keys[kid]

    def record_agreement(
        self,
        organisation: str,
        purpose: str,
        lawful_basis: str,
        reference: str,
        since: date | None = None,
        until: date | None = None,
    ) -> None:
        """Record on which lawful basis an organisation's people read for a purpose (H-12), and how long.

        Raises: HubError schema or not-found.
        """
        self._append(rules.basis_recorded(organisation, purpose, lawful_basis, reference, since, until))

    def agree_sharing(
        self, organisation: str, reference: str, until: date, lead: str, since: date | None = None
    ) -> None:
        """Record that an organisation has signed an agreement on sharing, and whom it names as its lead.

        Shape: from today where no day is given; the same reference again takes the earlier one's place, from
        the same day.
        Raises: HubError schema or not-found.
        """
        self._append(rules.sharing_agreed(organisation, reference, since, until, lead, self.today()))

    def adopt_profile(self, organisation: str, profile: str) -> None:
        """Let a local procedure profile rule for an organisation from now on.

        Raises: HubError schema or not-found.
        """
        self._append(rules.profile_adopted(ProfileAdopted(organisation, profile), self._profiles))

    def adopting(self, adoption: ProfileAdopted, name: str) -> Change:
        """The change by which an organisation adopts a profile, for an append that holds more than this.

        Shape: `name` is of this change alone, so that only its place in the stream can be lost to another.
        Raises: HubError schema or not-found.
        """
        state = self.refresh()
        rules.profile_adopted(adoption, self._profiles)(state)
        return self._change(state, adoption, name)

    def renew(self, act: Act) -> bool:
        """Make a change again that a restored record lacks; False where it is in force.

        1. Where the change stands as it was made, nothing is done: it may have been given again since.
        2. Make known again whom it is about, where they are not known; then make the change.

        Raises: HubError store.
        """
        about, change, body = read_act(act)
        stands = self._record.find(act.source, act.id)
        if stands is not None and stands.body == body:  # 1.
            return False
        version = self.refresh().version
        for event in about:  # 2.
            self._append(partial(_unknown, event))
        state = self._append(lambda state: None if is_in_force(state, change) else change)
        return state.version > version

    def _append(self, rule: rules.Rule) -> DirectoryState:
        """Append what the rule makes of the state, on that state and no other.

        1. Fold what stands, and let the rule refuse, make its event, or say that there is nothing to do.
        2. Append it as the stream's next version, in the journal kept apart first where it must bind after
           a restore too; the id says the version, so that two writers that saw the same state collide.
        3. Where another was first, begin again.
        """
        for _ in range(_ATTEMPTS):
            state = self.refresh()
            event = rule(state)
            if event is None:
                return state
            change = self._change(state, event, f"directory-{state.version + 1:010d}")
            try:
                self._record.bind(Append((change.draft,), heads={STREAM: change.version}), change.acts)
            except HeadMoved:
                continue
            except HubError as error:
                if error.slug != "conflict":
                    raise
                continue
            return self.refresh()
        raise HubError("store", "The directory is being changed by others; nothing was kept. Try again.")

    def _change(self, state: DirectoryState, event: DirectoryEvent, name: str) -> Change:
        now = self._clock.wall()
        body = encode(event, now)
        draft = Draft(STREAM, "record", SOURCE, name, name_of(event), body, body)
        return Change(draft, state.version, acts_of(state, event, draft, now))


def _unknown(event: DirectoryEvent, state: DirectoryState) -> DirectoryEvent | None:
    return None if is_known(state, event) else event


def _key(state: DirectoryState, kid: str) -> OrganisationKey:
    if kid not in state.keys:
        raise HubError("not-found", "There is no key with this thumbprint.")
    return state.keys[kid]


def _unused(state: DirectoryState, kid: str) -> None:
    """One key, one use, one owner: a key taken twice could sign as two organisations, or as login."""
    if kid in state.keys:
        raise HubError("conflict", "This key is already registered; every use has a key of its own.")
