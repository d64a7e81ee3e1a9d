"""The forms of the directory's identifiers, and the roles that a person or a system may be given.

Roles are a closed list: a role written wrongly would otherwise be granted, and then denied
everywhere without anybody knowing why (H-09).
"""

from __future__ import annotations

import re
from typing import Final, get_args

import schemas
from hub.directory.types import OrganisationKind
from hub.errors import HubError

KINDS: Final[tuple[OrganisationKind, ...]] = get_args(OrganisationKind)
ORGANISATION: Final = re.compile(rf"(?:{'|'.join(KINDS)})\.[a-z0-9]+(?:-[a-z0-9]+)*")
LOCAL: Final = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
PROFILE: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
PURPOSE: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST: Final = 120

ROLES: Final = frozenset(one.code for one in schemas.codes("roles").codes)
"""The one list of roles: who may post what is said in its words too."""


def organisation_kind(organisation: str) -> OrganisationKind:
    """The kind that an organisation's id begins with.

    Raises: HubError schema, when the id is not of the form `<kind>.<name>`.
    """
    if len(organisation) > LONGEST or not ORGANISATION.fullmatch(organisation):
        raise HubError("schema", "An organisation's id is <kind>.<name>, in lower-case letters and digits.")
    head = organisation.split(".", 1)[0]
    return next(kind for kind in KINDS if kind == head)


def organisation_of(person: str) -> str:
    """The organisation that a person's id begins with.

    Raises: HubError schema, when the id is not of the form `<organisation>/<local id>`.
    """
    organisation, slash, local = person.partition("/")
    organisation_kind(organisation)
    if not slash or len(local) > LONGEST or not LOCAL.fullmatch(local):
        raise HubError("schema", "A person's id is <organisation>/<local id>, in letters and digits.")
    return organisation


def known_role(role: str) -> str:
    """The role, when it is one that the hub knows.

    Raises: HubError schema.
    """
    if role not in ROLES:
        raise HubError("schema", "This role is not in the hub's list of roles.")
    return role
