"""What binds beyond a restore: acts as the journal has them, and events that a restored record lacks."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Final, Protocol, TypeAlias

import orjson

from hub.errors import HubError
from hub.record.faults import ClaimTaken, HeadMoved
from hub.record.kept_apart import LINES, Act, Journal, Line
from hub.record.store import Snapshot
from hub.record.types import Head, Recorded

BEGUN: Final = "restored/begun"
"""The mark that counts how often this record was put back; a backup holds it one higher already."""
DONE: Final = "restored/done"
"""The mark that counts how often what the journal says was then made to bind."""
FROM: Final = "restored/from"
THROUGH: Final = "restored/through"
"""The marks between which lines of the journal may name events that this record lacks."""
HEAD: Final = "restored/head"
"""The mark of the last position that came out of a backup."""
BRING_UP: Final = "run `hub restore` (with --from and the backup, or with --in-place)."
# With these it is certain that the append was not made and never will be.
_CERTAIN: Final = frozenset({"conflict", "schema", "rate"})
Name: TypeAlias = tuple[str, str]
"""Source and id."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure destroyed: data keys by their ids, and the items whose content went with them."""

    key_ids: tuple[bytes, ...]
    items: tuple[Name, ...]


def as_erased(snapshot: Snapshot, stream: str) -> Act | None:
    """The destruction of a stream's live keys as an act; None where it has none.

    Shape: the items are named so that they do not come back when they are posted again to a record that
    was restored from before they were first posted.
    """
    live = "SELECT key_id FROM stream_keys WHERE stream = ? AND wrapped IS NOT NULL"
    keys = [bytes(key).hex() for (key,) in snapshot.rows(live, (stream,))]
    if not keys:
        return None
    items = snapshot.rows(
        "SELECT i.source, i.id FROM stored_events e JOIN items i ON i.position = e.notification_id"
        " WHERE e.originator_id = ? ORDER BY e.originator_version",
        (stream,),
    )
    content = {"keys": keys, "items": [list(row) for row in items]}
    return Act("erased", stream, content=orjson.dumps(content).decode())


def read_erasure(act: Act) -> Erasure:
    """What an act of kind `erased` destroyed."""
    content = orjson.loads(act.content)
    items = tuple((source, id) for source, id in content["items"])
    return Erasure(tuple(bytes.fromhex(one) for one in content["keys"]), items)


def refused(journal: Journal, fault: HubError, last: int, count: int) -> None:
    """Say in the journal that its last lines of an append were refused, where that is certain.

    Shape: a line that cannot be taken back stays; what it names is then made again after a restore.
    """
    if not isinstance(fault, HeadMoved | ClaimTaken) and fault.slug not in _CERTAIN:
        return
    with suppress(HubError):
        journal.write([Act("void", "", content=str(one)) for one in range(last - count + 1, last + 1)])


def in_force(journal: Journal, after: int = 0) -> list[Line]:
    """The lines after a number, without those that were refused, and without those that say so."""
    lines = list(journal.read())
    void = {int(one.act.content) for one in lines if one.act.kind == "void"}
    return [one for one in lines if one.number > after and one.number not in void and one.act.kind != "void"]


class Restored(Protocol):
    """The part of a record that says what stands in it."""

    def head(self) -> Head:
        """Where the record stands now."""
        ...

    def mark(self, name: str) -> int:
        """The value of a mark."""
        ...

    def find(self, source: str, id: str) -> Recorded | None:
        """The item of a name."""
        ...

    def stream(self, stream: str, after: int = 0) -> list[Recorded]:
        """The items of a stream."""
        ...


def is_put_back(record: Restored) -> bool:
    """Whether a record came out of a backup and what the journal says does not bind in it yet."""
    return record.mark(BEGUN) > record.mark(DONE)


def refuse_older(record: Restored, journal: Journal) -> None:
    """Refuse a record that came out of a backup, by whatever means, and is not up to its journal.

    1. A backup says of itself that it is one.
    2. A journal with fewer lines than the record knows of was cut short, or is another's copy.
    3. A record with fewer items than a checkpoint that was kept apart is an older state of itself.

    Raises: HubError("store").
    """
    if is_put_back(record):  # 1.
        raise HubError("store", f"This record was put back and is not up to its journal yet: {BRING_UP}")
    if journal.check() < record.mark(LINES):  # 2.
        raise HubError(
            "store",
            "The journal kept apart has fewer lines than the record knows of. Put the whole file back from "
            "its other copy; without one, see the handbook on a lost journal.",
        )
    kept = journal.checkpoint()
    if kept is not None and kept.size > record.head().leaves:  # 3.
        raise HubError(
            "store",
            f"This record is older than the checkpoint kept apart: {BRING_UP} A new hub needs an empty "
            "HUB_KEPT_APART.",
        )


class Awaited:
    """The events that a restored record lacks, by the streams that they were on.

    Shape: in a record that was never restored nothing is looked for. What is looked for only becomes less:
    an event that is posted again is found by its name, on whatever stream it then stands.
    """

    def __init__(self, record: Restored, journal: Journal | None) -> None:
        self._record: Final = record
        self._journal: Final = journal
        self._lock: Final = Lock()
        self._names: dict[str, set[Name]] | None = None
        self._size = -1

    def lacks(self, streams: Iterable[str]) -> bool:
        """Whether a stream lacks an event, or began after the restore while an event has no stream yet."""
        with self._lock:
            names = self._current()
            if not names:
                return False
            wanted = set(streams)
            if any(self._still(one) for one in wanted & names.keys()):
                return True
            head = self._record.mark(HEAD)
            return any(self._began_after(one, head) for one in wanted) and any(
                self._began_after(one, head) and self._still(one) for one in sorted(names)
            )

    def missing(self) -> dict[str, tuple[Name, ...]]:
        """Every event that is lacking now, by stream."""
        with self._lock:
            return {one: tuple(sorted(left)) for one in sorted(self._current()) if (left := self._still(one))}

    def _current(self) -> dict[str, set[Name]]:
        if self._journal is None:
            return {}
        if self._names is None:
            self._names = self._named(self._journal)
        elif self._names and self._journal.size() != self._size:
            # Somebody may have said that an event will not come.
            self._names = self._named(self._journal)
        return self._names

    def _named(self, journal: Journal) -> dict[str, set[Name]]:
        begin, end = self._record.mark(FROM), self._record.mark(THROUGH)
        if begin >= end:
            return {}
        self._size = journal.size()
        lines = in_force(journal, begin)
        waived = {(one.act.source, one.act.id) for one in lines if one.act.kind == "waived"}
        names: dict[str, set[Name]] = {}
        for one in lines:
            name = (one.act.source, one.act.id)
            if one.act.kind == "event" and one.number <= end and name not in waived:
                names.setdefault(one.act.stream, set()).add(name)
        return names

    def _still(self, stream: str) -> set[Name]:
        """What a stream lacks now; what stands by now is not looked for again."""
        assert self._names is not None
        left = {name for name in self._names.get(stream, ()) if self._record.find(*name) is None}
        if left:
            self._names[stream] = left
        else:
            self._names.pop(stream, None)
        return left

    def _began_after(self, stream: str, head: int) -> bool:
        items = self._record.stream(stream)
        return not items or items[0].position > head
