"""What the reports of a year count of each child, kept until something that it rests on has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import Final

from hub.directory import Directory
from hub.directory.types import Organisation
from hub.errors import HubError
from hub.identity import Identity
from hub.pathway.reports import Closed, Counted, ReportYear, closed, counted
from hub.record import Record
from hub.views import Views
from hub.views.index import SERVICE_ROLES

_MOST_YEARS: Final = 2
_MOST_CHILDREN: Final = 50_000
"""Of how many children something is kept; the others are counted anew each time."""


@dataclass(frozen=True, slots=True)
class OfChild:
    """What the reports of a year count of one child, as known at the year's instant.

    Shape: `authority` is the responsible one, None where no authority has opened the child yet: such a child
    is in no report.
    """

    authority: str | None
    counted: Counted | None
    closed: Closed | None


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was counted, and how far the streams of the child and of those linked to it were before."""

    found: OfChild
    versions: Mapping[str, int]
    linked: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Around:
    """What the count of every child rests on beside the children's streams.

    Shape: `services` are the organisations that have somebody in an office that events can mean by its name.
    """

    erasures: int
    organisations: tuple[Organisation, ...]
    services: frozenset[tuple[str, str]]


class Counting:
    """Counts each child, and again when its record, or one that it hangs on, has changed.

    Shape: an answer is what counting every child anew would give. Kept are numbers and codes alone, of a
    bounded number of children and years, in memory alone. Safe to use from several threads: one counts, and
    the others then find what it has counted.
    Trust: nothing is kept for readers of a child, since an answer that comes sooner would tell that nothing
    was recorded of that child, hidden posts among it. Here nobody asks about a child: every child of the hub
    is counted for every reader, whatever the reader's area, so that the time tells at most how much was
    recorded in the whole hub since anybody asked; of that many children no report is told, and who asks is
    on record each time. What is told is the same whether it was kept or not.
    """

    def __init__(self, *, record: Record, views: Views, identity: Identity, directory: Directory) -> None:
        self._record: Final = record
        self._views: Final = views
        self._identity: Final = identity
        self._directory: Final = directory
        self._counting: Final = Lock()
        self._years: Final[dict[ReportYear, dict[str, _Kept]]] = {}
        self._around: _Around | None = None
        self._place = (0, b"")

    def children(self, year: ReportYear) -> list[OfChild]:
        """What is counted of each child of the hub in a year; joined streams are one child.

        Raises: HubError store, views-behind.

        Procedure
          1. Forget everything where the record is another one than before, where something was erased (which
             moves no stream), and where organisations changed: their areas, procedures and offices decide
             what takes effect.
          2. Note how far all streams are before anything is read: what grows meanwhile is seen next time.
          3. Count the children of whom nothing is kept, and those whose own streams, or those of a child
             linked to them, are not where they were. A child that was joined to another is one of these.
          4. Count those to whom one of these is linked now: the link may be new, and theirs too.
        """
        with self._counting:
            self._forget_what_changed()  # 1
            kept = self._of_year(year)
            streams = self._identity.children()  # 2
            versions = self._record.versions(one for named in streams.values() for one in named)
            now = {child: {one: versions[one] for one in named} for child, named in streams.items()}
            moved = [child for child in now if not self._stands(kept.get(child), now[child], now)]  # 3
            fresh = {child: self._count(child, now, year) for child in moved}
            touched = {other for one in fresh.values() for other in one.linked}  # 4
            for child in sorted(touched & now.keys() - fresh.keys()):
                fresh[child] = self._count(child, now, year)
            answer = [(fresh[child] if child in fresh else kept[child]).found for child in now]
            self._keep(year, now.keys(), fresh)
            return answer

    def _forget_what_changed(self) -> None:
        around = _Around(
            self._record.erasures(),
            self._directory.organisations(),
            frozenset(
                (one.organisation, role)
                for one in self._directory.people()
                for role in one.roles & {*SERVICE_ROLES}
                if one.active
            ),
        )
        position, leaf = self._place
        if around != self._around or not leaf or self._leaf(position) != leaf:
            self._years.clear()
            self._around = around
        head = self._record.head().position
        self._place = (head, self._leaf(head))

    def _leaf(self, position: int) -> bytes:
        """The leaf of the item at a position, by which one record is known from another."""
        try:
            item = self._record.at(position)
        except HubError:
            return b""
        return item.leaf_data if item is not None else b""

    def _of_year(self, year: ReportYear) -> dict[str, _Kept]:
        """What is kept of a year; the year that was asked for last stands last."""
        kept = self._years.pop(year, {})
        self._years[year] = kept
        while len(self._years) > _MOST_YEARS:
            del self._years[next(iter(self._years))]
        return kept

    def _stands(
        self, held: _Kept | None, own: Mapping[str, int], now: Mapping[str, Mapping[str, int]]
    ) -> bool:
        """Whether what was counted of a child is what would be counted now."""
        return (
            held is not None
            and held.versions == _with_linked(own, held.linked, now)
            and not self._record.lacks(held.versions)
        )

    def _count(self, child: str, now: Mapping[str, Mapping[str, int]], year: ReportYear) -> _Kept:
        lacked = self._record.lacks(now[child])
        view = self._views.child(child)
        versions = _with_linked(now[child], view.linked, now)
        if view.authority is None:
            # Of a child that a restored record lacks something of, or may, this is not for long.
            known = not lacked and not view.linked
            return _Kept(OfChild(None, None, None), versions if known else {}, view.linked)
        then = view.as_at(year.known_at)
        found = OfChild(
            view.authority, counted(then.entries, then.date_of_birth, year), closed(then.entries, year)
        )
        return _Kept(found, versions, view.linked)

    def _keep(self, year: ReportYear, children: Iterable[str], fresh: Mapping[str, _Kept]) -> None:
        """Keep what was counted, all at once: half of it would leave out those whose link is new."""
        held = {**self._years[year], **fresh}
        found = ((child, held[child]) for child in children)
        self._years[year] = dict(islice(found, _MOST_CHILDREN))


def _with_linked(
    own: Mapping[str, int], linked: frozenset[str], now: Mapping[str, Mapping[str, int]]
) -> Mapping[str, int]:
    """How far the streams of a child and of those linked to it are."""
    return {**own, **{stream: at for one in linked for stream, at in now.get(one, {}).items()}}
