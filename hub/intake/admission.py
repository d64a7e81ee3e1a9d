"""What can be said of a post before anything of the child is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson

from hub.catalogue import Catalogue, ValidEvent, Warning
from hub.directory import Directory, DirectoryState, Principal
from hub.envelope import JsonObject, VerificationKey, VerifiedEvent, parse, verify
from hub.errors import HubError
from hub.identity import check_digit_fits
from hub.intake.wording import Wording
from hub.pathway.fields import text, texts

CORRECTION: Final = "event-corrected"
RETRACTION: Final = "event-retracted"
OPENING: Final = "child-stream-opened"


@dataclass(frozen=True, slots=True)
class Admitted:
    """A valid event whose poster and author may post it, as far as the event alone can tell.

    Shape: `author_role` is the role in which the author posts; `warnings` come from the event alone;
    `profile` is the local procedure that its organisation had adopted, with its version, empty for none.
    """

    valid: ValidEvent
    area: str | None
    author_known: bool
    author_role: str | None
    author_roles: frozenset[str]
    warnings: tuple[Warning, ...]
    profile: str

    @property
    def verified(self) -> VerifiedEvent:
        """The event as it was verified."""
        return self.valid.verified

    @property
    def organisation(self) -> str:
        """The posting organisation."""
        return self.valid.verified.organisation


class Admission:
    """Verifies bytes, and judges poster and author by the catalogue and the directory as it is now."""

    def __init__(
        self, *, directory: Directory, catalogue: Catalogue, wording: Wording, audience: str
    ) -> None:
        self._directory: Final = directory
        self._catalogue: Final = catalogue
        self._wording: Final = wording
        self._audience: Final = audience

    def verified(
        self, compact: bytes, principal: Principal, now: datetime, standing: DirectoryState | None = None
    ) -> VerifiedEvent:
        """The event in these bytes, signed by the principal's organisation with a key valid at receipt.

        Shape: `standing` is what the directory says now, where the caller has asked it.
        Units: `now` is the wall clock.
        Raises: HubError of too-large, signature, key-unknown, key-revoked, audience, clock, json, schema,
            imagery or wrong-organisation.
        """
        verified = self._verified(compact, now, standing or self._directory.refresh())
        if verified.organisation != principal.organisation:
            raise HubError("wrong-organisation")
        return verified

    def signed(self, compact: bytes, now: datetime) -> tuple[VerifiedEvent, Principal]:
        """The event in these bytes, and whose key signed it: there is no token that says who sends it.

        Raises: HubError as `verified`.
        """
        verified = self._verified(compact, now, self._directory.refresh())
        return verified, self._directory.principal_for_organisation(verified.organisation)

    def holder(self, compact: bytes) -> str:
        """Whose key these bytes name.

        Trust: believe it only of bytes whose signature has been verified.
        Raises: HubError of too-large or signature.
        """
        key = self._directory.key(parse(compact).header.kid, "events")
        return key.organisation if key is not None else ""

    def _verified(self, compact: bytes, now: datetime, standing: DirectoryState) -> VerifiedEvent:
        signed = parse(compact)
        key = standing.key(signed.header.kid, "events")
        if key is None:
            raise HubError("key-unknown")
        if not key.valid_at(now):
            raise HubError("key-revoked")
        members = orjson.loads(key.jwk)
        return verify(
            signed, key=VerificationKey(key.kid, key.organisation, members), audience=self._audience, now=now
        )

    def admit(
        self, verified: VerifiedEvent, principal: Principal, standing: DirectoryState | None = None
    ) -> Admitted:
        """Judge what the event says of itself.

        1. It fits the schema of its type.
        2. Its author's organisation may post the type, in a role that the author holds (H-04).
        3. Its author is known; of a decision nobody else can answer for (H-28).
        4. An end of a relationship comes from social care or from whom it concerns.
        5. What its poster is told of it, and which local procedure its organisation follows.

        Raises: HubError of schema, imagery, poster or gate.
        """
        standing = standing or self._directory.refresh()
        # 1
        valid = self._catalogue.validate(verified)
        # 2
        author = text(valid.data, "author") or ""
        person = standing.people.get(author)
        known = person is not None and person.active and person.organisation == verified.organisation
        roles = person.roles if person is not None and known else frozenset()
        self.may_post(valid.type.name, principal, roles, valid.data)
        # 3
        if not known and valid.type.kind == "decision":
            raise unanswered()
        # 4
        own = text(valid.data, "organisation") == verified.organisation
        if (
            valid.type.name == "relationship-ended"
            and principal.organisation_kind != "social-care"
            and not own
        ):
            raise HubError("poster", rule="H-16", source="G.00")
        # 5
        warnings = (
            *valid.warnings,
            *self._about_author(known),
            *_about_digits(verified.subject, valid.data),
            *self._wording.warnings(valid.data, verified.organisation, standing),
        )
        role = self._role_of(valid.type.name, roles)
        profile = self._wording.adopted(verified.organisation, standing)
        return Admitted(valid, principal.area, known, role, roles, warnings, profile.stamp if profile else "")

    def may_post(self, type_: str, principal: Principal, roles: frozenset[str], data: JsonObject) -> None:
        """Refuse a post of this type by an author with these roles.

        Raises: HubError("poster").
        Source: H-04
        """
        if not self._catalogue.may_post(type_, principal.organisation_kind, roles, data):
            raise HubError("poster", rule="H-04", source="contract 2")

    def _role_of(self, type_: str, roles: frozenset[str]) -> str | None:
        """The role in which an author posts: the one that the type asks for, else the first by name."""
        asked = {one.role for one in self._catalogue.types[type_].posted_by if one.role}
        return min(roles & asked or roles, default=None)

    @staticmethod
    def _about_author(known: bool) -> tuple[Warning, ...]:
        if known:
            return ()
        told = "The author is not a person of the posting organisation whom the directory knows."
        return (Warning("H-28", told, "contract 2"),)


def unanswered() -> HubError:
    """The refusal of a decision that nobody answers for."""
    return HubError(
        "gate",
        "A decision is made by a person of the posting organisation whom the directory knows.",
        rule="H-28",
        source="contract 2",
    )


def _about_digits(subject: str, data: JsonObject) -> tuple[Warning, ...]:
    """A wrong check digit is told once, whichever identifier has it."""
    replacement = data.get("replacement")
    replaced = texts(replacement, "identifiers") if isinstance(replacement, Mapping) else ()
    if all(check_digit_fits(one) for one in (subject, *texts(data, "identifiers"), *replaced)):
        return ()
    return (Warning("H-05", "The check digit of an identifier is wrong.", "contract 2"),)
