"""What may have been disclosed wrongly, as the record now has it: an officer's to look into (R-082)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hub.directory.types import Principal
from hub.disclosure.answers import FlagRow, ShownFlag
from hub.disclosure.redact import to_minute
from hub.disclosure.tokens import ReaderNames
from hub.pathway.entries import Entry
from hub.pathway.gates import INTEGRITY, OFFICER, named_for
from hub.record import Record
from hub.record.ports import Clock
from hub.views import ChildView, Views, retracted_entries, whole_material

BATCH: Final = 1_000
TYPES: Final = frozenset(name for flag in INTEGRITY for name in flag.types)
_CHILD: Final = "child/"


class Flagged:
    """Finds the entries beside which an information governance officer's note stands."""

    def __init__(self, record: Record, views: Views, clock: Clock) -> None:
        self._record: Final = record
        self._views: Final = views
        self._clock: Final = clock

    def rows(self, principal: Principal, child: str | None) -> list[FlagRow]:
        """The notes in an officer's remit, of one child or of all; by when the entry was received.

        Shape: as the record has it now: what was corrected or turned out to be right is no longer there. What
        its poster took back still is, with when: until then it was disclosed, and a retraction undoes no such
        thing.
        """
        children = [child] if child is not None else sorted(self._children())
        rows = [row for one in children for row in self._of(principal, self._views.child(one))]
        return sorted(rows, key=lambda row: (row.received_at, row.entry_id, row.flag.code))

    def _children(self) -> set[str]:
        """The children on whose record something of these types was posted."""
        found: set[str] = set()
        position = 0
        while batch := self._record.log(position, BATCH):
            position = batch[-1].position
            found |= {
                self._views.canonical(one.stream)
                for one in batch
                if one.stream.startswith(_CHILD) and one.type in TYPES
            }
        return found

    def _of(self, principal: Principal, view: ChildView) -> Iterator[FlagRow]:
        gone = retracted_entries(self._views.folded(view.child), TYPES, self._views.around)
        since = {one.entry.key: one.at for one in gone}
        both = (*view.entries, *(one.entry for one in gone))
        mine = [one for one in both if one.type in TYPES and _within(principal, one, view)]
        if not mine:
            return
        whole = whole_material(view, self._views.linked(view))
        names = ReaderNames(self._record.digest, principal.id, view.child)
        officer, now = frozenset({OFFICER}), self._clock.domain()
        for entry in mine:
            for flag in named_for(officer, entry, whole, now=now, profile_of=self._views.profile_of):
                yield FlagRow(
                    flag=ShownFlag(flag.code, flag.requirement, flag.source, flag.text),
                    child=view.child,
                    entry_id=names.entry(entry.key),
                    type=entry.type,
                    organisation=entry.organisation,
                    occurred_at=entry.occurred.written,
                    precision=entry.occurred.precision,
                    received_at=to_minute(entry.received_at),
                    retracted_at=to_minute(since[entry.key]) if entry.key in since else None,
                )


def _within(principal: Principal, entry: Entry, view: ChildView) -> bool:
    """Whether an officer answers for what an entry may have disclosed.

    Trust: a partnership's officer answers for everything. An agency's officer gets what its own agency posted
    of a child that it was responsible for: of another authority's child the note would tell at which school
    it is, which the agency may not know.
    """
    if principal.organisation_kind == "partnership":
        return True
    return entry.organisation == principal.organisation == view.authority_at(entry.position)
