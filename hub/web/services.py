"""What the pages need from the other rooms, passed in by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hub.catalogue import EventType
from hub.directory.types import Principal
from hub.disclosure.answers import AccessRow, Chronology, Explanation, MyChild, Overview, ReadRequest
from hub.signin import SignIn


class Reads(Protocol):
    """The only way out, as the pages use it."""

    def chronology(self, principal: Principal, request: ReadRequest) -> Chronology:
        """The merged chronology of a child, for one reader."""
        ...

    def overview(self, principal: Principal, request: ReadRequest) -> Overview:
        """The risk overview of a child with its deadlines, for one reader."""
        ...

    def children(self, principal: Principal) -> list[MyChild]:
        """The children the reader has a relationship with now."""
        ...

    def lookup(self, principal: Principal, identifier: str, purpose: str) -> str:
        """The child with exactly this identifier, if the reader has a relationship with it."""
        ...


class Officer(Protocol):
    """The questions of an information governance officer."""

    def accesses(self, principal: Principal, identifier: str | None) -> list[AccessRow]:
        """Who saw a child's record, latest last; of every child the officer answers for if None."""
        ...

    def explanation(self, principal: Principal, disclosure_id: str) -> Explanation:
        """Why a past answer looked as it did."""
        ...


def _untold(kind: str) -> None:
    """Where no log is kept, a page that failed still says so to its reader."""


@dataclass(frozen=True, slots=True)
class WebServices:
    """Everything the pages use, as one frozen bundle.

    Shape: `principal` gives the person as the directory knows them now; `organisations` the titles of
    organisations by id; `types` the event types by name.
    Units: `wall` is the wall clock in aware UTC. `session_key` is 32 random bytes, the same in every
    process. `random` makes that many random bytes. `fault` is told the kind of the fault by which a page
    failed.
    Raises: `principal` raises HubError where the person is unknown or disabled.
    """

    reads: Reads
    officer: Officer
    principal: Callable[[str], Principal]
    sign_in: SignIn
    session_key: bytes
    wall: Callable[[], datetime]
    random: Callable[[int], bytes]
    organisations: Callable[[], Mapping[str, str]]
    types: Mapping[str, EventType]
    secure_cookie: bool = True
    fault: Callable[[str], None] = _untold
    name: str = "Safeguarding hub"
