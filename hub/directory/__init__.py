"""Organisations, people, roles, keys and agreements as at a time; folded from the record."""

from hub.directory.directory import STREAM, Change, Directory
from hub.directory.events import ProfileAdopted
from hub.directory.names import ROLES, organisation_kind, organisation_of
from hub.directory.sharing import AGREE, Standing, lapsing_bases
from hub.directory.state import DirectoryState
from hub.directory.types import (
    Agreement,
    Organisation,
    OrganisationKey,
    OrganisationKind,
    Person,
    Principal,
    SharingAgreement,
)

__all__ = [
    "AGREE",
    "ROLES",
    "STREAM",
    "Agreement",
    "Change",
    "Directory",
    "DirectoryState",
    "Organisation",
    "OrganisationKey",
    "OrganisationKind",
    "Person",
    "Principal",
    "ProfileAdopted",
    "SharingAgreement",
    "Standing",
    "lapsing_bases",
    "organisation_kind",
    "organisation_of",
]
