"""Authorization header -> Principal, through the directory as it is now."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

import orjson

from hub.directory import Directory, DirectoryState, Principal
from hub.errors import HubError
from hub.record.ports import Clock
from hub.signin.external import ExternalTokens
from hub.signin.tokens import AccessTokens

_HEADER: Final = re.compile(r"[Bb]earer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+) *")
LONGEST: Final = 16_384 + 16


class Bearer:
    """Finds out who is asking.

    Trust: a token only says who; organisation, area, roles and whether they may still act are read from
    the directory at every call, so that disabling a person binds at once and not when the token ends.
    """

    def __init__(
        self,
        directory: Directory,
        tokens: AccessTokens,
        clock: Clock,
        external: ExternalTokens | None = None,
    ) -> None:
        self._directory = directory
        self._tokens = tokens
        self._clock = clock
        self._external = external

    def standing(self) -> DirectoryState:
        """What the directory says now, for whoever has several callers to find out about at once."""
        return self._directory.refresh()

    def principal(self, authorization: str | None, standing: DirectoryState | None = None) -> Principal:
        """The principal of an Authorization header.

        Shape: `standing` is what the directory says now, where the caller has asked it.

        1. Take the token out of the header.
        2. Choose by `iss` who validates it; that one checks everything, `iss` included.
        3. Look the subject up in the directory.

        Raises: HubError token, always with the same text. Source: RFC 6750 2.1.
        """
        found = _HEADER.fullmatch(authorization or "") if len(authorization or "") <= LONGEST else None
        if found is None:  # 1.
            raise HubError("token")
        token = found[1]
        if self._external is not None and _claimed_issuer(token) == self._external.issuer:  # 2.
            person = self._external.person(token)
            return (standing or self._directory.refresh()).principal_for_person(person)
        subject = self._tokens.validate(token, now=self._clock.wall())
        standing = standing or self._directory.refresh()  # 3.
        if subject.kind == "person":
            return standing.principal_for_person(subject.id)
        return standing.principal_for_organisation(subject.id)


def _claimed_issuer(token: str) -> object:
    """The `iss` that a token claims, before anything is verified: good for choosing a verifier only."""
    payload = token.split(".")[1]
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError):
        return None
    return claims.get("iss") if isinstance(claims, dict) else None
