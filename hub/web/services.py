"""What the pages need from the other rooms, passed in by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from hub.catalogue import EventType
from hub.catalogue.scales import SHIPPED, Scale
from hub.directory.types import Principal
from hub.disclosure.answers import AccessRow, Chronology, Explanation, MyChild, Overview, ReadRequest
from hub.disclosure.emergency import Begun, OwnUse, ShownUses
from hub.disclosure.family_papers import FamilyPaper
from hub.disclosure.library import Release
from hub.disclosure.own_account import OwnAccount
from hub.disclosure.replay import Replay
from hub.disclosure.review_shapes import ReviewedContent, ShownReview, Wanted
from hub.oversight import AccessQuery, BlockedDecision, ReviewRow, Standing
from hub.oversight.accesses import EVERYTHING
from hub.pathway.reports import Framework, Report, ReportYear, SelfAssessment
from hub.signin import SignIn
from hub.views import Outcome as EmergencyOutcome
from hub.views.content_reviews import Outcome


class Reviews(Protocol):
    """Reviews of content: asked for by an officer, decided by who answers for the child."""

    def ask(self, principal: Principal, wanted: Wanted) -> ShownReview:
        """Ask to read entries of a child."""
        ...

    def of_officer(self, principal: Principal) -> list[ShownReview]:
        """Every review, for officers."""
        ...

    def to_decide(self, principal: Principal) -> list[ShownReview]:
        """The reviews that this person may decide, or decided."""
        ...

    def decide(self, principal: Principal, review: str, outcome: Outcome, reason: str) -> ShownReview:
        """Approve a review, or refuse it."""
        ...

    def end(self, principal: Principal, review: str) -> ShownReview:
        """End a review before its time."""
        ...

    def read(self, principal: Principal, review: str) -> ReviewedContent:
        """Read what a review opened."""
        ...


class Emergency(Protocol):
    """Emergency access to one child, for one person, for a day."""

    def use(self, principal: Principal, identifier: str, reason: str, reference: str) -> Begun:
        """Open a child by an exact identifier; the same answer where none is known by it."""
        ...

    def mine(self, principal: Principal) -> Sequence[OwnUse]:
        """What this person used itself."""
        ...

    def of_child(self, principal: Principal, request: ReadRequest) -> ShownUses:
        """The uses of emergency access to a child, to whom they are shown."""
        ...


class Families(Protocol):
    """Papers for the family of a child."""

    def make(self, principal: Principal, request: ReadRequest, recipient: str) -> FamilyPaper:
        """The paper for one member of the family."""
        ...


class OwnAccounts(Protocol):
    """Children's own accounts of who was told what about them."""

    def make(self, principal: Principal, request: ReadRequest) -> OwnAccount:
        """The account of one child."""
        ...


class Reads(Protocol):
    """The only way out, as the pages use it."""

    @property
    def reviews(self) -> Reviews:
        """Reviews of content."""
        ...

    @property
    def emergency(self) -> Emergency:
        """Emergency access to a child."""
        ...

    @property
    def families(self) -> Families:
        """Papers for the family of a child."""
        ...

    @property
    def accounts(self) -> OwnAccounts:
        """Children's own accounts."""
        ...

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


class RuleSets(Protocol):
    """An officer's work on the sharing rules."""

    def replay(self, principal: Principal, disclosure_id: str) -> Replay:
        """A past answer made again, and whether it is the same."""
        ...

    def standing(self, principal: Principal) -> Standing:
        """Which rules there are."""
        ...

    def release(self, principal: Principal, version: str) -> Release:
        """One proposal with its rehearsal."""
        ...

    def approve(self, principal: Principal, version: str) -> Release:
        """Put in force what somebody else proposed."""
        ...


class Officer(Protocol):
    """The questions of an information governance officer, and of a team manager."""

    @property
    def policies(self) -> RuleSets:
        """About the sharing rules."""
        ...

    def accesses(
        self, principal: Principal, identifier: str | None, query: AccessQuery = EVERYTHING
    ) -> list[AccessRow]:
        """Who saw a child's record, latest last; of every child the officer answers for if None."""
        ...

    def blocked_decisions(self, principal: Principal) -> list[BlockedDecision]:
        """Decisions of a team manager's own organisation that a gate refused, oldest first."""
        ...

    def reviews(self, principal: Principal) -> list[ReviewRow]:
        """Uses of emergency access that wait for a review, or had one."""
        ...

    def review(self, principal: Principal, access: str, outcome: EmergencyOutcome, reason: str) -> ReviewRow:
        """Decide of one use of emergency access whether it was right."""
        ...

    def explanation(self, principal: Principal, disclosure_id: str) -> Explanation:
        """Why a past answer looked as it did."""
        ...


class Reports(Protocol):
    """Reports for those who govern; each is recorded as an access."""

    @property
    def framework(self) -> Framework:
        """What the local area imported of the framework."""
        ...

    def listed(self, principal: Principal) -> Mapping[str, str]:
        """The reports that a reader may have, with their titles."""
        ...

    def latest(self) -> ReportYear:
        """The last year that can be reported now."""
        ...

    def report(self, principal: Principal, name: str, begins_in: int | None = None) -> Report:
        """One report of a year."""
        ...

    def self_assessment(self, principal: Principal) -> SelfAssessment:
        """What organisations scored against the framework."""
        ...


def _untold(kind: str) -> None:
    """Where no log is kept, a page that failed still says so to its reader."""


@dataclass(frozen=True, slots=True)
class WebServices:
    """Everything the pages use, as one frozen bundle.

    Shape: `principal` gives the person as the directory knows them now; `organisations` the titles of
    organisations by id; `types` the event types by name; `scales` the level scales by id; `profiles` the
    titles of local procedures by id. `reports` None: this hub gives none.
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
    scales: Mapping[str, Scale] = field(default_factory=lambda: SHIPPED)
    reports: Reports | None = None
    profiles: Mapping[str, str] = field(default_factory=dict)
