"""What the door needs of the rooms behind it, as the shapes that it calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hub.api.log import RequestLog
from hub.api.rate import RateLimit
from hub.api.review_services import ContentReviews, FamilyPapers, OwnAccounts
from hub.directory import DirectoryState, Principal
from hub.disclosure.answers import (
    AccessRow,
    Chronology,
    Explanation,
    FlagRow,
    MyChild,
    MyOpenItem,
    Overview,
    ReadRequest,
)
from hub.disclosure.emergency import Begun, OwnUse, ShownUses
from hub.disclosure.library import Release
from hub.disclosure.mail import Mail
from hub.disclosure.meetings import TakenSnapshot
from hub.disclosure.packs import MeetingList, MeetingPack
from hub.disclosure.replay import Replay
from hub.envelope import JsonObject
from hub.errors import HubError
from hub.intake import Arriving
from hub.oversight import AccessQuery, BlockedDecision, OverrideRow, ReviewRow, Standing
from hub.pathway.reports import Framework, Report, ReportYear, SelfAssessment
from hub.record import Appended
from hub.record.ports import Chance, Clock
from hub.signin import Bearer, DevelopmentIssuer, TokenEndpoint
from hub.views import Outcome


class PostedEvent(Protocol):
    """What became of one posted event: 201 or 200, and its receipt."""

    @property
    def status(self) -> int:
        """201 for new content, 200 for the same again."""
        ...

    @property
    def receipt(self) -> str:
        """The hub's signed receipt, a compact JWS."""
        ...

    @property
    def claims(self) -> JsonObject:
        """What the receipt says, in clear."""
        ...

    @property
    def proof(self) -> JsonObject | None:
        """The inclusion proof, once a checkpoint covers the event."""
        ...


class BegunPost(Protocol):
    """A post on its way to its answer."""

    @property
    def durable(self) -> Future[Appended] | None:
        """Resolves with the commit of the post; None where it is yet to be judged."""
        ...

    @property
    def stands(self) -> bool:
        """Whether the post is new and durable now; then `answer` waits for nothing."""
        ...

    def answer(self) -> PostedEvent:
        """What became of the post."""
        ...


class OwnPosts(Protocol):
    """One page of an organisation's own posts."""

    @property
    def posts(self) -> Sequence[JsonObject]:
        """The posts, oldest first, each with its receipt's claims."""
        ...

    @property
    def cursor(self) -> str | None:
        """Where the next page begins, if there is one."""
        ...


class Intake(Protocol):
    """The only way in for agencies' bytes."""

    def post(self, compact: bytes, principal: Principal) -> PostedEvent:
        """Take one signed event."""
        ...

    def begin(self, posts: Sequence[Arriving], standing: DirectoryState) -> Sequence[BegunPost]:
        """Begin posts that came at once; each is answered as `post` answers it."""
        ...

    def post_batch(self, body: bytes, principal: Principal) -> Sequence[PostedEvent | HubError]:
        """Take the events of a batch in order, each judged by itself."""
        ...

    def receipt(self, principal: Principal, organisation: str, event_id: str) -> PostedEvent:
        """The receipt of an event that was posted before."""
        ...

    def mine(self, principal: Principal, cursor: str | None, limit: int) -> OwnPosts:
        """The organisation's own posts."""
        ...

    def queue(self, principal: Principal) -> Sequence[JsonObject]:
        """What waits for an identity reviewer."""
        ...

    def resolve(self, principal: Principal, provisional: str, child: str) -> None:
        """Decide which child a provisional stream is about."""
        ...


class Meetings(Protocol):
    """Meetings about a child."""

    def of_child(self, principal: Principal, request: ReadRequest) -> MeetingList:
        """The meetings about a child whose record the reader has."""
        ...

    def pack(
        self, principal: Principal, request: ReadRequest, name: str, organisation: str | None
    ) -> MeetingPack:
        """The papers of one meeting about one child."""
        ...

    def take(self, principal: Principal, request: ReadRequest, meeting: str) -> TakenSnapshot:
        """Fix the chronology that a meeting is to have."""
        ...


class EmergencyAccess(Protocol):
    """One child, opened to one person for a day."""

    def use(self, principal: Principal, identifier: str, reason: str, reference: str) -> Begun:
        """Open a child by an exact identifier; the same answer where none is known by it."""
        ...

    def mine(self, principal: Principal) -> Sequence[OwnUse]:
        """What this person used itself."""
        ...

    def of_child(self, principal: Principal, request: ReadRequest) -> ShownUses:
        """The uses of emergency access to a child, to whom they are shown."""
        ...


class Disclosure(Protocol):
    """The only way out."""

    @property
    def emergency(self) -> EmergencyAccess:
        """Emergency access to a child."""
        ...

    @property
    def reviews(self) -> ContentReviews:
        """Reviews of content."""
        ...

    @property
    def families(self) -> FamilyPapers:
        """Papers for the family of a child."""
        ...

    @property
    def accounts(self) -> OwnAccounts:
        """Children's own accounts."""
        ...

    @property
    def meetings(self) -> Meetings:
        """Answers about meetings."""
        ...

    @property
    def mail(self) -> Mail:
        """What organisations are told without asking."""
        ...

    def chronology(self, principal: Principal, request: ReadRequest) -> Chronology:
        """One page of the merged chronology of a child."""
        ...

    def overview(self, principal: Principal, request: ReadRequest) -> Overview:
        """The risk overview of a child."""
        ...

    def deadlines(self, principal: Principal, request: ReadRequest) -> Overview:
        """The clocks of a child."""
        ...

    def children(self, principal: Principal) -> Sequence[MyChild]:
        """The children the reader has a relationship with."""
        ...

    def open_items(self, principal: Principal) -> Sequence[MyOpenItem]:
        """What the reader's own organisation is expected to do for the reader's children."""
        ...

    def lookup(self, principal: Principal, identifier: str, purpose: str | None) -> str:
        """The child with exactly this identifier, for a reader with a relationship to it."""
        ...


class Policies(Protocol):
    """The officer's work on the sharing rules."""

    def replay(self, principal: Principal, disclosure_id: str) -> Replay:
        """A past answer made again, and whether it is the same."""
        ...

    def standing(self, principal: Principal) -> Standing:
        """Which rules there are."""
        ...

    def release(self, principal: Principal, version: str) -> Release:
        """One proposal."""
        ...

    def approve(self, principal: Principal, version: str) -> Release:
        """Put in force what somebody else proposed."""
        ...


class Oversight(Protocol):
    """The officer's questions, and the team manager's."""

    @property
    def policies(self) -> Policies:
        """About the sharing rules."""
        ...

    def accesses(
        self, principal: Principal, identifier: str | None, query: AccessQuery
    ) -> Sequence[AccessRow]:
        """Who saw a child's record, or everything the officer answers for."""
        ...

    def flags(self, principal: Principal, identifier: str | None) -> Sequence[FlagRow]:
        """What may have been disclosed wrongly, of a child or of everything the officer answers for."""
        ...

    def overrides(self, principal: Principal, identifier: str | None) -> Sequence[OverrideRow]:
        """Rules that a manager overrode, of a child or of everything the officer answers for."""
        ...

    def blocked_decisions(self, principal: Principal) -> Sequence[BlockedDecision]:
        """Decisions of a team manager's own organisation that a gate refused."""
        ...

    def reviews(self, principal: Principal) -> Sequence[ReviewRow]:
        """Uses of emergency access that wait for a review, or had one."""
        ...

    def review(self, principal: Principal, access: str, outcome: Outcome, reason: str) -> ReviewRow:
        """Decide of one use of emergency access whether it was right."""
        ...

    def access(self, principal: Principal, disclosure_id: str) -> AccessRow:
        """One access."""
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


class SignedCheckpoint(Protocol):
    """The ledger's latest signed statement of itself."""

    @property
    def text(self) -> str:
        """The whole signed note."""
        ...


class Ledger(Protocol):
    """Proofs of what the record holds, for witnesses and officers."""

    def checkpoint(self) -> SignedCheckpoint | None:
        """The latest checkpoint."""
        ...

    def inclusion(self, leaf_index: int, tree_size: int) -> Sequence[bytes]:
        """The path from a leaf to the root of a tree."""
        ...

    def consistency(self, old: int, new: int) -> Sequence[bytes]:
        """That the larger tree begins with the smaller."""
        ...

    def tile(self, level: int, number: int, width: int) -> bytes:
        """The first hashes of a tile."""
        ...


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the hub can do its work now; `failing` names what cannot, in the hub's own words."""

    failing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the API is made of, put together by the composition root.

    Shape: `advance` moves the domain clock and is None in every mode but simulation;
    `development_issuer` is None in production; `purposes` gives those that a reader may name. `ready` may
    take its time, within bounds of its own; routes call it beside the event loop. `metrics_token` is what
    a scraper shows to read the metrics; None: there is no such route. `reports` None: there are none.
    """

    clock: Clock
    chance: Chance
    bearer: Bearer
    token_endpoint: TokenEndpoint
    intake: Intake
    disclosure: Disclosure
    oversight: Oversight
    ledger: Ledger
    purposes: Callable[[Principal], Sequence[str]]
    ready: Callable[[], Readiness]
    rate: RateLimit
    log: RequestLog
    development_issuer: DevelopmentIssuer | None = None
    advance: Callable[[datetime], datetime] | None = None
    metrics_token: str | None = None
    reports: Reports | None = None
