"""The meetings of one child: what was convened and what was held, put together by name and convenor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from hub.pathway.calendar import london_day
from hub.pathway.entries import Entries, Entry, Material
from hub.pathway.fields import as_given, day, day_of, gathered, given_of, number, text
from hub.pathway.profiles import Profile, ProfileOf, convening_authority

CONVENED: Final = "meeting-convened"
HELD: Final = ("meeting-held", "conference-held")
STRATEGY: Final = frozenset({"strategy", "followup-strategy"})
CONFERENCE: Final = "cpc"


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting about one child, as far as its entries are there.

    Shape: `name` is how its convenor calls it; `organisations` are who convened, who chairs and who
    recorded it, the convenor first: two convenors may use one name. Both tuples are in the order given.
    """

    name: str
    organisations: tuple[str, ...]
    convened: tuple[Entry, ...]
    held: tuple[Entry, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries that make this meeting."""
        return (*self.convened, *self.held)

    @property
    def organisation(self) -> str | None:
        """Who convened it, else who recorded it; None where that is withheld."""
        return next((one.organisation for one in self.entries if one.organisation), None)

    @property
    def kind(self) -> str | None:
        """Its kind in the words of `meeting-convened`; a conference that was held is one."""
        if any(one.type == "conference-held" for one in self.held):
            return CONFERENCE
        kinds = (text(one, "kind") for one in reversed(self.entries))
        return next((one for one in kinds if one is not None), None)

    @property
    def when(self) -> datetime | None:
        """When it was arranged for, as the last arrangement says."""
        written = next((found for one in reversed(self.convened) if (found := text(one, "when"))), None)
        try:
            return datetime.fromisoformat(written) if written else None
        except ValueError:
            return None

    @property
    def last(self) -> Entry | None:
        """The last record that it was held."""
        return self.held[-1] if self.held else None

    def on(self, now: datetime) -> date:
        """The London day of the meeting: when it was held, else arranged for, else now."""
        if self.held:
            return day_of(self.held[0])
        return london_day(self.when or now)

    @property
    def next_review(self) -> date | None:
        """The next review that it set (R-137)."""
        return next((found for one in reversed(self.held) if (found := day(one, "next_review"))), None)

    @property
    def interval_days(self) -> int | None:
        """The interval that its chair set (R-144)."""
        return next((found for one in reversed(self.held) if (found := number(one, "interval_days"))), None)


def meetings_of(entries: Iterable[Entry]) -> tuple[Meeting, ...]:
    """The meetings that these entries make, those first that were convened or recorded first.

    1. A convening begins a meeting, or changes the arrangements of one of the same name and convenor.
    2. A record that it was held belongs to the meeting of that name whose convenor or chair recorded it.
    3. What was held and never convened is a meeting too.

    Trust: a name alone joins nothing, or anybody could write into another's meeting by using its name. Where
    who posted is withheld from this reader, the name is all there is.
    """
    entries = gathered(entries)
    if isinstance(entries, Entries):
        return entries.once("meetings", lambda: _meetings_of(entries))
    return _meetings_of(entries)


def _meetings_of(entries: tuple[Entry, ...]) -> tuple[Meeting, ...]:
    begun: list[Meeting] = []
    convened: dict[int, list[Entry]] = {}
    held: dict[int, list[Entry]] = {}
    # 1., then 2. and 3.
    for said, given in ((convened, given_of(entries, CONVENED)), (held, given_of(entries, *HELD))):
        for one in given:
            if (place := _place(begun, one)) is not None:
                said.setdefault(place, []).append(one)
    found = [
        replace(one, convened=tuple(convened.get(place, ())), held=tuple(held.get(place, ())))
        for place, one in enumerate(begun)
    ]
    made = (entry for one in found for entry in one.entries)
    order = {one.key: place for place, one in enumerate(as_given(made))}
    return tuple(sorted(found, key=lambda one: min(order[entry.key] for entry in one.entries)))


def _place(found: list[Meeting], entry: Entry) -> int | None:
    """Where the meeting of an entry stands, begun there where it is new; None where it names none."""
    name = text(entry, "meeting")
    if name is None:
        return None
    named = (entry.organisation, text(entry, "chair_authority"))
    speaks = tuple(dict.fromkeys(one for one in named if one is not None))
    for place, meeting in enumerate(found):
        known = not speaks or not meeting.organisations or not {*speaks}.isdisjoint(meeting.organisations)
        if meeting.name == name and known:
            if not set(speaks).issubset(meeting.organisations):
                organisations = tuple(dict.fromkeys((*meeting.organisations, *speaks)))
                found[place] = replace(meeting, organisations=organisations)
            return place
    found.append(Meeting(name, speaks, (), ()))
    return len(found) - 1


def named(meetings: Sequence[Meeting], name: str, organisation: str | None = None) -> Meeting | None:
    """The meeting of this name, the first of them where no convenor is named."""
    return next(
        (
            one
            for one in meetings
            if one.name == name and (organisation is None or organisation in one.organisations)
        ),
        None,
    )


def profile_of_meeting(meeting: Meeting, material: Material, profile_of: ProfileOf) -> Profile | None:
    """The local procedure of the authority that convenes (Q-05)."""
    convening = convening_authority(material, material.child, meeting.convened, meeting.held)
    return profile_of(convening) if convening else None


def refers(entry: Entry, meeting: Meeting) -> bool:
    """Whether an entry says that it belongs to this meeting: by its name, or by being about its record."""
    if meeting.name in (text(entry, "meeting"), text(entry, "decided_at_meeting")):
        return True
    return entry.about is not None and any(one.key == entry.about for one in meeting.entries)
