"""Changes of the directory that must bind after a restore too, as the journal kept apart has them.

What only gives (an organisation, a person, a role, a key) is not among them: after a restore it is given
again by whoever may give it. Everything else takes something away, or sets it anew.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

import orjson

from hub.directory.events import (
    AgreementRecorded,
    DirectoryEvent,
    KeyRegistered,
    KeyRevoked,
    KeyRotated,
    OrganisationAdded,
    PersonAdded,
    PersonDisabled,
    ProfileAdopted,
    RoleEnded,
    RoleGranted,
    SharingAgreed,
    decode,
    encode,
    name_of,
)
from hub.directory.names import organisation_of
from hub.directory.state import DirectoryState, fold
from hub.record import Draft
from hub.record.kept_apart import Act

_GIVES: Final = (PersonAdded, RoleGranted, KeyRegistered)


def acts_of(state: DirectoryState, event: DirectoryEvent, draft: Draft, now: datetime) -> tuple[Act, ...]:
    """The act for the journal, where this change is to bind after a restore; none where it only gives.

    Shape: `content` has the change last, and before it whom it is about: a restored directory may not even
    know them, and would otherwise take them up again as if nothing had been.
    """
    if isinstance(event, _GIVES) or _is_new(state, event):
        return ()
    written = [
        *((name_of(one), encode(one, now)) for one in _about(state, event)),
        (draft.type, draft.body),
    ]
    content = orjson.dumps([(name, body.decode()) for name, body in written]).decode()
    return (Act("directory", draft.stream, draft.source, draft.id, content),)


def read_act(act: Act) -> tuple[list[DirectoryEvent], DirectoryEvent, bytes]:
    """Whom the change of an act is about, the change, and its form in the record."""
    written = [(name, body.encode()) for name, body in orjson.loads(act.content)]
    events = [decode(name, body) for name, body in written]
    return events[:-1], events[-1], written[-1][1]


def is_known(state: DirectoryState, event: DirectoryEvent) -> bool:
    """Whether the directory knows whom an event makes known."""
    match event:
        case OrganisationAdded():
            return event.organisation in state.organisations
        case PersonAdded():
            return event.person in state.people
        case KeyRegistered():
            return event.kid in state.keys
    return False


def is_in_force(state: DirectoryState, event: DirectoryEvent) -> bool:
    """Whether a change would change nothing; no key is registered twice or revoked with less said of it."""
    if isinstance(event, KeyRotated):
        return event.kid in state.keys
    if isinstance(event, KeyRevoked):
        key = state.keys[event.kid]
        return key.revoked_at is not None and event.compromised_since in (None, key.compromised_since)
    return fold(state, [event]) == replace(state, version=state.version + 1)


def _is_new(state: DirectoryState, event: DirectoryEvent) -> bool:
    """Whether nothing stood before that the event could take away or set anew."""
    match event:
        case OrganisationAdded(organisation=organisation):
            return organisation not in state.organisations
        case SharingAgreed(organisation=organisation, reference=reference):
            return reference not in {one.reference for one in state.sharing.get(organisation, ())}
    return False


def _about(state: DirectoryState, event: DirectoryEvent) -> list[DirectoryEvent]:
    match event:
        case RoleEnded(holder=holder):
            return _of_holder(state, holder)
        case PersonDisabled(person=person):
            return _of_holder(state, person)
        case KeyRotated(old_kid=kid) | KeyRevoked(kid=kid):
            key = state.keys[kid]
            registered = KeyRegistered(key.organisation, key.use, kid, key.jwk, key.not_before, key.not_after)
            return [*_of_organisation(state, key.organisation), registered]
        case OrganisationAdded(organisation=organisation, area=area) if area not in (None, organisation):
            return _of_organisation(state, area)
        case (
            AgreementRecorded(organisation=organisation)
            | ProfileAdopted(organisation=organisation)
            | SharingAgreed(organisation=organisation)
        ):
            return _of_organisation(state, organisation)
    return []


def _of_holder(state: DirectoryState, holder: str) -> list[DirectoryEvent]:
    if holder not in state.people:
        return _of_organisation(state, holder)
    return [*_of_organisation(state, organisation_of(holder)), PersonAdded(holder)]


def _of_organisation(state: DirectoryState, organisation: str) -> list[DirectoryEvent]:
    one = state.organisations[organisation]
    # Its area first, unless it is its own: an area that nobody knows is no area.
    before = _of_organisation(state, one.area) if one.area not in (None, organisation) else []
    return [*before, OrganisationAdded(one.id, one.kind, one.title, one.area)]
