"""What several agencies say of one incident, side by side; where they differ, a question for the meeting.

Nothing is weighed: a difference is no error, and agreement proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final, Literal, TypeAlias

from hub.envelope import EventKey, JsonObject
from hub.pathway import levels
from hub.pathway.child import NOT_COUNTED
from hub.pathway.entries import Entries, Entry, Material
from hub.pathway.fields import days_of, in_order, keys, occurred_iso, occurred_words, of_type, text
from hub.pathway.patterns import NAMES_OTHERS
from hub.pathway.patterns.given_levels import GivenLevel, given_levels, latest_by_agency
from hub.pathway.profiles import ProfileOf, own_profile, settings_of

INCIDENT: Final = "incident-recorded"
ACCOUNT: Final = "initial-account-recorded"
WITHIN: Final = "same_incident_days"

Basis: TypeAlias = Literal["reference", "link", "date-and-place"]
Group: TypeAlias = tuple[list[Entry], tuple[Basis, ...]]
About: TypeAlias = Literal["date", "place", "status", "level"]
ASKS: Final[Mapping[About, str]] = {
    "date": "The accounts give different dates. When did it happen?",
    "place": "The accounts give different places. Where did it happen?",
    "status": "The accounts differ in whether it is established. What is known, and who says so?",
    "level": "The agencies gave different levels. What has each of them seen?",
}


@dataclass(frozen=True, slots=True)
class Account:
    """One agency's account of an incident.

    Shape: `happened` is as precise as it is known (YYYY-MM-DD, YYYY-MM, YYYY, unknown); `counts` is False
    where it was withdrawn or not established.
    """

    entry: EventKey
    type: str
    organisation: str | None
    happened: str
    happened_words: str
    precision: str
    place: str | None
    status: str | None
    counts: bool


@dataclass(frozen=True, slots=True)
class View:
    """The level that one agency gave the incident, in its own scale."""

    entry: EventKey
    organisation: str
    scale: str
    level: str
    given_on: str


@dataclass(frozen=True, slots=True)
class Question:
    """Something in which the accounts differ, put as a question; the words are constant."""

    about: About
    text: str
    evidence: tuple[EventKey, ...]
    values: JsonObject


@dataclass(frozen=True, slots=True)
class SharedIncident:
    """One incident of which at least two agencies have given an account.

    Shape: accounts by when it happened, then by when they were recorded; `joined_by` says why they are held
    to be of one incident, so that people can part them again.
    """

    accounts: tuple[Account, ...]
    views: tuple[View, ...]
    questions: tuple[Question, ...]
    joined_by: tuple[Basis, ...]
    organisations: tuple[str, ...]
    settings: Mapping[str, int]

    @property
    def evidence(self) -> tuple[EventKey, ...]:
        """All that it rests on."""
        return tuple(dict.fromkeys((*(a.entry for a in self.accounts), *(v.entry for v in self.views))))


def corroborated(material: Material, *, profile_of: ProfileOf) -> tuple[SharedIncident, ...]:
    """Each incident of which several agencies tell, from what this reader has.

    1. Take the accounts on this child's record, and incidents on linked records for a reader to whom other
       children show by their id.
    2. Join two of them by reference, by link, or by date and place.
    3. Keep those with accounts of two agencies or more, and put their differences as questions.

    Trust: every account, view and question rests on this reader's entries alone (H-20); an agency whose name
    is withheld is not counted as another agency.
    Source: R-179, R-180; requirements E
    """
    within = settings_of(own_profile(material, profile_of))[WITHIN].value
    linked = material.linked if material.reads(NAMES_OTHERS) else {}
    theirs = [one for entries in linked.values() for one in of_type(entries, INCIDENT)]
    own = Entries.over(material.entries)

    def groups() -> list[Group]:
        return _groups(material.child, in_order([*of_type(own, INCIDENT, ACCOUNT), *theirs]), within)  # 1.

    # Without another record it is always the same of these entries.
    joined_up = groups() if theirs else own.once(f"accounts of one incident {within}", groups)
    found: list[SharedIncident] = []
    for group, joined in joined_up:  # 2.
        organisations = tuple(sorted({one.organisation for one in group if one.organisation}))
        if len(organisations) > 1:  # 3.
            found.append(_shared(material, group, joined, organisations, {WITHIN: within}))
    return tuple(found)


def _groups(child: str, told: Sequence[Entry], within: int) -> list[Group]:
    """Accounts that are joined, directly or through others, with what joins them."""
    leader = list(range(len(told)))
    joins: list[tuple[int, Basis]] = []

    def lead(place: int) -> int:
        while leader[place] != place:
            place = leader[place]
        return place

    for first, second, basis in _joined(child, told, within):
        low, high = sorted((lead(first), lead(second)))
        leader[high] = low
        joins.append((first, basis))
    groups: dict[int, list[Entry]] = {}
    for place, entry in enumerate(told):
        groups.setdefault(lead(place), []).append(entry)
    why: dict[int, set[Basis]] = {}
    for place, basis in joins:
        why.setdefault(lead(place), set()).add(basis)
    return [(group, tuple(sorted(why[place]))) for place, group in groups.items() if place in why]


def _joined(child: str, told: Sequence[Entry], within: int) -> Iterator[tuple[int, int, Basis]]:
    """Every two accounts, by their places, of which something says that they are of one incident.

    1. One of them says that it is about the other.
    2. On two records: incidents of which one names the other record's child, in the other role.
    3. On this child's record: incidents of two agencies in one role at one kind of place.
    For 2 and 3 the days on which they can have happened are near each other.
    """
    places = {one.key: place for place, one in enumerate(told)}
    named = [(place, places.get(one.about, place)) for place, one in enumerate(told) if one.about is not None]
    referring = {(min(pair), max(pair)) for pair in named if pair[0] != pair[1]}
    for first, second in referring:  # 1.
        yield first, second, "reference"
    when = [(first.toordinal() - within, last.toordinal()) for first, last in map(days_of, told)]

    def near(first: int, second: int) -> bool:
        days = when[first][0] <= when[second][1] and when[second][0] <= when[first][1]
        return days and (min(first, second), max(first, second)) not in referring

    incidents = [place for place, one in enumerate(told) if one.type == INCIDENT]
    theirs = [place for place in incidents if told[place].child != child]
    if theirs:
        for first, second in product((one for one in incidents if told[one].child == child), theirs):  # 2.
            if near(first, second) and _names(told[first], told[second]):
                yield first, second, "link"
    alike: dict[tuple[str, str], list[int]] = {}
    for place in incidents:
        if (where := _where(child, told[place])) is not None:
            alike.setdefault(where, []).append(place)
    for group in alike.values():
        for first, second in combinations(group, 2):  # 3.
            if told[first].organisation != told[second].organisation and near(first, second):
                yield first, second, "date-and-place"


def _where(child: str, one: Entry) -> tuple[str, str] | None:
    """The kind of place and the role of an incident on this child's record, posted by somebody who shows."""
    place, role = text(one, "place_kind"), text(one, "role")
    own = one.type == INCIDENT and one.child == child and one.organisation is not None
    return (place, role) if own and place is not None and role is not None else None


def _names(first: Entry, second: Entry) -> bool:
    """Whether one of two incidents on two records names the other record's child, and the roles differ."""
    roles = {text(first, "role"), text(second, "role")}
    named = any(one.child == second.child for one in first.others) or any(
        one.child == first.child for one in second.others
    )
    return named and roles == {"has-harmed", "has-been-harmed"}


def _shared(
    material: Material,
    group: Sequence[Entry],
    joined: tuple[Basis, ...],
    organisations: tuple[str, ...],
    settings: Mapping[str, int],
) -> SharedIncident:
    counted = [one for one in group if text(one, "status") not in NOT_COUNTED]
    own = [one for one in counted if one.type == INCIDENT and one.child == material.child]
    views = latest_by_agency(given_levels(material, own))
    return SharedIncident(
        accounts=tuple(_account(one) for one in group),
        views=tuple(_view(one) for one in views),
        questions=tuple(_questions(group, counted, views)),
        joined_by=joined,
        organisations=organisations,
        settings=settings,
    )


def _questions(
    group: Sequence[Entry], counted: Sequence[Entry], views: Sequence[GivenLevel]
) -> Iterable[Question]:
    incidents = [one for one in counted if one.type == INCIDENT]
    days = [days_of(one) for one in incidents]
    if days and max(first for first, _ in days) > min(last for _, last in days):
        yield _asks("date", incidents, [occurred_iso(one) for one in incidents])
    yield from _differing("place", "place_kind", incidents)
    yield from _differing("status", "status", group)
    given = {(one.scale, one.level) for one in views}
    if len({one.organisation for one in views}) > 1 and len(given) > 1:
        steps = levels.span(one.entry for one in views)
        yield Question(
            "level",
            ASKS["level"],
            keys(one.entry for one in views),
            {
                "levels": [f"{one.organisation}: {one.level} ({one.scale})" for one in views],
                "span": "not comparable" if steps is None else steps,
            },
        )


def _differing(about: About, member: str, told: Sequence[Entry]) -> Iterable[Question]:
    said = [one for one in told if text(one, member) is not None]
    values = [text(one, member) or "" for one in said]
    if len(set(values)) > 1:
        yield _asks(about, said, values)


def _asks(about: About, entries: Sequence[Entry], values: Sequence[str]) -> Question:
    return Question(about, ASKS[about], keys(entries), {"said": list(values)})


def _account(one: Entry) -> Account:
    return Account(
        entry=one.key,
        type=one.type,
        organisation=one.organisation,
        happened=occurred_iso(one),
        happened_words=occurred_words(one),
        precision=one.occurred.precision,
        place=text(one, "place_kind"),
        status=text(one, "status"),
        counts=text(one, "status") not in NOT_COUNTED,
    )


def _view(one: GivenLevel) -> View:
    return View(one.entry.key, one.organisation, one.scale, one.level, one.on)
