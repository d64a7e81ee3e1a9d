"""What cannot be found by reading one child's streams: who names whom, and which children concern whom.

An index row holds no content in clear: names are keyed digests under purposes of their own, so that the
views' file cannot be joined with the record's claims, and which stream names a child is sealed under the
link's key. Entries themselves are not copied: a child is folded from the record, so that an erased key or
a new entry binds at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

from hub.envelope import JsonObject, JsonValue
from hub.errors import HubError
from hub.record import Record, Recorded
from hub.record.projections import Changes, Projected, Row, Snapshot, Table
from hub.views.bases import EARLY_HELP_ROLE, TO_EARLY_HELP, YOUTH_JUSTICE_ROLE
from hub.views.emergency import opened_to
from hub.views.stored import LINK_TYPE, read_link, said_in

WAIT_SECONDS: Final = 0.25
_MOST_TAIL: Final = 2000
_TAIL_BATCH: Final = 500
_MOST_KEPT: Final = 10_000
_CHILD: Final = "child/"
_CONCERNING: Final = frozenset(
    {"responsible_authority", "schools", "organisation", "worker", "person", "to", "holder", "coordinator"}
)
SERVICE_ROLES: Final = (EARLY_HELP_ROLE, YOUTH_JUSTICE_ROLE)
"""The roles whose services an event can mean without naming an organisation."""
_T = TypeVar("_T")


class Naming(NamedTuple):
    """A row that says which stream's entry names a child; the stream is sealed under the link's key."""

    name: bytes
    position: int
    link: str
    sealed: bytes


class Concerned(NamedTuple):
    """A row that says whose entries name an organisation."""

    name: bytes
    stream: str


class PostedBy(NamedTuple):
    """A row that says what a source posted."""

    source: str
    position: int


NAMING: Final = Table("naming", Naming, key=2)
CONCERNED: Final = Table("concerned", Concerned, key=2)
POSTED: Final = Table("posted", PostedBy, key=2)


class Rows(NamedTuple):
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
    """The projection that keeps the index; everything in it follows from the record.

    Shape: each row follows from one item, or is its key alone, so the index may be fed in parts. A link
    finds its event in the record by name, whichever part that event is of.
    """

    name: Final = "child-index"
    version: Final = 3
    tables: Final[Sequence[Table[Row]]] = (NAMING, CONCERNED, POSTED)

    def __init__(self, record: Record) -> None:
        self._record: Final = record
        # The same few organisations stand in nearly every event.
        self._concerned: Final = lru_cache(_MOST_KEPT)(
            lambda organisation: record.digest("index-concerned", organisation.encode())
        )

    def project(self, recorded: Sequence[Recorded]) -> Changes:
        """The rows of these items.

        Raises: HubError("store") where the record cannot be read.
        """
        streams = {(one.source, one.id): one.stream for one in recorded}
        found = [rows for one in recorded if (rows := self.rows_of(one, streams)) is not None]
        naming = [rows for rows in found if rows.names]
        sealed = self._record.seal_all(
            [(one.link, one.stream.encode(), f"naming/{one.position}") for one in naming]
        )
        # The entries of a child name the same few organisations again and again.
        concerned: dict[str, set[bytes]] = {}
        for rows in found:
            if rows.concerned:
                concerned.setdefault(rows.stream, set()).update(rows.concerned)
        changes = Changes()
        changes.put(CONCERNED, *[Concerned(one, stream) for stream, of in concerned.items() for one in of])
        changes.put(POSTED, *[PostedBy(one.source, one.position) for one in found if one.source is not None])
        for rows, stream in zip(naming, sealed, strict=True):
            changes.put(NAMING, *[Naming(one, rows.position, rows.link, stream) for one in rows.names])
        return changes

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
            digests = tuple(map(self._concerned, _organisations(*said_in(item.body))))
            return Rows(item.position, (), "", item.stream, digests, item.source)
        if item.kind == "event":
            # About an organisation: its poster finds it again, and no child has anything of it.
            return Rows(item.position, source=item.source)
        if (opened := opened_to(item)) is not None:
            # The stream is the child's own; who used the access is found as one whom an entry names.
            stream, organisation = opened
            return Rows(item.position, stream=stream, concerned=(self.concerned_digest(organisation),))
        return None

    def naming_digest(self, reference: str) -> bytes:
        """The name under which the index keeps who names a child."""
        return self._record.digest("index-naming", reference.encode())

    def concerned_digest(self, organisation: str) -> bytes:
        """The name under which the index keeps which children may concern an organisation."""
        return self._concerned(organisation)

    def open_naming(self, link: str, position: int, sealed: bytes) -> str | None:
        """The stream whose entry names a child; None where the link has been erased."""
        opened = self._record.unseal(link, sealed, context=f"naming/{position}")
        return None if opened is None else opened.decode()


class IndexAtHead:
    """The index as of a head of the record: the projected rows, and the tail that is not projected yet.

    Shape: `after` is where the tail begins and `aside` what was read from the record besides; rows are
    read only from views that stand there or later and set nothing else aside.
    """

    def __init__(
        self,
        index: ChildIndex,
        projected: Projected,
        tail: tuple[Rows, ...],
        *,
        head: int,
        after: int,
        aside: frozenset[int],
    ) -> None:
        self._index: Final = index
        self._projected: Final = projected
        self._tail: Final = tail
        self._after: Final = after
        self._aside: Final = aside
        self.head: Final = head

    def naming(self, references: Iterable[str]) -> frozenset[str]:
        """The streams on which an entry names a child by one of these references."""
        names = {self._index.naming_digest(one) for one in references}
        rows = self._read(lambda snapshot: snapshot.rows(NAMING, names))
        sealed_rows = {(one.link, one.position, one.sealed) for one in rows}
        opened = {self._index.open_naming(link, position, sealed) for link, position, sealed in sealed_rows}
        opened |= {one.stream for one in self._tail if names.intersection(one.names)}
        return frozenset(one for one in opened if one)

    def concerned(self, organisation: str) -> frozenset[str]:
        """The streams of children whose entries name an organisation."""
        name = self._index.concerned_digest(organisation)
        rows = self._read(lambda snapshot: snapshot.rows(CONCERNED, (name,)))
        streams = {one.stream for one in rows}
        return frozenset(streams | {one.stream for one in self._tail if name in one.concerned})

    def posted(self, source: str, after: int, limit: int) -> tuple[int, ...]:
        """The positions of a source's own posts after a position, oldest first."""
        rows = self._read(lambda snapshot: snapshot.rows(POSTED, (source,), after=after, limit=limit))
        positions = {one.position for one in rows}
        positions |= {one.position for one in self._tail if one.source == source and one.position > after}
        return tuple(sorted(positions)[:limit])

    def _read(self, work: Callable[[Snapshot], _T]) -> _T:
        def checked(snapshot: Snapshot) -> _T:
            # Another generation may serve since the tail was read: one that is not as far, or that set
            # other items aside, would leave a gap before the tail.
            if snapshot.position < self._after or not _aside(snapshot) <= self._aside:
                raise HubError("views-behind")
            return work(snapshot)

        return self._projected.read(checked)


def at_head(record: Record, index: ChildIndex, projected: Projected, wait: float) -> IndexAtHead:
    """The index at or past the record's head.

    1. Take the head.
    2. See how far the views are, with what they set aside; where that is not as far, wait a little and look
       again. Views past the record are of another one.
    3. Read what they lack, the tail and what was set aside, from the record itself.

    Raises: HubError("views-behind") where the tail is too long, or an item cannot be read.
    """
    # 1
    head = record.head().position
    # 2
    position, parked = projected.standing()
    if position < head:
        projected.wait_for(head, wait)
        position, parked = projected.standing()
    aside = frozenset(one.position for one in parked)
    if position > head and position > record.head().position:
        raise HubError("views-behind")
    # 3
    items = [item for one in sorted(aside) if (item := record.at(one)) is not None]
    items += _tail(record, position, head)
    try:
        rows = [row for item in items if (row := index.rows_of(item)) is not None]
    except (ValueError, KeyError, TypeError):
        raise HubError("views-behind") from None
    return IndexAtHead(index, projected, tuple(rows), head=head, after=position, aside=aside)


def _aside(snapshot: Snapshot) -> frozenset[int]:
    return frozenset(one.position for one in snapshot.parked)


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


def service_of(role: str, authority: str) -> str:
    """The name under which the index keeps whom an event means by office: the services of an area."""
    return f"{role}@{authority}"


def in_group(organisation: str) -> str:
    """The name under which the index keeps whose people sit in a group of a child."""
    return f"group@{organisation}"


def _organisations(area: str | None, data: JsonObject) -> set[str]:
    """Whom an event concerns: by name, and by office; a correction may bring any of them."""
    found = {one.partition("/")[0] for one in _concerning(data)}
    if area:
        found.add(area)
    corrected = data.get("replacement")
    data = corrected if isinstance(corrected, dict) else data
    if "members" in data:
        found |= {in_group(one.partition("/")[0]) for one in _concerning(data["members"])}
    released_to = data.get("to_authority")
    if isinstance(released_to, str):
        found.add(service_of(YOUTH_JUSTICE_ROLE, released_to))
    if area is not None and (data.get("kind") == "early-help" or data.get("target") in TO_EARLY_HELP):
        found.add(service_of(EARLY_HELP_ROLE, area))
    return found


def _concerning(value: JsonValue) -> set[str]:
    """The texts of every member that can name an organisation or one of its people, however deep it is."""
    found: set[str] = set()
    waiting: list[JsonValue] = [value]
    for one in waiting:
        if isinstance(one, dict):
            for member, inner in one.items():
                if isinstance(inner, str):
                    if member in _CONCERNING:
                        found.add(inner)
                elif inner:
                    if member in _CONCERNING:
                        found.update(_texts(inner))
                    waiting.append(inner)
        elif isinstance(one, list):
            waiting += [inner for inner in one if not isinstance(inner, str)]
    return found


def _texts(value: JsonValue) -> Iterator[str]:
    """The text, or the texts of a list and of lists in it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
