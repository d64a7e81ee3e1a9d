"""The children that a year's reports count, and the parts into which they fall."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

from hub.pathway.child import NOT_COUNTED, in_role
from hub.pathway.entries import Entries, Entry
from hub.pathway.fields import day_of, of_type, text
from hub.pathway.reports.period import ReportYear
from hub.pathway.reports.suppression import Parts, parts

NOTICES: Final = ("initial-account-recorded", "incident-recorded", "referral-made")
Side: TypeAlias = Literal["has-been-harmed", "has-harmed", "both-or-not-recorded"]
SIDES: Final[Mapping[Side, str]] = {
    "has-been-harmed": "Children who have been harmed",
    "has-harmed": "Children who have harmed",
    "both-or-not-recorded": "In both roles, or the role is not recorded",
}
COMPARED: Final[tuple[Side, Side]] = ("has-been-harmed", "has-harmed")
Split: TypeAlias = Callable[["Counted"], bool]


@dataclass(frozen=True, slots=True)
class Told:
    """One child of which something was told in a year, as known at the instant of the year's reports.

    Shape: `entries` are the child's own; `notices` the accounts, incidents and referrals recorded in the
    year, by when they were recorded; there is at least one. `side` is that on which the incidents that
    count name the child. `born` is None where it is not known.
    """

    entries: Entries
    notices: tuple[Entry, ...]
    side: Side
    born: date | None

    def first(self, *types: str) -> Entry | None:
        """The first recorded of these types."""
        return first_recorded(of_type(self.entries, *types))


@dataclass(frozen=True, slots=True)
class Counted:
    """What the reports of a year count of one child: everything they need of it, and nothing more.

    Shape: `steps` are the names of the steps that were taken; `to_referral` and `to_decision` are by
    organisation; None is what is not measured; `told_first` is the kind of organisation that told first.
    Units: whole London days.
    Trust: no entry, no text, no date and no name of the child, so that it can be kept between reports.
    """

    side: Side
    steps: frozenset[str]
    to_referral: Mapping[str, int]
    to_decision: Mapping[str, int]
    to_assessment: int | None
    to_help: int | None
    told_first: str | None
    age: str
    agencies: int
    incidents: int
    places: frozenset[str]
    online: bool


def first_recorded(entries: Iterable[Entry]) -> Entry | None:
    """The entry that was recorded first."""
    return min(entries, key=lambda one: (one.recorded_at, one.key), default=None)


def days_between(first: Entry, second: Entry) -> int:
    """Whole London days from one entry to another, nought where the second was there already."""
    return max(0, (day_of(second) - day_of(first)).days)


def told_in(year: ReportYear, entries: Sequence[Entry], born: date | None) -> Told | None:
    """A child as one of a year's, where something about it was told in that year.

    Shape: an account, an incident that counts, or a referral, by when it was recorded.
    """
    own = Entries(entries)
    told = [
        one
        for one in of_type(own, *NOTICES)
        if year.recorded_in(one) and text(one, "status") not in NOT_COUNTED
    ]
    ordered = tuple(sorted(told, key=lambda one: (one.recorded_at, one.key)))
    return Told(own, ordered, _side(own), born) if ordered else None


def _side(entries: Entries) -> Side:
    harmed, has_harmed = in_role(entries, "has-been-harmed"), in_role(entries, "has-harmed")
    if bool(harmed) == bool(has_harmed):
        return "both-or-not-recorded"
    return "has-been-harmed" if harmed else "has-harmed"


def by_side(children: Sequence[Counted]) -> Parts:
    """How many children there are on each side; the one place where this is counted (ADR 0025)."""
    return parts({side: sum(one.side == side for one in children) for side in SIDES})


def within(children: Sequence[Counted], side: Side) -> list[Counted]:
    """The children of one side."""
    return [one for one in children if one.side == side]


def split(children: Sequence[Counted], holds: Split) -> Parts:
    """How many children something holds of, and of how many it does not."""
    yes = sum(map(holds, children))
    return parts({"yes": yes, "no": len(children) - yes})
