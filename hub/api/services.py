"""What the door needs of the rooms behind it, as the shapes that it calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hub.api.log import RequestLog
from hub.api.rate import RateLimit
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
from hub.disclosure.meetings import TakenSnapshot
from hub.disclosure.packs import MeetingList, MeetingPack
from hub.envelope import JsonObject
from hub.errors import HubError
from hub.intake import Arriving
from hub.oversight import AccessQuery, OverrideRow
from hub.record import Appended
from hub.record.ports import Chance, Clock
from hub.signin import Bearer, DevelopmentIssuer, TokenEndpoint


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


class Disclosure(Protocol):
    """The only way out."""

    @property
    def meetings(self) -> Meetings:
        """Answers about meetings."""
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


class Oversight(Protocol):
    """The officer's questions."""

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

    def access(self, principal: Principal, disclosure_id: str) -> AccessRow:
        """One access."""
        ...

    def explanation(self, principal: Principal, disclosure_id: str) -> Explanation:
        """Why a past answer looked as it did."""
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
    a scraper shows to read the metrics; None: there is no such route.
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
