"""In which capacity a child is read: as oneself, under a review, for its family, or for the child itself."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from hub.directory.types import Principal
from hub.disclosure.facts import ItemFacts
from hub.disclosure.family_told import family_told, invited_to, told_openly
from hub.disclosure.standing import Standing, standing
from hub.envelope import EventKey
from hub.pathway.entries import Entry
from hub.views import ChildView

FAMILY: Final = "family"
"""What the reader of a family's paper is to the child: nothing else (D-14)."""
SUBJECT: Final = "subject"
"""What the child itself is, for whom its own account is made: nothing else (H-23)."""


class Capacity:
    """As oneself: what the reader's own relationships and roles make it, and nothing besides."""

    def standing(self, principal: Principal, view: ChildView, now: datetime) -> Standing:
        """What the reader is to the child in this capacity."""
        return standing(principal, view, now)

    def facts(self, found: ItemFacts, entry: Entry, view: ChildView) -> ItemFacts:
        """The facts of an entry in this capacity; `found` are those that hold for the reader itself."""
        return found


ONESELF: Final = Capacity()


@dataclass(frozen=True, slots=True)
class UnderReview(Capacity):
    """An officer under an approved review, which names these events (H-15)."""

    items: Set[EventKey]

    def facts(self, found: ItemFacts, entry: Entry, view: ChildView) -> ItemFacts:
        """See `Capacity`."""
        return replace(found, reviewed=True) if entry.key in self.items else found


@dataclass(frozen=True, slots=True)
class ForFamily(Capacity):
    """A member of the child's family, whose paper a worker makes (D-14).

    Trust: nothing that the worker is, or that the worker's organisation posted, was granted or is named in,
    counts for the family.
    """

    recipient: str

    def standing(self, principal: Principal, view: ChildView, now: datetime) -> Standing:
        """See `Capacity`."""
        return Standing(frozenset({FAMILY}), (FAMILY,), invited_to(view))

    def facts(self, found: ItemFacts, entry: Entry, view: ChildView) -> ItemFacts:
        """See `Capacity`."""
        return _as_nobody(found, family_told=family_told(entry, view, self.recipient))


@dataclass(frozen=True, slots=True)
class ForSubject(Capacity):
    """The child itself, for whom somebody makes the account of what was shared with whom (H-23).

    Trust: as for a family; and nothing that anybody of the family is not to know, who may read it too.
    """

    def standing(self, principal: Principal, view: ChildView, now: datetime) -> Standing:
        """See `Capacity`."""
        return Standing(frozenset({SUBJECT}), (SUBJECT,), invited_to(view))

    def facts(self, found: ItemFacts, entry: Entry, view: ChildView) -> ItemFacts:
        """See `Capacity`."""
        return _as_nobody(found, family_told=told_openly(entry, view))


FOR_SUBJECT: Final = ForSubject()


def _as_nobody(found: ItemFacts, *, family_told: bool) -> ItemFacts:
    """The facts that hold of an entry whoever makes a paper of it."""
    return ItemFacts(
        type=found.type, detail=found.detail, filled=found.filled, carries=found.carries, own=False,
        meeting=found.meeting, sides=found.sides, joint=False, source_reveals=found.source_reveals,
        family_told=family_told,
    )  # fmt: skip
