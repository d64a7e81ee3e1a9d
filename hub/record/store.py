"""The ports behind which the databases stand: what the record needs of a store, and nothing more.

Tables and their columns have the same names in every store, and one SQL that all of them know, with `?`
for a value, is enough for everything but appending. So reading, judging, the ledger and the check of
the whole record are written once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

from hub.record.types import Head, LeafKind

FORMAT: Final = "hub-record/1"
ABOUT: Final = "SELECT name, value FROM about"
CHECK: Final = "master-key-check"
"""What a record says about itself so that another master key than its own is noticed."""
KEPT: Final = "index-key"
"""The key of all keyed digests, wrapped under the master key: where that was changed once or more."""

# The closed table of topics. A stored topic is looked up here and nowhere else: the event store package
# would import the module that a topic names, which an attacker with write access could choose.
TOPICS: Final[dict[LeafKind, str]] = {"event": "hub-event-1", "record": "hub-record-1"}
KINDS: Final[dict[str, LeafKind]] = {topic: kind for kind, topic in TOPICS.items()}

RAISE_MARK: Final = (
    "INSERT INTO marks (name, value, row_digest) VALUES (?,?,?) ON CONFLICT (name)"
    " DO UPDATE SET value = excluded.value, row_digest = excluded.row_digest"
    " WHERE excluded.value > marks.value"
)

Value: TypeAlias = str | int | bytes
Row: TypeAlias = tuple[Any, ...]
"""What stands in a row may have been damaged: its reader checks it."""
Name: TypeAlias = tuple[str, str]
"""Source and id."""
ClaimName: TypeAlias = tuple[str, bytes]
"""Kind and name."""

EventRow: TypeAlias = tuple[str, int, str, bytes]
"""stream, version, topic, state"""
ItemRow: TypeAlias = tuple[str, str, str, bytes, bytes, bytes]
"""source, id, type, leaf data, leaf hash, digest of the payload"""
KeyRow: TypeAlias = tuple[str, bytes, bytes]
"""stream, key id, wrapped"""
ClaimRow: TypeAlias = tuple[str, bytes, str, bytes]
"""kind, name, value, row digest"""
MarkRow: TypeAlias = tuple[str, int, bytes]
"""name, value, row digest"""


# What is read of an item, with the key that its state names, so that one statement reads one state of the
# record. LEFT JOINs, so that an event whose item or key was taken away is reported and not passed over.
ITEM: Final = (
    "e.notification_id, e.originator_id, e.originator_version, e.topic, e.state,"
    " i.source, i.id, i.type, i.leaf_index, i.leaf_data, k.key_id, k.wrapped"
)
ITEM_WIDTH: Final = 12
ITEMS: Final = (
    " FROM stored_events e LEFT JOIN items i ON i.position = e.notification_id"
    " LEFT JOIN stream_keys k ON k.key_id = substr(e.state, 2, 16) AND k.stream = e.originator_id "
)
TAIL: Final = (
    "SELECT " + ITEM + ITEMS + "WHERE e.originator_id = ? AND e.originator_version > ?"
    " ORDER BY e.originator_version"
)
SOME: Final = "SELECT " + ITEM + ITEMS + "WHERE e.originator_id IN ({}) ORDER BY e.notification_id"


@dataclass(slots=True)
class Rows:
    """What one transaction adds; `items` has one row for each event, in order."""

    events: list[EventRow] = field(default_factory=list)
    items: list[ItemRow] = field(default_factory=list)
    keys: list[KeyRow] = field(default_factory=list)
    claims: list[ClaimRow] = field(default_factory=list)
    marks: list[MarkRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Expected:
    """What rows were judged on without having looked: they may be added only where it still holds.

    Shape: `versions` are those of streams before the rows; `keys` are the ids of the data keys that the
    rows were sealed under and which must still be live. Every name and claim in the rows must be free.
    Streams but those in `firm` may have grown: the rows then follow what stands in them by now.
    `as_left`: versions and keys were all so when this appender last added on what was expected, or after it.
    """

    versions: Mapping[str, int]
    keys: Collection[bytes]
    firm: Collection[str]
    as_left: bool


@dataclass(frozen=True, slots=True)
class Added:
    """Rows were added on what was expected.

    Shape: `before` is the head before; `alone` says that nothing has changed in the store between the call
    before and this one; `grown` are the streams that were longer than expected, with by how much.
    """

    before: Head
    alone: bool
    grown: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredStream:
    """A stream as it stands: its version, and its newest live data key where it has one."""

    version: int
    key_id: bytes | None
    wrapped: bytes | None


class Snapshot(Protocol):
    """One state of the store, seen throughout."""

    def rows(self, query: str, parameters: Sequence[Value] = ()) -> list[Row]:
        """The rows that a query gives."""
        ...

    def each(self, query: str) -> Iterator[Row]:
        """The rows that a query gives, few in memory at a time."""
        ...


class Change(Snapshot, Protocol):
    """A durable transaction."""

    def execute(self, statement: str, parameters: Sequence[Value] = ()) -> int:
        """Run a statement that changes rows; how many it changed."""
        ...

    def execute_each(self, statement: str, parameters: Sequence[Row]) -> None:
        """Run a statement for each set of parameters."""
        ...


class Appending(Snapshot, Protocol):
    """A durable transaction that no other append interleaves with.

    Shape: `moved` says whether another process may have appended since the last one, as far as the store
    can tell cheaply; what was kept from then is not to be believed.
    """

    @property
    def moved(self) -> bool:
        """Whether somebody else may have appended meanwhile."""
        ...

    def standing(self, names: Sequence[Name]) -> dict[Name, bytes]:
        """Those of these names that stand, with the digest of their payload."""
        ...

    def streams(self, names: Collection[str]) -> dict[str, StoredStream]:
        """Each of these streams as it stands."""
        ...

    def claimed(self, names: Collection[ClaimName]) -> dict[ClaimName, str]:
        """Those of these kinds and names that are claimed, with the value that holds each."""
        ...

    def insert(self, rows: Rows) -> Head:
        """Add rows behind the head; the head before."""
        ...


class Appender(Protocol):
    """What the one thread that appends holds of the store; nothing of it is for several threads."""

    def appending(self) -> AbstractContextManager[Appending]:
        """One transaction; it is durable when the context has ended without a fault."""
        ...

    @property
    def optimistic(self) -> bool:
        """Whether adding on what is known, in one call, is worth trying before judging in a transaction."""
        ...

    def known(self, names: Collection[str]) -> dict[str, StoredStream]:
        """Each of these streams, as of now and without stopping anybody."""
        ...

    def insert_if(self, rows: Rows, expected: Expected, meanwhile: Callable[[], None]) -> Added | None:
        """Add rows in one call, durably, if all that was expected holds; else None.

        Shape: `meanwhile` is called while the store is at work; not where it cannot be asked.

        Raises: Unknown where it cannot be said whether they were added.
        """
        ...

    def is_of_store(self, fault: BaseException) -> bool:
        """Whether a fault came out of the database."""
        ...

    def concerns_one(self, fault: BaseException) -> bool:
        """Whether a fault comes of one append: a rule of the tables, or a damaged row that was looked up."""
        ...

    def settle(self) -> None:
        """After Unknown: return when what was on its way has either been added or never will be.

        Raises: HubError("store") where that cannot be found out within a short time.
        """
        ...

    def rest(self) -> None:
        """Called between two groups; what the store has to do now and then is done here."""
        ...

    def close(self) -> None:
        """Let go of the connection, also after a fault; the next call makes a new one."""
        ...


ALONE_SECONDS: Final = 3
"""How long it is waited for others to let go of the record: a process that has just ended needs a moment."""
IN_USE: Final = (
    "The record is in use. Stop every process and every command of the hub, and whoever else is connected to "
    "its database; then run the same again. Nothing was changed."
)


class Damaged(Exception):
    """The database's own structure is damaged, in words."""


class Unknown(Exception):
    """The connection was lost on the way: the rows may stand or not."""


class Store(Protocol):
    """One database that holds a record.

    Raises: HubError("store") from every method where it is not available.
    """

    def check(self) -> None:
        """Refuse a database that is none of the hub's, or that this version does not know."""
        ...

    def reading(self) -> AbstractContextManager[Snapshot]:
        """One state of the record."""
        ...

    def rows(self, query: str, parameters: Sequence[Value] = ()) -> list[Row]:
        """The rows of one query, which sees one state by itself."""
        ...

    def glance(self, tails: Mapping[str, int], claims: Collection[ClaimName]) -> tuple[list[Row], list[Row]]:
        """Rows of `ITEM` of each stream after a version; kind, name and value of claims; of one state."""
        ...

    def change(self, statement: str, parameters: Sequence[Value] = ()) -> int:
        """How many rows one statement changed, durably; it is one that may be run twice."""
        ...

    def changing(self) -> AbstractContextManager[Change]:
        """A durable transaction for what is not appended."""
        ...

    def verifying(self) -> AbstractContextManager[Snapshot]:
        """One state of the record for as long as it takes to read all of it.

        Raises: Damaged where the database's own structure is damaged.
        """
        ...

    def alone(self) -> AbstractContextManager[Change]:
        """A durable transaction for as long as it takes, while nobody else has the record open.

        Raises: HubError("store") where somebody has.
        """
        ...

    def appender(self) -> Appender:
        """What the thread that appends holds."""
        ...

    def follow(self, heard: Callable[[int], None]) -> Follower | None:
        """Call `heard` with the last position after commits of other processes; None: they are not heard."""
        ...

    def scrub(self) -> bool:
        """Take what was overwritten out of the store's own log; False where that is in use."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


class Follower(Protocol):
    """Something that listens to other processes until it is closed."""

    def close(self) -> None:
        """Stop, and return when it has stopped."""
        ...
