"""What the course of a child's case shows: concerns that stand, steps taken since, contacts, closure.

Every reading is the same for any order in which the events arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final

from hub.envelope import EventKey
from hub.pathway import levels
from hub.pathway.calendar import birthday
from hub.pathway.child import date_of_birth, excluded_incidents
from hub.pathway.circumstances import both_roles, circumstances, harm_done
from hub.pathway.entries import Entries, Entry, Material
from hub.pathway.fields import (
    as_given,
    day,
    day_of,
    days_of,
    gathered,
    given_of,
    instant_of,
    of_type,
    organisation_kind,
    parts,
    text,
    truth,
)

LEVELS: Final = ("behaviour-level-assessed", "incident-recorded")
CORE_TOPICS: Final = ("behaviour", "risk-to-others", "plan-concerns")
"""What a core group covers where a child has harmed (R-130)."""
HARM: Final = frozenset({"suspected", "established"})
POLICE_ENDED: Final = frozenset({"nfa-evidence", "nfa-public-interest", "nfa-with-concerns"})


def since(entries: Iterable[Entry], start: Entry, *types: str) -> list[Entry]:
    """The entries of these types on or after the day of an entry, other than itself, as they were given.

    A step of the same day counts: many dates are known to the day only.
    """
    first = day_of(start)
    return [one for one in given_of(entries, *types) if day_of(one) >= first and one != start]


def says(entry: Entry, member: str, *values: str) -> bool:
    """Whether a member has one of these values; where it is withheld it may have, so it counts."""
    return text(entry, member) in (None, *values)


def latest(entries: Iterable[Entry], *types: str) -> Entry | None:
    """The last given of these types."""
    found = given_of(entries, *types)
    return found[-1] if found else None


def earliest(entries: Iterable[Entry]) -> Entry | None:
    """The first given of some entries."""
    return next(iter(as_given(entries)), None)


def case_closed(entries: Iterable[Entry]) -> datetime | None:
    """When the case was last closed by all who had to agree.

    Units: aware UTC.
    """
    closed = [one for one in of_type(entries, "closure-decided") if text(one, "closes") == "case"]
    return max((instant_of(one) for one in closed), default=None)


def standing_levels(entries: Iterable[Entry]) -> list[Entry]:
    """The levels that stand: of each organisation the last for each incident that counts."""
    if isinstance(entries, Entries):
        return list(entries.made_of(LEVELS, "standing levels", _standing_levels))
    return _standing_levels(entries)


def _standing_levels(entries: Iterable[Entry]) -> list[Entry]:
    entries = gathered(entries)
    excluded = {one.key for one in excluded_incidents(entries)}
    found: dict[tuple[str | None, EventKey | None], Entry] = {}
    for one in given_of(entries, "behaviour-level-assessed"):
        if one.about not in excluded:
            found[(one.organisation, one.about)] = one
    return as_given(found.values())


def concerns(entries: Iterable[Entry]) -> list[Entry]:
    """The standing levels that say the behaviour is harmful, each in its own scale."""
    return [one for one in standing_levels(entries) if levels.of_concern(one)]


def of_no_concern(entries: Sequence[Entry]) -> bool:
    """Whether levels stand, and every one of them is the lowest of its scale (Q-14)."""
    standing = standing_levels(entries)
    return bool(standing) and all(levels.lowest(one) for one in standing)


def in_both_roles(material: Material) -> bool:
    """Whether a child who has harmed has been harmed as well, by an incident or as was considered since."""
    considered = latest(material.entries, "victimisation-considered")
    return both_roles(material) or (
        bool(harm_done(material)) and considered is not None and text(considered, "outcome") in HARM
    )


def under_age(material: Material, age: int) -> bool:
    """Whether the child was under an age on every day on which it can have harmed; unknown is no."""
    born = date_of_birth(material, material.child)
    harmed = harm_done(material)
    if born is None or not harmed:
        return False
    return all(days_of(one)[1] < birthday(born, age) for one in harmed)


def contact(entries: Iterable[Entry], role: str, today: date) -> str | None:
    """The person who holds a part for the child on a day; a later appointment ends an earlier one."""
    appointed = [
        one
        for one in given_of(entries, "named-contact-appointed")
        if text(one, "role") == role and (day(one, "from") or date.min) <= today
    ]
    current = appointed[-1] if appointed else None
    if current is None or (day(current, "until") or date.max) < today:
        return None
    return text(current, "person")


def service(entries: Iterable[Entry], kind: str) -> str | None:
    """The organisation of a kind that last posted, was invited or attended; None where none is known."""
    found: str | None = None
    for one in as_given(entries):
        present = [text(row, "organisation") for row in parts(one, "attendance")]
        invited = text(one, "organisation") if one.type == "invitation-sent" else None
        for organisation in (invited, *present, one.organisation):
            if organisation_kind(organisation) == kind:
                found = organisation
    return found


def open_investigation(entries: Iterable[Entry]) -> Entry | None:
    """The decision to investigate that no criminal outcome has followed."""
    entries = gathered(entries)
    decided = latest(entries, "criminal-investigation-decided")
    if decided is None or text(decided, "decision") != "investigate":
        return None
    return None if since(entries, decided, "criminal-outcome-recorded") else decided


def investigation_ended(entries: Iterable[Entry]) -> Entry | None:
    """The last criminal outcome, where it says that the police take no further action."""
    outcome = latest(entries, "criminal-outcome-recorded")
    return outcome if outcome is not None and text(outcome, "outcome") in POLICE_ENDED else None


def arranged_since(entries: Iterable[Entry], start: Entry) -> list[Entry]:
    """Meetings convened or held since an entry, and those convened before for a day on or after it."""
    entries = gathered(entries)
    ahead = [
        one
        for one in of_type(entries, "meeting-convened")
        if day_of(one) < day_of(start) and (text(one, "when") or "")[:10] >= day_of(start).isoformat()
    ]
    return as_given([*ahead, *since(entries, start, "meeting-convened", "meeting-held")])


def looked_after(entries: Sequence[Entry], today: date) -> Entry | None:
    """What says that the child is looked after on a day: a circumstance, else the opening of its record."""
    if any(text(one, "kind") == "lac" for one in of_type(entries, "child-circumstance-recorded")):
        return next(iter(circumstances(entries, "lac", today)), None)
    openings = [one for one in of_type(entries, "child-stream-opened") if truth(one, "looked_after") is True]
    return earliest(openings)
