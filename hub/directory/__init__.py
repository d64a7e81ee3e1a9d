"""Organisations, people, roles, keys and agreements as at a time; folded from the record."""

from hub.directory.directory import STREAM, Directory
from hub.directory.names import ROLES, organisation_kind, organisation_of
from hub.directory.state import DirectoryState
from hub.directory.types import (
    Agreement,
    Organisation,
    OrganisationKey,
    OrganisationKind,
    Person,
    Principal,
)

__all__ = [
    "ROLES",
    "STREAM",
    "Agreement",
    "Directory",
    "DirectoryState",
    "Organisation",
    "OrganisationKey",
    "OrganisationKind",
    "Person",
    "Principal",
    "organisation_kind",
    "organisation_of",
]
