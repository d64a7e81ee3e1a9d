"""Which role may read for which purpose, and on which lawful basis; tables in `schemas/codes`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import schemas
from hub.directory.types import Principal
from hub.errors import HubError

REFERENCE: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 ./:_-]{0,63}$")
NOT_STATED: Final = "not-stated"


Agreed: TypeAlias = Callable[[str, str], str | None]
"""The basis that an organisation picked for a purpose, from its agreement; None where it picked none."""


@dataclass(frozen=True, slots=True)
class Purposes:
    """The closed list of purposes: the roles that may use each, and the basis per organisation kind."""

    roles: Mapping[str, frozenset[str]]
    bases: Mapping[str, Mapping[str, str]]
    agreed: Agreed

    def permitted(self, principal: Principal) -> tuple[str, ...]:
        """The purposes that this reader's roles may use and that have a basis, in the order of the list."""
        may_use = (one for one, roles in self.roles.items() if roles & principal.roles)
        return tuple(one for one in may_use if self.lawful_basis(principal, one) != NOT_STATED)

    def check(self, principal: Principal, purpose: str | None, reference: str | None) -> str:
        """The purpose of a read, or a refusal that says nothing about any child.

        Raises: HubError purpose: 400 where it is missing or unknown, 403 where the role may not use it.
        """
        if purpose is None or purpose not in self.roles:
            raise HubError("purpose", "Name one of the listed purposes in Access-Purpose.", status=400)
        if not self.roles[purpose] & principal.roles:
            raise HubError("purpose", "None of your roles may read for this purpose.", rule="H-16")
        if reference is not None and not REFERENCE.fullmatch(reference):
            raise HubError(
                "purpose", "Access-Reference has 1 to 64 letters, digits and . / : _ -.", status=400
            )
        if self.lawful_basis(principal, purpose) == NOT_STATED:
            # What the organisation had picked may have lapsed, and its kind has none by law.
            raise HubError("purpose", "Your organisation has no lawful basis for this purpose.", rule="H-12")
        return purpose

    def lawful_basis(self, principal: Principal, purpose: str) -> str:
        """The lawful basis of a purpose: what the reader's organisation picked, else its kind's (H-12)."""
        picked = self.agreed(principal.organisation, purpose)
        return picked or self.bases.get(principal.organisation_kind, {}).get(purpose, NOT_STATED)


def load_purposes(agreed: Agreed = lambda organisation, purpose: None) -> Purposes:
    """The tables that this version of the hub ships, behind what organisations picked themselves."""
    return Purposes(
        roles={
            one.code: frozenset(_texts(one.attributes.get("roles")))
            for one in schemas.codes("purposes").codes
        },
        bases={
            one.code: {str(k): str(v) for k, v in _table(one.attributes.get("bases")).items()}
            for one in schemas.codes("purpose-bases").codes
        },
        agreed=agreed,
    )


def _texts(value: schemas.Json) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _table(value: schemas.Json) -> schemas.JsonObject:
    return value if isinstance(value, Mapping) else {}
