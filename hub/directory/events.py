"""What can happen to the directory: one frozen type per event, and its form in the record."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias, get_args

import orjson

from hub.directory.types import OrganisationKind

KeyUse = Literal["events", "client"]


@dataclass(frozen=True, slots=True)
class OrganisationAdded:
    """An organisation takes part from now on, or its title or area was set anew."""

    organisation: str
    kind: OrganisationKind
    title: str
    area: str | None


@dataclass(frozen=True, slots=True)
class PersonAdded:
    """A person of an organisation is known from now on, without any role yet."""

    person: str


@dataclass(frozen=True, slots=True)
class RoleGranted:
    """A person, or an organisation's system, holds a role from now on."""

    holder: str
    role: str


@dataclass(frozen=True, slots=True)
class RoleEnded:
    """A person, or an organisation's system, no longer holds a role."""

    holder: str
    role: str


@dataclass(frozen=True, slots=True)
class PersonDisabled:
    """A person may do nothing from now on; what they did stays theirs."""

    person: str


@dataclass(frozen=True, slots=True)
class KeyRegistered:
    """A public key of an organisation is accepted within its validity, for one use only."""

    organisation: str
    use: KeyUse
    kid: str
    jwk: str
    not_before: datetime
    not_after: datetime | None


@dataclass(frozen=True, slots=True)
class KeyRotated:
    """A key was replaced: the old one is accepted until the overlap ends, the new one from now on."""

    old_kid: str
    kid: str
    jwk: str
    not_before: datetime
    overlap_until: datetime


@dataclass(frozen=True, slots=True)
class KeyRevoked:
    """A key is no longer accepted; signatures since `compromised_since` need a review (H-21)."""

    kid: str
    revoked_at: datetime
    compromised_since: datetime | None


@dataclass(frozen=True, slots=True)
class AgreementRecorded:
    """An organisation named the lawful basis on which its people read for one purpose (H-12)."""

    organisation: str
    purpose: str
    lawful_basis: str
    reference: str
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class ProfileAdopted:
    """An organisation adopted a local procedure profile, which rules from now on.

    Shape: the partnership's word for it, where it was posted as an event: which `version`, who in the
    organisation is its `owner`, and the day (ISO) `since` when its staff work by it.
    """

    organisation: str
    profile: str
    version: str | None = None
    owner: str | None = None
    since: str | None = None


@dataclass(frozen=True, slots=True)
class SharingAgreed:
    """An organisation signed an agreement on sharing, and named the person in it who answers for that.

    Shape: a later one of the same reference takes the place of the earlier, also where it ends sooner.
    Units: London days (ISO), both included.
    """

    organisation: str
    reference: str
    since: str
    until: str
    lead: str


DirectoryEvent: TypeAlias = (
    OrganisationAdded
    | PersonAdded
    | RoleGranted
    | RoleEnded
    | PersonDisabled
    | KeyRegistered
    | KeyRotated
    | KeyRevoked
    | AgreementRecorded
    | ProfileAdopted
    | SharingAgreed
)

TYPES: Final[dict[str, type[DirectoryEvent]]] = {
    "organisation-added": OrganisationAdded,
    "person-added": PersonAdded,
    "role-granted": RoleGranted,
    "role-ended": RoleEnded,
    "person-disabled": PersonDisabled,
    "key-registered": KeyRegistered,
    "key-rotated": KeyRotated,
    "key-revoked": KeyRevoked,
    "agreement-recorded": AgreementRecorded,
    "profile-adopted": ProfileAdopted,
    "sharing-agreed": SharingAgreed,
}
_NAMES: Final = {shape: name for name, shape in TYPES.items()}
_INSTANTS: Final = frozenset({"not_before", "not_after", "overlap_until", "revoked_at", "compromised_since"})
assert set(TYPES.values()) == set(get_args(DirectoryEvent)), "every event has a name"


def name_of(event: DirectoryEvent) -> str:
    """The kebab-case type under which the record keeps this event."""
    return _NAMES[type(event)]


def encode(event: DirectoryEvent, recorded_at: datetime) -> bytes:
    """The event as it is kept: one JSON object, with when it was recorded (wall clock)."""
    members = {field.name: getattr(event, field.name) for field in fields(event)}
    return orjson.dumps(
        members | {"recorded_at": recorded_at.astimezone(UTC)},
        option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z,
    )


def decode(name: str, body: bytes) -> DirectoryEvent:
    """The event that `encode` wrote, by this version or an earlier one; instants become aware UTC.

    Raises: KeyError for a type this version does not know, or a member that it cannot do without: a
    directory half understood is not used.
    """
    shape = TYPES[name]
    members = orjson.loads(body)
    values = {
        field.name: members[field.name]
        for field in fields(shape)
        # What a later version added has a default, and is not in what was written before.
        if field.name in members or field.default is MISSING
    }
    for instant in _INSTANTS & values.keys():
        if values[instant] is not None:
            values[instant] = datetime.fromisoformat(values[instant]).astimezone(UTC)
    return shape(**values)
