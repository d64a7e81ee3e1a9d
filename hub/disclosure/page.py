"""Filtering, order and paging of what is already disclosed; hidden items are in no number (H-10)."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final, Protocol

from hub.disclosure.answers import Filters, ReadRequest, ShownEntry
from hub.disclosure.redact import LONDON
from hub.envelope import JsonValue
from hub.errors import HubError

MAX_LIMIT: Final = 200
DAY: Final = timedelta(days=1)
DigestOf = Callable[[str, bytes], bytes]


class Showing(Protocol):
    """What can be shown, when it is looked at."""

    @property
    def shown(self) -> ShownEntry:
        """The entry as the reader gets it."""
        ...

    @property
    def name(self) -> str:
        """Its entry id."""
        ...


@dataclass(frozen=True, slots=True)
class Spoken:
    """A coded line: it is made as it is shown."""

    shown: ShownEntry

    @property
    def name(self) -> str:
        """Its entry id."""
        return self.shown.entry_id


@dataclass(frozen=True, slots=True)
class Placed:
    """A shown entry with its place: when it sorts, its span, and the order of appending.

    Units: aware UTC; `start` and `end` are None on an open side.
    """

    sort_at: datetime
    order: int
    start: datetime | None
    end: datetime | None
    of: Showing

    @property
    def shown(self) -> ShownEntry:
        """The entry as the reader gets it."""
        return self.of.shown

    @property
    def name(self) -> str:
        """Its entry id."""
        return self.of.name


def in_order(entries: Sequence[Placed]) -> list[Placed]:
    """Chronology order: the start of the span, then the order of appending (H-05)."""
    found: list[Placed] = []
    for _, group in groupby(sorted(entries, key=_order), _order):
        same = list(group)
        # An entry and its lines may stand in one place; no other's id is needed to put it in order.
        found += sorted(same, key=lambda one: one.name) if len(same) > 1 else same
    return found


def _order(one: Placed) -> tuple[datetime, int]:
    return one.sort_at, one.order


def matching(entries: Sequence[Placed], filters: Filters) -> list[Placed]:
    """The entries that meet every filter, judged on disclosed values only."""
    words = filters.q.casefold() if filters.q else None
    return [
        one
        for one in entries
        if _overlaps(one, filters)
        and (filters.agency is None or one.shown.organisation == filters.agency)
        and (filters.type is None or one.shown.type == filters.type)
        and (filters.significance is None or one.shown.significance == filters.significance)
        and (words is None or words in _text(one.shown).casefold())
    ]


def _overlaps(one: Placed, filters: Filters) -> bool:
    start, end = one.start, one.end
    if start is None and end is None:
        start = end = one.sort_at  # an unknown time stands where it was recorded
    if filters.from_ is not None and end is not None:
        begins = datetime.combine(filters.from_, datetime.min.time(), LONDON)
        # An instant is a span of no length: it meets the day it stands on.
        if end < begins or (end == begins and start != end):
            return False
    if filters.to is not None and start is not None:
        return start.astimezone(LONDON).date() <= filters.to
    return True


def _text(shown: ShownEntry) -> str:
    return " ".join((shown.title, shown.organisation or "", *_strings(shown.fields)))


def _strings(value: JsonValue) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for one in value.values() for text in _strings(one)]
    if isinstance(value, Sequence):
        return [text for one in value for text in _strings(one)]
    return []


def page(
    entries: Sequence[Placed], request: ReadRequest, reader: str, digest: DigestOf
) -> tuple[list[ShownEntry], str | None]:
    """One page after the cursor, and the cursor of the next page where there is one.

    Shape: a cursor is 60 characters, whatever it stands for; it binds to the reader, the child, the
    filters and as_at, and names the last entry that was shown.
    Raises: HubError schema for a cursor that is not of this reader and question, or a wrong limit.
    """
    if not 1 <= request.limit <= MAX_LIMIT:
        raise HubError("schema", "limit is 1 to 200.")
    begin = _after(entries, request, reader, digest) if request.cursor else 0
    chosen = entries[begin : begin + request.limit]
    more = begin + request.limit < len(entries)
    cursor = _cursor(chosen[-1], request, reader, digest) if more and chosen else None
    return [one.shown for one in chosen], cursor


def _cursor(last: Placed, request: ReadRequest, reader: str, digest: DigestOf) -> str:
    place = _place(last)
    return base64.urlsafe_b64encode(place + _seal(place, request, reader, digest)).decode()


def _place(one: Placed) -> bytes:
    micros = _micros(one).to_bytes(8, "big", signed=True)
    return micros + base64.b32decode(one.name[2:].upper())


def _seal(place: bytes, request: ReadRequest, reader: str, digest: DigestOf) -> bytes:
    asked = json.dumps(
        [reader, request.child, asdict(request.filters), request.as_at and request.as_at.isoformat()],
        default=str,
        sort_keys=True,
    )
    return digest("cursor/1", place + asked.encode())[:17]


def _after(entries: Sequence[Placed], request: ReadRequest, reader: str, digest: DigestOf) -> int:
    refused = HubError("schema", "This cursor does not belong to this question.")
    try:
        raw = base64.urlsafe_b64decode((request.cursor or "").encode())
    except (binascii.Error, ValueError):
        raise refused from None
    place, seal = raw[:28], raw[28:]
    if len(raw) != 45 or not hmac.compare_digest(seal, _seal(place, request, reader, digest)):
        raise refused
    micros = int.from_bytes(place[:8], "big", signed=True)
    for index, one in enumerate(entries):
        if _micros(one) == micros and _place(one) == place:
            return index + 1
    # The entry was retracted since: go on behind its place.
    behind = (i for i, one in enumerate(entries) if _micros(one) > micros)
    return next(behind, len(entries))


def _micros(one: Placed) -> int:
    return int(one.sort_at.timestamp() * 1_000_000)
