"""On which sides a child stands, and how old it was then: what protections turn on, from the whole fold."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from hub.pathway.calendar import birthday, london_day
from hub.pathway.child import in_role
from hub.pathway.entries import Entries, Entry, Material, by_key, said
from hub.pathway.fields import days_of
from hub.pathway.gates.gate import Case
from hub.pathway.gates.under_ten import AGE, under_ten
from hub.views import ChildView

HAS_HARMED: Final = "has-harmed"
# What a linked child's authority, or a referral by anybody, can give without the child's own authority.
_LET_IN_FOR_ONE_STEP: Final = frozenset(
    {"invited", "attendee", "front-door", "smg", "mappa", "respondent", "emergency"}
)


def sides_of(view: ChildView) -> frozenset[str]:
    """On which sides incidents name this child; from the whole fold, because it guards.

    Trust: an incident counts from an organisation with a relationship of its own to this child only, or
    anybody could turn another authority's child round by one post, and have that child's facts carried.
    """
    return frozenset(str(entry.data["role"]) for entry in _incidents(view) if "role" in entry.data)


def said_alone(view: ChildView, organisation: str) -> frozenset[str]:
    """The sides of which one organisation alone speaks.

    Trust: youth justice reads the record of a child who has harmed (D-21); by an incident of its own it
    would otherwise let itself into the record of any child whom it is recorded as supervising.
    """
    by_others = {one.data.get("role") for one in _incidents(view) if one.organisation != organisation}
    return sides_of(view) - by_others


def sides_towards(own: ChildView, other: ChildView, reader: str) -> frozenset[str]:
    """The sides of a linked child that count when its facts are carried to a reader's own child (D-31).

    1. Never back: to the worker of a child who has only harmed nothing is carried.
    2. The sides on which the linked child's own incidents name it.
    3. That it has harmed the reader's child, where an incident of that child says so, unless the
       reader's organisation alone does: it would let itself in.
    """
    if sides_of(own) == {HAS_HARMED}:  # 1
        return frozenset()
    named = any(
        entry.data.get("role") == "has-been-harmed"
        and entry.organisation != reader
        and any(one.child == other.child and one.role == HAS_HARMED for one in entry.others)
        for entry in _incidents(own)
    )
    return sides_of(other) | ({HAS_HARMED} if named else frozenset())  # 2, 3


def below_responsibility(view: ChildView) -> bool:
    """Whether a child has harmed, and was under ten each time: police are consulted only (D-43).

    Trust: only incidents count by who has a relationship with the child, so that nobody else takes the
    case from police; of a child who has only been harmed they keep it (matrix G.B, B03).
    """
    harmed = in_role(_incidents(view), HAS_HARMED)
    if view.date_of_birth is None or not harmed:
        return False
    tenth = birthday(view.date_of_birth, AGE)
    return all(days_of(one)[1] < tenth for one in harmed)


def young(view: ChildView, now: datetime) -> bool:
    """Whether an interview under caution on this record may be one of a child under ten (D-16)."""
    born = view.date_of_birth
    harmed = in_role(view.entries, HAS_HARMED)
    if born is None:
        return False
    tenth = birthday(born, AGE)
    return any(days_of(one)[1] < tenth for one in harmed) or (not harmed and london_day(now) < tenth)


def too_young_for(entry: Entry, view: ChildView) -> bool:
    """Whether this was said of a child who was under ten; from the whole fold, because it guards."""
    fold = Material(view.child, view.entries, date_of_birth=view.date_of_birth)
    case = Case(entry, fold, entry.received_at, lambda one: None, lambda one: frozenset())
    # An earlier text of an entry has its place and may say otherwise.
    if not isinstance(view.entries, Entries) or by_key(view.entries).get(entry.key) is not entry:
        return under_ten(case)
    name = f"too young {entry.position} {view.date_of_birth}"
    return view.entries.once(name, lambda: under_ten(case))


def _incidents(view: ChildView) -> list[Entry]:
    """The incidents of a child that organisations with a relationship of their own to it recorded."""
    related = {view.authority or view.area, *view.schools}
    related |= {grant.organisation for grant in view.grants if grant.kind not in _LET_IN_FOR_ONE_STEP}
    return [
        one
        for one in said(view.entries, "incident-recorded")
        if one.organisation in related or one.organisation == view.authority_at(one.position)
    ]
