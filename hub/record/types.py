"""The frozen types of the record: what is asked to be appended, and what stands in it.

Streams are named `child/<uuid>`, `access/<uuid>`, `link/<uuid>`, `directory`, `identity`, ...; each has
a data key of its own, wrapped by the master key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

LeafKind = Literal["event", "record"]


@dataclass(frozen=True, slots=True)
class Draft:
    """One item to append to one stream.

    Shape: the leaf commits to `payload` (salted); `body` is what is sealed and stored, from which the
    caller can restore `payload`; the record reads neither. (source, id) is unique in the whole record.
    """

    stream: str
    kind: LeafKind
    source: str
    id: str
    type: str
    payload: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """A name that belongs to one stream only, e.g. a child's identifier; `name` is a keyed digest."""

    kind: str
    name: bytes
    value: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A named whole number that only grows, e.g. how far a queue has been taken up.

    Shape: `name` is in the hub's own words, printable ASCII, never anything received; `value` is from 0
    to 2**63 - 1.
    """

    name: str
    value: int


@dataclass(frozen=True, slots=True)
class Append:
    """Drafts that are appended together or not at all, with what must still be true at commit.

    Shape: the first draft decides about duplicates: its (source, id) held with the same payload is
    answered with what stands, with another payload it is a conflict. `heads` maps a stream to the
    version it must still have; `claims` are inserted in the same transaction and must be free, or
    already have the same value. `marks` are raised in the same transaction, the greatest wins, also
    where the append is a duplicate, unless `on_repeat` is False; not where it is refused.
    """

    drafts: tuple[Draft, ...]
    heads: Mapping[str, int] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    marks: tuple[Mark, ...] = ()
    on_repeat: bool = True


@dataclass(frozen=True, slots=True)
class Recorded:
    """One item as it stands in the record, opened.

    Shape: `position` is the place in the whole log (may have gaps), `version` the place in its stream
    (from 1, without gaps), `leaf_index` the place in the ledger (from 0, without gaps). `body` is None
    where the stream's key has been destroyed.
    """

    position: int
    stream: str
    version: int
    kind: LeafKind
    source: str
    id: str
    type: str
    leaf_index: int
    leaf_data: bytes
    salt: bytes | None
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Glance:
    """Several things about the record, all as of one moment.

    Shape: `tails` has the items of each stream asked for that are new since the version asked about;
    `claims` has the values of those names asked for, by kind and name, that are claimed.
    """

    tails: dict[str, list[Recorded]]
    claims: dict[tuple[str, bytes], str]


@dataclass(frozen=True, slots=True)
class Appended:
    """The answer to an Append, durable when given: the items, and whether they stood there before."""

    items: tuple[Recorded, ...]
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Head:
    """Where the record stands: the last position and the number of leaves."""

    position: int
    leaves: int
