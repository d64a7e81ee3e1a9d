"""What cannot be found by reading one child's streams: who names whom, and which children concern whom.

An index row holds no content in clear: names are keyed digests under purposes of their own, so that the
views' file cannot be joined with the record's claims, and which stream names a child is sealed under the
link's key. Entries themselves are not copied: a child is folded from the record, so that an erased key or
a new entry binds at once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from hub.envelope import JsonValue
from hub.errors import HubError
from hub.record import Record, Recorded
from hub.record.projection import ProjectionRunner
from hub.views.stored import LINK_TYPE, read_link, read_post

WAIT_SECONDS: Final = 0.25
_MOST_TAIL: Final = 2000
_TAIL_BATCH: Final = 500
_CHILD: Final = "child/"
_CONCERNING: Final = frozenset({"responsible_authority", "schools", "organisation", "worker", "person", "to"})
_TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS naming (name BLOB NOT NULL, position INTEGER NOT NULL, link TEXT NOT NULL,"
    " sealed BLOB NOT NULL, PRIMARY KEY (name, position)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS concerned (name BLOB NOT NULL, stream TEXT NOT NULL,"
    " PRIMARY KEY (name, stream)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS posted (source TEXT NOT NULL, position INTEGER NOT NULL,"
    " PRIMARY KEY (source, position)) WITHOUT ROWID",
)


@dataclass(frozen=True, slots=True)
class Rows:
    """What one item of the record adds to the index.

    Shape: `names` are digests of the references of one link record, and `stream` is the child's stream
    whose entry makes them; `concerned` are digests of the organisations that an entry names.
    """

    position: int
    names: tuple[bytes, ...] = ()
    link: str = ""
    stream: str = ""
    concerned: tuple[bytes, ...] = ()
    source: str | None = None


class ChildIndex:
    """The projection that keeps the index; everything in it follows from the record."""

    name: Final = "child-index"
    version: Final = 1
    tables: Final[Sequence[str]] = _TABLES

    def __init__(self, record: Record) -> None:
        self._record: Final = record

    def project(self, cursor: sqlite3.Cursor, recorded: Sequence[Recorded]) -> None:
        """Add the rows of these items; adding them again changes nothing."""
        streams = {(one.source, one.id): one.stream for one in recorded}
        for item in recorded:
            rows = self.rows_of(item, streams)
            if rows is None:
                continue
            if rows.names:
                context = f"naming/{rows.position}"
                sealed = self._record.seal(rows.link, rows.stream.encode(), context=context)
                cursor.executemany(
                    "INSERT OR REPLACE INTO naming VALUES (?,?,?,?)",
                    [(name, rows.position, rows.link, sealed) for name in rows.names],
                )
            cursor.executemany(
                "INSERT OR IGNORE INTO concerned VALUES (?,?)",
                [(name, rows.stream) for name in rows.concerned],
            )
            if rows.source is not None:
                cursor.execute("INSERT OR IGNORE INTO posted VALUES (?,?)", (rows.source, rows.position))

    def rows_of(self, item: Recorded, streams: Mapping[tuple[str, str], str] | None = None) -> Rows | None:
        """The rows of one item; None where it adds none, or where it has been erased."""
        if item.body is None:
            return None
        if item.type == LINK_TYPE:
            link = read_link(item.body)
            stream = (streams or {}).get((link.event.source, link.event.id))
            if stream is None:
                found = self._record.find(link.event.source, link.event.id)
                stream = found.stream if found else ""
            names = tuple(sorted({self.naming_digest(one) for one in link.references}))
            return Rows(item.position, names, item.stream, stream)
        if item.kind == "event" and item.stream.startswith(_CHILD):
            stored = read_post(item.body)
            data = orjson.loads(stored.veiled())["data"]
            organisations = {one.partition("/")[0] for one in _concerning(data)}
            organisations |= {stored.area} if stored.area else set()
            digests = tuple(sorted(self.concerned_digest(one) for one in organisations))
            return Rows(item.position, stream=item.stream, concerned=digests, source=item.source)
        return None

    def naming_digest(self, reference: str) -> bytes:
        """The name under which the index keeps who names a child."""
        return self._record.digest("index-naming", reference.encode())

    def concerned_digest(self, organisation: str) -> bytes:
        """The name under which the index keeps which children may concern an organisation."""
        return self._record.digest("index-concerned", organisation.encode())

    def open_naming(self, link: str, position: int, sealed: bytes) -> str | None:
        """The stream whose entry names a child; None where the link has been erased."""
        opened = self._record.unseal(link, sealed, context=f"naming/{position}")
        return None if opened is None else opened.decode()


class IndexAtHead:
    """The index as of a head of the record: the projected rows, and the tail that is not projected yet."""

    def __init__(
        self, index: ChildIndex, runner: ProjectionRunner, tail: tuple[Rows, ...], head: int
    ) -> None:
        self._index: Final = index
        self._runner: Final = runner
        self._tail: Final = tail
        self.head: Final = head

    def naming(self, references: Iterable[str]) -> frozenset[str]:
        """The streams on which an entry names a child by one of these references."""
        names = {self._index.naming_digest(one) for one in references}
        with self._runner.reading() as connection:
            rows = [
                row
                for name in names
                for row in connection.execute(
                    "SELECT link, position, sealed FROM naming WHERE name = ?", (name,)
                ).fetchall()
            ]
        opened = {self._index.open_naming(link, position, sealed) for link, position, sealed in rows}
        opened |= {one.stream for one in self._tail if names.intersection(one.names)}
        return frozenset(one for one in opened if one)

    def concerned(self, organisation: str) -> frozenset[str]:
        """The streams of children whose entries name an organisation."""
        name = self._index.concerned_digest(organisation)
        with self._runner.reading() as connection:
            query = "SELECT stream FROM concerned WHERE name = ?"
            streams = {row[0] for row in connection.execute(query, (name,)).fetchall()}
        return frozenset(streams | {one.stream for one in self._tail if name in one.concerned})

    def posted(self, source: str, after: int, limit: int) -> tuple[int, ...]:
        """The positions of a source's own posts after a position, oldest first."""
        with self._runner.reading() as connection:
            query = "SELECT position FROM posted WHERE source = ? AND position > ? ORDER BY position LIMIT ?"
            rows = {row[0] for row in connection.execute(query, (source, after, limit)).fetchall()}
        rows |= {one.position for one in self._tail if one.source == source and one.position > after}
        return tuple(sorted(rows)[:limit])


def at_head(record: Record, index: ChildIndex, runner: ProjectionRunner, wait: float) -> IndexAtHead:
    """The index at or past the record's head.

    1. Take the head, and wait a little for the projection to reach it.
    2. Where it does not, read the tail, and the items that were set aside, from the record itself.

    Raises: HubError("views-behind") where the tail is too long, or an item cannot be read.
    """
    # 1
    head = record.head().position
    aside = [one.position for one in runner.parked()]
    if runner.wait_for(head, wait) and not aside:
        return IndexAtHead(index, runner, (), head)
    # 2
    items = [item for position in aside if (item := record.at(position)) is not None]
    items += _tail(record, runner.position(), head)
    try:
        rows = [row for item in items if (row := index.rows_of(item)) is not None]
    except (ValueError, KeyError, TypeError):
        raise HubError("views-behind") from None
    return IndexAtHead(index, runner, tuple(rows), head)


def _tail(record: Record, after: int, head: int) -> Iterator[Recorded]:
    count = 0
    while after < head:
        batch = record.log(after, _TAIL_BATCH)
        if not batch:
            return
        count += len(batch)
        if count > _MOST_TAIL:
            raise HubError("views-behind")
        yield from batch
        after = batch[-1].position


def _concerning(value: JsonValue, member: str = "") -> Iterator[str]:
    """The texts of every member that can name an organisation or one of its people."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _concerning(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _concerning(inner, member)
    elif isinstance(value, str) and member in _CONCERNING:
        yield value
