"""The frozen types of the directory: who there is, what they may be, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

OrganisationKind = Literal[
    "police", "social-care", "education", "health", "youth-justice", "partnership", "other"
]


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation that takes part, with the area it belongs to and its adopted profile.

    Shape: `id` is `<kind>.<name>`; `area` is the social-care organisation responsible for the area
    (a social-care authority is its own area); `profile` e.g. `llr-2024`, None where none is adopted, and
    `profile_owner` the person who answers for it there, where one is named.
    """

    id: str
    kind: OrganisationKind
    title: str
    area: str | None
    profile: str | None = None
    profile_owner: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A person of an organisation and the roles held at the time asked about."""

    id: str
    organisation: str
    roles: frozenset[str]
    active: bool = True


@dataclass(frozen=True, slots=True)
class OrganisationKey:
    """A public key of an organisation, for events or for client assertions, with its validity.

    Units: aware UTC; `[not_before, not_after)`; `compromised_since` is the instant from which
    signatures of a revoked key are flagged for review; it never deletes anything (H-21).
    """

    kid: str
    organisation: str
    use: Literal["events", "client"]
    jwk: str
    not_before: datetime
    not_after: datetime | None = None
    revoked_at: datetime | None = None
    compromised_since: datetime | None = None

    def valid_at(self, instant: datetime) -> bool:
        """Whether a signature received at this instant is accepted."""
        return (
            self.not_before <= instant
            and (self.not_after is None or instant < self.not_after)
            and (self.revoked_at is None or instant < self.revoked_at)
        )


@dataclass(frozen=True, slots=True)
class Agreement:
    """The lawful basis on which an organisation's people read for one purpose (H-12).

    Shape: `reference` names the sharing agreement or legal gateway in the organisation's own papers.
    Units: London days, both included; None is open on that side.
    """

    organisation: str
    purpose: str
    lawful_basis: str
    reference: str
    since: date | None = None
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Whether the organisation relies on it on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class SharingAgreement:
    """An agreement on sharing that an organisation has signed, and the person who answers for it there.

    Shape: `reference` names it in the organisation's own papers; `lead` need not be known to the directory
    yet, since nobody of the organisation is before it has signed.
    Units: London days, both included.
    """

    organisation: str
    reference: str
    since: date
    until: date
    lead: str

    def covers(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.since <= day <= self.until


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking: a person with roles from the directory, or an agency's system.

    Trust: made only by sign-in from a verified token and the directory as it is now.
    """

    organisation: str
    organisation_kind: OrganisationKind
    area: str | None
    person: str | None
    roles: frozenset[str]

    @property
    def id(self) -> str:
        """The person, or the organisation for a system."""
        return self.person or self.organisation
